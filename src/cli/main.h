/*
 * The subcommands. One table has them all, and --help, completion, the man page and docs/cli.md follow from
 * it. Each is in cmd_<name>.c, unless a header of its own declares it.
 */
#ifndef VIRGA_CLI_MAIN_H
#define VIRGA_CLI_MAIN_H

#include <stddef.h>

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

/* --- exit --- */

/* The program's exit codes; `virga --help`, the man page and docs/cli.md print the table. */

enum {
    EXIT_OK = 0,
    EXIT_UNEXPECTED = 1, /* out of memory, no entropy, ... */
    EXIT_USAGE = 2,      /* an option that does not exist or does not make sense */
    EXIT_LISTEN = 3,     /* the address is taken or not ours, or it has no certificate */
    EXIT_DB_NEWER = 4,   /* the database was written by a newer virga */
    EXIT_DB_LOCKED = 5,  /* another virga has it */
    EXIT_DB_FAILED = 6,  /* it cannot be opened, or is not virga's */
    EXIT_WORLD = 7,      /* the world file cannot be used */
    EXIT_DISK = 8,       /* while running, the disk refused to keep what was promised */
    EXIT_NO_SERVER = 9,  /* a subcommand that asks a server found none */
    EXIT_REFUSED = 10,   /* the server said no: an error of a call or of the control API */
    EXIT_NOT_SO = 11,    /* virga verify: the calls were not as described; virga sig diff: the texts differ */
    EXIT_COVERAGE = 12,  /* virga run: less coverage than asked for */
    /* virga run: as shells have them. */
    EXIT_CANNOT_RUN = 126,
    EXIT_NOT_FOUND = 127,
    EXIT_SIGNAL = 128 /* and the signal's number */
};

struct exit_meaning {
    int code;
    const char *meaning;
};

extern const struct exit_meaning exit_meanings[];
extern const size_t n_exit_meanings;

#endif
