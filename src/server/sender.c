/*
 * libmicrohttpd asks for bytes when its connection can take some. It gets them from the current piece.
 * Without a piece the connection is suspended from within that callback; senders_run resumes it with the next
 * one.
 */
#include "server/sender.h"

#include <assert.h>

#include "server/connection.h"

struct sender {
    struct senders *all;
    struct exchange *x;
    struct stream *stream;
    struct arena piece; /* holds the memory of `text`, but for the first piece, which the call has made */
    struct str text;    /* what libmicrohttpd has not taken of the piece yet */
    enum stream_result state;
    bool queued; /* its connection is suspended */
    struct sender *next;
};

/* --- the queue --- */

static void enqueue(struct sender *s)
{
    assert(!s->queued && s->text.n == 0);
    *(s->all->last ? &s->all->last->next : &s->all->first) = s;
    s->all->last = s;
    s->queued = true;
}

static struct sender *dequeue(struct senders *all)
{
    struct sender *s = all->first;
    assert(s && s->queued);
    all->first = s->next;
    if (!s->next)
        all->last = NULL;
    s->next = NULL;
    s->queued = false;
    return s;
}

/* --- one sender --- */

static void make_piece(struct sender *s)
{
    struct buf piece;
    arena_reset(&s->piece);
    buf_init(&piece, &s->piece, LIMIT_PIECE, LIMIT_STATE); /* the largest item is a row of the state */
    s->state = s->stream->next(s->stream, &piece);
    if (piece.over)
        s->state = STREAM_BROKEN;
    s->text = s->state == STREAM_BROKEN ? STR("") : buf_str(&piece);
}

/* The client has taken what was sent before, so its connection is not the first to be evicted. One that takes
 * nothing becomes the first, because connection_touch ends the pin of a client that waits. */
static ssize_t on_read(void *cls, uint64_t at, char *to, size_t room)
{
    struct sender *s = cls;
    (void)at;
    assert(!s->queued);
    connection_touch(s->all->connections, s->x->connection);
    if (s->text.n > 0) {
        struct str part = str_head(s->text, room);
        memcpy(to, part.p, part.n);
        s->text = str_skip(s->text, part.n);
        return (ssize_t)part.n;
    }
    if (s->state == STREAM_END)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (s->state == STREAM_BROKEN || s->all->ending)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    MHD_suspend_connection(s->x->mhd);
    enqueue(s);
    return 0;
}

void sender_open(struct senders *all, struct exchange *x)
{
    struct sender *s = ARENA_NEW(&x->arena, struct sender);
    assert(x->call.stream && !x->sender);
    *s = (struct sender){.all = all, .x = x, .stream = x->call.stream, .text = x->call.answer};
    arena_init(&s->piece);
    x->sender = s;
}

void sender_close(struct exchange *x)
{
    struct sender *s = x->sender;
    if (!s)
        return;
    assert(!s->queued); /* libmicrohttpd ends no connection that is suspended */
    if (s->stream->done)
        s->stream->done(s->stream);
    arena_done(&s->piece);
    x->sender = NULL;
}

/* The length is unknown: HTTP/1.1 gets chunks, HTTP/1.0 a body that ends with the connection. */
struct MHD_Response *sender_response(struct exchange *x)
{
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, LIMIT_PIECE, on_read, x->sender, NULL);
}

/* --- for the loop --- */

static void resume_first(struct senders *all)
{
    MHD_resume_connection(dequeue(all)->x->mhd);
}

/* A piece may be empty, when the stream had to search for longer than one piece may. Its connection then
 * queues again. */
void senders_run(struct senders *all)
{
    for (size_t i = 0; i < LIMIT_ITERATION_PIECES && all->first; i++) {
        make_piece(all->first);
        resume_first(all);
    }
}

bool senders_wait(const struct senders *all)
{
    return all->first != NULL;
}

void senders_end(struct senders *all)
{
    all->ending = true;
    while (all->first)
        resume_first(all);
}
