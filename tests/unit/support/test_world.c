#include "support/test_world.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/codec.h"
#include "base/file.h"
#include "base/log.h"
#include "core/world_file.h"
#include "gateway/pipeline.h"
#include "gen/sqlserver.h"
#include "product/sqlserver/download.h"
#include "product/sqlserver/sqlserver.h"
#include "wire/v1.h"

enum { FIELDS_MAX = 16 * 1024 * 1024 };

/* --- the world --- */

struct settings test_world_settings(void)
{
    return (struct settings){.seeded = true,
                             .seed = 1,
                             .clock_frozen = true,
                             .clock_ms = TEST_NOW,
                             .flow_ms = {[FLOW_BACKUP] = TEST_FLOW_MS}};
}

enum world_fault test_world_try_open(struct test_world *t, const struct settings *settings,
                                     struct str *ret_problem)
{
    static const struct emulation emulation = {.product = &product_sqlserver,
                                               .flow_types = sqlserver_flow_types,
                                               .n_flow_types = FLOW_TYPES,
                                               .schedule = &sqlserver_schedule,
                                               .owns_file = download_owns,
                                               .serve_file = download_serve};
    return world_init(&t->world, settings, &emulation, ret_problem);
}

void test_world_open(struct test_world *t, const struct settings *settings)
{
    struct str problem = STR("");
    if (test_world_try_open(t, settings, &problem) != WORLD_OK)
        fail_msg("%.*s", STR_ARG(problem));
}

void test_world_reopen(struct test_world *t, const struct settings *settings)
{
    world_done(&t->world);
    test_world_open(t, settings);
}

int test_world_setup_folder(void **state)
{
    static struct test_world t;
    log_setup(LOG_TEXT, LOG_ERROR + 1); /* failures of the store are wanted here */
    t = (struct test_world){.folder = P_tmpdir "/virga-trial-" FILE_UNIQUE};
    arena_init(&t.arena);
    *state = &t;
    if (!mkdtemp(t.folder))
        return -1;
    (void)snprintf(t.path, sizeof t.path, "%s/v.db", t.folder);
    return 0;
}

int test_world_setup(void **state)
{
    struct settings settings = test_world_settings();
    if (test_world_setup_folder(state) != 0)
        return -1;
    test_world_open(*state, &settings);
    return 0;
}

int test_world_setup_file(void **state)
{
    struct settings settings = test_world_settings();
    if (test_world_setup_folder(state) != 0)
        return -1;
    struct test_world *t = *state;
    settings.db_path = t->path;
    test_world_open(t, &settings);
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

int test_world_teardown(void **state)
{
    struct test_world *t = *state;
    world_done(&t->world);
    arena_done(&t->arena);
    return nftw(t->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *test_world_write(struct test_world *t, const char *name, const char *text)
{
    struct str problem;
    const char *path = arena_printf(&t->arena, "%s/%s", t->folder, name).p;
    assert_int_equal(file_replace(&t->arena, path, str_from(text), &problem), 0);
    return path;
}

const char *test_world_json(struct test_world *t, const char *text)
{
    char *json = memcpy(arena_alloc(&t->arena, strlen(text) + 1), text, strlen(text) + 1);
    for (char *p = json; (p = strchr(p, '\''));)
        *p = '"';
    return json;
}

void test_world_add_regions(struct test_world *t, const char *regions)
{
    struct world_file *file;
    struct str problem = {NULL, 0};
    const char *text =
        arena_printf(&t->arena, "{'version':1,'accounts':[{'uin':'" TEST_UIN "','regions':%s}]}", regions).p;
    if (world_file_parse(&t->arena, str_from(test_world_json(t, text)), &file, &problem) != 0)
        fail_msg("%.*s", STR_ARG(problem));
    assert_int_equal(world_file_apply(&t->world, file, &problem), 0);
    assert_int_equal(flow_reschedule(&t->world), 0); /* their automatic backups may be the next of all */
}

void test_world_add_instance(struct test_world *t, const char *instance_id, const char *databases)
{
    struct str list = STR(""), rest = str_from(databases), name;
    while (str_next(&rest, ',', &name))
        list =
            arena_printf(&t->arena, "%.*s%s{'name':'%.*s'}", STR_ARG(list), list.n ? "," : "", STR_ARG(name));
    test_world_add_regions(t, arena_printf(&t->arena,
                                           "[{'region':'" TEST_REGION "','instances':[{'instance_id':'%s',"
                                           "'databases':[%.*s]}]}]",
                                           instance_id, STR_ARG(list))
                                  .p);
}

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
        return; /* a test's bad form: nobody gets as far as its signature */
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

int64_t test_world_count_of(struct stmt *s)
{
    assert_int_equal(stmt_step(s), 1);
    int64_t n = stmt_i64(s, "n");
    stmt_release(&s);
    return n;
}
