/* Names of databases: which are taken by SQL Server itself, and which a copy gets by default. */
#ifndef VIRGA_PRODUCT_SQLSERVER_DBNAME_H
#define VIRGA_PRODUCT_SQLSERVER_DBNAME_H

#include "base/arena.h"

/* Is it a system database or a reserved word of Transact-SQL, in whatever case? That there are reserved names
 * is documented by the code DBNameIsKeyWrods; which ones is assumed. */
bool dbname_reserved(struct str name);

/* "<name>_<YYYYMMDDHHMMSS>" in Beijing time: what a copy is called that is restored without a new name.
 * Default naming is documented, its form is assumed. `at_ms` is the time that the data is of, so that the
 * name can be told before the restoring. */
struct str dbname_of_copy(struct arena *a, struct str name, int64_t at_ms);

#endif
