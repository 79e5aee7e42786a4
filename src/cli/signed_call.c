#include "cli/signed_call.h"

#include <assert.h>

#include "base/clock.h"
#include "base/codec.h"
#include "wire/tc3.h"

/* Signs the two headers that every official client signs, in the order of their names. */
struct str sign_post(struct arena *a, const struct request *r, const struct sign_key *key, int64_t seconds)
{
    char date[11], payload[SHA256_HEX], hex[SHA256_HEX];
    uint8_t mac[SHA256_BYTES];
    struct hmac_key signing;
    time_utc_date(seconds, date);
    struct tc3_authorization auth = {.secret_id = key->secret_id,
                                     .date = str_from(date),
                                     .service = key->service,
                                     .signed_headers = STR("content-type;host")};
    struct tc3_variant variant = {.host = request_header(r, STR("Host"))};
    tc3_payload_hash(r, payload);
    struct str canonical =
        tc3_canonical_request(a, r, &auth, (struct str){payload, sizeof payload}, &variant);
    struct str text = tc3_string_to_sign(a, request_header(r, STR("X-TC-Timestamp")), &auth, canonical);
    tc3_signing_key(key->secret_key, auth.date, auth.service, &signing);
    hmac_key_sign(&signing, text, mac);
    hex_encode(mac, sizeof mac, hex);
    return arena_printf(a,
                        "TC3-HMAC-SHA256 Credential=%.*s/%s/%.*s/tc3_request, "
                        "SignedHeaders=content-type;host, Signature=%.*s",
                        STR_ARG(key->secret_id), date, STR_ARG(key->service), SHA256_HEX, hex);
}

static void add_header(struct request *r, struct header *headers, struct str name, struct str value)
{
    assert(r->n_headers < SIGNED_CALL_HEADERS);
    if (value.p)
        headers[r->n_headers++] = (struct header){name, value};
}

/* Host is in the list only until the signature is made: the client adds the same. */
void signed_call_make(struct arena *a, const struct signed_call *c, struct header *headers,
                      struct request *ret_request)
{
    struct request *r = ret_request;
    *r = (struct request){.method = STR("POST"), .path = STR("/"), .headers = headers, .body = c->body};
    add_header(r, headers, STR("Content-Type"), c->content_type);
    add_header(r, headers, STR("X-TC-Action"), c->action);
    add_header(r, headers, STR("X-TC-Version"), c->version);
    add_header(r, headers, STR("X-TC-Region"), c->region);
    add_header(r, headers, STR("X-TC-Timestamp"), arena_printf(a, "%lld", (long long)c->seconds));
    add_header(r, headers, STR("X-TC-Language"), c->language);
    add_header(r, headers, STR("X-TC-TraceId"), c->trace);
    add_header(r, headers, STR("X-TC-Token"), c->token);
    add_header(r, headers, STR("Host"), c->authority);
    struct str authorization = sign_post(a, r, &c->key, c->seconds);
    r->n_headers--;
    add_header(r, headers, STR("Authorization"), authorization);
}
