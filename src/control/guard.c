/* The order matters: a foreign page learns from the refusal only that it is foreign, not whether there is a
 * token. */
#include "control/guard.h"

#include "base/codec.h"

/* "[::1]:8328" is "[::1]", "localhost:8328" is "localhost"; what has no port behind it stays whole. */
static struct str without_port(struct str host)
{
    size_t end = str_starts(host, STR("[")) ? str_find(host, ']') + 1 : str_find(host, ':');
    return end >= host.n || host.p[end] == ':' ? str_head(host, end) : host;
}

/* The target's own authority counts where it has one (RFC 9112 section 3.2.2). */
static struct str host_of(const struct request *r)
{
    return r->authority.p ? r->authority : request_header(r, STR("Host"));
}

/* An address of IPv6 stands in brackets. */
static bool is_option(const struct control *k, struct str name)
{
    struct str host = k->call->world->settings.host;
    if (str_find(host, ':') < host.n)
        host = CONCAT(k->call->arena, STR("["), host, STR("]"));
    return host.n > 0 && str_eq_nocase(name, host);
}

/* Names under localhost lead nowhere else (RFC 6761 section 6.3). */
static bool is_own_name(const struct control *k, struct str name)
{
    static const struct str own[] = {STR_INIT("localhost"), STR_INIT("127.0.0.1"), STR_INIT("[::1]")};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (str_eq_nocase(name, own[i]))
            return true;
    struct str tail = STR(".localhost");
    bool under = name.n > tail.n && str_eq_nocase(str_skip(name, name.n - tail.n), tail);
    return under || is_option(k, name);
}

static int check_host(struct control *k)
{
    struct str host = host_of(&k->call->request);
    if (is_own_name(k, without_port(host)))
        return 0;
    return control_fail(k, HTTP_FORBIDDEN,
                        arena_printf(k->call->arena, "the Host %.*s is none of this server's", STR_ARG(host)),
                        STR("ask for localhost or 127.0.0.1, or start with --host NAME"));
}

/* A browser sends Origin with every request of a page that changes something, and no program does. The own
 * console's is the address it was loaded from. */
static int check_origin(struct control *k)
{
    const struct request *r = &k->call->request;
    struct str origin = request_header(r, STR("Origin"));
    if (!origin.p)
        return 0;
    struct str own = CONCAT(k->call->arena, r->tls ? STR("https://") : STR("http://"), host_of(r));
    if (str_eq_nocase(origin, own))
        return 0;
    return control_fail(k, HTTP_FORBIDDEN,
                        arena_printf(k->call->arena, "the Origin %.*s is another one's", STR_ARG(origin)),
                        STR("only pages of this server may use its control API"));
}

static struct str token_of(const struct request *r)
{
    struct str bearer = request_header(r, STR("Authorization"));
    if (str_eq_nocase(str_head(bearer, 7), STR("Bearer ")))
        return str_trim(str_skip(bearer, 7));
    return request_header(r, STR("X-Virga-Token"));
}

/* In constant time: who may try tokens at will would otherwise read one off the time of the answer, byte by
 * byte. */
static int check_token(struct control *k)
{
    const struct world *w = k->call->world;
    struct str token = w->settings.control_token;
    if (!token.p && !w->exposed)
        return 0;
    if (!token.p)
        return control_fail(
            k, HTTP_FORBIDDEN,
            STR("the control API is closed: other machines reach this server, and it has no token"),
            STR("start with --control-token TOKEN, or listen on 127.0.0.1 only"));
    if (equal_constant_time(token_of(&k->call->request), token))
        return 0;
    return control_fail(k, HTTP_FORBIDDEN, STR("the control API demands its token"),
                        STR("Authorization: Bearer TOKEN, or X-Virga-Token: TOKEN"));
}

int guard_check(struct control *k)
{
    const struct request *r = &k->call->request;
    bool open = str_eq(r->path, STR("/_virga/health"));
    if (!r->peer.p)
        return 0;
    if (!k->call->world->exposed && check_host(k) != 0)
        return -1;
    if (check_origin(k) != 0)
        return -1;
    return open ? 0 : check_token(k);
}
