/* Writes the members; see members.h. */
#include "cli/control_request.h"

#include "wire/json.h"

/* "--secret-id" -> secret_id. */
static void put_name(struct buf *b, const char *option)
{
    for (const char *p = option + 2; *p; p++)
        buf_putc(b, *p == '-' ? '_' : *p);
}

static struct str value_of(const struct option_text *o, const void *target)
{
    const struct str *value = (const void *)((const char *)target + o->at);
    return o->sent == OPTION_LOCAL ? (struct str){NULL, 0} : *value;
}

static bool is_number(struct arena *a, struct str text)
{
    struct node *n;
    return json_parse(a, text, &n, NULL) == 0 && n->kind == NODE_NUMBER;
}

void control_request_put_number(struct buf *b, struct str value)
{
    if (is_number(b->arena, value))
        buf_put(b, value);
    else
        buf_put_json_string(b, value);
}

void control_request_put_json(struct buf *b, const struct option_table *t, const void *target)
{
    for (size_t i = 0; i < t->n_texts; i++) {
        const struct option_text *o = &t->texts[i];
        struct str value = value_of(o, target);
        if (!value.p)
            continue;
        buf_putc(b, '"');
        put_name(b, o->name);
        buf_put(b, STR("\":"));
        if (o->sent == OPTION_SENT_NUMBER)
            control_request_put_number(b, value);
        else
            buf_put_json_string(b, value);
        buf_putc(b, ',');
    }
}

/* What RFC 3986 lets stand everywhere. */
static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-._~", c));
}

void control_request_put_escaped(struct buf *b, struct str value)
{
    for (size_t i = 0; i < value.n; i++)
        if (is_unreserved(value.p[i]))
            buf_putc(b, value.p[i]);
        else
            buf_printf(b, "%%%02X", (unsigned)(unsigned char)value.p[i]);
}

void control_request_put_query(struct buf *b, const struct option_table *t, const void *target)
{
    char before = '?';
    for (size_t i = 0; i < t->n_texts; i++) {
        struct str value = value_of(&t->texts[i], target);
        if (!value.p)
            continue;
        buf_putc(b, before);
        put_name(b, t->texts[i].name);
        buf_putc(b, '=');
        control_request_put_escaped(b, value);
        before = '&';
    }
}

int control_request_put_words(struct buf *b, const struct str *words, size_t n, struct str *ret_problem)
{
    buf_putc(b, '{');
    for (size_t i = 0; i < n; i++) {
        size_t equals = str_find(words[i], '=');
        if (equals == 0 || equals == words[i].n) {
            *ret_problem = arena_printf(b->arena, "%.*s is not of the form Name=value", STR_ARG(words[i]));
            return -1;
        }
        if (i > 0)
            buf_putc(b, ',');
        buf_put_json_string(b, str_head(words[i], equals));
        buf_putc(b, ':');
        buf_put_json_string(b, str_skip(words[i], equals + 1));
    }
    buf_putc(b, '}');
    return 0;
}
