/*
 * TC3-HMAC-SHA256: what a client signed, put together again, and whether its signature is that of it.
 *
 * Verification is on the path of every call, so the texts are written once into a buffer of their exact size,
 * without printf, and a variant that cannot differ from an earlier one is never hashed.
 */
#include "wire/tc3.h"

#include "base/codec.h"
#include "base/limits.h"
#include "base/str.h"

/* --- The texts ----------------------------------------------------------------------------------------- */

/* Writes, or with p == NULL only counts: the same code gives a text's size and then the text. */
struct pen {
    char *p;
    size_t n;
};

static void put(struct pen *pen, struct str s)
{
    if (pen->p && s.n > 0)
        memcpy(pen->p + pen->n, s.p, s.n);
    pen->n += s.n;
}

static void put_lower(struct pen *pen, struct str s)
{
    if (pen->p) {
        for (size_t i = 0; i < s.n; i++)
            pen->p[pen->n + i] = ascii_lower(s.p[i]);
    }
    pen->n += s.n;
}

/* What a signed name stands for; empty for a header that the request lacks (assumed). */
static struct str signed_value(const struct request *r, struct str name, struct str host)
{
    return str_trim(str_eq_nocase(name, STR("host")) ? host : request_header(r, name));
}

/* The names in the order that the client lists them: it is told to sort them, and every client does. */
static void put_headers(struct pen *pen, const struct request *r, struct str names,
                        const struct tc3_variant *variant)
{
    struct str name;

    while (str_next(&names, ';', &name)) {
        const struct str value = signed_value(r, name, variant->host);

        put_lower(pen, name);
        put(pen, STR(":"));
        if (variant->lower_values)
            put_lower(pen, value);
        else
            put(pen, value);
        put(pen, STR("\n"));
    }
}

struct canonical {
    const struct request *request;
    struct str signed_headers;
    struct str payload_hash;
    const struct tc3_variant *variant;
};

static void put_canonical(struct pen *pen, const struct canonical *c)
{
    put(pen, c->request->method);
    /* Always this path: it is fixed by the documentation, and the Go SDK signs it even when it posts to
     * another. */
    put(pen, STR("\n/\n"));
    if (c->variant->query)
        put(pen, c->request->query);
    put(pen, STR("\n"));
    put_headers(pen, c->request, c->signed_headers, c->variant);
    put(pen, STR("\n"));
    put_lower(pen, c->signed_headers);
    put(pen, STR("\n"));
    put(pen, c->payload_hash);
}

struct str tc3_canonical_request(struct arena *a, const struct request *r,
                                 const struct tc3_authorization *auth, struct str payload_hash,
                                 const struct tc3_variant *variant)
{
    const struct canonical c = {r, auth->signed_headers, payload_hash, variant};
    struct pen size = {NULL, 0}, text = {NULL, 0};

    put_canonical(&size, &c);
    text.p = arena_alloc(a, size.n);
    put_canonical(&text, &c);
    return (struct str){text.p, text.n};
}

struct str tc3_string_to_sign(struct arena *a, struct str timestamp, const struct tc3_authorization *auth,
                              struct str canonical_request)
{
    char hash[SHA256_HEX];
    struct pen text = {NULL, 0};

    sha256_hex(canonical_request, hash);
    /* Pieces in a row, since here a list is both the size and the order. */
    const struct str pieces[] = {
        STR(TC3_ALGORITHM_NAME "\n"), timestamp,           STR("\n"), auth->date, STR("/"), auth->service,
        STR("/" TC3_TERMINATOR "\n"), {hash, sizeof(hash)}};
    size_t size = 0;

    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
        size += pieces[i].n;
    text.p = arena_alloc(a, size);
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
        put(&text, pieces[i]);
    return (struct str){text.p, text.n};
}

void tc3_payload_hash(const struct request *r, char out[SHA256_HEX])
{
    const struct str unsigned_payload = STR("UNSIGNED-PAYLOAD");

    /* First, because the Go SDK marks a GET this way too. */
    if (str_eq(request_header(r, STR("X-TC-Content-SHA256")), unsigned_payload))
        sha256_hex(unsigned_payload, out);
    else
        sha256_hex(str_eq(r->method, STR("GET")) ? STR("") : r->body, out);
}

/* --- The key and the signature ------------------------------------------------------------------------- */

void tc3_signing_key(struct str secret_key, struct str date, struct str service, struct hmac_key *ret_key)
{
    uint8_t key[SHA256_BYTES];
    const struct str derived = {(const char *)key, sizeof(key)};
    struct arena scratch;
    struct pen secret = {NULL, 0};

    /* An arena of its own, since a secret has no greatest length; callers keep the result, so this is rare.
     */
    arena_init(&scratch);
    secret.p = arena_alloc(&scratch, sizeof("TC3") - 1 + secret_key.n);
    put(&secret, STR("TC3"));
    put(&secret, secret_key);
    hmac_sha256((struct str){secret.p, secret.n}, date, key);
    hmac_sha256(derived, service, key);
    hmac_sha256(derived, STR(TC3_TERMINATOR), key);
    hmac_key_init(ret_key, derived);
    arena_done(&scratch);
}

/* What stays the same for all variants of one verification. */
struct attempt {
    struct arena *arena;
    const struct tc3_claim *claim;
    struct str payload_hash;
};

static bool matches(const struct attempt *t, const struct tc3_variant *variant)
{
    const struct str canonical =
        tc3_canonical_request(t->arena, t->claim->request, t->claim->auth, t->payload_hash, variant);
    uint8_t mac[SHA256_BYTES];
    char hex[SHA256_HEX];

    hmac_key_sign(t->claim->key, tc3_string_to_sign(t->arena, t->claim->timestamp, t->claim->auth, canonical),
                  mac);
    hex_encode(mac, sizeof(mac), hex);
    return equal_constant_time((struct str){hex, sizeof(hex)}, t->claim->auth->signature);
}

static bool has_capitals(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (ascii_is_upper(s.p[i]))
            return true;
    }
    return false;
}

/* Whether lower case changes anything in the header lines. */
static bool values_have_capitals(const struct attempt *t, struct str host)
{
    struct str names = t->claim->auth->signed_headers, name;

    while (str_next(&names, ';', &name)) {
        if (has_capitals(signed_value(t->claim->request, name, host)))
            return true;
    }
    return false;
}

/* Whether the variant is one that a client may have meant and differs from those before it. */
static bool worth_trying(const struct attempt *t, const struct tc3_variant *variant)
{
    const bool get = str_eq(t->claim->request->method, STR("GET"));

    if (get && !variant->query)
        return false;
    if (!get && variant->query && t->claim->request->query.n == 0)
        return false;
    return !variant->lower_values || values_have_capitals(t, variant->host);
}

/* The likeliest first: nearly every client is done with after one signature. */
static int try_host(const struct attempt *t, struct str host, struct tc3_variant *ret_variant)
{
    const struct tc3_variant variants[] = {
        {.host = host, .lower_values = false, .query = false},
        {.host = host, .lower_values = false, .query = true},
        {.host = host, .lower_values = true, .query = false},
        {.host = host, .lower_values = true, .query = true},
    };

    for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
        if (worth_trying(t, &variants[i]) && matches(t, &variants[i])) {
            *ret_variant = variants[i];
            return 0;
        }
    }
    return -1;
}

/* Two candidates are often the same, such as Host as sent and Host without its port. */
static bool tried_before(const struct host_names *hosts, size_t i)
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
    const struct str known = claim->auth->payload_hash;
    const struct attempt t = {a, claim, known.p ? known : (struct str){hash, sizeof(hash)}};

    if (!known.p)
        tc3_payload_hash(claim->request, hash);
    for (size_t i = 0; i < hosts->n; i++) {
        if (!tried_before(hosts, i) && try_host(&t, hosts->v[i], ret_variant) == 0)
            return 0;
    }
    return -1;
}

/* --- tc3 parse --- */

/*
 * TC3-HMAC-SHA256: the Authorization header taken apart.
 *
 * Only its form is judged here. Whether the date is the timestamp's, the credential known and the service
 * ours are questions of later steps, each with an answer of its own.
 */

/* The form only; whether it is the timestamp's day shows in the signature. */
static bool date_shaped(struct str s)
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

/* <SecretId>/<Date>/<service>/tc3_request, nothing of it empty. */
static bool take_credential(struct str value, struct tc3_authorization *auth)
{
    struct str end;

    if (!str_next(&value, '/', &auth->secret_id) || !str_next(&value, '/', &auth->date) ||
        !str_next(&value, '/', &auth->service) || !str_next(&value, '/', &end))
        return false;
    return value.p == NULL && auth->secret_id.n > 0 && date_shaped(auth->date) && auth->service.n > 0 &&
           str_eq(end, STR(TC3_TERMINATOR));
}

/* Whether `name` is among the first `n` names of the list. */
static bool listed(struct str names, size_t n, struct str name)
{
    struct str other;

    while (n-- > 0 && str_next(&names, ';', &other)) {
        if (str_eq_nocase(other, name))
            return true;
    }
    return false;
}

/* An empty or a repeated name is refused (assumed). For repeats there is a reason of our own: each occurrence
 * would copy the header's value, so a small request could ask for a very large canonical request. */
static bool take_signed_headers(struct str value, struct tc3_authorization *auth)
{
    struct str rest = value, name;
    size_t n = 0;

    while (str_next(&rest, ';', &name)) {
        if (name.n == 0 || n == LIMIT_HEADER_COUNT || listed(value, n, name))
            return false;
        n++;
    }
    auth->signed_headers = value;
    return listed(value, n, STR("content-type")) && listed(value, n, STR("host"));
}

static bool take_signature(struct str value, struct tc3_authorization *auth)
{
    if (value.n != SHA256_HEX || !hex_valid(value))
        return false;
    auth->signature = value;
    return true;
}

/* In the order in which a fault is reported. */
static const struct part {
    struct str key;
    enum tc3_part fault;
    bool (*take)(struct str value, struct tc3_authorization *auth);
} parts[] = {
    {STR_INIT("Credential="), TC3_CREDENTIAL, take_credential},
    {STR_INIT("SignedHeaders="), TC3_SIGNED_HEADERS, take_signed_headers},
    {STR_INIT("Signature="), TC3_SIGNATURE, take_signature},
};

/* The value of the one part that starts with `key`; p == NULL when there is none, or two, which might
 * disagree. */
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

/* By the order of the table and not of the header, so that of several faults the same one is told whatever
 * order a client has. */
enum tc3_part tc3_parse(struct str value, struct tc3_authorization *ret_auth)
{
    struct tc3_authorization auth = {0};
    struct str rest = str_trim(value), word;

    if (!str_next(&rest, ' ', &word) || !str_eq(word, STR(TC3_ALGORITHM_NAME)))
        return TC3_ALGORITHM;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        const struct str text = find_part(rest, parts[i].key);

        if (!text.p || !parts[i].take(text, &auth))
            return parts[i].fault;
    }
    *ret_auth = auth;
    return TC3_NOTHING;
}
