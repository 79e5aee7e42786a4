/* Routing: the checks of product, version, action and region, and whether the product is available. */
#include "gateway/route.h"

#include <assert.h>

#include "base/log.h"
#include "base/str.h"
#include "gateway/pipeline.h"

/* In the cloud's own domain the first label is a product; elsewhere it may be anything. */
int step_product(struct call *c)
{
    return hosts_name_other_product(c) ? call_fail(c, ERR_NO_SUCH_PRODUCT) : 0;
}

int step_version(struct call *c)
{
    const struct product *p = c->product;
    if (str_eq(c->common.version, p->version))
        return 0;
    return call_fail_with(c, ERR_NO_SUCH_VERSION, ARGS(c->common.version, p->name));
}

int step_action(struct call *c)
{
    const struct product *p = c->product;
    c->action = action_find(p, c->common.action);
    if (c->action)
        return 0;
    return call_fail_with(c, ERR_INVALID_ACTION, ARGS(c->common.action, p->name, p->version));
}

/* ActionOffline is a code of the gateway; here the world file decides which actions get it. */
int step_offline(struct call *c)
{
    const struct world *w = c->world;
    bool offline = w->offline && w->offline[registry_row(w->registry, c->action)];
    return offline ? call_fail(c, ERR_ACTION_OFFLINE) : 0;
}

/* An action without a region ignores an absent one, but not a wrong one (assumed). */
int step_region(struct call *c)
{
    assert(c->action);
    const struct product *p = c->product;
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

/* The gateway accepted the call, but the product does not run. */
int step_available(struct call *c)
{
    return c->world->unavailable ? call_fail(c, ERR_SERVICE_UNAVAILABLE) : 0;
}

/* --- hosts --- */

/*
 * The host is part of what a client signs. Behind a proxy, a port mapping or a local name it is rarely the
 * host that virga sees, so there is a list of candidates (docs/fidelity.md says which clients need which).
 */

#define OFFICIAL_DOMAIN "tencentcloudapi.com"

/* Adds a name unless it is in the list, because every name costs a signature. */
static void add(struct hosts *h, struct str name)
{
    if (!name.p || h->n == HOSTS_MAX)
        return;
    for (size_t i = 0; i < h->n; i++)
        if (str_eq(h->name[i], name))
            return;
    h->name[h->n++] = name;
}

/* "127.0.0.1:8328" -> "127.0.0.1", "[::1]:8328" -> "[::1]"; a colon that is not followed by digits
 * begins no port. */
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

/* Of the URL that clients use when a proxy sends another host to this server; p == NULL: there is none. */
static struct str public_host(const struct call *c)
{
    struct str url = c->world->settings.public_url;
    return url.p ? str_skip(url, str_find(url, ':') + strlen("://")) : url;
}

/* The cloud's own endpoints: the nearest, that of the region, the international and the internal one. */
void hosts_candidates(const struct call *c, struct hosts *ret_hosts)
{
    struct str product = c->product->name, domain = STR("." OFFICIAL_DOMAIN);
    hosts_sent(c, ret_hosts);
    if (c->world->settings.strict)
        return;
    add(ret_hosts, without_port(request_header(&c->request, STR("Host"))));
    add(ret_hosts, c->request.authority);
    add(ret_hosts, public_host(c));
    add(ret_hosts, CONCAT(c->arena, product, domain));
    if (product_has_region(c->product, c->common.region))
        add(ret_hosts, CONCAT(c->arena, product, STR("."), c->common.region, domain));
    add(ret_hosts, CONCAT(c->arena, product, STR(".intl"), domain));
    add(ret_hosts, CONCAT(c->arena, product, STR(".internal"), domain));
}

/* The host that the client means: a client of a proxy has it in the target, tccli puts a whole URL into Host.
 */
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

/* The product in the first label of a host of the cloud's domain; p == NULL for another host. */
static struct str product_label(const struct call *c)
{
    struct str host = destination(c);
    if (!str_ends(host, STR("." OFFICIAL_DOMAIN)))
        return (struct str){NULL, 0};
    return str_head(host, str_find(host, '.'));
}

bool hosts_name_other_product(const struct call *c)
{
    struct str label = product_label(c);
    return label.p && !registry_find(c->world->registry, label);
}

bool hosts_allow_service(const struct call *c, struct str service)
{
    struct str host = request_header(&c->request, STR("Host"));
    /* A client of another product signs rightly; step_product rejects its call. */
    if (str_eq(service, c->product->name) ||
        (hosts_name_other_product(c) && str_eq(service, product_label(c))))
        return true;
    if (c->world->settings.strict ||
        !(str_eq(service, str_head(host, str_find(host, '.'))) || str_eq(service, host)))
        return false;
    log_say(LOG_DEBUG, "leniency: service `%.*s` in the credential scope", STR_ARG(service));
    return true;
}

/* An unknown host of the cloud gets the default product, and step_product rejects it later: the order of the
 * checks does not depend on the product. */
const struct product *route_product(const struct call *c)
{
    const struct registry *r = c->world->registry;
    struct str label = product_label(c);
    const struct product *p =
        label.p ? registry_find(r, label) : registry_find_version(r, c->common.version, c->common.action);
    return p ? p : registry_default(r);
}

/* The second label, as in "name.ap-guangzhou.tencentcloudapi.com" (documented). */
struct str hosts_access_region(const struct call *c)
{
    struct str rest =
        c->request.authority.p ? c->request.authority : request_header(&c->request, STR("Host"));
    struct str product, region;
    if (str_next(&rest, '.', &product) && str_next(&rest, '.', &region) &&
        product_has_region(c->product, region))
        return region;
    return STR("");
}
