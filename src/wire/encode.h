/* A C struct onto the wire, by its shape: compact JSON, fields in the schema's order. */
#ifndef VIRGA_WIRE_ENCODE_H
#define VIRGA_WIRE_ENCODE_H

#include "base/buf.h"
#include "wire/json.h"
#include "wire/shape.h"

/* Appends `"Name":value` for every field, with commas between them and none at the ends, so that the envelope
 * can add its own members. A NULL value has every field absent. Absent values are written as "", 0, false, []
 * or an object of zeros, unless nullable or omit. Returns the number of members written. */
size_t encode_members(struct buf *b, const struct shape *shape, const void *value);
/* The same as a whole object with its braces. */
void encode_object(struct buf *b, const struct shape *shape, const void *value);

/* A tree as compact JSON. */
void encode_node(struct buf *b, const struct node *n);

#endif
