/* Proves that forms are split and decoded field by field, and become the tree that the same JSON would be. */
#include "support/arena_fixture.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "wire/form.h"

static struct form parse(struct str text)
{
    struct form f = {NULL, 0};
    assert_int_equal(form_parse(&arena, text, &f), FORM_OK);
    return f;
}

/* The tree in a notation of its own: {name:value,...} and [value,...], so that a failure shows it whole. */
static void show(struct buf *b, const struct node *n)
{
    if (n->kind == NODE_TEXT) {
        buf_put(b, n->text);
        return;
    }
    buf_putc(b, n->kind == NODE_ARRAY ? '[' : '{');
    for (const struct node *child = n->first; child; child = child->next) {
        if (n->kind == NODE_OBJECT)
            buf_printf(b, "%.*s:", STR_ARG(child->name));
        show(b, child);
        if (child->next)
            buf_putc(b, ',');
    }
    buf_putc(b, n->kind == NODE_ARRAY ? ']' : '}');
}

static const struct {
    const char *text, *tree;
} trees[] = {
    {"", "{}"},
    {"&&", "{}"},
    {"A=1", "{A:1}"},
    {"A=", "{A:}"},
    {"B=2&&A=1&", "{B:2,A:1}"},
    {"A=x=y", "{A:x=y}"},
    {"A%2eB=1&A.C=2", "{A:{B:1,C:2}}"},
    {"DBNames.0=a&DBNames.1=b", "{DBNames:[a,b]}"},
    {"L.10=k&L.1=b&L.0=a&L.2=c&L.3=d&L.4=e&L.5=f&L.6=g&L.7=h&L.8=i&L.9=j", "{L:[a,b,c,d,e,f,g,h,i,j,k]}"},
    {"F.0.V.1=b&F.0.N=x&F.0.V.0=a&F.1.N=y", "{F:[{V:[a,b],N:x},{N:y}]}"},
    {"L.0.1=b&L.0.0=a", "{L:[[a,b]]}"},
    {"Z=1&O.Y=2&A=3&O.B=4", "{Z:1,O:{Y:2,B:4},A:3}"},
    /* Names at the root are parameters, also when they are numbers. */
    {"1=a&5=b", "{1:a,5:b}"},
    {"AB=1&A.0=2&A-B=3&A%20=4", "{AB:1,A:[2],A-B:3,A :4}"},
    /* Nameless parts are names like any other; no schema knows them. */
    {"A.=1&B..C=2&.=3", "{A:{:1},B:{:{C:2}},:{:3}}"},
};

static void fields_become_the_tree_that_json_would_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++) {
        struct form f = parse(str_from(trees[i].text));
        struct node *tree = NULL;
        struct str key;
        struct buf b;
        assert_int_equal(form_tree(&arena, &f, NULL, &tree, &key), FORM_OK);
        buf_init(&b, &arena, 0, 1000);
        show(&b, tree);
        assert_text(buf_str(&b), trees[i].tree);
    }
}

static const struct {
    const char *text;
    enum form_fault fault;
    const char *key;
} broken[] = {
    {"A=1&A=2", FORM_REPEATED, "A"},
    {"A.B=1&A=2", FORM_REPEATED, "A"},
    {"A.0.B=1&A.0=2", FORM_REPEATED, "A.0"},
    {"A.0=1&A.0=2", FORM_REPEATED, "A.0"},
    {"A.1=x", FORM_ARRAY, "A"},
    {"A.0=x&A.2=y", FORM_ARRAY, "A"},
    {"F.0.V.1=x", FORM_ARRAY, "F.0.V"},
    {"A.0=x&A.B=y", FORM_ARRAY, "A"},
    {"A.0=x&A.=y", FORM_ARRAY, "A"},
    {"A.00=x", FORM_ARRAY, "A"},
    {"A.0=x&A.01=y", FORM_ARRAY, "A"},
    {"A.0=x&A.18446744073709551616=y", FORM_ARRAY, "A"},
    {"A.0=x&A.18446744073709551617=y", FORM_ARRAY, "A"},
    {"A.-1=x&A.0=y", FORM_ARRAY, "A"},
};

static void faults_name_their_parameter(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct form f = parse(str_from(broken[i].text));
        struct node *tree = NULL;
        struct str key = STR("");
        enum form_fault fault = form_tree(&arena, &f, NULL, &tree, &key);
        if (fault != broken[i].fault)
            fail_msg("%s gave %d, not %d", broken[i].text, (int)fault, (int)broken[i].fault);
        assert_text(key, broken[i].key);
        assert_null(tree);
    }
}

static const struct {
    const char *text;
    enum form_fault fault;
} malformed[] = {
    {"A", FORM_NO_EQUALS},      {"{\"test\":1}", FORM_NO_EQUALS}, {"A=1&B", FORM_NO_EQUALS},
    {"=1", FORM_EMPTY_KEY},     {"A=1&=", FORM_EMPTY_KEY},        {"A=%ff", FORM_NOT_UTF8},
    {"%c3=1", FORM_NOT_UTF8},   {"A=\xe6\x95", FORM_NOT_UTF8},    {"A=%00", FORM_NOT_UTF8},
    {"A%00B=1", FORM_NOT_UTF8},
};

static void malformed_texts_have_different_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
        struct form f;
        enum form_fault fault = form_parse(&arena, str_from(malformed[i].text), &f);
        if (fault != malformed[i].fault)
            fail_msg("%s gave %d, not %d", malformed[i].text, (int)fault, (int)malformed[i].fault);
    }
}

static void fields_are_decoded_in_the_order_sent(void **state)
{
    struct form f = parse(STR("b=%E6%95%B0&a+b=c%2Bd+e&%41=%4&b=2"));
    (void)state;
    assert_int_equal(f.n, 4);
    assert_text(f.fields[0].value, "\xe6\x95\xb0");
    assert_text(f.fields[1].key, "a b");
    assert_text(f.fields[1].value, "c+d e");
    assert_text(f.fields[2].key, "A");
    assert_text(f.fields[2].value, "%4");
    assert_ptr_equal(form_find(&f, STR("b")), &f.fields[0]);
    assert_ptr_equal(form_find(&f, STR("A")), &f.fields[2]);
    assert_null(form_find(&f, STR("B")));
}

static void no_text_is_an_empty_form(void **state)
{
    struct form f = parse((struct str){NULL, 0});
    struct node *tree;
    struct str key;
    (void)state;
    assert_int_equal(f.n, 0);
    assert_int_equal(form_tree(&arena, &f, NULL, &tree, &key), FORM_OK);
    assert_int_equal(tree->kind, NODE_OBJECT);
}

static bool is_action(struct str key)
{
    return str_eq(key, STR("Action"));
}

static void skipped_fields_are_neither_used_nor_checked(void **state)
{
    struct form f = parse(STR("Action=a&X=1&Action=b"));
    struct node *tree;
    struct str key;
    (void)state;
    assert_int_equal(form_tree(&arena, &f, is_action, &tree, &key), FORM_OK);
    assert_int_equal(tree->count, 1);
    assert_text(tree->first->name, "X");
}

static void depth_is_limited(void **state)
{
    char text[2 * (LIMIT_JSON_DEPTH + 2) + 1];
    struct node *tree;
    struct str key;
    (void)state;
    for (size_t i = 0; i < LIMIT_JSON_DEPTH + 2; i++)
        memcpy(text + 2 * i, "a.", 2);
    memcpy(text + 2 * LIMIT_JSON_DEPTH, "a=1", 3);
    struct form f = parse((struct str){text, 2 * LIMIT_JSON_DEPTH + 3});
    assert_int_equal(form_tree(&arena, &f, NULL, &tree, &key), FORM_OK);
    memcpy(text + 2 * LIMIT_JSON_DEPTH, "a.b=1", 5);
    f = parse((struct str){text, 2 * LIMIT_JSON_DEPTH + 5});
    assert_int_equal(form_tree(&arena, &f, NULL, &tree, &key), FORM_DEPTH);
    assert_int_equal(key.n, 2 * LIMIT_JSON_DEPTH + 3);
}

static void the_number_of_fields_is_limited(void **state)
{
    struct buf b;
    struct form f;
    (void)state;
    buf_init(&b, &arena, 0, 4 * (LIMIT_NODES + 1));
    for (size_t i = 0; i < LIMIT_NODES; i++)
        buf_put(&b, STR("a=1&"));
    assert_int_equal(form_parse(&arena, buf_str(&b), &f), FORM_OK);
    assert_int_equal(f.n, LIMIT_NODES);
    buf_put(&b, STR("a=1"));
    assert_int_equal(form_parse(&arena, buf_str(&b), &f), FORM_TOO_MANY);
}

/* Anything quadratic would take minutes here; the bound has room for sanitizers and slow machines. */
static void many_elements_in_any_order_are_quick(void **state)
{
    enum { N = 100000, STEP = 31337 }; /* no common divisor: every index comes once */
    struct buf b;
    struct node *tree;
    struct str key;
    (void)state;
    buf_init(&b, &arena, 0, 32 * (size_t)N);
    for (size_t i = 0; i < N; i++)
        buf_printf(&b, "DBNames.%zu=%zu&", i * STEP % N, i * STEP % N);
    struct form f = parse(buf_str(&b));
    int64_t start = clock_mono_ns();
    assert_int_equal(form_tree(&arena, &f, NULL, &tree, &key), FORM_OK);
    assert_in_range((uintmax_t)(clock_mono_ns() - start), 0, UINT64_C(3000000000));
    assert_int_equal(tree->first->count, N);
    uint64_t index = 0;
    for (const struct node *n = tree->first->first; n; n = n->next, index++) {
        uint64_t value = N;
        assert_int_equal(str_to_u64(n->text, &value), 0);
        assert_int_equal(value, index);
    }
}

SUITE(form)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_become_the_tree_that_json_would_be),
        cmocka_unit_test(faults_name_their_parameter),
        cmocka_unit_test(malformed_texts_have_different_faults),
        cmocka_unit_test(fields_are_decoded_in_the_order_sent),
        cmocka_unit_test(no_text_is_an_empty_form),
        cmocka_unit_test(skipped_fields_are_neither_used_nor_checked),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(the_number_of_fields_is_limited),
        cmocka_unit_test(many_elements_in_any_order_are_quick),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
