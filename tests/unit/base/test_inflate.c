/* Proves that data in each form of DEFLATE block come back, and that damaged data never write too much. The
 * members were made with Python's zlib; tests/unit/server/test_console.c decompresses files of every size. */
#include "support/texts.h"

#include <stdio.h>

#include "base/inflate.h"

enum { ROOM = 1024 };

static const unsigned char stored[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0x01,
                                       0x08, 0x00, 0xf7, 0xff, 0x61, 0x73, 0x20, 0x69, 0x74, 0x20, 0x69,
                                       0x73, 0xb3, 0x24, 0x4e, 0x96, 0x08, 0x00, 0x00, 0x00};
static const unsigned char fixed[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                                      0xff, 0x4b, 0x4c, 0x4a, 0x4e, 0x44, 0x45, 0x00, 0x04,
                                      0xc0, 0x26, 0xdc, 0x12, 0x00, 0x00, 0x00};
static const unsigned char dynamic[] = {
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0x4d, 0xd0, 0x31, 0x0a, 0xc3, 0x40, 0x0c,
    0x44, 0xd1, 0x2b, 0x49, 0x5a, 0x69, 0x77, 0x85, 0x71, 0x6b, 0xc8, 0x3d, 0x52, 0x06, 0x52, 0xe6, 0xfa,
    0x71, 0x61, 0xf8, 0xd3, 0xfd, 0xee, 0x0d, 0x73, 0x7d, 0xbe, 0xbf, 0xd7, 0xfb, 0xac, 0xe8, 0x71, 0x5c,
    0x4f, 0x0f, 0x33, 0xe9, 0x45, 0x7b, 0xd2, 0xe1, 0xd2, 0x9b, 0x1e, 0x45, 0x67, 0x48, 0x37, 0x5d, 0x93,
    0x9e, 0xe2, 0x2e, 0x71, 0x97, 0xb8, 0x5b, 0xdc, 0x16, 0xb7, 0x71, 0xd3, 0x70, 0xd3, 0x43, 0x1a, 0x37,
    0x03, 0x37, 0x07, 0x6e, 0xa6, 0x49, 0xe3, 0x66, 0xe1, 0xe6, 0x74, 0x69, 0x71, 0x97, 0xb8, 0x5b, 0xdc,
    0x2d, 0x6e, 0xe3, 0x96, 0xe1, 0x96, 0x9b, 0x34, 0x6e, 0x05, 0xee, 0x7d, 0xba, 0x34, 0xee, 0x3d, 0x8e,
    0xae, 0x90, 0xc6, 0xad, 0x39, 0x8f, 0x3f, 0xc3, 0xea, 0x2a, 0x09, 0xe0, 0x01, 0x00, 0x00};

#define MEMBER(bytes) ((struct str){(const char *)(bytes), sizeof(bytes)})

static struct arena arena;
static char plain[ROOM + 1];

/* What `dynamic` contains. */
static struct str numbered_flows(void)
{
    struct str text = STR("");
    for (int i = 0; i < 40; i++)
        text = CONCAT(&arena, text, arena_printf(&arena, "FlowId=%d;", 5293 + i * 7));
    return text;
}

static int setup(void **state)
{
    (void)state;
    arena_init(&arena);
    memset(plain, '!', sizeof plain);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void check(struct str member, struct str expected)
{
    assert_int_equal(inflate_gzip(member, plain, expected.n), 0);
    assert_memory_equal(plain, expected.p, expected.n);
    assert_int_equal(plain[expected.n], '!');
}

static void every_form_of_block_is_read(void **state)
{
    (void)state;
    check(MEMBER(stored), STR("as it is"));
    check(MEMBER(fixed), STR("abcabcabcabcabcabc"));
    check(MEMBER(dynamic), numbered_flows());
}

static void another_length_is_an_error(void **state)
{
    (void)state;
    size_t n = numbered_flows().n;
    assert_int_equal(inflate_gzip(MEMBER(dynamic), plain, n - 1), -1);
    assert_int_equal(plain[n - 1], '!');
    assert_int_equal(inflate_gzip(MEMBER(dynamic), plain, n + 1), -1);
    assert_int_equal(plain[n + 1], '!');
    memset(plain, '!', sizeof plain);
    assert_int_equal(inflate_gzip(MEMBER(stored), plain, 7), -1);
    assert_int_equal(plain[7], '!');
}

static void a_member_that_ends_early_is_an_error(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof dynamic - 8; n++)
        assert_int_equal(inflate_gzip(str_head(MEMBER(dynamic), n), plain, numbered_flows().n), -1);
}

/* No result is right or wrong here: the sanitizers see a byte that is read or written outside. */
static void no_damage_reads_or_writes_outside(void **state)
{
    unsigned char damaged[sizeof dynamic];
    (void)state;
    for (size_t i = 0; i < sizeof dynamic * 8; i++) {
        memcpy(damaged, dynamic, sizeof damaged);
        damaged[i / 8] = (unsigned char)(damaged[i / 8] ^ (1u << i % 8));
        (void)inflate_gzip(MEMBER(damaged), plain, ROOM);
        assert_int_equal(plain[ROOM], '!');
    }
}

SUITE(inflate)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_form_of_block_is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(another_length_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(a_member_that_ends_early_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(no_damage_reads_or_writes_outside, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
