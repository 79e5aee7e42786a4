/* Suggestions for a mistyped name: the nearest of the known names. */
#ifndef VIRGA_BASE_SUGGEST_H
#define VIRGA_BASE_SUGGEST_H

#include "base/str.h"

struct suggestion {
    struct str wanted;
    struct str best; /* p == NULL: no candidate is near enough */
    size_t distance; /* of the best; at first one more than is allowed */
};

/* Starts a search. A candidate may differ in a third of the wanted characters, and in at least two. */
void suggest_init(struct suggestion *s, struct str wanted);
/* Compares one known name. Of equally near names the first stays. The text must outlive the search. Names
 * longer than LIMIT_SUGGESTION are ignored. */
void suggest_offer(struct suggestion *s, struct str candidate);

/* How many letters must be inserted, deleted, replaced or swapped with their neighbour to make one name of
 * the other, ASCII case aside. Both at most LIMIT_SUGGESTION long. */
size_t suggest_distance(struct str a, struct str b);

#endif
