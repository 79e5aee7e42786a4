/*
 * TC3-HMAC-SHA256: parsing the header, building the signed text, verifying.
 *
 * Every call is verified, so a text is built without printf, and a variant that equals an earlier one is not
 * hashed.
 */
#include "wire/tc3.h"

#include <assert.h>

#include "base/buf.h"
#include "base/codec.h"
#include "base/limits.h"

/* A canonical request without its query string has about 250 bytes. */
enum { CANONICAL_ROOM = 512 };

/* --- parsing --- */

/* The form only: a wrong date gives a wrong signature. */
static bool is_date(struct str s)
{
    static const char form[] = "dddd-dd-dd";
    if (s.n != sizeof(form) - 1)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (form[i] == 'd' ? !ascii_is_digit(s.p[i]) : s.p[i] != form[i])
            return false;
    }
    return true;
}

/* <SecretId>/<Date>/<service>/tc3_request, no part empty. */
static bool take_credential(struct str value, struct tc3_authorization *auth)
{
    struct str end;
    if (!str_next(&value, '/', &auth->secret_id) || !str_next(&value, '/', &auth->date) ||
        !str_next(&value, '/', &auth->service) || !str_next(&value, '/', &end))
        return false;
    return value.p == NULL && auth->secret_id.n > 0 && is_date(auth->date) && auth->service.n > 0 &&
           str_eq(end, STR(TC3_TERMINATOR));
}

/* Is `name` among the first `n` names of the list? */
static bool is_listed(struct str names, size_t n, struct str name)
{
    struct str other;
    while (n-- > 0 && str_next(&names, ';', &other)) {
        if (str_eq_nocase(other, name))
            return true;
    }
    return false;
}

/* Repeated names are also rejected because each would copy the header's value: a small request could cause a
 * very large canonical request. */
static bool take_signed_headers(struct str value, struct tc3_authorization *auth)
{
    struct str rest = value, name;
    size_t n = 0;
    while (str_next(&rest, ';', &name)) {
        if (name.n == 0 || n == LIMIT_HEADER_COUNT || is_listed(value, n, name))
            return false;
        n++;
    }
    auth->signed_headers = value;
    return is_listed(value, n, STR("content-type")) && is_listed(value, n, STR("host"));
}

static bool take_signature(struct str value, struct tc3_authorization *auth)
{
    if (value.n != SHA256_HEX || !hex_valid(value))
        return false;
    auth->signature = value;
    return true;
}

/* In the order in which faults are reported. */
static const struct part {
    struct str key;
    enum tc3_part fault;
    bool (*take)(struct str value, struct tc3_authorization *auth);
} parts[] = {
    {STR_INIT("Credential="), TC3_CREDENTIAL, take_credential},
    {STR_INIT("SignedHeaders="), TC3_SIGNED_HEADERS, take_signed_headers},
    {STR_INIT("Signature="), TC3_SIGNATURE, take_signature},
};

/* The value of the one part that starts with `key`; p == NULL when there is none, or two, which
 * might differ. */
static struct str find_part(struct str rest, struct str key)
{
    struct str found = {NULL, 0}, part;
    while (str_next(&rest, ',', &part)) {
        part = str_trim(part);
        if (!str_starts(part, key))
            continue;
        if (found.p)
            return (struct str){NULL, 0};
        found = str_skip(part, key.n);
    }
    return found;
}

/* In the order of the table, so that the reported fault does not depend on the order of the header. */
enum tc3_part tc3_parse(struct str value, struct tc3_authorization *ret_auth)
{
    struct tc3_authorization auth = {0};
    struct str rest = str_trim(value), word;
    if (!str_next(&rest, ' ', &word) || !str_eq(word, STR(TC3_ALGORITHM_NAME)))
        return TC3_ALGORITHM;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        struct str text = find_part(rest, parts[i].key);
        if (!text.p || !parts[i].take(text, &auth))
            return parts[i].fault;
    }
    *ret_auth = auth;
    return TC3_NOTHING;
}

/* --- the signed text --- */

static void put_lower(struct buf *b, struct str s)
{
    buf_put(b, s);
    for (size_t i = b->n - s.n; i < b->n; i++)
        b->p[i] = ascii_lower(b->p[i]);
}

/* The value of a signed name: the host of the variant, or the request's header. */
static struct str signed_value(const struct request *r, struct str name, struct str host)
{
    return str_trim(str_eq_nocase(name, STR("host")) ? host : request_header(r, name));
}

/* In the client's order: the documentation asks clients to sort the names, and all of them do. */
static void put_headers(struct buf *b, const struct request *r, struct str names,
                        const struct tc3_variant *variant)
{
    struct str name;
    while (str_next(&names, ';', &name)) {
        struct str value = signed_value(r, name, variant->host);
        put_lower(b, name);
        buf_putc(b, ':');
        if (variant->lower_values)
            put_lower(b, value);
        else
            buf_put(b, value);
        buf_putc(b, '\n');
    }
}

struct str tc3_canonical_request(struct arena *a, const struct request *r,
                                 const struct tc3_authorization *auth, struct str payload_hash,
                                 const struct tc3_variant *variant)
{
    struct str query = variant->query ? r->query : STR("");
    struct buf b;
    assert(payload_hash.n == SHA256_HEX);
    buf_init(&b, a, CANONICAL_ROOM + query.n, SIZE_MAX);
    buf_put(&b, r->method);
    /* Always this path: the documentation fixes it, and the Go SDK signs it even when it posts to another. */
    buf_put(&b, STR("\n/\n"));
    buf_put(&b, query);
    buf_putc(&b, '\n');
    put_headers(&b, r, auth->signed_headers, variant);
    buf_putc(&b, '\n');
    put_lower(&b, auth->signed_headers);
    buf_putc(&b, '\n');
    buf_put(&b, payload_hash);
    assert(!b.over);
    return buf_str(&b);
}

struct str tc3_string_to_sign(struct arena *a, struct str timestamp, const struct tc3_authorization *auth,
                              struct str canonical_request)
{
    char hash[SHA256_HEX];
    sha256_hex(canonical_request, hash);
    return CONCAT(a, STR(TC3_ALGORITHM_NAME "\n"), timestamp, STR("\n"), auth->date, STR("/"), auth->service,
                  STR("/" TC3_TERMINATOR "\n"), (struct str){hash, sizeof(hash)});
}

void tc3_payload_hash(const struct request *r, char out[SHA256_HEX])
{
    struct str unsigned_payload = STR("UNSIGNED-PAYLOAD");
    if (str_eq(request_header(r, STR("X-TC-Content-SHA256")), unsigned_payload))
        sha256_hex(unsigned_payload, out);
    else
        sha256_hex(str_eq(r->method, STR("GET")) ? STR("") : r->body, out);
}

/* The arena is for the prefixed secret, which has no greatest length. Callers cache the key, so
 * this is rare. */
void tc3_signing_key(struct str secret_key, struct str date, struct str service, struct hmac_key *ret_key)
{
    uint8_t key[SHA256_BYTES];
    struct str derived = {(const char *)key, sizeof(key)};
    struct arena scratch;
    arena_init(&scratch);
    hmac_sha256(CONCAT(&scratch, STR("TC3"), secret_key), date, key);
    hmac_sha256(derived, service, key);
    hmac_sha256(derived, STR(TC3_TERMINATOR), key);
    hmac_key_init(ret_key, derived);
    arena_done(&scratch);
}

/* --- verification --- */

/* One verification: what is the same for all variants. */
struct attempt {
    struct arena *arena;
    const struct tc3_claim *claim;
    struct str payload_hash;
};

static bool matches(const struct attempt *t, const struct tc3_variant *variant)
{
    const struct tc3_claim *claim = t->claim;
    struct str canonical =
        tc3_canonical_request(t->arena, claim->request, claim->auth, t->payload_hash, variant);
    struct str text = tc3_string_to_sign(t->arena, claim->timestamp, claim->auth, canonical);
    uint8_t mac[SHA256_BYTES];
    char hex[SHA256_HEX];
    hmac_key_sign(claim->key, text, mac);
    hex_encode(mac, sizeof(mac), hex);
    return equal_constant_time((struct str){hex, sizeof(hex)}, claim->auth->signature);
}

static bool has_capitals(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (ascii_is_upper(s.p[i]))
            return true;
    }
    return false;
}

/* Does lower case change anything in the header lines? */
static bool values_have_capitals(const struct attempt *t, struct str host)
{
    struct str names = t->claim->auth->signed_headers, name;
    while (str_next(&names, ';', &name)) {
        if (has_capitals(signed_value(t->claim->request, name, host)))
            return true;
    }
    return false;
}

/* May a client have signed this variant, and does it differ from those before it? */
static bool is_possible(const struct attempt *t, const struct tc3_variant *variant)
{
    bool get = str_eq(t->claim->request->method, STR("GET"));
    if (get && !variant->query)
        return false;
    if (!get && variant->query && t->claim->request->query.n == 0)
        return false;
    return !variant->lower_values || values_have_capitals(t, variant->host);
}

/* The likeliest first: for nearly every client one signature is enough. */
static int try_host(const struct attempt *t, struct str host, struct tc3_variant *ret_variant)
{
    for (int i = 0; i < 4; i++) {
        struct tc3_variant variant = {.host = host, .lower_values = i & 2, .query = i & 1};
        if (is_possible(t, &variant) && matches(t, &variant)) {
            *ret_variant = variant;
            return 0;
        }
    }
    return -1;
}

/* Two candidates are often equal, such as Host as sent and Host without its port. */
static bool is_repeated(const struct host_names *hosts, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (str_eq(hosts->v[k], hosts->v[i]))
            return true;
    }
    return false;
}

int tc3_verify(struct arena *a, const struct tc3_claim *claim, const struct host_names *hosts,
               struct tc3_variant *ret_variant)
{
    char hash[SHA256_HEX];
    struct str known = claim->auth->payload_hash;
    struct attempt t = {a, claim, known.p ? known : (struct str){hash, sizeof(hash)}};
    assert(claim->auth->signature.n == SHA256_HEX);
    if (!known.p)
        tc3_payload_hash(claim->request, hash);
    for (size_t i = 0; i < hosts->n; i++) {
        if (!is_repeated(hosts, i) && try_host(&t, hosts->v[i], ret_variant) == 0)
            return 0;
    }
    return -1;
}
