/* The names under which a client may have reached, and signed, this host (docs/fidelity.md). */
#ifndef VIRGA_GATEWAY_ROUTE_H
#define VIRGA_GATEWAY_ROUTE_H

#include "core/call.h"

enum { HOSTS_MAX = 8 };

struct hosts {
    struct str name[HOSTS_MAX];
    size_t n;
};

/* The Host header as sent: what nearly every client signs. */
void hosts_sent(const struct call *c, struct hosts *ret_hosts);

/* Every candidate for the signed host, the likeliest first: the Host header as sent, without its port, the
 * host of an absolute-form target, and the product's official names. All but the first are leniencies, and
 * with `strict` only the first is left. */
void hosts_candidates(const struct call *c, struct hosts *ret_hosts);

/* May this service name stand in the credential scope? The product's name, or what SDKs make of a local
 * endpoint: the text before the first dot of the host ("127"), or the whole host ("localhost:8328"). Those
 * are leniencies: the log says so at debug level, and `strict` refuses them. */
bool hosts_allow_service(const struct call *c, struct str service);

/* Is the host one of the cloud's domain, but of another product ("cvm.tencentcloudapi.com")? */
bool hosts_name_other_product(const struct call *c);

/* The access region by which calls are counted: the region label of a regional host name, or "" for the
 * nearest. */
struct str hosts_access_region(const struct call *c);

#endif
