/*
 * An exchange: one HTTP request and its response, with the call, its arena and the body as it arrives.
 *
 * http.c takes an exchange from the pool when libmicrohttpd has the request line, and gives it back when the
 * library reports the end of the request. Exchanges are reused: one that comes out of the pool is zeroed, but
 * it keeps its first arena block and the memory of an ordinary body.
 */
#ifndef VIRGA_SERVER_EXCHANGE_H
#define VIRGA_SERVER_EXCHANGE_H

#include "base/limits.h"
#include "core/call.h"
#include "server/request_body.h"

struct MHD_Connection;
struct connection;
struct sender;
struct url_owner;

/* The progress of the request in libmicrohttpd. An exchange passes these in this order and may skip some. */
enum exchange_state {
    EXCHANGE_HEADERS,   /* the request line is there, the headers have not been checked */
    EXCHANGE_BODY,      /* the headers are accepted, the body arrives */
    EXCHANGE_SUSPENDED, /* the response is made and its connection is suspended, see pending.h */
    EXCHANGE_GATHERED,  /* the response is made and sent in the next run of libmicrohttpd, see pending.h */
    EXCHANGE_ANSWERED   /* the response was given to libmicrohttpd */
};

/* What a finished response waits for before it may be sent; see pending.h. An exchange passes these in this
 * order and may skip some; then it is back at PENDING_NONE. */
enum pending_state {
    PENDING_NONE,
    AWAITING_COMMIT,  /* it changed the store in this iteration of the loop */
    AWAITING_SYNC,    /* that change is committed but not on the disk yet */
    DELAYED,          /* a fault delays it */
    AWAITING_JOURNAL, /* the journal file does not have the call yet */
    PENDING_STATES
};

struct exchange {
    struct arena arena;
    struct body body;
    /* Everything above survives in the pool; everything below is zeroed by exchange_take. */
    struct call call;
    struct str target;             /* as on the request line */
    const char *target_at;         /* where libmicrohttpd keeps it */
    const struct url_owner *owner; /* serves the request; NULL until the headers are accepted */
    enum exchange_state state;
    int status; /* HTTP; 0: the connection closes without a response */
    const char *content_type;
    struct header response_headers[LIMIT_RESPONSE_HEADERS]; /* beside the content type */
    size_t n_response_headers;
    enum pending_state pending;
    uint64_t ticket; /* while AWAITING_SYNC: the sync that makes it durable (store/sync.h) */
    int64_t due_ns;  /* while DELAYED: when it may go on, by clock_mono_ns */
    struct MHD_Connection *mhd;
    struct sender *sender;         /* sends the rest of the body; NULL: the call's answer is the body */
    struct connection *connection; /* its row in the connection table */
    struct exchange *prev, *next;  /* in the list that holds it: of a pending state or of the pool */
};

/* Adds one header to the response. The texts must outlive the exchange or be in its arena. At most
 * LIMIT_RESPONSE_HEADERS, which is asserted: no client decides how many there are. */
void exchange_add_header(struct exchange *x, struct str name, struct str value);

/* A doubly linked list. An exchange is in one list at most: `prev` and `next` are its place there. */
struct exchange_list {
    struct exchange *first, *last;
};
/* Inserts `x` after `after`, which is in the list; NULL puts it first. */
void exchange_list_insert(struct exchange_list *list, struct exchange *x, struct exchange *after);
/* Takes `x` out of the list that holds it. */
void exchange_list_remove(struct exchange_list *list, struct exchange *x);

struct exchange_pool {
    struct exchange *free; /* linked by `next` */
    size_t in_use;
    struct bodies bodies;
};
/* Returns an exchange that is ready for a request with this target, which is copied. */
struct exchange *exchange_take(struct exchange_pool *pool, struct str target);
/* Ends the request. Its arena is emptied: nothing that was made for the call may be used afterwards. */
void exchange_give_back(struct exchange_pool *pool, struct exchange *x);
/* Frees the pool. All exchanges must have been given back. */
void exchange_pool_done(struct exchange_pool *pool);

/* Splits the target into authority, path and query: origin-form "/path?query" or absolute-form
 * "http://host/path?query", which a client sends to a proxy (RFC 9112 section 3.2). */
void exchange_split_target(struct str target, struct request *ret_request);

#endif
