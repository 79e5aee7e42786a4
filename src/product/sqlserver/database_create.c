/* Names are taken one by one and their rows written at once, so that a name that comes twice is found like
 * one that was there before. */
#include "product/sqlserver/database_create.h"

#include "gen/sqlserver.h"
#include "product/sqlserver/database.h"
#include "product/sqlserver/explain.h"
#include "product/sqlserver/sqlserver.h"

int db_create_begin(struct plan *m)
{
    map_init(&m->overwritten, m->c->arena);
    return dblimit_room(m->c, m->target, &m->room);
}

int db_create_check_name(const struct plan *m, struct str name)
{
    if (!database_name_ok(name))
        return reject_characters(m->c, m->codes->chars, name);
    return dbname_reserved(name) ? reject_reserved(m->c, m->codes->reserved, name) : 0;
}

/* Takes a name on the target, for a row that the caller then writes. */
static int take(struct plan *m, struct str name)
{
    int exists = database_exists(m->c, m->target, name);
    if (exists < 0)
        return -1;
    if (exists)
        return reject_taken(m->c, m->codes->exists, m->target, name);
    if (m->room-- <= 0)
        return call_fail_explained(m->c, m->codes->too_many, "database.too-many",
                                   "%.*s may have no more databases than it has",
                                   STR_ARG(m->target->instance_id));
    database_set_add(m->c, &m->set, (struct flow_database){.name = name, .effect = DATABASE_EFFECT_MAKE});
    return 0;
}

int db_create_new(struct plan *m, struct str name, struct str charset, struct str remark)
{
    return take(m, name) == 0 ? database_insert(m->c, m->target, name, charset, remark) : -1;
}

/* A copy and what it is of. */
struct copy {
    const struct instance *source;
    struct str old, new_name;
};

/* 1 when the row was written, 0 when the source has no such database any more, -1 when the store failed. */
/* Copied in one statement: what the source has at this moment is what the copy gets. */
static int insert_like(struct plan *m, const struct copy *copy)
{
    SCOPED_STMT(s, m->c->world->db,
                "INSERT INTO database (instance, name, status, charset, remark, simple_recovery, created_ms)"
                " SELECT :target, :new, 1, charset, '', simple_recovery, :now FROM database"
                " WHERE instance = :source AND name = :old RETURNING 1");
    stmt_bind_i64(s, ":target", m->target->row);
    stmt_bind_str(s, ":new", copy->new_name);
    stmt_bind_i64(s, ":now", world_now_ms(m->c->world));
    stmt_bind_i64(s, ":source", copy->source->row);
    stmt_bind_str(s, ":old", copy->old);
    return stmt_step(s);
}

int db_create_copy(struct plan *m, const struct instance *source, struct str old, struct str new_name)
{
    struct copy copy = {source, old, new_name};
    if (take(m, new_name) != 0)
        return -1;
    int rc = insert_like(m, &copy);
    if (rc < 0)
        return call_fail_store(m->c);
    return rc ? 0 : database_insert(m->c, m->target, new_name, (struct str){NULL, 0}, STR(""));
}

int db_create_copy_named(struct plan *m, const struct instance *source,
                         const struct flow_database *old_and_new, int64_t at_ms)
{
    struct str name = old_and_new->new_name;
    if (!name.p)
        name = dbname_of_copy(m->c->arena, old_and_new->name, at_ms);
    else if (db_create_check_name(m, name) != 0)
        return -1;
    return db_create_copy(m, source, old_and_new->name, name);
}

/* A name that a running task holds may also be one that a renaming is about to give, and then there is no
 * database of that name yet. */
static int check_not_held(struct plan *m, struct str name)
{
    int pending = m->target->running > 0 ? flow_holds(m->c->world, m->target->row, name) : 0;
    if (pending < 0)
        return call_fail_store(m->c);
    return pending ? reject_held(m->c, ERR_RESOURCE_UNAVAILABLE_DB_INVALID_STATUS, m->target, name) : 0;
}

/* Named twice it is written over once: the second time changes nothing that a client could see. */
int db_create_overwrite(struct plan *m, const struct instance *source, struct str name)
{
    struct str_list one = {&name, 1, true};
    struct database_set found;
    if (map_get(&m->overwritten, name))
        return 0;
    map_put(&m->overwritten, name, m);
    if (check_not_held(m, name) != 0)
        return -1;
    int exists = database_exists(m->c, m->target, name);
    if (exists <= 0)
        return exists < 0 ? -1 : db_create_copy(m, source, name, name);
    if (database_choose(m->c, m->target, &one, DATABASE_EFFECT_CHANGE, &found) != 0)
        return -1;
    database_set_add(m->c, &m->set, found.v[0]);
    return 0;
}

/* --- database make --- */

/* CreateDB: new databases, with who may use them. */

static const struct create_codes codes = {.chars = ERR_INVALID_PARAMETER_VALUE_DB_CHAR_ILLEGAL,
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
        return call_fail_explained(c, ERR_INVALID_PARAMETER_VALUE_GRANT_IS_ILLEGAL, "grant.delete",
                                   "Delete takes a grant away, and a new database has none");
    if (!is_one_of(grant->privilege, privileges, LENGTH(privileges)))
        return call_fail_explained(c, ERR_INVALID_PARAMETER_VALUE_PRIVILEGE_IS_ILLEGAL, "grant.privilege",
                                   "\"%.*s\" is none of %.*s", STR_ARG(grant->privilege),
                                   STR_ARG(list_text(c->arena, privileges, LENGTH(privileges))));
    if (grant->account_type.p && !is_one_of(grant->account_type, account_types, LENGTH(account_types)))
        return call_fail_explained(c, ERR_INVALID_PARAMETER_VALUE_GRANT_IS_ILLEGAL, "grant.account-type",
                                   "\"%.*s\" is none of %.*s", STR_ARG(grant->account_type),
                                   STR_ARG(list_text(c->arena, account_types, LENGTH(account_types))));
    return 0;
}

static int check_login(struct call *c, const struct instance *instance, struct str name)
{
    SCOPED_STMT(s, c->world->db, "SELECT 1 FROM login WHERE instance = :instance AND name = :name");
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":name", name);
    int rc = stmt_step(s);
    if (rc < 0)
        return call_fail_store(c);
    return rc ? 0
              : call_fail_explained(c, ERR_RESOURCE_NOT_FOUND_ACCOUNT_NOT_EXIST, "account.not-found",
                                    "%.*s has no account %.*s", STR_ARG(instance->instance_id),
                                    STR_ARG(name));
}

/* The same account twice for one database is a contradiction. */
static int insert_grant(struct call *c, const struct instance *instance, struct str database,
                        const struct account_privilege *grant)
{
    SCOPED_STMT(s, c->world->db,
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
              : call_fail_explained(c, ERR_INVALID_PARAMETER_VALUE_GRANT_IS_ILLEGAL, "grant.twice",
                                    "%.*s is granted something on database %.*s twice",
                                    STR_ARG(grant->user_name), STR_ARG(database));
}

static int grant_all(struct plan *m, const struct db_create_info *info)
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
static int make_one(struct plan *m, const struct db_create_info *info)
{
    if (db_create_check_name(m, info->db_name) != 0)
        return -1;
    if (!is_one_of(info->charset, collations, LENGTH(collations)))
        return call_fail_explained(m->c, ERR_INVALID_PARAMETER_VALUE_CHARSET_IS_ILLEGAL, "charset.unknown",
                                   "\"%.*s\" is none of %.*s", STR_ARG(info->charset),
                                   STR_ARG(list_text(m->c->arena, collations, LENGTH(collations))));
    if (db_create_new(m, info->db_name, info->charset, info->remark) != 0)
        return -1;
    return grant_all(m, info);
}

/* All of them or none: the handler's savepoint takes back those before the one that is wrong. */
int create_db(struct call *c, const struct create_db_in *in, struct create_db_out *out)
{
    struct instance instance;
    struct plan plan = {.c = c, .target = &instance, .codes = &codes};
    struct flow flow;
    if (instance_get(c, in->instance_id, &instance) != 0 || instance_accept_task(c, &instance) != 0 ||
        db_create_begin(&plan) != 0)
        return -1;
    for (size_t i = 0; i < in->dbs.n; i++)
        if (make_one(&plan, &in->dbs.v[i]) != 0)
            return -1;
    if (task_start(c, FLOW_KIND_CREATEDB, &instance, &plan.set, &flow) != 0)
        return -1;
    out->flow_id = I64(flow.id);
    return 0;
}
