/* Proves that seeds give the published sequence, and UUIDs their form. */
#include "support/texts.h"

#include "base/rng.h"

/* From the authors' xoshiro256starstar.c with the state 1, 2, 3, 4. */
static void the_sequence_is_the_published_one(void **state)
{
    static const uint64_t expected[] = {UINT64_C(11520), UINT64_C(0), UINT64_C(1509978240),
                                        UINT64_C(1215971899390074240)};
    struct rng r = {{1, 2, 3, 4}};
    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_true(rng_next(&r) == expected[i]);
}

/* splitmix64's first results from 0, as in the authors' splitmix64.c. */
static void a_seed_is_spread_by_splitmix64(void **state)
{
    struct rng r;
    (void)state;
    rng_seed(&r, 0);
    assert_true(r.s[0] == UINT64_C(0xe220a8397b1dcdaf));
    assert_true(r.s[1] == UINT64_C(0x6e789e6aa1b965f4));
    assert_true(r.s[2] == UINT64_C(0x06c45d188009454f));
    assert_true(r.s[3] == UINT64_C(0xf88bb8a8724c81ec));
}

static void equal_seeds_agree_and_others_do_not(void **state)
{
    struct rng a, b, c;
    (void)state;
    rng_seed(&a, 42);
    rng_seed(&b, 42);
    rng_seed(&c, 43);
    uint64_t first = rng_next(&a);
    assert_true(first == rng_next(&b));
    assert_true(first != rng_next(&c));
}

static void a_uuid_has_its_form_and_digits_are_used_fully(void **state)
{
    static const char digits[16] = "0123456789abcdef";
    struct rng r;
    unsigned seen[36] = {0};
    (void)state;
    rng_seed(&r, 7);
    for (int i = 0; i < 2000; i++) {
        char out[37] = {[36] = '#'};
        rng_uuid(&r, out);
        assert_int_equal(out[36], '#');
        for (size_t at = 0; at < 36; at++) {
            bool dash = at == 8 || at == 13 || at == 18 || at == 23;
            const char *digit = memchr(digits, out[at], sizeof digits);
            assert_int_equal(out[at] == '-', dash);
            if (dash)
                continue;
            assert_non_null(digit);
            seen[at] |= 1U << (digit - digits);
        }
        assert_int_equal(out[14], '4');
        assert_non_null(memchr("89ab", out[19], 4));
    }
    assert_int_equal(seen[0], 0xffff);
    assert_int_equal(seen[15], 0xffff);
    assert_int_equal(seen[35], 0xffff);
}

static void the_system_seeds_differently_each_time(void **state)
{
    struct rng a, b;
    (void)state;
    rng_seed_system(&a);
    rng_seed_system(&b);
    assert_memory_not_equal(&a, &b, sizeof a);
}

SUITE(rng)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sequence_is_the_published_one),
        cmocka_unit_test(a_seed_is_spread_by_splitmix64),
        cmocka_unit_test(equal_seeds_agree_and_others_do_not),
        cmocka_unit_test(a_uuid_has_its_form_and_digits_are_used_fully),
        cmocka_unit_test(the_system_seeds_differently_each_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
