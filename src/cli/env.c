#include "cli/env.h"

#include <assert.h>
#include <stdlib.h>

#include "base/codec.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/exports.h"
#include "cli/output.h"
#include "core/template.h"
#include "gen/cli.h"
#include "gen/errors.h"
#include "gen/products.h"
#include "wire/encode.h"
#include "wire/json.h"

int lang_of_locale(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        const char *value = getenv(variables[i]);
        if (value && *value)
            return str_starts(str_from(value), STR("zh")) ? LANG_ZH : LANG_EN;
    }
    return LANG_EN;
}

/* --- code samples ------------------------------------------------------------------------------------- */

/* What the server has of its own is left out. */
static void put_given(struct buf *b, const char *key, struct str value)
{
    if (value.p)
        output_json_text(b, key, value);
}

int code_sample_print(struct session *s, const struct code_sample *sample)
{
    struct client_response response;
    struct buf b;
    assert(sample->client.p && sample->action.p);
    buf_init(&b, &s->arena, 512, LIMIT_CLI_TEXT);
    output_json_open(&b, NULL, '{');
    output_json_text(&b, "client", sample->client);
    output_json_text(&b, "action", sample->action);
    put_given(&b, "region", sample->region);
    put_given(&b, "secret_id", sample->secret_id);
    if (sample->params.p) /* escaped, because masking would change the program */
        put_given(&b, "params", json_escape_unprintable(&s->arena, sample->params));
    output_json_text(&b, "lang", lang_of_locale() == LANG_ZH ? STR("zh") : STR("en"));
    output_json_close(&b, '}');
    const struct node *found = session_ask(s, "POST", STR("/snippet"), buf_str(&b), &response);
    if (!found)
        return EXIT_SERVER_ERROR;
    return session_print(s, session_text(s, found, STR("text")), &response);
}

/* --- env ---------------------------------------------------------------------------------------------- */

const struct client_template *need_client(struct session *s, const char *option, struct str name)
{
    const struct client_template *found = template_find(name);
    struct buf names;
    if (found)
        return found;
    buf_init(&names, &s->arena, 128, LIMIT_CLI_TEXT);
    for (size_t i = 0; i < CLIENT_TEMPLATES; i++)
        buf_printf(&names, "%s%.*s", i ? " " : "", STR_ARG(client_templates[i].name));
    struct str known = options_alternatives(&s->arena, arena_cstr(&s->arena, buf_str(&names)), ' ');
    die(EXIT_USAGE, "%s %.*s: expects %.*s", option, STR_ARG(name), STR_ARG(known));
}

/* The parameters of the example call, with this resource. */
static struct str example_params(struct arena *a, struct str resource)
{
    const struct product *p = registry_default(&all_products);
    struct node *tree;
    struct buf b;
    int rc = json_parse(a, p->examples.write.params, &tree, NULL);
    assert(rc == 0);
    (void)rc;
    struct node *id = (struct node *)(uintptr_t)node_find(tree, p->resource.param); /* ours: just parsed */
    assert(id && id->kind == NODE_STRING);
    id->text = resource;
    buf_init(&b, a, 128, LIMIT_CLI_TEXT);
    encode_node(&b, tree);
    return buf_str(&b);
}

/* Everything that a template may name, with one example call. */
static void set_values(struct session *s, struct template_values *values)
{
    const struct endpoints *server = &s->server;
    template_set_server(values, &s->arena, server->endpoint, server->tls_endpoint);
    values->v[TEMPLATE_CA_FILE] = server->ca_file;
    values->v[TEMPLATE_SECRET_ID] = server->secret_id;
    values->v[TEMPLATE_SECRET_KEY] = server->secret_key;
    values->v[TEMPLATE_REGION] = server->region;
    values->v[TEMPLATE_INSTANCE] = server->instance;
    const struct product *product = registry_default(&all_products);
    const struct template_call call = {product, product->examples.write.action,
                                       example_params(&s->arena, server->instance)};
    int rc = template_set_call(values, &s->arena, &call);
    assert(rc == 0);
    (void)rc;
}

/* The values of the server; those of a call, from TEMPLATE_ACTION on, only make sense in a program. */
static void put_values_json(struct buf *b, const struct template_values *values)
{
    output_json_open(b, NULL, '{');
    for (size_t i = 0; i < TEMPLATE_ACTION; i++) {
        output_json_line(b);
        output_json_text(b, template_value_names[i].p, values->v[i]);
    }
    output_json_end(b, '}');
}

/* In the form of virga call --as. */
static void put_program_json(struct buf *b, struct str client, struct str program)
{
    output_json_open(b, NULL, '{');
    output_json_text(b, "client", client);
    output_json_text(b, "text", program);
    output_json_end(b, '}');
}

/* The language of the texts matters only in a program; exports have none. */
int env_main(struct session *s)
{
    const struct env_options *o = (void *)s;
    const struct client_template *client = o->client.p ? need_client(s, "--client", o->client) : NULL;
    struct template_values values = {0};
    struct buf b, program;
    session_find(s);
    set_values(s, &values);
    buf_init(&b, &s->arena, 4096, LIMIT_CLI_TEXT);
    buf_init(&program, &s->arena, 4096, LIMIT_CLI_TEXT);
    if (client)
        template_render_sample(&program, client, &values, s->lang);
    if (client && s->json)
        put_program_json(&b, client->name, buf_str(&program));
    else if (client)
        b = program;
    else if (s->json)
        put_values_json(&b, &values);
    else
        exports_put(&b, (enum export_format)o->format, &s->server, s->name);
    return session_write(s, buf_str(&b));
}
