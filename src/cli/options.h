/*
 * Options from a table: each is a row with a name, what it takes, one line of help and a function.
 *
 * Every option is also an environment variable: --flow-seconds is VIRGA_FLOW_SECONDS. The command line wins
 * over the variable, the variable over the default. A repeatable option takes a list with commas in its
 * variable.
 */
#ifndef VIRGA_CLI_OPTIONS_H
#define VIRGA_CLI_OPTIONS_H

#include "base/arena.h"

struct option_row {
    const char *name;  /* "--port" */
    const char *value; /* what it takes, for the help: "PORT"; NULL for a switch */
    const char *help;
    bool repeats;
    /* Puts the value into the target. -1 and a sentence about the value. */
    int (*set)(void *target, struct arena *a, struct str value, struct str *ret_why);
};

struct option_table {
    const char *usage; /* the first line of its help: "virga serve [options]" */
    const char *about;
    const struct option_row *rows;
    size_t n;
};

/* Variables first, then the command line (argv without the program and subcommand). -1 and a sentence on
 * anything wrong. 1 when
 * --help was asked for. Values live as long as `a`. */
int options_read(const struct option_table *t, void *target, struct arena *a, char **argv,
                 struct str *ret_why);

void options_print_help(const struct option_table *t);

/* Says which VIRGA_* variables no option of the tables knows: one that another subcommand takes is known. */
void options_warn_unknown_variables(const struct option_table *const *tables, size_t n);

#endif
