/*
 * Download addresses of backup files, and the files behind them.
 *
 * An address has the form of the service's: the path with "%2f" for slashes, and one parameter `sign` with
 * the whole signature. It holds for 15 minutes of the service's clock, and a fresh one is made for every
 * answer (documented). The host is virga itself, so that it really serves the file, and one more parameter
 * names the file by its id.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_DOWNLOAD_H
#define VIRGA_PRODUCT_SQLSERVER_DOWNLOAD_H

#include "product/sqlserver/backup_file.h"

/* The address of a row's file, valid from now on. */
struct str download_address(struct call *c, const struct instance *instance, const struct backup_row *row);

/* Is the request a GET or HEAD of such an address? */
bool download_owns(const struct request *r);

/* Serves a request that download_owns. Returns the HTTP status, with the body in c->answer: 200 the file, 206
 * a part of it, 403 when the address is past its time or not ours, 404 when the backup is gone, 416 when the
 * part begins behind its end. */
int download_serve(struct call *c);

#endif
