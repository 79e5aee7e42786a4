/*
 * HTTP: with server/door.h the only user of libmicrohttpd. Bytes become calls here and answers become bytes.
 *
 * It has several doors: a plain port, a TLS port, a Unix socket. Behind them all calls are alike.
 *
 * A call that changed the store is suspended until its turn is durable, and with a file of the journal each
 * until it is there; the loop (server/loop.h) decides when. Everything runs in the caller's thread.
 */
#ifndef VIRGA_SERVER_HTTP_H
#define VIRGA_SERVER_HTTP_H

#include "core/call.h"
#include "server/listen.h"
#include "server/x509.h"

struct http;

struct http_options {
    const char *host;                   /* an address, IPv4 or IPv6, or localhost: both loopback addresses */
    uint16_t port;                      /* 0: any free one */
    const struct pem_pair *certificate; /* NULL: no TLS */
    uint16_t tls_port;                  /* 0: any free one */
    const char *unix_path;              /* NULL: none */
};

/* Listens. NULL and a sentence, in the world's arena, when it cannot. */
struct http *http_new(struct world *w, const struct http_options *options, struct str *ret_why);
/* Closes every connection. No call may be suspended any more. */
void http_free(struct http *h);

uint16_t http_port(const struct http *h);
/* 0 without TLS. */
uint16_t http_tls_port(const struct http *h);
/* False when other machines may reach it. */
bool http_is_private(const struct http *h);

/* Plain and TLS on each of localhost's addresses, and the Unix socket. */
enum { HTTP_DOORS_MAX = 2 * LISTEN_MAX + 1 };

/* Descriptors, as many as doors (the result), that are readable when http_run has something to do. */
size_t http_fds(const struct http *h, int ret_fds[HTTP_DOORS_MAX]);
/* How long the loop may wait for that at most; -1 for ever. */
int http_wait_ms(struct http *h);
/* Reads, runs and answers whatever is ready. */
void http_run(struct http *h);

/* --- what the loop does with the calls of a turn --- */

/* True when calls of this turn are suspended, waiting for the commit. */
bool http_has_turn(const struct http *h);
/* The turn is committed; its calls are safe once `ticket` is. */
void http_turn_committed(struct http *h, uint64_t ticket);
/* The turn was rolled back: its calls are answered with the store's error. */
void http_turn_lost(struct http *h);
/* The journal's file has the turn's calls: answers those that waited for that alone. */
void http_turn_told(struct http *h);
/* Everything up to `ticket` is on the disk: answers those calls. */
void http_durable(struct http *h, uint64_t ticket);
/* The disk refused: all calls that still wait are answered with the store's error. */
void http_all_lost(struct http *h);

/* Takes no more connections. */
void http_quiesce(struct http *h);
/* Runs no more calls: one that comes now changes nothing and its connection is closed. */
void http_refuse_calls(struct http *h);
/* Calls that were begun and are not answered. */
size_t http_in_flight(const struct http *h);

#endif
