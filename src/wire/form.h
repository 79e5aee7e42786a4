/*
 * application/x-www-form-urlencoded text (a query string or a body) to fields, and fields to a tree.
 *
 * Fields come first, because version 1 signatures are made over the decoded fields, sorted. In the tree,
 * "DBNames.0=db1" is the first element of the array DBNames. Indexes start at 0 and have no gaps; they may
 * appear in any order (the Java SDK sends them in the order of a hash map).
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

/* Each fault has an error text of its own at the gateway (docs/fidelity.md). */
enum form_fault {
    FORM_OK,
    FORM_NO_EQUALS, /* a part without '=' */
    FORM_EMPTY_KEY, /* a part that starts with '=' */
    FORM_TOO_MANY,  /* more than LIMIT_NODES fields */
    FORM_NOT_UTF8,  /* a key or a value that does not decode to UTF-8, or has a NUL (assumed) */
    FORM_REPEATED,  /* a key twice, or both "A" and "A.0" */
    FORM_ARRAY,     /* an index that leaves a gap, does not start at 0, or is not a number */
    FORM_DEPTH      /* more dots than LIMIT_JSON_DEPTH */
};

/* Splits and decodes; the views point into `text` where nothing was decoded. FORM_OK, FORM_NO_EQUALS,
 * FORM_EMPTY_KEY, FORM_TOO_MANY or FORM_NOT_UTF8. An empty text is an empty form. Empty parts ("a=1&&b=2", a
 * trailing '&') are ignored (assumed). */
enum form_fault form_parse(struct arena *a, struct str text, struct form *ret_form);

/* The first field of that key, or NULL. */
const struct form_field *form_find(const struct form *f, struct str key);

/* The tree of all fields but those for which `skip` (may be NULL) returns true. On FORM_REPEATED, FORM_ARRAY
 * and FORM_DEPTH *ret_key names the parameter: the whole key, or for FORM_ARRAY the array's path. Takes n log
 * n time. */
enum form_fault form_tree(struct arena *a, const struct form *f, bool (*skip)(struct str key),
                          struct node **ret_tree, struct str *ret_key);

#endif
