/* Where the server is to be reached: what its doors are opened by. */
#ifndef VIRGA_SERVER_HTTP_OPTIONS_H
#define VIRGA_SERVER_HTTP_OPTIONS_H

#include "server/socket.h"
#include "server/tls.h"

struct http_options {
    const char *host;                   /* an address, IPv4 or IPv6, or localhost: both loopback addresses */
    uint16_t port;                      /* 0: any free one */
    const struct pem_pair *certificate; /* NULL: no TLS */
    uint16_t tls_port;                  /* 0: any free one */
    const char *unix_path;              /* NULL: none */
};

/* Plain and TLS on each of localhost's addresses, and the Unix socket. */
enum { HTTP_LISTENERS_MAX = 2 * LISTEN_MAX + 1 };

#endif
