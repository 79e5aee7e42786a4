/* Proves which of the calls that a rule is for it strikes, and that rules come, stay in order and go. */
#include "support/texts.h"

#include <stdio.h>

#include "base/limits.h"
#include "core/fault.h"

/* Strikes among so many calls, as "..x.x". */
static const char *struck(struct fault_when when, size_t calls)
{
    static char text[64];
    struct fault f = {.when = when};
    struct rng rng;
    rng_seed(&rng, 1);
    for (size_t i = 0; i < calls; i++)
        text[i] = fault_applies(&f, &rng) ? 'x' : '.';
    text[calls] = '\0';
    assert_int_equal(f.seen, calls);
    return text;
}

static void a_rule_says_which_calls(void **state)
{
    static const struct {
        struct fault_when when;
        const char *calls;
    } cases[] = {
        {{.probability = 1}, "xxxxxxxx"},
        {{.probability = 1, .first = 2}, "xx......"},
        {{.probability = 1, .after = 3}, "...xxxxx"},
        {{.probability = 1, .every = 3}, "..x..x.."},
        {{.probability = 1, .count = 1}, "x......."},
        {{.probability = 1, .after = 1, .first = 2}, ".xx....."},
        {{.probability = 1, .after = 1, .every = 2}, "..x.x.x."},
        {{.probability = 1, .every = 2, .count = 2}, ".x.x...."},
        {{.probability = 1, .first = 5, .every = 2}, ".x.x...."},
        {{.probability = 1, .after = INT64_MAX}, "........"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(struck(cases[i].when, 8), cases[i].calls);
}

static void chance_comes_from_the_seed(void **state)
{
    struct fault f = {.when = {.probability = 0.25}};
    struct rng rng, again;
    (void)state;
    rng_seed(&rng, 7);
    rng_seed(&again, 7);
    struct fault same = f;
    for (int i = 0; i < 4000; i++)
        assert_int_equal(fault_applies(&f, &rng), fault_applies(&same, &again));
    assert_in_range(f.hits, 900, 1100);
    assert_int_equal(f.hits, same.hits);
}

/* So that a rule of no chance does not change the ids of the calls. */
static void certainty_draws_nothing(void **state)
{
    struct fault f = {.when = {.probability = 1}};
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
    struct fault_param param = {STR("InstanceId"), {region, 2}};
    struct fault rule = {.match = {.region = str_from(region), .params = &param, .n_params = 1}, .seen = 9};
    struct faults l = {0};
    (void)state;
    const struct fault *f = fault_add(&l, &rule);
    region[0] = 'X';
    assert_text(f->match.region, "ap-guangzhou");
    assert_text(f->match.params[0].value, "ap");
    assert_null(f->match.trace.p);
    assert_int_equal(f->id, 1);
    assert_int_equal(f->seen, 0);
    assert_int_equal(fault_add(&l, &rule)->id, 2);
    assert_ptr_equal(fault_find(&l, 1), f);
    assert_ptr_equal(l.first, f);
    assert_int_equal(fault_clear(&l), 2);
}

static void removed_rules_are_gone_for_good(void **state)
{
    struct fault rule = {.when = {.probability = 1}};
    struct faults l = {0};
    (void)state;
    for (int i = 0; i < 3; i++)
        (void)fault_add(&l, &rule);
    assert_true(fault_remove(&l, 2));
    assert_false(fault_remove(&l, 2));
    assert_false(fault_remove(&l, 0));
    assert_null(fault_find(&l, 2));
    assert_int_equal(l.first->next->id, 3);
    assert_true(fault_remove(&l, 3));
    assert_int_equal(fault_add(&l, &rule)->id, 4); /* a number is never given again */
    assert_int_equal(fault_clear(&l), 2);
    assert_int_equal(fault_clear(&l), 0);
}

static void their_number_is_bounded(void **state)
{
    struct fault rule = {.when = {.probability = 1}};
    struct faults l = {0};
    (void)state;
    for (int i = 0; i < LIMIT_FAULTS; i++)
        assert_non_null(fault_add(&l, &rule));
    assert_null(fault_add(&l, &rule));
    assert_true(fault_remove(&l, 1));
    assert_non_null(fault_add(&l, &rule));
    assert_int_equal(fault_clear(&l), LIMIT_FAULTS);
}

static void the_edge_has_three_pages(void **state)
{
    (void)state;
    for (int status = 502; status <= 504; status++) {
        struct str page = fault_page(status);
        char title[32];
        (void)snprintf(title, sizeof title, "<title>%d ", status);
        assert_true(str_starts(str_skip(page, str_find(page, '\n') + 7), str_from(title)));
        assert_true(str_ends(page, STR("</html>\r\n")));
    }
    assert_int_equal(fault_page(0).n, 0);
    assert_int_equal(fault_page(500).n, 0);
}

SUITE(fault)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_says_which_calls),         cmocka_unit_test(chance_comes_from_the_seed),
        cmocka_unit_test(certainty_draws_nothing),         cmocka_unit_test(rules_are_copied_and_numbered),
        cmocka_unit_test(removed_rules_are_gone_for_good), cmocka_unit_test(their_number_is_bounded),
        cmocka_unit_test(the_edge_has_three_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
