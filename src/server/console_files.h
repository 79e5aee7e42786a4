/*
 * The web console: static files under /_virga/, embedded at build time.
 *
 * They tell nothing that is not in the repository, so they need no token; what they then ask of the control
 * API does. A page of them may load and reach nothing but this server, and no other page may frame it.
 */
#ifndef VIRGA_SERVER_CONSOLE_FILES_H
#define VIRGA_SERVER_CONSOLE_FILES_H

#include "server/exchange.h"

struct console_body {
    struct str bytes; /* p == NULL: there is no such copy */
    struct str etag;  /* with its quotes: strong, the hash of the bytes */
};

struct console_file {
    struct str name; /* "views/call.js" */
    const char *content_type;
    struct console_body plain, gzip;
};

/* Generated from src/console/. */
extern const struct console_file console_files[];
extern const size_t n_console_files;

/* True when the request was for a file of the console: the answer then stands in *x. */
bool console_serve(struct exchange *x);

#endif
