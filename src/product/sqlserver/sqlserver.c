#include "product/sqlserver/sqlserver.h"

#include "product/sqlserver/backup.h"

/* The service takes 5 to 120 minutes for a backup (documented); 2 seconds let a client see it running. */
const struct flow_type sqlserver_flow_types[FLOW_TYPES] = {
    [FLOW_BACKUP] = {STR_INIT("backup"), 2000, backup_settle},
};
