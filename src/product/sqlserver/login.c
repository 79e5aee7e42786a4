/* Logins: rules for names, passwords and words, and what flows do to them. */
#include "product/sqlserver/login.h"

#include <assert.h>

/* --- finding one --- */

/* 1 and the login, 0 when there is none, -1 when the store failed. */
static int find(struct call *c, const struct instance *instance, struct str name, struct login *ret_login)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT account_type, status FROM login WHERE instance = :instance AND name = :name");
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":name", name);
    int rc = stmt_step(s);
    if (rc == 1)
        *ret_login = (struct login){.name = name,
                                    .account_type = stmt_str(s, c->arena, "account_type"),
                                    .status = (enum login_status)stmt_i64(s, "status")};
    return rc;
}

int login_get(struct call *c, const struct instance *instance, struct str name, struct login *ret_login)
{
    static const enum error_id codes[] = {ERR_RESOURCE_NOT_FOUND_ACCOUNT_NOT_EXIST,
                                          ERR_RESOURCE_NOT_FOUND_PARAMS_NOT_FOUND};
    int rc = find(c, instance, name, ret_login);
    if (rc != 0)
        return rc < 0 ? call_fail_store(c) : 0;
    return call_fail_explained(c, call_first_declared(c, codes, sizeof codes / sizeof codes[0]),
                               "account.not-found", "%.*s has no account %.*s",
                               STR_ARG(instance->instance_id), STR_ARG(name));
}

int login_get_free(struct call *c, const struct instance *instance, struct str name, struct login *ret_login)
{
    static const enum error_id codes[] = {ERR_RESOURCE_UNAVAILABLE_ACCOUNT_INVALID_STATUS,
                                          ERR_RESOURCE_UNAVAILABLE_INSTANCE_STATUS_INVALID};
    if (login_get(c, instance, name, ret_login) != 0)
        return -1;
    if (ret_login->status == LOGIN_STATUS_NORMAL)
        return 0;
    return call_fail_explained(c, call_first_declared(c, codes, sizeof codes / sizeof codes[0]),
                               "account.status", "account %.*s has the status %d, not %d, normal",
                               STR_ARG(name), (int)ret_login->status, LOGIN_STATUS_NORMAL);
}

/* --- rules --- */

static bool is_letter(char ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

static bool is_digit(char ch)
{
    return ch >= '0' && ch <= '9';
}

static bool name_valid(struct str name)
{
    enum { NAME_MAX = 50 };
    if (name.n == 0 || name.n > NAME_MAX || !is_letter(name.p[0]))
        return false;
    for (size_t i = 0; i < name.n; i++)
        if (!is_letter(name.p[i]) && !is_digit(name.p[i]) && name.p[i] != '_')
            return false;
    return true;
}

/* Principals of the server, which exist on every instance (learn.microsoft.com, "Principals"). */
static bool name_reserved(struct str name)
{
    static const struct str names[] = {STR_INIT("sa"),         STR_INIT("public"),     STR_INIT("guest"),
                                       STR_INIT("dbo"),        STR_INIT("sys"),        STR_INIT("sysadmin"),
                                       STR_INIT("dbcreator"),  STR_INIT("diskadmin"),  STR_INIT("bulkadmin"),
                                       STR_INIT("setupadmin"), STR_INIT("serveradmin")};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_eq_nocase(name, names[i]))
            return true;
    return false;
}

int login_check_name(struct call *c, struct str name)
{
    if (!name_valid(name))
        return call_fail_explained(c, ERR_INVALID_PARAMETER_VALUE_ACCOUNT_NAME_IS_ILLEGAL, "account.name",
                                   "an account's name is a letter and up to 49 letters, digits and "
                                   "underscores; this one is \"%.*s\"",
                                   STR_ARG(name));
    if (name_reserved(name))
        return call_fail_explained(c, ERR_INVALID_PARAMETER_VALUE_ACCOUNT_NAME_IS_KEY_WORDS,
                                   "account.reserved", "%.*s is a name of the server itself", STR_ARG(name));
    return 0;
}

int login_check_password(struct call *c, struct str name, struct str password)
{
    enum { SHORTEST = 8, LONGEST = 32, KINDS = 2 };
    const struct str marks = STR("_+-&=!@#$%^*()[]");
    bool letters = false, digits = false, others = false, wrong = false;
    for (size_t i = 0; i < password.n; i++) {
        char ch = password.p[i];
        letters |= is_letter(ch);
        digits |= is_digit(ch);
        if (!is_letter(ch) && !is_digit(ch)) {
            others = true;
            wrong |= memchr(marks.p, ch, marks.n) == NULL;
        }
    }
    if (password.n >= SHORTEST && password.n <= LONGEST && letters + digits + others >= KINDS && !wrong)
        return 0;
    return call_fail_explained(c, ERR_INVALID_PARAMETER_VALUE_PASSWORD_IS_ILLEGAL, "account.password",
                               "the password of %.*s must have 8 to 32 characters, at least two kinds of "
                               "letters, digits and %.*s",
                               STR_ARG(name), STR_ARG(marks));
}

/* Fails with `code` unless the text is one of the words, which are separated by ", ". */
static int check_word(struct call *c, enum error_id code, const char *cause, struct str text,
                      struct str words)
{
    struct str rest = words;
    while (rest.n > 0) {
        const char *comma = memchr(rest.p, ',', rest.n);
        size_t n = comma ? (size_t)(comma - rest.p) : rest.n;
        if (str_eq(text, (struct str){rest.p, n}))
            return 0;
        size_t skip = comma ? n + 2 : n;
        rest = (struct str){rest.p + skip, rest.n - skip};
    }
    return call_fail_explained(c, code, cause, "\"%.*s\" is none of %.*s", STR_ARG(text), STR_ARG(words));
}

int login_check_privilege(struct call *c, struct str privilege, bool may_delete)
{
    static const enum error_id codes[] = {ERR_INVALID_PARAMETER_VALUE_PRIVILEGE_IS_ILLEGAL,
                                          ERR_INVALID_PARAMETER_VALUE_GRANT_IS_ILLEGAL};
    if (str_eq(privilege, STR("Delete")) && !may_delete)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_VALUE_GRANT_IS_ILLEGAL, "grant.delete",
                                   "Delete takes a grant away, and there is none yet");
    return check_word(c, call_first_declared(c, codes, 2), "grant.privilege", privilege,
                      may_delete ? STR("ReadWrite, ReadOnly, DBOwner, Delete")
                                 : STR("ReadWrite, ReadOnly, DBOwner"));
}

int login_check_type(struct call *c, struct str account_type)
{
    return !account_type.p ? 0
                           : check_word(c, ERR_INVALID_PARAMETER_VALUE_GRANT_IS_ILLEGAL, "grant.account-type",
                                        account_type, STR("L0, L1, L2, L3"));
}

/* --- flows --- */

int login_plan_start(struct login_plan *plan, enum flow_kind kind)
{
    struct call *c = plan->c;
    struct flow_plan flow = {.type = &sqlserver_flow_kinds[kind],
                             .resource = plan->instance->row,
                             .start_ms = world_now_ms(c->world),
                             .effect = &c->effect};
    assert(flow.type->settle == logins_settle);
    return flow_start(c->world, &flow, &plan->flow) == 0 ? 0 : call_fail_store(c);
}

static int set_status(const struct login_plan *plan, struct str login, enum login_status status)
{
    SCOPED_STMT(s, plan->c->world->db,
                "UPDATE login SET status = :status WHERE instance = :instance AND name = :name");
    stmt_bind_i64(s, ":status", status);
    stmt_bind_i64(s, ":instance", plan->instance->row);
    stmt_bind_str(s, ":name", login);
    return stmt_run(s);
}

int login_plan_add(const struct login_plan *plan, struct str login, enum login_effect effect,
                   struct str account_type)
{
    static const enum login_status statuses[] = {[LOGIN_EFFECT_MAKE] = LOGIN_STATUS_CREATING,
                                                 [LOGIN_EFFECT_CHANGE] = LOGIN_STATUS_MODIFYING,
                                                 [LOGIN_EFFECT_PASSWORD] = LOGIN_STATUS_RESETTING,
                                                 [LOGIN_EFFECT_DROP] = LOGIN_STATUS_DELETING};
    SCOPED_STMT(s, plan->c->world->db,
                "INSERT INTO flow_login (flow, instance, login, effect, account_type)"
                " VALUES (:flow, :instance, :login, :effect, :type)");
    stmt_bind_i64(s, ":flow", plan->flow.id);
    stmt_bind_i64(s, ":instance", plan->instance->row);
    stmt_bind_str(s, ":login", login);
    stmt_bind_str(s, ":effect", login_effect_values[effect].text);
    stmt_bind_str(s, ":type", account_type);
    return stmt_run(s) == 0 && set_status(plan, login, statuses[effect]) == 0 ? 0 : call_fail_store(plan->c);
}

int login_plan_grant(const struct login_plan *plan, struct str login, struct str database,
                     struct str privilege)
{
    bool taken = str_eq(privilege, STR("Delete"));
    SCOPED_STMT(s, plan->c->world->db,
                "INSERT INTO flow_grant (flow, instance, database, login, privilege)"
                " VALUES (:flow, :instance, :database, :login, :privilege)"
                " ON CONFLICT (flow, database, login) DO UPDATE SET privilege = excluded.privilege");
    stmt_bind_i64(s, ":flow", plan->flow.id);
    stmt_bind_i64(s, ":instance", plan->instance->row);
    stmt_bind_str(s, ":database", database);
    stmt_bind_str(s, ":login", login);
    stmt_bind_str(s, ":privilege", taken ? (struct str){NULL, 0} : privilege);
    return stmt_run(s) == 0 ? 0 : call_fail_store(plan->c);
}

int login_plan_finish(const struct login_plan *plan)
{
    if (!plan->flow.over)
        return 0;
    return logins_settle(plan->c->world, &plan->flow) == 0 ? 0 : call_fail_store(plan->c);
}

/* --- the end of a flow --- */

static int change_logins(struct world *w, const struct flow *f)
{
    SCOPED_STMT(s, w->db,
                "UPDATE login SET status = " LOGIN_STATUS_SQL_NORMAL ", updated_ms = :at,"
                " account_type = coalesce(flow_login.account_type, login.account_type),"
                " password_ms = CASE WHEN effect = 'password' THEN :at ELSE password_ms END"
                " FROM flow_login WHERE flow = :flow AND login.instance = flow_login.instance"
                " AND login.name = flow_login.login");
    stmt_bind_i64(s, ":flow", f->id);
    stmt_bind_i64(s, ":at", f->due_ms);
    return stmt_run(s);
}

/* A new grant replaces the one that the login has on the database. */
static int succeed(struct world *w, const struct flow *f)
{
    if (change_logins(w, f) != 0)
        return -1;
    RUN_OF_FLOW(w, f,
                "DELETE FROM grants WHERE (instance, database, login) IN"
                " (SELECT instance, database, login FROM flow_grant WHERE flow = :flow)");
    RUN_OF_FLOW(w, f,
                "INSERT INTO grants (instance, database, login, privilege)"
                " SELECT instance, database, login, privilege FROM flow_grant"
                " WHERE flow = :flow AND privilege IS NOT NULL");
    RUN_OF_FLOW(
        w, f,
        "DELETE FROM login WHERE (instance, name) IN"
        " (SELECT instance, login FROM flow_login WHERE flow = :flow AND effect = " LOGIN_EFFECT_SQL_DROP
        ")");
    return 0;
}

static int undo(struct world *w, const struct flow *f)
{
    RUN_OF_FLOW(w, f,
                "UPDATE login SET status = " LOGIN_STATUS_SQL_NORMAL
                " WHERE (instance, name) IN (SELECT instance, login FROM flow_login WHERE flow = :flow)");
    RUN_OF_FLOW(
        w, f,
        "DELETE FROM login WHERE (instance, name) IN"
        " (SELECT instance, login FROM flow_login WHERE flow = :flow AND effect = " LOGIN_EFFECT_SQL_MAKE
        ")");
    return 0;
}

int logins_settle(struct world *w, const struct flow *f)
{
    if ((f->fails ? undo(w, f) : succeed(w, f)) != 0)
        return -1;
    RUN_OF_FLOW(w, f, "DELETE FROM flow_grant WHERE flow = :flow");
    RUN_OF_FLOW(w, f, "DELETE FROM flow_login WHERE flow = :flow");
    return 0;
}
