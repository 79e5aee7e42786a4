/*
 * What a task makes on an instance: new databases, copies under new names, databases overwritten.
 *
 * The rows are written while the checks go on; a call that fails is undone as a whole. So a name that comes
 * twice in one call is there already at its second time.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_MAKING_H
#define VIRGA_PRODUCT_SQLSERVER_MAKING_H

#include "base/map.h"
#include "product/sqlserver/database.h"

/* The actions differ in the codes that they have for the same fault. */
struct making_codes {
    enum error_id chars;    /* a name with other than the allowed characters */
    enum error_id reserved; /* a name that SQL Server keeps for itself */
    enum error_id exists;   /* a name that is taken */
    enum error_id too_many; /* more databases than the target may have */
};

struct making {
    struct call *c;
    const struct instance *target;
    const struct making_codes *codes;
    struct database_set set; /* what the flow works on; a maker may have put databases in before */
    int64_t room;            /* how many more databases the target may have */
    struct map overwritten;  /* names, so that each is taken once */
};

/* All functions: 0, or -1 after failing the call. */

/* To be called first, with `c`, `target` and `codes` set. */
int making_begin(struct making *m);

/* May a client give a new database this name? Names that we make up are not asked. */
int making_check_name(const struct making *m, struct str name);

/* A database with a collation and a remark, both of which may be absent. */
int making_new(struct making *m, struct str name, struct str charset, struct str remark);

/* A copy of the source's database `old`: with its collation and recovery model if it is still there, but
 * without its remark and grants. */
int making_copy(struct making *m, const struct instance *source, struct str old, struct str new_name);

/* A copy of the data of `at_ms`. `new_name` absent: the default one; else it is checked. */
int making_copy_named(struct making *m, const struct instance *source,
                      const struct flow_database *old_and_new, int64_t at_ms);

/* The target's database of that name is written over; DBInvalidStatus when it does not work or a flow holds
 * it. Where the target has none it is made (assumed: that is how a dropped database comes back). */
int making_overwrite(struct making *m, const struct instance *source, struct str name);

#endif
