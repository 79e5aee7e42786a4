/* Responses on the wire: as they were made, or as a fault changes them. */
#ifndef VIRGA_SERVER_RESPONSE_H
#define VIRGA_SERVER_RESPONSE_H

#include <microhttpd.h>

#include "server/exchange.h"

/* Gives the exchange's response to libmicrohttpd. Called within its access handler, which returns the result:
 * MHD_NO has the library close the connection without a response. */
enum MHD_Result response_queue(struct exchange *x);

#endif
