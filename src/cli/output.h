/*
 * How the subcommands show things: JSON with indentation, tables, and progress.
 *
 * Colour only on a terminal, never with NO_COLOR set (no-color.org); progress only on a terminal, on standard
 * error, so that a pipe gets nothing but the result.
 */
#ifndef VIRGA_CLI_OUTPUT_H
#define VIRGA_CLI_OUTPUT_H

#include "base/buf.h"

enum { OUTPUT_MAX = 256 * 1024 * 1024 };

/* May standard output be coloured? */
bool output_has_color(void);

enum output_color { COLOR_KEY, COLOR_GOOD, COLOR_BAD, COLOR_DIM, COLORS };

/* The text in a colour if there are any, else as it is. */
void output_put_colored(struct buf *b, enum output_color color, struct str text);

/* JSON text with line breaks and indentation; keys in colour. `json` must be well-formed; every value keeps
 * its bytes. A newline at the end. */
void output_put_pretty(struct buf *b, struct str json);

/* A table of cells, a row after the other, each column as wide as its widest cell; the first row is the
 * head. Chinese characters count two places. */
struct output_table {
    struct arena *arena;
    size_t columns, n; /* n cells so far */
    struct str *cells;
    size_t room;
};
void output_table_init(struct output_table *t, struct arena *a, size_t columns);
void output_table_add(struct output_table *t, struct str cell);
void output_put_table(struct buf *b, const struct output_table *t);

/* Lines as a JSON list of texts, and a newline. */
void output_put_json_lines(struct buf *b, struct str lines);

/* All of the text on standard output. -1 when it cannot be written. */
int output_write(struct str text);

/* A value alone, a line; under a key the line is JSON: {"key":"value"}. -1 when it cannot be written. */
int output_write_value(struct arena *a, const char *key, struct str value);

/* Shows a line that the next replaces; nothing without a terminal, or on a dumb one. Empty: takes it away. */
void output_progress(struct str line);

#endif
