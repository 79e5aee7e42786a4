/*
 * Removes secrets from the texts of a call: passwords, signatures, tokens and keys become "***". A secret is
 * what has a name of core/secret_name.h, also within a string that holds JSON or a form itself.
 *
 * The texts come from clients and may be malformed. When the end of a secret cannot be found, everything up
 * to the end of the text is removed. SecretIds stay, because they are names.
 */
#ifndef VIRGA_CORE_REDACT_H
#define VIRGA_CORE_REDACT_H

#include "base/buf.h"
#include "wire/request.h"

/* Each appends the text with the values of secrets replaced. */
void redact_form(struct buf *b, struct str text);   /* a=1&Signature=..., keys with or without escapes */
void redact_json(struct buf *b, struct str text);   /* members at any depth, also of an array or object */
void redact_path(struct buf *b, struct str path);   /* a request line's, without its query */
void redact_target(struct buf *b, struct str text); /* a request line's, with its query */
void redact_header(struct buf *b, const struct header *h); /* the value alone */

/* The first `most` bytes of a body: JSON or a form with the values of secrets replaced, or any other text
 * that names no secret. False for any other body, of which only its length and its hash are appended. */
bool redact_body(struct buf *b, struct str whole, size_t most);

void redact_prose(struct buf *b, struct str text);     /* a message: "***" when it quotes a secret */
void redact_canonical(struct buf *b, struct str text); /* a canonical request: lines of queries and headers */

#endif
