/*
 * The logins of an instance (the API calls them accounts) and their grants on databases.
 *
 * An action that changes logins starts a flow; while it runs, the status of a login keeps other flows away. A
 * password is checked and forgotten: nothing of it is stored.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_LOGIN_H
#define VIRGA_PRODUCT_SQLSERVER_LOGIN_H

#include "product/sqlserver/change.h"

struct login {
    struct str name, account_type;
    enum login_status status;
};

/* All functions return 0, or -1 after failing the call. */

/* Finds a login; AccountNotExist when there is none, or ParamsNotFound for an action that does not declare
 * that. */
int login_get(struct call *c, const struct instance *instance, struct str name, struct login *ret_login);

/* Finds a login that no flow changes; AccountInvalidStatus otherwise, or InstanceStatusInvalid for an action
 * that does not declare that (assumed). */
int login_get_free(struct call *c, const struct instance *instance, struct str name, struct login *ret_login);

/* Whether a client may give a new login this name: a letter, then letters, digits and underscores, 50 in all
 * (documented), and no name that the server reserves (the list is assumed). */
int login_check_name(struct call *c, struct str name);
/* Whether the password fulfils the documented rule: 8 to 32 characters, with at least two of letters, digits
 * and _+-&=!@#$%^*()[]. The explanation does not quote it. */
int login_check_password(struct call *c, struct str name, struct str password);

/* --- words --- */

/* Whether it is a privilege on a database; Delete, which takes one away, only where `may_delete` is set.
 * PrivilegeIsIllegal where the action declares it, else GrantIsIllegal. */
int login_check_privilege(struct call *c, struct str privilege, bool may_delete);
/* Whether it is a type of account; GrantIsIllegal. p == NULL is accepted. */
int login_check_type(struct call *c, struct str account_type);

/* --- flows --- */

/* What a flow does to logins: rows that the caller adds to, one login once. */
struct login_plan {
    struct call *c;
    const struct instance *instance;
    struct flow flow; /* running; started by login_plan_start */
};

/* Starts the flow. It has to be settled with login_plan_finish after the rows are added. */
int login_plan_start(struct login_plan *plan, enum flow_kind kind);
/* The login gets the effect's status at once. `account_type` p == NULL leaves the type. */
int login_plan_add(const struct login_plan *plan, struct str login, enum login_effect effect,
                   struct str account_type);
/* A success gives the login this privilege on the database, or takes it away (Delete). The last one of a
 * database and a login counts. */
int login_plan_grant(const struct login_plan *plan, struct str login, struct str database,
                     struct str privilege);
/* Applies the outcome when the flow has no duration. */
int login_plan_finish(const struct login_plan *plan);

/* The settle function, declared in gen/sqlserver_flows.h: int logins_settle(struct world *w, const struct
 * flow *f). Failure removes a login that was to be created, and changes nothing else. */

#endif
