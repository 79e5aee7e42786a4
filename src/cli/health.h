/* The subcommand `virga ca`. */
#ifndef VIRGA_CLI_HEALTH_H
#define VIRGA_CLI_HEALTH_H

#include "cli/options.h"

extern const struct option_table ca_option_table;

/* argv behind the subcommand. The exit code. */
int ca_main(char **argv);

#endif
