/*
 * Secrets out of what is kept about a call: passwords, signatures, tokens and keys become "***".
 *
 * It reads what clients send, right or wrong, so nothing here needs well-formed text: where it cannot tell
 * the end of a secret it takes everything up to the end. SecretIds stay; they are names.
 */
#ifndef VIRGA_CORE_REDACT_H
#define VIRGA_CORE_REDACT_H

#include "base/buf.h"
#include "wire/request.h"

/* Is a value under this name (of a parameter, a member or a header) a secret? Without regard to case. */
bool redact_is_secret(struct str name);

/* Each appends its text with the secrets' values replaced. */
void redact_form(struct buf *b, struct str text);   /* a=1&Signature=..., keys with or without escapes */
void redact_json(struct buf *b, struct str text);   /* members at any depth, also of an array or object */
void redact_body(struct buf *b, struct str text);   /* JSON when it looks like it, else a form */
void redact_target(struct buf *b, struct str text); /* a request line's, with its query */
void redact_header(struct buf *b, const struct header *h); /* the value alone */

void redact_canonical(struct buf *b, struct str text); /* a canonical request: lines of queries and headers */

#endif
