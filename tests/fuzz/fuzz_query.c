/* Fuzzes queries and forms with many parameters: an input describes groups of numbered names. Whether the
 * tree can be made or not, the call is answered, and it is answered in the same way as a query and as a
 * form. */
#include "demand.h"
#include "sample_world.h"

#include "wire/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { GROUPS_MAX = 8, ROOM = 256 * 1024 };

static struct str choose_name(struct arena *a, struct input *in, const struct shape *shape)
{
    const uint8_t head = input_byte(in);
    if (head % 4 == 3 || shape->n_fields == 0)
        return input_text(a, in);
    return shape->fields[(head >> 2) % shape->n_fields].name;
}

/* The number stands after the name, between two names, or nowhere; it may go down or skip some. */
static void put_group(struct arena *a, struct input *in, const struct shape *shape, struct buf *b)
{
    const struct str name = choose_name(a, in, shape), value = input_text(a, in);
    const uint8_t form = input_byte(in), count = input_byte(in), first = input_byte(in);
    for (int i = 0; i < count * (form & 8 ? 8 : 1); i++) {
        const int number = form & 16 ? first - i : first + i * (1 + (form >> 6));
        buf_put(b, b->n ? STR("&") : STR(""));
        buf_put(b, name);
        if (form % 4 != 3)
            buf_printf(b, ".%d", number);
        if (form % 4 == 2)
            buf_put(b, STR(".Name"));
        buf_putc(b, '=');
        buf_put(b, value);
    }
}

static enum error_id run(struct world *w, struct arena *a, struct sample_request *r, struct str method)
{
    struct call c;
    struct node *tree;
    r->method = method;
    sample_prepare(&c, w, a, r);
    sample_run(&c);
    demand(json_parse(a, c.answer, &tree, NULL) == 0, "the answer is JSON");
    return c.error;
}

/* What is too long for a query may still be a form. */
static bool fits(struct str fields)
{
    return fields.n < LIMIT_TARGET_GET - 1024;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    struct world *w = sample_world();
    struct arena a;
    struct buf b;
    arena_init(&a);
    buf_init(&b, &a, 4096, ROOM);
    const uint8_t head = input_byte(&in);
    const struct action *action =
        registry_action_at(w->registry, input_byte(&in) % registry_n_actions(w->registry));
    struct sample_request r = sample_request(w, action);
    for (int i = 0; i < GROUPS_MAX && in.n > 0; i++)
        put_group(&a, &in, action->in, &b);
    r.fields = buf_str(&b);
    r.v1 = true;
    const enum error_id of_form = run(w, &a, &r, STR("POST"));
    if (!action->writes && fits(r.fields))
        demand(run(w, &a, &r, STR("GET")) == of_form, "a query is answered as a form is");
    r.v1 = head & 1;
    if (!r.v1)
        (void)run(w, &a, &r, STR("GET"));
    arena_done(&a);
    return 0;
}
