/* Listening sockets: TCP addresses and Unix sockets. No HTTP here. */
#ifndef VIRGA_SERVER_SOCKET_H
#define VIRGA_SERVER_SOCKET_H

#include "store/lock.h"

/* An address to listen on: "127.0.0.1", "::1", or "localhost", which is both of these. */
struct listen_address {
    const char *host;
    uint16_t port;      /* 0: any free one */
    const char *option; /* with which the user chooses the port, for the error's hint; NULL: none */
};

/* Where a server listens. */
struct pem_pair;
struct http_options {
    const char *host;                   /* as in struct listen_address */
    uint16_t port;                      /* 0: any free one */
    const struct pem_pair *certificate; /* NULL: no TLS (server/tls.h) */
    uint16_t tls_port;                  /* 0: any free one */
    const char *unix_path;              /* NULL: no Unix socket */
};

/* localhost has two addresses; plain and TLS on each of them, and the Unix socket. */
enum { LISTEN_MAX = 2, HTTP_LISTENERS_MAX = 2 * LISTEN_MAX + 1 };

struct listen_sockets {
    int fd[LISTEN_MAX];
    size_t n;
    uint16_t port; /* of all of them */
    bool loopback; /* only this machine reaches them */
};

/* Binds and listens. For localhost the machine must have 127.0.0.1; without IPv6 that one is enough. -1 with
 * a sentence in `a`. */
int listen_tcp(struct arena *a, const struct listen_address *address, struct listen_sockets *ret_sockets,
               struct str *ret_problem);

/* The address by which others reach a server that listens on `host`: the same, but for 0.0.0.0 and :: that of
 * the first interface of the machine, and without one that of loopback. In `a`. */
const char *listen_reachable_host(struct arena *a, const char *host);

/* A Unix socket that only its owner may use. The lock file PATH.lock shows that its server is alive. */
struct unix_socket {
    int fd;
    const char *path;
    struct lock lock;
};

/* Binds and listens at the path. Replaces a socket whose server has died; never another kind of file, nor a
 * socket that is in use. -1 with a sentence in `a`. */
int listen_unix(struct arena *a, const char *path, struct unix_socket *ret_socket, struct str *ret_problem);
/* Removes the path and the lock file. The caller closes the descriptor. */
void listen_unix_done(struct unix_socket *l);

#endif
