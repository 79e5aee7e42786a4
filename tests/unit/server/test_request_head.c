/* Proves which heads are rejected because a gap between their parts shows that a line was folded, cut or
 * ended in another way. How libmicrohttpd leaves a real request is proved by
 * tests/faults/test_hostile_http.py. */
#include "support/texts.h"

#include "server/request_head.h"

#define MANY 2

/* A head as libmicrohttpd leaves it: the bytes, and where it has found each part. A value begins after the
 * blanks behind its name. */
struct example {
    struct str bytes, target;
    size_t target_at, version_at, name_at[MANY], value_at[MANY];
};

#define GOOD "GET\0/?a\0HTTP/1.1\0\0A\0 b\0\0C\0\0\0\0\0"
static const struct example good = {STR_INIT(GOOD), STR_INIT("/?a"), 4, 8, {18, 24}, {21, 26}};

static int status_of(const struct example *e)
{
    const char *p = e->bytes.p;
    struct header headers[MANY];
    for (size_t i = 0; i < MANY; i++)
        headers[i] = (struct header){str_from(p + e->name_at[i]), str_trim(str_from(p + e->value_at[i]))};
    const struct request_head head = {.method = str_from(p),
                                      .version = str_from(p + e->version_at),
                                      .target_at = p + e->target_at,
                                      .target = e->target,
                                      .headers = headers,
                                      .n_headers = MANY,
                                      .bytes = e->bytes.n};
    const struct rejection *why = request_head_check(&head);
    return why ? why->status : 0;
}

static int status_with(const char *bytes, size_t n)
{
    struct example e = good;
    e.bytes = (struct str){bytes, n};
    return status_of(&e);
}
#define STATUS(text) status_with(text, sizeof(text) - 1)

static void a_head_without_gaps_passes(void **state)
{
    (void)state;
    assert_int_equal(status_of(&good), 0);
    assert_int_equal(STATUS("GET\0/\0a\0HTTP/1.1\0\0A\0 b\0\0C\0\0\0\0\0"), 0); /* the query is cut off */
}

static void blanks_around_a_value_pass(void **state)
{
    struct example e = {
        STR_INIT("GET\0/\0HTTP/1.1\0\0A\0\t b \t\0\0C\0  \0\0\0\0"), STR_INIT("/"), 4, 6, {16, 25}, {20, 29}};
    (void)state;
    assert_int_equal(status_of(&e), 0);
}

static void a_target_elsewhere_is_rejected(void **state)
{
    struct example e = good;
    (void)state;
    e.target_at = 5;
    assert_int_equal(status_of(&e), 400);
}

/* The target as the library gives it ends at a NUL, the version begins after the last blank. */
static void a_target_that_was_cut_is_rejected(void **state)
{
    struct example e = good;
    (void)state;
    e.target = STR("/");
    assert_int_equal(status_of(&e), 400);
}

static void blanks_and_cr_in_the_target_are_rejected(void **state)
{
    struct example e = good;
    (void)state;
    e.target = STR("/ a");
    assert_int_equal(status_of(&e), 400);
    e.target = STR("/\ra");
    assert_int_equal(status_of(&e), 400);
}

static void a_name_elsewhere_is_rejected(void **state)
{
    struct example e = good;
    (void)state;
    e.name_at[0] = 21; /* a folded header is copied and joined elsewhere */
    assert_int_equal(status_of(&e), 400);
}

/* The line's end is one byte long, so that everything after it comes too early. */
static void a_bare_lf_is_rejected(void **state)
{
    struct example e = {
        STR_INIT("GET\0/?a\0HTTP/1.1\0\0A\0 b\0C\0\0\0\0\0"), STR_INIT("/?a"), 4, 8, {18, 23}, {21, 25}};
    struct example last = {
        STR_INIT("GET\0/?a\0HTTP/1.1\0\0A\0 b\0\0C\0\0\0\0"), STR_INIT("/?a"), 4, 8, {18, 24}, {21, 26}};
    (void)state;
    assert_int_equal(status_of(&e), 400);
    assert_int_equal(status_of(&last), 400);
}

static void a_value_that_was_cut_is_rejected(void **state)
{
    struct example e = {
        STR_INIT("GET\0/?a\0HTTP/1.1\0\0A\0 b\0x\0\0C\0\0\0\0\0"), STR_INIT("/?a"), 4, 8, {18, 26}, {21, 28}};
    (void)state;
    assert_int_equal(status_of(&e), 400);
}

static void a_line_that_begins_with_nul_is_rejected(void **state)
{
    (void)state;
    assert_int_equal(STATUS("GET\0/?a\0HTTP/1.1\0\0A\0 b\0\0C\0\0\0\0x\0\0"), 400);
}

static void a_cr_in_a_value_is_rejected(void **state)
{
    (void)state;
    assert_int_equal(STATUS("GET\0/?a\0HTTP/1.1\0\0A\0 \r\0\0C\0\0\0\0\0"), 400);
}

SUITE(request_head)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_without_gaps_passes),
        cmocka_unit_test(blanks_around_a_value_pass),
        cmocka_unit_test(a_target_elsewhere_is_rejected),
        cmocka_unit_test(a_target_that_was_cut_is_rejected),
        cmocka_unit_test(blanks_and_cr_in_the_target_are_rejected),
        cmocka_unit_test(a_name_elsewhere_is_rejected),
        cmocka_unit_test(a_bare_lf_is_rejected),
        cmocka_unit_test(a_value_that_was_cut_is_rejected),
        cmocka_unit_test(a_line_that_begins_with_nul_is_rejected),
        cmocka_unit_test(a_cr_in_a_value_is_rejected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
