/* Databases of an instance, as the objects of a task. */
#ifndef VIRGA_PRODUCT_SQLSERVER_DATABASE_H
#define VIRGA_PRODUCT_SQLSERVER_DATABASE_H

#include "base/arena.h"
#include "core/call.h"
#include "product/sqlserver/flow_effect.h"
#include "product/sqlserver/instance.h"

/* The databases of a task, each with what the task does to it. */
struct database_set {
    struct flow_database *v;
    size_t n;
    bool any_simple; /* one of them is in the simple recovery model */
};

/* Appends in the arena of the call. */
void database_set_add(struct call *c, struct database_set *set, struct flow_database database);

/* All databases of the instance that work, by name, held. An empty set when there is none. -1 when the store
 * failed. */
int database_all(struct world *w, struct arena *a, int64_t instance, struct database_set *ret_set);

/* The databases named, each once, in the order named, with one effect. -1 after failing the call: DBNotFound
 * for a name that the instance does not have (system databases are never among its databases),
 * DBInvalidStatus for one that does not work or that a running flow holds. */
int database_choose(struct call *c, const struct instance *instance, const struct str_list *names,
                    enum database_effect effect, struct database_set *ret_set);

/* 1 if the instance has, or is about to have, a database of that name, 0 if not, -1 after failing the call.
 */
int database_exists(struct call *c, const struct instance *instance, struct str name);

/* A database that a flow is about to make: status 1. -1 after failing the call. `charset` and `remark` may be
 * absent. */
int database_insert(struct call *c, const struct instance *instance, struct str name, struct str charset,
                    struct str remark);

/* May a new database have this name? 1 to 64 letters, digits and underscores, the first not an underscore
 * (documented, of several pages the widest). */
bool database_name_ok(struct str name);

/* --- dbname --- */

/* Names of databases: which are taken by SQL Server itself, and which a copy gets by default. */

/* Is it a system database or a reserved word of Transact-SQL, in whatever case? That there are reserved names
 * is documented by the code DBNameIsKeyWrods; which ones is assumed. */
bool dbname_reserved(struct str name);

/* "<name>_<YYYYMMDDHHMMSS>" in Beijing time: what a copy is called that is restored without a new name.
 * Default naming is documented, its form is assumed. `at_ms` is the time that the data is of, so that the
 * name can be told before the restoring. */
struct str dbname_of_copy(struct arena *a, struct str name, int64_t at_ms);

/* --- dblimit --- */

/* How many databases an instance may have. */

/* What the limit depends on. */
struct dbhost {
    struct str instance_type; /* SI and BI have a single node */
    struct str version;       /* as in 2008R2, 2012SP3, 2017 */
    int64_t cores;            /* below 1 counts as 1 */
};

/* Documented (238/2021). What is assumed: that versions after 2019 are as 2019, and that an instance for
 * analysis (BI) is as any single node. */
int64_t dblimit_of(const struct dbhost *host);

/* How many more databases the instance may have; below 0 when it has too many. -1 after failing the call. */
int dblimit_room(struct call *c, const struct instance *instance, int64_t *ret_room);

#endif
