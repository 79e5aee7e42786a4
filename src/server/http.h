/*
 * HTTP by libmicrohttpd: bytes become calls here and answers become bytes.
 *
 * There are several listeners (server/listener.h): plain ports, TLS ports, a Unix socket. Above them all
 * requests are alike. The URL decides which owner serves a request (server/url_owner.h). A response may have
 * to wait until it is durable (server/pending.h). Everything runs in the caller's thread; libmicrohttpd makes
 * none.
 */
#ifndef VIRGA_SERVER_HTTP_H
#define VIRGA_SERVER_HTTP_H

#include <poll.h>

#include "core/call.h"
#include "server/socket.h"

struct pending;
struct http;

/* Listens at the addresses of the options. NULL with a sentence in the world's arena when it cannot. */
struct http *http_new(struct world *w, const struct http_options *options, struct str *ret_problem);
/* Closes every connection. No call may wait for a commit or a sync any more. */
void http_free(struct http *h);

/* The port of plain HTTP, also where the options asked for any free one. */
uint16_t http_port(const struct http *h);
/* 0 without TLS. */
uint16_t http_tls_port(const struct http *h);
/* False when other machines may reach it. */
bool http_is_private(const struct http *h);

/* Writes what is ready when http_run has something to do: at most `room` descriptors. Returns how many. */
size_t http_poll(const struct http *h, struct pollfd *ret_fds, size_t room);
/* How long the loop may wait for that: milliseconds; -1 for ever. */
int http_wait_ms(struct http *h);
/* Reads, runs and answers whatever is ready. */
void http_run(struct http *h);

/* A descriptor that is readable when http_take_closed has something to do; -1: after each wait. */
int http_closed_fd(const struct http *h);
/* Takes note of clients that have closed their side. The next http_run ends their connections, and their wait
 * for delayed calls and for events. */
void http_take_closed(struct http *h);

/* The responses that wait, to which the loop reports commits and syncs. */
struct pending *http_pending(struct http *h);

/* Stops listening; connections stay open. */
void http_quiesce(struct http *h);
/* Runs no more calls: the connection of a request that comes now is closed, and nothing changes. */
void http_refuse_calls(struct http *h);
/* Requests that were begun and are not answered. */
size_t http_in_flight(const struct http *h);

#endif
