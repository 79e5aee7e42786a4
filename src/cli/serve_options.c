#include "cli/serve_options.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"
#include "core/flow.h"
#include "core/registry.h"
#include "gen/products.h"

enum { DEFAULT_PORT = 8328, DEFAULT_DOCTOR_RATE = 20 };
/* Longer than any test waits, and far from where milliseconds overflow. */
enum { FLOW_SECONDS_MAX = 10 * 365 * 24 * 3600 };
/* No kind's name comes near it. */
enum { FLOW_KIND_MAX = 64 };

static int reject(struct str problem, struct str *ret_problem)
{
    *ret_problem = problem;
    return -1;
}

static int set_host(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    (void)ret_problem;
    o->http.host = arena_cstr(a, value);
    o->settings.host = str_from(o->http.host);
    return 0;
}

static int read_port(struct str value, uint16_t *ret_port, struct str *ret_problem)
{
    int64_t port;
    if (str_to_i64(value, &port) != 0 || port < 0 || port > 65535)
        return reject(STR("must be a number from 0 (any free port) to 65535"), ret_problem);
    *ret_port = (uint16_t)port;
    return 0;
}

static int set_port(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    (void)a;
    return read_port(value, &o->http.port, ret_problem);
}

static int set_tls_port(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    (void)a;
    o->tls = true;
    return read_port(value, &o->http.tls_port, ret_problem);
}

static int set_ca_dir(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    (void)ret_problem;
    o->ca_dir = arena_cstr(a, value);
    return 0;
}

static int set_unix_socket(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    if (value.n == 0)
        return reject(STR("must be a path"), ret_problem);
    o->http.unix_path = arena_cstr(a, value);
    return 0;
}

static int set_db(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    if (value.n == 0)
        return reject(STR("must be a path"), ret_problem);
    o->settings.db_path = arena_cstr(a, value);
    return 0;
}

static int set_memory(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    (void)a, (void)value, (void)ret_problem;
    o->memory = true;
    return 0;
}

static int set_world(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    (void)ret_problem;
    o->settings.world_path = arena_cstr(a, value);
    return 0;
}

static int set_seed(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    (void)a;
    if (str_to_u64(value, &o->settings.seed) != 0)
        return reject(STR("must be a whole number from 0"), ret_problem);
    o->settings.seeded = true;
    return 0;
}

static int set_clock(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    (void)a;
    if (time_parse_rfc3339(value, &o->settings.clock_ms) != 0)
        return reject(STR("must be a time such as 2026-01-01T00:00:00+08:00"), ret_problem);
    o->settings.clock_frozen = true;
    return 0;
}

static int set_auth_clock(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    (void)a;
    if (!str_eq(value, STR("real")) && !str_eq(value, STR("service")))
        return reject(STR("must be real or service"), ret_problem);
    o->settings.auth_by_service_clock = str_eq(value, STR("service"));
    return 0;
}

static void add_limit(struct settings *s, struct arena *a, struct limit_setting limit)
{
    struct limit_setting *longer = ARENA_ARRAY(a, struct limit_setting, s->n_limits + 1);
    if (s->n_limits)
        memcpy(longer, s->limits, s->n_limits * sizeof *longer);
    longer[s->n_limits++] = limit;
    s->limits = longer;
}

static int set_limit(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    struct limit_setting limit = {.action = str_head(value, str_find(value, '='))};
    if (str_eq(value, STR("off"))) {
        o->settings.limit_off = true;
        return 0;
    }
    if (str_to_i64(str_skip(value, limit.action.n + 1), &limit.per_second) != 0 || limit.per_second < 0)
        return reject(STR("must be off, or ACTION=N with N calls a second"), ret_problem);
    if (!registry_find_action(&all_products, limit.action))
        return reject(arena_printf(a, "there is no action %.*s", STR_ARG(limit.action)), ret_problem);
    add_limit(&o->settings, a, limit);
    return 0;
}

/* Their names, with commas between them. */
static struct str flow_kinds(struct arena *a)
{
    struct buf b;
    buf_init(&b, a, 128, LIMIT_FLOW_TYPES * FLOW_KIND_MAX);
    for (size_t i = 0; i < registry_n_flow_types(&all_products); i++)
        buf_printf(&b, "%s%.*s", i ? ", " : "", STR_ARG(registry_flow_type_at(&all_products, i)->name));
    return buf_str(&b);
}

static int set_flow_seconds(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    struct str kind = str_head(value, str_find(value, '='));
    int64_t seconds = 0;
    struct str text = str_skip(value, kind.n + 1);
    bool by_hand = str_eq(text, STR("manual"));
    if (!by_hand && (str_to_i64(text, &seconds) != 0 || seconds < 0 || seconds > FLOW_SECONDS_MAX))
        return reject(STR("must be KIND=N with N whole seconds, or KIND=manual"), ret_problem);
    for (size_t i = 0; i < registry_n_flow_types(&all_products); i++)
        if (str_eq(kind, registry_flow_type_at(&all_products, i)->name)) {
            o->settings.flow_ms[i] = by_hand ? FLOW_BY_HAND : seconds * 1000;
            return 0;
        }
    struct str kinds = flow_kinds(a);
    return reject(
        arena_printf(a, "there is no kind of flow %.*s; there are %.*s", STR_ARG(kind), STR_ARG(kinds)),
        ret_problem);
}

static int set_endpoints_file(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    (void)ret_problem;
    o->endpoints_path = arena_cstr(a, value);
    return 0;
}

static int set_control_token(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    if (value.n == 0)
        return reject(STR("must be some text"), ret_problem);
    o->settings.control_token = arena_dup(a, value);
    return 0;
}

static int set_log_format(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    (void)a;
    if (str_eq(value, STR("json")))
        o->log_format = LOG_JSON;
    else if (str_eq(value, STR("text")))
        o->log_format = LOG_TEXT;
    else
        return reject(STR("must be text or json"), ret_problem);
    return 0;
}

static int set_log_level(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    static const struct str words[] = {
        [LOG_DEBUG] = STR_INIT("debug"),
        [LOG_INFO] = STR_INIT("info"),
        [LOG_WARN] = STR_INIT("warn"),
        [LOG_ERROR] = STR_INIT("error"),
    };
    struct serve_options *o = target;
    (void)a;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (str_eq(value, words[i])) {
            o->log_level = (enum log_level)i;
            o->log_level_given = true;
            return 0;
        }
    return reject(STR("must be debug, info, warn or error"), ret_problem);
}

/* A whole number from 0 up to `most`. */
static int read_size(struct str value, size_t most, size_t *ret_size, struct str *ret_problem)
{
    uint64_t v;
    if (str_to_u64(value, &v) != 0 || v > most)
        return reject(STR("must be a whole number, and not that large"), ret_problem);
    *ret_size = (size_t)v;
    return 0;
}

static int set_journal(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    if (value.n == 0)
        return reject(STR("must be a path"), ret_problem);
    o->settings.journal_path = arena_cstr(a, value);
    return 0;
}

static int set_journal_calls(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    (void)a;
    return read_size(value, LIMIT_JOURNAL_CALLS_MAX, &o->settings.journal_calls, ret_problem);
}

static int set_journal_bytes(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    (void)a;
    return read_size(value, SIZE_MAX, &o->settings.journal_bytes, ret_problem);
}

static int set_strict(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    (void)a, (void)value, (void)ret_problem;
    o->settings.strict = true;
    return 0;
}

static int set_no_magic(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    (void)a, (void)value, (void)ret_problem;
    o->settings.no_magic = true;
    return 0;
}

static int set_why_header(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    (void)a, (void)value, (void)ret_problem;
    o->settings.why_header = true;
    return 0;
}

static int set_doctor_rate(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    (void)a;
    if (str_to_i64(value, &o->settings.doctor_per_second) == 0 && o->settings.doctor_per_second >= 0)
        return 0;
    return reject(STR("must be a whole number from 0 (never)"), ret_problem);
}

static int set_doctor_reveal(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    (void)a, (void)value, (void)ret_problem;
    o->settings.doctor_reveal = true;
    return 0;
}

static int set_quiet(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    (void)a, (void)value, (void)ret_problem;
    o->quiet = true;
    return 0;
}

static int set_json(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    (void)a, (void)value, (void)ret_problem;
    o->json = true;
    return 0;
}

static const struct option_row rows[] = {
    {"--host", "ADDRESS", "listen on this address; localhost is 127.0.0.1 and ::1 (127.0.0.1)", false,
     set_host},
    {"--port", "PORT", "and this port; 0 is any free one (8328)", false, set_port},
    {"--tls-port", "PORT", "also TLS on this port; clients trust what virga ca prints", false, set_tls_port},
    {"--ca-dir", "PATH", "where its certificates are kept (~/.local/state/virga/ca)", false, set_ca_dir},
    {"--unix-socket", "PATH", "also a Unix socket there, for this user alone", false, set_unix_socket},
    {"--db", "PATH", "keep the state in this file (~/.local/state/virga/virga.db)", false, set_db},
    {"--memory", NULL, "keep the state in memory and forget it at the end", false, set_memory},
    {"--world", "FILE", "accounts, instances and databases instead of the built-in ones", false, set_world},
    {"--seed", "N", "the same ids in every run", false, set_seed},
    {"--clock", "TIME", "freeze the service's clock, as 2026-01-01T00:00:00+08:00", false, set_clock},
    {"--auth-clock", "real|service", "by which clock signatures expire (real)", false, set_auth_clock},
    {"--limit", "off|ACTION=N", "no rate limits, or N calls a second for an action", true, set_limit},
    {"--strict", NULL, "refuse what the real gateway refuses, though local clients send it", false,
     set_strict},
    {"--no-magic", NULL, "no faults for the magic instance ids, which virga magic lists", false,
     set_no_magic},
    {"--flow-seconds", "KIND=N", "how long a kind of flow takes; 0 is done at once, manual waits (backup=2)",
     true, set_flow_seconds},
    {"--journal", "PATH", "keep the journal in this SQLite file as well", false, set_journal},
    {"--journal-calls", "N", "how many calls the journal keeps; 0 is none (10000)", false, set_journal_calls},
    {"--journal-bytes", "N", "and how many bytes (67108864)", false, set_journal_bytes},
    {"--endpoints-file", "PATH", "write endpoint, credential and pid there, not where virga env looks", false,
     set_endpoints_file},
    {"--control-token", "TOKEN", "what the control API demands; beyond this machine it is closed without it",
     false, set_control_token},
    {"--log-format", "text|json", "how the log on standard error looks (text)", false, set_log_format},
    {"--log-level", "LEVEL", "debug (also names leniencies), info, warn or error (info)", false,
     set_log_level},
    {"--why-header", NULL, "say in X-Virga-Why why a call was refused, as an id", false, set_why_header},
    {"--doctor-rate", "N", "look for the mistake in a refused signature at most N times a second (20)", false,
     set_doctor_rate},
    {"--doctor-reveal", NULL, "and show the right signature in the log", false, set_doctor_reveal},
    {"--json", NULL, "say as one line of JSON where it listens", false, set_json},
    {"--quiet", NULL, "print nothing but warnings and errors", false, set_quiet},
};

const struct option_table serve_option_table = {
    .usage = "virga serve [options]",
    .about = "Serves the SQL Server API (sqlserver, 2018-03-28) until SIGTERM or SIGINT.",
    .rows = rows,
    .n = sizeof rows / sizeof rows[0],
};

void serve_options_print_help(void)
{
    struct arena a;
    arena_init(&a);
    options_print_help(&serve_option_table);
    struct str kinds = flow_kinds(&a);
    printf("\nKinds of flow: %.*s\n", STR_ARG(kinds));
    arena_done(&a);
}

void serve_options_init(struct serve_options *o)
{
    *o = (struct serve_options){
        .http = {.host = "127.0.0.1", .port = DEFAULT_PORT},
        .settings = {.journal_calls = LIMIT_JOURNAL_CALLS, .journal_bytes = LIMIT_JOURNAL_BYTES}};
    o->settings.doctor_per_second = DEFAULT_DOCTOR_RATE;
    for (size_t i = 0; i < registry_n_flow_types(&all_products); i++)
        o->settings.flow_ms[i] = registry_flow_type_at(&all_products, i)->default_ms;
}

static const char *state_path(struct arena *a, const char *name)
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    if (state && *state)
        return arena_printf(a, "%s/virga/%s", state, name).p;
    if (home && *home)
        return arena_printf(a, "%s/.local/state/virga/%s", home, name).p;
    return NULL;
}

const char *serve_default_db(struct arena *a)
{
    return state_path(a, "virga.db");
}

const char *serve_default_ca_dir(struct arena *a)
{
    return state_path(a, "ca");
}
