/* Whether the server is there, and what its control API is. */
#include "gen/control.h"
#include "server/router.h"

int control_get_health(struct control *k, struct health *answer)
{
    (void)k;
    answer->status = STR("ok");
    return 0;
}

int control_get_openapi(struct control *k)
{
    buf_put(&k->text, control_openapi);
    return 0;
}
