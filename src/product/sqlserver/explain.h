/*
 * Refusals whose reason needs a look into the state: which databases there are, which flow is in the way.
 *
 * The answer's code and text are the service's and tell none of it; the reason goes to the log, the journal
 * and whoever asks why (core/call.h). The look costs a query, and only a refused call pays it.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_EXPLAIN_H
#define VIRGA_PRODUCT_SQLSERVER_EXPLAIN_H

#include "product/sqlserver/instance.h"

/* All fail the call, with `id` or the code that their comment names, and return -1. A look that fails leaves
 * its part of the sentence out. */

/* The caller has no instance of that id in the call's region: where it is, if anywhere. InstanceNotFound. */
int reject_no_instance(struct call *c, struct str instance_id);

/* The instance has no database of that name: which it has. */
int reject_no_database(struct call *c, enum error_id id, const struct instance *instance, struct str name);

/* The instance has no database that works, and the task is for all of them: DBNotFound. */
int reject_no_databases(struct call *c, const struct instance *instance);

/* A pair of names lacks its old one; `i` counts from 0. InputIllegal. */
int reject_no_old_name(struct call *c, size_t i);

/* The instance keeps no backup with a file of that id, or of that group, that could be used. InputIllegal. */
int reject_no_file(struct call *c, const struct instance *instance, int64_t file_id);
int reject_no_group(struct call *c, const struct instance *instance, struct str group_id);

/* A span of time that ends before it begins. InputIllegal. */
int reject_span(struct call *c, struct str start, struct str end);

/* A new name for a database: with characters that it may not have, kept by SQL Server for itself, taken, or
 * the old one again. */
int reject_characters(struct call *c, enum error_id id, struct str name);
int reject_reserved(struct call *c, enum error_id id, struct str name);
int reject_taken(struct call *c, enum error_id id, const struct instance *instance, struct str name);
int reject_same(struct call *c, enum error_id id, struct str name);

/* A running flow holds the database, or is about to make one of that name. */
int reject_held(struct call *c, enum error_id id, const struct instance *instance, struct str name);

/* The instance's status or the tasks that run on it forbid another: at most `most` may run already. */
int reject_busy(struct call *c, enum error_id id, const struct instance *instance, int64_t most);

#endif
