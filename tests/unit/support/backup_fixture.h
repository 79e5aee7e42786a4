/* For the tests of backup files: an instance, a backup of it, and a call that has come as far as its handler.
 */
#ifndef VIRGA_TESTS_BACKUP_FIXTURE_H
#define VIRGA_TESTS_BACKUP_FIXTURE_H

#include "support/test_world.h"

#include "product/sqlserver/backup_file.h"

/* The backup of flow 5293: over, of all databases of a new instance "m" of this backup model. */
static inline struct instance backup_fixture(struct test_world *t, const char *model)
{
    struct instance m;
    test_world_add_regions(t, arena_printf(&t->arena,
                                           "[{'region':'" TEST_REGION "','instances':[{'instance_id':'m',"
                                           "'port':58001,'backup_model':'%s','databases':[{'name':'db1'},"
                                           "{'name':'orders'}]}]}]",
                                           model)
                                  .p);
    assert_string_equal(test_world_backup(t, "{\"InstanceId\":\"m\",\"BackupName\":\"mine\"}"), "");
    clock_advance(&t->world.clock, TEST_FLOW_MS);
    assert_int_equal(test_world_flow_state(t, 5293), FLOW_SUCCEEDED);
    assert_int_equal(instance_get(&t->call, STR("m"), &m), 0);
    return m;
}

/* The row of its file of that ordinal. */
static inline struct backup_row backup_fixture_file(struct test_world *t, const struct instance *m,
                                                    int64_t ordinal)
{
    struct backup_row row;
    int64_t id = backup_file_id((struct backup_file_ref){5293, ordinal});
    assert_int_equal(backup_find_file(&t->call, m, id, &row), 1);
    return row;
}

#endif
