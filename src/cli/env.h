/* The subcommand `virga env`: how to reach the server that is running, for a shell or for a client. */
#ifndef VIRGA_CLI_ENV_H
#define VIRGA_CLI_ENV_H

#include "cli/options.h"

extern const struct option_table env_option_table;

/* argv behind the subcommand. The exit code. */
int env_main(char **argv);

#endif
