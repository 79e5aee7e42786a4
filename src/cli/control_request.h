/*
 * Subcommands that do nothing but send one request to the control API and print its answer, as rows: the
 * words that choose the request, where each word and option goes in it, and what of the answer is printed.
 * The rows are generated from schema/cli.json.
 *
 * Also the pieces of such requests, for subcommands that do more.
 */
#ifndef VIRGA_CLI_CONTROL_REQUEST_H
#define VIRGA_CLI_CONTROL_REQUEST_H

#include "base/buf.h"
#include "cli/session.h"

/* Where a word goes. */
enum control_field_kind {
    FIELD_TEXT,     /* a member of the body */
    FIELD_NUMBER,   /* the same */
    FIELD_TIME,     /* the same, RFC 3339 */
    FIELD_DURATION, /* the same, in seconds: 90, 90s, 5m, 2h or 1d */
    FIELD_PATH,     /* the end of the path */
    FIELD_FILE,     /* the file whose text is the body; "-": standard input */
    FIELD_SAVE,     /* the file that the answer is written to; "-": standard output */
    FIELD_PARAMS,   /* it and all words after it: Name=value */
};

struct control_field {
    const char *name; /* of the member */
    enum control_field_kind kind;
    bool optional;
};

/* What happens to the options that the control API receives. */
enum control_options {
    OPTIONS_UNUSED,
    OPTIONS_REJECTED, /* one that is given ends the program: it belongs to another request */
    OPTIONS_QUERY,
    OPTIONS_BODY,
};

enum control_column_kind {
    COLUMN_TEXT,
    COLUMN_CODE, /* with a * when the row's member "injected" has a text */
    COLUMN_MS,   /* microseconds, shown as milliseconds */
    COLUMN_REST, /* all members without a column of their own: name=value name=value */
};

struct control_column {
    const char *title;
    struct str member;
    enum control_column_kind kind;
};

struct control_row {
    const char *word; /* the first word; NULL: the first of the fields, or none */
    size_t when;      /* of a bool in the target that must be true; OPTION_NO_MEMBER: none */
    const struct control_field *fields; /* the words after `word` */
    size_t n_fields;
    const char *method, *path;
    const char *fixed; /* members that the body always has: "mode":"frozen" */
    enum control_options options;
    int rejected;         /* the exit code when the server answers with an error, which is printed */
    const char *progress; /* shown while the answer is awaited; NULL: nothing */
    /* What is printed; the first of these that is set. */
    bool pretty; /* the answer as it is, indented */
    struct str (*render)(struct session *s, const struct node *answer);
    const char *text; /* with the answer's members in braces; {@} is the server's address */
    const struct control_column *columns;
    size_t n_columns;
    const char *list;    /* the member with the table's rows; NULL: the answer is the only row */
    const char *dropped; /* a line after the table when the member "dropped" is not 0 */
};

/* Runs a subcommand by its rows: chooses the row by words and options, sends its request, prints the answer.
 * Ends the program with EXIT_USAGE when no row fits, and with EXIT_NO_SERVER when there is no answer. Returns
 * EXIT_OK, or the row's `rejected` when the server answers with an error. */
int control_main(struct session *s);

/* Appends a member for every option of the table that is sent and was given, under the control API's name of
 * the option: "secret_id":"x" for --secret-id. Nothing for the others. */
void control_put_json(struct buf *b, const struct option_table *t, const void *target);
/* Appends "?secret_id=...&limit=10" likewise; nothing when no option was given. */
void control_put_query(struct buf *b, const struct option_table *t, const void *target);

/* The path with the word as its last part, escaped: "/why" and "a b" give "/why/a%20b". */
struct str control_path(struct arena *a, const char *path, struct str word);

#endif
