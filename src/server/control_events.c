/* Events: what the answer's first bytes are; the rest of it is server/events.c's, as things happen. */
#include "gen/control.h"

int control_get_events(struct control *k)
{
    if (k->call->world->settings.journal_calls == 0)
        return control_fail(k, HTTP_CONFLICT, STR("the journal keeps no calls, so there is nothing to tell"),
                            STR("virga serve without --journal-calls 0"));
    buf_put(&k->text, STR("retry: 1000\n\n"));
    return 0;
}
