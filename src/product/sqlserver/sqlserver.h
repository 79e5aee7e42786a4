/* The product as a whole: what the program starts an emulator with. */
#ifndef VIRGA_PRODUCT_SQLSERVER_SQLSERVER_H
#define VIRGA_PRODUCT_SQLSERVER_SQLSERVER_H

#include "core/flow.h"

/* The kinds of flow, as indexes into sqlserver_flow_types. */
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

extern const struct flow_type sqlserver_flow_types[FLOW_TYPES];

/* The automatic backups. */
extern const struct schedule sqlserver_schedule;

#endif
