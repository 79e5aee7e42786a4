/* Where a call goes: product, version, action, region, and whether anybody is there. */
#include "gateway/route.h"

#include "base/log.h"
#include "base/str.h"
#include "gateway/pipeline.h"

/* Only of the cloud's own domain is it known that its first label is a product. */
int step_product(struct call *c)
{
    return hosts_name_other_product(c) ? call_fail(c, ERR_NO_SUCH_PRODUCT) : 0;
}

int step_version(struct call *c)
{
    const struct product *p = c->world->product;
    if (str_eq(c->common.version, p->version))
        return 0;
    return call_fail_with(c, ERR_NO_SUCH_VERSION, ARGS(c->common.version, p->name));
}

int step_action(struct call *c)
{
    const struct product *p = c->world->product;
    c->action = action_find(p, c->common.action);
    if (c->action)
        return 0;
    return call_fail_with(c, ERR_INVALID_ACTION, ARGS(c->common.action, p->name, p->version));
}

int step_offline(struct call *c)
{
    const struct world *w = c->world;
    bool offline = w->offline && w->offline[c->action - w->product->actions];
    return offline ? call_fail(c, ERR_ACTION_OFFLINE) : 0;
}

int step_region(struct call *c)
{
    const struct product *p = c->world->product;
    struct str region = c->common.region;
    if (!c->action->region_required && region.n == 0)
        return 0;
    if (region.n == 0)
        return call_fail_with(c, ERR_MISSING_PARAMETER, ARGS(STR("Region")));
    if (product_has_region(p, region))
        return 0;
    if (product_knows_region(p, region))
        return call_fail(c, ERR_UNSUPPORTED_REGION);
    return call_fail_with(c, ERR_INVALID_PARAMETER_VALUE_NAMED,
                          ARGS(c->v1 ? STR("Region") : STR("X-TC-Region")));
}

/* The gateway has let the call pass and finds nobody behind itself. */
int step_available(struct call *c)
{
    return c->world->unavailable ? call_fail(c, ERR_SERVICE_UNAVAILABLE) : 0;
}

/* --- hosts --- */

/*
 * The host is part of what a client signs, and behind a proxy, a port mapping or a local name it is seldom
 * what virga was told. So there is a list of candidates instead of one name (docs/fidelity.md says which
 * clients need which).
 */

#define OFFICIAL_DOMAIN "tencentcloudapi.com"

/* No name twice: each is a signature to be made. */
static void add(struct hosts *h, struct str name)
{
    if (!name.p || h->n == HOSTS_MAX)
        return;
    for (size_t i = 0; i < h->n; i++)
        if (str_eq(h->name[i], name))
            return;
    h->name[h->n++] = name;
}

/* "127.0.0.1:8328" -> "127.0.0.1", "[::1]:8328" -> "[::1]"; a colon that is followed by other than digits is
 * no port. */
static struct str without_port(struct str host)
{
    size_t colon = host.n;
    while (colon > 0 && ascii_is_digit(host.p[colon - 1]))
        colon--;
    if (colon == 0 || colon == host.n || host.p[colon - 1] != ':')
        return host;
    return str_head(host, colon - 1);
}

void hosts_sent(const struct call *c, struct hosts *ret_hosts)
{
    *ret_hosts = (struct hosts){.n = 0};
    add(ret_hosts, request_header(&c->request, STR("Host")));
}

void hosts_candidates(const struct call *c, struct hosts *ret_hosts)
{
    struct str product = c->world->product->name, domain = STR("." OFFICIAL_DOMAIN);
    hosts_sent(c, ret_hosts);
    if (c->world->settings.strict)
        return;
    add(ret_hosts, without_port(request_header(&c->request, STR("Host"))));
    add(ret_hosts, c->request.authority);
    add(ret_hosts, CONCAT(c->arena, product, domain));
    if (product_has_region(c->world->product, c->common.region))
        add(ret_hosts, CONCAT(c->arena, product, STR("."), c->common.region, domain));
    add(ret_hosts, CONCAT(c->arena, product, STR(".intl"), domain));
    add(ret_hosts, CONCAT(c->arena, product, STR(".internal"), domain));
}

bool hosts_allow_service(const struct call *c, struct str service)
{
    struct str host = request_header(&c->request, STR("Host"));
    if (str_eq(service, c->world->product->name))
        return true;
    if (c->world->settings.strict ||
        !(str_eq(service, str_head(host, str_find(host, '.'))) || str_eq(service, host)))
        return false;
    log_say(LOG_DEBUG, "leniency: service `%.*s` in the credential scope", STR_ARG(service));
    return true;
}

/* Where the client meant to go: a proxy's client says it in the target. tccli puts a whole URL into Host. */
static struct str destination(const struct call *c)
{
    struct str host =
        c->request.authority.p ? c->request.authority : request_header(&c->request, STR("Host"));
    static const struct str schemes[] = {STR_INIT("http://"), STR_INIT("https://")};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (str_starts(host, schemes[i]))
            host = str_skip(host, schemes[i].n);
    return without_port(str_head(host, str_find(host, '/')));
}

bool hosts_name_other_product(const struct call *c)
{
    struct str host = destination(c);
    return str_ends(host, STR("." OFFICIAL_DOMAIN)) &&
           !str_eq(str_head(host, str_find(host, '.')), c->world->product->name);
}

struct str hosts_access_region(const struct call *c)
{
    struct str rest =
        c->request.authority.p ? c->request.authority : request_header(&c->request, STR("Host"));
    struct str product, region;
    if (str_next(&rest, '.', &product) && str_next(&rest, '.', &region) &&
        product_has_region(c->world->product, region))
        return region;
    return STR("");
}
