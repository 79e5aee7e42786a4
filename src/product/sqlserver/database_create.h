/*
 * What a task makes on an instance: new databases, copies under new names, databases overwritten.
 *
 * The rows are written while the checks go on; a call that fails is undone as a whole. So a name that comes
 * twice in one call is there already at its second time.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_DATABASE_CREATE_H
#define VIRGA_PRODUCT_SQLSERVER_DATABASE_CREATE_H

#include "base/map.h"
#include "product/sqlserver/database.h"

/* The actions differ in the codes that they have for the same fault. */
struct create_codes {
    enum error_id chars;    /* a name with other than the allowed characters */
    enum error_id reserved; /* a name that SQL Server keeps for itself */
    enum error_id exists;   /* a name that is taken */
    enum error_id too_many; /* more databases than the target may have */
};

struct plan {
    struct call *c;
    const struct instance *target;
    const struct create_codes *codes;
    struct database_set set; /* what the flow works on; a maker may have put databases in before */
    int64_t room;            /* how many more databases the target may have */
    struct map overwritten;  /* names, so that each is taken once */
};

/* All functions: 0, or -1 after failing the call. */

/* To be called first, with `c`, `target` and `codes` set. */
int db_create_begin(struct plan *m);

/* May a client give a new database this name? Names that we make up are not asked. */
int db_create_check_name(const struct plan *m, struct str name);

/* A database with a collation and a remark, both of which may be absent. */
int db_create_new(struct plan *m, struct str name, struct str charset, struct str remark);

/* A copy of the source's database `old`: with its collation and recovery model if it is still there, but
 * without its remark and grants. */
int db_create_copy(struct plan *m, const struct instance *source, struct str old, struct str new_name);

/* A copy of the data of `at_ms`. `new_name` absent: the default one; else it is checked. */
int db_create_copy_named(struct plan *m, const struct instance *source,
                         const struct flow_database *old_and_new, int64_t at_ms);

/* The target's database of that name is written over; DBInvalidStatus when it does not work or a flow holds
 * it. Where the target has none it is made (assumed: that is how a dropped database comes back). */
int db_create_overwrite(struct plan *m, const struct instance *source, struct str name);

#endif
