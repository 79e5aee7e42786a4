/* Lists of databases: DescribeDBs and DescribeDatabases, which are one action with an old and a new name
 * (documented), and DescribeDBsNormal. */
#include <assert.h>

#include "base/buf.h"
#include "base/map.h"
#include "core/page.h"
#include "gen/sqlserver_rows.h"
#include "product/sqlserver/instance.h"

/* --- DescribeDBs, DescribeDatabases --- */

/* A read-only instance shows the databases of its primary one (assumed). */
#define SHOWN "(SELECT coalesce(instance.master, instance.id) FROM instance WHERE instance.id = "

/* `:rows` is a JSON array of the instances' rows, in the order of the request. The filter ignores case
 * whatever the collation is (assumed). */
#define FROM_AND_WHERE                                                                                       \
    " FROM json_each(:rows) AS wanted CROSS JOIN database"                                                   \
    " ON database.instance = " SHOWN "wanted.value)"                                                         \
    " WHERE (:name IS NULL OR database.name = :name COLLATE NOCASE)"                                         \
    " AND (:encrypted IS NULL OR encrypted = :encrypted)"

/* Orders by instance first, in the order of the request (assumed). */
#define ORDER                                                                                                \
    " ORDER BY wanted.key, CASE WHEN :by_name THEN NULL WHEN :descending THEN -created_ms"                   \
    " ELSE created_ms END, CASE WHEN :by_name AND :descending THEN database.name END DESC, database.name"

/* The parameters of both actions, and the instances after find_instances. */
struct query {
    const struct str_list *ids;
    int64_t limit, offset; /* in rows */
    struct str name, encryption;
    bool by_name, descending;
    struct instance_db_detail_list instances; /* each once, in the order of the request */
    struct str rows_json;                     /* their rows in the store, in the same order */
};

/* Offset counts pages (documented). */
#define QUERY(in)                                                                                            \
    {                                                                                                        \
        .ids = &(in)->instance_id_set, .limit = (int64_t)(in)->limit.v,                                      \
        .offset = (int64_t)((in)->offset.v * (in)->limit.v), .name = (in)->name,                             \
        .encryption = (in)->encryption, .by_name = str_eq((in)->order_by, STR("Name")),                      \
        .descending = str_eq((in)->order_by_type, STR("desc")),                                              \
    }

/* The answer contains every instance, also one without databases on this page: Terraform reads the first
 * element without a check. An instance of another account fails the call. */
static int find_instances(struct call *c, struct query *q)
{
    enum { ROW_CHARS = 21 }; /* the digits of a row and a comma */
    struct map seen;
    struct buf rows;
    map_init(&seen, c->arena);
    buf_init(&rows, c->arena, 4 * ROW_CHARS, q->ids->n * ROW_CHARS + 2);
    q->instances.set = true;
    for (size_t i = 0; i < q->ids->n; i++) {
        struct instance instance;
        struct str id = q->ids->v[i];
        if (map_get(&seen, id))
            continue;
        map_put(&seen, id, q);
        if (instance_get(c, id, &instance) != 0)
            return -1;
        buf_putc(&rows, rows.n == 0 ? '[' : ',');
        buf_put_i64(&rows, instance.row);
        *LIST_ADD(c->arena, &q->instances) =
            (struct instance_db_detail){.instance_id = id, .db_details = {.set = true}};
    }
    buf_putc(&rows, ']');
    assert(!rows.over && q->instances.n > 0);
    q->rows_json = buf_str(&rows);
    return 0;
}

static void bind_filters(const struct query *q, struct stmt *s)
{
    struct opt_i64 encrypted = {str_eq(q->encryption, STR("enable")), q->encryption.n > 0};
    stmt_bind_str(s, ":rows", q->rows_json);
    filter_text(s, ":name", q->name);
    filter_i64(s, ":encrypted", encrypted);
}

/* The accounts that may use the database, by name. */
static int read_accounts(struct call *c, int64_t instance, struct db_detail *detail)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT " ACCOUNT_PRIVILEGE_COLUMNS " FROM grants"
                " JOIN login ON login.instance = grants.instance AND login.name = grants.login"
                " WHERE grants.instance = :instance AND grants.database = :database ORDER BY grants.login");
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_str(s, ":database", detail->name);
    return account_privilege_list_read(c, s, &detail->accounts);
}

/* Adds a database to its instance; `place` is the instance's in q->instances. */
static int read_database(struct call *c, struct stmt *s, struct query *q)
{
    size_t place = (size_t)stmt_i64(s, "place");
    assert(place < q->instances.n);
    struct db_detail *detail = LIST_ADD(c->arena, &q->instances.v[place].db_details);
    db_detail_from_row(s, c->arena, detail);
    return read_accounts(c, stmt_i64(s, "instance"), detail);
}

/* The handler of both actions. */
static int run(struct call *c, struct query *q, struct opt_i64 *ret_count,
               struct instance_db_detail_list *ret_instances)
{
    SCOPED_STMT(count, c->world->db, "SELECT count(*) AS n" FROM_AND_WHERE);
    SCOPED_STMT(rows, c->world->db,
                "SELECT wanted.key AS place, database.instance AS instance, " DB_DETAIL_COLUMNS FROM_AND_WHERE
                    ORDER PAGE_LIMIT);
    int rc;
    if (find_instances(c, q) != 0)
        return -1;
    bind_filters(q, count);
    bind_filters(q, rows);
    stmt_bind_i64(rows, ":by_name", q->by_name);
    stmt_bind_i64(rows, ":descending", q->descending);
    page_bind(rows, q->limit, q->offset);
    if (page_count(c, count, ret_count) != 0)
        return -1;
    while ((rc = stmt_step(rows)) == 1)
        if (read_database(c, rows, q) != 0)
            return -1;
    *ret_instances = q->instances;
    return rc == 0 ? 0 : call_fail_store(c);
}

int describe_dbs(struct call *c, const struct describe_dbs_in *in, struct describe_dbs_out *out)
{
    struct query q = QUERY(in);
    return run(c, &q, &out->total_count, &out->db_instances);
}

int describe_databases(struct call *c, const struct describe_databases_in *in,
                       struct describe_databases_out *out)
{
    struct query q = QUERY(in);
    return run(c, &q, &out->total_count, &out->db_instances);
}

/* --- DescribeDBsNormal, DescribeDatabasesNormal --- */

/* A database that is being created or deleted is not on the server and has no settings (assumed). */
#define SETTINGS_FROM                                                                                        \
    " FROM database WHERE instance = " SHOWN ":instance)"                                                    \
    " AND status IN (" DATABASE_STATUS_SQL_NORMAL ", " DATABASE_STATUS_SQL_MODIFYING ")"

/*
 * The action has no pages. DATABASES_MAX bounds the answer for a state file that was edited by hand; neither
 * a world file nor database_limit allows more databases. The order is that of DescribeDBs (assumed). For
 * settings that virga does not store, the answer has the values of the documented example (238/101643), where
 * nothing is enabled; of the two names of full-text search only
 * the older one is 1. The fields of availability groups are missing in the example; they get the values of
 * mirroring (assumed).
 */
static int list_settings(struct call *c, struct str instance_id, struct opt_i64 *ret_count,
                         struct db_normal_detail_list *ret_list)
{
    enum { DATABASES_MAX = 1024 };
    struct instance instance;
    SCOPED_STMT(count, c->world->db, "SELECT count(*) AS n" SETTINGS_FROM);
    SCOPED_STMT(rows, c->world->db,
                "SELECT " DB_NORMAL_DETAIL_COLUMNS SETTINGS_FROM
                " ORDER BY created_ms DESC, name" PAGE_LIMIT);
    if (instance_get(c, instance_id, &instance) != 0)
        return -1;
    stmt_bind_i64(count, ":instance", instance.row);
    stmt_bind_i64(rows, ":instance", instance.row);
    page_bind(rows, DATABASES_MAX, 0);
    if (page_count(c, count, ret_count) != 0)
        return -1;
    return db_normal_detail_list_read(c, rows, ret_list);
}

int describe_dbs_normal(struct call *c, const struct describe_dbs_normal_in *in,
                        struct describe_dbs_normal_out *out)
{
    return list_settings(c, in->instance_id, &out->total_count, &out->db_list);
}

/* The same under a newer name (documented). */
int describe_databases_normal(struct call *c, const struct describe_databases_normal_in *in,
                              struct describe_databases_normal_out *out)
{
    return list_settings(c, in->instance_id, &out->total_count, &out->db_list);
}
