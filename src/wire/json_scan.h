/*
 * The check in front of cJSON: is this text one JSON value by RFC 8259, within our limits?
 *
 * Builds nothing and allocates nothing. What it accepts, cJSON reads in full and in the same way; what cJSON
 * would let pass wrongly (any byte up to 0x20 as white space, a byte order mark, "01", raw control
 * characters, text that ends at a NUL) it refuses.
 */
#ifndef VIRGA_WIRE_JSON_SCAN_H
#define VIRGA_WIRE_JSON_SCAN_H

#include "base/str.h"

/* 0, or -1 and the offset of the first byte that no valid text has there (text.n when the text ends too
 * early; the value's start when a number is too long or beyond a double). */
int json_scan(struct str text, size_t *ret_offset);

#endif
