/* An instance as answers show it: what is stored, and what follows from it. */
#ifndef VIRGA_PRODUCT_SQLSERVER_INSTANCE_VIEW_H
#define VIRGA_PRODUCT_SQLSERVER_INSTANCE_VIEW_H

#include "core/call.h"
#include "gen/sqlserver.h"

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
