/* Instances: finding the caller's, and whether one may take on a task. */
#ifndef VIRGA_PRODUCT_SQLSERVER_INSTANCE_H
#define VIRGA_PRODUCT_SQLSERVER_INSTANCE_H

#include "core/call.h"
#include "gen/sqlserver.h"

/* How answers show a time that has not come or never will (documented by example). */
#define NO_TIME STR("0000-00-00 00:00:00")

/* The stored status of an instance that works; 7, "a task is running", follows from its flows and is not
 * stored. */
enum { INSTANCE_RUNNING = 2 };

struct instance {
    int64_t row; /* in the store */
    struct str instance_id;
    struct str region; /* the call's */
    int64_t status;    /* as stored: never 7 */
    int64_t running;   /* flows that run on it now */
    bool automatic;    /* one of them is the automatic backup */
    int64_t port;
    bool single_files; /* its backups are a file a database (backup model *_no_pkg) */
    int64_t keep_ms;   /* how long its backups are kept */
};

/* How long backups are kept with this many days in the store. Days that no rule would let in, of a file that
 * somebody edited, become the nearest that one would. */
int64_t instance_keep_ms(int64_t save_days);

/* The caller's instance of that id in the call's region. -1 after failing the call: InstanceNotFound, or the
 * store's error. */
int instance_get(struct call *c, struct str instance_id, struct instance *ret_instance);

/* -1 after failing the call with InstanceStatusInvalid when the instance is not running normally, or when as
 * many tasks as are allowed are running on it. */
int instance_accept_task(struct call *c, const struct instance *instance);
/* The same for actions that do not declare InstanceStatusInvalid: they answer DBInvalidStatus (assumed). */
int instance_accept_database_task(struct call *c, const struct instance *instance);

/* Likewise, for a change that is no task: any number of them may run. */
int instance_accept_change(struct call *c, const struct instance *instance);

/* Likewise, for tasks that may not run beside any other. */
int instance_accept_sole_task(struct call *c, const struct instance *instance);

/* --- instance view --- */

/* An instance as answers show it: what is stored, and what follows from it. */

/* 7, "a task is running", is not stored: it follows from the flows. */
#define INSTANCE_STATUS                                                                                      \
    "CASE WHEN instance.status = 2 AND EXISTS (SELECT 1 FROM flow WHERE flow.instance = instance.id"         \
    " AND flow.outcome IS NULL) THEN 7 ELSE instance.status END"

/* In the form of the documented "gamedb.gz1000432.mssql.db"; `:short_region` is "gz". */
#define INSTANCE_UID "'gamedb.' || :short_region || (1000000 + instance.id) || '.mssql.db'"

/* What instance_view reads from a statement over `instance`. */
#define INSTANCE_COLUMNS                                                                                     \
    "instance.id, instance.instance_id, instance.name, instance.project_id, instance.zone, "                 \
    "instance.version,"                                                                                      \
    " instance.cpu, instance.memory_gb, instance.storage_gb, instance.instance_type, instance.machine_type," \
    " instance.pay_mode, instance.vip, instance.port, instance.vpc_id, instance.subnet_id, instance.note,"   \
    " instance.created_ms, instance.backup_model, instance.backup_type, instance.backup_hour,"               \
    " instance.backup_cycle, instance.backup_save_days, " INSTANCE_STATUS " AS shown_status, " INSTANCE_UID  \
    " AS uid"

/* Binds `:short_region`, which INSTANCE_UID has, for the call's region. */
void instance_view_bind(const struct call *c, struct stmt *s);

/* The current row. -1 after failing the call. */
int instance_view(struct call *c, struct stmt *s, struct db_instance *ret_view);

#endif
