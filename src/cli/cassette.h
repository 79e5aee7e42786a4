/*
 * A cassette: calls and their answers as JSON lines (docs/bridge.md has the form).
 *
 * The first line tells the version of the form and where the answers come from; each other line is one
 * exchange. Secrets are replaced before they are written, in parameters and in bodies.
 */
#ifndef VIRGA_CLI_CASSETTE_H
#define VIRGA_CLI_CASSETTE_H

#include "base/buf.h"
#include "wire/json.h"

struct cassette_entry {
    struct str action, version, region, language; /* p == NULL: none */
    struct str params;                            /* JSON */
    int status;
    struct str content_type;
    struct str body; /* the answer's own bytes */
    int64_t took_ms;
};

struct cassette {
    struct arena *arena;
    struct str upstream; /* the address that has answered */
    struct cassette_entry *entries;
    size_t n;
};

/* Reads a whole file. A last line that is cut, as a killed process leaves it, is no problem. -1 and a
 * sentence with the line. */
int cassette_read(struct cassette *c, struct arena *a, const char *path, struct str *ret_problem);

/* Opens a file for more lines, without a last one that is cut, and writes the first one when it is new; mode
 * 0600. -1 and a sentence. */
int cassette_open(struct arena *a, const char *path, struct str upstream, int *ret_fd,
                  struct str *ret_problem);
/* Appends one line. -1 when it cannot be written. */
int cassette_append(int fd, struct arena *a, const struct cassette_entry *entry);

#endif
