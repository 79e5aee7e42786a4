/* Proves that an address is given to one instance only. */
#include "support/test_world.h"

#include "product/sqlserver/address.h"
#include "product/sqlserver/sqlserver.h"

static struct str choose(struct test_world *t)
{
    struct instance own = {.row = 0};
    struct str vip;
    assert_int_equal(address_choose(&t->call, &own, STR("vpc-a"), STR(""), &vip), 0);
    return arena_dup(&t->arena, vip);
}

/* Of the random addresses the next one is taken. */
static void an_address_in_use_is_not_given(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, "{\"InstanceId\":\"" TEST_INSTANCE "\"}"), "");
    const struct rng first = t->world.rng;
    struct str vip = choose(t);
    t->world.rng = first;
    assert_true(str_eq(choose(t), vip)); /* it was not taken yet */
    SCOPED_STMT(s, t->world.db, "UPDATE instance SET vip = :vip, vpc_id = 'vpc-a' WHERE instance_id = :id");
    stmt_bind_str(s, ":vip", vip);
    stmt_bind_str(s, ":id", STR(TEST_INSTANCE));
    assert_int_equal(savepoint_begin(t->world.db), 0);
    assert_int_equal(stmt_run(s), 0);
    assert_int_equal(savepoint_release(t->world.db), 0);
    t->world.rng = first;
    assert_false(str_eq(choose(t), vip));
}

SUITE(address)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_address_in_use_is_not_given, test_world_setup,
                                        test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
