/* Filters: what a request may leave out becomes NULL in a statement, and `(:x IS NULL OR ...)` lets all pass.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_INSTANCE_LIST_H
#define VIRGA_PRODUCT_SQLSERVER_INSTANCE_LIST_H

#include "store/db.h"
#include "wire/shape.h"

/* An absent number filters nothing; `name` is the statement's parameter, a literal. */
void filter_i64(struct stmt *s, const char *name, struct opt_i64 value);

/* An empty text filters nothing. */
void filter_text(struct stmt *s, const char *name, struct str value);

/* As a JSON array, for `IN (SELECT value FROM json_each(:x))`. An empty list filters nothing. */
void filter_list(struct stmt *s, struct arena *a, const char *name, const struct str_list *values);

#endif
