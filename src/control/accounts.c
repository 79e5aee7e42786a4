/* Test accounts: making one, and removing it. GET /_virga/credentials lists them with all others. */
#include "core/reset.h"
#include "core/test_account.h"
#include "core/world.h"
#include "gen/control.h"

/* Checks the form only: test_account_create checks the rest like a world file. */
static int check_world(struct control *k, const struct node *world)
{
    if (!world || world->kind == NODE_OBJECT)
        return 0;
    return control_fail_request(
        k, STR("world is not an object"),
        STR("{\"world\":{\"regions\":[{\"region\":\"ap-guangzhou\",\"instances\":[]}]}}"));
}

/* Makes an account that one test uses alone, so that tests can run in parallel. The answer waits for the disk
 * as after any change, so that no client gets an account that a crash undoes. */
int control_make_account(struct control *k, const struct account_new *body, struct account_made *answer)
{
    struct test_account g;
    struct str problem;
    if (check_world(k, body->world) != 0)
        return -1;
    if (test_account_create(k->call->world, k->call->arena, body->world, &g, &problem) != 0)
        return problem.p ? control_fail_request(
                               k, problem,
                               STR("world is an account as in a world file, without uin and credentials"))
                         : control_fail_store(k);
    k->call->changed = true;
    *answer = (struct account_made){.uin = g.uin,
                                    .secret_id = g.secret_id,
                                    .secret_key = g.secret_key,
                                    .region = g.region,
                                    .instance_id = g.resource_id};
    return 0;
}

/* DELETE /_virga/accounts/{id}: calls with its credentials are rejected from now on. */
int control_remove_account(struct control *k, struct account_removed *answer)
{
    int rc = reset_remove_test_account(k->call->world, k->id);
    if (rc == 0)
        return control_fail(k, HTTP_NOT_FOUND,
                            arena_printf(k->call->arena, "there is no test account %.*s", STR_ARG(k->id)),
                            STR("GET /_virga/credentials lists the accounts; those of the world file stay"));
    if (rc < 0)
        return control_fail_store(k);
    k->call->changed = true;
    answer->removed = I64(1);
    return 0;
}
