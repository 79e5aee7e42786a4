#include "server/control.h"

#include "base/buf.h"

enum { CONTROL_ANSWER_MAX = 64 * 1024 };

struct route {
    struct str method, path;
    int (*run)(struct call *c, struct buf *answer); /* the HTTP status */
};

static int get_health(struct call *c, struct buf *answer)
{
    (void)c;
    buf_put(answer, STR("{\"status\":\"ok\"}"));
    return 200;
}

static const struct route routes[] = {
    {STR_INIT("GET"), STR_INIT("/_virga/health"), get_health},
};

bool control_owns(struct str path)
{
    return str_starts(path, STR("/_virga/"));
}

static int not_found(struct call *c, struct buf *answer)
{
    buf_put(answer, STR("{\"error\":{\"code\":\"not_found\",\"message\":"));
    buf_put_json_string(answer, arena_printf(c->arena, "there is no %.*s %.*s", STR_ARG(c->request.method),
                                             STR_ARG(c->request.path)));
    buf_put(answer, STR(",\"hint\":\"GET /_virga/health\"}}"));
    return 404;
}

int control_run(struct call *c)
{
    struct buf b;
    int (*run)(struct call *, struct buf *) = not_found;
    buf_init(&b, c->arena, 256, CONTROL_ANSWER_MAX);
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++)
        if (str_eq(routes[i].method, c->request.method) && str_eq(routes[i].path, c->request.path))
            run = routes[i].run;
    int status = run(c, &b);
    c->answer = buf_str(&b);
    return status;
}
