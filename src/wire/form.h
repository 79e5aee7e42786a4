/*
 * application/x-www-form-urlencoded text (a query string or a body) to fields, and fields to a tree.
 *
 * Fields first, because version 1 signatures are made over the decoded fields, sorted; then a tree, in which
 * "DBNames.0=db1" is the first element of the array DBNames. Indexes start at 0 and have no gaps, in any
 * order of appearance (the Java SDK sends them in the order of a hash map).
 */
#ifndef VIRGA_WIRE_FORM_H
#define VIRGA_WIRE_FORM_H

#include "wire/json.h"

struct form_field {
    struct str key, value; /* decoded */
};

struct form {
    struct form_field *fields; /* in the order sent */
    size_t n;
};

/* What can be wrong, each with a text of its own at the gateway (docs/fidelity.md). */
enum form_fault {
    FORM_OK,
    FORM_NO_EQUALS, /* a part without '=' */
    FORM_EMPTY_KEY, /* a part that starts with '=' */
    FORM_TOO_MANY,  /* past LIMIT_NODES */
    FORM_NOT_UTF8,  /* a key or a value that does not decode to UTF-8, or holds a NUL (assumed) */
    FORM_REPEATED,  /* a key twice, or both "A" and "A.0" */
    FORM_ARRAY,     /* an index that leaves a gap, does not start at 0, or is not a number */
    FORM_DEPTH      /* more levels of dots than LIMIT_JSON_DEPTH */
};

/* Splits and decodes. FORM_OK, FORM_NO_EQUALS, FORM_EMPTY_KEY, FORM_TOO_MANY or FORM_NOT_UTF8. An empty text
 * is an empty form; empty parts ("a=1&&b=2", a trailing '&') are passed over (assumed). */
enum form_fault form_parse(struct arena *a, struct str text, struct form *ret_form);

/* The first field of that key, or NULL. */
const struct form_field *form_find(const struct form *f, struct str key);

/* The tree of all fields for which `skip` is NULL or answers false. On FORM_REPEATED, FORM_ARRAY and
 * FORM_DEPTH *ret_key names the parameter: the whole key for REPEATED, the array's own path for ARRAY. Cost:
 * n log n. */
enum form_fault form_tree(struct arena *a, const struct form *f, bool (*skip)(struct str key),
                          struct node **ret_tree, struct str *ret_key);

#endif
