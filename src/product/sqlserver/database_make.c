/* CreateDB: new databases, with who may use them. */
#include "gen/sqlserver.h"
#include "product/sqlserver/making.h"
#include "product/sqlserver/task.h"

static const struct making_codes codes = {.chars = ERR_INVALID_PARAMETER_VALUE_DB_CHAR_ILLEGAL,
                                          .reserved = ERR_INVALID_PARAMETER_VALUE_DB_NAME_IS_KEY_WRODS,
                                          .exists = ERR_INVALID_PARAMETER_VALUE_DB_EXIST,
                                          .too_many = ERR_LIMIT_EXCEEDED_TOO_MANY_DB};

/* Collations of the server; the service's own list is not documented. */
static const struct str collations[] = {
    STR_INIT("Chinese_PRC_CI_AS"),
    STR_INIT("Chinese_PRC_CS_AS"),
    STR_INIT("Chinese_PRC_BIN"),
    STR_INIT("Chinese_Taiwan_Stroke_CI_AS"),
    STR_INIT("Chinese_Taiwan_Stroke_CS_AS"),
    STR_INIT("SQL_Latin1_General_CP1_CI_AS"),
    STR_INIT("SQL_Latin1_General_CP1_CS_AS"),
    STR_INIT("Latin1_General_CI_AS"),
    STR_INIT("Latin1_General_CS_AS"),
    STR_INIT("Latin1_General_BIN"),
    STR_INIT("Japanese_CI_AS"),
    STR_INIT("Korean_Wansung_CI_AS"),
};

/* What AccountPrivilege documents; "Delete" takes away, so that a new database has no use for it. */
static const struct str privileges[] = {STR_INIT("ReadWrite"), STR_INIT("ReadOnly"), STR_INIT("DBOwner")};
static const struct str account_types[] = {STR_INIT("L0"), STR_INIT("L1"), STR_INIT("L2"), STR_INIT("L3")};

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static bool is_one_of(struct str text, const struct str *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(text, list[i]))
            return true;
    return false;
}

/* "ReadWrite, ReadOnly, DBOwner" */
static struct str list_text(struct arena *a, const struct str *list, size_t n)
{
    struct str text = list[0];
    for (size_t i = 1; i < n; i++)
        text = CONCAT(a, text, STR(", "), list[i]);
    return text;
}

/* The order of the three looks decides which code is told; it is assumed. */
static int check_grant(struct call *c, const struct account_privilege *grant)
{
    if (str_eq(grant->privilege, STR("Delete")))
        return call_refuse(c, ERR_INVALID_PARAMETER_VALUE_GRANT_IS_ILLEGAL, "grant.delete",
                           "Delete takes a grant away, and a new database has none");
    if (!is_one_of(grant->privilege, privileges, LENGTH(privileges)))
        return call_refuse(c, ERR_INVALID_PARAMETER_VALUE_PRIVILEGE_IS_ILLEGAL, "grant.privilege",
                           "\"%.*s\" is none of %.*s", STR_ARG(grant->privilege),
                           STR_ARG(list_text(c->arena, privileges, LENGTH(privileges))));
    if (grant->account_type.p && !is_one_of(grant->account_type, account_types, LENGTH(account_types)))
        return call_refuse(c, ERR_INVALID_PARAMETER_VALUE_GRANT_IS_ILLEGAL, "grant.account-type",
                           "\"%.*s\" is none of %.*s", STR_ARG(grant->account_type),
                           STR_ARG(list_text(c->arena, account_types, LENGTH(account_types))));
    return 0;
}

static int check_login(struct call *c, const struct instance *instance, struct str name)
{
    DB_STMT(s, c->world->db, "SELECT 1 FROM login WHERE instance = :instance AND name = :name");
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":name", name);
    int rc = stmt_step(s);
    if (rc < 0)
        return call_fail_store(c);
    return rc ? 0
              : call_refuse(c, ERR_RESOURCE_NOT_FOUND_ACCOUNT_NOT_EXIST, "account.not-found",
                            "%.*s has no account %.*s", STR_ARG(instance->instance_id), STR_ARG(name));
}

/* The same account twice for one database is a contradiction. */
static int insert_grant(struct call *c, const struct instance *instance, struct str database,
                        const struct account_privilege *grant)
{
    DB_STMT(s, c->world->db,
            "INSERT INTO grants (instance, database, login, privilege)"
            " VALUES (:instance, :database, :login, :privilege) ON CONFLICT DO NOTHING RETURNING 1");
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":database", database);
    stmt_bind_str(s, ":login", grant->user_name);
    stmt_bind_str(s, ":privilege", grant->privilege);
    int rc = stmt_step(s);
    if (rc < 0)
        return call_fail_store(c);
    return rc ? 0
              : call_refuse(c, ERR_INVALID_PARAMETER_VALUE_GRANT_IS_ILLEGAL, "grant.twice",
                            "%.*s is granted something on database %.*s twice", STR_ARG(grant->user_name),
                            STR_ARG(database));
}

static int grant_all(struct making *m, const struct db_create_info *info)
{
    for (size_t i = 0; i < info->accounts.n; i++) {
        const struct account_privilege *grant = &info->accounts.v[i];
        if (check_grant(m->c, grant) != 0 || check_login(m->c, m->target, grant->user_name) != 0 ||
            insert_grant(m->c, m->target, info->db_name, grant) != 0)
            return -1;
    }
    return 0;
}

/* The name is looked at before the collation: which of two faults is told first is assumed. */
static int make_one(struct making *m, const struct db_create_info *info)
{
    if (making_check_name(m, info->db_name) != 0)
        return -1;
    if (!is_one_of(info->charset, collations, LENGTH(collations)))
        return call_refuse(m->c, ERR_INVALID_PARAMETER_VALUE_CHARSET_IS_ILLEGAL, "charset.unknown",
                           "\"%.*s\" is none of %.*s", STR_ARG(info->charset),
                           STR_ARG(list_text(m->c->arena, collations, LENGTH(collations))));
    if (making_new(m, info->db_name, info->charset, info->remark) != 0)
        return -1;
    return grant_all(m, info);
}

/* All of them or none: the handler's savepoint takes back those before the one that is wrong. */
int create_db(struct call *c, const struct create_db_in *in, struct create_db_out *out)
{
    struct instance instance;
    struct making making = {.c = c, .target = &instance, .codes = &codes};
    struct flow flow;
    if (instance_get(c, in->instance_id, &instance) != 0 || instance_accept_task(c, &instance) != 0 ||
        making_begin(&making) != 0)
        return -1;
    for (size_t i = 0; i < in->dbs.n; i++)
        if (make_one(&making, &in->dbs.v[i]) != 0)
            return -1;
    if (task_start(c, FLOW_CREATEDB, &instance, &making.set, &flow) != 0)
        return -1;
    out->flow_id = I64(flow.id);
    return 0;
}
