/* Proves which requests are rejected because two programs may disagree about the end of the body. */
#include "support/texts.h"

#include "server/request_body.h"

/* 0 when it is not rejected. */
static int status_of(const struct header *headers, size_t n)
{
    const struct rejection *r = message_framing_check(STR("POST"), headers, n);
    return r ? r->status : 0;
}

#define STATUS(...)                                                                                          \
    status_of((const struct header[]){__VA_ARGS__},                                                          \
              sizeof((const struct header[]){__VA_ARGS__}) / sizeof(struct header))
#define LENGTH(text)                                                                                         \
    {                                                                                                        \
        STR_INIT("Content-Length"), STR_INIT(text)                                                           \
    }
#define CODING(text)                                                                                         \
    {                                                                                                        \
        STR_INIT("transfer-encoding"), STR_INIT(text)                                                        \
    }

static void ordinary_requests_pass(void **state)
{
    (void)state;
    assert_int_equal(status_of(NULL, 0), 0);
    assert_int_equal(STATUS({STR_INIT("Host"), STR_INIT("x")}), 0);
    assert_int_equal(STATUS(LENGTH("5")), 0);
    assert_int_equal(STATUS(CODING("chunked")), 0);
    assert_int_equal(STATUS(CODING("Chunked")), 0);
}

static void the_same_length_twice_passes(void **state)
{
    (void)state;
    assert_int_equal(STATUS(LENGTH("5"), LENGTH("5")), 0);
}

static void two_lengths_are_rejected_wherever_they_are(void **state)
{
    (void)state;
    assert_int_equal(STATUS(LENGTH("5"), LENGTH("6")), 400);
    assert_int_equal(STATUS(LENGTH("5"), LENGTH("6"), LENGTH("6")), 400);
    assert_int_equal(STATUS(LENGTH("5"), {STR_INIT("Host"), STR_INIT("x")}, LENGTH("05")), 400);
}

static void a_length_beside_a_coding_is_rejected(void **state)
{
    (void)state;
    assert_int_equal(STATUS(LENGTH("5"), CODING("chunked")), 400);
    assert_int_equal(STATUS(CODING("chunked"), LENGTH("5")), 400);
}

static void other_codings_are_rejected(void **state)
{
    (void)state;
    assert_int_equal(STATUS(CODING("gzip, chunked")), 501);
    assert_int_equal(STATUS(CODING("identity")), 501);
    assert_int_equal(STATUS(CODING("")), 501);
    assert_int_equal(STATUS(CODING("chunked"), CODING("chunked")), 501);
    assert_int_equal(STATUS(CODING("chunked"), CODING("gzip"), CODING("chunked")), 501);
}

/* "Content-Length : 5" is a length to some programs and means nothing to others. */
static void a_blank_in_a_name_is_rejected(void **state)
{
    (void)state;
    assert_int_equal(STATUS({STR_INIT("Content-Length "), STR_INIT("5")}), 400);
    assert_int_equal(STATUS({STR_INIT("Transfer-Encoding\t"), STR_INIT("chunked")}), 400);
    assert_int_equal(STATUS(LENGTH("5"), {STR_INIT("X Y"), STR_INIT("")}), 400);
}

static void connect_never_looks_like_a_tunnel(void **state)
{
    const struct rejection *r = message_framing_check(STR("CONNECT"), NULL, 0);
    (void)state;
    assert_non_null(r);
    assert_int_equal(r->status, 405);
}

SUITE(message_framing)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_requests_pass),
        cmocka_unit_test(the_same_length_twice_passes),
        cmocka_unit_test(two_lengths_are_rejected_wherever_they_are),
        cmocka_unit_test(a_length_beside_a_coding_is_rejected),
        cmocka_unit_test(other_codings_are_rejected),
        cmocka_unit_test(a_blank_in_a_name_is_rejected),
        cmocka_unit_test(connect_never_looks_like_a_tunnel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
