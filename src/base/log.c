/* The format of log lines; base/sink.h writes them. */
#include "base/log.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/codec.h"
#include "base/limits.h"
#include "base/sink.h"

/* Has defaults, because a wrong option writes a message before log_setup. */
static struct {
    enum log_format format;
    enum log_level least;
} setup = {LOG_TEXT, LOG_INFO};

/* JSON uses the names that log collectors know. */
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
    setup.format = format;
    setup.least = least;
    if (format == LOG_JSON)
        sink_set_note("{\"level\":\"warn\",\"message\":\"", "\"}");
    else
        sink_set_note("virga: warning: ", "");
}

enum log_format log_get_format(void)
{
    return setup.format;
}

bool log_wants(enum log_level level)
{
    return level >= setup.least;
}

void log_flush(void)
{
    sink_flush();
}

/* Not cut at LIMIT_LOG_LINE: a JSON line would become invalid. */
void log_line(enum log_level level, struct str line)
{
    if (!log_wants(level))
        return;
    assert(line.n == 0 || line.p[line.n - 1] != '\n');
    sink_put(line);
    sink_put(STR("\n"));
}

/* A message may quote a client: no byte of it may begin a new line or control a terminal. */
static void say_text(enum log_level level, char *message, size_t n)
{
    utf8_mask_unprintable(message, n);
    sink_put(STR("virga: "));
    sink_put(str_from(level_words[level].text));
    sink_put(STR(": "));
    sink_put((struct str){message, n});
    sink_put(STR("\n"));
}

/* The only part of the log that allocates. */
static void say_json(enum log_level level, struct str message)
{
    struct arena a;
    struct buf b;
    arena_init(&a);
    buf_init(&b, &a, 0, 7 * LIMIT_LOG_LINE); /* each byte of the message may become six */
    buf_printf(&b, "{\"level\":\"%s\",\"message\":", level_words[level].json);
    buf_put_json_string(&b, message);
    buf_put(&b, STR("}\n"));
    assert(!b.over);
    sink_put(json_escape_unprintable(&a, buf_str(&b)));
    arena_done(&a);
}

__attribute__((format(printf, 2, 0))) static void say(enum log_level level, const char *format, va_list args)
{
    char message[LIMIT_LOG_LINE];
    int whole = vsnprintf(message, sizeof message, format, args);
    size_t n = whole < 0 ? 0 : (size_t)whole;
    /* Cut, but not within a character. */
    if (n >= sizeof message)
        n = utf8_prefix((struct str){message, sizeof message - 1});
    if (setup.format == LOG_JSON)
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

/* Ignores the least level: a program must not end without a message. */
void die(int exit_code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(LOG_ERROR, format, args);
    va_end(args);
    log_flush();
    exit(exit_code);
}
