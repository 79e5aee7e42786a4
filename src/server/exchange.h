/* One request and its answer on the server's side: the call, its arena, the body as it arrives. Pooled. */
#ifndef VIRGA_SERVER_EXCHANGE_H
#define VIRGA_SERVER_EXCHANGE_H

#include "base/limits.h"
#include "core/call.h"
#include "server/request_body.h"

struct MHD_Connection;

enum exchange_state { EXCHANGE_HEADERS, EXCHANGE_BODY, EXCHANGE_SUSPENDED, EXCHANGE_ANSWERED };

/* As many as a file of the console has. */
enum { ANSWER_HEADERS = 7 };

struct exchange {
    struct arena arena;
    struct call call;
    struct body body;
    struct str target; /* as on the request line */
    struct header headers[LIMIT_HEADER_COUNT];
    size_t n_headers;
    enum exchange_state state;
    bool control; /* asks the control API, not the cloud's */
    int status;   /* HTTP */
    const char *content_type;
    struct header answer_headers[ANSWER_HEADERS]; /* beside the content type */
    size_t n_answer_headers;
    uint64_t ticket; /* of the sync that makes it durable */
    int64_t due_ns;  /* when a delayed answer goes out, by clock_mono_ns */
    struct MHD_Connection *mhd;
    struct connection *connection; /* the connection's */
    struct exchange *next;         /* in the list that holds it */
};

/* A first-in, first-out list. */
struct exchange_list {
    struct exchange *first, *last;
};
/* At the end. An exchange is in one list at most: `next` is its place in it. */
void exchange_push(struct exchange_list *l, struct exchange *x);
/* The first, taken out; NULL when there is none. */
struct exchange *exchange_pop(struct exchange_list *l);

struct exchange_pool {
    struct exchange *free;
    size_t in_use;
    struct bodies bodies;
};
/* Ready for a request with this target, which is copied. */
struct exchange *exchange_take(struct exchange_pool *pool, struct str target);
/* The request is over; its arena is emptied, so that nothing that was made for it may be used any more. */
void exchange_give_back(struct exchange_pool *pool, struct exchange *x);
/* Frees the exchanges that were given back. Others must not be left. */
void exchange_pool_done(struct exchange_pool *pool);

/* Splits the target: origin-form "/path?query" or absolute-form "http://host/path?query" (what a client sends
 * to a proxy). */
void exchange_split_target(struct str target, struct request *ret_request);

#endif
