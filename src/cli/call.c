/* `virga call`: one call to the API, signed and sent as the official clients do. */
#include "cli/call.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/log.h"
#include "cli/call_params.h"
#include "cli/env.h"
#include "cli/main.h"
#include "cli/output.h"
#include "cli/session.h"
#include "core/registry.h"
#include "gen/sqlserver.h"
#include "wire/json.h"
#include "wire/tc3.h"

enum { HEADERS_MAX = 10 };

struct call_options {
    struct session session;
    struct str region, language, trace, secret_id, secret_key, token, params, as;
};

static const struct option_row rows[] = {
    SESSION_ROWS_SERVER,
    SESSION_ROW_JSON,
};

static const struct option_text texts[] = {
    {"--params", "FILE", "all parameters as a JSON object from there; - is standard input",
     offsetof(struct call_options, params), OPTION_LOCAL},
    {"--region", "REGION", "another region than the server's own", offsetof(struct call_options, region),
     OPTION_LOCAL},
    {"--language", "LANG", "of the error's text: en-US or zh-CN", offsetof(struct call_options, language),
     OPTION_LOCAL},
    {"--trace", "TEXT", "X-TC-TraceId, by which the call can be found again",
     offsetof(struct call_options, trace), OPTION_LOCAL},
    {"--as", "CLIENT", "do not send it, print it as a program: curl, python, tccli, go, ...",
     offsetof(struct call_options, as), OPTION_LOCAL},
    {"--secret-id", "ID", "another credential than the server's own",
     offsetof(struct call_options, secret_id), OPTION_LOCAL},
    {"--secret-key", "KEY", "its key", offsetof(struct call_options, secret_key), OPTION_LOCAL},
    {"--token", "TOKEN", "its token, if it has one", offsetof(struct call_options, token), OPTION_LOCAL},
};

const struct option_table call_option_table = {
    .usage = "virga call ACTION [Name=value]... [Name:=JSON]... [options]",
    .about =
        "Signs and sends one call and prints the answer. A value is sent in the parameter's own type; dots\n"
        "lead into lists and objects (DBNames.0=db1), and DBNames=db1,db2 is a list. Exit code 10 when\n"
        "the answer is an error.",
    .rows = rows,
    .n = sizeof rows / sizeof rows[0],
    .texts = texts,
    .n_texts = sizeof texts / sizeof texts[0],
    .words = "ACTION",
    .word = session_add_word,
};

static struct str body_of(struct call_options *o)
{
    struct session *s = &o->session;
    const struct action *action = action_find(&product_sqlserver, s->words.v[0]);
    struct buf b;
    struct str problem;
    if (o->params.p && s->words.n > 1)
        die(EXIT_USAGE, "either --params or words, not both");
    if (o->params.p)
        return session_read_file(s, o->params);
    buf_init(&b, &s->arena, 256, OUTPUT_MAX);
    if (params_put(&b, action ? action->in : NULL, s->words.v + 1, s->words.n - 1, &problem) != 0)
        die(EXIT_USAGE, "%.*s", STR_ARG(problem));
    return buf_str(&b);
}

static void add_header(struct request *r, struct header *headers, struct str name, struct str value)
{
    if (value.p)
        headers[r->n_headers++] = (struct header){name, value};
}

static struct str or_else(struct str value, struct str otherwise)
{
    return value.p ? value : otherwise;
}

/* The signature covers Host, so the header is in the list; the client writes one of its own, the same. */
static void sign(struct call_options *o, struct request *r, struct header *headers, int64_t seconds)
{
    const struct endpoints *server = &o->session.server;
    struct client_address to = {.authority = STR("")};
    struct sign_key key = {or_else(o->secret_id, server->secret_id),
                           or_else(o->secret_key, server->secret_key), product_sqlserver.name};
    (void)client_address_parse(&o->session.arena, server->endpoint, &to);
    add_header(r, headers, STR("Host"), to.authority);
    struct str authorization = sign_post(&o->session.arena, r, &key, seconds);
    r->n_headers--;
    add_header(r, headers, STR("Authorization"), authorization);
}

static void send(struct call_options *o, struct client_response *ret_answer)
{
    struct session *s = &o->session;
    struct header headers[HEADERS_MAX];
    struct request r = {.method = STR("POST"), .path = STR("/"), .headers = headers, .body = body_of(o)};
    int64_t seconds = clock_real_ms() / 1000;
    add_header(&r, headers, STR("Content-Type"), STR("application/json"));
    add_header(&r, headers, STR("X-TC-Action"), s->words.v[0]);
    add_header(&r, headers, STR("X-TC-Version"), product_sqlserver.version);
    add_header(&r, headers, STR("X-TC-Region"), or_else(o->region, s->server.region));
    add_header(&r, headers, STR("X-TC-Timestamp"), arena_printf(&s->arena, "%lld", (long long)seconds));
    add_header(&r, headers, STR("X-TC-Language"), o->language);
    add_header(&r, headers, STR("X-TC-TraceId"), o->trace);
    add_header(&r, headers, STR("X-TC-Token"), o->token);
    sign(o, &r, headers, seconds);
    session_send(s, &r, ret_answer);
}

/* What the answer is: done, an error of the API, or no answer of the API at all. */
static int code_of(struct session *s, const struct client_response *answer)
{
    struct node *root;
    const struct node *response = NULL;
    if (json_parse(&s->arena, answer->body, &root, NULL) == 0 && root->kind == NODE_OBJECT)
        response = node_find(root, STR("Response"));
    if (!response || response->kind != NODE_OBJECT)
        return EXIT_REFUSED;
    return node_find(response, STR("Error")) ? EXIT_REFUSED : EXIT_OK;
}

/* The server fills in the key that it has for the SecretId. */
static int print_program(struct call_options *o)
{
    struct session *s = &o->session;
    struct program p = {.client = o->as,
                        .action = s->words.v[0],
                        .region = or_else(o->region, s->server.region),
                        .secret_id = o->secret_id,
                        .params = body_of(o)};
    if (o->secret_key.p || o->token.p)
        die(EXIT_USAGE, "--as takes neither --secret-key nor --token: say --secret-id alone");
    return code_sample_print(s, &p);
}

int call_main(char **argv)
{
    struct call_options o = {0};
    struct session *s = &o.session;
    struct client_response answer;
    struct node *ignored;
    struct buf b;
    if (!session_open(&o, &call_option_table, argv))
        return EXIT_OK;
    session_need_words(s, &call_option_table, 1, SIZE_MAX);
    session_find(s);
    if (o.as.p)
        return print_program(&o);
    send(&o, &answer);
    int code = code_of(s, &answer);
    buf_init(&b, &s->arena, answer.body.n * 2, OUTPUT_MAX);
    if (json_parse(&s->arena, answer.body, &ignored, NULL) == 0)
        output_put_pretty(&b, answer.body);
    else
        buf_printf(&b, "HTTP status %d\n%.*s\n", answer.status, STR_ARG(answer.body));
    int printed = session_print(s, buf_str(&b), &answer);
    return printed == EXIT_OK ? code : printed;
}

/* --- sign --- */

/* Makes the signature; see sign.h. */

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
