/* Backups: what the end of a backup's flow does. Its actions are declared in the generated header. */
#ifndef VIRGA_PRODUCT_SQLSERVER_BACKUP_H
#define VIRGA_PRODUCT_SQLSERVER_BACKUP_H

#include "core/flow.h"

/* The backup of a flow that is over succeeded at the flow's due time. */
int backup_settle(struct world *w, const struct flow *f);

#endif
