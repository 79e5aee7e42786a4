/* Proves that the product tag reads and changes the tags of another product's resources, and keeps nothing of
 * a call that fails. */
#include "support/test_world.h"

#include "gen/tag.h"

#define NAME "qcs::sqlserver:" TEST_REGION ":uin/" TEST_UIN ":instance/" TEST_INSTANCE

static const char *call(struct test_world *t, const char *action, const char *body)
{
    struct test_world_request r = test_world_post(action, test_world_json(t, body));
    clock_advance(&t->world.clock, 1000); /* the rate limit is for a second */
    r.host = "tag.tencentcloudapi.com";
    r.version = "2018-08-13";
    r.service = "tag";
    return test_world_run(t, &r);
}

static const char *modify(struct test_world *t, const char *name, const char *lists)
{
    const char *body = arena_printf(&t->arena, "{'Resource':'%s',%s}", name, lists).p;
    return call(t, "ModifyResourceTags", body);
}

static int64_t count_tags(struct test_world *t)
{
    return test_world_count(t, "SELECT count(*) AS n FROM tag WHERE instance = 1");
}

static void a_call_is_for_the_product(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(call(t, "CreateBackup", "{}"), "InvalidAction");
    assert_text(t->call.product->name, "tag");
    assert_string_equal(modify(t, NAME, "'ReplaceTags':[{'TagKey':'a','TagValue':'1'}]"), "");
    assert_int_equal(count_tags(t), 2);
}

static void only_a_full_name_of_the_callers_resource_will_do(void **state)
{
    static const char *const names[] = {
        "qcs::sqlserver:ap-guangzhou:uin/" TEST_UIN ":instance",
        "qcs::sqlserver:ap-guangzhou:uin/" TEST_UIN ":instance/" TEST_INSTANCE ":more",
        "qcs:x:sqlserver:ap-guangzhou:uin/" TEST_UIN ":instance/" TEST_INSTANCE,
        "qcs::sqlserver:ap-guangzhou:uin/1:instance/" TEST_INSTANCE,
        "qcs::sqlserver:ap-guangzhou:" TEST_UIN ":instance/" TEST_INSTANCE,
        "qcs::sqlserver:ap-guangzhou:uin/:backup/" TEST_INSTANCE,
        "qcs::tag:ap-guangzhou:uin/:instance/" TEST_INSTANCE,
        "qcs::sqlserver:ap-shanghai:uin/:instance/" TEST_INSTANCE,
    };
    struct test_world *t = *state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_string_equal(modify(t, names[i], "'DeleteTags':[{'TagKey':'team'}]"),
                            "InvalidParameterValue.ResourceDescriptionError");
        assert_non_null(t->call.explanation.cause.p);
    }
    assert_int_equal(count_tags(t), 1);
}

/* Fifty tags are allowed (documented); ten in a call. */
static void too_many_tags_are_undone(void **state)
{
    struct test_world *t = *state;
    const char *code = "";
    for (int first = 0; first < 50 && !*code; first += 10) {
        struct str list = STR("");
        for (int i = first; i < first + 10; i++)
            list = arena_printf(&t->arena, "%.*s%s{'TagKey':'k%d','TagValue':''}", STR_ARG(list),
                                i > first ? "," : "", i);
        code = modify(t, NAME, arena_printf(&t->arena, "'ReplaceTags':[%.*s]", STR_ARG(list)).p);
    }
    assert_string_equal(code, "LimitExceeded.ResourceAttachedTags");
    assert_int_equal(count_tags(t), 41);
}

static void an_id_that_comes_twice_counts_once(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(call(t, "DescribeResourceTagsByResourceIds",
                             "{'ServiceType':'sqlserver','ResourcePrefix':'instance','ResourceRegion':"
                             "'" TEST_REGION "','ResourceIds':['" TEST_INSTANCE "','" TEST_INSTANCE "']}"),
                        "");
    const struct describe_resource_tags_by_resource_ids_out *out = t->call.out;
    assert_int_equal(out->total_count.v, 1);
    assert_int_equal(out->tags.n, 1);
    assert_text(out->tags.v[0].tag_key_md5, "f894427cc1c571f79da49605ef8b112f");
}

static void a_refusal_says_what_is_wrong(void **state)
{
    static const struct {
        const char *name, *lists, *evidence;
    } cases[] = {
        {NAME, "'ReplaceTags':[{'TagKey':'a','TagValue':''}],'DeleteTags':[{'TagKey':'b'},{'TagKey':'a'}]",
         "a is in ReplaceTags and in DeleteTags"},
        {NAME, "'ReplaceTags':[{'TagKey':'a','TagValue':''},{'TagKey':'Tencent1','TagValue':''}]",
         "Tencent1 begins with qcloud, tencent or project"},
        {"qcs::sqlserver", "'DeleteTags':[{'TagKey':'a'}]",
         "qcs::sqlserver is not of the form qcs::PRODUCT:REGION:uin/NUMBER:KIND/ID, with a product whose"
         " resources carry tags"},
        {"qcs::sqlserver:" TEST_REGION ":uin/:instance/m", "'DeleteTags':[{'TagKey':'a'}]",
         "account " TEST_UIN " has no instance m in " TEST_REGION},
    };
    struct test_world *t = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)modify(t, cases[i].name, cases[i].lists);
        assert_text(t->call.explanation.evidence, cases[i].evidence);
    }
    (void)call(t, "ModifyResourceTags", "{'Resource':'" NAME "'}");
    assert_text(t->call.explanation.evidence, "one of ReplaceTags and DeleteTags must be given");
}

SUITE(tag)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_call_is_for_the_product, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(only_a_full_name_of_the_callers_resource_will_do, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(too_many_tags_are_undone, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(an_id_that_comes_twice_counts_once, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_refusal_says_what_is_wrong, test_world_setup, test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
