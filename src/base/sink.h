/*
 * Where the log's lines go: standard error, through one buffer that is written once a turn of the loop.
 *
 * The reader of standard error may be slow, stopped or gone, and to wait for it would stop every request. So
 * nothing here waits: a line that is not taken is dropped whole, and the next one that is taken is preceded
 * by a line with how many are missing. Nothing here allocates either: base/memory.h ends the program through
 * it.
 *
 * Below the log, which makes the lines (base/log.h), so that what the log itself is made of may use it.
 */
#ifndef VIRGA_BASE_SINK_H
#define VIRGA_BASE_SINK_H

#include "base/str.h"

/* Bytes of lines, each of which ends in a newline sooner or later. */
void sink_put(struct str piece);

/* Hands what is buffered to descriptor 2. */
void sink_flush(void);

/* What stands before and behind the words about dropped lines, without the newline. Both live as long as the
 * program. */
void sink_set_note(const char *before, const char *after);

#endif
