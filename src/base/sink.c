/* The sink: one static buffer for the lines of one iteration, which usually become one write. */
#include "base/sink.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/limits.h"

enum { NOTE_BYTES = 128 };

static struct {
    const char *before, *after; /* the note about dropped lines */
    size_t n;
    size_t dropped;             /* lines since the last note */
    bool skipping_partial_line; /* the last dropped line has not ended: its rest is dropped too */
    bool in_line;               /* what was written ends within a line */
} sink = {.before = "virga: warning: ", .after = ""};

/* The lines; apart from the above, because zeros take no room in the program's file. */
static char bytes[LIMIT_LOG_BUFFER];

void sink_set_note(const char *before, const char *after)
{
    assert(strlen(before) + strlen(after) < NOTE_BYTES / 2);
    sink.before = before;
    sink.after = after;
}

/* Writes as much of `s` as standard error accepts at once. -1 with errno: EAGAIN when it has no room. A full
 * pipe whose reader is gone is ready, but not for writing. */
static ssize_t write_once(struct str s)
{
    struct pollfd fd = {.fd = STDERR_FILENO, .events = POLLOUT};
    int ready = poll(&fd, 1, 0);
    if (ready == 1 && fd.revents & POLLOUT)
        return write(STDERR_FILENO, s.p, s.n);
    if (ready >= 0)
        errno = EAGAIN;
    return -1;
}

/* Writes `s` without waiting and returns what was not accepted. Standard error may be shared with other
 * programs, so it is not made non-blocking: a pipe that is ready has room for PIPE_BUF bytes. */
static struct str write_ready(struct str s)
{
    while (s.n) {
        ssize_t n = write_once(s);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        assert((size_t)n <= s.n);
        sink.in_line = s.p[n - 1] != '\n';
        s = str_skip(s, (size_t)n);
    }
    return s;
}

/* The whole lines that fit into one write; of a longer line, its first part. */
static struct str first_piece(struct str s)
{
    size_t n = s.n < PIPE_BUF ? s.n : PIPE_BUF;
    size_t end = n;
    while (end > 0 && s.p[end - 1] != '\n')
        end--;
    return str_head(s, end > 0 ? end : n);
}

static void drop(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        sink.dropped += s.p[i] == '\n';
    if (s.n)
        sink.skipping_partial_line = s.p[s.n - 1] != '\n';
}

/* What is left of `s` after the rest of a line whose beginning was dropped. */
static struct str after_partial_line(struct str s)
{
    if (!sink.skipping_partial_line)
        return s;
    size_t end = str_find(s, '\n');
    drop(str_head(s, end + 1));
    return str_skip(s, end + 1);
}

/* Writes the number of dropped lines, on a line of its own even when the last one was cut. -1: no
 * room yet. */
static int report_dropped(void)
{
    char note[NOTE_BYTES];
    if (sink.dropped == 0)
        return 0;
    int n = snprintf(note, sizeof note, "%s%slog lines dropped, standard error did not accept them: %zu%s\n",
                     sink.in_line ? "\n" : "", sink.before, sink.dropped, sink.after);
    assert(n > 0 && (size_t)n < sizeof note);
    if (write_ready((struct str){note, (size_t)n}).n)
        return -1;
    sink.dropped = 0;
    return 0;
}

static void write_or_drop(struct str s)
{
    s = after_partial_line(s);
    if (s.n && report_dropped() != 0) {
        drop(s);
        return;
    }
    while (s.n) {
        struct str piece = first_piece(s);
        size_t left = write_ready(piece).n;
        s = str_skip(s, piece.n - left);
        if (left) {
            drop(s);
            return;
        }
    }
}

void sink_flush(void)
{
    write_or_drop((struct str){bytes, sink.n});
    sink.n = 0;
}

/* A piece that does not fit flushes the buffer first, so that lines of several processes on one pipe seldom
 * mix. */
void sink_put(struct str s)
{
    if (s.n > LIMIT_LOG_BUFFER - sink.n)
        sink_flush();
    if (s.n > LIMIT_LOG_BUFFER) {
        write_or_drop(s);
        return;
    }
    if (s.n)
        memcpy(bytes + sink.n, s.p, s.n);
    sink.n += s.n;
    assert(sink.n <= LIMIT_LOG_BUFFER);
}
