/* Explains why a call was rejected, from the state, the clock and the schema at that moment. The answer does
 * not change. */
#ifndef VIRGA_GATEWAY_EXPLAIN_H
#define VIRGA_GATEWAY_EXPLAIN_H

#include "core/call.h"

/* Sets c->explanation of a call that the pipeline has rejected, when it can add something: a known name
 * similar to an unknown one, the age of a signature that is too old, or the number of calls. It leaves an
 * existing explanation, which handlers set with call_fail_explained, and the rejections by faults unchanged;
 * diagnosis explains wrong signatures. */
void explain_refusal(struct call *c);

/* Makes a text of a client safe for a log line: short, valid UTF-8, without control characters. */
struct str explain_plain(struct arena *a, struct str text);

#endif
