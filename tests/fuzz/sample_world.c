#include "sample_world.h"

#include "demand.h"

#include "base/codec.h"
#include "base/limits.h"
#include "base/log.h"
#include "core/flow.h"
#include "core/journal.h"
#include "core/snapshot.h"
#include "diagnosis/diagnose.h"
#include "gateway/explain.h"
#include "gateway/pipeline.h"
#include "gen/products.h"
#include "wire/v1.h"

enum { FIELDS_MAX = 64 * 1024 * 1024 };

/* The parts of names that values fit: of ids, databases, times, flows and places. */
#define WORD(text, part)                                                                                     \
    {                                                                                                        \
        STR_INIT(text), STR_INIT(part)                                                                       \
    }
#define ANY(text)                                                                                            \
    {                                                                                                        \
        STR_INIT(text),                                                                                      \
        {                                                                                                    \
            NULL, 0                                                                                          \
        }                                                                                                    \
    }

static const struct word texts[] = {
    WORD("mssql-njj2mtpl", "InstanceId"),
    WORD("mssql-i1z41iwd", "InstanceId"),
    WORD("mssql-instant0", "InstanceId"),
    WORD("db1", "Name"),
    WORD("orders", "Name"),
    WORD("db2", "Name"),
    WORD("db1", "DBList"),
    WORD("orders", "DBList"),
    WORD("db3", "Name"),
    WORD("db4", "Name"),
    WORD("2025-12-31 00:00:00", "StartTime"),
    WORD("2026-01-02 00:00:00", "EndTime"),
    WORD("2026-01-01 00:00:00", "Time"),
    WORD("2025-12-31 12:00:00", "Time"),
    WORD("2026-01-02 00:00:00", "Time"),
    WORD("2026-01-01", "Date"),
    WORD("5293", "Flow"),
    WORD("5294", "Flow"),
    WORD("5295", "Flow"),
    WORD("ap-guangzhou", "egion"),
    WORD("ap-shanghai", "egion"),
    WORD("ap-guangzhou-3", "one"),
    WORD("00:00", "Window"),
    WORD("Chinese_PRC_CI_AS", "harset"),
    WORD("admin", "User"),
    WORD("100000000001", "uin"),
    WORD("100000000002", "uin"),
    WORD("AKIDvirgaLocalEmulatorKeyEXAMPLE0001", "secret_id"),
    WORD("2019", "version"),
    WORD("mssql-njj2mtpl", "instance_id"),
    WORD("mssql-abcdefgh", "instance_id"),
    WORD("a", "name"),
    WORD("b", "name"),
    WORD("10.0.0.0/8", "ip_"),
    WORD("::1", "ip_"),
    WORD("qcs::sqlserver:ap-guangzhou:uin/100000000001:instance/mssql-njj2mtpl", "Resource"),
    WORD("mssql-njj2mtpl", "ResourceId"),
    WORD("sqlserver", "ServiceType"),
    WORD("CreateBackup", "action"),
    WORD("DescribeBackups", "action"),
    WORD("InternalError", "code"),
    WORD("RequestLimitExceeded", "code"),
    WORD("all", "scope"),
    WORD("flows", "scope"),
    WORD("success", "outcome"),
    WORD("2026-01-01T00:00:00+08:00", "time"),
    WORD("frozen", "mode"),
    WORD("backup", "kind"),
    ANY("mssql-internal"),
    ANY("mssql-failback"),
    ANY("mssql-slowback"),
    ANY("mssql-delay5s0"),
    ANY("mssql-dropconn"),
    ANY("mssql-nodbhere"),
    ANY("billing"),
    ANY("a b"),
    ANY("\xe4\xb8\xad\xe6\x96\x87"),
    ANY("1"),
    ANY("2"),
    ANY("3"),
    ANY("InstanceId"),
    ANY("Password"),
    ANY("*"),
    ANY("1.5"),
    ANY("DBNames.0"),
    ANY("regions"),
    ANY("instances"),
    ANY(""),
};

const struct words sample_words = {texts, sizeof texts / sizeof texts[0]};

/* --- the world --- */

struct settings sample_settings(void)
{
    struct settings s = {.seeded = true,
                         .seed = 1,
                         .clock_frozen = true,
                         .clock_ms = INPUT_NOW,
                         .auth_by_service_clock = true,
                         .limit_off = true,
                         .doctor_per_second = 1000,
                         .journal_calls = 100,
                         .journal_bytes = 1024 * 1024};
    for (size_t i = 0; i < registry_n_flow_types(&all_products); i++)
        s.flow_ms[i] = registry_flow_type_at(&all_products, i)->default_ms;
    return s;
}

static struct world world;
static bool is_open;
static int uses;
static int64_t first_flow_id;

/* Inputs run inside a savepoint, which is never released. */
static void begin_input(void)
{
    demand(savepoint_begin(world.db) == 0, "a savepoint begins");
}

static void open_world(void)
{
    const struct settings settings = sample_settings();
    struct str problem;
    log_setup(LOG_TEXT, LOG_ERROR + 1);
    demand(world_init(&world, &settings, &all_products, &problem) == WORLD_OK, "the world opens");
    world.endpoint = STR("http://127.0.0.1:8328");
    world.port = 8328;
    first_flow_id = world.next_flow_id;
    is_open = true;
}

static void close_world(void)
{
    if (!is_open)
        return;
    savepoint_rollback(world.db);
    world_done(&world);
    is_open = false;
}

/* A transaction of its own ends what holds until the commit, such as deferred foreign keys. */
static void undo_store(void)
{
    savepoint_rollback(world.db);
    demand(transaction_commit(world.db) == 0, "an empty transaction commits");
    demand(world_reload(&world, first_flow_id) == 0, "the state at the start can be read");
    demand(transaction_commit(world.db) == 0, "a transaction that only read commits");
}

static void undo_memory(void)
{
    (void)fault_clear(&world.faults);
    world.faults.last_id = 0;
    (void)journal_clear(world.journal);
    journal_clear_tallies(world.journal);
    (void)rate_counter_clear(&world.rate_counter);
    world_set_limits(&world);
    world_reseed(&world);
    clock_freeze(&world.clock, world.settings.clock_ms);
    world.stopping = world.replaced = false;
    world.before = (struct world_numbers){.replaced = false};
    world.doctor = (struct diagnosis_budget){0, 0};
}

struct world *sample_world(void)
{
    /* What lives as long as the world, such as credentials of test accounts, must not grow for ever. */
    enum { USES_MAX = 2000 };
    if (is_open && ++uses % USES_MAX == 0)
        close_world();
    if (is_open) {
        undo_memory();
        undo_store();
    } else {
        open_world();
        if (uses == 0)
            (void)atexit(close_world);
    }
    begin_input();
    return &world;
}

/* --- requests --- */

struct sample_request sample_request(const struct world *w, const struct action *action)
{
    const struct product *product = registry_product_of(w->registry, action);
    return (struct sample_request){.method = STR("POST"),
                                   .action = action->name,
                                   .version = product->version,
                                   .region = STR("ap-guangzhou"),
                                   .fields = STR("{}"),
                                   .host = product == registry_default(w->registry) ? SAMPLE_HOST
                                                                                    : STR("127.0.0.1:8328"),
                                   .service = product->name};
}

void sample_put_header(struct call *c, struct str name, struct str value)
{
    struct request *r = &c->request;
    struct header *headers = (struct header *)(uintptr_t)r->headers; /* made in begin, below */
    size_t i = 0;
    while (i < r->n_headers && !str_eq(headers[i].name, name))
        i++;
    if (!value.p || i == SAMPLE_HEADERS)
        return;
    headers[i] = (struct header){name, value};
    r->n_headers += i == r->n_headers;
}

static void begin(struct call *c, struct world *w, struct arena *a, const struct sample_request *r)
{
    const bool get = str_eq(r->method, STR("GET"));
    call_init(c, w, a);
    c->request = (struct request){.method = r->method,
                                  .path = STR("/"),
                                  .query = get ? r->fields : STR(""),
                                  .body = get ? STR("") : r->fields,
                                  .peer = STR("\x7f\0\0\1"),
                                  .headers = ARENA_ARRAY(a, struct header, SAMPLE_HEADERS)};
    sample_put_header(c, STR("Host"), r->host);
    sample_put_header(c, STR("Content-Type"),
                      r->v1 || get ? STR("application/x-www-form-urlencoded") : STR("application/json"));
    for (size_t i = 0; i < r->n_headers; i++)
        sample_put_header(c, r->headers[i].name, r->headers[i].value);
}

static struct str seconds_of(const struct world *w, struct arena *a)
{
    return arena_printf(a, "%lld", (long long)(world_now_ms(w) / 1000));
}

/* --- version 3 --- */

static struct str signature_v3(struct call *c, const struct sample_request *r,
                               const struct tc3_authorization *auth, struct str timestamp)
{
    struct tc3_variant variant = {.host = r->host, .query = str_eq(r->method, STR("GET"))};
    struct hmac_key key;
    char hash[SHA256_HEX];
    uint8_t mac[SHA256_BYTES];
    char *hex = arena_alloc(c->arena, SHA256_HEX);
    tc3_payload_hash(&c->request, hash);
    struct str canonical =
        tc3_canonical_request(c->arena, &c->request, auth, (struct str){hash, SHA256_HEX}, &variant);
    tc3_signing_key(SAMPLE_KEY, auth->date, auth->service, &key);
    hmac_key_sign(&key, tc3_string_to_sign(c->arena, timestamp, auth, canonical), mac);
    hex_encode(mac, sizeof mac, hex);
    return (struct str){hex, SHA256_HEX};
}

static void sign_v3(struct call *c, const struct sample_request *r)
{
    char *date = arena_zalloc(c->arena, 11);
    time_utc_date(world_now_ms(c->world) / 1000, date);
    const struct tc3_authorization auth = {.secret_id = SAMPLE_ID,
                                           .date = str_from(date),
                                           .service = r->service,
                                           .signed_headers = STR("content-type;host")};
    const struct str timestamp = seconds_of(c->world, c->arena);
    sample_put_header(c, STR("X-TC-Action"), r->action);
    sample_put_header(c, STR("X-TC-Version"), r->version);
    sample_put_header(c, STR("X-TC-Region"), r->region);
    sample_put_header(c, STR("X-TC-Language"), r->language);
    sample_put_header(c, STR("X-TC-Timestamp"), timestamp);
    sample_put_header(c, STR("Authorization"),
                      CONCAT(c->arena, STR("TC3-HMAC-SHA256 Credential="), auth.secret_id, STR("/"),
                             auth.date, STR("/"), auth.service,
                             STR("/tc3_request, SignedHeaders=content-type;host, Signature="),
                             signature_v3(c, r, &auth, timestamp)));
}

/* --- version 1 --- */

static void put_field(struct buf *b, struct str name, struct str value)
{
    if (!value.p)
        return;
    buf_put(b, b->n ? STR("&") : STR(""));
    buf_put(b, name);
    buf_putc(b, '=');
    put_escaped(b, value);
}

/* A form with a mistake stays without a signature: it is rejected earlier. */
static void sign_v1(struct call *c, const struct sample_request *r)
{
    struct buf b;
    struct form form;
    buf_init(&b, c->arena, 512, FIELDS_MAX);
    buf_put(&b, r->fields);
    put_field(&b, STR("Action"), r->action);
    put_field(&b, STR("Version"), r->version);
    put_field(&b, STR("Region"), r->region);
    put_field(&b, STR("Language"), r->language);
    put_field(&b, STR("Timestamp"), seconds_of(c->world, c->arena));
    put_field(&b, STR("Nonce"), STR("7"));
    put_field(&b, STR("SecretId"), SAMPLE_ID);
    put_field(&b, STR("SignatureMethod"), r->sha256 ? STR("HmacSHA256") : (struct str){NULL, 0});
    if (form_parse(c->arena, buf_str(&b), &form) == FORM_OK) {
        struct str text = v1_string_to_sign(c->arena, r->method, r->host, &form);
        put_field(&b, STR("Signature"), v1_sign(c->arena, v1_method_of(&form), SAMPLE_KEY, text));
    }
    *(str_eq(r->method, STR("GET")) ? &c->request.query : &c->request.body) = buf_str(&b);
}

void sample_prepare(struct call *c, struct world *w, struct arena *a, const struct sample_request *r)
{
    begin(c, w, a, r);
    (r->v1 ? sign_v1 : sign_v3)(c, r);
}

void sample_run(struct call *c)
{
    pipeline_run(c);
    if (c->error != ERR_NONE) {
        explain_refusal(c);
        diagnose_call(c);
    }
    call_record(c, c->http_status);
}

/* --- the state --- */

struct str sample_state(struct world *w, struct arena *a)
{
    struct buf b;
    struct stream *stream;
    enum stream_result result = STREAM_MORE;
    demand(state_stream(w, a, &stream) == STATE_OK, "the state can be copied");
    buf_init(&b, a, 4096, LIMIT_STATE);
    while (result == STREAM_MORE)
        result = stream->next(stream, &b);
    demand(result == STREAM_END && !b.over, "the state can be written");
    if (stream->done)
        stream->done(stream);
    return buf_str(&b);
}
