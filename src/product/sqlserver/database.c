/* Databases of an instance: the choice of databases for tasks, the rules for new ones, and the actions
 * DeleteDB, ModifyDBRemark and ModifyDBName. */
#include "product/sqlserver/database.h"

#include <assert.h>

#include "base/map.h"
#include "base/str.h"
#include "core/page.h"
#include "product/sqlserver/backup.h"
#include "product/sqlserver/explain.h"
#include "product/sqlserver/sqlserver.h"

/* Ordered, so that the files of a backup have the same order every time. */
int database_all(struct world *w, struct arena *a, int64_t instance, struct database_set *ret_set)
{
    SCOPED_STMT(s, w->db,
                "SELECT name, simple_recovery FROM database"
                " WHERE instance = :instance AND status = " DATABASE_STATUS_SQL_NORMAL " ORDER BY name");
    struct database_set set = {.n = 0};
    int rc;
    stmt_bind_i64(s, ":instance", instance);
    while ((rc = stmt_step(s)) == 1) {
        *LIST_ADD(a, &set) =
            (struct flow_database){.name = stmt_str(s, a, "name"), .effect = DATABASE_EFFECT_HOLD};
        set.any_simple |= stmt_i64(s, "simple_recovery") != 0;
    }
    *ret_set = set;
    return rc;
}

/* The spelling as it is comes first: another one is looked for among the instance's databases, which are few.
 */
int database_spell(struct call *c, const struct instance *instance, struct str name, struct str *ret_name)
{
    SCOPED_STMT(exact, c->world->db, "SELECT name FROM database WHERE instance = :instance AND name = :name");
    SCOPED_STMT(
        any_case, c->world->db,
        "SELECT name FROM database WHERE instance = :instance AND name = :name COLLATE NOCASE LIMIT 1");
    struct stmt *s = exact;
    stmt_bind_i64(exact, ":instance", instance->row);
    stmt_bind_str(exact, ":name", name);
    int rc = stmt_step(exact);
    if (rc == 0 && instance->ignore_case) {
        s = any_case;
        stmt_bind_i64(any_case, ":instance", instance->row);
        stmt_bind_str(any_case, ":name", name);
        rc = stmt_step(any_case);
    }
    if (rc == 1)
        *ret_name = stmt_str(s, c->arena, "name");
    return rc < 0 ? call_fail_store(c) : rc;
}

/* Adds a database to the set after checking that it is in normal status and is free. */
static int choose_one(struct call *c, const struct instance *instance, const struct flow_database *database,
                      struct database_set *set)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT status, simple_recovery FROM database WHERE instance = :instance AND name = :name");
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":name", database->name);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    if (stmt_i64(s, "status") != DATABASE_STATUS_NORMAL)
        return reject_database_status(c, database->name, stmt_i64(s, "status"));
    set->any_simple |= stmt_i64(s, "simple_recovery") != 0;
    *LIST_ADD(c->arena, set) = *database;
    return database_check_free(c, instance, database->name);
}

/* Skips the query, which is a join, on an idle instance; most instances are idle. */
static int is_locked(struct call *c, const struct instance *instance, struct str name)
{
    return instance->running > 0 ? flow_holds(c->world, instance->row, name, instance->ignore_case) : 0;
}

int database_check_free(struct call *c, const struct instance *instance, struct str name)
{
    int locked = is_locked(c, instance, name);
    if (locked < 0)
        return call_fail_store(c);
    return locked ? reject_locked(c, instance, name) : 0;
}

/* A repeated name counts once (assumed). */
int database_choose(struct call *c, const struct instance *instance, const struct str_list *names,
                    enum database_effect effect, struct database_set *ret_set)
{
    struct database_set set = {.n = 0};
    struct map seen;
    map_init(&seen, c->arena);
    for (size_t i = 0; i < names->n; i++) {
        struct flow_database database = {.effect = effect};
        int rc = database_spell(c, instance, names->v[i], &database.name);
        if (rc <= 0)
            return rc < 0 ? -1
                          : reject_no_database(c, ERR_RESOURCE_NOT_FOUND_DB_NOT_FOUND, instance, names->v[i]);
        if (map_get(&seen, database.name))
            continue;
        map_put(&seen, database.name, &set);
        if (choose_one(c, instance, &database, &set) != 0)
            return -1;
    }
    *ret_set = set;
    return 0;
}

int database_exists(struct call *c, const struct instance *instance, struct str name)
{
    struct str spelling;
    int rc = database_spell(c, instance, name, &spelling);
    if (rc != 0)
        return rc;
    rc = is_locked(c, instance, name); /* a running flow may give the name to a database */
    return rc < 0 ? call_fail_store(c) : rc;
}

int database_insert(struct call *c, const struct instance *instance, struct str name, struct str charset,
                    struct str remark)
{
    SCOPED_STMT(s, c->world->db,
                "INSERT INTO database (instance, name, status, charset, remark, simple_recovery, created_ms)"
                " VALUES (:instance, :name, " DATABASE_STATUS_SQL_CREATING ", :charset, :remark, 0, :now)");
    const struct str default_charset = STR("Chinese_PRC_CI_AS"); /* documented, for CreateDB */
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":name", name);
    stmt_bind_str(s, ":charset", charset.n ? charset : default_charset);
    stmt_bind_str(s, ":remark", remark.p ? remark : STR(""));
    stmt_bind_i64(s, ":now", world_now_ms(c->world));
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

/* --- names --- */

bool database_name_valid(struct str name)
{
    enum { NAME_MAX_CHARS = 64 };
    if (name.n == 0 || name.n > NAME_MAX_CHARS || name.p[0] == '_')
        return false;
    for (size_t i = 0; i < name.n; i++)
        if (!ascii_is_letter(name.p[i]) && !ascii_is_digit(name.p[i]) && name.p[i] != '_')
            return false;
    return true;
}

/* The four databases of every server, the one that replication adds, and the reserved words. The code
 * searches them only when a database is created or renamed, so one text is fast enough. */
static const struct str reserved_words =
    STR_INIT("MASTER MODEL MSDB TEMPDB DISTRIBUTION"
             " ADD ALL ALTER AND ANY AS ASC AUTHORIZATION BACKUP BEGIN BETWEEN BREAK BROWSE BULK BY CASCADE"
             " CASE CHECK CHECKPOINT CLOSE CLUSTERED COALESCE COLLATE COLUMN COMMIT COMPUTE CONSTRAINT"
             " CONTAINS CONTAINSTABLE CONTINUE CONVERT CREATE CROSS CURRENT CURRENT_DATE CURRENT_TIME"
             " CURRENT_TIMESTAMP CURRENT_USER CURSOR DATABASE DBCC DEALLOCATE DECLARE DEFAULT DELETE DENY"
             " DESC DISK DISTINCT DISTRIBUTED DOUBLE DROP DUMP ELSE END ERRLVL ESCAPE EXCEPT EXEC EXECUTE"
             " EXISTS EXIT EXTERNAL FETCH FILE FILLFACTOR FOR FOREIGN FREETEXT FREETEXTTABLE FROM FULL"
             " FUNCTION GOTO GRANT GROUP HAVING HOLDLOCK IDENTITY IDENTITY_INSERT IDENTITYCOL IF IN INDEX"
             " INNER INSERT INTERSECT INTO IS JOIN KEY KILL LEFT LIKE LINENO LOAD MERGE NATIONAL NOCHECK"
             " NONCLUSTERED NOT NULL NULLIF OF OFF OFFSETS ON OPEN OPENDATASOURCE OPENQUERY OPENROWSET"
             " OPENXML OPTION OR ORDER OUTER OVER PERCENT PIVOT PLAN PRECISION PRIMARY PRINT PROC PROCEDURE"
             " PUBLIC RAISERROR READ READTEXT RECONFIGURE REFERENCES REPLICATION RESTORE RESTRICT RETURN"
             " REVERT REVOKE RIGHT ROLLBACK ROWCOUNT ROWGUIDCOL RULE SAVE SCHEMA SECURITYAUDIT SELECT"
             " SESSION_USER SET SETUSER SHUTDOWN SOME STATISTICS SYSTEM_USER TABLE TABLESAMPLE TEXTSIZE THEN"
             " TO TOP TRAN TRANSACTION TRIGGER TRUNCATE TRY_CONVERT TSEQUAL UNION UNIQUE UNPIVOT UPDATE"
             " UPDATETEXT USE USER VALUES VARYING VIEW WAITFOR WHEN WHERE WHILE WITH WRITETEXT");

bool database_name_reserved(struct str name)
{
    struct str rest = reserved_words, word;
    while (str_next(&rest, ' ', &word))
        if (str_eq_nocase(word, name))
            return true;
    return false;
}

struct str database_copy_name(struct arena *a, struct str name, int64_t at_ms)
{
    return CONCAT(a, name, STR("_"), time_beijing_compact(a, at_ms));
}

/* --- limit --- */

static int64_t at_most(int64_t n, int64_t max)
{
    return n < max ? n : max;
}

/* The square root, rounded down. `n` is at most 1600 * CORES_MAX, so the loop has less than 1,300 steps. */
static int64_t root_of(int64_t n)
{
    int64_t root = 0;
    assert(n >= 0);
    while ((root + 1) * (root + 1) <= n)
        root++;
    return root;
}

/*
 * Documented: 80 (up to version 2016) or 120 (since 2017) plus 40 times the root of the cores. The examples
 * (8 cores 193, 12 cores 218, 24 cores 275) show that only the sum is rounded, down. In whole numbers, 40
 * times the root of n is the root of 1600 n.
 */
static int64_t limit_of_two_nodes(const struct server_size *size, int64_t cores)
{
    enum { ONE_CORE_OR_2008 = 70 }; /* documented */
    bool recent = str_cmp(size->version, STR("2017")) >= 0;
    if (cores == 1 || str_starts(size->version, STR("2008")))
        return ONE_CORE_OR_2008;
    return at_most((recent ? 120 : 80) + root_of(1600 * cores), recent ? 340 : 300);
}

int64_t database_limit(const struct server_size *size)
{
    enum { CORES_MAX = 1024 }; /* more cores do not change a limit */
    int64_t cores = size->cores < 1 ? 1 : at_most(size->cores, CORES_MAX);
    if (str_eq(size->instance_type, STR("SI")) || str_eq(size->instance_type, STR("BI")))
        return at_most(100 * root_of(cores), 400);
    return limit_of_two_nodes(size, cores);
}

/* Counts databases that are being created or deleted, too. */
int database_room(struct call *c, const struct instance *instance, int64_t *ret_room)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT instance_type, version, cpu,"
                " (SELECT count(*) FROM database WHERE database.instance = instance.id) AS databases"
                " FROM instance WHERE id = :id");
    stmt_bind_i64(s, ":id", instance->row);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    struct server_size size = {.instance_type = stmt_str(s, c->arena, "instance_type"),
                               .version = stmt_str(s, c->arena, "version"),
                               .cores = stmt_i64(s, "cpu")};
    *ret_room = database_limit(&size) - stmt_i64(s, "databases");
    return 0;
}

/* --- DeleteDB --- */

/* A database in the simple recovery model cannot be backed up (documented), but it can be dropped. One flow
 * takes the backup and drops the databases, so both end together. NoDoBackup 0 takes a backup, as its name
 * says; this is assumed, because one place of the documentation says the opposite. */
int delete_db(struct call *c, const struct delete_db_in *in, struct delete_db_out *out)
{
    struct instance instance;
    struct database_set set;
    struct flow flow;
    if (instance_get(c, in->instance_id, &instance) != 0 || instance_accept_database_task(c, &instance) != 0)
        return -1;
    if (database_choose(c, &instance, &in->names, DATABASE_EFFECT_DROP, &set) != 0 ||
        task_start(c, FLOW_KIND_DELETEDB, &instance, &set, &flow) != 0)
        return -1;
    struct backup_record record = {.flow = &flow,
                                   .instance_id = instance.instance_id,
                                   .strategy = BACKUP_STRATEGY_DATABASES,
                                   .way = BACKUP_WAY_MANUAL,
                                   .single_files = instance.single_files};
    if (in->no_do_backup.v == 0 && !set.any_simple && backup_insert(c->world, c->arena, &record) != 0)
        return call_fail_store(c);
    out->flow_id = I64(flow.id);
    return 0;
}

/* --- ModifyDBRemark --- */

/* Accepts a database in any status, even while a task uses it: the remark belongs to the service and not to
 * the server (assumed, because the action does not declare DBInvalidStatus). */
static int set_remark(struct call *c, const struct instance *instance, const struct db_remark *remark)
{
    struct str name;
    SCOPED_STMT(s, c->world->db,
                "UPDATE database SET remark = :remark WHERE instance = :instance AND name = :name");
    int rc = database_spell(c, instance, remark->name, &name);
    if (rc <= 0)
        return rc < 0 ? -1
                      : reject_no_database(c, ERR_RESOURCE_NOT_FOUND_DB_NOT_FOUND, instance, remark->name);
    stmt_bind_str(s, ":remark", remark->remark);
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":name", name);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

/* When a database is named twice, the last remark counts (assumed). */
int modify_db_remark(struct call *c, const struct modify_db_remark_in *in, struct modify_db_remark_out *out)
{
    struct instance instance;
    (void)out; /* only the RequestId */
    if (instance_get(c, in->instance_id, &instance) != 0 || instance_accept_change(c, &instance) != 0)
        return -1;
    for (size_t i = 0; i < in->db_remarks.n; i++)
        if (set_remark(c, &instance, &in->db_remarks.v[i]) != 0)
            return -1;
    return 0;
}

/* --- ModifyDBName --- */

/* The order of the checks is assumed. */
static int check_new_name(struct call *c, const struct instance *instance, const struct modify_db_name_in *in)
{
    if (str_eq(in->old_db_name, in->new_db_name))
        return reject_same(c, ERR_INVALID_PARAMETER_VALUE_DB_NAME_SAME, in->new_db_name);
    if (!database_name_valid(in->new_db_name))
        return reject_characters(c, ERR_INVALID_PARAMETER_VALUE_DB_CHAR_ILLEGAL, in->new_db_name);
    if (database_name_reserved(in->new_db_name))
        return reject_reserved(c, ERR_INVALID_PARAMETER_VALUE_DB_NAME_IS_KEY_WRODS, in->new_db_name);
    int exists = database_exists(c, instance, in->new_db_name);
    if (exists < 0)
        return -1;
    return exists ? reject_taken(c, ERR_INVALID_PARAMETER_VALUE_DB_EXIST, instance, in->new_db_name) : 0;
}

/* The new name is checked before the old one (assumed). */
int modify_db_name(struct call *c, const struct modify_db_name_in *in, struct modify_db_name_out *out)
{
    struct str old = in->old_db_name;
    struct str_list names = {&old, 1, true};
    struct instance instance;
    struct database_set set;
    struct flow flow;
    if (instance_get(c, in->instance_id, &instance) != 0 || check_new_name(c, &instance, in) != 0)
        return -1;
    if (instance_accept_database_task(c, &instance) != 0 ||
        database_choose(c, &instance, &names, DATABASE_EFFECT_RENAME, &set) != 0)
        return -1;
    assert(set.n == 1);
    set.v[0].new_name = in->new_db_name;
    if (task_start(c, FLOW_KIND_RENAMEDB, &instance, &set, &flow) != 0)
        return -1;
    out->flow_id = I64(flow.id);
    return 0;
}
