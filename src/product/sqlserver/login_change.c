/* Changing logins: CreateAccount, DeleteAccount, ResetAccountPassword, ModifyAccountPrivilege,
 * ModifyDatabasePrivilege and ModifyAccountRemark. Each checks all elements of its list before the flow has
 * written anything that a client could see; the handler's savepoint undoes the rest. */
#include <assert.h>

#include "base/map.h"
#include "gen/sqlserver.h"
#include "product/sqlserver/explain.h"
#include "product/sqlserver/login.h"

/* --- types of accounts --- */

static bool is_administrator(struct str type)
{
    return str_eq(type, STR("L0")) || str_eq(type, STR("L1"));
}

/* IsAdmin is a shorter form of the type (documented): a single node's administrator is L0, another's L1. */
static struct str type_of(const struct instance *instance, struct str type, struct opt_bool is_admin)
{
    if (type.p || !is_admin.set)
        return type;
    if (!is_admin.v)
        return STR("L3");
    return instance->single_node ? STR("L0") : STR("L1");
}

/* Whether another login is the administrator, or will be when a flow ends: there is one at most (the code
 * documents it). */
static int check_only_administrator(struct call *c, const struct instance *instance, struct str name)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT name FROM login WHERE instance = :instance AND name <> :name"
                " AND (account_type IN ('L0', 'L1') OR EXISTS (SELECT 1 FROM flow_login AS change"
                " WHERE change.instance = login.instance AND change.login = login.name"
                " AND change.account_type IN ('L0', 'L1'))) LIMIT 1");
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":name", name);
    int rc = stmt_step(s);
    if (rc <= 0)
        return rc < 0 ? call_fail_store(c) : 0;
    return call_fail_explained(c, ERR_INVALID_PARAMETER_VALUE_ADMIN_ACCOUNT_NOT_UNIQUE, "account.admin",
                               "%.*s has the administrator %.*s, or will have it",
                               STR_ARG(instance->instance_id), STR_ARG(stmt_str(s, c->arena, "name")));
}

static int check_type(struct call *c, const struct instance *instance, struct str name, struct str type)
{
    if (login_check_type(c, type) != 0)
        return -1;
    if (str_eq(type, STR("L0")) && !instance->single_node)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_VALUE_GRANT_IS_ILLEGAL, "account.type",
                                   "only instances with a single node have accounts of the type L0");
    return is_administrator(type) ? check_only_administrator(c, instance, name) : 0;
}

/* --- grants --- */

/* Finds the database's name as the instance has it; fails with `code` unless it is there, in any status: the
 * grant belongs to the name. */
static int require_database(struct call *c, const struct instance *instance, struct str name,
                            enum error_id code, struct str *ret_name)
{
    int rc = database_spell(c, instance, name, ret_name);
    return rc == 0 ? reject_no_database(c, code, instance, name) : rc < 0 ? -1 : 0;
}

/* --- CreateAccount --- */

static int insert_login(struct call *c, const struct instance *instance,
                        const struct account_create_info *info, struct str type)
{
    SCOPED_STMT(s, c->world->db,
                "INSERT INTO login (instance, name, account_type, remark, authentication, cam, created_ms,"
                " updated_ms) VALUES (:instance, :name, :type, :remark, :authentication, :cam, :now, :now)"
                " ON CONFLICT DO NOTHING RETURNING 1");
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":name", info->user_name);
    stmt_bind_str(s, ":type", type);
    stmt_bind_str(s, ":remark", info->remark);
    stmt_bind_str(s, ":authentication", info->authentication);
    stmt_bind_i64(s, ":cam", info->is_cam.v);
    stmt_bind_i64(s, ":now", world_now_ms(c->world));
    int rc = stmt_step(s);
    if (rc != 0)
        return rc < 0 ? call_fail_store(c) : 0;
    return call_fail_explained(c, ERR_INVALID_PARAMETER_VALUE_ACCOUNT_EXIST, "account.exists",
                               "%.*s already has an account %.*s", STR_ARG(instance->instance_id),
                               STR_ARG(info->user_name));
}

/* An account that the access management looks after needs no password, and an encrypted one cannot be judged
 * (assumed). */
static bool has_own_password(const struct account_create_info *info)
{
    return !info->is_cam.v && info->encrypted_version.v == 0;
}

static int create_one(const struct login_plan *plan, const struct account_create_info *info)
{
    struct call *c = plan->c;
    struct str given = type_of(plan->instance, info->account_type, info->is_admin);
    struct str type = given.p ? given : STR("L3");
    if (login_check_name(c, info->user_name) != 0 ||
        (has_own_password(info) && login_check_password(c, info->user_name, info->password) != 0) ||
        check_type(c, plan->instance, info->user_name, type) != 0 ||
        insert_login(c, plan->instance, info, type) != 0 ||
        login_plan_add(plan, info->user_name, LOGIN_EFFECT_MAKE, (struct str){NULL, 0}) != 0)
        return -1;
    for (size_t i = 0; i < info->db_privileges.n; i++) {
        const struct db_privilege *grant = &info->db_privileges.v[i];
        struct str database;
        if (login_check_privilege(c, grant->privilege, false) != 0 ||
            require_database(c, plan->instance, grant->db_name, ERR_INVALID_PARAMETER_VALUE_GRANT_IS_ILLEGAL,
                             &database) != 0 ||
            login_plan_grant(plan, info->user_name, database, grant->privilege) != 0)
            return -1;
    }
    return 0;
}

int create_account(struct call *c, const struct create_account_in *in, struct create_account_out *out)
{
    struct instance instance;
    struct login_plan plan = {.c = c, .instance = &instance};
    if (instance_get(c, in->instance_id, &instance) != 0 || instance_accept_task(c, &instance) != 0 ||
        login_plan_start(&plan, FLOW_KIND_CREATEACCOUNT) != 0)
        return -1;
    for (size_t i = 0; i < in->accounts.n; i++)
        if (create_one(&plan, &in->accounts.v[i]) != 0)
            return -1;
    out->flow_id = I64(plan.flow.id);
    return login_plan_finish(&plan);
}

/* --- DeleteAccount, ResetAccountPassword --- */

/* A name that comes twice is one account (assumed). */
static int use_once(const struct login_plan *plan, struct map *seen, struct str name,
                    enum login_effect effect)
{
    struct login login;
    if (map_get(seen, name))
        return 0;
    map_put(seen, name, seen);
    if (login_get_free(plan->c, plan->instance, name, &login) != 0)
        return -1;
    return login_plan_add(plan, name, effect, (struct str){NULL, 0});
}

int delete_account(struct call *c, const struct delete_account_in *in, struct delete_account_out *out)
{
    struct instance instance;
    struct login_plan plan = {.c = c, .instance = &instance};
    struct map seen;
    map_init(&seen, c->arena);
    if (instance_get(c, in->instance_id, &instance) != 0 || instance_accept_task(c, &instance) != 0 ||
        login_plan_start(&plan, FLOW_KIND_DELETEACCOUNT) != 0)
        return -1;
    for (size_t i = 0; i < in->user_names.n; i++)
        if (use_once(&plan, &seen, in->user_names.v[i], LOGIN_EFFECT_DROP) != 0)
            return -1;
    out->flow_id = I64(plan.flow.id);
    return login_plan_finish(&plan);
}

int reset_account_password(struct call *c, const struct reset_account_password_in *in,
                           struct reset_account_password_out *out)
{
    struct instance instance;
    struct login_plan plan = {.c = c, .instance = &instance};
    struct map seen;
    map_init(&seen, c->arena);
    if (instance_get(c, in->instance_id, &instance) != 0 || instance_accept_task(c, &instance) != 0 ||
        login_plan_start(&plan, FLOW_KIND_RESETPASSWORD) != 0)
        return -1;
    for (size_t i = 0; i < in->accounts.n; i++) {
        const struct account_password *account = &in->accounts.v[i];
        if (use_once(&plan, &seen, account->user_name, LOGIN_EFFECT_PASSWORD) != 0 ||
            (account->encrypted_version.v == 0 &&
             login_check_password(c, account->user_name, account->password) != 0))
            return -1;
    }
    out->flow_id = I64(plan.flow.id);
    return login_plan_finish(&plan);
}

/* --- ModifyAccountPrivilege --- */

/* Only one of the two may be given, and all databases only to designated and normal accounts (documented). */
static int check_form(struct call *c, const struct account_privilege_modify_info *info, struct str type)
{
    if (info->db_privileges.n > 0 && info->acc_all_db)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "grant.both",
                                   "of DBPrivileges and AccAllDB only one may be given");
    if (info->acc_all_db && is_administrator(type))
        return call_fail_explained(c, ERR_INVALID_PARAMETER_VALUE_GRANT_IS_ILLEGAL, "grant.all",
                                   "AccAllDB is for accounts of the types L2 and L3");
    return 0;
}

/* The privilege on all databases that the instance has now. */
static int grant_all(const struct login_plan *plan, struct str login, struct str privilege)
{
    struct call *c = plan->c;
    SCOPED_STMT(s, c->world->db, "SELECT name FROM database WHERE instance = :instance ORDER BY name");
    int rc;
    if (login_check_privilege(c, privilege, true) != 0)
        return -1;
    stmt_bind_i64(s, ":instance", plan->instance->row);
    while ((rc = stmt_step(s)) == 1)
        if (login_plan_grant(plan, login, stmt_str(s, c->arena, "name"), privilege) != 0)
            return -1;
    return rc == 0 ? 0 : call_fail_store(c);
}

static int modify_one(const struct login_plan *plan, const struct account_privilege_modify_info *info)
{
    struct call *c = plan->c;
    struct login login;
    struct str type = type_of(plan->instance, info->account_type, info->is_admin);
    if (login_get_free(c, plan->instance, info->user_name, &login) != 0 ||
        check_form(c, info, type.p ? type : login.account_type) != 0 ||
        (type.p && check_type(c, plan->instance, info->user_name, type) != 0) ||
        login_plan_add(plan, info->user_name, LOGIN_EFFECT_CHANGE, type) != 0)
        return -1;
    if (info->acc_all_db && grant_all(plan, info->user_name, info->acc_all_db->privilege) != 0)
        return -1;
    for (size_t i = 0; i < info->db_privileges.n; i++) {
        const struct db_privilege_modify_info *grant = &info->db_privileges.v[i];
        struct str database;
        if (login_check_privilege(c, grant->privilege, true) != 0 ||
            require_database(c, plan->instance, grant->db_name, ERR_RESOURCE_NOT_FOUND_DB_NOT_FOUND,
                             &database) != 0 ||
            login_plan_grant(plan, info->user_name, database, grant->privilege) != 0)
            return -1;
    }
    return 0;
}

int modify_account_privilege(struct call *c, const struct modify_account_privilege_in *in,
                             struct modify_account_privilege_out *out)
{
    struct instance instance;
    struct login_plan plan = {.c = c, .instance = &instance};
    if (instance_get(c, in->instance_id, &instance) != 0 || instance_accept_task(c, &instance) != 0 ||
        login_plan_start(&plan, FLOW_KIND_GRANT) != 0)
        return -1;
    for (size_t i = 0; i < in->accounts.n; i++)
        if (modify_one(&plan, &in->accounts.v[i]) != 0)
            return -1;
    out->flow_id = U64((uint64_t)plan.flow.id);
    return login_plan_finish(&plan);
}

/* --- ModifyDatabasePrivilege --- */

static int grant_to(const struct login_plan *plan, struct map *seen, struct str database,
                    const struct account_privilege *grant)
{
    struct call *c = plan->c;
    if (login_check_privilege(c, grant->privilege, true) != 0 ||
        login_check_type(c, grant->account_type) != 0 ||
        use_once(plan, seen, grant->user_name, LOGIN_EFFECT_CHANGE) != 0)
        return -1;
    return login_plan_grant(plan, grant->user_name, database, grant->privilege);
}

int modify_database_privilege(struct call *c, const struct modify_database_privilege_in *in,
                              struct modify_database_privilege_out *out)
{
    struct instance instance;
    struct login_plan plan = {.c = c, .instance = &instance};
    struct map seen;
    map_init(&seen, c->arena);
    if (instance_get(c, in->instance_id, &instance) != 0 || instance_accept_task(c, &instance) != 0 ||
        login_plan_start(&plan, FLOW_KIND_GRANT) != 0)
        return -1;
    for (size_t i = 0; i < in->data_base_set.n; i++) {
        const struct data_base_privilege_modify_info *info = &in->data_base_set.v[i];
        struct str database;
        if (require_database(c, &instance, info->data_base_name, ERR_RESOURCE_NOT_FOUND_DB_NOT_FOUND,
                             &database) != 0)
            return -1;
        for (size_t k = 0; k < info->account_privileges.n; k++)
            if (grant_to(&plan, &seen, database, &info->account_privileges.v[k]) != 0)
                return -1;
    }
    out->flow_id = U64((uint64_t)plan.flow.id);
    return login_plan_finish(&plan);
}

/* --- ModifyAccountRemark --- */

static int set_remark(struct call *c, const struct instance *instance, const struct account_remark *remark)
{
    struct login login;
    SCOPED_STMT(s, c->world->db,
                "UPDATE login SET remark = :remark, updated_ms = :now"
                " WHERE instance = :instance AND name = :name");
    if (login_get(c, instance, remark->user_name, &login) != 0)
        return -1;
    stmt_bind_str(s, ":remark", remark->remark);
    stmt_bind_i64(s, ":now", world_now_ms(c->world));
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":name", remark->user_name);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

/* At once and in every status of the instance and of the account: the remark belongs to the service (assumed,
 * because the action declares no code for a status). */
int modify_account_remark(struct call *c, const struct modify_account_remark_in *in,
                          struct modify_account_remark_out *out)
{
    struct instance instance;
    (void)out; /* only the RequestId */
    if (instance_get(c, in->instance_id, &instance) != 0)
        return -1;
    for (size_t i = 0; i < in->accounts.n; i++)
        if (set_remark(c, &instance, &in->accounts.v[i]) != 0)
            return -1;
    return 0;
}
