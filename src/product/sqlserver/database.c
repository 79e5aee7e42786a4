/*
 * Which databases a task may take. They are looked at one by one in the order in which the call names them,
 * so that the first that is wrong decides the answer.
 */
#include "product/sqlserver/database.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/str.h"
#include "gen/sqlserver.h"
#include "product/sqlserver/backup.h"
#include "product/sqlserver/explain.h"
#include "product/sqlserver/sqlserver.h"

enum { DATABASE_NORMAL = 2, DATABASE_NAME_MAX = 64 };

/* The default of CreateDB, and of what restoring makes (documented). */
#define DEFAULT_CHARSET "Chinese_PRC_CI_AS"

static void append(struct arena *a, struct database_set *set, struct flow_database database)
{
    set->v = arena_grow(a, set->v, set->n, sizeof *set->v);
    set->v[set->n++] = database;
}

void database_set_add(struct call *c, struct database_set *set, struct flow_database database)
{
    append(c->arena, set, database);
}

/* By name, so that a backup's files have the same order every time. */
int database_all(struct world *w, struct arena *a, int64_t instance, struct database_set *ret_set)
{
    SCOPED_STMT(
        s, w->db,
        "SELECT name, simple_recovery FROM database WHERE instance = :instance AND status = 2 ORDER BY name");
    struct database_set set = {.n = 0};
    int rc;
    stmt_bind_i64(s, ":instance", instance);
    while ((rc = stmt_step(s)) == 1) {
        append(a, &set, (struct flow_database){.name = stmt_str(s, a, "name"), .effect = FLOW_LOCKS});
        set.any_simple |= stmt_i64(s, "simple_recovery") != 0;
    }
    *ret_set = set;
    return rc;
}

/* Looks one named database up and adds it. */
static int choose_one(struct call *c, const struct instance *instance, const struct flow_database *database,
                      struct database_set *set)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT status, simple_recovery FROM database WHERE instance = :instance AND name = :name");
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":name", database->name);
    int rc = stmt_step(s);
    if (rc < 0)
        return call_fail_store(c);
    if (rc == 0)
        return reject_no_database(c, ERR_RESOURCE_NOT_FOUND_DB_NOT_FOUND, instance, database->name);
    if (stmt_i64(s, "status") != DATABASE_NORMAL)
        return call_fail_explained(c, ERR_RESOURCE_UNAVAILABLE_DB_INVALID_STATUS, "database.status",
                                   "database %.*s has the status %lld, not 2, running",
                                   STR_ARG(database->name), (long long)stmt_i64(s, "status"));
    set->any_simple |= stmt_i64(s, "simple_recovery") != 0;
    append(c->arena, set, *database);
    return 0;
}

/* Asked only when something runs: most instances are idle, and the question is a join. */
static int check_free(struct call *c, const struct instance *instance, struct str name)
{
    int pending = instance->running > 0 ? flow_holds(c->world, instance->row, name) : 0;
    if (pending < 0)
        return call_fail_store(c);
    return pending ? reject_held(c, ERR_RESOURCE_UNAVAILABLE_DB_INVALID_STATUS, instance, name) : 0;
}

/* A name that comes twice is taken once; that the service does so is assumed. */
int database_choose(struct call *c, const struct instance *instance, const struct str_list *names,
                    enum flow_effect effect, struct database_set *ret_set)
{
    struct database_set set = {.n = 0};
    struct map seen;
    map_init(&seen, c->arena);
    for (size_t i = 0; i < names->n; i++) {
        struct flow_database database = {.name = names->v[i], .effect = effect};
        if (map_get(&seen, database.name))
            continue;
        map_put(&seen, database.name, &set);
        if (choose_one(c, instance, &database, &set) != 0 || check_free(c, instance, database.name) != 0)
            return -1;
    }
    *ret_set = set;
    return 0;
}

int database_exists(struct call *c, const struct instance *instance, struct str name)
{
    SCOPED_STMT(s, c->world->db, "SELECT 1 FROM database WHERE instance = :instance AND name = :name");
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":name", name);
    int rc = stmt_step(s);
    if (rc == 0 && instance->running > 0) /* the target of a renaming */
        rc = flow_holds(c->world, instance->row, name);
    return rc < 0 ? call_fail_store(c) : rc;
}

int database_insert(struct call *c, const struct instance *instance, struct str name, struct str charset,
                    struct str remark)
{
    SCOPED_STMT(s, c->world->db,
                "INSERT INTO database (instance, name, status, charset, remark, simple_recovery, created_ms)"
                " VALUES (:instance, :name, 1, :charset, :remark, 0, :now)");
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":name", name);
    stmt_bind_str(s, ":charset", charset.n ? charset : STR(DEFAULT_CHARSET));
    stmt_bind_str(s, ":remark", remark.p ? remark : STR(""));
    stmt_bind_i64(s, ":now", world_now_ms(c->world));
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

bool database_name_ok(struct str name)
{
    if (name.n == 0 || name.n > DATABASE_NAME_MAX || name.p[0] == '_')
        return false;
    for (size_t i = 0; i < name.n; i++)
        if (!ascii_is_letter(name.p[i]) && !ascii_is_digit(name.p[i]) && name.p[i] != '_')
            return false;
    return true;
}

/* --- dbname --- */

/* The words are one text and not a table of pointers: a name is looked up when a database is made, which is
 * seldom. */

/* The four databases of every server, the one that replication adds, and the words that Transact-SQL keeps
 * for itself. */
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

bool dbname_reserved(struct str name)
{
    struct str rest = reserved_words, word;
    while (str_next(&rest, ' ', &word))
        if (str_eq_nocase(word, name))
            return true;
    return false;
}

struct str dbname_of_copy(struct arena *a, struct str name, int64_t at_ms)
{
    struct str time = time_beijing_compact(a, at_ms);
    size_t n = name.n + time.n + 1;
    struct buf b;
    buf_init(&b, a, n, n);
    buf_put(&b, name);
    buf_putc(&b, '_');
    buf_put(&b, time);
    return buf_str(&b);
}

/* --- dblimit --- */

/* The limit is the documented formula in whole numbers, so that no rounding of a floating point number
 * decides about a database. */

/* 70 is for one core, and for 2008 R2 whatever its cores (documented). */
enum { LIMIT_SMALL = 70 };

/* More change no limit, and the steps to their root would be too many. */
enum { CORES_MAX = 1024 };

/* The root, rounded down; of CORES_MAX in less than two thousand steps. */
static int64_t root_of(int64_t n)
{
    int64_t root = 0;
    while ((root + 1) * (root + 1) <= n)
        root++;
    return root;
}

static int64_t at_most(int64_t n, int64_t max)
{
    return n < max ? n : max;
}

/*
 * Documented: 40 times the root of the cores, added to 80 up to version 2016 and to 120 since. The examples
 * (8 cores 193, 12 cores 218, 24 cores 275) hold when only the sum is rounded, down; 40 moves under the root
 * as 1600.
 */
static int64_t two_nodes(const struct dbhost *host, int64_t cores)
{
    bool recent = str_cmp(host->version, STR("2017")) >= 0;
    if (cores == 1 || str_starts(host->version, STR("2008")))
        return LIMIT_SMALL;
    return at_most((recent ? 120 : 80) + root_of(1600 * cores), recent ? 340 : 300);
}

int64_t dblimit_of(const struct dbhost *host)
{
    int64_t cores = host->cores < 1 ? 1 : at_most(host->cores, CORES_MAX);
    if (str_eq(host->instance_type, STR("SI")) || str_eq(host->instance_type, STR("BI")))
        return at_most(100 * root_of(cores), 400);
    return two_nodes(host, cores);
}

/* Databases that are being made or dropped count: their rows are there. */
int dblimit_room(struct call *c, const struct instance *instance, int64_t *ret_room)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT instance_type, version, cpu,"
                " (SELECT count(*) FROM database WHERE database.instance = instance.id) AS databases"
                " FROM instance WHERE id = :id");
    stmt_bind_i64(s, ":id", instance->row);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    struct dbhost host = {.instance_type = stmt_str(s, c->arena, "instance_type"),
                          .version = stmt_str(s, c->arena, "version"),
                          .cores = stmt_i64(s, "cpu")};
    *ret_room = dblimit_of(&host) - stmt_i64(s, "databases");
    return 0;
}

/* --- database drop --- */

/* DeleteDB: databases go, after a backup of them unless the caller does without. */

/*
 * The backup belongs to the very flow that drops, so that it is one task, holds its databases once and ends
 * with it. By its name NoDoBackup 0 takes one; its documentation says the contrary in one place, so this is
 * assumed.
 */
static int back_up(struct call *c, const struct instance *instance, const struct flow *flow)
{
    struct backup_record record = {.flow = flow,
                                   .name =
                                       backup_default_name(c->arena, instance->instance_id, flow->start_ms),
                                   .strategy = STRATEGY_DATABASES,
                                   .way = BACKUP_MANUAL,
                                   .single_files = instance->single_files};
    return backup_insert(c->world, &record) == 0 ? 0 : call_fail_store(c);
}

/* A database in the simple recovery model cannot be backed up (documented), but it can be dropped. */
int delete_db(struct call *c, const struct delete_db_in *in, struct delete_db_out *out)
{
    struct instance instance;
    struct database_set set;
    struct flow flow;
    if (instance_get(c, in->instance_id, &instance) != 0 || instance_accept_database_task(c, &instance) != 0)
        return -1;
    if (database_choose(c, &instance, &in->names, FLOW_DROPS, &set) != 0 ||
        task_start(c, FLOW_DELETEDB, &instance, &set, &flow) != 0)
        return -1;
    if (in->no_do_backup.v == 0 && !set.any_simple && back_up(c, &instance, &flow) != 0)
        return -1;
    out->flow_id = I64(flow.id);
    return 0;
}

/* --- database remark --- */

/* ModifyDBRemark: databases get other remarks, at once and without a flow. */

/* A remark is the service's own and not the database's, so that a database of any status takes one, also one
 * that a task holds (assumed: the action has no DBInvalidStatus). */
static int set_remark(struct call *c, const struct instance *instance, const struct db_remark *remark)
{
    SCOPED_STMT(
        s, c->world->db,
        "UPDATE database SET remark = :remark WHERE instance = :instance AND name = :name RETURNING 1");
    stmt_bind_str(s, ":remark", remark->remark);
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":name", remark->name);
    int rc = stmt_step(s);
    if (rc < 0)
        return call_fail_store(c);
    return rc ? 0 : reject_no_database(c, ERR_RESOURCE_NOT_FOUND_DB_NOT_FOUND, instance, remark->name);
}

/* Of a database that comes twice the last remark stays (assumed). */
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

/* --- database rename --- */

/* ModifyDBName: a database gets another name and keeps all else. */

static int check_new_name(struct call *c, const struct instance *instance, const struct modify_db_name_in *in)
{
    if (str_eq(in->old_db_name, in->new_db_name))
        return reject_same(c, ERR_INVALID_PARAMETER_VALUE_DB_NAME_SAME, in->new_db_name);
    if (!database_name_ok(in->new_db_name))
        return reject_characters(c, ERR_INVALID_PARAMETER_VALUE_DB_CHAR_ILLEGAL, in->new_db_name);
    if (dbname_reserved(in->new_db_name))
        return reject_reserved(c, ERR_INVALID_PARAMETER_VALUE_DB_NAME_IS_KEY_WRODS, in->new_db_name);
    int exists = database_exists(c, instance, in->new_db_name);
    if (exists < 0)
        return -1;
    return exists ? reject_taken(c, ERR_INVALID_PARAMETER_VALUE_DB_EXIST, instance, in->new_db_name) : 0;
}

/* The new name is judged before the old one is looked for: assumed. */
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
        database_choose(c, &instance, &names, FLOW_RENAMES, &set) != 0)
        return -1;
    set.v[0].new_name = in->new_db_name;
    if (task_start(c, FLOW_RENAMEDB, &instance, &set, &flow) != 0)
        return -1;
    out->flow_id = I64(flow.id);
    return 0;
}
