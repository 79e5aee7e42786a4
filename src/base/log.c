/* The format of log lines; base/sink.h writes them. */
#include "base/log.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/codec.h"
#include "base/limits.h"
#include "base/sink.h"

/* Has defaults, because a wrong option writes a message before log_setup. */
static struct {
    enum log_format format;
    enum log_level least;
    bool with_time;
} setup = {LOG_TEXT, LOG_INFO, false};

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

void log_with_time(bool with_time)
{
    setup.with_time = with_time;
}

struct str log_begin(void)
{
    static char text[sizeof "\"time\":\"\"," + 25];
    char time[25];
    if (!setup.with_time)
        return STR("");
    time_utc_ms(clock_real_ms(), time);
    int n = snprintf(text, sizeof text, setup.format == LOG_JSON ? "\"time\":\"%s\"," : "%s ", time);
    assert(n > 0 && (size_t)n < sizeof text);
    return (struct str){text, (size_t)n};
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
static void say_text(struct str begin, enum log_level level, char *message, size_t n)
{
    utf8_mask_unprintable(message, n);
    sink_put(begin);
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
    buf_printf(&b, "{%.*s\"level\":\"%s\",\"message\":", STR_ARG(log_begin()), level_words[level].json);
    buf_put_json_string(&b, message);
    buf_put(&b, STR("}\n"));
    assert(!b.over);
    sink_put(json_escape_unprintable(&a, buf_str(&b)));
    arena_done(&a);
}

__attribute__((format(printf, 3, 0))) static void say(struct str begin, enum log_level level,
                                                      const char *format, va_list args)
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
        say_text(begin, level, message, n);
}

void log_say(enum log_level level, const char *format, ...)
{
    if (!log_wants(level))
        return;
    va_list args;
    va_start(args, format);
    say(log_begin(), level, format, args);
    va_end(args);
}

/* Ignores the least level: a program must not end without a message. It is for the user who started the
 * program, so in text it has no time. */
void die(int exit_code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(STR(""), LOG_ERROR, format, args);
    va_end(args);
    log_flush();
    exit(exit_code);
}
