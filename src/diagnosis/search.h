/* The search for mistakes that give the signature that came. */
#ifndef VIRGA_DIAGNOSIS_SEARCH_H
#define VIRGA_DIAGNOSIS_SEARCH_H

#include "diagnosis/mistake.h"

/* Makes the patient of a call that failed at its signature. -1 when its signature has no form in which one
 * could be compared. Ends with case_done. */
int case_init(struct diagnosis_case *p, struct call *c);
void case_done(struct diagnosis_case *p);

/* One mistake whose signing gives the signature sent, or NULL. */
const struct mistake *search_single(struct diagnosis_case *p);

/* One mistake, else two, whose signing gives the signature sent: how many, or 0. */
size_t search(struct diagnosis_case *p, const struct mistake *ret_found[2]);

#endif
