/* The search for mistakes that give the signature that came. */
#ifndef VIRGA_DOCTOR_SEARCH_H
#define VIRGA_DOCTOR_SEARCH_H

#include "doctor/mistake.h"

/* Makes the patient of a call that failed at its signature. -1 when its signature has no form in which one
 * could be compared. Ends with patient_done. */
int patient_init(struct patient *p, struct call *c);
void patient_done(struct patient *p);

/* One mistake whose signing gives the signature sent, or NULL. */
const struct mistake *search_single(struct patient *p);

/* One mistake, else two, whose signing gives the signature sent: how many, or 0. */
size_t search(struct patient *p, const struct mistake *ret_found[2]);

#endif
