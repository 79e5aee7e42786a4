/* The kinds of flow that the product starts; what each is called, lasts and brings about is a row of
 * sqlserver.c. */
#ifndef VIRGA_PRODUCT_SQLSERVER_SQLSERVER_H
#define VIRGA_PRODUCT_SQLSERVER_SQLSERVER_H

#include "core/flow.h"
#include "product/sqlserver/database.h"

/* Indexes into sqlserver_flow_types. */
enum {
    FLOW_BACKUP,
    FLOW_AUTOBACKUP,
    FLOW_RESTORE,
    FLOW_ROLLBACK,
    FLOW_CLONE,
    FLOW_CREATEDB,
    FLOW_DELETEDB,
    FLOW_RENAMEDB,
    FLOW_TYPES
};

/* --- sqlserver --- */

/* The product as a whole: what the program starts an emulator with. */

extern const struct flow_type sqlserver_flow_types[FLOW_TYPES];

/* The automatic backups. */
extern const struct schedule sqlserver_schedule;

/* --- task --- */

/* Starting a task on databases of an instance. */

/* Starts a flow of the kind now, on the databases of the set. -1 after failing the call. */
int task_start(struct call *c, size_t kind, const struct instance *instance, const struct database_set *set,
               struct flow *ret_flow);

#endif
