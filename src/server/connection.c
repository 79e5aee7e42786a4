/*
 * A list ordered by the time of the last activity, the longest idle first: a connection that becomes active
 * moves to the end, so that the next one to evict is always at the front. All operations take constant time.
 */
#include "server/connection.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/os.h"

/* Half of the descriptors: the others are for files, and for connections that the library accepts before it
 * has closed the evicted ones. */
void connection_table_init(struct connections *c)
{
    struct rlimit files = {.rlim_cur = 2 * LIMIT_CONNECTIONS};
    *c = (struct connections){.most = LIMIT_CONNECTIONS_KEPT, .peers = os_peers_new()};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < 2 * LIMIT_CONNECTIONS) {
        files.rlim_cur = files.rlim_max < 2 * LIMIT_CONNECTIONS ? files.rlim_max : 2 * LIMIT_CONNECTIONS;
        (void)setrlimit(RLIMIT_NOFILE, &files); /* raising it to rlim_max needs no privilege */
    }
    if (files.rlim_cur / 2 < c->most)
        c->most = (size_t)(files.rlim_cur / 2);
    if (os_descriptors_most / 2 < c->most)
        c->most = os_descriptors_most / 2;
}

void connection_table_done(struct connections *c)
{
    assert(c->n == 0);
    os_peers_free(c->peers);
}

/* Does nothing when it is not in the list. */
static void unlist(struct connections *c, struct connection *connection)
{
    if (!connection->listed)
        return;
    *(connection->older ? &connection->older->newer : &c->oldest) = connection->newer;
    *(connection->newer ? &connection->newer->older : &c->newest) = connection->older;
    connection->listed = false;
}

static void list(struct connections *c, struct connection *connection)
{
    assert(!connection->listed);
    connection->older = c->newest;
    connection->newer = NULL;
    *(c->newest ? &c->newest->newer : &c->oldest) = connection;
    c->newest = connection;
    connection->listed = true;
}

void connection_end(struct connection *connection)
{
    (void)shutdown(connection->fd, SHUT_RDWR);
}

/* When all connections wait for the server, none is evicted. */
static void evict_oldest(struct connections *c)
{
    struct connection *connection = c->oldest;
    if (!connection)
        return;
    unlist(c, connection);
    connection_end(connection);
}

struct connection *connection_add(struct connections *c, int fd)
{
    struct connection *connection = memory_new(sizeof *connection);
    connection->fd = fd;
    if (++c->n > c->most)
        evict_oldest(c);
    list(c, connection);
    os_peers_add(c->peers, fd, connection);
    return connection;
}

void connection_remove(struct connections *c, struct connection *connection)
{
    assert(c->n > 0);
    unlist(c, connection);
    for (size_t i = 0; connection->peer_closed && i < c->n_closed; i++)
        if (c->closed[i] == connection)
            c->closed[i] = NULL;
    os_peers_remove(c->peers, connection->fd);
    c->n--;
    free(connection);
}

void connection_take_closed(struct connections *c)
{
    void *owners[CONNECTION_CLOSED_ROOM];
    c->n_closed = os_peers_take(c->peers, owners, CONNECTION_CLOSED_ROOM);
    for (size_t i = 0; i < c->n_closed; i++) {
        c->closed[i] = owners[i];
        c->closed[i]->peer_closed = true;
    }
}

/* This direction is closed already; the call reports it to the waiting epoll descriptors once more. */
void connection_find_end(struct connection *connection)
{
    if (connection->peer_closed)
        (void)shutdown(connection->fd, SHUT_RD);
}

void connection_touch(struct connections *c, struct connection *connection)
{
    unlist(c, connection);
    list(c, connection);
}

void connection_pin(struct connections *c, struct connection *connection)
{
    unlist(c, connection);
}
