/*
 * The web console: static files under /_virga/, embedded at build time.
 *
 * They contain only what is in the repository, so they need no token; their requests to the control API do.
 * The page may load from this server alone, and no other page may show it in a frame.
 */
#ifndef VIRGA_SERVER_CONSOLE_FILES_H
#define VIRGA_SERVER_CONSOLE_FILES_H

#include "server/exchange.h"

struct console_file {
    struct str name; /* "views/call.js" */
    const char *content_type;
    struct str bytes; /* as the program contains them */
    size_t n;         /* of the file */
    bool compressed;  /* `bytes` is its gzip form; else the file is so small that gzip would not help */
    struct str etag, gzip_etag; /* with their quotes: strong, the hash of the bytes that are sent */
};

/* Generated from src/console/. */
extern const struct console_file console_files[];
extern const size_t n_console_files;

/* Is the request a GET or HEAD of one of the files, or of /_virga, which redirects to the page? */
bool console_owns(const struct request *r);
/* Serves a request that console_owns: the file, 304 when the client has it already, or the redirect. */
void console_serve(struct exchange *x);

#endif
