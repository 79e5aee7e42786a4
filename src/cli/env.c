#include "cli/env.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "cli/endpoints.h"
#include "cli/exit.h"
#include "core/recipe.h"
#include "gen/errors.h"

/* No recipe comes near it. */
enum { OUTPUT_MAX = 1024 * 1024 };

struct env {
    struct arena arena;
    const char *path; /* the endpoints file */
    const struct client_recipe *client;
    int lang;
    bool json;
    struct endpoints server;
    struct recipe_values values;
};

/* --- options ------------------------------------------------------------------------------------------ */

static int set_client(void *target, struct arena *a, struct str value, struct str *ret_why)
{
    struct env *e = target;
    struct buf names;
    if ((e->client = recipe_find(value)))
        return 0;
    buf_init(&names, a, 128, OUTPUT_MAX);
    for (size_t i = 0; i < CLIENT_RECIPES; i++)
        buf_printf(&names, "%s%.*s", i ? ", " : "", STR_ARG(client_recipes[i].name));
    *ret_why = arena_printf(a, "must be one of %.*s", STR_ARG(buf_str(&names)));
    return -1;
}

static int set_lang(void *target, struct arena *a, struct str value, struct str *ret_why)
{
    struct env *e = target;
    (void)a;
    if (!str_eq(value, STR("en")) && !str_eq(value, STR("zh"))) {
        *ret_why = STR("must be en or zh");
        return -1;
    }
    e->lang = str_eq(value, STR("zh")) ? LANG_ZH : LANG_EN;
    return 0;
}

static int set_endpoints_file(void *target, struct arena *a, struct str value, struct str *ret_why)
{
    struct env *e = target;
    (void)ret_why;
    e->path = arena_cstr(a, value);
    return 0;
}

static int set_json(void *target, struct arena *a, struct str value, struct str *ret_why)
{
    struct env *e = target;
    (void)a, (void)value, (void)ret_why;
    e->json = true;
    return 0;
}

static const struct option_row rows[] = {
    {"--client", "NAME", "a program for this client: python, tccli, go, node, java, php, dotnet, ...", false,
     set_client},
    {"--lang", "en|zh", "the language of the words in it (as the locale says)", false, set_lang},
    {"--endpoints-file", "PATH", "of the server (~/.local/state/virga/endpoints.json)", false,
     set_endpoints_file},
    {"--json", NULL, "print the values alone, as JSON", false, set_json},
};

const struct option_table env_option_table = {
    "virga env [options]",
    "Prints how to reach the server that is running: exports for eval \"$(virga env)\",\n"
    "or with --client a program that makes one call.",
    rows,
    sizeof rows / sizeof rows[0],
};

/* The first of the three that is set decides, as for every program (POSIX, XBD 8.2). */
static int locale_lang(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        const char *value = getenv(variables[i]);
        if (value && *value)
            return str_starts(str_from(value), STR("zh")) ? LANG_ZH : LANG_EN;
    }
    return LANG_EN;
}

/* --- the server --------------------------------------------------------------------------------------- */

static void find_server(struct env *e)
{
    struct str why;
    if (!e->path && !(e->path = endpoints_default_path(&e->arena)))
        die(EXIT_USAGE, "neither HOME nor XDG_STATE_HOME is set: say --endpoints-file PATH");
    if (endpoints_read(&e->arena, e->path, &e->server, &why) != 0)
        die(EXIT_NO_SERVER, "no server is running (%.*s); start one with virga serve", STR_ARG(why));
    if (!endpoints_alive(&e->server))
        die(EXIT_NO_SERVER, "the server of %s is not running any more; start one with virga serve", e->path);
}

static void set_values(struct env *e)
{
    struct recipe_values *values = &e->values;
    const struct endpoints *server = &e->server;
    recipe_set_server(values, &e->arena, server->endpoint, server->tls_endpoint);
    values->v[RECIPE_CA_FILE] = server->ca_file;
    values->v[RECIPE_SECRET_ID] = server->secret_id;
    values->v[RECIPE_SECRET_KEY] = server->secret_key;
    values->v[RECIPE_REGION] = server->region;
    values->v[RECIPE_INSTANCE] = server->instance;
    struct buf params;
    buf_init(&params, &e->arena, 128, OUTPUT_MAX);
    buf_put(&params, STR("{\"InstanceId\":"));
    buf_put_json_string(&params, server->instance);
    buf_put(&params, STR(",\"Strategy\":0}"));
    int rc = recipe_set_call(values, &e->arena, STR("CreateBackup"), buf_str(&params));
    assert(rc == 0);
    (void)rc;
}

/* --- output ------------------------------------------------------------------------------------------- */

/* What the official clients and the Terraform provider read. A VIRGA_ variable would be an option of ours. */
static void put_exports(struct buf *b, const struct recipe_values *values)
{
    static const struct str text =
        STR_INIT("export TENCENTCLOUD_SECRET_ID={secret_id}\nexport TENCENTCLOUD_SECRET_KEY={secret_key}\n"
                 "export TENCENTCLOUD_REGION={region}\nexport TENCENTCLOUD_PROTOCOL=HTTP\n"
                 "export TENCENTCLOUD_DOMAIN={domain}\n");
    struct recipe_values quoted = *values;
    for (size_t i = 0; i < RECIPE_VALUES; i++) {
        struct buf word;
        buf_init(&word, b->arena, 64, OUTPUT_MAX);
        recipe_put_shell_word(&word, values->v[i]);
        quoted.v[i] = buf_str(&word);
    }
    recipe_fill(b, text, &quoted);
}

/* The server's values; those about a call are only of use inside a program. */
static void put_json(struct buf *b, const struct recipe_values *values)
{
    for (size_t i = 0; i < RECIPE_ACTION; i++) {
        buf_printf(b, "%s\"%.*s\":", i ? ",\n " : "{", STR_ARG(recipe_value_names[i]));
        if (values->v[i].p)
            buf_put_json_string(b, values->v[i]);
        else
            buf_put(b, STR("null"));
    }
    buf_put(b, STR("}\n"));
}

int env_main(char **argv)
{
    static struct env e;
    struct str why;
    struct buf b;
    arena_init(&e.arena);
    e.lang = locale_lang();
    int rc = options_read(&env_option_table, &e, &e.arena, argv, &why);
    if (rc < 0)
        die(EXIT_USAGE, "%.*s", STR_ARG(why));
    if (rc == 1) {
        options_print_help(&env_option_table);
        return EXIT_OK;
    }
    find_server(&e);
    set_values(&e);
    buf_init(&b, &e.arena, 4096, OUTPUT_MAX);
    if (e.json)
        put_json(&b, &e.values);
    else if (e.client)
        recipe_put(&b, e.client, &e.values, e.lang);
    else
        put_exports(&b, &e.values);
    (void)fwrite(b.p, 1, b.n, stdout);
    rc = fflush(stdout) == 0 ? EXIT_OK : EXIT_UNEXPECTED;
    arena_done(&e.arena);
    return rc;
}
