/*
 * Finds the owner of a URL: the console's files, the control API, the product's files to download, or the
 * cloud's API.
 *
 * One table says how each of them recognizes its requests, serves them and differs from the others. Another
 * owner is another row. The first row that matches wins; the last one matches every request, since the
 * cloud's API has one path and does not look at it.
 */
#ifndef VIRGA_SERVER_URL_OWNER_H
#define VIRGA_SERVER_URL_OWNER_H

#include "server/exchange.h"

struct url_owner {
    struct str prefix; /* of the path; p == NULL: every path */
    bool reads_only;   /* GET and HEAD alone */
    /* By method and path; nothing of the body has been read. NULL: the prefix and the method are enough. */
    bool (*matches)(const struct world *w, const struct request *r);
    /* How many bytes a body for this path may have. */
    size_t (*body_max)(struct str path);
    /* Runs the request: sets x->status, x->content_type and x->call.answer. */
    void (*serve)(struct exchange *x);
    /* Called when a change of the request could not be made durable: replaces the response that `serve` made.
     * NULL: such requests change nothing, and their responses never wait (server/pending.h). */
    void (*lost)(struct exchange *x, enum db_fault fault, const char *problem);
    bool is_call;       /* of the cloud's API: it has a log line, a place in the journal and in the metrics */
    bool accepts_plain; /* over plain HTTP too, where --strict and a TLS port reject the cloud's calls */
};

/* Never NULL. */
const struct url_owner *url_owner_find(const struct world *w, const struct request *r);

#endif
