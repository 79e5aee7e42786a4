/* `virga call`: one call to the API, signed and sent as the official clients do. */
#include "cli/call.h"

#include <assert.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/call_params.h"
#include "cli/env.h"
#include "cli/output.h"
#include "core/registry.h"
#include "gen/cli.h"
#include "gen/products.h"
#include "wire/json.h"
#include "wire/tc3.h"

/* Those of send_call with Host and Authorization. */
enum { HEADERS_MAX = 10 };

/* --- the signature ------------------------------------------------------------------------------------ */

/* Signs the two headers that every official client signs, in the order of their names. */
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

/* --- the request -------------------------------------------------------------------------------------- */

/* The parameters as JSON: from --params, else from the words after the action, in the types that the
 * action's shape gives them. The server is not asked whether the action exists, so that a wrong one can be
 * sent. */
static struct str body_of(struct call_options *o)
{
    struct session *s = &o->session;
    const struct action *action = registry_find_action(&all_products, s->words.v[0]);
    struct buf b;
    struct str problem;
    if (o->params.p && s->words.n > 1)
        die(EXIT_USAGE, "use either --params or words, not both");
    if (o->params.p)
        return session_read_file(s, o->params);
    buf_init(&b, &s->arena, 256, LIMIT_CLI_TEXT);
    if (call_params_put(&b, action ? action->in : NULL, s->words.v + 1, s->words.n - 1, &problem) != 0)
        die(EXIT_USAGE, "%.*s", STR_ARG(problem));
    return buf_str(&b);
}

/* The product of the action; the default one for an unknown action, which the server rejects. */
static const struct product *product_of(const struct call_options *o)
{
    const struct action *action = registry_find_action(&all_products, o->session.words.v[0]);
    return action ? registry_product_of(&all_products, action) : registry_default(&all_products);
}

/* An absent value adds no header. */
static void add_header(struct request *r, struct header *headers, struct str name, struct str value)
{
    assert(r->n_headers < HEADERS_MAX);
    if (value.p)
        headers[r->n_headers++] = (struct header){name, value};
}

/* The option, else what the server has. */
static struct str or_else(struct str value, struct str otherwise)
{
    return value.p ? value : otherwise;
}

/* The signature covers Host, so it is in the list until the signature is made; the client adds the same. */
static void sign(struct call_options *o, struct request *r, struct header *headers, int64_t seconds)
{
    const struct endpoints *server = &o->session.server;
    struct client_address to = {.authority = STR("")};
    struct sign_key key = {or_else(o->secret_id, server->secret_id),
                           or_else(o->secret_key, server->secret_key), product_of(o)->name};
    (void)client_address_parse(&o->session.arena, endpoints_local(server), &to);
    add_header(r, headers, STR("Host"), to.authority);
    struct str authorization = sign_post(&o->session.arena, r, &key, seconds);
    r->n_headers--;
    add_header(r, headers, STR("Authorization"), authorization);
}

/* The headers are those of the official clients (API documentation 213/30435). */
static void send_call(struct call_options *o, struct client_response *ret_response)
{
    struct session *s = &o->session;
    struct header headers[HEADERS_MAX];
    struct request r = {.method = STR("POST"), .path = STR("/"), .headers = headers, .body = body_of(o)};
    int64_t seconds = clock_real_ms() / 1000;
    add_header(&r, headers, STR("Content-Type"), STR("application/json"));
    add_header(&r, headers, STR("X-TC-Action"), s->words.v[0]);
    add_header(&r, headers, STR("X-TC-Version"), product_of(o)->version);
    add_header(&r, headers, STR("X-TC-Region"), or_else(o->region, s->server.region));
    add_header(&r, headers, STR("X-TC-Timestamp"), arena_printf(&s->arena, "%lld", (long long)seconds));
    add_header(&r, headers, STR("X-TC-Language"), o->language);
    add_header(&r, headers, STR("X-TC-TraceId"), o->trace);
    add_header(&r, headers, STR("X-TC-Token"), o->token);
    sign(o, &r, headers, seconds);
    session_send(s, &r, ret_response);
}

/* The exit code for the response: a result, an error of the API, or no response of the API at all. */
static int code_of(struct session *s, const struct client_response *http)
{
    struct node *root;
    const struct node *response = NULL;
    if (json_parse(&s->arena, http->body, &root, NULL) == 0 && root->kind == NODE_OBJECT)
        response = node_find(root, STR("Response"));
    if (!response || response->kind != NODE_OBJECT)
        return EXIT_SERVER_ERROR;
    return node_find(response, STR("Error")) ? EXIT_SERVER_ERROR : EXIT_OK;
}

/* The server fills in the key that it has for the SecretId. */
static int print_sample(struct call_options *o)
{
    struct session *s = &o->session;
    struct code_sample sample = {.client = o->as,
                                 .action = s->words.v[0],
                                 .region = or_else(o->region, s->server.region),
                                 .secret_id = o->secret_id,
                                 .params = body_of(o)};
    if (o->secret_key.p || o->token.p)
        die(EXIT_USAGE, "--as takes neither --secret-key nor --token: use --secret-id alone");
    return code_sample_print(s, &sample);
}

/* An answer that is not JSON is printed with its HTTP status: it comes from an injected fault, or not from
 * virga. */
int call_main(struct session *s)
{
    struct call_options *o = (void *)s;
    struct client_response response;
    struct node *ignored;
    struct buf b;
    if (o->as.p)
        (void)need_client(s, "--as", o->as);
    session_find(s);
    if (o->as.p)
        return print_sample(o);
    send_call(o, &response);
    int code = code_of(s, &response);
    buf_init(&b, &s->arena, response.body.n * 2, LIMIT_CLI_TEXT);
    if (json_parse(&s->arena, response.body, &ignored, NULL) == 0)
        output_put_pretty(&b, response.body);
    else
        buf_printf(&b, "HTTP status %d\n%.*s\n", response.status, STR_ARG(response.body));
    int printed = session_print(s, buf_str(&b), &response);
    return printed == EXIT_OK ? code : printed;
}
