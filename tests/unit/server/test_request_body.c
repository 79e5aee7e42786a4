/* Proves that a body is whole or known not to be, and that all of them together stay within their limit. */
#include "support/texts.h"

#include "base/limits.h"
#include "server/request_body.h"

enum { MIB = 1024 * 1024, MANY = LIMIT_BODIES / LIMIT_BODY_V3 + 2 };

static char part[MIB];
static struct bodies all;

/* A body of so many MiB. */
static struct body filled(size_t mib)
{
    struct body b = {.cap = LIMIT_BODY_V3};
    for (size_t i = 0; i < mib; i++)
        body_put(&b, &all, (struct str){part, sizeof part});
    return b;
}

static void it_grows_and_keeps_its_order(void **state)
{
    struct body b = {.cap = LIMIT_BODY_V3};
    (void)state;
    assert_text(body_str(&b), "");
    body_put(&b, &all, STR(""));
    for (int i = 0; i < 3000; i++)
        body_put(&b, &all, STR("abc"));
    assert_int_equal(body_str(&b).n, 9000);
    for (size_t i = 0; i < b.n; i++)
        assert_int_equal(b.p[i], "abc"[i % 3]);
    assert_false(b.over || b.no_room_left);
    body_done(&b, &all);
    assert_int_equal(all.bytes, 0);
}

static void it_ends_at_its_cap(void **state)
{
    struct body b = filled(LIMIT_BODY_V3 / MIB);
    (void)state;
    assert_false(b.over);
    assert_int_equal(b.room, LIMIT_BODY_V3);
    body_put(&b, &all, STR("x"));
    assert_true(b.over);
    body_put(&b, &all, STR(""));
    assert_int_equal(b.n, LIMIT_BODY_V3);
    body_done(&b, &all);
}

static void after_the_cap_nothing_is_kept(void **state)
{
    struct body b = {.cap = 4};
    (void)state;
    body_put(&b, &all, STR("abc"));
    body_put(&b, &all, STR("de"));
    body_put(&b, &all, STR("f"));
    assert_true(b.over);
    assert_text(body_str(&b), "abc");
    body_done(&b, &all);
}

static void clearing_keeps_little_room(void **state)
{
    struct body b = filled(2);
    (void)state;
    body_clear(&b, &all);
    assert_int_equal(all.bytes, 0);
    assert_int_equal(b.cap, LIMIT_BODY_V3);
    body_put(&b, &all, STR("small"));
    size_t room = b.room;
    body_clear(&b, &all);
    assert_text(body_str(&b), "");
    assert_int_equal(all.bytes, room);
    body_done(&b, &all);
    assert_int_equal(all.bytes, 0);
}

static void all_together_have_a_limit(void **state)
{
    struct body bodies[MANY];
    size_t rejected = 0;
    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        bodies[i] = filled(LIMIT_BODY_V3 / MIB);
        rejected += bodies[i].no_room_left;
        assert_true(all.bytes <= LIMIT_BODIES);
        assert_int_equal(body_str(&bodies[i]).n, bodies[i].no_room_left ? 0 : LIMIT_BODY_V3);
    }
    assert_true(rejected >= 2);
    body_clear(&bodies[MANY - 1], &all);
    body_put(&bodies[MANY - 1], &all, STR("a small one finds room"));
    assert_false(bodies[MANY - 1].no_room_left);
    for (size_t i = 0; i < MANY; i++)
        body_done(&bodies[i], &all);
    assert_int_equal(all.bytes, 0);
}

SUITE(request_body)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_grows_and_keeps_its_order),  cmocka_unit_test(it_ends_at_its_cap),
        cmocka_unit_test(after_the_cap_nothing_is_kept), cmocka_unit_test(clearing_keeps_little_room),
        cmocka_unit_test(all_together_have_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
