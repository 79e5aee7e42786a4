/* The whole state, out and in. */
#include "base/limits.h"
#include "core/state.h"
#include "gen/control.h"

enum { STATE_FIRST_ROOM = 64 * 1024 };

int control_get_state(struct control *k)
{
    buf_init(&k->text, k->call->arena, STATE_FIRST_ROOM, LIMIT_STATE);
    if (state_write(k->call->world, &k->text) != 0)
        return control_fail_store(k);
    if (!k->text.over)
        return 0;
    buf_init(&k->text, k->call->arena, STATE_FIRST_ROOM, LIMIT_ANSWER);
    return control_fail(k, HTTP_TOO_LARGE,
                        arena_printf(k->call->arena, "the state is larger than %d bytes", LIMIT_STATE),
                        STR("copy the file of --db instead"));
}

/* Both kinds of failure leave all as it was. A document that could not be taken with today's world is no
 * malformed one. */
int control_put_state(struct control *k, struct state_replaced *answer)
{
    struct str why;
    int64_t rows;
    if (state_replace(k->call->world, k->call->arena, k->call->request.body, &rows, &why) != 0)
        return why.p ? control_fail(k, HTTP_BAD_REQUEST, why,
                                    STR("GET /_virga/state gives a document; nothing has changed"))
                     : control_fail_store(k);
    k->call->changed = true;
    answer->rows = I64(rows);
    return 0;
}
