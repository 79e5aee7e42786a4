/*
 * A subcommand. The table of all is generated from schema/cli.json (gen/cli.h), and so are --help,
 * completion, the manual page and docs/cli.md.
 */
#ifndef VIRGA_CLI_COMMAND_H
#define VIRGA_CLI_COMMAND_H

#include "cli/options.h"

struct control_row;
struct session;

struct command {
    const char *name;  /* "faults" */
    const char *usage; /* "virga faults add [Name=value]... | list | clear [ID] [options]" */
    const char *
        words; /* the words that it knows, "add list clear", or what its first word is: ACTION; may be NULL */
    struct str help;                          /* the text of --help */
    struct str (*more_help)(struct arena *a); /* what it ends with, known at run time only; NULL: nothing */
    struct option_table options;
    const struct option_table *passes; /* options that it hands on to another subcommand; NULL: none */
    size_t size;                       /* of its struct of options, whose first member is a struct session */
    size_t min_words, max_words;
    void (*init)(struct session *s); /* sets defaults that no row can; NULL: none */
    int (*run)(struct session *s);   /* returns the exit code */
    /* Of a subcommand that does nothing but send requests (cli/control_request.h): they. */
    const struct control_row *requests;
    size_t n_requests;
};

/* By its exact name. NULL when there is no subcommand of that name. */
const struct command *command_find(struct str name);

/* Reads the options and runs the subcommand, or prints its help when --help is among them. `argv` begins
 * after the subcommand. Ends the program with EXIT_USAGE when an option or the number of words is not valid.
 * Returns the exit code. Everything in the session's arena is released before it returns. */
int command_run(const struct command *c, char **argv);

#endif
