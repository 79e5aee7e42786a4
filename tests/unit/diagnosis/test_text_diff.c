/* Proves that invisible bytes are shown, and that the first difference of two texts is found. */
#include "support/arena_fixture.h"

#include "diagnosis/text_diff.h"

static void invisible_bytes_are_shown(void **state)
{
    static const struct {
        struct str text;
        const char *shown;
    } cases[] = {
        {STR_INIT(""), ""},
        {STR_INIT("POST\n/\r\t\\"), "POST\\n/\\r\\t\\\\"},
        {STR_INIT("a\0b\x7f"), "a\\x00b\\x7f"},
        {STR_INIT("\xef\xbb\xbf{"), "\\xef\\xbb\\xbf{"},
        {STR_INIT("a\xc2\xa0z\xe2\x80\x8b"), "a\\xc2\\xa0z\\xe2\\x80\\x8b"},
        {STR_INIT("\xe4\xb8\xad\xf0\x9f\x98\x80"), "\xe4\xb8\xad\xf0\x9f\x98\x80"},
        {STR_INIT("\xff\xe4\xb8"), "\\xff\\xe4\\xb8"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_text(text_visible(&arena, cases[i].text), cases[i].shown);
}

static void a_long_text_is_cut(void **state)
{
    static char text[4000];
    (void)state;
    memset(text, '\1', sizeof text);
    const struct str shown = text_visible(&arena, (struct str){text, sizeof text});
    assert_true(str_ends(shown, STR("\\x01...")));
    assert_int_equal(shown.n, 1500 * 4 + 3);
}

static struct text_difference diff(struct str own, struct str theirs)
{
    struct text_difference d;
    text_diff(&arena, own, theirs, &d);
    return d;
}

static void the_first_difference_is_found(void **state)
{
    const struct text_difference d = diff(STR("POST\n/\n\nhost:a\n"), STR("POST\n/\n\nhost:\xef\xbb\xbf"
                                                                          "a\n"));
    (void)state;
    assert_false(d.same);
    assert_int_equal(d.offset, 13);
    assert_int_equal(d.line, 4);
    assert_int_equal(d.column, 6);
    assert_text(d.own, "POST\\n/\\n\\nhost:a\\n");
    assert_text(d.theirs, "POST\\n/\\n\\nhost:\\xef\\xbb\\xbfa\\n");
    assert_int_equal(d.mark, strlen("POST\\n/\\n\\nhost:"));
}

/* Both texts have an escape there, and a comparison of their visible forms would go past its first byte. */
static void the_mark_is_before_an_escape(void **state)
{
    const struct text_difference d = diff(STR("0123456789abcdefghi\n"), STR("0123456789abcdefghi\r\n"));
    (void)state;
    assert_text(d.own, "3456789abcdefghi\\n");
    assert_text(d.theirs, "3456789abcdefghi\\r\\n");
    assert_int_equal(d.mark, 16);
}

static void equal_and_shorter_texts_end_together_or_not(void **state)
{
    (void)state;
    assert_true(diff(STR("a\n"), STR("a\n")).same);
    assert_true(diff(STR(""), STR("")).same);
    assert_false(diff(STR("a"), STR("")).same);
    const struct text_difference d = diff(STR("a\n"), STR("a\n\n"));
    assert_false(d.same);
    assert_int_equal(d.offset, 2);
    assert_int_equal(d.line, 2);
    assert_int_equal(d.column, 1);
}

static void only_the_surroundings_are_shown(void **state)
{
    const struct text_difference d =
        diff(STR("0123456789012345678901234567890123456789x0123456789012345678901234567890"),
             STR("0123456789012345678901234567890123456789y"));
    (void)state;
    assert_text(d.own, "4567890123456789x01234567890123456789012");
    assert_text(d.theirs, "4567890123456789y");
}

SUITE(text_diff)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(invisible_bytes_are_shown),
        cmocka_unit_test(a_long_text_is_cut),
        cmocka_unit_test(the_first_difference_is_found),
        cmocka_unit_test(the_mark_is_before_an_escape),
        cmocka_unit_test(equal_and_shorter_texts_end_together_or_not),
        cmocka_unit_test(only_the_surroundings_are_shown),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
