/* The calls of a test world, to the products of the program. */
#include <stdio.h>

#include "base/buf.h"
#include "base/codec.h"
#include "gateway/pipeline.h"
#include "gen/products.h"
#include "gen/sqlserver.h"
#include "support/test_world.h"
#include "wire/v1.h"

enum { FIELDS_MAX = 16 * 1024 * 1024 };

const struct registry *const test_registry = &all_products;

/* --- requests --- */

/* Both of one moment, so that midnight cannot come between them. */
struct moment {
    char seconds[24], date[11];
};

static const struct moment *now(void)
{
    static struct moment m;
    int64_t seconds = clock_real_ms() / 1000;
    (void)snprintf(m.seconds, sizeof m.seconds, "%lld", (long long)seconds);
    time_utc_date(seconds, m.date);
    return &m;
}

struct test_world_request test_world_post(const char *action, const char *body)
{
    const struct moment *m = now();
    return (struct test_world_request){.method = "POST",
                                       .host = TEST_HOST,
                                       .content_type = "application/json",
                                       .body = body,
                                       .action = action,
                                       .version = "2018-03-28",
                                       .region = TEST_REGION,
                                       .timestamp = m->seconds,
                                       .secret_id = TEST_ID,
                                       .nonce = "7",
                                       .key = TEST_KEY,
                                       .date = m->date,
                                       .service = "sqlserver"};
}

struct test_world_request test_world_get(const char *action, const char *query)
{
    struct test_world_request r = test_world_post(action, NULL);
    r.method = "GET";
    r.content_type = "application/x-www-form-urlencoded";
    r.query = query;
    return r;
}

struct test_world_request test_world_form(const char *action, const char *fields)
{
    struct test_world_request r = test_world_post(action, fields);
    r.content_type = "application/x-www-form-urlencoded";
    return r;
}

static void put_header(struct test_world *t, const char *name, const char *value)
{
    struct request *r = &t->call.request;
    struct header *headers = (struct header *)(uintptr_t)r->headers; /* made in begin, below */
    if (!value)
        return;
    assert_true(r->n_headers < TEST_HEADERS);
    headers[r->n_headers++] = (struct header){str_from(name), str_from(value)};
}

static void begin(struct test_world *t, const struct test_world_request *r)
{
    call_init(&t->call, &t->world, &t->arena);
    t->call.request = (struct request){.method = str_from(r->method),
                                       .path = STR("/"),
                                       .query = str_from(r->query ? r->query : ""),
                                       .authority = str_from(r->authority),
                                       .body = str_from(r->body ? r->body : ""),
                                       .peer = STR("\x7f\0\0\1"),
                                       .headers = ARENA_ARRAY(&t->arena, struct header, TEST_HEADERS)};
    put_header(t, "Host", r->host);
    put_header(t, "Content-Type", r->content_type);
}

/* --- version 3 --- */

static struct str signature_v3(struct test_world *t, const struct test_world_request *r,
                               const struct tc3_authorization *auth)
{
    struct tc3_variant variant = {.host = str_from(r->signed_host ? r->signed_host : r->host)};
    struct hmac_key key;
    char hash[SHA256_HEX];
    uint8_t mac[SHA256_BYTES];
    char *hex = arena_alloc(&t->arena, SHA256_HEX);
    variant.query = strcmp(r->method, "GET") == 0;
    tc3_payload_hash(&t->call.request, hash);
    struct str canonical =
        tc3_canonical_request(&t->arena, &t->call.request, auth, (struct str){hash, SHA256_HEX}, &variant);
    struct str text = tc3_string_to_sign(&t->arena, str_from(r->timestamp), auth, canonical);
    tc3_signing_key(str_from(r->key), auth->date, auth->service, &key);
    hmac_key_sign(&key, text, mac);
    hex_encode(mac, sizeof mac, hex);
    return (struct str){hex, SHA256_HEX};
}

static const char *authorization_of(struct test_world *t, const struct test_world_request *r)
{
    struct tc3_authorization auth = {.secret_id = str_from(r->secret_id),
                                     .date = str_from(r->date),
                                     .service = str_from(r->service),
                                     .signed_headers = STR("content-type;host")};
    if (r->authorization)
        return r->authorization;
    return arena_printf(&t->arena,
                        "TC3-HMAC-SHA256 Credential=%s/%s/%s/tc3_request, SignedHeaders=content-type;host, "
                        "Signature=%.*s",
                        r->secret_id, r->date, r->service, STR_ARG(signature_v3(t, r, &auth)))
        .p;
}

void test_world_prepare(struct test_world *t, const struct test_world_request *r)
{
    begin(t, r);
    put_header(t, "X-TC-Action", r->action);
    put_header(t, "X-TC-Version", r->version);
    put_header(t, "X-TC-Region", r->region);
    put_header(t, "X-TC-Timestamp", r->timestamp);
    put_header(t, "X-TC-Language", r->language);
    put_header(t, "X-TC-Token", r->token);
    put_header(t, "X-TC-Content-SHA256", r->payload);
    put_header(t, "Authorization", authorization_of(t, r));
}

/* --- version 1 --- */

static void put_field(struct buf *b, const char *name, const char *value)
{
    if (value)
        buf_printf(b, "%s%s=%s", b->n ? "&" : "", name, value);
}

/* Percent escapes for the three characters of base64 that a form would misread. */
static void put_escaped(struct buf *b, struct str base64)
{
    for (size_t i = 0; i < base64.n; i++)
        if (strchr("+/=", base64.p[i]))
            buf_printf(b, "%%%02X", base64.p[i]);
        else
            buf_putc(b, base64.p[i]);
}

static void put_signature(struct test_world *t, const struct test_world_request *r, struct buf *b)
{
    struct form form;
    if (r->signature) {
        put_field(b, "Signature", r->signature);
        return;
    }
    if (form_parse(&t->arena, buf_str(b), &form) != FORM_OK)
        return; /* a malformed form of a test: no step checks its signature */
    struct str host = str_from(r->signed_host ? r->signed_host : r->host);
    struct str text = v1_string_to_sign(&t->arena, str_from(r->method), host, &form);
    buf_put(b, STR("&Signature="));
    put_escaped(b, v1_sign(&t->arena, v1_method_of(&form), str_from(r->key), text));
}

void test_world_prepare_v1(struct test_world *t, const struct test_world_request *r)
{
    struct buf b;
    bool get = strcmp(r->method, "GET") == 0;
    const char *fields = get ? r->query : r->body;
    begin(t, r);
    buf_init(&b, &t->arena, 256, FIELDS_MAX);
    buf_put(&b, str_from(fields ? fields : ""));
    put_field(&b, "Action", r->action);
    put_field(&b, "Version", r->version);
    put_field(&b, "Region", r->region);
    put_field(&b, "Timestamp", r->timestamp);
    put_field(&b, "Nonce", r->nonce);
    put_field(&b, "Language", r->language);
    put_field(&b, "Token", r->token);
    put_field(&b, "SecretId", r->secret_id);
    put_field(&b, "SignatureMethod", r->signature_method);
    put_signature(t, r, &b);
    *(get ? &t->call.request.query : &t->call.request.body) = buf_str(&b);
}

/* --- runs --- */

const char *test_world_pipeline(struct test_world *t)
{
    pipeline_run(&t->call);
    return t->call.error == ERR_NONE ? "" : arena_cstr(&t->arena, error_table[t->call.error].code);
}

const char *test_world_run(struct test_world *t, const struct test_world_request *r)
{
    test_world_prepare(t, r);
    return test_world_pipeline(t);
}

const char *test_world_run_v1(struct test_world *t, const struct test_world_request *r)
{
    test_world_prepare_v1(t, r);
    return test_world_pipeline(t);
}

const char *test_world_backup(struct test_world *t, const char *body)
{
    struct test_world_request r = test_world_post("CreateBackup", body);
    return test_world_run(t, &r);
}

int64_t test_world_flow_id(const struct test_world *t)
{
    const struct create_backup_out *out = t->call.out;
    assert_int_equal(t->call.error, ERR_NONE);
    return out->flow_id.v;
}

int64_t test_world_flow_state(struct test_world *t, int64_t flow_id)
{
    const char *body = arena_printf(&t->arena, "{\"FlowId\":%lld}", (long long)flow_id).p;
    struct test_world_request r = test_world_post("DescribeFlowStatus", body);
    if (*test_world_run(t, &r))
        return -1;
    return ((const struct describe_flow_status_out *)t->call.out)->status.v;
}
