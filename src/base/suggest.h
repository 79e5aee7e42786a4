/* The name that somebody meant: the nearest of those there are. */
#ifndef VIRGA_BASE_SUGGEST_H
#define VIRGA_BASE_SUGGEST_H

#include "base/str.h"

/* Longer names are not compared: the longest of ours has fewer characters. */
enum { SUGGEST_NAME_MAX = 64 };

struct suggestion {
    struct str wanted;
    struct str best; /* p == NULL: none is near enough to be what was meant */
    size_t distance; /* of the best; at first one more than is allowed */
};

/* A name may be wrong in a third of its characters, and in two at least. */
void suggest_init(struct suggestion *n, struct str wanted);
/* Among equally near ones the first offered stays. The text must outlive the search. */
void suggest_offer(struct suggestion *n, struct str candidate);

/* Letters to insert, leave out, replace or swap with their neighbour, ASCII case aside, to make one name of
 * the other. Both at most SUGGEST_NAME_MAX long. */
size_t suggest_distance(struct str a, struct str b);

#endif
