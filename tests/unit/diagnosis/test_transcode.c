/* Proves that a text is converted to each encoding, and is empty where the encoding cannot represent it. */
#include "support/texts.h"

#include "diagnosis/signing.h"

static struct arena arena;

static void assert_coded(enum encoding encoding, struct str text, struct str expected)
{
    const struct str coded = transcode(&arena, encoding, text);
    assert_int_equal(coded.n, expected.n);
    assert_memory_equal(coded.p, expected.p, expected.n);
}

static void each_encoding_has_its_bytes(void **state)
{
    (void)state;
    arena_init(&arena);
    assert_coded(ENCODING_LATIN1, STR("caf\xc3\xa9"), STR("caf\xe9"));
    assert_coded(ENCODING_UTF16, STR("a\xe4\xb8\xad"), STR("a\0\x2d\x4e"));
    assert_coded(ENCODING_TWICE, STR("\xc3\xa9"), STR("\xc3\x83\xc2\xa9"));
    assert_coded(ENCODING_UTF16_MARK, STR("a"),
                 STR("\xff\xfe"
                     "a\0"));
    assert_coded(ENCODING_ASCII, STR("a\xe4\xb8\xad-caf\xc3\xa9"), STR("a?-caf?"));
    assert_coded(ENCODING_UTF8, STR("\xc3\xa9"), STR("\xc3\xa9"));
    arena_done(&arena);
}

static void a_text_that_an_encoding_lacks_is_empty(void **state)
{
    (void)state;
    arena_init(&arena);
    assert_coded(ENCODING_LATIN1, STR("\xe4\xb8\xad"), STR(""));
    assert_coded(ENCODING_UTF16, STR("\xff"), STR(""));
    assert_coded(ENCODING_UTF16, STR(""), STR(""));
    arena_done(&arena);
}

SUITE(transcode)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_encoding_has_its_bytes),
        cmocka_unit_test(a_text_that_an_encoding_lacks_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
