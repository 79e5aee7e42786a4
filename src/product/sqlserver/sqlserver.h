/* The product as a whole: what the program starts an emulator with. */
#ifndef VIRGA_PRODUCT_SQLSERVER_SQLSERVER_H
#define VIRGA_PRODUCT_SQLSERVER_SQLSERVER_H

#include "core/flow.h"
#include "product/sqlserver/kinds.h"

extern const struct flow_type sqlserver_flow_types[FLOW_TYPES];

/* The automatic backups. */
extern const struct schedule sqlserver_schedule;

#endif
