/* Proves to which matching calls a rule applies, and that rules are added, stay in order and are removed. */
#include "support/texts.h"

#include <stdio.h>

#include "base/limits.h"
#include "core/fault.h"
#include "wire/json.h"

/* To which of the calls the rule applies, as "..x.x". */
static const char *applied(struct fault_rule rule, size_t calls)
{
    static char text[64];
    struct fault f = {.rule = rule};
    struct rng rng;
    rng_seed(&rng, 1);
    for (size_t i = 0; i < calls; i++)
        text[i] = fault_applies(&f, &rng) ? 'x' : '.';
    text[calls] = '\0';
    assert_int_equal(f.rule.seen.v, calls);
    return text;
}

static void a_rule_says_which_calls(void **state)
{
    const struct {
        struct fault_rule rule;
        const char *calls;
    } cases[] = {
        {{.id = I64(1)}, "xxxxxxxx"},
        {{.first = I64(2)}, "xx......"},
        {{.after = I64(3)}, "...xxxxx"},
        {{.every = I64(3)}, "..x..x.."},
        {{.count = I64(1)}, "x......."},
        {{.after = I64(1), .first = I64(2)}, ".xx....."},
        {{.after = I64(1), .every = I64(2)}, "..x.x.x."},
        {{.every = I64(2), .count = I64(2)}, ".x.x...."},
        {{.first = I64(5), .every = I64(2)}, ".x.x...."},
        {{.after = I64(INT64_MAX)}, "........"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(applied(cases[i].rule, 8), cases[i].calls);
}

static void chance_comes_from_the_seed(void **state)
{
    struct fault f = {.rule = {.probability = F64(0.25)}};
    struct rng rng, again;
    (void)state;
    rng_seed(&rng, 7);
    rng_seed(&again, 7);
    struct fault same = f;
    for (int i = 0; i < 4000; i++)
        assert_int_equal(fault_applies(&f, &rng), fault_applies(&same, &again));
    assert_in_range(f.rule.hits.v, 900, 1100);
    assert_int_equal(f.rule.hits.v, same.rule.hits.v);
}

/* So that a rule of no chance does not change the ids of the calls. */
static void certainty_draws_nothing(void **state)
{
    struct fault f = {.rule = {.id = I64(1)}};
    struct rng rng, untouched;
    (void)state;
    rng_seed(&rng, 1);
    untouched = rng;
    assert_true(fault_applies(&f, &rng));
    assert_memory_equal(&rng, &untouched, sizeof rng);
}

static void rules_are_copied_and_numbered(void **state)
{
    char region[] = "ap-guangzhou";
    struct arena a;
    arena_init(&a);
    struct node *params = node_new(&a, NODE_OBJECT), *value = node_new(&a, NODE_NUMBER);
    value->number = 7;
    node_add(params, STR("Number"), value);
    struct fault_rule rule = {
        .region = str_from(region), .params = params, .seen = I64(9), .delay_ms = I64(0), .truncate = I64(0)};
    struct faults l = {0};
    (void)state;
    const struct fault *f = fault_add(&l, &rule, NULL, ERR_NONE);
    region[0] = 'X';
    value->number = 8;
    assert_text(f->rule.region, "ap-guangzhou");
    assert_text(f->rule.params->first->name, "Number");
    assert_text(f->rule.params->first->text, "7");
    assert_null(f->rule.trace.p);
    assert_false(f->rule.delay_ms.set);
    assert_true(f->rule.truncate.set);
    assert_true(f->effect.truncates);
    assert_int_equal(f->rule.id.v, 1);
    assert_int_equal(f->rule.seen.v, 0);
    assert_int_equal(fault_add(&l, &rule, NULL, ERR_NONE)->rule.id.v, 2);
    assert_ptr_equal(fault_find(&l, 1), f);
    assert_ptr_equal(l.first, f);
    assert_int_equal(fault_clear(&l), 2);
    arena_done(&a);
}

static void removed_rules_are_gone_for_good(void **state)
{
    struct fault_rule rule = {.delay_ms = I64(1)};
    struct faults l = {0};
    (void)state;
    for (int i = 0; i < 3; i++)
        (void)fault_add(&l, &rule, NULL, ERR_NONE);
    assert_true(fault_remove(&l, 2));
    assert_false(fault_remove(&l, 2));
    assert_false(fault_remove(&l, 0));
    assert_null(fault_find(&l, 2));
    assert_int_equal(l.first->next->rule.id.v, 3);
    assert_true(fault_remove(&l, 3));
    assert_int_equal(fault_add(&l, &rule, NULL, ERR_NONE)->rule.id.v, 4); /* an id is never reused */
    assert_int_equal(fault_clear(&l), 2);
    assert_int_equal(fault_clear(&l), 0);
}

static void their_number_is_bounded(void **state)
{
    struct fault_rule rule = {.delay_ms = I64(1)};
    struct faults l = {0};
    (void)state;
    for (int i = 0; i < LIMIT_FAULTS; i++)
        assert_non_null(fault_add(&l, &rule, NULL, ERR_NONE));
    assert_null(fault_add(&l, &rule, NULL, ERR_NONE));
    assert_true(fault_remove(&l, 1));
    assert_non_null(fault_add(&l, &rule, NULL, ERR_NONE));
    assert_int_equal(fault_clear(&l), LIMIT_FAULTS);
}

static void the_edge_has_pages(void **state)
{
    (void)state;
    static const char *const titles[] = {"500 Internal Server Error", "501 Not Implemented",
                                         "502 Bad Gateway", "503 Service Temporarily Unavailable",
                                         "504 Gateway Time-out"};
    for (int status = 500; status <= 504; status++) {
        const char *title = titles[status - 500];
        char page[256];
        (void)snprintf(
            page, sizeof page,
            "<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n<center><h1>%s</h1></center>\r\n"
            "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
            title, title);
        assert_text(fault_page(status), page);
    }
    assert_int_equal(fault_page(0).n, 0);
    assert_int_equal(fault_page(499).n, 0);
    assert_int_equal(fault_page(505).n, 0);
}

SUITE(fault)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_says_which_calls),
        cmocka_unit_test(chance_comes_from_the_seed),
        cmocka_unit_test(certainty_draws_nothing),
        cmocka_unit_test(rules_are_copied_and_numbered),
        cmocka_unit_test(removed_rules_are_gone_for_good),
        cmocka_unit_test(their_number_is_bounded),
        cmocka_unit_test(the_edge_has_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
