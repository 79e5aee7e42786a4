/*
 * Databases that a task creates or overwrites on an instance, for CreateDB, CloneDB, RestoreInstance and
 * RollbackInstance.
 *
 * The rows are written while the checks go on, and the handler's savepoint undoes them when the call fails.
 * So a name that comes twice in one call is taken already at its second time.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_DATABASE_CREATE_H
#define VIRGA_PRODUCT_SQLSERVER_DATABASE_CREATE_H

#include "base/map.h"
#include "product/sqlserver/database.h"

/* The codes of an action; the actions have different ones for the same mistake. */
struct db_create_codes {
    enum error_id chars;    /* a name with other than the allowed characters */
    enum error_id reserved; /* a name that SQL Server reserves */
    enum error_id exists;   /* a name that is taken */
    enum error_id too_many; /* more databases than the target may have */
};

/* The databases that a call creates. */
struct db_create_plan {
    struct call *c;
    const struct instance *target;
    const struct db_create_codes *codes;
    struct database_set set; /* for the flow; the action may put databases in before */
    int64_t room;            /* how many more databases the target may have */
    struct map overwritten;  /* names, so that each is overwritten once */
};

/* All functions: 0, or -1 after failing the call. */

/* To be called first, with `c`, `target` and `codes` set. */
int db_create_begin(struct db_create_plan *plan);

/* Whether a client may give a new database this name. Default names need no check. */
int db_create_check_name(const struct db_create_plan *plan, struct str name);

/* A copy of the database `old_name` of the source: with its collation and recovery model when the source
 * still has it, without its remark and grants. */
int db_create_copy(struct db_create_plan *plan, const struct instance *source, struct str old_name,
                   struct str new_name);

/* Overwrites the target's database of that name; DBInvalidStatus when it is not in normal status or a flow
 * holds it. Where the target has none it is created (assumed, so that a dropped database can come back). */
int db_create_overwrite(struct db_create_plan *plan, const struct instance *source, struct str name);

#endif
