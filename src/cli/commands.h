/*
 * The subcommands. One table has them all, and --help, completion, the man page and docs/cli.md follow from
 * it. Each is in cmd_<name>.c, unless a header of its own declares it.
 */
#ifndef VIRGA_CLI_COMMANDS_H
#define VIRGA_CLI_COMMANDS_H

#include "cli/options.h"

struct command {
    const char *name, *help; /* one line */
    const struct option_table *options;
    int (*run)(char **argv); /* argv behind the subcommand; the exit code */
};

extern const struct command commands[];
extern const size_t n_commands;

/* NULL when there is none of that name. */
const struct command *command_find(const char *name);

extern const struct option_table actions_option_table;
extern const struct option_table call_option_table;
extern const struct option_table clock_option_table;
extern const struct option_table completion_option_table;
extern const struct option_table console_option_table;
extern const struct option_table coverage_option_table;
extern const struct option_table explain_option_table;
extern const struct option_table faults_option_table;
extern const struct option_table health_option_table;
extern const struct option_table magic_option_table;
extern const struct option_table man_option_table;
extern const struct option_table requests_option_table;
extern const struct option_table reset_option_table;
extern const struct option_table run_option_table;
extern const struct option_table sig_option_table;
extern const struct option_table state_option_table;
extern const struct option_table verify_option_table;
extern const struct option_table wait_option_table;
extern const struct option_table why_option_table;

/* The variables that `virga run` sets for its command, as options of no command: serve knows them. */
extern const struct option_table run_variables;

int actions_main(char **argv);
int call_main(char **argv);
int clock_main(char **argv);
int completion_main(char **argv);
int console_main(char **argv);
int coverage_main(char **argv);
int explain_main(char **argv);
int faults_main(char **argv);
int health_main(char **argv);
int magic_main(char **argv);
int man_main(char **argv);
int requests_main(char **argv);
int reset_main(char **argv);
int run_main(char **argv);
int sig_main(char **argv);
int state_main(char **argv);
int verify_main(char **argv);
int wait_main(char **argv);
int why_main(char **argv);

#endif
