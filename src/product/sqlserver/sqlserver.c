/* What the core needs to know of the product beside its actions: the kinds of flow, and what is done by the
 * clock. */
#include "product/sqlserver/sqlserver.h"

#include "product/sqlserver/backup.h"
#include "product/sqlserver/policy.h"

/*
 * The service takes 5 to 120 minutes for a backup (documented); 2 seconds let a client see it running. An
 * automatic backup takes no time unless told to: while it ran, a manual one would be refused, and no test
 * should fail because of the hour.
 */
const struct flow_type sqlserver_flow_types[FLOW_TYPES] = {
    [FLOW_BACKUP] = {STR_INIT("backup"), 2000, backup_settle},
    [FLOW_AUTOBACKUP] = {STR_INIT("autobackup"), 0, backup_settle},
    [FLOW_RESTORE] = {STR_INIT("restore"), 2000, NULL},
    [FLOW_ROLLBACK] = {STR_INIT("rollback"), 2000, NULL},
    [FLOW_CLONE] = {STR_INIT("clone"), 2000, NULL},
    [FLOW_CREATEDB] = {STR_INIT("createdb"), 1000, NULL},
    [FLOW_DELETEDB] = {STR_INIT("deletedb"), 1000, backup_settle}, /* of the backup before it, if any */
    [FLOW_RENAMEDB] = {STR_INIT("renamedb"), 1000, NULL},
};

const struct schedule sqlserver_schedule = {policy_next, policy_run};
