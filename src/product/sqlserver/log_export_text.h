/* The text of an exported log: lines of values with commas (RFC 4180), of which the first has the names. */
#ifndef VIRGA_PRODUCT_SQLSERVER_LOG_EXPORT_TEXT_H
#define VIRGA_PRODUCT_SQLSERVER_LOG_EXPORT_TEXT_H

#include "product/sqlserver/instance.h"

/* Returns what the log has in the window that the request asks for; entries past LIMIT_EXPORT_TEXT are left
 * out. -1 after failing the call: ParamsAssertFailed for a column that the log does not have, or the store's
 * error. */
int log_export_text(struct call *c, const struct instance *instance, const struct create_export_task_in *in,
                    const int64_t window_ms[2], struct str *ret_text);

#endif
