/*
 * Why a call was refused, beyond what its answer tells: what the state, the clock and the schema know at that
 * moment. The answer to the client stays as it was.
 */
#ifndef VIRGA_GATEWAY_EXPLAIN_H
#define VIRGA_GATEWAY_EXPLAIN_H

#include "core/call.h"

/* Sets c->explanation.cause and c->explanation.evidence of a call that the pipeline has refused, if there is
 * something to tell: which name is near an unknown one, by how much a signature is too old, how often calls
 * were made. A handler explains its own refusals (call_fail_explained). A refusal that a fault made is left
 * alone, and so is one that the doctor examines. */
void explain_refusal(struct call *c);

/* A text that came from a client as it may stand on a line: short, UTF-8, no control characters. */
struct str explain_plain(struct arena *a, struct str text);

#endif
