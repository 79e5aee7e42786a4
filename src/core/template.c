#include "core/template.h"

#include <assert.h>

#include "base/limits.h"
#include "wire/encode.h"
#include "wire/json.h"

const struct client_template *template_find(struct str client)
{
    for (size_t i = 0; i < CLIENT_TEMPLATES; i++)
        if (str_eq(client_templates[i].name, client))
            return &client_templates[i];
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

/* Some clients put a label before the host, so they need a name: "label.127.0.0.1" is neither a name nor an
 * address. */
static struct str domain_name(struct str host)
{
    bool here = str_starts(host, STR("127.")) || str_eq(host, STR("::1")) || str_eq(host, STR("0.0.0.0")) ||
                str_eq(host, STR("::"));
    return here ? STR("localhost") : host;
}

/* Some clients take a URL, some host and port, some only the domain, before which they put a label. */
void template_set_server(struct template_values *values, struct arena *a, struct str endpoint,
                         struct str tls_endpoint)
{
    struct str host_port = without_scheme(endpoint);
    size_t n = host_length(host_port);
    struct str host = without_brackets(str_head(host_port, n));
    struct str scheme = str_head(endpoint, str_find(endpoint, ':')), port = str_skip(host_port, n + 1);
    values->v[TEMPLATE_ENDPOINT] = endpoint;
    values->v[TEMPLATE_SCHEME] = scheme;
    values->v[TEMPLATE_HOST_PORT] = host_port;
    values->v[TEMPLATE_HOST] = host;
    values->v[TEMPLATE_PORT] = port.n > 0 ? port : str_eq(scheme, STR("https")) ? STR("443") : STR("80");
    values->v[TEMPLATE_DOMAIN_NAME] = domain_name(host);
    values->v[TEMPLATE_DOMAIN] = CONCAT(a, domain_name(host), str_skip(host_port, n));
    if (tls_endpoint.n > 0) {
        values->v[TEMPLATE_TLS_ENDPOINT] = tls_endpoint;
        values->v[TEMPLATE_TLS_HOST_PORT] = without_scheme(tls_endpoint);
    }
}

/* --- the call ----------------------------------------------------------------------------------------- */

/* Quotes, backticks and parentheses occur only inside the strings of JSON, where \u can replace them. Without
 * them the text fits between the quotes of a shell, the backticks of Go and the parentheses of C++, which
 * have no escapes. */
static struct str raw_form(struct arena *a, struct str json)
{
    struct buf b;
    buf_init(&b, a, json.n + 64, LIMIT_TEMPLATE_TEXT);
    for (size_t i = 0; i < json.n; i++)
        if (json.p[i] == '\'' || json.p[i] == '`' || json.p[i] == ')')
            buf_printf(&b, "\\u%04x", (unsigned)json.p[i]);
        else
            buf_putc(&b, json.p[i]);
    return buf_str(&b);
}

/* For Python, PHP and Ruby with single quotes, for Java and C# with double ones. Line breaks between the
 * tokens of JSON are removed, because a literal cannot have them. */
static struct str literal(struct arena *a, struct str json, char quote)
{
    struct buf b;
    char *line = memcpy(arena_alloc(a, json.n + 1), json.p, json.n);
    for (size_t i = 0; i < json.n; i++)
        line[i] = (unsigned char)line[i] < ' ' ? ' ' : line[i];
    buf_init(&b, a, json.n + 64, LIMIT_TEMPLATE_TEXT);
    buf_putc(&b, quote);
    quote_put(&b, QUOTE_PLAIN, quote, (struct str){line, json.n});
    buf_putc(&b, quote);
    return buf_str(&b);
}

/* " --Name text --List '["a"]'": a string as it is, everything else as JSON. */
static struct str flags_form(struct arena *a, const struct node *params)
{
    struct buf b;
    buf_init(&b, a, 256, LIMIT_TEMPLATE_TEXT);
    for (const struct node *p = params->first; p; p = p->next) {
        struct buf value;
        buf_init(&value, a, 64, LIMIT_TEMPLATE_TEXT);
        if (p->kind == NODE_STRING)
            buf_put(&value, p->text);
        else
            encode_node(&value, p);
        buf_putc(&b, ' ');
        quote_put_word(&b, CONCAT(a, STR("--"), p->name));
        buf_putc(&b, ' ');
        quote_put_word(&b, buf_str(&value));
    }
    return buf_str(&b);
}

/* "tag", "Tag", "2018-08-13", "v20180813", "V20180813": the names that the official clients use. */
static void set_product(struct template_values *values, struct arena *a, const struct product *p)
{
    struct str date = STR(""), rest = p->version, part;
    char *class = memcpy(arena_alloc(a, p->name.n + 1), p->name.p, p->name.n);
    class[0] = (char)(class[0] >= 'a' && class[0] <= 'z' ? class[0] - 'a' + 'A' : class[0]);
    while (str_next(&rest, '-', &part))
        date = CONCAT(a, date, part);
    values->v[TEMPLATE_PRODUCT_NAME] = p->name;
    values->v[TEMPLATE_PRODUCT_CLASS] = (struct str){class, p->name.n};
    values->v[TEMPLATE_PRODUCT_VERSION] = p->version;
    values->v[TEMPLATE_PRODUCT_PACKAGE] = CONCAT(a, STR("v"), date);
    values->v[TEMPLATE_PRODUCT_NAMESPACE] = CONCAT(a, STR("V"), date);
}

int template_set_call(struct template_values *values, struct arena *a, const struct template_call *call)
{
    struct str params = call->params;
    struct node *tree;
    assert(call->product->name.n > 0);
    if (json_parse(a, params, &tree, NULL) != 0 || tree->kind != NODE_OBJECT)
        return -1;
    set_product(values, a, call->product);
    values->v[TEMPLATE_ACTION] = call->action;
    values->v[TEMPLATE_PARAMS] = raw_form(a, params);
    values->v[TEMPLATE_PARAMS_SINGLE] = literal(a, params, '\'');
    values->v[TEMPLATE_PARAMS_DOUBLE] = literal(a, params, '"');
    values->v[TEMPLATE_PARAMS_FLAGS] = flags_form(a, tree);
    return 0;
}

/* --- rendering ---------------------------------------------------------------------------------------- */

/* The value whose name in braces begins `text`; TEMPLATE_VALUES for none. */
static size_t value_at(struct str text)
{
    struct str word = str_skip(str_head(text, str_find(text, '}')), 1);
    for (size_t i = 0; i < TEMPLATE_VALUES; i++)
        if (word.n + 1 < text.n && str_eq(word, template_value_names[i]))
            return i;
    return TEMPLATE_VALUES;
}

/* A text that is being rendered. */
struct rendering {
    const struct template_values *values;
    void (*put)(struct buf *b, const struct rendering *f, size_t value);
    enum quote_rules rules;
    char quote; /* the one that is open; '\0': none */
};

/* The quote that is open after `text`. No template has an open quote at the end of a line, so an apostrophe
 * in a comment does no harm. */
static char quote_after(char quote, struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char ch = text.p[i];
        if (ch == '\n')
            quote = '\0';
        else if (ch == '\\')
            i++;
        else if (ch == quote)
            quote = '\0';
        else if (quote == '\0' && (ch == '\'' || ch == '"' || ch == '`'))
            quote = ch;
    }
    return quote;
}

/* Quotes are tracked in the text of the template only, never in a value. */
static void render(struct buf *b, struct str text, struct rendering *f)
{
    for (size_t brace; (brace = str_find(text, '{')) < text.n;) {
        f->quote = quote_after(f->quote, str_head(text, brace));
        buf_put(b, str_head(text, brace));
        text = str_skip(text, brace);
        size_t i = value_at(text);
        if (i == TEMPLATE_VALUES) {
            buf_putc(b, '{');
            text = str_skip(text, 1);
            continue;
        }
        f->put(b, f, i);
        text = str_skip(text, template_value_names[i].n + 2);
    }
    buf_put(b, text);
}

static void put_as_it_is(struct buf *b, const struct rendering *f, size_t value)
{
    buf_put(b, f->values->v[value]);
}

static void put_in_comment(struct buf *b, const struct rendering *f, size_t value)
{
    quote_put_comment(b, f->values->v[value]);
}

/* The values of the call are already in their forms. */
static void put_in_program(struct buf *b, const struct rendering *f, size_t value)
{
    if (value >= TEMPLATE_ACTION)
        buf_put(b, f->values->v[value]);
    else
        quote_put(b, f->rules, f->quote, f->values->v[value]);
}

void template_render(struct buf *b, struct str text, const struct template_values *values)
{
    struct rendering f = {.values = values, .put = put_as_it_is};
    render(b, text, &f);
}

static void put_words(struct buf *b, struct str comment, struct str lines,
                      const struct template_values *values)
{
    struct rendering f = {.values = values, .put = put_in_comment};
    struct str line;
    while (lines.n > 0 && str_next(&lines, '\n', &line)) {
        buf_put(b, comment);
        render(b, line, &f);
        buf_putc(b, '\n');
    }
}

void template_render_sample(struct buf *b, const struct client_template *template,
                            const struct template_values *values, int lang)
{
    struct rendering f = {.values = values, .put = put_in_program, .rules = template->rules};
    buf_put(b, template->opening);
    put_words(b, template->comment, template->words[lang], values);
    if (values->v[TEMPLATE_TLS_ENDPOINT].n > 0)
        put_words(b, template->comment, template->tls[lang], values);
    buf_putc(b, '\n');
    render(b, template->program, &f);
}
