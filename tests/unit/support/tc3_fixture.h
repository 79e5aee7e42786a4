/* What the tests of TC3 share: the documentation's vectors and virga's own, and one verification with all its
 * inputs. Include it after cmocka.h. */
#ifndef VIRGA_TESTS_TC3_FIXTURE_H
#define VIRGA_TESTS_TC3_FIXTURE_H

#include "base/codec.h"
#include "wire/tc3.h"

#define ID "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE"
#define KEY "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
#define STARS "********************************"
#define TIMESTAMP "1551113065"
#define DATE "2019-02-25"
#define HOST "sqlserver.tencentcloudapi.com"
#define CVM_BODY                                                                                             \
    "{\"Limit\": 1, \"Filters\": [{\"Values\": [\"\\u672a\\u547d\\u540d\"], \"Name\": \"instance-name\"}]}"
#define BODY "{\"InstanceId\":\"mssql-i1z41iwd\",\"Strategy\":1,\"DBNames\":[\"db1\",\"db2\"]}"
#define QUERY "InstanceId=mssql-i1z41iwd&Strategy=1&DBNames.0=db1&DBNames.1=db2"
#define JSON "application/json"
#define JSON_UTF8 "application/json; charset=utf-8"
#define TWO "content-type;host"
#define THREE "content-type;host;x-tc-action"

static const struct vector {
    const char *name, *id, *key, *service, *method, *host, *content_type, *query, *body, *signed_headers;
    const char *action;  /* X-TC-Action as sent */
    const char *payload; /* X-TC-Content-SHA256, or NULL */
    const char *cr_hash, *signature;
} vectors[] = {
    {"A, the documentation's classic example", ID, KEY, "cvm", "POST", "cvm.tencentcloudapi.com", JSON_UTF8,
     "", CVM_BODY, TWO, "DescribeInstances", NULL,
     "5ffe6a04c0664d6b969fab9a13bdab201d63ee709638e2749d62a09ca18d7031",
     "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"},
    {"B, the documentation's example that signs the action", "AKID" STARS, STARS, "cvm", "POST",
     "cvm.tencentcloudapi.com", JSON_UTF8, "", CVM_BODY, THREE, "DescribeInstances", NULL,
     "7019a55be8395899b900fb5564e4200d984910f34794a27cb3fb7d10ff6a1e84",
     "10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f"},
    {"S1, POST", ID, KEY, "sqlserver", "POST", HOST, JSON, "", BODY, TWO, "CreateBackup", NULL,
     "df1e8e76231eb1967f8b2a1238e32fd7d1bb75dae6567df9377a316a7eb6b855",
     "c381d1e12284835878d03aa7b81c854bc59e861daffa27b31c654cec06111da6"},
    {"S2, POST that signs the action", ID, KEY, "sqlserver", "POST", HOST, JSON_UTF8, "", BODY, THREE,
     "CreateBackup", NULL, "ca6bd24244144adc7dab5a6463f76a7f1abaf147f6200d9ad3f1dc7d32c0deb8",
     "5aca2ad238a9087eafe467fe82dd08fe2377832bc59807b2994f492eeabbe2e7"},
    {"S3, GET", ID, KEY, "sqlserver", "GET", HOST, "application/x-www-form-urlencoded", QUERY, "", TWO,
     "CreateBackup", NULL, "ff15d49e09eade33e3f2159002843fb6d21479dc035c6f94c41ab3d28f50bf79",
     "7d9c682e8b05cebbd943f18b08c1f380bbceee645991723ce7e8ecb8f61b0307"},
    {"S4, POST whose payload is not signed", ID, KEY, "sqlserver", "POST", HOST, JSON, "", BODY, TWO,
     "CreateBackup", "UNSIGNED-PAYLOAD", "fc5c00c581d8f21733b6f1476a4af20967b67be21b92442cb8ba39dcf44f76d5",
     "dbdaafba558ad10dc038f358b3a83f87d33adfcf5a68edce0deacd83772b5362"},
    {"S5, POST to a local port", ID, KEY, "sqlserver", "POST", "127.0.0.1:18080", JSON, "", BODY, TWO,
     "CreateBackup", NULL, "cab23350009463e33f2a56018f746c715b160e5de01d7432d326c489180124db",
     "3d2043926f5bebb04bf15c92d31c1306429078fbfe5f9571453e6932754a750f"},
};

enum { VECTORS = sizeof(vectors) / sizeof(vectors[0]), A = 0, B = 1, S1 = 2, S2 = 3, S3 = 4, S4 = 5 };

static struct arena arena;

static inline int start(void **state)
{
    (void)state;
    arena_init(&arena);
    return 0;
}

static inline int stop(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static inline void assert_text(struct str actual, const char *expected)
{
    assert_string_equal(arena_cstr(&arena, actual), expected);
}

/* One verification with all its inputs; a test changes those that it is about. */
struct tc3_fixture {
    struct request request;
    struct header headers[4];
    struct tc3_authorization auth;
    struct str timestamp;
    struct str host; /* the only candidate */
    struct hmac_key key;
    struct tc3_variant matched;
};

static inline struct tc3_fixture *tc3_fixture_new(const struct vector *v)
{
    struct tc3_fixture *t = ARENA_NEW(&arena, struct tc3_fixture);
    const struct str text = arena_printf(
        &arena, "TC3-HMAC-SHA256 Credential=%s/" DATE "/%s/tc3_request, SignedHeaders=%s, Signature=%s",
        v->id, v->service, v->signed_headers, v->signature);

    t->headers[0] = (struct header){STR("Host"), str_from(v->host)};
    t->headers[1] = (struct header){STR("Content-Type"), str_from(v->content_type)};
    t->headers[2] = (struct header){STR("X-TC-Action"), str_from(v->action)};
    t->headers[3] = (struct header){STR("X-TC-Content-SHA256"), str_from(v->payload)};
    t->request = (struct request){.method = str_from(v->method),
                                  .path = STR("/"),
                                  .query = str_from(v->query),
                                  .body = str_from(v->body),
                                  .headers = t->headers,
                                  .n_headers = v->payload ? 4 : 3};
    assert_int_equal(tc3_parse(text, &t->auth), TC3_NOTHING);
    t->timestamp = STR(TIMESTAMP);
    t->host = str_from(v->host);
    tc3_signing_key(str_from(v->key), t->auth.date, t->auth.service, &t->key);
    return t;
}

static inline int tc3_fixture_run_with(struct tc3_fixture *t, const struct str *hosts, size_t n)
{
    const struct tc3_claim claim = {&t->request, &t->auth, t->timestamp, &t->key};

    return tc3_verify(&arena, &claim, &(struct host_names){hosts, n}, &t->matched);
}

static inline int tc3_fixture_run(struct tc3_fixture *t)
{
    return tc3_fixture_run_with(t, &t->host, 1);
}

static inline struct str canonical_of(const struct tc3_fixture *t, struct tc3_variant variant)
{
    static char hash[SHA256_HEX];

    tc3_payload_hash(&t->request, hash);
    return tc3_canonical_request(&arena, &t->request, &t->auth, (struct str){hash, sizeof(hash)}, &variant);
}

/* Signs the variant, as a client does that uses it. */
static inline void tc3_fixture_sign(struct tc3_fixture *t, struct tc3_variant variant)
{
    uint8_t mac[SHA256_BYTES];
    char *hex = arena_alloc(&arena, SHA256_HEX);

    hmac_key_sign(&t->key, tc3_string_to_sign(&arena, t->timestamp, &t->auth, canonical_of(t, variant)), mac);
    hex_encode(mac, sizeof(mac), hex);
    t->auth.signature = (struct str){hex, SHA256_HEX};
}

static inline void assert_matched(struct tc3_fixture *t, struct tc3_variant expected)
{
    assert_int_equal(tc3_fixture_run(t), 0);
    assert_text(t->matched.host, arena_cstr(&arena, expected.host));
    assert_int_equal(t->matched.lower_values, expected.lower_values);
    assert_int_equal(t->matched.query, expected.query);
}

#endif
