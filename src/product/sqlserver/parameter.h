/*
 * Parameters of an instance: which there are, and which values they may have.
 *
 * They are the rows of the table Parameter of the schema. A parameter that was never set has its default.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_PARAMETER_H
#define VIRGA_PRODUCT_SQLSERVER_PARAMETER_H

#include "gen/sqlserver_tables.h"

/* The parameter of that name, compared exactly, or NULL. */
const struct parameter_row *parameter_find(struct str name);

/* The largest value of an integer, of an instance with so much memory. */
int64_t parameter_most(const struct parameter_row *parameter, int64_t memory_gb);

/* Whether the text is a value of the parameter, on an instance with so much memory: one of the range, or one
 * of those beside it. */
bool parameter_accepts(const struct parameter_row *parameter, int64_t memory_gb, struct str value);

#endif
