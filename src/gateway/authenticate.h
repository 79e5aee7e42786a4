/* What the steps of authenticate.c share with explain.c and the diagnosis. */
#ifndef VIRGA_GATEWAY_AUTHENTICATE_H
#define VIRGA_GATEWAY_AUTHENTICATE_H

#include "core/call.h"

/* Documented: the time of a signature and the server's may differ by five minutes at most. */
enum { SIGNATURE_LIFE_SECONDS = 300 };

/* The time by which signatures expire, in seconds. It is the machine's, so that signatures stay valid when
 * the service's clock is moved; with auth_by_service_clock it is the service's. */
int64_t authenticate_now(const struct world *w);

#endif
