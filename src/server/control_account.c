/* Accounts of their own for tests that run side by side. */
#include "core/guest.h"
#include "gen/control.h"

static int check_world(struct control *k, const struct node *world)
{
    if (!world || world->kind == NODE_OBJECT)
        return 0;
    return control_fail(k, HTTP_BAD_REQUEST, STR("world is not an object"),
                        STR("{\"world\":{\"regions\":[{\"region\":\"ap-guangzhou\",\"instances\":[]}]}}"));
}

/* Its credential works at once, but the answer waits for the disk like any change: an account that a crash
 * takes back was never told to anybody. */
int control_make_account(struct control *k, const struct account_new *body, struct account_made *answer)
{
    struct guest g;
    struct str why;
    if (check_world(k, body->world) != 0)
        return -1;
    if (guest_make(k->call->world, k->call->arena, body->world, &g, &why) != 0)
        return why.p
                   ? control_fail(k, HTTP_BAD_REQUEST, why,
                                  STR("world is an account as in a world file, without uin and credentials"))
                   : control_fail_store(k);
    k->call->changed = true;
    *answer = (struct account_made){.uin = g.uin,
                                    .secret_id = g.secret_id,
                                    .secret_key = g.secret_key,
                                    .region = g.region,
                                    .instance_id = g.instance_id};
    return 0;
}
