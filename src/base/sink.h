/*
 * The destination of log lines: standard error, through one buffer that is written once in each iteration of
 * the loop.
 *
 * The reader of standard error may be slow, stopped or gone, and waiting for it would stop every request. So
 * this module never waits: it drops whole lines that standard error does not accept, and writes their number
 * before the next accepted line. It allocates nothing, because memory_out ends the program through it.
 */
#ifndef VIRGA_BASE_SINK_H
#define VIRGA_BASE_SINK_H

#include "base/str.h"

/* Appends bytes of lines. Each line ends in a newline, in this piece or in a later one. */
void sink_put(struct str piece);

/* Writes the buffer to standard error. */
void sink_flush(void);

/* The text before and after the note about dropped lines, without the newline. Both must live as long as the
 * program. */
void sink_set_note(const char *before, const char *after);

#endif
