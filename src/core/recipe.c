/* Fills the skeletons; see recipe.h. */
#include "core/recipe.h"

#include <stdio.h>
#include <stdlib.h>

#include "wire/json.h"

/* No program is longer; a call's parameters are bounded by the size of a request. */
enum { FORM_MAX = 16 * 1024 * 1024 };

const struct client_recipe *recipe_find(struct str client)
{
    for (size_t i = 0; i < CLIENT_RECIPES; i++)
        if (str_eq(client_recipes[i].name, client))
            return &client_recipes[i];
    return NULL;
}

/* --- the server --------------------------------------------------------------------------------------- */

/* "http://[::1]:80" -> "[::1]:80". */
static struct str without_scheme(struct str endpoint)
{
    size_t colon = str_find(endpoint, ':');
    return str_skip(endpoint, colon + 3);
}

/* The length of the host in "127.0.0.1:80" or "[::1]:80", brackets included. */
static size_t host_length(struct str host_port)
{
    size_t bracket = str_find(host_port, ']');
    return bracket < host_port.n ? bracket + 1 : str_find(host_port, ':');
}

static struct str without_brackets(struct str host)
{
    return str_starts(host, STR("[")) ? (struct str){host.p + 1, host.n - 2} : host;
}

/* A name is needed where a client puts a label in front: sqlserver.127.0.0.1 is neither name nor address. */
static struct str domain_name(struct str host)
{
    bool here = str_starts(host, STR("127.")) || str_eq(host, STR("::1")) || str_eq(host, STR("0.0.0.0")) ||
                str_eq(host, STR("::"));
    return here ? STR("localhost") : host;
}

void recipe_set_server(struct recipe_values *values, struct arena *a, struct str endpoint,
                       struct str tls_endpoint)
{
    struct str host_port = without_scheme(endpoint);
    size_t n = host_length(host_port);
    struct str host = without_brackets(str_head(host_port, n));
    struct str port = str_skip(host_port, n + 1);
    values->v[RECIPE_ENDPOINT] = endpoint;
    values->v[RECIPE_SCHEME] = str_head(endpoint, str_find(endpoint, ':'));
    values->v[RECIPE_HOST_PORT] = host_port;
    values->v[RECIPE_HOST] = host;
    values->v[RECIPE_PORT] = port;
    values->v[RECIPE_DOMAIN_NAME] = domain_name(host);
    values->v[RECIPE_DOMAIN] = arena_printf(a, "%.*s:%.*s", STR_ARG(domain_name(host)), STR_ARG(port));
    if (tls_endpoint.n > 0) {
        values->v[RECIPE_TLS_ENDPOINT] = tls_endpoint;
        values->v[RECIPE_TLS_HOST_PORT] = without_scheme(tls_endpoint);
    }
}

/* --- the call ----------------------------------------------------------------------------------------- */

/* Quotes and backticks only occur inside JSON's strings, where \u means the same; without them the text fits
 * between the quotes of a shell and the backticks of Go, which know no escapes. */
static struct str raw_form(struct arena *a, struct str json)
{
    struct buf b;
    buf_init(&b, a, json.n + 64, FORM_MAX);
    for (size_t i = 0; i < json.n; i++)
        if (json.p[i] == '\'' || json.p[i] == '`')
            buf_printf(&b, "\\u%04x", (unsigned)json.p[i]);
        else
            buf_putc(&b, json.p[i]);
    return buf_str(&b);
}

/* Between `quote`s, with a backslash before each quote and backslash: Python, PHP and Ruby with single ones,
 * Java and C# with double ones. */
static struct str literal(struct arena *a, struct str text, char quote)
{
    struct buf b;
    buf_init(&b, a, text.n + 64, FORM_MAX);
    buf_putc(&b, quote);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == quote || text.p[i] == '\\')
            buf_putc(&b, '\\');
        buf_putc(&b, text.p[i]);
    }
    buf_putc(&b, quote);
    return buf_str(&b);
}

static bool needs_quotes(struct str word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:/";
    for (size_t i = 0; i < word.n; i++)
        if (!memchr(plain, word.p[i], sizeof plain - 1))
            return true;
    return word.n == 0;
}

/* As one word of a shell; a single quote ends the quotes, stands escaped, and begins them again. */
void recipe_put_shell_word(struct buf *b, struct str word)
{
    if (!needs_quotes(word)) {
        buf_put(b, word);
        return;
    }
    buf_putc(b, '\'');
    for (size_t i = 0; i < word.n; i++)
        if (word.p[i] == '\'')
            buf_put(b, STR("'\\''"));
        else
            buf_putc(b, word.p[i]);
    buf_putc(b, '\'');
}

/* The shortest of the two that reads back as the same number: 0.1 and not 0.10000000000000001. */
static void put_number(struct buf *b, double v)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%.15g", v);
    if (strtod(text, NULL) < v || strtod(text, NULL) > v)
        (void)snprintf(text, sizeof text, "%.17g", v);
    buf_put(b, str_from(text));
}

static void put_json(struct buf *b, const struct node *node);

static void put_children(struct buf *b, const struct node *parent)
{
    for (const struct node *child = parent->first; child; child = child->next) {
        if (child != parent->first)
            buf_putc(b, ',');
        if (child->name.p) {
            buf_put_json_string(b, child->name);
            buf_putc(b, ':');
        }
        put_json(b, child);
    }
}

static void put_json(struct buf *b, const struct node *node)
{
    switch (node->kind) {
    case NODE_NULL:
        buf_put(b, STR("null"));
        break;
    case NODE_BOOL:
        buf_put(b, node->boolean ? STR("true") : STR("false"));
        break;
    case NODE_NUMBER:
        put_number(b, node->number);
        break;
    case NODE_STRING:
    case NODE_TEXT:
        buf_put_json_string(b, node->text);
        break;
    case NODE_ARRAY:
    case NODE_OBJECT:
        buf_putc(b, node->kind == NODE_ARRAY ? '[' : '{');
        put_children(b, node);
        buf_putc(b, node->kind == NODE_ARRAY ? ']' : '}');
        break;
    }
}

/* " --InstanceId mssql-njj2mtpl --DBNames '["db1"]'": a string stands bare, everything else as JSON. */
static struct str flags_form(struct arena *a, const struct node *params)
{
    struct buf b;
    buf_init(&b, a, 256, FORM_MAX);
    for (const struct node *p = params->first; p; p = p->next) {
        struct buf value;
        buf_init(&value, a, 64, FORM_MAX);
        if (p->kind == NODE_STRING)
            buf_put(&value, p->text);
        else
            put_json(&value, p);
        buf_put(&b, STR(" --"));
        buf_put(&b, p->name);
        buf_putc(&b, ' ');
        recipe_put_shell_word(&b, buf_str(&value));
    }
    return buf_str(&b);
}

int recipe_set_call(struct recipe_values *values, struct arena *a, struct str action, struct str params)
{
    struct node *tree;
    if (json_parse(a, params, &tree, NULL) != 0 || tree->kind != NODE_OBJECT)
        return -1;
    values->v[RECIPE_ACTION] = action;
    values->v[RECIPE_PARAMS] = raw_form(a, params);
    values->v[RECIPE_PARAMS_SINGLE] = literal(a, params, '\'');
    values->v[RECIPE_PARAMS_DOUBLE] = literal(a, params, '"');
    values->v[RECIPE_PARAMS_FLAGS] = flags_form(a, tree);
    return 0;
}

/* --- filling ------------------------------------------------------------------------------------------ */

/* Which value stands at the start of `text`, with its braces; RECIPE_VALUES for none. */
static size_t value_at(struct str text)
{
    struct str word = str_skip(str_head(text, str_find(text, '}')), 1);
    for (size_t i = 0; i < RECIPE_VALUES; i++)
        if (word.n + 1 < text.n && str_eq(word, recipe_value_names[i]))
            return i;
    return RECIPE_VALUES;
}

void recipe_fill(struct buf *b, struct str text, const struct recipe_values *values)
{
    for (size_t brace; (brace = str_find(text, '{')) < text.n;) {
        buf_put(b, str_head(text, brace));
        text = str_skip(text, brace);
        size_t i = value_at(text);
        if (i == RECIPE_VALUES) {
            buf_putc(b, '{');
            text = str_skip(text, 1);
            continue;
        }
        buf_put(b, values->v[i]);
        text = str_skip(text, recipe_value_names[i].n + 2);
    }
    buf_put(b, text);
}

static void put_words(struct buf *b, struct str comment, struct str lines, const struct recipe_values *values)
{
    struct str line;
    while (lines.n > 0 && str_next(&lines, '\n', &line)) {
        buf_put(b, comment);
        recipe_fill(b, line, values);
        buf_putc(b, '\n');
    }
}

void recipe_put(struct buf *b, const struct client_recipe *recipe, const struct recipe_values *values,
                int lang)
{
    buf_put(b, recipe->opening);
    put_words(b, recipe->comment, recipe->words[lang], values);
    if (values->v[RECIPE_TLS_ENDPOINT].n > 0)
        put_words(b, recipe->comment, recipe->tls[lang], values);
    buf_putc(b, '\n');
    recipe_fill(b, recipe->program, values);
}
