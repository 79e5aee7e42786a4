/*
 * Who may use the control API.
 *
 * A web page from elsewhere may not: the browser sends its Origin, or, when an attacker has bound the page's
 * name to this machine's address (DNS rebinding), a Host that is not this server's. When other machines can
 * reach the server, a request needs the token, and without a token the API is closed; Host may be any name
 * then and is not checked. A request by the Unix socket comes from the user who started the server and may do
 * everything. GET /_virga/health needs no token, since it reveals nothing and a container's health check has
 * none.
 */
#ifndef VIRGA_CONTROL_GUARD_H
#define VIRGA_CONTROL_GUARD_H

#include "control/response.h"

/* 0 when the request may go on, else -1 after control_fail. */
int guard_check(struct control *k);

#endif
