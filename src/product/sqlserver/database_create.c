/* Creating databases: the plan that several actions share, and the actions CreateDB and CloneDB. */
#include "product/sqlserver/database_create.h"

#include <assert.h>

#include "core/page.h"
#include "product/sqlserver/explain.h"
#include "product/sqlserver/login.h"
#include "product/sqlserver/sqlserver.h"

/* --- the plan --- */

int db_create_begin(struct db_create_plan *plan)
{
    assert(plan->c && plan->target && plan->codes);
    map_init(&plan->overwritten, plan->c->arena);
    return database_room(plan->c, plan->target, &plan->room);
}

int db_create_check_name(const struct db_create_plan *plan, struct str name)
{
    if (!database_name_valid(name))
        return reject_characters(plan->c, plan->codes->chars, name);
    return database_name_reserved(name) ? reject_reserved(plan->c, plan->codes->reserved, name) : 0;
}

/* Takes a name on the target; the caller then inserts the row. */
static int take_name(struct db_create_plan *plan, struct str name)
{
    int exists = database_exists(plan->c, plan->target, name);
    if (exists < 0)
        return -1;
    if (exists)
        return reject_taken(plan->c, plan->codes->exists, plan->target, name);
    if (plan->room-- <= 0)
        return call_fail_explained(plan->c, plan->codes->too_many, "database.too-many",
                                   "%.*s has as many databases as it may have",
                                   STR_ARG(plan->target->instance_id));
    *LIST_ADD(plan->c->arena, &plan->set) =
        (struct flow_database){.name = name, .effect = DATABASE_EFFECT_MAKE};
    return 0;
}

int db_create_new(struct db_create_plan *plan, struct str name)
{
    if (take_name(plan, name) != 0)
        return -1;
    return database_insert(plan->c, plan->target, name, (struct str){NULL, 0}, STR(""));
}

/* One statement copies the row, so that the copy has what the source has at this moment. The data may be of a
 * database that the source no longer has: then the copy has the defaults of a new one. */
int db_create_copy(struct db_create_plan *plan, const struct instance *source, struct str old_name,
                   struct str new_name)
{
    struct call *c = plan->c;
    SCOPED_STMT(s, c->world->db,
                "INSERT INTO database (instance, name, status, charset, remark, simple_recovery, created_ms)"
                " SELECT :target, :new, " DATABASE_STATUS_SQL_CREATING
                ", charset, '', simple_recovery, :now FROM database"
                " WHERE instance = :source AND name = :old RETURNING 1");
    if (take_name(plan, new_name) != 0 || database_spell(c, source, old_name, &old_name) < 0)
        return -1;
    stmt_bind_i64(s, ":target", plan->target->row);
    stmt_bind_str(s, ":new", new_name);
    stmt_bind_i64(s, ":now", world_now_ms(c->world));
    stmt_bind_i64(s, ":source", source->row);
    stmt_bind_str(s, ":old", old_name);
    int rc = stmt_step(s);
    if (rc < 0)
        return call_fail_store(c);
    return rc == 1 ? 0 : database_insert(c, plan->target, new_name, (struct str){NULL, 0}, STR(""));
}

/* A second overwrite of one database would change nothing that a client can see. */
int db_create_overwrite(struct db_create_plan *plan, const struct instance *source, struct str name)
{
    struct str_list names = {&name, 1, true};
    struct database_set found;
    if (map_get(&plan->overwritten, name))
        return 0;
    map_put(&plan->overwritten, name, plan);
    /* This check comes first: a name that a running flow will give counts as existing, but has no row yet. */
    if (database_check_free(plan->c, plan->target, name) != 0)
        return -1;
    int exists = database_exists(plan->c, plan->target, name);
    if (exists <= 0)
        return exists < 0 ? -1 : db_create_copy(plan, source, name, name);
    if (database_choose(plan->c, plan->target, &names, DATABASE_EFFECT_CHANGE, &found) != 0)
        return -1;
    assert(found.n == 1);
    *LIST_ADD(plan->c->arena, &plan->set) = found.v[0];
    return 0;
}

static const struct db_create_codes codes = {.chars = ERR_INVALID_PARAMETER_VALUE_DB_CHAR_ILLEGAL,
                                             .reserved = ERR_INVALID_PARAMETER_VALUE_DB_NAME_IS_KEY_WRODS,
                                             .exists = ERR_INVALID_PARAMETER_VALUE_DB_EXIST,
                                             .too_many = ERR_LIMIT_EXCEEDED_TOO_MANY_DB};

/* --- CreateDB --- */

/* The words that a parameter accepts. */
struct words {
    const struct str *v;
    size_t n;
};
#define WORDS(array)                                                                                         \
    {                                                                                                        \
        array, sizeof(array) / sizeof(array)[0]                                                              \
    }

/* Collations of the server; the service's own list is not documented. */
static const struct str collation_names[] = {
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
static const struct words collations = WORDS(collation_names);

/* Fails with `code` unless the text is one of the words. */
static int check_word(struct call *c, enum error_id code, const char *cause, struct str text,
                      const struct words *words)
{
    struct str list = STR("");
    for (size_t i = 0; i < words->n; i++) {
        if (str_eq(text, words->v[i]))
            return 0;
        list = CONCAT(c->arena, list, i ? STR(", ") : STR(""), words->v[i]);
    }
    return call_fail_explained(c, code, cause, "\"%.*s\" is none of %.*s", STR_ARG(text), STR_ARG(list));
}

/* An account may have one grant on a database only. */
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
    if (rc != 0)
        return rc < 0 ? call_fail_store(c) : 0;
    return call_fail_explained(c, ERR_INVALID_PARAMETER_VALUE_GRANT_IS_ILLEGAL, "grant.twice",
                               "%.*s has two grants on database %.*s", STR_ARG(grant->user_name),
                               STR_ARG(database));
}

/* Checks the name before the collation (assumed order). */
static int create_one(struct db_create_plan *plan, const struct db_create_info *info)
{
    struct call *c = plan->c;
    if (db_create_check_name(plan, info->db_name) != 0 ||
        check_word(c, ERR_INVALID_PARAMETER_VALUE_CHARSET_IS_ILLEGAL, "charset.unknown", info->charset,
                   &collations) != 0 ||
        take_name(plan, info->db_name) != 0 ||
        database_insert(c, plan->target, info->db_name, info->charset, info->remark) != 0)
        return -1;
    for (size_t i = 0; i < info->accounts.n; i++) {
        const struct account_privilege *grant = &info->accounts.v[i];
        struct login login;
        if (login_check_privilege(c, grant->privilege, false) != 0 ||
            login_check_type(c, grant->account_type) != 0 ||
            login_get(c, plan->target, grant->user_name, &login) != 0 ||
            insert_grant(c, plan->target, info->db_name, grant) != 0)
            return -1;
    }
    return 0;
}

/* Creates all databases or none: the handler's savepoint undoes those before a wrong one. Wrong values come
 * before the status of the instance (assumed): a client that waits and tries again should have a chance. */
int create_db(struct call *c, const struct create_db_in *in, struct create_db_out *out)
{
    struct instance instance;
    struct db_create_plan plan = {.c = c, .target = &instance, .codes = &codes};
    struct flow flow;
    if (instance_get(c, in->instance_id, &instance) != 0 || db_create_begin(&plan) != 0)
        return -1;
    for (size_t i = 0; i < in->dbs.n; i++)
        if (create_one(&plan, &in->dbs.v[i]) != 0)
            return -1;
    if (instance_accept_task(c, &instance) != 0 ||
        task_start(c, FLOW_KIND_CREATEDB, &instance, &plan.set, &flow) != 0)
        return -1;
    out->flow_id = I64(flow.id);
    return 0;
}

/* --- DescribeDBCharsets --- */

int describe_db_charsets(struct call *c, const struct describe_db_charsets_in *in,
                         struct describe_db_charsets_out *out)
{
    struct instance instance;
    if (instance_get(c, in->instance_id, &instance) != 0)
        return -1;
    out->database_charsets.set = true;
    for (size_t i = 0; i < collations.n; i++)
        str_list_add(c->arena, &out->database_charsets, collations.v[i]);
    return 0;
}

/* --- CloneDB --- */

/* Both names are required and must differ (documented). A missing name gets InputIllegal (assumed). */
static int check_pair(struct call *c, const struct rename_restore_database *pair)
{
    if (pair->old_name.n == 0 || pair->new_name.n == 0)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "parameter.missing",
                                   "each element of RenameRestore needs OldName and NewName");
    if (str_eq(pair->old_name, pair->new_name))
        return reject_same(c, ERR_INVALID_PARAMETER_VALUE_DB_NAME_SAME, pair->new_name);
    return 0;
}

/* Checks that the databases to copy are in normal status and free, and adds them to the flow, which uses them
 * until it ends. */
static int hold_sources(struct db_create_plan *plan, const struct rename_restore_database_list *pairs)
{
    struct str_list names = {.set = true};
    for (size_t i = 0; i < pairs->n; i++) {
        if (check_pair(plan->c, &pairs->v[i]) != 0)
            return -1;
        str_list_add(plan->c->arena, &names, pairs->v[i].old_name);
    }
    return database_choose(plan->c, plan->target, &names, DATABASE_EFFECT_HOLD, &plan->set);
}

/* The sources are on the same instance, and the copies are created beside them. */
int clone_db(struct call *c, const struct clone_db_in *in, struct clone_db_out *out)
{
    struct instance instance;
    struct db_create_plan plan = {.c = c, .target = &instance, .codes = &codes};
    struct flow flow;
    if (instance_get(c, in->instance_id, &instance) != 0 || instance_accept_task(c, &instance) != 0 ||
        hold_sources(&plan, &in->rename_restore) != 0 || db_create_begin(&plan) != 0)
        return -1;
    for (size_t i = 0; i < in->rename_restore.n; i++) {
        const struct rename_restore_database *pair = &in->rename_restore.v[i];
        if (db_create_check_name(&plan, pair->new_name) != 0 ||
            db_create_copy(&plan, &instance, pair->old_name, pair->new_name) != 0)
            return -1;
    }
    if (task_start(c, FLOW_KIND_CLONE, &instance, &plan.set, &flow) != 0)
        return -1;
    out->flow_id = I64(flow.id);
    return 0;
}
