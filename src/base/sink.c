/*
 * The sink. It owns one static buffer, which has room for sixteen of the longest lines: a turn's lines go out
 * with one write, and a burst that is longer goes out in the middle of it.
 */
#include "base/sink.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "base/limits.h"

enum { BUFFER_BYTES = 16 * LIMIT_LOG_LINE, NOTE_BYTES = 128 };

static struct {
    const char *before, *after; /* of a note about what was dropped */
    size_t n;
    size_t dropped;             /* lines that were not taken, and that nobody knows of yet */
    bool skipping_partial_line; /* the last of them has not ended yet: its rest is dropped too */
    bool in_line;               /* what was taken ends within a line */
    char bytes[BUFFER_BYTES];
} sink = {.before = "virga: warning: ", .after = ""};

void sink_set_note(const char *before, const char *after)
{
    sink.before = before;
    sink.after = after;
}

/* How much of `s` descriptor 2 takes at once. -1 with errno; EAGAIN where it has no room, or has nobody who
 * reads: a pipe that is full when its reader goes is ready, but not for writing. */
static ssize_t offer_once(struct str s)
{
    struct pollfd fd = {.fd = STDERR_FILENO, .events = POLLOUT};
    int ready = poll(&fd, 1, 0);
    if (ready == 1 && fd.revents & POLLOUT)
        return write(STDERR_FILENO, s.p, s.n);
    if (ready >= 0)
        errno = EAGAIN;
    return -1;
}

/* Hands `s` to descriptor 2 without ever waiting for whoever reads it, and gives back what was not taken. The
 * descriptor is shared with other programs, so it is not made non-blocking: a pipe that has room at all has
 * it for PIPE_BUF bytes. */
static struct str offer(struct str s)
{
    while (s.n) {
        ssize_t n = offer_once(s);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        sink.in_line = s.p[n - 1] != '\n';
        s = str_skip(s, (size_t)n);
    }
    return s;
}

/* Whole lines that one write takes; of a line that is longer, its first part. */
static struct str first_piece(struct str s)
{
    size_t n = s.n < PIPE_BUF ? s.n : PIPE_BUF;
    const char *end = memrchr(s.p, '\n', n);
    return str_head(s, end ? (size_t)(end - s.p) + 1 : n);
}

static void drop(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        sink.dropped += s.p[i] == '\n';
    if (s.n)
        sink.skipping_partial_line = s.p[s.n - 1] != '\n';
}

/* What is left of `s` behind a line whose beginning was dropped. */
static struct str after_partial_line(struct str s)
{
    if (!sink.skipping_partial_line)
        return s;
    size_t end = str_find(s, '\n');
    drop(str_head(s, end + 1));
    return str_skip(s, end + 1);
}

/* Says how many lines are missing, on a line of its own even where one was cut. -1: there is no room yet. */
static int report_dropped(void)
{
    char note[NOTE_BYTES];
    if (sink.dropped == 0)
        return 0;
    int n = snprintf(note, sizeof note, "%s%slog lines dropped, since nobody took them: %zu%s\n",
                     sink.in_line ? "\n" : "", sink.before, sink.dropped, sink.after);
    if (offer((struct str){note, (size_t)n}).n)
        return -1;
    sink.dropped = 0;
    return 0;
}

/* To wait for the reader would stop every request. */
static void write_out(struct str s)
{
    s = after_partial_line(s);
    if (s.n && report_dropped() != 0) {
        drop(s);
        return;
    }
    while (s.n) {
        struct str piece = first_piece(s);
        size_t left = offer(piece).n;
        s = str_skip(s, piece.n - left);
        if (left) {
            drop(s);
            return;
        }
    }
}

void sink_flush(void)
{
    write_out((struct str){sink.bytes, sink.n});
    sink.n = 0;
}

/* A piece never straddles a flush, so lines of several processes on one pipe seldom mix. */
void sink_put(struct str s)
{
    if (s.n > BUFFER_BYTES - sink.n)
        sink_flush();
    if (s.n > BUFFER_BYTES) {
        write_out(s);
        return;
    }
    if (s.n)
        memcpy(sink.bytes + sink.n, s.p, s.n);
    sink.n += s.n;
}
