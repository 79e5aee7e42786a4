/*
 * The log: lines on standard error, buffered and written once in each iteration of the loop (base/sink.h).
 *
 * The lines of a server begin with the machine's time, by which they are compared with the logs of clients,
 * also when the service's clock is frozen or moved. The messages of other subcommands have no time.
 *
 * Code below core does not log; it returns its problem to the caller. Callers must not put a secret or a
 * whole signature into a line.
 */
#ifndef VIRGA_BASE_LOG_H
#define VIRGA_BASE_LOG_H

#include "base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
enum log_format { LOG_TEXT, LOG_JSON };

/* Sets the format and the least level that is written. One setting for the process: the log has one
 * destination. */
void log_setup(enum log_format format, enum log_level least);
enum log_format log_get_format(void);
/* Whether lines begin with the time; at first they do not. */
void log_with_time(bool with_time);
/* What a line begins with: in text "2026-01-01T00:00:00.000Z ", in JSON the member "time" and a comma; empty
 * before log_with_time. Valid until the next call. */
struct str log_begin(void);
/* Is a line of this level written? For callers whose lines are expensive to make. */
bool log_wants(enum log_level level);

/* Writes one message line. Text: "virga: warning: ..."; JSON: {"level":"warn","message":"..."}. Cut at
 * LIMIT_LOG_LINE. In text, control characters become '?', so that a message stays one line. */
void log_say(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Writes a line that the caller has formatted, log_begin included, as it is; without a newline at its end. */
void log_line(enum log_level level, struct str line);
/* Writes what is buffered to standard error, without waiting. Lines that it does not accept are dropped; the
 * next accepted line is preceded by their number. */
void log_flush(void);

/* Writes the message as an error, without the time in text, flushes and ends the program with `exit_code`. */
_Noreturn void die(int exit_code, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
