/*
 * Options from a table: each is a row with a name, what it takes, one line of help and a function.
 *
 * Nearly every option is also an environment variable: --flow-seconds is VIRGA_FLOW_SECONDS (not those that
 * are sent, see below). The command line wins over the variable, the variable over the default. A repeatable
 * option takes a list with commas in its variable.
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
    int (*set)(void *target, struct arena *a, struct str value, struct str *ret_problem);
};

/* Whether and how the control API is sent an option of that kind (cli/members.h). One that is sent is part of
 * one question and no variable: a forgotten VIRGA_SCOPE would make a reset half of one, and VIRGA_LIMIT is
 * the server's. */
enum option_sent { OPTION_LOCAL, OPTION_SENT_TEXT, OPTION_SENT_NUMBER };

/* An option that is kept as it was given; the last counts. */
struct option_text {
    const char *name, *value, *help; /* as in a row */
    size_t at;                       /* in the target, a struct str; p == NULL until it is given */
    enum option_sent sent;
};

/* All but `usage` and `about` may be left out. */
struct option_table {
    const char *usage; /* the first line of its help: "virga serve [options]" */
    const char *about;
    const struct option_row *rows;
    size_t n;
    const struct option_text *texts;
    size_t n_texts;
    const char *words; /* for completion: "add list clear"; "ACTION" and "CODE" stand for all of them */
    /* Takes one word that is no option; NULL: there are no such. Behind "--" every word is one. */
    int (*word)(void *target, struct arena *a, struct str value, struct str *ret_problem);
    const struct option_table *passes; /* options of another command, handed on by `pass` as "--seed=7" */
    void (*pass)(void *target, struct arena *a, struct str option);
};

/* An option of either kind; one of `row` and `text` is NULL. */
struct option {
    const char *name, *value, *help;
    bool repeats;
    const struct option_row *row;
    const struct option_text *text;
};

size_t options_count(const struct option_table *t);
/* By its index, the rows first. */
struct option options_get(const struct option_table *t, size_t i);

enum { OPTION_VARIABLE_MAX = 64 };
bool options_has_variable(const struct option *o);
/* The variable's name: "--flow-seconds" is VIRGA_FLOW_SECONDS. */
void options_variable(const struct option *o, char out[OPTION_VARIABLE_MAX]);

/* Variables first, then the command line (argv without the program and subcommand). -1 and a sentence on
 * anything wrong. 1 when --help was asked for. Values live as long as `a`. */
int options_read(const struct option_table *t, void *target, struct arena *a, char **argv,
                 struct str *ret_problem);

/* The name of a text option that was given, other than `except` (may be NULL); NULL when none was. */
const char *options_given(const struct option_table *t, const void *target, const char *except);

void options_print_help(const struct option_table *t);

/* Says which VIRGA_* variables no option of the tables knows: one that another subcommand takes is known. */
void options_warn_unknown_variables(const struct option_table *const *tables, size_t n);

#endif
