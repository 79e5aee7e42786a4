/*
 * A stream: a text that is made in pieces while it is sent. It needs the memory of one piece, however long
 * the text is, and other work can be done between two pieces.
 *
 * Who makes a stream embeds this struct as the first member of its own state.
 */
#ifndef VIRGA_BASE_STREAM_H
#define VIRGA_BASE_STREAM_H

#include "base/buf.h"

enum stream_result {
    STREAM_MORE,  /* more pieces follow; this one may be empty */
    STREAM_END,   /* this was the last piece */
    STREAM_BROKEN /* the text cannot be completed, and what was sent of it is of no use */
};

struct stream {
    /* Appends the next piece to an empty buffer, in an arena that may be emptied when the piece is sent. A
     * piece ends soon after LIMIT_PIECE bytes. Not called again after the last piece. */
    enum stream_result (*next)(struct stream *s, struct buf *piece);
    /* Frees what the stream holds outside of its arena. Called once; NULL: there is nothing. */
    void (*done)(struct stream *s);
};

#endif
