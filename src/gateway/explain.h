/* Why a call was rejected, beyond its answer: what the state, the clock and the schema say at that moment.
 * The answer stays unchanged. */
#ifndef VIRGA_GATEWAY_EXPLAIN_H
#define VIRGA_GATEWAY_EXPLAIN_H

#include "core/call.h"

/* Sets c->explanation of a call that the pipeline has rejected, when there is something to say: the known
 * name that is similar to an unknown one, by how much a signature is too old, how often calls were made. It
 * leaves an existing explanation, which handlers set with call_fail_explained, and the rejections by faults
 * unchanged; diagnosis explains wrong signatures. */
void explain_refusal(struct call *c);

/* A text of a client for a log line: short, valid UTF-8, without control characters. */
struct str explain_plain(struct arena *a, struct str text);

#endif
