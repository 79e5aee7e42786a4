/* Encoding a C struct as compact JSON by its shape, with the fields in the schema's order. */
#ifndef VIRGA_WIRE_ENCODE_H
#define VIRGA_WIRE_ENCODE_H

#include "base/buf.h"
#include "wire/json.h"
#include "wire/shape.h"

/* Appends `"Name":value` for every field, with commas between them only, so that the caller can add members
 * of its own. A NULL value has every field absent. An absent value is written as "", 0, false, [] or an
 * object of absent values, unless the field is nullable or omit. Returns the number of members. */
size_t encode_members(struct buf *b, const struct shape *shape, const void *value);
/* The same as a whole object with its braces. */
void encode_object(struct buf *b, const struct shape *shape, const void *value);

/* With 15 digits (0.1, not 0.10000000000000001), or with 17 where 15 would be another number. */
void encode_double(struct buf *b, double value);

/* A tree as compact JSON. */
void encode_node(struct buf *b, const struct node *n);

#endif
