/* `virga call`: one call to the API, signed and sent as the official clients do. */
#include "cli/signed_call.h"

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

/* Fields are those that the official clients send (API documentation 213/30435). */
static void send_call(struct call_options *o, struct client_response *ret_response)
{
    struct session *s = &o->session;
    const struct endpoints *server = &s->server;
    struct client_address to = {.authority = STR("")};
    struct signed_call call = {.action = s->words.v[0],
                               .version = product_of(o)->version,
                               .region = str_or(o->region, server->region),
                               .language = o->language,
                               .trace = o->trace,
                               .token = o->token,
                               .content_type = STR("application/json"),
                               .body = body_of(o),
                               .key = {str_or(o->secret_id, server->secret_id),
                                       str_or(o->secret_key, server->secret_key), product_of(o)->name},
                               .seconds = clock_real_ms() / 1000};
    struct header headers[SIGNED_CALL_HEADERS];
    struct request r;
    (void)client_address_parse(&s->arena, endpoints_local(server), &to);
    call.authority = to.authority;
    signed_call_make(&s->arena, &call, headers, &r);
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
                                 .region = str_or(o->region, s->server.region),
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
