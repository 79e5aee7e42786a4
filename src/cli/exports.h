/* The environment variables with which clients find a server, in the forms of shells and tools. */
#ifndef VIRGA_CLI_EXPORTS_H
#define VIRGA_CLI_EXPORTS_H

#include "base/buf.h"
#include "cli/endpoints.h"

/* In the order of the choices of --format. */
enum export_format { EXPORT_SH, EXPORT_DIRENV, EXPORT_FISH, EXPORT_POWERSHELL, EXPORT_DOTENV };

/* A variable; p == NULL: it has no value. */
struct export_variable {
    const char *name;
    struct str value;
};

enum { EXPORT_CLIENT_VARIABLES = 5 };
/* What the official clients, tccli and the Terraform provider read, for this server. */
void exports_of_client(struct arena *a, const struct endpoints *e,
                       struct export_variable ret[EXPORT_CLIENT_VARIABLES]);

/* Appends a line for each variable that the official clients, tccli and the Terraform provider read. A name
 * of `virga start` (p == NULL: none) adds the variable by which subcommands find that server. */
void exports_put(struct buf *b, enum export_format format, const struct endpoints *e, struct str name);

#endif
