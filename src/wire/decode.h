/*
 * A parameter tree into a C struct, by its shape.
 *
 * Strict, as the gateway is: a number for a String is refused (observed); integers must be
 * whole and within both the type and LIMIT_JSON_INTEGER; text from a query or a form is converted, and
 * refused if it does not convert. JSON null counts as absent (assumed: no client sends one). A key twice in a
 * JSON object is DECODE_REPEATED.
 */
#ifndef VIRGA_WIRE_DECODE_H
#define VIRGA_WIRE_DECODE_H

#include "wire/json.h"
#include "wire/shape.h"

enum decode_fault { DECODE_OK, DECODE_UNKNOWN, DECODE_REPEATED, DECODE_TYPE, DECODE_MISSING };

struct decode_error {
    enum decode_fault fault;
    struct str path; /* "DBNames.1", "Accounts.0.UserName" */
    const char
        *expected; /* DECODE_TYPE: the type's word, such as "string" (others than string are assumed) */
};

/* Fills *ret_value (shape->size bytes, zeroed by the caller; its texts point into the tree). The whole tree
 * is checked for unknown and repeated keys first, then for types, then for required fields: the first fault
 * found in that order is returned, -1. */
int decode(struct arena *a, const struct shape *shape, const struct node *tree, void *ret_value,
           struct decode_error *ret_error);

struct rule_failure {
    const struct shape_rule *rule;
    struct str path;
};

/* What the rule asks, to stand behind the path: "must be from 1 to 17", "must be one of daily, weekly". */
struct str rule_sentence(struct arena *a, const struct shape_rule *r);
/* The same in Chinese. */
struct str rule_sentence_zh(struct arena *a, const struct shape_rule *r);

/* The rules of all fields, in the schema's order, nested objects in place. -1 and the first that fails. Rules
 * other than RULE_PRESENT pass for an absent value. */
int rules_check(struct arena *a, const struct shape *shape, const void *value,
                struct rule_failure *ret_failure);

#endif
