/* Proves what a call's errors say, in which language, which code a failure of the store gets, and how the
 * envelope looks. */
#include "support/test_world.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gen/sqlserver.h"

/* A call that has come as far as its action. */
static struct call *call_of(struct test_world *t, const char *action, const char *language)
{
    struct test_world_request r = test_world_post(action, "{}");
    test_world_prepare(t, &r);
    t->call.common.language = str_from(language);
    t->call.action = action_find(&product_sqlserver, str_from(action));
    return &t->call;
}

static void a_call_has_an_id_of_its_own(void **state)
{
    struct test_world *t = *state;
    struct call one, two;
    call_init(&one, &t->world, &t->arena);
    call_init(&two, &t->world, &t->arena);
    assert_memory_not_equal(one.request_id, two.request_id, REQUEST_ID_CHARS);
    for (int i = 0; i < REQUEST_ID_CHARS; i++)
        assert_non_null(
            strchr(i == 8 || i == 13 || i == 18 || i == 23 ? "-" : "0123456789abcdef", one.request_id[i]));
    assert_int_equal(one.error, ERR_NONE);
    assert_false(one.changed);
}

static void places_take_their_texts(void **state)
{
    struct test_world *t = *state;
    struct call *c = call_of(t, "CreateBackup", NULL);
    assert_int_equal(call_fail_with(c, ERR_INVALID_ACTION, ARGS(STR("A"), STR("{0}"), STR("B"))), -1);
    assert_text(c->message,
                "The request action=`A` is invalid or not found in service=`{0}` and version=`B`.");
    c->error = ERR_NONE;
    assert_int_equal(call_fail_with(c, ERR_INVALID_ACTION, ARGS(STR("A"))), -1);
    assert_text(c->message,
                "The request action=`A` is invalid or not found in service=`{1}` and version=`{2}`.");
}

/* In a child process, because the assertion ends it. */
static void a_second_error_is_a_bug(void **state)
{
    struct test_world *t = *state;
    struct call *c = call_of(t, "CreateBackup", NULL);
    int status;
    pid_t child = fork();
    if (child == 0) {
        (void)signal(SIGABRT, SIG_DFL);
        (void)freopen("/dev/null", "w", stderr);
        (void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        (void)call_fail(c, ERR_AUTH_FAILURE_SIGNATURE_EXPIRE);
        (void)call_fail(c, ERR_RESOURCE_NOT_FOUND_DB_NOT_FOUND);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void messages_come_in_the_callers_language(void **state)
{
    static const struct {
        const char *language, *message;
    } cases[] = {
        {"zh-CN", "\xe6\x95\xb0\xe6\x8d\xae\xe5\xba\x93\xe4\xb8\x8d\xe5\xad\x98\xe5\x9c\xa8\xe3\x80\x82"},
        {"en-US", "The database does not exist."},
        {NULL, "The database does not exist."},
        {"zh-TW", "The database does not exist."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct call *c = call_of(*state, "CreateBackup", cases[i].language);
        c->error = ERR_NONE;
        assert_int_equal(call_fail(c, ERR_RESOURCE_NOT_FOUND_DB_NOT_FOUND), -1);
        assert_text(c->message, cases[i].message);
    }
}

static void an_internal_error_begins_with_the_ids_end(void **state)
{
    struct test_world *t = *state;
    struct call *c = call_of(t, "CreateBackup", NULL);
    assert_int_equal(call_fail(c, ERR_INTERNAL_ERROR), -1);
    assert_text(str_head(c->message, 44),
                arena_printf(&t->arena, "(%.12s)An internal error has occurred", c->request_id + 24).p);
}

/* What the client sent is quoted, but not at any length. */
static void a_text_without_end_is_left_out(void **state)
{
    struct test_world *t = *state;
    struct call *c = call_of(t, "CreateBackup", NULL);
    char *big = arena_zalloc(&t->arena, 20000);
    memset(big, 'x', 20000);
    (void)call_fail_with(c, ERR_UNKNOWN_PARAMETER, ARGS((struct str){big, 20000}));
    assert_text(c->message, "The parameter `");
}

static void the_store_fails_with_a_declared_code(void **state)
{
    static const struct {
        enum db_fault fault;
        const char *writing, *reading;
    } cases[] = {
        {DB_BUSY, "InternalError.CreateFlowFailed", "InternalError.DBError"},
        {DB_FULL, "InternalError.DBError", "InternalError.DBError"},
        {DB_CONSTRAINT, "InternalError.DBError", "InternalError.DBError"},
        {DB_IO, "InternalError.SystemError", "InternalError.SystemError"},
        {DB_GONE, "InternalError.SystemError", "InternalError.SystemError"},
        {DB_CORRUPT, "InternalError.SystemError", "InternalError.SystemError"},
        {DB_OTHER, "InternalError", "InternalError"},
    };
    struct call *c;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        c = call_of(*state, "CreateBackup", NULL);
        c->error = ERR_NONE;
        assert_int_equal(call_fail_fault(c, cases[i].fault, "why"), -1);
        assert_text(error_table[c->error].code, cases[i].writing);
        c = call_of(*state, "DescribeFlowStatus", NULL);
        c->error = ERR_NONE;
        assert_int_equal(call_fail_fault(c, cases[i].fault, "why"), -1);
        assert_text(error_table[c->error].code, cases[i].reading);
    }
}

static void an_action_that_declares_nothing_fails_internally(void **state)
{
    const struct action bare = {.name = STR_INIT("Bare")};
    struct call *c = call_of(*state, "CreateBackup", NULL);
    c->action = &bare;
    (void)call_fail_fault(c, DB_FULL, "why");
    assert_int_equal(c->error, ERR_INTERNAL_ERROR);
}

/* --- envelopes --- */

static void assert_answer(struct test_world *t, const char *before_id, const char *after_id)
{
    call_answer(&t->call);
    assert_text(t->call.answer,
                arena_printf(&t->arena, "%s%.36s%s", before_id, t->call.request_id, after_id).p);
}

static void an_error_has_code_and_message_only(void **state)
{
    struct test_world *t = *state;
    struct call *c = call_of(t, "CreateBackup", NULL);
    struct create_backup_out out = {.flow_id = I64(1)};
    c->out = &out;
    (void)call_fail_with(c, ERR_UNKNOWN_PARAMETER, ARGS(STR("a\"b\n")));
    assert_answer(t,
                  "{\"Response\":{\"Error\":{\"Code\":\"UnknownParameter\",\"Message\":"
                  "\"The parameter `a\\\"b\\n` is not recognized.\"},\"RequestId\":\"",
                  "\"}}");
}

static void a_result_has_its_fields_and_the_id(void **state)
{
    struct test_world *t = *state;
    struct create_backup_out out = {.flow_id = I64(5293)};
    call_of(t, "CreateBackup", NULL)->out = &out;
    assert_answer(t, "{\"Response\":{\"FlowId\":5293,\"RequestId\":\"", "\"}}");
}

static void a_result_without_fields_is_the_id_alone(void **state)
{
    struct test_world *t = *state;
    static const struct shape none = {.name = "none"};
    static const struct action bare = {.name = STR_INIT("Bare"), .out = &none};
    call_of(t, "CreateBackup", NULL)->action = &bare;
    assert_answer(t, "{\"Response\":{\"RequestId\":\"", "\"}}");
}

static void a_result_past_the_cap_is_an_error(void **state)
{
    struct test_world *t = *state;
    static const struct shape_field field = {.name = STR_INIT("Text"), .type = SHAPE_STRING};
    static const struct shape big = {
        .name = "big", .size = sizeof(struct str), .fields = &field, .n_fields = 1};
    static const struct action action = {.name = STR_INIT("Big"), .out = &big};
    struct str out = {memset(arena_alloc(&t->arena, 9000000), 'x', 9000000), 9000000};
    struct call *c = call_of(t, "CreateBackup", NULL);
    c->action = &action;
    c->out = &out;
    assert_answer(t,
                  "{\"Response\":{\"Error\":{\"Code\":\"ResponseSizeLimitExceeded\",\"Message\":"
                  "\"The response size exceeds the upper limit.\"},\"RequestId\":\"",
                  "\"}}");
}

SUITE(call)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_has_an_id_of_its_own),
        cmocka_unit_test(places_take_their_texts),
        cmocka_unit_test(a_second_error_is_a_bug),
        cmocka_unit_test(messages_come_in_the_callers_language),
        cmocka_unit_test(an_internal_error_begins_with_the_ids_end),
        cmocka_unit_test(a_text_without_end_is_left_out),
        cmocka_unit_test(the_store_fails_with_a_declared_code),
        cmocka_unit_test(an_action_that_declares_nothing_fails_internally),
        cmocka_unit_test(an_error_has_code_and_message_only),
        cmocka_unit_test(a_result_has_its_fields_and_the_id),
        cmocka_unit_test(a_result_without_fields_is_the_id_alone),
        cmocka_unit_test(a_result_past_the_cap_is_an_error),
    };
    return cmocka_run_group_tests(tests, test_world_setup, test_world_teardown);
}
