/* Sockets that listen: addresses and Unix sockets. No HTTP here. */
#ifndef VIRGA_SERVER_SOCKET_H
#define VIRGA_SERVER_SOCKET_H

#include "store/lock.h"

/* An address to listen on: "127.0.0.1", "::1", or "localhost", which is both of these. */
struct listen_address {
    const char *host;
    uint16_t port;      /* 0: any free one */
    const char *option; /* by which the user chooses the port, for the sentence; NULL: none */
};

enum { LISTEN_MAX = 2 };

struct listen_sockets {
    int fd[LISTEN_MAX];
    size_t n;
    uint16_t port; /* of all of them */
    bool loopback; /* only this machine reaches them */
};

/* Listens. For localhost the machine must have 127.0.0.1; without IPv6 that one is enough. -1 and a sentence
 * in `a`. */
int listen_tcp(struct arena *a, const struct listen_address *address, struct listen_sockets *ret_listeners,
               struct str *ret_problem);

/* A Unix socket that only its owner may use. Beside it, PATH.lock tells others that its server is alive. */
struct unix_socket {
    int fd;
    const char *path;
    struct lock lock;
};

/* Takes the place of a socket whose server has died; never of another kind of file, nor of a socket that is
 * in use. -1 and a sentence in `a`. */
int listen_unix(struct arena *a, const char *path, struct unix_socket *ret_listener, struct str *ret_problem);
/* Removes the path. Closing the descriptor is left to who serves it. */
void listen_unix_done(struct unix_socket *l);

#endif
