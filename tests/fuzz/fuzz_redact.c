/* Fuzzes the removal of secrets. In JSON and forms that a parser accepts, also as a body, the value of every
 * secret becomes "***"; of every other text, the functions only have to end. */
#include "demand.h"
#include "input.h"

#include "core/redact.h"
#include "core/secret_name.h"
#include "wire/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 64 * 1024 * 1024 };

static bool is_masked(const struct node *n)
{
    return n->kind == NODE_STRING && str_eq(n->text, STR("***"));
}

static void check_node(const struct node *before, const struct node *after)
{
    if (before->name.p && str_eq(before->name, after->name) && names_secret(before->name))
        demand(is_masked(after), "the value of a secret is masked");
    const struct node *b = after->first;
    for (const struct node *n = before->first; n && b; n = n->next, b = b->next)
        check_node(n, b);
}

static void check_json(struct arena *a, struct str text, struct str redacted)
{
    struct node *before, *after;
    if (json_parse(a, text, &before, NULL) != 0)
        return;
    demand(json_parse(a, redacted, &after, NULL) == 0, "JSON stays JSON");
    check_node(before, after);
}

static void check_form(struct arena *a, struct str text, struct str redacted)
{
    struct form before, after;
    if (form_parse(a, text, &before) != FORM_OK || form_parse(a, redacted, &after) != FORM_OK)
        return;
    for (size_t i = 0; i < after.n; i++)
        demand(!names_secret(after.fields[i].key) || str_eq(after.fields[i].value, STR("***")),
               "secrets are masked");
}

/* A body that is kept is masked as JSON or as a form, or names no secret. One that is cut off in JSON has no
 * tree to compare. */
static void body(struct buf *b, struct str text)
{
    size_t offset;
    const bool kept = redact_body(b, text, 1024 * 1024);
    const struct str redacted = buf_str(b);
    if (!kept) {
        demand(str_starts(redacted, STR("***")), "nothing stays of another body");
    } else if (!secret_is_named(b->arena, text)) {
        demand(str_eq(redacted, text), "a body that names no secret stays");
    } else if (json_check(text, &offset) == 0 || offset == text.n) {
        check_json(b->arena, text, redacted);
    } else {
        check_form(b->arena, text, redacted);
    }
}

static void redact_header_line(struct buf *b, struct str text)
{
    const size_t colon = str_find(text, ':');
    const struct header h = {str_head(text, colon), str_skip(text, colon + 1)};
    redact_header(b, &h);
    if (names_secret(h.name) && !str_eq_nocase(h.name, STR("Authorization")))
        demand(str_eq(buf_str(b), STR("***")), "a header with a secret is masked");
}

static const struct {
    void (*redact)(struct buf *b, struct str text);
    void (*check)(struct arena *a, struct str text, struct str redacted);
} ways[] = {
    {redact_json, check_json}, {redact_form, check_form},  {body, NULL},
    {redact_target, NULL},     {redact_path, NULL},        {redact_prose, NULL},
    {redact_canonical, NULL},  {redact_header_line, NULL},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    struct arena a;
    struct buf b;
    arena_init(&a);
    const size_t way = input_byte(&in) % (sizeof ways / sizeof ways[0]);
    const struct str text = input_rest(&a, &in);
    buf_init(&b, &a, 0, ROOM);
    ways[way].redact(&b, text);
    demand(!b.over && b.n <= 5 * text.n + 256, "a mask or a hash is all that may make the text longer");
    if (ways[way].check)
        ways[way].check(&a, text, buf_str(&b));
    arena_done(&a);
    return 0;
}
