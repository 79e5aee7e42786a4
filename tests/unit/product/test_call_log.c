/* Proves the line that the log gets about a call: what is shown of it, and that a client cannot break it. */
#include "support/test_world.h"

#include <stdio.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"

static FILE *caught;
static int real_stderr;

static int setup(void **state)
{
    int rc = test_world_setup(state);
    log_setup(LOG_TEXT, LOG_INFO);
    caught = tmpfile();
    real_stderr = dup(STDERR_FILENO);
    return rc == 0 && caught && dup2(fileno(caught), STDERR_FILENO) == STDERR_FILENO ? 0 : -1;
}

static int teardown(void **state)
{
    log_flush();
    (void)dup2(real_stderr, STDERR_FILENO);
    close(real_stderr);
    fclose(caught);
    return test_world_teardown(state);
}

/* What the log got about the last call, as it is. */
static char *logged(struct test_world *t)
{
    static char text[2 * LIMIT_LOG_LINE];
    assert_int_equal(ftruncate(fileno(caught), 0), 0);
    (void)lseek(fileno(caught), 0, SEEK_SET);
    call_log(&t->call);
    log_flush();
    ssize_t n = pread(fileno(caught), text, sizeof text - 1, 0);
    assert_true(n >= 0);
    text[n] = '\0';
    return text;
}

/* Says the line about the last call. The first "N.Nms" becomes "Tms", and the RequestId "ID". */
static const char *line_of(struct test_world *t)
{
    char *text = logged(t);
    size_t mark = t->call.injected.p && log_get_format() == LOG_TEXT ? t->call.injected.n + strlen(" []") : 0;
    struct str id = {t->call.request_id, REQUEST_ID_CHARS};
    char *at = strstr(text, arena_cstr(&t->arena, id));
    if (at) {
        assert_int_equal(strlen(at), REQUEST_ID_CHARS + (log_get_format() == LOG_JSON ? 3u : 1u) + mark);
        memmove(at + 2, at + REQUEST_ID_CHARS, strlen(at + REQUEST_ID_CHARS) + 1);
        memcpy(at, "ID", 2);
    }
    return text;
}

/* The same without the duration, which lies between `before` and the text after it. */
static void assert_line(struct test_world *t, const char *before, const char *after)
{
    const char *line = line_of(t);
    size_t n = strlen(line), head = strlen(before), tail = strlen(after);
    assert_true(n > head + tail);
    assert_memory_equal(line, before, head);
    assert_string_equal(line + n - tail, after);
    assert_int_equal(strspn(line + head, "0123456789."), n - head - tail);
}

static void a_result_is_shown(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, "{\"InstanceId\":\"" TEST_INSTANCE "\"}"), "");
    assert_line(t, "sqlserver.CreateBackup => FlowId=5293 ", "ms rid=ID\n");
}

static void an_error_is_shown(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, "{\"X\":1}"), "UnknownParameter");
    assert_line(t, "sqlserver.CreateBackup => UnknownParameter The parameter `X` is not recognized. ",
                "ms rid=ID\n");
}

/* The reader of the log need not know the client's language. */
static void an_error_is_shown_in_english(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r = test_world_post("CreateBackup", "{\"X\":1}");
    r.language = "zh-CN";
    assert_string_equal(test_world_run(t, &r), "UnknownParameter");
    assert_true(str_starts(t->call.message, STR("\xe6\x9c\xaa"))); /* the client got its own */
    assert_line(t, "sqlserver.CreateBackup => UnknownParameter The parameter `X` is not recognized. ",
                "ms rid=ID\n");
}

/* Errno is null in the answer, and no number. */
static void what_the_answer_lacks_is_not_shown(void **state)
{
    struct test_world *t = *state;
    struct test_world_request r =
        test_world_post("ModifyBackupStrategy", "{\"InstanceId\":\"" TEST_INSTANCE "\"}");
    assert_string_equal(test_world_run(t, &r), "");
    assert_line(t, "sqlserver.ModifyBackupStrategy => Code=0 ", "ms rid=ID\n");
}

/* The answer names neither the parameter nor the rule. */
static void the_cause_of_a_rejection_is_below_the_line_or_in_it(void **state)
{
    struct test_world *t = *state;
    const char *body = "{\"InstanceId\":\"x\",\"Strategy\":2}";
    assert_string_equal(test_world_backup(t, body), "InvalidParameter.InputIllegal");
    assert_true(str_ends(str_from(logged(t)), STR("\n  why: parameter.rule Strategy must be from 0 to 1\n")));
    log_setup(LOG_JSON, LOG_INFO);
    assert_non_null(
        strstr(logged(t), ",\"why\":\"parameter.rule\",\"why_text\":\"Strategy must be from 0 to 1\","));
}

static void a_download_has_a_line(void **state)
{
    struct test_world *t = *state;
    call_init(&t->call, &t->world, &t->arena);
    t->call.start_ns = clock_mono_ns();
    t->call.request.method = STR("GET");
    t->call.answer = STR("12345");
    call_log_download(&t->call, 403);
    t->call.file_name = STR("a.bak");
    call_log_download(&t->call, 200);
    t->call.request.method = STR("HEAD");
    call_log_download(&t->call, 200);
    t->call.message = STR("no \"such\"");
    call_log_download(&t->call, 404);
    log_setup(LOG_JSON, LOG_INFO);
    call_log_download(&t->call, 404);
    log_setup(LOG_JSON, LOG_WARN);
    call_log_download(&t->call, 200);
    log_flush();
    char text[1024] = {0};
    assert_true(pread(fileno(caught), text, sizeof text - 1, 0) > 0);
    double ms[5];
    int end = 0;
    (void)sscanf(text,
                 "download ? => 403 5 bytes %lfms\ndownload a.bak => 200 5 bytes %lfms\n"
                 "download a.bak => 200 0 bytes %lfms\ndownload a.bak => 404 0 bytes no \"such\" "
                 "%lfms\n{\"level\":\"info\",\"download\":\"a.bak\",\"status\":404,"
                 "\"bytes\":0,\"message\":\"no \\\"such\\\"\",\"ms\":%lf}%n",
                 &ms[0], &ms[1], &ms[2], &ms[3], &ms[4], &end);
    assert_int_equal(end + 1, strlen(text));
}

static void json_lines_name_the_step(void **state)
{
    struct test_world *t = *state;
    log_setup(LOG_JSON, LOG_INFO);
    assert_string_equal(test_world_backup(t, "{\"X\":1}"), "UnknownParameter");
    assert_line(t,
                "{\"level\":\"info\",\"product\":\"sqlserver\",\"action\":\"CreateBackup\","
                "\"code\":\"UnknownParameter\",\"message\":\"The parameter `X` is not recognized.\","
                "\"step\":\"decode\",\"ms\":",
                ",\"request_id\":\"ID\"}\n");
}

static void json_lines_show_results(void **state)
{
    struct test_world *t = *state;
    log_setup(LOG_JSON, LOG_INFO);
    assert_string_equal(test_world_backup(t, "{\"InstanceId\":\"" TEST_INSTANCE "\"}"), "");
    assert_line(t,
                "{\"level\":\"info\",\"product\":\"sqlserver\",\"action\":\"CreateBackup\","
                "\"result\":\"FlowId=5293\",\"ms\":",
                ",\"request_id\":\"ID\"}\n");
}

static void what_a_client_sends_stays_on_its_line(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, "{\"a\\nb\\u001b\":1}"), "UnknownParameter");
    assert_line(t, "sqlserver.CreateBackup => UnknownParameter The parameter `a?b?` is not recognized. ",
                "ms rid=ID\n");
}

/* An action that is no name is not shown, neither as such nor in a message of ours. */
static void assert_action_shown(struct test_world *t, const char *action, const char *shown)
{
    struct test_world_request r = test_world_post(action, "{}");
    r.method = "PUT";
    (void)test_world_run(t, &r);
    t->call.common.action = str_from(action);
    assert_line(
        t,
        arena_printf(&t->arena,
                     "sqlserver.%s => UnsupportedProtocol HTTP(S) request protocol error; only GET and POST"
                     " requests are supported. ",
                     shown)
            .p,
        "ms rid=ID\n");
}

static void an_unknown_action_is_shown(void **state)
{
    assert_action_shown(*state, "DropAll", "DropAll");
}

static void rubbish_is_not_shown_as_an_action(void **state)
{
    assert_action_shown(*state, "a b", "?");
}

static void no_action_is_shown_as_such(void **state)
{
    assert_action_shown(*state, NULL, "?");
}

static void a_long_action_is_not_shown(void **state)
{
    assert_action_shown(*state, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "?");
}

/* Cut at 1024 bytes or, since a character of two bytes may lie there, one before. */
static void a_long_message_is_cut_between_characters(void **state)
{
    struct test_world *t = *state;
    struct str start = STR("The request action=`");
    char *name = arena_zalloc(&t->arena, 3001);
    for (size_t i = 0; i < 3000; i += 2)
        memcpy(name + i, "\xc3\xa4", 2);
    struct test_world_request r = test_world_post(name, "{}");
    assert_string_equal(test_world_run(t, &r), "InvalidAction");
    int whole = (int)((1024 - start.n) / 2 * 2);
    assert_line(t, arena_printf(&t->arena, "sqlserver.? => InvalidAction %s%.*s ", start.p, whole, name).p,
                "ms rid=ID\n");
}

static void injected_calls_are_marked(void **state)
{
    struct test_world *t = *state;
    struct fault_rule page = {.count = I64(1), .http_status = I64(502)};
    struct fault_rule closes = {.count = I64(1), .close = STR("before")};
    (void)fault_add(&t->world.faults, &page, NULL, ERR_NONE);
    (void)fault_add(&t->world.faults, &closes, NULL, ERR_NONE);
    (void)test_world_backup(t, "{\"InstanceId\":\"x\"}");
    assert_line(t, "sqlserver.CreateBackup => HTTP 502 ", "ms rid=ID [fault 1]\n");
    (void)test_world_backup(t, "{\"InstanceId\":\"x\"}");
    assert_line(t, "sqlserver.CreateBackup => closed ", "ms rid=ID [fault 2]\n");
    (void)test_world_backup(t, "{\"InstanceId\":\"mssql-dberror0\"}");
    assert_line(t, "sqlserver.CreateBackup => InternalError.DBError Database error ",
                "ms rid=ID [magic mssql-dberror0]\n");
}

static void json_lines_name_what_was_injected(void **state)
{
    struct test_world *t = *state;
    struct fault_rule rule = {.http_status = I64(502)};
    (void)fault_add(&t->world.faults, &rule, NULL, ERR_NONE);
    log_setup(LOG_JSON, LOG_INFO);
    (void)test_world_backup(t, "{\"InstanceId\":\"x\"}");
    assert_non_null(strstr(line_of(t), "\"result\":\"HTTP 502\",\"injected\":\"fault 1\","));
}

static void the_explanation_is_below_the_line_or_in_it(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, "{\"X\":1}"), "UnknownParameter");
    t->call.explanation.cause = STR("sig.x");
    t->call.explanation.evidence = STR("cause; fix");
    assert_true(str_ends(str_from(logged(t)), STR("\n  why: sig.x cause; fix\n")));
}

static void the_explanation_is_a_member_of_a_json_line(void **state)
{
    struct test_world *t = *state;
    char text[2048];
    log_setup(LOG_JSON, LOG_INFO);
    assert_string_equal(test_world_backup(t, "{\"X\":1}"), "UnknownParameter");
    memset(text, 'x', sizeof text);
    memcpy(text + 1023, "\xc3\xa9", 2); /* the cut falls into this character */
    t->call.explanation.cause = STR("sig.x");
    t->call.explanation.evidence = (struct str){text, sizeof text};
    const char *line = line_of(t), *problem = strstr(line, ",\"why\":\"sig.x\",\"why_text\":\"x");
    assert_non_null(problem);
    assert_null(strchr(line, '\xc3'));
    assert_non_null(strstr(problem, "x\",\"ms\":"));
}

static void a_quiet_log_gets_no_line(void **state)
{
    struct test_world *t = *state;
    log_setup(LOG_TEXT, LOG_WARN);
    assert_string_equal(test_world_backup(t, "{\"X\":1}"), "UnknownParameter");
    assert_string_equal(line_of(t), "");
}

/* A terminal obeys C1 as it does an escape; a mark of direction makes a text look like another one. */
static void what_a_terminal_obeys_is_hidden(void **state)
{
    struct test_world *t = *state;
    assert_string_equal(test_world_backup(t, "{}"), "InvalidParameter.ParamsAssertFailed");
    t->call.message = t->call.english = STR("a\xc2\x9b"
                                            "2J\xe2\x80\xae"
                                            "b\xff \xe6\x95\xb0");
    t->call.injected = STR("f\xc2\x9b");
    for (int format = 0; format < 2; format++) {
        log_setup(format ? LOG_JSON : LOG_TEXT, LOG_INFO);
        const char *line = logged(t);
        assert_non_null(strstr(line, "a??2J???b? \xe6\x95\xb0"));
        assert_non_null(strstr(line, format ? "\"f??\"" : "[f??]"));
    }
}

SUITE(call_log)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_result_is_shown, setup, teardown),
        cmocka_unit_test_setup_teardown(an_error_is_shown, setup, teardown),
        cmocka_unit_test_setup_teardown(json_lines_name_the_step, setup, teardown),
        cmocka_unit_test_setup_teardown(json_lines_show_results, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_client_sends_stays_on_its_line, setup, teardown),
        cmocka_unit_test_setup_teardown(an_unknown_action_is_shown, setup, teardown),
        cmocka_unit_test_setup_teardown(rubbish_is_not_shown_as_an_action, setup, teardown),
        cmocka_unit_test_setup_teardown(no_action_is_shown_as_such, setup, teardown),
        cmocka_unit_test_setup_teardown(a_long_action_is_not_shown, setup, teardown),
        cmocka_unit_test_setup_teardown(a_long_message_is_cut_between_characters, setup, teardown),
        cmocka_unit_test_setup_teardown(injected_calls_are_marked, setup, teardown),
        cmocka_unit_test_setup_teardown(json_lines_name_what_was_injected, setup, teardown),
        cmocka_unit_test_setup_teardown(the_explanation_is_below_the_line_or_in_it, setup, teardown),
        cmocka_unit_test_setup_teardown(the_explanation_is_a_member_of_a_json_line, setup, teardown),
        cmocka_unit_test_setup_teardown(an_error_is_shown_in_english, setup, teardown),
        cmocka_unit_test_setup_teardown(what_the_answer_lacks_is_not_shown, setup, teardown),
        cmocka_unit_test_setup_teardown(the_cause_of_a_rejection_is_below_the_line_or_in_it, setup, teardown),
        cmocka_unit_test_setup_teardown(a_download_has_a_line, setup, teardown),
        cmocka_unit_test_setup_teardown(a_quiet_log_gets_no_line, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_terminal_obeys_is_hidden, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
