/*
 * Rejections whose explanation needs a look at the state: which databases exist, or which flow uses one.
 *
 * The answer has the service's code and message; the explanation goes to the log, the journal and `GET
 * /_virga/why` (core/call.h). The queries run only when a call is rejected.
 *
 * All functions fail the call, with `id` or with the code in their comment, and return -1. When a query
 * fails, its part of the sentence is left out.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_EXPLAIN_H
#define VIRGA_PRODUCT_SQLSERVER_EXPLAIN_H

#include "product/sqlserver/instance.h"

/* --- databases --- */

/* The instance has no database of that name: `id`, or where the action does not declare it DBNotExit,
 * ParamsNotFound or InputIllegal (assumed). The sentence lists those that it has. */
int reject_no_database(struct call *c, enum error_id id, const struct instance *instance, struct str name);

/* The task is for all databases, and none is in normal status: DBNotFound. */
int reject_no_databases(struct call *c, const struct instance *instance);

/* The database is not in normal status: DBInvalidStatus, or InstanceStatusInvalid where the action declares
 * only that (assumed). */
int reject_database_status(struct call *c, struct str name, int64_t status);

/* A running flow uses the database, or will give a database that name: the same codes. */
int reject_locked(struct call *c, const struct instance *instance, struct str name);

/* --- new names --- */

/* The name has characters that it may not have. */
int reject_characters(struct call *c, enum error_id id, struct str name);
/* SQL Server reserves the name. */
int reject_reserved(struct call *c, enum error_id id, struct str name);
/* The instance has a database of that name. */
int reject_taken(struct call *c, enum error_id id, const struct instance *instance, struct str name);
/* The new name is the old one. */
int reject_same(struct call *c, enum error_id id, struct str name);
/* Element `i`, from 0, of RenameRestore has no OldName: InputIllegal. */
int reject_no_old_name(struct call *c, size_t i);

/* --- backups --- */

/* The instance keeps no usable backup with a file of that id, or of that group: InputIllegal. */
int reject_no_file(struct call *c, const struct instance *instance, int64_t file_id);
int reject_no_group(struct call *c, const struct instance *instance, struct str group_id);

/* --- instances --- */

/* The caller has no instance of that id in the call's region: InstanceNotFound, or of an action that does not
 * declare it another code (assumed). The explanation gives its region and account. */
int reject_no_instance(struct call *c, struct str instance_id);

/* The instance is not in normal status, or more than `running_max` tasks run on it. */
int reject_busy(struct call *c, enum error_id id, const struct instance *instance, int64_t running_max);
/* The action is not for read-only instances: NotSupportRoInstance. */
int reject_read_only(struct call *c, const struct instance *instance);
/* The instance has a status that is not in the set: bit N stands for the status N. */
int reject_status(struct call *c, enum error_id id, const struct instance *instance, uint32_t statuses);

#endif
