/*
 * Download addresses of files, and serving the files.
 *
 * An address has the service's form: a path with "%2f" for its inner slashes, and one parameter `sign` with
 * the whole signature. It is valid for 15 minutes of the service's clock, and each answer contains a new one
 * (documented). The host is virga itself, so that it can serve the file, and one more parameter has the id of
 * the file. A kind of file is a row of a table in download.c.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_DOWNLOAD_H
#define VIRGA_PRODUCT_SQLSERVER_DOWNLOAD_H

#include "base/buf.h"
#include "core/call.h"

enum download_kind { DOWNLOAD_BACKUP, DOWNLOAD_SLOW_LOG, DOWNLOAD_EVENT, DOWNLOAD_EXPORT, DOWNLOAD_KINDS };

struct download_file {
    int64_t id;                  /* another one for each file of a kind */
    struct str uin, instance_id; /* of the account and of the instance that have it */
    struct str name;
    const void *source; /* of a file that is served: what its kind makes the content of */
};

/* The address of the file, valid from now on, in the call's arena. */
struct str download_address(struct call *c, enum download_kind kind, const struct download_file *file);

/* For the content of a file: fills up to `n` bytes with numbered lines, so that a truncated or shifted copy
 * is noticed. */
void download_pad(struct buf *b, size_t n);

/* Whether the request is a GET or HEAD of such an address. */
bool download_owns(const struct request *r);

/* Serves a request that download_owns. Returns the HTTP status, with the body in c->answer: 200 the file, 206
 * a part of it, 403 an address that has expired or that this server did not sign, 404 a file that no longer
 * exists, 416 a part that begins after the end. */
int download_serve(struct call *c);

#endif
