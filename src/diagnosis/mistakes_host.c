/* Hosts that a client may have signed in the place of the one it sent. */

#include "gen/doctor.h"

#define DOMAIN ".tencentcloudapi.com"

static struct str sent_host(const struct diagnosis_case *p)
{
    return request_header(&p->call->request, STR("Host"));
}

/* Where the port begins, with its colon; the length when there is none. */
static size_t port_at(struct str host)
{
    size_t at = host.n;
    while (at > 0 && host.p[at - 1] >= '0' && host.p[at - 1] <= '9')
        at--;
    return at > 0 && at < host.n && host.p[at - 1] == ':' ? at - 1 : host.n;
}

static bool other_host(const struct diagnosis_case *p, struct str host, struct signing *r)
{
    r->host = host;
    return !str_eq(host, sent_host(p));
}

/* URL.hostname in place of URL.host, as in the Node SDK. */
bool mistake_host_port(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    const struct str host = sent_host(p);
    (void)variant;
    return other_host(p, str_head(host, port_at(host)), r);
}

/* The scheme's default port, which HTTP libraries leave out of the header. */
bool mistake_host_port_added(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    const struct str host = sent_host(p);
    if (port_at(host) < host.n)
        return false;
    return other_host(p, JOINED(&p->scratch, host, variant == 0 ? STR(":443") : STR(":80")), r);
}

/* A whole URL where a host was wanted, of this host or beside another mistake of that one; half of the
 * variants end in a slash. */
bool mistake_host_scheme(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    const struct str scheme = variant % 2 == 0 ? STR("http://") : STR("https://");
    return other_host(p, JOINED(&p->scratch, scheme, r->host, variant < 2 ? STR("") : STR("/")), r);
}

bool mistake_host_slash(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)variant;
    return other_host(p, JOINED(&p->scratch, r->host, STR("/")), r);
}

/* The product's name, then `middle`, then the cloud's domain. */
static bool official(struct diagnosis_case *p, struct str middle, struct signing *r)
{
    return other_host(p, JOINED(&p->scratch, p->call->product->name, middle, STR(DOMAIN)), r);
}

/* A gateway or a tunnel in between: the SDK signs the official name, the request has another. */
bool mistake_host_canonical(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)variant;
    return official(p, STR(""), r);
}

bool mistake_host_intl(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)variant;
    return official(p, STR(".intl"), r);
}

bool mistake_host_internal(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)variant;
    return official(p, STR(".internal"), r);
}

/* The call's own region first. */
bool mistake_host_regional(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    const struct product *product = p->call->product;
    if (variant > product->n_regions)
        return false;
    const struct str region = variant == 0 ? p->call->common.region : product->regions[variant - 1].name;
    if (region.n == 0 || (variant > 0 && str_eq(region, p->call->common.region)))
        return false;
    return official(p, JOINED(&p->scratch, STR("."), region), r);
}

/* Both names of this machine, without a port and with the one that was sent. */
bool mistake_host_localhost(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    const struct str host = sent_host(p), port = str_skip(host, port_at(host));
    const struct str name = variant % 2 == 0 ? STR("localhost") : STR("127.0.0.1");
    if (variant >= 2 && port.n == 0)
        return false;
    return other_host(p, JOINED(&p->scratch, name, variant < 2 ? STR("") : port), r);
}

/* Copied from the documentation's example, which is for another product. */
bool mistake_host_example(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)variant;
    return other_host(p, STR("cvm" DOMAIN), r);
}

/* A client that goes through a proxy says the host in the target, too. */
bool mistake_host_target(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)variant;
    return p->call->request.authority.p && other_host(p, p->call->request.authority, r);
}

/* What proxies say about the host they were asked for; else this machine at the ports where they often are.
 */
bool mistake_host_proxy(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    static const struct str reported[] = {STR_INIT("X-Forwarded-Host"), STR_INIT("X-Original-Host")};
    static const struct str usual[] = {STR_INIT("localhost:8080"), STR_INIT("127.0.0.1:8080"),
                                       STR_INIT("localhost:8000"), STR_INIT("127.0.0.1:8000"),
                                       STR_INIT("localhost:3000"), STR_INIT("127.0.0.1:3000"),
                                       STR_INIT("localhost:8443"), STR_INIT("127.0.0.1:8443")};
    const size_t n_told = sizeof reported / sizeof reported[0];
    if (variant >= n_told)
        return other_host(p, usual[variant - n_told], r);
    const struct str host = str_trim(request_header(&p->call->request, reported[variant]));
    return host.n > 0 && other_host(p, host, r);
}

bool mistake_host_empty(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)variant;
    return other_host(p, STR(""), r);
}
