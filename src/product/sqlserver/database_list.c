/* DescribeDBs and DescribeDatabases: the databases of instances, filtered, in pages. The two have the same
 * shapes; the newer name is that of the same action (documented). */

#include "base/buf.h"
#include "base/map.h"
#include "gen/sqlserver.h"
#include "product/sqlserver/instance.h"
#include "product/sqlserver/instance_list.h"

/* `:rows` are the instances, in the order they were asked for. */
#define FROM_AND_WHERE                                                                                       \
    " FROM json_each(:rows) AS wanted CROSS JOIN database ON database.instance = wanted.value"               \
    " WHERE (:name IS NULL OR database.name = :name) AND (:encrypted IS NULL OR encrypted = :encrypted)"

/* The two actions' parameters, and the instances once they are found. */
struct query {
    const struct str_list *ids;
    int64_t limit, offset;
    struct str name, encryption;
    bool by_name, descending;
    struct instance_db_detail_list
        instances;        /* each once, in the order asked for; databases to be filled in */
    struct i64_list rows; /* of `instances`, in the store */
};

/* Each instance once. The first that is not the caller's fails the call. */
static int find_instances(struct call *c, struct query *q)
{
    struct instance instance;
    struct map seen;
    map_init(&seen, c->arena);
    q->rows.v = ARENA_ARRAY(c->arena, int64_t, q->ids->n);
    q->instances = (struct instance_db_detail_list){
        ARENA_ARRAY(c->arena, struct instance_db_detail, q->ids->n), 0, true};
    for (size_t i = 0; i < q->ids->n; i++) {
        struct str id = q->ids->v[i];
        if (map_get(&seen, id))
            continue;
        map_put(&seen, id, &instance);
        if (instance_get(c, id, &instance) != 0)
            return -1;
        q->rows.v[q->rows.n++] = instance.row;
        q->instances.v[q->instances.n++] =
            (struct instance_db_detail){.instance_id = id, .db_details = {.set = true}};
    }
    return 0;
}

static struct str rows_json(struct arena *a, const struct i64_list *rows)
{
    enum { ROW_DIGITS = 21 };
    struct buf b;
    buf_init(&b, a, rows->n * ROW_DIGITS + 2, rows->n * ROW_DIGITS + 2);
    for (size_t i = 0; i < rows->n; i++) {
        buf_putc(&b, i == 0 ? '[' : ',');
        buf_put_i64(&b, rows->v[i]);
    }
    buf_putc(&b, ']');
    return buf_str(&b);
}

static void bind(const struct call *c, const struct query *q, struct stmt *s)
{
    struct opt_i64 encrypted = {str_eq(q->encryption, STR("enable")), q->encryption.n > 0};
    stmt_bind_str(s, ":rows", rows_json(c->arena, &q->rows));
    filter_text(s, ":name", q->name);
    filter_i64(s, ":encrypted", encrypted);
}

static int count(struct call *c, const struct query *q, struct opt_i64 *ret_count)
{
    SCOPED_STMT(s, c->world->db, "SELECT count(*) AS n" FROM_AND_WHERE);
    bind(c, q, s);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    *ret_count = I64(stmt_i64(s, "n"));
    return 0;
}

/* Grows by doubling: how many have access is not known before. */
static void add_account(struct arena *a, struct account_privilege_list *list,
                        struct account_privilege account)
{
    list->v = arena_grow(a, list->v, list->n, sizeof *list->v);
    list->v[list->n++] = account;
}

static int read_accounts(struct call *c, int64_t instance, struct db_detail *detail)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT grants.login, grants.privilege, login.account_type FROM grants"
                " JOIN login ON login.instance = grants.instance AND login.name = grants.login"
                " WHERE grants.instance = :instance AND grants.database = :database ORDER BY grants.login");
    int rc;
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_str(s, ":database", detail->name);
    while ((rc = stmt_step(s)) == 1)
        add_account(c->arena, &detail->accounts,
                    (struct account_privilege){.user_name = stmt_str(s, c->arena, "login"),
                                               .privilege = stmt_str(s, c->arena, "privilege"),
                                               .account_type = stmt_str(s, c->arena, "account_type")});
    return rc == 0 ? 0 : call_fail_store(c);
}

/* The server has no database that is still being made, or no longer. */
static struct str internal_status(int64_t status)
{
    enum { NORMAL = 2, BEING_MODIFIED = 3 };
    return status == NORMAL || status == BEING_MODIFIED ? STR("ONLINE") : STR("");
}

static struct db_detail view(struct call *c, struct stmt *s)
{
    struct str remark = stmt_str(s, c->arena, "remark");
    int64_t status = stmt_i64(s, "status");
    return (struct db_detail){
        .name = stmt_str(s, c->arena, "name"),
        .charset = stmt_str(s, c->arena, "charset"),
        .remark = remark.n > 0 ? remark : STR("--"), /* documented */
        .create_time = time_beijing(c->arena, stmt_i64(s, "created_ms")),
        .status = I64(status),
        .accounts = {.set = true},
        .internal_status = internal_status(status),
        .encryption = stmt_i64(s, "encrypted") ? STR("enable") : STR("disable"),
    };
}

/* Rows come instance by instance, so that an instance's are next to each other in the page. */
static int take_row(struct call *c, struct stmt *s, struct query *q, struct db_detail *place)
{
    size_t which = (size_t)stmt_i64(s, "ordinal");
    struct db_detail_list *list = &q->instances.v[which].db_details;
    *place = view(c, s);
    if (list->n++ == 0)
        list->v = place;
    return read_accounts(c, q->rows.v[which], place);
}

/* Every instance asked for is in the answer, also without databases on this page: clients take the first
 * without looking (Terraform). That instances follow each other in the order asked for is assumed. */
static int read_page(struct call *c, struct query *q)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT wanted.key AS ordinal, database.name, database.charset, database.remark,"
                " database.created_ms, database.status, database.encrypted" FROM_AND_WHERE
                " ORDER BY ordinal, CASE WHEN :by_name THEN NULL WHEN :descending THEN -created_ms"
                " ELSE created_ms END, CASE WHEN :by_name AND :descending THEN database.name END DESC,"
                " database.name LIMIT :limit OFFSET :offset");
    struct db_detail *page = ARENA_ARRAY(c->arena, struct db_detail, (size_t)q->limit);
    int rc;
    bind(c, q, s);
    stmt_bind_i64(s, ":by_name", q->by_name);
    stmt_bind_i64(s, ":descending", q->descending);
    stmt_bind_i64(s, ":limit", q->limit);
    stmt_bind_i64(s, ":offset", q->limit * q->offset); /* documented: Offset counts pages */
    while ((rc = stmt_step(s)) == 1)
        if (take_row(c, s, q, page++) != 0)
            return -1;
    return rc == 0 ? 0 : call_fail_store(c);
}

static int answer(struct call *c, struct query *q, struct opt_i64 *ret_count,
                  struct instance_db_detail_list *ret_instances)
{
    if (find_instances(c, q) != 0 || count(c, q, ret_count) != 0 || read_page(c, q) != 0)
        return -1;
    *ret_instances = q->instances;
    return 0;
}

#define QUERY(in)                                                                                            \
    {                                                                                                        \
        .ids = &(in)->instance_id_set, .limit = (int64_t)(in)->limit.v, .offset = (int64_t)(in)->offset.v,   \
        .name = (in)->name, .encryption = (in)->encryption, .by_name = str_eq((in)->order_by, STR("Name")),  \
        .descending = str_eq((in)->order_by_type, STR("desc")),                                              \
    }

int describe_dbs(struct call *c, const struct describe_dbs_in *in, struct describe_dbs_out *out)
{
    struct query q = QUERY(in);
    return answer(c, &q, &out->total_count, &out->db_instances);
}

int describe_databases(struct call *c, const struct describe_databases_in *in,
                       struct describe_databases_out *out)
{
    struct query q = QUERY(in);
    return answer(c, &q, &out->total_count, &out->db_instances);
}

/* --- database settings --- */

/* DescribeDBsNormal: how SQL Server itself has an instance's databases set. */

/* The action has no pages. No instance has more databases: a world file gives it no more, and what is made
 * stays below (dblimit.h). Only an edited state has, and its answer is cut rather than too long. */
enum { DATABASES_MAX = 1024 };

/* A database that is still being made, or no longer, is none of the server's: it has no settings (assumed).
 */
#define SETTINGS_FROM " FROM database WHERE instance = :instance AND status IN (2, 3)"

#define OFF STR("0")
#define ON STR("1")

/*
 * What virga does not keep is as the documented example has it of a database with nothing switched on
 * (238/101643): there the settings of change tracking are empty while it is off, and full-text search is on
 * under the older of its two names alone. The two fields of availability groups are not in the example:
 * assumed like those of mirroring.
 */
static struct db_normal_detail view_settings(struct call *c, struct stmt *s)
{
    return (struct db_normal_detail){
        .name = stmt_str(s, c->arena, "name"),
        .collation_name = stmt_str(s, c->arena, "charset"),
        .create_time = time_beijing_ms(c->arena, stmt_i64(s, "created_ms")),
        .recovery_model_desc = stmt_i64(s, "simple_recovery") ? STR("SIMPLE") : STR("FULL"),
        .is_encrypted = stmt_i64(s, "encrypted") ? ON : OFF,
        .state_desc = STR("ONLINE"),
        .user_access_desc = STR("MULTI_USER"),
        .is_fulltext_enabled = ON,
        .is_broker_enabled = OFF,
        .is_cdc_enabled = OFF,
        .is_db_chaining_on = OFF,
        .is_mirroring = OFF,
        .is_published = OFF,
        .is_read_committed_snapshot_on = OFF,
        .is_subscribed = OFF,
        .is_trustworthy_on = OFF,
        .is_availability_groups = OFF,
    };
}

static int count_settings(struct call *c, const struct instance *instance, struct opt_i64 *ret_count)
{
    SCOPED_STMT(s, c->world->db, "SELECT count(*) AS n" SETTINGS_FROM);
    stmt_bind_i64(s, ":instance", instance->row);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    *ret_count = I64(stmt_i64(s, "n"));
    return 0;
}

/* In the order of DescribeDBs (assumed: the example's follows nothing). `list` has room for `limit`. */
static int read_rows(struct call *c, const struct instance *instance, int64_t limit,
                     struct db_normal_detail_list *list)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT name, charset, created_ms, simple_recovery, encrypted" SETTINGS_FROM
                " ORDER BY created_ms DESC, name LIMIT :limit");
    int rc;
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_i64(s, ":limit", limit);
    while ((rc = stmt_step(s)) == 1)
        list->v[list->n++] = view_settings(c, s);
    return rc == 0 ? 0 : call_fail_store(c);
}

int describe_dbs_normal(struct call *c, const struct describe_dbs_normal_in *in,
                        struct describe_dbs_normal_out *out)
{
    struct instance instance;
    if (instance_get(c, in->instance_id, &instance) != 0 ||
        count_settings(c, &instance, &out->total_count) != 0)
        return -1;
    int64_t limit = out->total_count.v < DATABASES_MAX ? out->total_count.v : DATABASES_MAX;
    out->db_list = (struct db_normal_detail_list){
        ARENA_ARRAY(c->arena, struct db_normal_detail, (size_t)limit), 0, true};
    return read_rows(c, &instance, limit, &out->db_list);
}
