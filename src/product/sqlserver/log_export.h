/* Exports of logs: their files, as the table of download.c needs them. An export is a flow and a row with the
 * text that the log had when the flow began. */
#ifndef VIRGA_PRODUCT_SQLSERVER_LOG_EXPORT_H
#define VIRGA_PRODUCT_SQLSERVER_LOG_EXPORT_H

#include "product/sqlserver/download.h"

/* The id is that of the flow; only an export that has succeeded has a file. */
int log_export_download_find(struct call *c, int64_t flow, struct download_file *ret_file);
struct str log_export_download_body(struct call *c, const struct download_file *file);

#endif
