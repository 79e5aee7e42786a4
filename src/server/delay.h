/* Answers that wait for their time: suspended exchanges, the nearest first. A delay is a timer here and never
 * a sleep. */
#ifndef VIRGA_SERVER_DELAY_H
#define VIRGA_SERVER_DELAY_H

#include "server/exchange.h"

struct delays {
    struct exchange *first; /* by due_ns */
};

/* Takes in an exchange that is suspended already. It is due when its call's delay is over. */
void delay_add(struct delays *d, struct exchange *x);

/* The next one whose time has come, taken out; NULL when there is none. INT64_MAX takes out any. */
struct exchange *delay_take(struct delays *d, int64_t now_ns);

/* How long until the first is due, rounded up; -1 when none waits. */
int delay_wait_ms(const struct delays *d, int64_t now_ns);

#endif
