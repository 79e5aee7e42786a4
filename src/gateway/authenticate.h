/* What the steps of core/authenticate.c and those who explain them must agree about. */
#ifndef VIRGA_GATEWAY_AUTHENTICATE_H
#define VIRGA_GATEWAY_AUTHENTICATE_H

#include "core/call.h"

/* Documented: the time of a signature and the server's may not differ by more than five minutes. */
enum { SIGNATURE_LIFE_SECONDS = 300 };

/* The time that signatures are judged by, in seconds: the machine's, not the service's, unless the settings
 * ask for it. A moved clock must not make a client's signatures old. */
int64_t authenticate_now(const struct world *w);

#endif
