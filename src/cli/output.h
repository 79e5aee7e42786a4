/*
 * Everything that a subcommand prints: JSON, tables, values and progress. No other file of cli writes to a
 * stream; messages go through the log (base/log.h).
 *
 * Texts may come from outside: from clients by way of the journal, from a world file, from another server.
 * What a terminal would execute, or a reader misread, is masked here when it is written, as '?' in a text and
 * as an escape in JSON.
 *
 * Colour only on a terminal and never with NO_COLOR set (no-color.org). Progress only on a terminal, on
 * standard error, so that a pipe receives nothing but the result.
 */
#ifndef VIRGA_CLI_OUTPUT_H
#define VIRGA_CLI_OUTPUT_H

#include "base/buf.h"

/* --- streams --- */

/* Writes all of the text to standard output or standard error, masked except for line breaks and tabs. -1
 * when it cannot be written. */
int output_write(struct str text);
int output_write_error(struct str text);
/* Writes JSON to standard output; its values stay the same. -1 when it cannot be written. */
int output_write_json(struct str json);
/* A path of this machine on a line of its own, with every byte, because a script opens it. -1 when it cannot
 * be written. */
int output_write_path(const char *path);

/* A value on a line of its own; with a key as JSON: {"key":"value"}. -1 when it cannot be written. */
int output_write_value(struct arena *a, const char *key, struct str value);

/* Shows a line that the next one replaces; nothing without a terminal, or on a dumb one. Empty: removes it.
 */
void output_progress(struct str line);

/* --- colour and tables --- */

enum output_color { COLOR_KEY, COLOR_BAD, COLOR_DIM };

/* The text in a colour when standard output may be coloured, else as it is. */
void output_put_colored(struct buf *b, enum output_color color, struct str text);

/* A text from outside that must stay on its line: masked, line breaks and tabs too. */
void output_put_text(struct buf *b, struct str text);

/* "Title:" in the colour of keys. */
void output_put_title(struct buf *b, struct str title);

/* A table of cells, row after row, masked as by output_put_text; each column is as wide as its widest cell,
 * and the first row is its head. A Chinese character is two columns of the terminal wide. */
struct output_table {
    struct arena *arena;
    size_t columns, n; /* n cells so far */
    struct str *cells;
};
/* Empty. */
void output_table_init(struct output_table *t, struct arena *a, size_t columns);
/* Adds one row: copies of `columns` cells. */
void output_table_add(struct output_table *t, const struct str *cells);
/* Appends the table, a line for each row, two spaces between columns. */
void output_put_table(struct buf *b, const struct output_table *t);

/* --- JSON --- */

/* JSON text with line breaks and indentation, keys in colour, and a newline at its end. `json` must be
 * well-formed; every value stays the same. */
void output_put_pretty(struct buf *b, struct str json);
/* The same without colour, for a file. */
void output_put_indented(struct buf *b, struct str json);

/* A JSON document, piece by piece, compact: a comma goes before each piece that follows another one. `key` is
 * the name of a member, or NULL for an element of an array or for the document itself. */
void output_json_open(struct buf *b, const char *key, char bracket);
void output_json_close(struct buf *b, char bracket);
void output_json_end(struct buf *b, char bracket);                       /* of the document: with a newline */
void output_json_text(struct buf *b, const char *key, struct str value); /* absent: null */
void output_json_bool(struct buf *b, const char *key, bool value);
void output_json_number(struct buf *b, const char *key, int64_t value);
void output_json_raw(struct buf *b, const char *key, struct str json);
/* Puts the next piece on a line of its own, unless it is the first of an array or object. */
void output_json_line(struct buf *b);

/* Lines as a JSON array of texts, and a newline. */
void output_put_json_lines(struct buf *b, struct str lines);

#endif
