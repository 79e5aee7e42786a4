/* Compares the calls of the journal with the call that a test expects, and describes the differences. */
#ifndef VIRGA_CORE_VERIFY_H
#define VIRGA_CORE_VERIFY_H

#include "core/journal_entry.h"

/* p == NULL and NULL: anything matches. */
struct expectation {
    struct str action;
    struct str code;  /* "ok": it was done */
    struct str trace; /* the beginning of its X-TC-TraceId */
    struct str secret_id;
    /* An object: each member must be among the call's parameters, deeper objects likewise; lists must be
     * equal. A name such as "Names.0" is a path. Numbers and booleans also equal their text, because a form
     * has no types. */
    const struct node *params;
};

/* Whether the call is the expected one. Parameters are compared only when the rest matches. Temporary texts
 * are in the arena. */
bool verify_match(struct arena *a, const struct expectation *x, const struct journal_entry *e);

/* How different the call is: 0 for a match. *ret_words names the first and largest difference:
 * `params.Name was "a", not "b"`. */
unsigned verify_distance(struct arena *a, const struct expectation *x, const struct journal_entry *e,
                         struct str *ret_words);

/* The expected call as a part of a sentence: "MakeThing with code ok". */
struct str verify_describe(struct arena *a, const struct expectation *x);

#endif
