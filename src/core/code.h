/* Error codes by what stands on the wire: which text belongs to one, and which actions may answer it. And the
 * names that somebody may have meant. */
#ifndef VIRGA_CORE_CODE_H
#define VIRGA_CORE_CODE_H

#include "base/near.h"
#include "core/action.h"

/* The row of `code` among those that the action declares, else among the common ones; without an action among
 * those that any action declares. ERR_NONE when there is none. Of several texts that of the bare code. */
enum error_id code_find(const struct product *p, const struct action *action, struct str code);

/* Declared by the action, or common? */
bool code_fits(const struct action *action, enum error_id id);

/* Offers the name of every action. */
void action_offer(const struct product *p, struct near *near);

/* Offers every code that code_find would find. */
void code_offer(const struct product *p, const struct action *action, struct near *near);

#endif
