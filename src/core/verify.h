/*
 * What somebody expects a call to have been, against the calls that the journal has; and, where it was not,
 * what differed, in words.
 */
#ifndef VIRGA_CORE_VERIFY_H
#define VIRGA_CORE_VERIFY_H

#include "core/journal_entry.h"

/* p == NULL and NULL: anything will do. */
struct expectation {
    struct str action;
    struct str code;  /* "ok": it was done */
    struct str trace; /* how its X-TC-TraceId begins */
    struct str secret_id;
    /* An object: each member must be among the call's parameters, deeper objects likewise; lists must be
     * equal. A name such as "DBNames.0" is a path. Numbers and booleans also equal their text, since a form
     * has no types. */
    const struct node *params;
};

/* Is the call as expected? Parameters are compared only where the rest fits. What is made on the way is in
 * the arena. */
bool verify_match(struct arena *a, const struct expectation *x, const struct journal_entry *e);

/* How far the call is from what is expected: 0 for a match. The words say what differs first and most:
 * `params.Name was "a", not "b"`. */
unsigned verify_distance(struct arena *a, const struct expectation *x, const struct journal_entry *e,
                         struct str *ret_words);

/* What is expected, for a sentence: "MakeThing with code ok". */
struct str verify_describe(struct arena *a, const struct expectation *x);

#endif
