/* The kinds of flow that the product starts; what each is called, lasts and brings about is a row of
 * sqlserver.c. */
#ifndef VIRGA_PRODUCT_SQLSERVER_KINDS_H
#define VIRGA_PRODUCT_SQLSERVER_KINDS_H

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

#endif
