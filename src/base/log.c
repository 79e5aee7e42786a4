/* The log. It owns one static buffer. log_line and log_flush never allocate: they also report that memory has
 * run out. */
#include "base/log.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/codec.h"
#include "base/limits.h"

enum { BUFFER_BYTES = 16 * LIMIT_LOG_LINE };

/* Starts with the defaults, so that a message before log_setup (a bad option) is shown too. */
static struct {
    enum log_format format;
    enum log_level least;
    size_t n;
    size_t dropped; /* lines that were not taken, and that nobody knows of yet */
    bool headless;  /* the last of them has not ended yet: its rest is dropped too */
    bool in_line;   /* what was taken ends within a line */
    char bytes[BUFFER_BYTES];
} sink = {.format = LOG_TEXT, .least = LOG_INFO};

/* Text is for people and spells the word out; JSON uses the name that log collectors know. */
static const struct {
    const char *text, *json;
} level_words[] = {
    [LOG_DEBUG] = {"debug", "debug"},
    [LOG_INFO] = {"info", "info"},
    [LOG_WARN] = {"warning", "warn"},
    [LOG_ERROR] = {"error", "error"},
};

void log_setup(enum log_format format, enum log_level least)
{
    sink.format = format;
    sink.least = least;
}

enum log_format log_get_format(void)
{
    return sink.format;
}

bool log_wants(enum log_level level)
{
    return level >= sink.least;
}

/* Hands `s` to descriptor 2 without ever waiting for whoever reads it, and gives back what was not taken. The
 * descriptor is shared with other programs, so it is not made non-blocking: a pipe that has room at all has
 * it for PIPE_BUF bytes. */
static struct str put(struct str s)
{
    struct pollfd fd = {.fd = STDERR_FILENO, .events = POLLOUT};
    while (s.n) {
        int ready = poll(&fd, 1, 0);
        ssize_t n = ready == 1 && fd.revents & POLLOUT ? write(STDERR_FILENO, s.p, s.n) : -1;
        if (ready != 0 && n < 0 && errno == EINTR)
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
        sink.headless = s.p[s.n - 1] != '\n';
}

/* What is left of `s` behind a line whose beginning was dropped. */
static struct str after_headless(struct str s)
{
    if (!sink.headless)
        return s;
    size_t end = str_find(s, '\n');
    drop(str_head(s, end + 1));
    return str_skip(s, end + 1);
}

/* Says how many lines are missing, on a line of its own even where one was cut. -1: there is no room yet. */
static int tell_dropped(void)
{
    bool json = sink.format == LOG_JSON;
    char note[128];
    if (sink.dropped == 0)
        return 0;
    int n = snprintf(
        note, sizeof note, "%s%slog lines dropped, since nobody took them: %zu%s\n", sink.in_line ? "\n" : "",
        json ? "{\"level\":\"warn\",\"message\":\"" : "virga: warning: ", sink.dropped, json ? "\"}" : "");
    if (put((struct str){note, (size_t)n}).n)
        return -1;
    sink.dropped = 0;
    return 0;
}

/* To wait for the reader would stop every request. */
static void write_out(struct str s)
{
    s = after_headless(s);
    if (s.n && tell_dropped() != 0) {
        drop(s);
        return;
    }
    while (s.n) {
        struct str piece = first_piece(s);
        size_t left = put(piece).n;
        s = str_skip(s, piece.n - left);
        if (left) {
            drop(s);
            return;
        }
    }
}

void log_flush(void)
{
    write_out((struct str){sink.bytes, sink.n});
    sink.n = 0;
}

/* A piece never straddles a flush, so lines of several processes on one pipe seldom mix. */
static void append(struct str s)
{
    if (s.n > BUFFER_BYTES - sink.n)
        log_flush();
    if (s.n > BUFFER_BYTES) {
        write_out(s);
        return;
    }
    if (s.n)
        memcpy(sink.bytes + sink.n, s.p, s.n);
    sink.n += s.n;
}

/* The line's length is its writer's affair: cutting a finished JSON line would spoil it. */
void log_line(enum log_level level, struct str line)
{
    if (!log_wants(level))
        return;
    append(line);
    append(STR("\n"));
}

/* A message may quote what a client sent; a newline in it must not look like a line of ours, nor reach a
 * terminal what it obeys. */
static void say_text(enum log_level level, char *message, size_t n)
{
    utf8_hide(message, n);
    append(STR("virga: "));
    append(str_from(level_words[level].text));
    append(STR(": "));
    append((struct str){message, n});
    append(STR("\n"));
}

/* The only part that allocates. It is not on the way of "out of memory", which uses log_line. */
static void say_json(enum log_level level, struct str message)
{
    struct arena a;
    struct buf b;
    arena_init(&a);
    buf_init(&b, &a, 0, 7 * LIMIT_LOG_LINE); /* every byte may become six, and the words around them */
    buf_printf(&b, "{\"level\":\"%s\",\"message\":", level_words[level].json);
    buf_put_json_string(&b, message);
    buf_put(&b, STR("}\n"));
    append(buf_str(&b));
    arena_done(&a);
}

__attribute__((format(printf, 2, 0))) static void say(enum log_level level, const char *format, va_list args)
{
    char message[LIMIT_LOG_LINE];
    int whole = vsnprintf(message, sizeof message, format, args);
    size_t n = whole < 0 ? 0 : (size_t)whole;
    /* Not through the middle of a character. */
    if (n >= sizeof message)
        n = utf8_prefix((struct str){message, sizeof message - 1});
    if (sink.format == LOG_JSON)
        say_json(level, (struct str){message, n});
    else
        say_text(level, message, n);
}

void log_say(enum log_level level, const char *format, ...)
{
    if (!log_wants(level))
        return;
    va_list args;
    va_start(args, format);
    say(level, format, args);
    va_end(args);
}

/* Whatever the least level is: a program does not end without a word. */
void die(int exit_code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(LOG_ERROR, format, args);
    va_end(args);
    log_flush();
    exit(exit_code);
}
