/*
 * HTTP by libmicrohttpd: bytes become calls here and answers become bytes.
 *
 * It has several doors (server/door.h): a plain port, a TLS port, a Unix socket. Behind them all calls are
 * alike.
 *
 * A call that changed the store waits until its turn is durable (server/held.h). Everything runs in the
 * caller's thread; the library is asked to make none.
 */
#ifndef VIRGA_SERVER_HTTP_H
#define VIRGA_SERVER_HTTP_H

#include "core/call.h"
#include "server/http_options.h"

struct pending;
struct http;

/* Listens. NULL and a sentence, in the world's arena, when it cannot. */
struct http *http_new(struct world *w, const struct http_options *options, struct str *ret_problem);
/* Closes every connection. No call may be suspended any more. */
void http_free(struct http *h);

/* The one it listens on, also where any free one was asked for. */
uint16_t http_port(const struct http *h);
/* 0 without TLS. */
uint16_t http_tls_port(const struct http *h);
/* False when other machines may reach it. */
bool http_is_private(const struct http *h);

/* Descriptors, as many as doors (the result), that are readable when http_run has something to do. */
size_t http_fds(const struct http *h, int ret_fds[HTTP_LISTENERS_MAX]);
/* How long the loop may wait for that at most; -1 for ever. */
int http_wait_ms(struct http *h);
/* Reads, runs and answers whatever is ready. */
void http_run(struct http *h);

/* The answers that wait: what the loop tells of commits and of the disk. */
struct pending *http_pending(struct http *h);

/* Takes no more connections. */
void http_quiesce(struct http *h);
/* Runs no more calls: one that comes now changes nothing and its connection is closed. */
void http_refuse_calls(struct http *h);
/* Calls that were begun and are not answered. */
size_t http_in_flight(const struct http *h);

#endif
