/*
 * Exchanges are taken from a list of free ones and keep their first arena block and the room of an ordinary
 * body: a request of the usual size does not reach malloc.
 */
#include "server/exchange.h"

#include <stdlib.h>

#include "base/arena.h"

void exchange_push(struct exchange_list *l, struct exchange *x)
{
    x->next = NULL;
    if (l->last)
        l->last->next = x;
    else
        l->first = x;
    l->last = x;
}

struct exchange *exchange_pop(struct exchange_list *l)
{
    struct exchange *x = l->first;
    if (!x)
        return NULL;
    l->first = x->next;
    if (!l->first)
        l->last = NULL;
    return x;
}

static struct exchange *exchange_new(void)
{
    struct exchange *x = memory_new(sizeof *x);
    arena_init(&x->arena);
    return x;
}

struct exchange *exchange_take(struct exchange_pool *pool, struct str target)
{
    struct exchange *x = pool->free;
    if (x)
        pool->free = x->next;
    else
        x = exchange_new();
    pool->in_use++;
    x->state = EXCHANGE_HEADERS;
    x->n_headers = 0;
    x->control = false;
    x->n_answer_headers = 0;
    x->status = 200;
    x->content_type = "application/json";
    /* A refusal before there is a call must not have what the last one had. */
    x->call.truncated = false;
    x->call.delay_ms = 0;
    x->call.explanation.cause = x->call.file_name = x->call.file_range = (struct str){NULL, 0};
    x->call.failed_step = NULL;
    x->call.request = (struct request){0};
    x->ticket = 0;
    x->next = NULL;
    x->target = arena_dup(&x->arena, target);
    x->body.cap = LIMIT_BODY_V3 + 1;
    return x;
}

void exchange_give_back(struct exchange_pool *pool, struct exchange *x)
{
    arena_reset(&x->arena);
    body_clear(&x->body, &pool->bodies);
    x->next = pool->free;
    pool->free = x;
    pool->in_use--;
}

void exchange_pool_done(struct exchange_pool *pool)
{
    while (pool->free) {
        struct exchange *x = pool->free;
        pool->free = x->next;
        arena_done(&x->arena);
        body_done(&x->body, &pool->bodies);
        free(x);
    }
}

static struct str after_scheme(struct str target)
{
    if (str_eq_nocase(str_head(target, 7), STR("http://")))
        return str_skip(target, 7);
    if (str_eq_nocase(str_head(target, 8), STR("https://")))
        return str_skip(target, 8);
    return (struct str){NULL, 0};
}

/* Clients send no fragment. Without a path the absolute form means "/", which nobody here looks at. */
void exchange_split_target(struct str target, struct request *ret_request)
{
    struct str rest = after_scheme(target);
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
