/* The environment variables with which clients find a server, in the forms of shells and tools. */
#ifndef VIRGA_CLI_EXPORTS_H
#define VIRGA_CLI_EXPORTS_H

#include "base/buf.h"
#include "cli/endpoints.h"

/* In the order of the choices of --format. */
enum export_format { EXPORT_SH, EXPORT_DIRENV, EXPORT_FISH, EXPORT_POWERSHELL, EXPORT_DOTENV };

/* "HTTP" or "HTTPS", by the endpoint's scheme: the value of TENCENTCLOUD_PROTOCOL. */
struct str exports_protocol(struct str endpoint);

/* Appends a line for each variable that the official clients, tccli and the Terraform provider read. A name
 * of `virga start` (p == NULL: none) adds the variable by which subcommands find that server. */
void exports_put(struct buf *b, enum export_format format, const struct endpoints *e, struct str name);

#endif
