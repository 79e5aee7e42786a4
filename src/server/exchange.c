/*
 * Free exchanges form a list and keep their first arena block and the memory of an ordinary body, so that a
 * request of the usual size does not reach malloc.
 */
#include "server/exchange.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/arena.h"

void exchange_add_header(struct exchange *x, struct str name, struct str value)
{
    assert(x->n_response_headers < LIMIT_RESPONSE_HEADERS);
    x->response_headers[x->n_response_headers++] = (struct header){name, value};
}

void exchange_list_insert(struct exchange_list *list, struct exchange *x, struct exchange *after)
{
    assert(!x->prev && !x->next && list->first != x);
    x->prev = after;
    x->next = after ? after->next : list->first;
    *(x->next ? &x->next->prev : &list->last) = x;
    *(after ? &after->next : &list->first) = x;
}

void exchange_list_remove(struct exchange_list *list, struct exchange *x)
{
    assert(x->prev ? x->prev->next == x : list->first == x);
    *(x->prev ? &x->prev->next : &list->first) = x->next;
    *(x->next ? &x->next->prev : &list->last) = x->prev;
    x->prev = x->next = NULL;
}

static struct exchange *exchange_new(void)
{
    struct exchange *x = memory_new(sizeof *x);
    arena_init(&x->arena);
    return x;
}

/* Zeroes every member that is not named here, so that a request cannot see data of the previous one. */
static void exchange_reset(struct exchange *x)
{
    memset((char *)x + offsetof(struct exchange, call), 0, sizeof *x - offsetof(struct exchange, call));
    x->status = 200;
    x->content_type = "application/json";
}

struct exchange *exchange_take(struct exchange_pool *pool, struct str target)
{
    struct exchange *x = pool->free;
    if (x)
        pool->free = x->next;
    else
        x = exchange_new();
    pool->in_use++;
    exchange_reset(x);
    x->target = arena_dup(&x->arena, target);
    x->body.cap = LIMIT_BODY_V3 + 1; /* one byte more than allowed, to detect a body that is too large */
    return x;
}

void exchange_give_back(struct exchange_pool *pool, struct exchange *x)
{
    assert(pool->in_use > 0);
    assert(x->pending == PENDING_NONE);
    arena_reset(&x->arena);
    body_clear(&x->body, &pool->bodies);
    x->next = pool->free;
    pool->free = x;
    pool->in_use--;
}

void exchange_pool_done(struct exchange_pool *pool)
{
    assert(pool->in_use == 0);
    while (pool->free) {
        struct exchange *x = pool->free;
        pool->free = x->next;
        arena_done(&x->arena);
        body_done(&x->body, &pool->bodies);
        free(x);
    }
}

/* The target without its scheme; p == NULL for the origin-form, which has none. */
static struct str skip_scheme(struct str target)
{
    if (str_eq_nocase(str_head(target, 7), STR("http://")))
        return str_skip(target, 7);
    if (str_eq_nocase(str_head(target, 8), STR("https://")))
        return str_skip(target, 8);
    return (struct str){NULL, 0};
}

/* Clients send no fragment. An absolute-form without a path leaves the path empty, which no owner but the
 * cloud's API accepts. */
void exchange_split_target(struct str target, struct request *ret_request)
{
    struct str rest = skip_scheme(target);
    if (rest.p) {
        size_t end = str_find(rest, '/');
        size_t query = str_find(rest, '?');
        if (query < end)
            end = query;
        ret_request->authority = str_head(rest, end);
        target = str_skip(rest, end);
    }
    size_t mark = str_find(target, '?');
    ret_request->path = str_head(target, mark);
    ret_request->query = str_skip(target, mark + 1);
}
