/* Proves how words become a call's parameters: by the shape's types, as raw JSON, in lists and objects, and
 * which words are rejected. */
#include "support/arena_fixture.h"

#include "cli/call_params.h"
#include "core/registry.h"
#include "gen/sqlserver.h"

enum { WORDS_MAX = 8, CAP = 4096 };

typedef int put(struct buf *, const struct shape *, const struct str *, size_t, struct str *);

/* The JSON, or the problem. The words are separated by spaces. */
static struct str put_by(put *how, const char *action, const char *words)
{
    struct str list[WORDS_MAX], rest = str_from(*words ? words : NULL), problem;
    const struct action *a = action_find(&product_sqlserver, str_from(action));
    struct buf b;
    size_t n = 0;
    while (str_next(&rest, ' ', &list[n]))
        assert_true(++n < WORDS_MAX);
    buf_init(&b, &arena, 64, CAP);
    return how(&b, a ? a->in : NULL, list, n, &problem) == 0 ? buf_str(&b) : problem;
}

static struct str params(const char *action, const char *words)
{
    return put_by(call_params_put, action, words);
}

static struct str paths(const char *action, const char *words)
{
    return put_by(call_params_put_paths, action, words);
}

static void values_have_the_types_of_the_shape(void **state)
{
    (void)state;
    assert_text(params("CreateBackup", ""), "{}");
    assert_text(params("CreateBackup", "InstanceId=1 Strategy=1"), "{\"InstanceId\":\"1\",\"Strategy\":1}");
    assert_text(params("CreateBackup", "InstanceId=a=b BackupName="),
                "{\"InstanceId\":\"a=b\",\"BackupName\":\"\"}");
}

static void a_value_that_is_not_of_its_type_goes_as_text(void **state)
{
    (void)state;
    assert_text(params("CreateBackup", "Strategy=one"), "{\"Strategy\":\"one\"}");
    assert_text(params("CreateBackup", "Strategy=[1]"), "{\"Strategy\":\"[1]\"}");
}

static void lists_come_by_commas_or_by_indexes(void **state)
{
    (void)state;
    assert_text(params("CreateBackup", "DBNames=db1"), "{\"DBNames\":[\"db1\"]}");
    assert_text(params("CreateBackup", "DBNames=db1,2"), "{\"DBNames\":[\"db1\",\"2\"]}");
    assert_text(params("CreateBackup", "DBNames="), "{\"DBNames\":[]}");
    assert_text(params("CreateBackup", "DBNames=[\"db1\",\"a,b\"]"), "{\"DBNames\":[\"db1\",\"a,b\"]}");
    assert_text(params("CreateBackup", "DBNames=[db1]"), "{\"DBNames\":[\"[db1]\"]}");
    assert_text(params("CreateBackup", "InstanceId={}"), "{\"InstanceId\":\"{}\"}");
    assert_text(params("CloneDB", "RenameRestore=[{\"OldName\":\"a\"}]"),
                "{\"RenameRestore\":[{\"OldName\":\"a\"}]}");
    assert_text(params("CloneDB", "RenameRestore.0={\"OldName\":\"a\"}"),
                "{\"RenameRestore\":[{\"OldName\":\"a\"}]}");
    assert_text(params("CreateBackup", "DBNames.0=a,b DBNames.1=c"), "{\"DBNames\":[\"a,b\",\"c\"]}");
}

static void dots_lead_into_objects(void **state)
{
    (void)state;
    assert_text(params("CreateDB", "DBs.0.DBName=a DBs.0.Accounts.0.UserName=u"),
                "{\"DBs\":[{\"DBName\":\"a\",\"Accounts\":[{\"UserName\":\"u\"}]}]}");
}

static void after_a_colon_comes_json(void **state)
{
    (void)state;
    assert_text(params("CreateBackup", "InstanceId:=1 DBNames:=[\"x\",null]"),
                "{\"InstanceId\":1,\"DBNames\":[\"x\",null]}");
    assert_text(params("CreateBackup", "InstanceId=:x"), "{\"InstanceId\":\":x\"}");
}

static void without_a_shape_a_value_is_text(void **state)
{
    (void)state;
    assert_text(params("NoSuchAction", "A=1 B.0=2"), "{\"A\":\"1\",\"B\":[\"2\"]}");
    assert_text(params("CreateBackup", "Colour=1"), "{\"Colour\":\"1\"}");
}

static void other_words_are_rejected(void **state)
{
    (void)state;
    assert_text(params("CreateBackup", "InstanceId"),
                "InstanceId is not of the form Name=value or Name:=JSON");
    assert_text(params("CreateBackup", "=x"), "=x is not of the form Name=value or Name:=JSON");
    assert_text(params("CreateBackup", ":=1"), ":=1 is not of the form Name=value or Name:=JSON");
    assert_text(params("CreateBackup", "A:={"), "A:={: the text after := is not JSON");
    assert_text(params("CreateBackup", "A=1 A=2"), "A is given twice");
    assert_text(params("CreateBackup", "DBNames.1=x"), "DBNames: its indexes must be 0, 1, 2, ...");
}

static void paths_stay_and_their_values_have_types(void **state)
{
    (void)state;
    assert_text(paths("CreateBackup", ""), "{}");
    assert_text(paths("CreateBackup", "Strategy=1 InstanceId=1"), "{\"Strategy\":1,\"InstanceId\":\"1\"}");
    assert_text(paths("CreateBackup", "DBNames.1=b DBNames=a,b"),
                "{\"DBNames.1\":\"b\",\"DBNames\":[\"a\",\"b\"]}");
    assert_text(paths("ModifyBackupStrategy", "BackupCycle.3=5 BackupCycle=1,2"),
                "{\"BackupCycle.3\":5,\"BackupCycle\":[1,2]}");
    assert_text(paths("RestoreInstance", "RenameRestore.0.OldName=7 BackupId.x=1 BackupId=2"),
                "{\"RenameRestore.0.OldName\":\"7\",\"BackupId.x\":\"1\",\"BackupId\":2}");
    assert_text(paths("NoSuchAction", "Strategy=1 Strategy:=1"), "{\"Strategy\":\"1\",\"Strategy\":1}");
    assert_text(paths("CreateBackup", "Strategy"), "Strategy is not of the form Name=value or Name:=JSON");
}

SUITE(call_params)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_have_the_types_of_the_shape, setup, teardown),
        cmocka_unit_test_setup_teardown(a_value_that_is_not_of_its_type_goes_as_text, setup, teardown),
        cmocka_unit_test_setup_teardown(lists_come_by_commas_or_by_indexes, setup, teardown),
        cmocka_unit_test_setup_teardown(dots_lead_into_objects, setup, teardown),
        cmocka_unit_test_setup_teardown(after_a_colon_comes_json, setup, teardown),
        cmocka_unit_test_setup_teardown(without_a_shape_a_value_is_text, setup, teardown),
        cmocka_unit_test_setup_teardown(other_words_are_rejected, setup, teardown),
        cmocka_unit_test_setup_teardown(paths_stay_and_their_values_have_types, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
