/* The language of words; see lang.h. */
#include "cli/env.h"

#include <assert.h>
#include <stdlib.h>

#include "cli/main.h"
#include "cli/output.h"
#include "cli/session.h"
#include "core/template.h"
#include "gen/errors.h"

int lang_parse(struct str value, int *ret_lang, struct str *ret_problem)
{
    if (!str_eq(value, STR("en")) && !str_eq(value, STR("zh"))) {
        *ret_problem = STR("must be en or zh");
        return -1;
    }
    *ret_lang = str_eq(value, STR("zh")) ? LANG_ZH : LANG_EN;
    return 0;
}

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

/* --- program --- */

static void put_member(struct buf *b, const char *name, struct str value)
{
    if (!value.p)
        return;
    buf_printf(b, "%s\"%s\":", b->n > 1 ? "," : "", name);
    buf_put_json_string(b, value);
}

int code_sample_print(struct session *s, const struct program *p)
{
    struct client_response answer;
    struct buf b;
    buf_init(&b, &s->arena, 512, OUTPUT_MAX);
    buf_putc(&b, '{');
    put_member(&b, "client", p->client);
    put_member(&b, "action", p->action);
    put_member(&b, "region", p->region);
    put_member(&b, "secret_id", p->secret_id);
    put_member(&b, "params", p->params);
    put_member(&b, "lang", lang_of_locale() == LANG_ZH ? STR("zh") : STR("en"));
    buf_putc(&b, '}');
    const struct node *found = session_ask(s, "POST", STR("/snippet"), buf_str(&b), &answer);
    if (!found)
        return session_close(s, EXIT_REFUSED);
    return session_print(s, session_text(s, found, STR("text")), &answer);
}

/* --- env --- */

struct env {
    struct session session; /* first, for the shared options */
    const struct client_template *client;
    int lang;
    struct template_values values;
};

/* --- options ------------------------------------------------------------------------------------------ */

static int set_client(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct env *e = target;
    struct buf names;
    if ((e->client = template_find(value)))
        return 0;
    buf_init(&names, a, 128, OUTPUT_MAX);
    for (size_t i = 0; i < CLIENT_TEMPLATES; i++)
        buf_printf(&names, "%s%.*s", i ? ", " : "", STR_ARG(client_templates[i].name));
    *ret_problem = arena_printf(a, "must be one of %.*s", STR_ARG(buf_str(&names)));
    return -1;
}

static int set_lang(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    (void)a;
    return lang_parse(value, &((struct env *)target)->lang, ret_problem);
}

static const struct option_row rows[] = {
    {"--client", "NAME", "a program for this client: python, tccli, go, node, java, php, dotnet, ...", false,
     set_client},
    {"--lang", "en|zh", "the language of the words in it (as the locale says)", false, set_lang},
    SESSION_ROWS_SERVER,
    SESSION_ROW_JSON,
};

const struct option_table env_option_table = {
    .usage = "virga env [options]",
    .about = "Prints how to reach the server that is running: exports for eval \"$(virga env)\",\n"
             "or with --client a program that makes one call.",
    .rows = rows,
    .n = sizeof rows / sizeof rows[0],
};

static void set_values(struct env *e)
{
    struct template_values *values = &e->values;
    const struct endpoints *server = &e->session.server;
    template_set_server(values, &e->session.arena, server->endpoint, server->tls_endpoint);
    values->v[TEMPLATE_CA_FILE] = server->ca_file;
    values->v[TEMPLATE_SECRET_ID] = server->secret_id;
    values->v[TEMPLATE_SECRET_KEY] = server->secret_key;
    values->v[TEMPLATE_REGION] = server->region;
    values->v[TEMPLATE_INSTANCE] = server->instance;
    struct buf params;
    buf_init(&params, &e->session.arena, 128, OUTPUT_MAX);
    buf_put(&params, STR("{\"InstanceId\":"));
    buf_put_json_string(&params, server->instance);
    buf_put(&params, STR(",\"Strategy\":0}"));
    int rc = template_set_call(values, &e->session.arena, STR("CreateBackup"), buf_str(&params));
    assert(rc == 0);
    (void)rc;
}

/* --- output ------------------------------------------------------------------------------------------- */

/* What the official clients and the Terraform provider read. A VIRGA_ variable would be an option of ours. */
static void put_exports(struct buf *b, const struct template_values *values)
{
    static const struct str text =
        STR_INIT("export TENCENTCLOUD_SECRET_ID={secret_id}\nexport TENCENTCLOUD_SECRET_KEY={secret_key}\n"
                 "export TENCENTCLOUD_REGION={region}\nexport TENCENTCLOUD_PROTOCOL=HTTP\n"
                 "export TENCENTCLOUD_DOMAIN={domain}\n");
    struct template_values quoted = *values;
    for (size_t i = 0; i < TEMPLATE_VALUES; i++) {
        struct buf word;
        buf_init(&word, b->arena, 64, OUTPUT_MAX);
        quote_put_word(&word, values->v[i]);
        quoted.v[i] = buf_str(&word);
    }
    template_render(b, text, &quoted);
}

/* The server's values; those about a call are only of use inside a program. */
static void put_json(struct buf *b, const struct template_values *values)
{
    for (size_t i = 0; i < TEMPLATE_ACTION; i++) {
        buf_printf(b, "%s\"%.*s\":", i ? ",\n " : "{", STR_ARG(template_value_names[i]));
        if (values->v[i].p)
            buf_put_json_string(b, values->v[i]);
        else
            buf_put(b, STR("null"));
    }
    buf_put(b, STR("}\n"));
}

static void put_program(struct buf *b, const struct env *e)
{
    template_render_sample(b, e->client, &e->values, e->lang);
}

/* As virga call --as writes it. */
static void put_program_json(struct buf *b, const struct env *e)
{
    struct buf text;
    buf_init(&text, b->arena, 4096, OUTPUT_MAX);
    put_program(&text, e);
    buf_put(b, STR("{\"client\":"));
    buf_put_json_string(b, e->client->name);
    buf_put(b, STR(",\"text\":"));
    buf_put_json_string(b, buf_str(&text));
    buf_put(b, STR("}\n"));
}

int env_main(char **argv)
{
    static struct env e;
    struct buf b;
    e.lang = lang_of_locale();
    if (!session_open(&e, &env_option_table, argv))
        return EXIT_OK;
    session_find(&e.session);
    set_values(&e);
    buf_init(&b, &e.session.arena, 4096, OUTPUT_MAX);
    if (e.client)
        (e.session.json ? put_program_json : put_program)(&b, &e);
    else if (e.session.json)
        put_json(&b, &e.values);
    else
        put_exports(&b, &e.values);
    return session_close(&e.session, output_write(buf_str(&b)) == 0 ? EXIT_OK : EXIT_UNEXPECTED);
}
