/* The headers of a request as libmicrohttpd has found them: makes a request of them, and decides whether it
 * may go on. Only server/http.c uses this. */
#ifndef VIRGA_SERVER_REQUEST_HEADERS_H
#define VIRGA_SERVER_REQUEST_HEADERS_H

#include "server/request_body.h"

struct exchange;
struct listener;

/* Fills x->call.request but for the body, and finds the owner of its URL. To be called when the headers are
 * complete, with the method and the version as libmicrohttpd gives them. NULL when the request may go on,
 * else a static rejection. */
const struct rejection *request_headers_read(const struct listener *l, struct exchange *x, const char *method,
                                             const char *version);

#endif
