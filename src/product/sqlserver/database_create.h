/*
 * Databases that a task creates or overwrites on an instance, for CreateDB, CloneDB, RestoreInstance,
 * RollbackInstance and migrations.
 *
 * The functions write each row at once, and the handler's savepoint undoes them when the call fails. So when
 * a call has a name twice, the second one finds that it is taken.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_DATABASE_CREATE_H
#define VIRGA_PRODUCT_SQLSERVER_DATABASE_CREATE_H

#include "base/map.h"
#include "product/sqlserver/database.h"

/* The codes of one action: the actions have different codes for the same mistake. */
struct db_create_codes {
    enum error_id chars;    /* a name with characters that are not allowed */
    enum error_id reserved; /* a name that SQL Server reserves */
    enum error_id exists;   /* a name that is taken */
    enum error_id too_many; /* more databases than the target may have */
};

/* The databases that a call creates. */
struct db_create_plan {
    struct call *c;
    const struct instance *target;
    const struct db_create_codes *codes;
    struct database_set set; /* for the flow; the action may add databases of its own first */
    int64_t room;            /* how many more databases the target may have */
    struct map overwritten;  /* names, so that each is overwritten once */
};

/* --- building a plan: each function returns 0, or -1 after failing the call --- */

/* To be called first, with `c`, `target` and `codes` set. */
int db_create_begin(struct db_create_plan *plan);

/* Whether a client may give a new database this name. Default names need no check. */
int db_create_check_name(const struct db_create_plan *plan, struct str name);

/* Creates an empty database with the collation that a new one has by default. */
int db_create_new(struct db_create_plan *plan, struct str name);

/* Creates a copy of the database `old_name` of the source. It gets the collation and the recovery model if
 * the source still has the database; it gets no remark and no grants. */
int db_create_copy(struct db_create_plan *plan, const struct instance *source, struct str old_name,
                   struct str new_name);

/* Overwrites the target's database of that name; DBInvalidStatus when it is not in normal status or a flow
 * uses it. Creates it when the target has none (assumed, so that a dropped database can be restored). */
int db_create_overwrite(struct db_create_plan *plan, const struct instance *source, struct str name);

#endif
