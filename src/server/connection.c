/*
 * A list by the time of the last word, the longest silent first: whoever speaks goes to the end of it, so
 * that the next to be turned out is always at the front. All of it is constant time.
 */
#include "server/connection.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/limits.h"

/* Half of the descriptors: the others are for files, and for what the library accepts before it has closed
 * what was turned out. */
void connection_table_init(struct connections *c)
{
    struct rlimit files = {.rlim_cur = 2 * LIMIT_CONNECTIONS};
    *c = (struct connections){.most = LIMIT_CONNECTIONS_KEPT};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < 2 * LIMIT_CONNECTIONS) {
        files.rlim_cur = files.rlim_max < 2 * LIMIT_CONNECTIONS ? files.rlim_max : 2 * LIMIT_CONNECTIONS;
        (void)setrlimit(RLIMIT_NOFILE, &files); /* raising it to rlim_max needs no right */
    }
    if (files.rlim_cur / 2 < c->most)
        c->most = (size_t)(files.rlim_cur / 2);
}

static void unlist(struct connections *c, struct connection *s)
{
    if (!s->listed)
        return;
    *(s->older ? &s->older->newer : &c->oldest) = s->newer;
    *(s->newer ? &s->newer->older : &c->newest) = s->older;
    s->listed = false;
}

static void list(struct connections *c, struct connection *s)
{
    s->older = c->newest;
    s->newer = NULL;
    *(c->newest ? &c->newest->newer : &c->oldest) = s;
    c->newest = s;
    s->listed = true;
}

/* Shut down, not closed: the descriptor is the library's, which finds the end of it, closes it and tells us.
 * What is not in the list waits for an answer of ours and is spared. */
static void evict_oldest(struct connections *c)
{
    struct connection *s = c->oldest;
    if (!s)
        return;
    unlist(c, s);
    (void)shutdown(s->fd, SHUT_RDWR);
}

struct connection *connection_add(struct connections *c, int fd)
{
    struct connection *s = memory_new(sizeof *s);
    s->fd = fd;
    if (++c->n > c->most)
        evict_oldest(c);
    list(c, s);
    return s;
}

void connection_remove(struct connections *c, struct connection *connection)
{
    unlist(c, connection);
    c->n--;
    free(connection);
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
