/*
 * Removes secrets from the texts of a call: passwords, signatures, tokens and keys become "***".
 *
 * The texts come from clients and may be malformed. When the end of a secret cannot be found, everything up
 * to the end of the text is removed. SecretIds stay, because they are names.
 */
#ifndef VIRGA_CORE_REDACT_H
#define VIRGA_CORE_REDACT_H

#include "base/buf.h"
#include "wire/request.h"

/* Whether the value of this name (of a parameter, a member or a header) is a secret; case does not matter. */
bool redact_is_secret(struct str name);

/* Each appends the text with the values of secrets replaced. */
void redact_form(struct buf *b, struct str text);   /* a=1&Signature=..., keys with or without escapes */
void redact_json(struct buf *b, struct str text);   /* members at any depth, also of an array or object */
void redact_body(struct buf *b, struct str text);   /* JSON when it looks like it, else a form */
void redact_target(struct buf *b, struct str text); /* a request line's, with its query */
void redact_header(struct buf *b, const struct header *h); /* the value alone */

void redact_canonical(struct buf *b, struct str text); /* a canonical request: lines of queries and headers */

#endif
