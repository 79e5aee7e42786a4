/*
 * The program's voice on standard error: one line each, buffered and written once a turn of the loop.
 *
 * Library code below core does not log; it reports to its caller. A line never holds a secret or a whole
 * signature: that is the caller's duty.
 */
#ifndef VIRGA_BASE_LOG_H
#define VIRGA_BASE_LOG_H

#include "base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
enum log_format { LOG_TEXT, LOG_JSON };

/* Process-wide, set once at the start (the one global of base, since a log has one destination). */
void log_setup(enum log_format format, enum log_level least);
enum log_format log_get_format(void);
/* Would a line of this level be written? For a caller that would spend time on making it. */
bool log_wants(enum log_level level);

/* One message line. Text: "virga: warning: ..."; JSON: {"level":"warn","message":"..."}. Cut at
 * LIMIT_LOG_LINE; control characters are shown as '?' in text, so that a line stays one line. */
void log_say(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A finished line as it is (the caller has formatted it; no newline at its end). */
void log_line(enum log_level level, struct str line);
/* Writes what is buffered to descriptor 2, without waiting. Lines that cannot be written are dropped; how
 * many, the next line says that can. */
void log_flush(void);

/* Says the message as an error, flushes and ends the program with `exit_code`. */
_Noreturn void die(int exit_code, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
