/* The order of the checks matters: a page of another origin learns only that it is rejected, not whether a
 * token exists. */
#include "control/guard.h"

#include "base/codec.h"

/* "[::1]:8328" becomes "[::1]", "localhost:8328" becomes "localhost"; a host without a port stays as it is.
 */
static struct str without_port(struct str host)
{
    size_t end = str_starts(host, STR("[")) ? str_find(host, ']') + 1 : str_find(host, ':');
    return end >= host.n || host.p[end] == ':' ? str_head(host, end) : host;
}

/* Returns the authority of the target if it has one (RFC 9112 section 3.2.2), else the Host header. */
static struct str host_of(const struct request *r)
{
    return r->authority.p ? r->authority : request_header(r, STR("Host"));
}

/* Is it the value of --host? An IPv6 address is in brackets in a Host header. */
static bool is_host_option(const struct control *k, struct str name)
{
    struct str host = k->call->world->settings.host;
    if (str_find(host, ':') < host.n)
        host = CONCAT(k->call->arena, STR("["), host, STR("]"));
    return host.n > 0 && str_eq_nocase(name, host);
}

/* Names under localhost always mean this machine (RFC 6761 section 6.3). */
static bool is_own_name(const struct control *k, struct str name)
{
    static const struct str own[] = {STR_INIT("localhost"), STR_INIT("127.0.0.1"), STR_INIT("[::1]")};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (str_eq_nocase(name, own[i]))
            return true;
    struct str tail = STR(".localhost");
    bool under = name.n > tail.n && str_eq_nocase(str_skip(name, name.n - tail.n), tail);
    return under || is_host_option(k, name);
}

/* Rejects a page whose name an attacker has bound to this address: the browser sends that name as Host. */
static int check_host(struct control *k)
{
    struct str host = host_of(&k->call->request);
    if (is_own_name(k, without_port(host)))
        return 0;
    return control_fail(
        k, HTTP_FORBIDDEN,
        arena_printf(k->call->arena, "the Host %.*s is not a name of this server", STR_ARG(host)),
        STR("ask for localhost or 127.0.0.1, or start with --host NAME"));
}

/* The console's own Origin is the address from which it was loaded. */
static bool has_foreign_origin(struct arena *a, const struct request *r)
{
    struct str origin = request_header(r, STR("Origin"));
    struct str own = CONCAT(a, r->tls ? STR("https://") : STR("http://"), host_of(r));
    return origin.p && !str_eq_nocase(origin, own);
}

/* "none" is a request of the user: an address that was typed or a bookmark. */
static bool has_foreign_site(const struct request *r)
{
    struct str site = request_header(r, STR("Sec-Fetch-Site"));
    return site.p && !str_eq_nocase(site, STR("same-origin")) && !str_eq_nocase(site, STR("none"));
}

/* What Sec-Fetch-Site says comes first: a proxy of a page may forward an Origin that is its own. */
bool guard_is_foreign_page(struct arena *a, const struct request *r)
{
    if (request_header(r, STR("Sec-Fetch-Site")).p)
        return has_foreign_site(r);
    return has_foreign_origin(a, r);
}

/* A browser sends Origin with every POST of a page and where a page asks for the answer, and Sec-Fetch-Site
 * with all requests to this machine, also for an image, a form or a link; programs send neither. */
static int check_page(struct control *k)
{
    const struct request *r = &k->call->request;
    struct str hint = STR("only pages of this server may use its control API");
    if (has_foreign_origin(k->call->arena, r))
        return control_fail(k, HTTP_FORBIDDEN,
                            arena_printf(k->call->arena, "the Origin %.*s is not this server",
                                         STR_ARG(request_header(r, STR("Origin")))),
                            hint);
    if (has_foreign_site(r))
        return control_fail(k, HTTP_FORBIDDEN, STR("a page of another site made the request"), hint);
    return 0;
}

/* The token in the request; p == NULL when it has none. */
static struct str token_of(const struct request *r)
{
    struct str bearer = request_header(r, STR("Authorization"));
    if (str_eq_nocase(str_head(bearer, 7), STR("Bearer ")))
        return str_trim(str_skip(bearer, 7));
    return request_header(r, STR("X-Virga-Token"));
}

/* Compares in constant time: otherwise a client that tries tokens could derive one from response times, byte
 * by byte. */
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
    return control_fail(k, HTTP_FORBIDDEN, STR("the control API needs its token"),
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
    if (check_page(k) != 0)
        return -1;
    return open ? 0 : check_token(k);
}
