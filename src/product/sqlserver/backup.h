/* Recording backups: for CreateBackup, for the schedule, and for the backup before DeleteDB. */
#ifndef VIRGA_PRODUCT_SQLSERVER_BACKUP_H
#define VIRGA_PRODUCT_SQLSERVER_BACKUP_H

#include "core/call.h"
#include "core/flow.h"
#include "gen/sqlserver_enums.h"

/* A backup that is recorded with its flow. */
struct backup_record {
    const struct flow *flow;
    struct str name;        /* p == NULL: the default name */
    struct str instance_id; /* part of the default name */
    enum backup_strategy strategy;
    enum backup_storage storage_strategy;
    enum backup_way way;
    bool single_files; /* a file for each database, not one archive */
};

/* Inserts the backup of a flow that has started; when the flow has ended, the backup is finished. The default
 * name has the instance and the start in Beijing time, as in the documented example
 * "mssql-xxx_20220619114124". The name is in `a`. -1 when the store failed. */
int backup_insert(struct world *w, struct arena *a, const struct backup_record *record);

/* Reads the window of StartTime and EndTime in ms, both ends included to the second; the schema's rules have
 * checked the form of the texts. -1 after failing the call with InputIllegal because the window ends before
 * it begins. */
int backup_window(struct call *c, struct str start_time, struct str end_time, int64_t ret_window_ms[2]);

#endif
