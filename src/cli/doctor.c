/*
 * `virga doctor`: looks over what a client of the server depends on, in this shell and on this machine.
 *
 * Each check is a row of a table; it fills in one finding. A finding never has a value from the environment
 * that may be secret: of a SecretId it has a few letters, of a proxy the variable's name.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "cli/output.h"
#include "cli/sdk_versions.h"
#include "core/account.h"
#include "gateway/authenticate.h"
#include "gen/cli.h"

enum state { STATE_OK, STATE_WARNING, STATE_PROBLEM };

static const struct str state_words[] = {[STATE_OK] = STR_INIT("ok"),
                                         [STATE_WARNING] = STR_INIT("warning"),
                                         [STATE_PROBLEM] = STR_INIT("problem")};

struct finding_row {
    enum state state;
    struct str what, fix; /* fix with p == NULL: nothing to do */
};

struct look {
    struct session *session;
    bool found; /* the server answers */
};

static struct finding_row ok(struct str what)
{
    return (struct finding_row){STATE_OK, what, {NULL, 0}};
}

static struct finding_row to_renew(enum state state, const char *what)
{
    return (struct finding_row){state, str_from(what), STR("eval \"$(virga env)\"")};
}

/* What the control API answers to a GET; NULL when it rejects it or does not answer. */
static const struct node *ask(struct look *look, struct str path)
{
    struct session *s = look->session;
    struct client_response response;
    struct str problem;
    struct node *tree;
    struct request r = session_control_request(s, "GET", path, (struct str){NULL, 0});
    if (session_try_send(s, &r, &response, &problem) != 0 || response.status != 200 ||
        json_parse(&s->arena, response.body, &tree, NULL) != 0)
        return NULL;
    return tree;
}

/* --- the server --- */

static struct finding_row check_server(struct look *look)
{
    struct session *s = look->session;
    struct client_response response;
    struct str problem;
    if (session_try_find(s, &problem) != 0)
        return (struct finding_row){STATE_PROBLEM, problem, STR("eval \"$(virga start)\"")};
    struct request r = session_control_request(s, "GET", STR("/health"), (struct str){NULL, 0});
    if (session_try_send(s, &r, &response, &problem) != 0)
        return (struct finding_row){STATE_PROBLEM, problem,
                                    STR("start the server, or name another one with --endpoint")};
    look->found = true;
    return ok(arena_printf(&s->arena, "%.*s answers", STR_ARG(s->server.endpoint)));
}

/* The official clients of this shell use the server that virga env has exported. */
static struct finding_row check_variables(struct look *look)
{
    struct session *s = look->session;
    const struct str exported = variable_text("VIRGA_ENDPOINT");
    if (!look->found)
        return ok(STR("not looked at without a server"));
    if (!exported.p)
        return to_renew(STATE_WARNING, "the variables of virga env are not set in this shell");
    if (!str_eq(exported, s->server.endpoint))
        return to_renew(STATE_WARNING, "VIRGA_ENDPOINT is another server than this one");
    return ok(STR("VIRGA_ENDPOINT is this server"));
}

/* --- the clock --- */

/* Signatures expire by the machine's clock of the server, which can be asked only while the service's clock
 * follows it. */
static struct finding_row check_clock(struct look *look)
{
    struct session *s = look->session;
    int64_t then_ms;
    const struct node *clock = look->found ? ask(look, STR("/clock")) : NULL;
    if (!clock)
        return ok(STR("not compared: the server's clock is not known"));
    const struct str mode = session_text(s, clock, STR("mode")), time = session_text(s, clock, STR("time"));
    if (!str_eq(mode, STR("real")) || time_parse_rfc3339(time, &then_ms) != 0)
        return ok(arena_printf(&s->arena, "the service's clock is %.*s; signatures go by the machine's clock",
                               STR_ARG(mode)));
    const int64_t by = llabs(clock_real_ms() - then_ms) / 1000;
    if (by > SIGNATURE_LIFE_SECONDS)
        return (struct finding_row){
            STATE_PROBLEM,
            arena_printf(&s->arena,
                         "this machine's clock differs from the server's by %lld s; %d are allowed",
                         (long long)by, SIGNATURE_LIFE_SECONDS),
            STR("set the clock, for example with NTP; signatures expire by it")};
    return ok(arena_printf(&s->arena, "this machine's clock is that of the server, within %lld s",
                           (long long)by + 1));
}

/* --- proxies --- */

/* The host of "http://127.0.0.1:8328", without the brackets of IPv6. */
static struct str host_of(struct str endpoint)
{
    struct str host = str_skip(endpoint, str_find(endpoint, ':') + strlen("://"));
    if (str_starts(host, STR("[")))
        return str_head(str_skip(host, 1), str_find(host, ']') - 1);
    return str_head(host, str_find(host, ':'));
}

/* As clients read no_proxy: names, their domains with or without a dot, "*", and the block of localhost. */
static bool is_exempt(struct str list, struct str host)
{
    struct str entry;
    while (str_next(&list, ',', &entry)) {
        entry = str_trim(entry);
        const struct str name = str_head(entry, str_find(entry, ':')); /* the port does not matter */
        if (str_eq(name, STR("*")) || str_eq_nocase(name, host) || str_eq_nocase(entry, host) ||
            (str_eq(name, STR("127.0.0.0/8")) && str_starts(host, STR("127."))))
            return true;
        const struct str domain = str_skip(name, str_starts(name, STR(".")));
        if (domain.n > 0 && host.n > domain.n && str_ends(host, domain) &&
            host.p[host.n - domain.n - 1] == '.')
            return true;
    }
    return false;
}

/* The first variable that sends requests to the host through a proxy; NULL for none. */
static const char *proxy_for(struct str endpoint)
{
    static const char *const plain[] = {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"};
    const struct str lower = variable_text("no_proxy"), upper = variable_text("NO_PROXY");
    if (is_exempt(lower.p ? lower : upper, host_of(endpoint)))
        return NULL;
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (variable_text(plain[i]).p)
            return plain[i];
    return NULL;
}

static struct finding_row check_proxy(struct look *look)
{
    struct session *s = look->session;
    const struct str endpoint = s->server.endpoint.p ? s->server.endpoint : STR("http://127.0.0.1:8328");
    if (str_starts(endpoint, STR("unix:")))
        return ok(STR("no proxy stands before a Unix socket"));
    const char *name = proxy_for(endpoint);
    if (!name)
        return ok(STR("no proxy of the environment takes requests to the server"));
    return (struct finding_row){
        STATE_PROBLEM,
        arena_printf(&s->arena, "%s is set and no_proxy lacks %.*s: clients send their calls to the proxy",
                     name, STR_ARG(host_of(endpoint))),
        arena_printf(&s->arena, "export no_proxy=%.*s,localhost NO_PROXY=%.*s,localhost",
                     STR_ARG(host_of(endpoint)), STR_ARG(host_of(endpoint)))};
}

/* --- the certificate authority --- */

/* Whether the file has the whole certificate, as text. */
static bool has_certificate(struct arena *a, const char *path, struct str pem)
{
    struct str text, problem;
    return path && *path && file_read(a, path, LIMIT_CLI_TEXT, &text, &problem) == 0 &&
           memmem(text.p, text.n, pem.p, pem.n) != NULL;
}

static struct finding_row check_ca(struct look *look)
{
    static const char *const variables[] = {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
                                            "NODE_EXTRA_CA_CERTS"};
    struct session *s = look->session;
    struct str pem, problem;
    if (!s->server.tls_endpoint.p || !s->server.ca_file.p)
        return ok(STR("the server has no TLS port"));
    if (file_read(&s->arena, arena_cstr(&s->arena, s->server.ca_file), LIMIT_PEM_FILE, &pem, &problem) != 0)
        return (struct finding_row){STATE_WARNING, problem, STR("virga ca prints the file's place")};
    pem = str_trim(pem);
    if (has_certificate(&s->arena, "/etc/ssl/certs/ca-certificates.crt", pem))
        return ok(STR("the system trusts the server's certificate authority"));
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++)
        if (has_certificate(&s->arena, getenv(variables[i]), pem))
            return ok(arena_printf(&s->arena, "%s has the server's certificate authority", variables[i]));
    return (struct finding_row){
        STATE_WARNING,
        STR("no variable names the server's certificate authority, and the system does not trust it"),
        STR("export SSL_CERT_FILE=\"$(virga ca)\" NODE_EXTRA_CA_CERTS=\"$(virga ca)\"")};
}

/* --- credentials --- */

/* The server's credential of that SecretId; NULL when it has none, or does not say. */
static const struct node *find_credential(struct look *look, struct str secret_id, bool *ret_known)
{
    const struct node *found = look->found ? ask(look, STR("/credentials")) : NULL;
    const struct node *list = found ? node_find(found, STR("credentials")) : NULL;
    *ret_known = list != NULL;
    for (const struct node *n = list ? list->first : NULL; n; n = n->next)
        if (str_eq(session_text(look->session, n, STR("secret_id")), secret_id))
            return n;
    return NULL;
}

static struct finding_row check_credential(struct look *look)
{
    struct session *s = look->session;
    const struct str id = variable_text("TENCENTCLOUD_SECRET_ID"),
                     key = variable_text("TENCENTCLOUD_SECRET_KEY");
    bool known;
    if (!id.p && !key.p)
        return ok(STR("TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY are not set"));
    if (!id.p || !key.p)
        return to_renew(STATE_WARNING,
                        "only one of TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY is set");
    const struct node *own = find_credential(look, id, &known);
    if (!own && secret_id_looks_real(id))
        return to_renew(
            STATE_WARNING,
            arena_printf(&s->arena,
                         "TENCENTCLOUD_SECRET_ID looks like a real one, AKID%.4s..., while the server is "
                         "local: keep such a key out of this shell",
                         id.p + strlen("AKID"))
                .p);
    if (known && !own)
        return to_renew(STATE_PROBLEM,
                        "the server has no credential with the SecretId of TENCENTCLOUD_SECRET_ID");
    if (own && !str_eq(session_text(s, own, STR("secret_key")), key))
        return to_renew(STATE_PROBLEM, "TENCENTCLOUD_SECRET_KEY is not the key of TENCENTCLOUD_SECRET_ID");
    return ok(own ? STR("the variables have a credential of the server")
                  : STR("the variables have no credential that looks real"));
}

/* --- SDKs --- */

static struct finding_row check_sdks(struct look *look)
{
    const struct str found = sdk_versions(&look->session->arena);
    return ok(found.n > 0 ? found
                          : STR("none found for Python, Node.js or Go in this folder and the usual places"));
}

/* --- the table --- */

static const struct {
    const char *name;
    struct finding_row (*check)(struct look *look);
} checks[] = {
    {"server", check_server}, {"variables", check_variables},
    {"clock", check_clock},   {"proxy", check_proxy},
    {"tls", check_ca},        {"credential", check_credential},
    {"sdk", check_sdks},
};

enum { CHECKS = sizeof checks / sizeof checks[0] };

static void put_rows(struct buf *b, const struct finding_row *rows)
{
    for (size_t i = 0; i < CHECKS; i++) {
        buf_printf(b, "%-8.*s %-10s ", STR_ARG(state_words[rows[i].state]), checks[i].name);
        output_put_text(b, rows[i].what);
        buf_putc(b, '\n');
        if (!rows[i].fix.p)
            continue;
        buf_printf(b, "%-19s ", "");
        output_put_text(b, rows[i].fix);
        buf_putc(b, '\n');
    }
}

static void put_json(struct buf *b, const struct finding_row *rows)
{
    output_json_open(b, NULL, '{');
    output_json_open(b, "checks", '[');
    for (size_t i = 0; i < CHECKS; i++) {
        output_json_open(b, NULL, '{');
        output_json_text(b, "name", str_from(checks[i].name));
        output_json_text(b, "state", state_words[rows[i].state]);
        output_json_text(b, "what", rows[i].what);
        output_json_text(b, "fix", rows[i].fix);
        output_json_close(b, '}');
    }
    output_json_close(b, ']');
    output_json_end(b, '}');
}

int doctor_main(struct session *s)
{
    struct look look = {.session = s};
    struct finding_row rows[CHECKS];
    bool problem = false;
    struct buf b;
    for (size_t i = 0; i < CHECKS; i++) {
        rows[i] = checks[i].check(&look);
        problem |= rows[i].state == STATE_PROBLEM;
    }
    buf_init(&b, &s->arena, 1024, LIMIT_CLI_TEXT);
    (s->json ? put_json : put_rows)(&b, rows);
    const int written = session_write(s, buf_str(&b));
    if (written != EXIT_OK)
        return written;
    return !look.found ? EXIT_NO_SERVER : problem ? EXIT_MISMATCH : EXIT_OK;
}
