/* The subcommand `virga ca`. */
#ifndef VIRGA_CLI_CA_H
#define VIRGA_CLI_CA_H

/* argv behind the subcommand. The exit code. */
int ca_main(char **argv);

#endif
