/* Fuzzes the signature of version 1: a form that is signed verifies, in any order of its fields; and no other
 * signature does. */
#include "demand.h"
#include "input.h"

#include "wire/v1.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HOSTS = 3 };
static const struct str key = STR_INIT("Gu5t9xGARNpq86cd98joQYCN3EXAMPLE");
static const struct str host_table[HOSTS] = {STR_INIT("sqlserver.tencentcloudapi.com"),
                                             STR_INIT("127.0.0.1:8328"), STR_INIT("localhost")};

/* The form with one more field at its end. */
static struct form with_field(struct arena *a, const struct form *f, struct str name, struct str value)
{
    struct form out = {ARENA_ARRAY(a, struct form_field, f->n + 1), f->n + 1};
    if (f->n)
        memcpy(out.fields, f->fields, f->n * sizeof f->fields[0]);
    out.fields[f->n] = (struct form_field){name, value};
    return out;
}

static int verify(struct arena *a, const struct request *r, const struct form *f, size_t *ret_host)
{
    const struct v1_claim claim = {r, f, key};
    return v1_verify(a, &claim, &(struct host_names){host_table, HOSTS}, ret_host);
}

/* Fields of equal keys keep their order, so only a form without them may be reversed. */
static bool has_repeated(struct arena *a, const struct form *f)
{
    struct node *tree;
    struct str repeated;
    return form_tree(a, f, NULL, &tree, &repeated) != FORM_OK;
}

static void reverse(struct form *f)
{
    for (size_t i = 0; i < f->n / 2; i++) {
        const struct form_field field = f->fields[i];
        f->fields[i] = f->fields[f->n - 1 - i];
        f->fields[f->n - 1 - i] = field;
    }
}

static void check_right(struct arena *a, const struct request *r, const struct form *f, size_t host)
{
    const struct str text = v1_string_to_sign(a, r->method, host_table[host], f);
    const struct str signature = v1_sign(a, v1_method_of(f), key, text);
    struct form right = with_field(a, f, STR("Signature"), signature);
    size_t found = HOSTS;
    demand(verify(a, r, &right, &found) == 0 && found == host, "a right signature verifies with its host");
    if (has_repeated(a, &right))
        return;
    reverse(&right);
    demand(verify(a, r, &right, &found) == 0 && found == host, "in another order too");
    struct form changed = with_field(a, &right, STR("Zz"), STR("1"));
    demand(form_find(f, STR("Zz")) || verify(a, r, &changed, &found) != 0, "with one more field it does not");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    struct arena a;
    struct form f;
    size_t host;
    arena_init(&a);
    const uint8_t head = input_byte(&in);
    const struct request r = {.method = head & 1 ? STR("GET") : STR("POST")};
    if (form_parse(&a, input_rest(&a, &in), &f) == FORM_OK) {
        if (form_find(&f, STR("Signature")))
            demand(verify(&a, &r, &f, &host) != 0, "an invented signature does not verify");
        else
            check_right(&a, &r, &f, (head >> 1) % HOSTS);
    }
    arena_done(&a);
    return 0;
}
