/* How a function of a route refuses. */
#include "server/control.h"

int control_fail(struct control *k, int status, struct str message, struct str hint)
{
    k->status = status;
    k->error = message;
    k->hint = hint;
    return -1;
}

int control_fail_store(struct control *k)
{
    const char *why = db_message(k->call->world->db);
    return control_fail(k, HTTP_FAILED, arena_printf(k->call->arena, "the store failed: %s", why),
                        STR("look at the disk"));
}

struct str control_near_hint(struct control *k, const struct near *near)
{
    if (near->best.p)
        return arena_printf(k->call->arena, "did you mean %.*s?", STR_ARG(near->best));
    return STR("GET /_virga/openapi.json describes it");
}
