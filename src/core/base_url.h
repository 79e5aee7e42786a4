/* The URL at which clients reach this server, for the addresses in its answers. */
#ifndef VIRGA_CORE_BASE_URL_H
#define VIRGA_CORE_BASE_URL_H

#include "core/call.h"

/* Is it the form of a host and an optional port: "virga.test", "127.0.0.1:8328", "[::1]:8328"? */
bool base_url_has_host(struct str host_port);

/* "https://virga.test" or "http://127.0.0.1:8328", a slash after it allowed. -1 for any other text; else
 * *ret_url is a view of it without the slash. */
int base_url_parse(struct str text, struct str *ret_url);

/* The URL for the call's client: that of --public-url; else the host to which the client sent the call; else
 * the address at which the server listens, as for a Unix socket, and for a host of the cloud, which leads to
 * this server for some clients only. */
struct str base_url_of(const struct call *c);

#endif
