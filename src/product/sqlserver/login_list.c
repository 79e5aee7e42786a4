/* Lists of logins, and the grants from both ends: DescribeAccounts, DescribeAccountPrivilegeByDB,
 * DescribeDBPrivilegeByAccount, DescribeDatabaseNames. */
#include "core/page.h"
#include "gen/sqlserver_rows.h"
#include "product/sqlserver/explain.h"
#include "product/sqlserver/login.h"

/* --- DescribeAccounts --- */

#define ACCOUNTS                                                                                             \
    " FROM login WHERE instance = :instance AND (:name IS NULL OR instr(lower(login.name), lower(:name)))"

/* Descending, unless the client says otherwise (documented). */
#define ACCOUNTS_ORDER                                                                                       \
    " ORDER BY CASE WHEN :ascending THEN 1 ELSE -1 END"                                                      \
    " * CASE :order WHEN 'updateTime' THEN updated_ms WHEN 'passTime' THEN coalesce(password_ms, 0)"         \
    " ELSE created_ms END, login.name"

static int read_grants(struct call *c, int64_t instance, struct account_detail *detail)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT " DB_PRIVILEGE_COLUMNS
                " FROM grants WHERE instance = :instance AND login = :login ORDER BY grants.database");
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_str(s, ":login", detail->name);
    return db_privilege_list_read(c, s, &detail->dbs);
}

static void bind_accounts(struct stmt *s, const struct instance *instance,
                          const struct describe_accounts_in *in)
{
    stmt_bind_i64(s, ":instance", instance->row);
    filter_text(s, ":name", in->name);
}

/* Offset counts pages (documented). */
int describe_accounts(struct call *c, const struct describe_accounts_in *in,
                      struct describe_accounts_out *out)
{
    struct instance instance;
    int rc;
    SCOPED_STMT(count, c->world->db, "SELECT count(*) AS n" ACCOUNTS);
    SCOPED_STMT(rows, c->world->db, "SELECT " ACCOUNT_DETAIL_COLUMNS ACCOUNTS ACCOUNTS_ORDER PAGE_LIMIT);
    if (instance_get(c, in->instance_id, &instance) != 0)
        return -1;
    bind_accounts(count, &instance, in);
    bind_accounts(rows, &instance, in);
    stmt_bind_str(rows, ":order", in->order_by);
    stmt_bind_i64(rows, ":ascending", str_eq(in->order_by_type, STR("asc")));
    page_bind(rows, (int64_t)in->limit.v, (int64_t)(in->offset.v * in->limit.v));
    if (page_count(c, count, &out->total_count) != 0)
        return -1;
    out->instance_id = instance.instance_id;
    out->accounts.set = true;
    while ((rc = stmt_step(rows)) == 1) {
        struct account_detail *detail = LIST_ADD(c->arena, &out->accounts);
        account_detail_from_row(rows, c->arena, detail);
        if (read_grants(c, instance.row, detail) != 0)
            return -1;
    }
    return rc == 0 ? 0 : call_fail_store(c);
}

/* --- DescribeAccountPrivilegeByDB --- */

#define BY_DATABASE                                                                                          \
    " FROM grants JOIN login ON login.instance = grants.instance AND login.name = grants.login"              \
    " WHERE grants.instance = :instance AND grants.database = :database"                                     \
    " AND (:login IS NULL OR grants.login = :login)"

static void bind_by_database(struct stmt *s, const struct instance *instance, struct str database,
                             const struct describe_account_privilege_by_db_in *in)
{
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":database", database);
    filter_text(s, ":login", in->account_name);
}

/* A database that the instance does not have has no accounts (assumed). */
int describe_account_privilege_by_db(struct call *c, const struct describe_account_privilege_by_db_in *in,
                                     struct describe_account_privilege_by_db_out *out)
{
    struct instance instance;
    struct str database = in->db_name;
    SCOPED_STMT(count, c->world->db, "SELECT count(*) AS n" BY_DATABASE);
    SCOPED_STMT(rows, c->world->db,
                "SELECT " ACCOUNT_PRIVILEGE_COLUMNS BY_DATABASE " ORDER BY grants.login" PAGE_LIMIT);
    if (instance_get(c, in->instance_id, &instance) != 0 ||
        database_spell(c, &instance, in->db_name, &database) < 0)
        return -1;
    bind_by_database(count, &instance, database, in);
    bind_by_database(rows, &instance, database, in);
    page_bind(rows, in->limit.v, in->offset.v * in->limit.v);
    if (page_count(c, count, &out->total_count) != 0)
        return -1;
    return account_privilege_list_read(c, rows, &out->accounts);
}

/* --- DescribeDBPrivilegeByAccount, DescribeDatabaseNames --- */

#define BY_LOGIN                                                                                             \
    " FROM grants WHERE instance = :instance AND login = :login"                                             \
    " AND (:database IS NULL OR grants.database = :database)"

static void bind_by_login(struct stmt *s, const struct instance *instance, struct str login,
                          struct str database)
{
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":login", login);
    filter_text(s, ":database", database);
}

int describe_db_privilege_by_account(struct call *c, const struct describe_db_privilege_by_account_in *in,
                                     struct describe_db_privilege_by_account_out *out)
{
    struct instance instance;
    struct login login;
    struct str database = in->db_name;
    SCOPED_STMT(count, c->world->db, "SELECT count(*) AS n" BY_LOGIN);
    SCOPED_STMT(rows, c->world->db,
                "SELECT " DB_PRIVILEGE_COLUMNS BY_LOGIN " ORDER BY grants.database" PAGE_LIMIT);
    if (instance_get(c, in->instance_id, &instance) != 0 ||
        login_get(c, &instance, in->account_name, &login) != 0 ||
        (database.n > 0 && database_spell(c, &instance, in->db_name, &database) < 0))
        return -1;
    bind_by_login(count, &instance, login.name, database);
    bind_by_login(rows, &instance, login.name, database);
    page_bind(rows, in->limit.v, in->offset.v * in->limit.v);
    if (page_count(c, count, &out->total_count) != 0)
        return -1;
    return db_privilege_list_read(c, rows, &out->db_list);
}

int describe_database_names(struct call *c, const struct describe_database_names_in *in,
                            struct describe_database_names_out *out)
{
    struct instance instance;
    struct login login;
    int rc;
    SCOPED_STMT(s, c->world->db, "SELECT grants.database AS name" BY_LOGIN " ORDER BY grants.database");
    if (instance_get(c, in->instance_id, &instance) != 0 ||
        login_get(c, &instance, in->account_name, &login) != 0)
        return -1;
    bind_by_login(s, &instance, login.name, (struct str){NULL, 0});
    out->database_name_set.set = true;
    while ((rc = stmt_step(s)) == 1)
        str_list_add(c->arena, &out->database_name_set, stmt_str(s, c->arena, "name"));
    out->total_count = I64((int64_t)out->database_name_set.n);
    return rc == 0 ? 0 : call_fail_store(c);
}
