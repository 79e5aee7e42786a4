/* Proves that a skeleton takes a call's values in a form that its language reads back, and leaves its own
 * braces alone. */
#include "support/arena_fixture.h"

#include "core/template.h"

#include "gen/errors.h"

enum { CAP = 1024 * 1024 };

static const struct product product = {.name = STR_INIT("cloud"), .version = STR_INIT("2018-03-28")};

static void is(struct str got, const char *expected)
{
    assert_string_equal(arena_cstr(&arena, got), expected);
}

static void fills(const struct template_values *values, const char *text, const char *expected)
{
    struct buf b;
    buf_init(&b, &arena, 0, CAP);
    template_render(&b, str_from(text), values);
    is(buf_str(&b), expected);
}

static void called(struct template_values *values, const char *params)
{
    *values = (struct template_values){.v = {{NULL, 0}}};
    assert_int_equal(
        template_set_call(values, &arena,
                          &(struct template_call){&product, STR("CreateBackup"), str_from(params)}),
        0);
}

static void test_fill(void **state)
{
    struct template_values values = {.v = {[TEMPLATE_REGION] = STR("{host}"), [TEMPLATE_HOST] = STR("h")}};
    (void)state;
    fills(&values, "", "");
    fills(&values, "no braces", "no braces");
    fills(&values, "{host}", "h");
    fills(&values, "a{host}b{host}c", "ahbhc");
    fills(&values, "{region}", "{host}"); /* a value is not filled again */
    fills(&values, "{{host}}", "{h}");
    fills(&values, "{}{ host }{hostx}{Host}", "{}{ host }{hostx}{Host}");
    fills(&values, "{ {host", "{ {host");
    fills(&values, "{", "{");
    fills(&values, "${error.code} {host", "${error.code} {host");
    fills(&values, "[{port}]", "[]"); /* not set */
}

static void test_server(void **state)
{
    struct template_values values = {.v = {{NULL, 0}}};
    (void)state;
    template_set_server(&values, &arena, STR("http://127.0.0.1:8328"), (struct str){NULL, 0});
    fills(&values, "{scheme} {host_port} {host} {port} {domain} {domain_name}|{tls_endpoint}",
          "http 127.0.0.1:8328 127.0.0.1 8328 localhost:8328 localhost|");
    template_set_server(&values, &arena, STR("https://virga.test"), (struct str){NULL, 0});
    fills(&values, "{scheme} {host_port} {host} {port} {domain} {domain_name}",
          "https virga.test virga.test 443 virga.test virga.test");
    template_set_server(&values, &arena, STR("http://[::1]:80"), STR("https://[::1]:443"));
    fills(&values, "{host_port} {host} {port} {domain} {tls_endpoint} {tls_host_port}",
          "[::1]:80 ::1 80 localhost:80 https://[::1]:443 [::1]:443");
    template_set_server(&values, &arena, STR("http://10.1.2.3:9"), (struct str){NULL, 0});
    fills(&values, "{domain} {domain_name}", "10.1.2.3:9 10.1.2.3");
}

static void test_call(void **state)
{
    struct template_values values;
    (void)state;
    called(&values, "{\"InstanceId\":\"mssql-njj2mtpl\",\"DBNames\":[\"db1\",\"db2\"],\"Strategy\":1}");
    is(values.v[TEMPLATE_ACTION], "CreateBackup");
    is(values.v[TEMPLATE_PARAMS],
       "{\"InstanceId\":\"mssql-njj2mtpl\",\"DBNames\":[\"db1\",\"db2\"],\"Strategy\":1}");
    is(values.v[TEMPLATE_PARAMS_FLAGS],
       " --InstanceId mssql-njj2mtpl --DBNames '[\"db1\",\"db2\"]' --Strategy 1");
    called(&values, "{}");
    is(values.v[TEMPLATE_PARAMS_FLAGS], "");
}

static void test_nothing_ends_its_quotes(void **state)
{
    struct template_values values;
    (void)state;
    called(&values, "{\"A\":\")json\",\n\"x; y\":1}");
    is(values.v[TEMPLATE_PARAMS], "{\"A\":\"\\u0029json\",\n\"x; y\":1}");
    is(values.v[TEMPLATE_PARAMS_SINGLE], "'{\"A\":\")json\", \"x; y\":1}'");
    is(values.v[TEMPLATE_PARAMS_FLAGS], " --A ')json' '--x; y' 1");
    called(&values, "{\"A\":\"it's `x` \\\\ \\\"q\\\"\"}");
    is(values.v[TEMPLATE_PARAMS], "{\"A\":\"it\\u0027s \\u0060x\\u0060 \\\\ \\\"q\\\"\"}");
    is(values.v[TEMPLATE_PARAMS_SINGLE], "'{\"A\":\"it\\'s `x` \\\\\\\\ \\\\\"q\\\\\"\"}'");
    is(values.v[TEMPLATE_PARAMS_DOUBLE], "\"{\\\"A\\\":\\\"it's `x` \\\\\\\\ \\\\\\\"q\\\\\\\"\\\"}\"");
    is(values.v[TEMPLATE_PARAMS_FLAGS], " --A 'it'\\''s `x` \\ \"q\"'");
}

static void test_flags_of_every_kind(void **state)
{
    struct template_values values;
    (void)state;
    called(&values, "{\"A\":\"\",\"B\":true,\"C\":null,\"D\":{\"x\":[{\"y\":false}]},\"E\":-7,\"F\":0.1,"
                    "\"G\":9007199254740992,\"H\":[]}");
    is(values.v[TEMPLATE_PARAMS_FLAGS],
       " --A '' --B true --C null --D '{\"x\":[{\"y\":false}]}' --E -7 --F 0.1"
       " --G 9007199254740992 --H '[]'");
}

static void test_params_must_be_an_object(void **state)
{
    static const char *const wrong[] = {"", "[]", "1", "null", "{", "{\"A\":}"};
    struct template_values values;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(template_set_call(&values, &arena,
                                           &(struct template_call){&product, STR("A"), str_from(wrong[i])}),
                         -1);
}

static void test_every_recipe_is_whole(void **state)
{
    struct template_values values;
    (void)state;
    for (size_t i = 0; i < TEMPLATE_VALUES; i++)
        values.v[i] = STR("VALUE");
    for (size_t i = 0; i < CLIENT_TEMPLATES; i++)
        for (int lang = LANG_EN; lang <= LANG_ZH; lang++) {
            struct buf b;
            buf_init(&b, &arena, 0, CAP);
            template_render_sample(&b, &client_templates[i], &values, lang);
            assert_false(b.over);
            assert_true(str_starts(buf_str(&b), client_templates[i].opening));
            assert_true(str_ends(buf_str(&b), STR("\n")));
            assert_non_null(strstr(arena_cstr(&arena, buf_str(&b)), "VALUE"));
        }
}

/* The lines about TLS come only with a server that has it. */
static void test_tls_words(void **state)
{
    struct template_values values = {.v = {[TEMPLATE_CA_FILE] = STR("the-ca-file")}};
    struct buf without, with;
    (void)state;
    buf_init(&without, &arena, 0, CAP);
    template_render_sample(&without, template_find(STR("python")), &values, LANG_EN);
    values.v[TEMPLATE_TLS_ENDPOINT] = STR("https://x:1");
    buf_init(&with, &arena, 0, CAP);
    template_render_sample(&with, template_find(STR("python")), &values, LANG_EN);
    assert_null(strstr(arena_cstr(&arena, buf_str(&without)), "the-ca-file"));
    assert_non_null(strstr(arena_cstr(&arena, buf_str(&with)), "the-ca-file"));
}

/* What a skeleton has between its quotes is one value, whichever quotes they are, and no comment ends early.
 */
static void test_values_stay_values(void **state)
{
    static const struct client_template sh = {
        .comment = STR_INIT("# "),
        .rules = QUOTE_SHELL,
        .words = {STR_INIT("{ca_file}\n"), STR_INIT("")},
        .program = STR_INIT("a {region} '{region}' \"{region}\" it's\n\"\\\"{region}\" '' {region}\n"),
    };
    struct template_values values = {
        .v = {[TEMPLATE_REGION] = STR("$(x) '"), [TEMPLATE_CA_FILE] = STR("a\nb?>\\u000a")}};
    struct buf b;
    (void)state;
    buf_init(&b, &arena, 0, CAP);
    template_render_sample(&b, &sh, &values, LANG_EN);
    is(buf_str(&b), "# a?b???u000a\n\n"
                    "a '$(x) '\\''' '$(x) '\\''' \"\\$(x) '\" it's\n"
                    "\"\\\"\\$(x) '\" '' '$(x) '\\'''\n");
}

static void test_find(void **state)
{
    (void)state;
    assert_non_null(template_find(STR("cpp")));
    assert_null(template_find(STR("")));
    assert_null(template_find(STR("Python")));
}

SUITE(template)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_fill, setup, teardown),
        cmocka_unit_test_setup_teardown(test_server, setup, teardown),
        cmocka_unit_test_setup_teardown(test_call, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_ends_its_quotes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_flags_of_every_kind, setup, teardown),
        cmocka_unit_test_setup_teardown(test_params_must_be_an_object, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_recipe_is_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tls_words, setup, teardown),
        cmocka_unit_test(test_find),
        cmocka_unit_test_setup_teardown(test_values_stay_values, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
