/* What the steps of authenticate.c share with explain.c and the diagnosis. */
#ifndef VIRGA_GATEWAY_AUTHENTICATE_H
#define VIRGA_GATEWAY_AUTHENTICATE_H

#include "core/call.h"

/* Documented: the time of a signature and the server's may differ by five minutes at most. */
enum { SIGNATURE_LIFE_SECONDS = 300 };

/* The time by which signatures expire, in seconds: the machine's, because a moved service clock must not
 * expire the signatures of clients; the service's when the settings say so. */
int64_t authenticate_now(const struct world *w);

#endif
