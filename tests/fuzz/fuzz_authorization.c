/* Fuzzes the Authorization header: what is accepted must be the same when it is joined and parsed again, and
 * with a fixed key only the right signature may verify. */
#include "base/buf.h"
#include "base/codec.h"
#include "wire/tc3.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct header headers[] = {
    {STR_INIT("Host"), STR_INIT("sqlserver.tencentcloudapi.com")},
    {STR_INIT("Content-Type"), STR_INIT("application/json")},
    {STR_INIT("X-TC-Action"), STR_INIT("CreateBackup")},
};
static const struct request request = {
    .method = STR_INIT("POST"),
    .path = STR_INIT("/"),
    .query = STR_INIT("a=1"),
    .body = STR_INIT("{\"InstanceId\":\"mssql-i1z41iwd\",\"Strategy\":1,\"DBNames\":[\"db1\",\"db2\"]}"),
    .headers = headers,
    .n_headers = sizeof(headers) / sizeof(headers[0]),
};
static const struct str host = STR_INIT("sqlserver.tencentcloudapi.com");
static const struct str timestamp = STR_INIT("1551113065");

/* An assert for every build. */
static void must(bool holds)
{
    if (!holds)
        abort();
}

/* Without printf, whose "%.*s" ends at a NUL. */
static struct str join(struct arena *a, const struct tc3_authorization *auth)
{
    const struct str pieces[] = {STR("TC3-HMAC-SHA256 Credential="),
                                 auth->secret_id,
                                 STR("/"),
                                 auth->date,
                                 STR("/"),
                                 auth->service,
                                 STR("/tc3_request"),
                                 STR(", SignedHeaders="),
                                 auth->signed_headers,
                                 STR(", Signature="),
                                 auth->signature};
    struct buf b;

    buf_init(&b, a, 256, SIZE_MAX);
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
        buf_put(&b, pieces[i]);
    return buf_str(&b);
}

static void same_after_joining(struct arena *a, const struct tc3_authorization *auth)
{
    const struct str text = join(a, auth);
    struct tc3_authorization again;

    must(tc3_parse(text, &again) == TC3_NOTHING);
    must(str_eq(again.secret_id, auth->secret_id));
    must(str_eq(again.date, auth->date));
    must(str_eq(again.service, auth->service));
    must(str_eq(again.signed_headers, auth->signed_headers));
    must(str_eq(again.signature, auth->signature));
}

/* The signature of one variant, computed apart from tc3_verify. */
static struct str sign(struct arena *a, const struct tc3_authorization *auth, const struct hmac_key *key,
                       const struct tc3_variant *variant)
{
    char hash[SHA256_HEX];
    uint8_t mac[SHA256_BYTES];
    char *hex = arena_alloc(a, SHA256_HEX);

    tc3_payload_hash(&request, hash);
    hmac_key_sign(key,
                  tc3_string_to_sign(
                      a, timestamp, auth,
                      tc3_canonical_request(a, &request, auth, (struct str){hash, sizeof(hash)}, variant)),
                  mac);
    hex_encode(mac, sizeof(mac), hex);
    return (struct str){hex, SHA256_HEX};
}

static bool verifies(struct arena *a, const struct tc3_authorization *auth, const struct hmac_key *key)
{
    const struct tc3_claim claim = {&request, auth, timestamp, key};
    struct tc3_variant variant;

    return tc3_verify(a, &claim, &(struct host_names){&host, 1}, &variant) == 0;
}

static void only_the_right_signature_verifies(struct arena *a, const struct tc3_authorization *auth)
{
    struct tc3_authorization right = *auth;
    struct hmac_key key;
    bool sent_is_right = false;

    tc3_signing_key(STR("Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"), STR("2019-02-25"), STR("sqlserver"), &key);
    for (int i = 0; i < 4; i++) {
        const struct tc3_variant variant = {host, i & 1, i & 2};

        right.signature = sign(a, auth, &key, &variant);
        sent_is_right |= str_eq(right.signature, auth->signature);
        must(verifies(a, &right, &key));
    }
    must(verifies(a, auth, &key) == sent_is_right);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tc3_authorization auth;
    struct arena a;

    arena_init(&a);
    if (tc3_parse((struct str){size ? (const char *)data : "", size}, &auth) == TC3_NOTHING) {
        same_after_joining(&a, &auth);
        only_the_right_signature_verifies(&a, &auth);
    }
    arena_done(&a);
    return 0;
}
