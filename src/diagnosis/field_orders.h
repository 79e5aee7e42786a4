/* The fields of a version 1 request in the forms and orders in which clients sign them. */
#ifndef VIRGA_DIAGNOSIS_FIELD_ORDERS_H
#define VIRGA_DIAGNOSIS_FIELD_ORDERS_H

#include "diagnosis/signing.h"

/* Makes one form for each enum v1_order, in the arena. The field Signature is left out, except in
 * V1_WITH_SIGNATURE, where it is empty. */
void field_orders(struct arena *a, const struct form *form, struct form ret_orders[V1_ORDERS]);

/* Whether the form has a key with an index: Name.0 or Name[0]. */
bool field_orders_has_arrays(const struct form *form);

#endif
