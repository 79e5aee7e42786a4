/* Proves that each other text of a body is the one that clients make, and absent where there is none. */
#include "support/texts.h"

#include "diagnosis/body_variants.h"

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

static const struct node *parse(const char *text)
{
    struct node *tree;
    assert_int_equal(json_parse(&arena, str_from(text), &tree, NULL), 0);
    return tree;
}

/* gzip.compress(b'{"a":1}', mtime=0) of Python */
static const char zipped[] = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xab\x56\x4a\x54\xb2\x32\xac\x05\x00"
                             "\x75\x36\xda\x70\x07\x00\x00\x00";

static void a_body_in_gzip_is_unzipped(void **state)
{
    struct str body = {zipped, sizeof zipped - 1};
    (void)state;
    assert_text(body_unzipped(&arena, body), "{\"a\":1}");
    assert_null(body_unzipped(&arena, str_head(body, 17)).p);
    assert_null(body_unzipped(&arena, STR("{\"InstanceId\":\"long enough\"}")).p);
    struct str large = arena_dup(&arena, body);
    ((char *)(uintptr_t)large.p)[large.n - 1] = 1; /* says that it has 16 MiB */
    assert_null(body_unzipped(&arena, large).p);
}

static void json_within_json_is_found_and_made(void **state)
{
    (void)state;
    assert_text(body_inner(parse("\"{\\\"a\\\":1}\"")), "{\"a\":1}");
    assert_null(body_inner(parse("{\"a\":1}")).p);
    assert_null(body_inner(NULL).p);
    assert_text(body_quoted(&arena, STR("{\"a\":1}")), "\"{\\\"a\\\":1}\"");
}

static void line_ends_are_converted(void **state)
{
    (void)state;
    assert_text(body_with_crlf(&arena, STR("a\nb\r\nc\n")), "a\r\nb\r\nc\r\n");
    assert_null(body_with_crlf(&arena, STR("abc")).p);
    assert_text(body_with_lf(&arena, STR("a\r\nb\rc\r\n\r")), "a\nb\rc\n\r");
    assert_null(body_with_lf(&arena, STR("a\nb")).p);
}

static void members_are_a_form(void **state)
{
    (void)state;
    assert_text(body_as_form(&arena, parse("{\"b\":1,\"a\":\"x y/\xc3\xa9\"}")), "b=1&a=x+y%2F%C3%A9");
    assert_null(body_as_form(&arena, parse("{\"a\":[1]}")).p);
    assert_null(body_as_form(&arena, parse("{}")).p);
    assert_null(body_as_form(&arena, parse("[1]")).p);
    assert_null(body_as_form(&arena, NULL).p);
}

static void characters_are_counted(void **state)
{
    (void)state;
    assert_int_equal(body_characters(STR("a\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80")), 4);
}

SUITE(body_variants)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_body_in_gzip_is_unzipped, setup, teardown),
        cmocka_unit_test_setup_teardown(json_within_json_is_found_and_made, setup, teardown),
        cmocka_unit_test_setup_teardown(line_ends_are_converted, setup, teardown),
        cmocka_unit_test_setup_teardown(members_are_a_form, setup, teardown),
        cmocka_unit_test_setup_teardown(characters_are_counted, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
