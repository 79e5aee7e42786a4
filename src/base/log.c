/* The log. It owns one static buffer. log_line and log_flush never allocate: they also report that memory has
 * run out. */
#include "base/log.h"

#include <errno.h>
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

/* An interrupted or short write goes on; any other failure drops the rest, a full pipe's too, since waiting
 * for the reader would stop every request. */
static void write_out(struct str s)
{
    while (s.n) {
        ssize_t n = write(STDERR_FILENO, s.p, s.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        s = str_skip(s, (size_t)n);
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

/* A message may quote what a client sent; a newline in it must not look like a line of ours, nor an escape
 * sequence reach a terminal. */
static void say_text(enum log_level level, char *message, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)message[i] < ' ')
            message[i] = '?';
    }
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
