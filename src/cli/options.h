/*
 * Options by typed rows: a row says what an option takes and where its value goes, and one function reads
 * all.
 *
 * Nearly every option is also an environment variable: --flow-seconds is VIRGA_FLOW_SECONDS. The command line
 * overrides the variable, the variable overrides the default. A variable that is set but empty counts as not
 * set. An option that may be repeated takes a list with commas in its variable.
 *
 * The rows are generated from schema/cli.json, which has the help of each as well.
 */
#ifndef VIRGA_CLI_OPTIONS_H
#define VIRGA_CLI_OPTIONS_H

#include <stddef.h>

#include "base/arena.h"
#include "wire/shape.h"

/* What an option takes, and the C type of its member. */
enum option_type {
    OPTION_SWITCH,  /* nothing; bool */
    OPTION_TEXT,    /* at least `min` bytes; struct str, p == NULL until it is given */
    OPTION_PATH,    /* the same; const char *, NULL until it is given */
    OPTION_NUMBER,  /* from `min` to `max`; any integer type, by its size */
    OPTION_SECONDS, /* from `min` to `max`; int64_t in milliseconds */
    OPTION_TIME,    /* RFC 3339; int64_t in milliseconds since 1970 UTC */
    OPTION_CHOICE,  /* one of `choices`; its index, in any integer type */
    OPTION_PARSED,  /* whatever `parse` takes */
};

/* Whether and how the control API receives the option (cli/control_request.h). One that is sent is part of
 * one question and has no variable: a forgotten VIRGA_SCOPE would make half a reset of a whole one, and
 * VIRGA_LIMIT is an option of the server. */
enum option_sent { OPTION_LOCAL, OPTION_SENT_TEXT, OPTION_SENT_NUMBER };

#define OPTION_NO_MEMBER SIZE_MAX

struct option_row {
    const char *name;   /* "--port" */
    const char *letter; /* "-f", another name; NULL: none */
    const char *value;  /* what it takes, for messages: "PORT"; NULL for a switch */
    enum option_type type;
    enum option_sent sent;
    bool repeats;
    bool own;        /* not one of those that many subcommands share */
    size_t at, size; /* of the member in the target */
    size_t given;    /* of a bool that is set when the option was given; OPTION_NO_MEMBER: none */
    uint64_t min, max;
    const char *choices;  /* "text|json" */
    const char *excludes; /* the option that may not be on the command line with it; NULL: none */
    const char *fallback; /* the value when the option is not given; NULL: the member stays as it is */
    /* For OPTION_PARSED. Returns -1 and a sentence about the value. */
    int (*parse)(void *target, struct arena *a, struct str value, struct str *ret_problem);
};

struct option_table {
    const struct option_row *rows;
    size_t n;
};

/* Where options_read puts what it reads. */
struct option_reader {
    const struct option_table *table;
    const struct option_table *passes; /* options of another subcommand, kept as "--seed=7"; NULL: none */
    bool takes_words;                  /* whether words that are no options are allowed */
    void *target;
    struct arena *arena;             /* every value lives here */
    struct str_list *words, *passed; /* may be NULL where there are none */
    struct str problem;              /* after -1: a sentence */
};

enum { OPTION_VARIABLE_MAX = 64 };
/* Writes the name of the option's variable; false for an option without one. */
bool options_variable(const struct option_row *row, char out[OPTION_VARIABLE_MAX]);

/* Reads the defaults, the variables, then the command line: `argv` after the program and the subcommand. "--"
 * ends the options. Returns 0; 1 when --help is among them, nothing else being read then; or -1. */
int options_read(struct option_reader *r, char **argv);

/* The name of an own option that was given, other than `except` (may be NULL); NULL when none was. For
 * options that exclude each other. Only of switches, texts and options with a `given`. */
const char *options_given(const struct option_table *t, const void *target, const char *except);

/* "text|json" as "text or json", "a b c" as "a, b or c". */
struct str options_alternatives(struct arena *a, const char *words, char separator);

/* Whether an option of the table has this variable. */
bool options_know(const struct option_table *t, struct str variable);

/* The text of an environment variable; p == NULL when it is not set, or empty. */
struct str variable_text(const char *name);

#endif
