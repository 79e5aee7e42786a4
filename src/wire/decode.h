/*
 * Decoding a parameter tree into a C struct by its shape.
 *
 * Decoding is strict, as the gateway is. A number for a String is rejected (observed). Integers must be whole
 * and within both the type and LIMIT_JSON_INTEGER. Text from a query or a form is converted, or rejected.
 * JSON null counts as absent (assumed: no client sends one).
 */
#ifndef VIRGA_WIRE_DECODE_H
#define VIRGA_WIRE_DECODE_H

#include "wire/json.h"
#include "wire/shape.h"

enum decode_fault {
    DECODE_OK,
    DECODE_UNKNOWN,  /* a name that the shape does not have */
    DECODE_REPEATED, /* a name twice in one object */
    DECODE_TYPE,     /* a value of another type */
    DECODE_MISSING   /* a required field is absent */
};

struct decode_error {
    enum decode_fault fault;
    struct str path;      /* "DBNames.1", "Accounts.0.UserName" */
    const char *expected; /* DECODE_TYPE: the type's word ("string" was observed, the others are assumed) */
};

/* Fills *ret_value (shape->size bytes, zeroed by the caller; its texts point into the tree). Checks the whole
 * tree for unknown and repeated names first, then for types, then for required fields. -1 with the first
 * fault in that order. */
int decode(struct arena *a, const struct shape *shape, const struct node *tree, void *ret_value,
           struct decode_error *ret_error);

#endif
