/*
 * Databases of an instance: the choice of those that a task works on, and the rules for new ones.
 *
 * The functions check databases one by one in the order of the call, so the first wrong one decides the
 * answer.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_DATABASE_H
#define VIRGA_PRODUCT_SQLSERVER_DATABASE_H

#include "product/sqlserver/flow_effect.h"
#include "product/sqlserver/instance.h"

/* The databases of a task, each with what the task does to it. */
struct database_set {
    struct flow_database *v;
    size_t n;
    bool any_simple; /* one of them is in the simple recovery model */
};

/* Chooses all databases in normal status, ordered by name, for a task that changes none of them. The set is
 * empty when there is none. `instance` is a row. -1 when the store failed. */
int database_all(struct world *w, struct arena *a, int64_t instance, struct database_set *ret_set);

/* Chooses the named databases in the order of the names, each once, all with the same effect. -1 after
 * failing the call: DBNotFound when the instance has no database of a name (it never has system databases),
 * DBInvalidStatus when one is not in normal status or a running flow uses it. */
int database_choose(struct call *c, const struct instance *instance, const struct str_list *names,
                    enum database_effect effect, struct database_set *ret_set);

/* 1 and the database's name as the instance has it: where the instance's collation ignores the case, a client
 * may write it otherwise. 0 when there is none, -1 after failing the call. */
int database_spell(struct call *c, const struct instance *instance, struct str name, struct str *ret_name);

/* -1 after failing the call with DBInvalidStatus because a running flow uses the database, or will give a
 * database that name. */
int database_check_free(struct call *c, const struct instance *instance, struct str name);

/* 1 if the instance has a database of that name or a running flow will give one the name, 0 if not, -1 after
 * failing the call. */
int database_exists(struct call *c, const struct instance *instance, struct str name);

/* Inserts a database that a flow will create. `charset` and `remark` may be absent. -1 after failing the
 * call. */
int database_insert(struct call *c, const struct instance *instance, struct str name, struct str charset,
                    struct str remark);

/* --- names --- */

/* Whether a new database may have this name: 1 to 64 letters, digits and underscores, and no underscore first
 * (documented; the widest rule of several pages). */
bool database_name_valid(struct str name);

/* Whether the name is a system database or a reserved word of Transact-SQL, in any case of letters. The code
 * DBNameIsKeyWrods documents that reserved names exist; the list is assumed. */
bool database_name_reserved(struct str name);

/* "<name>_<YYYYMMDDHHMMSS>" in Beijing time: the default name of a copy. The default is documented, its form
 * is assumed. `at_ms` is the time of the data, so a client knows the name before it restores. */
struct str database_copy_name(struct arena *a, struct str name, int64_t at_ms);

/* --- limit --- */

/* What the number of databases depends on. */
struct server_size {
    struct str instance_type; /* SI and BI have a single node */
    struct str version;       /* 2008R2, 2012SP3, 2017, ... */
    int64_t cores;            /* below 1 counts as 1 */
};

/* How many databases an instance may have (documented, 238/2021). Assumed: versions after 2019 are like 2019,
 * and BI is like any single node. */
int64_t database_limit(const struct server_size *size);

/* Returns how many more databases the instance may have; below 0 when it has too many. -1 after failing the
 * call. */
int database_room(struct call *c, const struct instance *instance, int64_t *ret_room);

#endif
