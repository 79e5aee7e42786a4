/* The subcommand `virga serve`. */
#ifndef VIRGA_CLI_SERVE_H
#define VIRGA_CLI_SERVE_H

/* argv behind the subcommand. The exit code. */
int serve_main(char **argv);

#endif
