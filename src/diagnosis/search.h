/* Searches for the mistakes that give the received signature. */
#ifndef VIRGA_DIAGNOSIS_SEARCH_H
#define VIRGA_DIAGNOSIS_SEARCH_H

#include "diagnosis/mistake.h"

enum { SEARCH_MISTAKES = 2 }; /* the most that are tried together */

/* The first mistake whose signing gives the received signature, or NULL. */
const struct mistake *search_single(struct diagnosis_case *dc);

/* The first mistake, else the first pair of mistakes, whose signing gives the received signature. Returns how
 * many there are in `ret_found`: 0 to SEARCH_MISTAKES. The case says in `incomplete` whether some were not
 * tried, because they would have taken too long. */
size_t search(struct diagnosis_case *dc, const struct mistake *ret_found[SEARCH_MISTAKES]);

#endif
