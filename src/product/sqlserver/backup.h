/* Making backups. The action is declared in the generated header. */
#ifndef VIRGA_PRODUCT_SQLSERVER_BACKUP_H
#define VIRGA_PRODUCT_SQLSERVER_BACKUP_H

#include "core/flow.h"
#include "gen/sqlserver_enums.h"
#include "product/sqlserver/instance.h"

/* A backup that is to be recorded with its flow. */
struct backup_record {
    const struct flow *flow;
    struct str name;
    int64_t strategy, storage_strategy;
    enum backup_way way;
    bool single_files;
};

/* -1 when the store failed. */
int backup_insert(struct world *w, const struct backup_record *record);

/* Documented by example: "mssql-xxx_20220619114124", the instance and the start in Beijing time. */
struct str backup_default_name(struct arena *a, struct str instance_id, int64_t start_ms);

#endif
