/*
 * Access to the control API.
 *
 * A web page of another origin has none: the browser sends the page's Origin or Sec-Fetch-Site, or, when an
 * attacker has bound the page's name to this machine's address (DNS rebinding), a Host that is not this
 * server's. When other machines can reach the server, a request needs the token, and a server without a token
 * rejects all requests; Host is not checked then, because it may be any name. A request by the Unix socket
 * comes from the user who started the server and may do everything. GET /_virga/health needs no token, since
 * it reveals nothing and a container's health check has none.
 */
#ifndef VIRGA_CONTROL_GUARD_H
#define VIRGA_CONTROL_GUARD_H

#include "control/response.h"

/* True when a browser made the request for a page of another origin. For requests to the cloud's API, whose
 * host may be any: such a page could sign a call with the credential that virga's documentation names, and
 * needs no answer. */
bool guard_is_foreign_page(struct arena *a, const struct request *r);

/* 0 when the client may use the API, else -1 after control_fail. */
int guard_check(struct control *k);

#endif
