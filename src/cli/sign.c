/* Makes the signature; see sign.h. */
#include "cli/sign.h"

#include "base/clock.h"
#include "base/codec.h"
#include "wire/tc3.h"

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
