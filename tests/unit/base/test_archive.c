/* Proves that gzip files have the form of RFC 1952, and that the sizes are known before. */
#include "support/texts.h"

#include "base/archive.h"

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

/* As Python's gzip reads it: the sum is zlib.crc32(b"virga\n"). */
static void a_small_text_is_one_block(void **state)
{
    static const unsigned char expected[] = {0x1f, 0x8b, 8,    0,    0,    0,   0,   0,   0,   0xff,
                                             1,    6,    0,    0xf9, 255,  'v', 'i', 'r', 'g', 'a',
                                             '\n', 0x09, 0x5c, 0x06, 0xe8, 6,   0,   0,   0};
    struct str file = gzip_stored(&arena, STR("virga\n"));
    (void)state;
    assert_int_equal(file.n, sizeof expected);
    assert_memory_equal(file.p, expected, sizeof expected);
}

static void an_empty_text_has_a_block_too(void **state)
{
    struct str file = gzip_stored(&arena, STR(""));
    (void)state;
    assert_int_equal(file.n, gzip_size(0));
    assert_memory_equal(file.p + 10, "\1\0\0\xff\xff\0\0\0\0\0\0\0\0", 13);
}

/* 65535 bytes fit into one block, one more begins the second. */
static void a_long_text_has_several_blocks(void **state)
{
    char *text = memset(arena_alloc(&arena, 65536), 'x', 65536);
    (void)state;
    assert_int_equal(gzip_stored(&arena, (struct str){text, 65535}).n, 10 + 5 + 65535 + 8);
    struct str file = gzip_stored(&arena, (struct str){text, 65536});
    assert_int_equal(file.n, 10 + 2 * 5 + 65536 + 8);
    assert_memory_equal(file.p + 10, "\0\xff\xff\0\0x", 6);
    assert_memory_equal(file.p + 10 + 5 + 65535, "\1\1\0\xfe\xffx", 6);
}

static void a_tar_file_has_whole_blocks(void **state)
{
    (void)state;
    assert_int_equal(tar_size(0), 3 * TAR_BLOCK);
    assert_int_equal(tar_size(1), 4 * TAR_BLOCK);
    assert_int_equal(tar_size(TAR_BLOCK), 4 * TAR_BLOCK);
    assert_int_equal(tar_size(TAR_BLOCK + 1), 5 * TAR_BLOCK);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

SUITE(archive)
{
    const struct CMUnitTest tests[] = {
        CASE(a_small_text_is_one_block),
        CASE(an_empty_text_has_a_block_too),
        CASE(a_long_text_has_several_blocks),
        CASE(a_tar_file_has_whole_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
