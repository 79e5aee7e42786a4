/* Other texts of a body that a client may have hashed in place of the one that was sent. */
#ifndef VIRGA_DIAGNOSIS_BODY_VARIANTS_H
#define VIRGA_DIAGNOSIS_BODY_VARIANTS_H

#include "base/arena.h"
#include "wire/json.h"

/* Each is in the arena, or absent (p == NULL) where the body has no such form. */

/* What a body in gzip was made of, at most LIMIT_DOCTOR_BODY bytes. */
struct str body_unzipped(struct arena *a, struct str body);
/* JSON within a JSON string: the text that the string has. */
struct str body_inner(const struct node *json);
/* The reverse: the body as a JSON string. */
struct str body_quoted(struct arena *a, struct str body);
/* With CR LF for each LF, or with LF for each CR LF. */
struct str body_with_crlf(struct arena *a, struct str body);
struct str body_with_lf(struct arena *a, struct str body);
/* The members of a JSON object as a form, in the order sent; an object or an array within it has no form. */
struct str body_as_form(struct arena *a, const struct node *json);
/* How many characters a text in UTF-8 has. */
size_t body_characters(struct str body);

#endif
