/* Finds the product of a call, and the names under which a client may have reached and signed this host. */
#ifndef VIRGA_GATEWAY_ROUTE_H
#define VIRGA_GATEWAY_ROUTE_H

#include "core/call.h"

enum { HOSTS_MAX = 8 };

struct hosts {
    struct str name[HOSTS_MAX];
    size_t n;
};

/* The product of a call: on a host of the cloud's domain the one that its first label names, elsewhere the
 * one that has the version, and of several the one that also has the action. The default product when there
 * is none. Needs c->common. */
const struct product *route_product(const struct call *c);

/* The Host header as sent: what nearly every client signs. */
void hosts_sent(const struct call *c, struct hosts *ret_hosts);

/* The hosts that the client may have signed, the likeliest first: the Host header as sent, without its port,
 * the host of an absolute-form target, and the official names of the product. All but the first are
 * leniencies; with `strict` only the first remains. */
void hosts_candidates(const struct call *c, struct hosts *ret_hosts);

/* Whether the credential scope may have this service: the product's name, that of another product which the
 * host names, or what SDKs make of a local
 * endpoint, which is the text before the first dot of the host ("127") or the whole host ("localhost:8328").
 * The last two are leniencies: the log says so at debug level, and `strict` rejects them. */
bool hosts_allow_service(const struct call *c, struct str service);

/* Whether the host is one of the cloud's domain, but of a product that is not emulated
 * ("cvm.tencentcloudapi.com"). */
bool hosts_name_other_product(const struct call *c);

/* The access region by which calls are counted: the region label of a regional host name, or "" for the
 * nearest. */
struct str hosts_access_region(const struct call *c);

#endif
