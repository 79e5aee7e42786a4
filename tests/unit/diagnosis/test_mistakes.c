/* Proves that each row of the table of mistakes declares the stages that it changes, that it changes
 * something, and that a mistake is impossible where the request lacks the text it is made of. */
#include "support/test_world.h"

#include "diagnosis/case.h"
#include "diagnosis/mistake.h"

enum { STAGES = 4 };

/* The texts of the four stages, each made from the right results of the stages before it. */
struct stage_texts {
    struct str text[STAGES];
};

static struct stage_texts texts_of(struct diagnosis_case *dc, const struct signing *r)
{
    struct arena *a = dc->arena;
    struct signing_key key;
    uint8_t mac[SHA256_BYTES];
    struct stage_texts t;
    signing_make_key(a, &r->key, &key);
    signing_sign(r, &key, STR("x"), mac);
    t.text[0] = signing_payload(a, r);
    t.text[1] = signing_digest(a, r, signing_canonical(a, r, &dc->call->request, STR("payload")));
    t.text[2] = signing_string(a, r, STR("digest"));
    t.text[3] = hex_text(a, mac, sizeof mac);
    return t;
}

static const struct mistake *mistake(const char *id)
{
    for (size_t i = 0; i < n_mistakes; i++)
        if (str_eq(mistakes[i].finding.id, str_from(id)))
            return &mistakes[i];
    fail_msg("no mistake %s", id);
    return NULL;
}

static void begin(struct test_world *t, struct diagnosis_case *dc, struct test_world_request r)
{
    r.key = "an unknown key";
    (void)test_world_run(t, &r);
    assert_int_equal(case_init(dc, &t->call), 0);
}

/* A stage is made again for a mistake only where its row says so. */
static void assert_stages(struct diagnosis_case *dc, const struct mistake *m, const struct signing *r)
{
    const struct stage_texts right = texts_of(dc, &dc->right), wrong = texts_of(dc, r);
    for (unsigned i = 0; i < STAGES; i++)
        if (!(m->stages & 1U << i) && !str_eq(right.text[i], wrong.text[i]))
            fail_msg("%.*s changes stage %u", STR_ARG(m->finding.id), i);
}

static void each_row_declares_its_stages(void **state)
{
    struct test_world *t = *state;
    struct diagnosis_case dc;
    size_t possible = 0;
    begin(t, &dc, test_world_post("CreateBackup", "{\"InstanceId\": \"\xe4\xb8\xad/<\", \"A\":1}"));
    for (size_t i = 0; i < n_mistakes; i++)
        for (size_t k = 0; k < mistakes[i].variants && mistakes[i].v3; k++) {
            struct signing r = dc.right;
            if (!mistake_apply(&dc, &mistakes[i], k, &r))
                continue;
            assert_stages(&dc, &mistakes[i], &r);
            possible++;
        }
    assert_in_range(possible, 1000, 1200);
    case_done(&dc);
}

static bool is_possible(struct diagnosis_case *dc, const char *id, size_t variant)
{
    struct signing r = dc->right;
    return mistake_apply(dc, mistake(id), variant, &r);
}

static void a_change_to_the_right_value_is_no_mistake(void **state)
{
    struct test_world *t = *state;
    struct diagnosis_case dc;
    begin(t, &dc, test_world_post("CreateBackup", "{\"A\":1}"));
    assert_false(is_possible(&dc, "sig.content-type-other", 0));
    assert_true(is_possible(&dc, "sig.content-type-other", 1));
    assert_false(is_possible(&dc, "sig.payload-compact", 0));
    assert_true(is_possible(&dc, "sig.payload-spaced", 0));
    assert_false(is_possible(&dc, "sig.host-port", 0));
    case_done(&dc);
}

static void a_mistake_needs_the_text_it_is_made_of(void **state)
{
    struct test_world *t = *state;
    struct diagnosis_case dc;
    begin(t, &dc, test_world_post("CreateBackup", "{\"A\":1}"));
    assert_false(is_possible(&dc, "sig.query-sorted", 0));
    assert_false(is_possible(&dc, "sig.host-target", 0));
    assert_true(is_possible(&dc, "sig.payload-encoding", 0));
    assert_false(is_possible(&dc, "sig.payload-encoding", 2));
    assert_false(is_possible(&dc, "sig.date-header", 0));
    case_done(&dc);
    begin(t, &dc, test_world_get("CreateBackup", "b=2&a=1"));
    assert_true(is_possible(&dc, "sig.query-sorted", 0));
    assert_false(is_possible(&dc, "sig.query-body", 0));
    case_done(&dc);
}

static void a_value_is_made_of_the_text_of_the_request(void **state)
{
    struct test_world *t = *state;
    struct diagnosis_case dc;
    begin(t, &dc, test_world_post("CreateBackup", "{}"));
    struct signing r = dc.right;
    assert_true(mistake_apply(&dc, mistake("sig.host-scheme"), 2, &r));
    assert_text(r.host, "http://" TEST_HOST "/");
    assert_true(mistake_apply(&dc, mistake("sig.secret-quotes"), 0, &r));
    assert_text(r.key.before, "\"");
    assert_text(r.key.after, "\"");
    assert_text(dc.right.host, TEST_HOST);
    case_done(&dc);
}

SUITE(mistakes)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_row_declares_its_stages, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_change_to_the_right_value_is_no_mistake, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_mistake_needs_the_text_it_is_made_of, test_world_setup,
                                        test_world_teardown),
        cmocka_unit_test_setup_teardown(a_value_is_made_of_the_text_of_the_request, test_world_setup,
                                        test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
