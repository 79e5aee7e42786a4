/* Answers on the wire: as they are, or as a fault makes them. With server/http.c the only user of
 * libmicrohttpd's responses. */
#ifndef VIRGA_SERVER_RESPONSE_H
#define VIRGA_SERVER_RESPONSE_H

#include <microhttpd.h>

#include "server/exchange.h"

/* Hands the exchange's answer to the library, or has it close the connection: MHD_NO, for the handler to
 * return. */
enum MHD_Result response_queue(struct exchange *x);

#endif
