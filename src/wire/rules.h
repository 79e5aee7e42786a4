/* The schema's rules on decoded values, which the service checks after the gateway has accepted their form.
 */
#ifndef VIRGA_WIRE_RULES_H
#define VIRGA_WIRE_RULES_H

#include "wire/shape.h"

struct rule_failure {
    const struct shape_rule *rule;
    struct str path;
};

/* Checks the rules of all fields, in the schema's order, nested objects included. -1 with the first that
 * fails. Rules other than RULE_PRESENT accept an absent value. */
int rules_check(struct arena *a, const struct shape *shape, const void *value,
                struct rule_failure *ret_failure);

/* The rule as the end of a sentence that begins with the path: "must be from 1 to 17". `lang` is LANG_EN or
 * LANG_ZH. */
struct str rule_sentence(struct arena *a, const struct shape_rule *r, int lang);

#endif
