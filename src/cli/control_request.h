/* Options as what the control API takes: the members of a JSON object, or a query. */
#ifndef VIRGA_CLI_CONTROL_REQUEST_H
#define VIRGA_CLI_CONTROL_REQUEST_H

#include "base/buf.h"
#include "cli/options.h"

/* Appends a number as it stands; text that is none goes as text, so that the server refuses it in its own
 * words. */
void control_request_put_number(struct buf *b, struct str value);

/* Appends `"secret_id":"...",` for every option of the table that is sent and was given. Each member ends
 * with a comma. */
void control_request_put_json(struct buf *b, const struct option_table *t, const void *target);

/* Appends "?secret_id=...&limit=10"; nothing when no option was given. */
void control_request_put_query(struct buf *b, const struct option_table *t, const void *target);

/* Appends text so that it is one value in a query. */
void control_request_put_escaped(struct buf *b, struct str value);

/* The words "Name=value" as members of a JSON object: {"InstanceId":"mssql-1","DBNames.0":"db1"}. -1 and a
 * sentence when one of them is no such. */
int control_request_put_words(struct buf *b, const struct str *words, size_t n, struct str *ret_problem);

#endif
