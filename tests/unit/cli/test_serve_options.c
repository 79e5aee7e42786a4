/* Proves what each option of `virga serve` becomes, and which values are rejected. */
#include "support/texts.h"

#include <stdlib.h>

#include "cli/serve_options.h"
#include "core/flow.h"
#include "gen/sqlserver_flows.h"

static struct serve_options o;

static int setup(void **state)
{
    (void)state;
    o = (struct serve_options){.memory = false};
    arena_init(&o.session.arena);
    serve_options_init(&o.session);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&o.session.arena);
    return 0;
}

/* Reads one option with its value, or nothing; "" when it is valid, else the problem. */
static const char *given(const char *name, const char *value)
{
    const struct command *serve = command_find(STR("serve"));
    struct option_reader r = {.table = &serve->options, .target = &o, .arena = &o.session.arena};
    char *argv[] = {(char *)(uintptr_t)name, (char *)(uintptr_t)value, NULL};
    return options_read(&r, argv) == 0 ? "" : arena_cstr(&o.session.arena, r.problem);
}

static void defaults_are_these(void **state)
{
    (void)state;
    setenv("XDG_STATE_HOME", "/state", 1);
    assert_string_equal(given(NULL, NULL), "");
    assert_int_equal(serve_options_finish(&o), 0);
    assert_null(o.settings.host.p);
    assert_string_equal(o.http.host, "127.0.0.1");
    assert_int_equal(o.http.port, 8328);
    assert_false(o.tls);
    assert_null(o.ca_dir);
    assert_null(o.http.unix_path);
    assert_string_equal(o.settings.db_path, "/state/virga/virga.db");
    assert_null(o.settings.world_path);
    assert_null(o.session.endpoints_path);
    assert_false(o.memory || o.quiet || o.settings.seeded || o.settings.clock_frozen || o.settings.limit_off);
    assert_int_equal(o.settings.flow_ms[FLOW_KIND_BACKUP], 2000);
    assert_int_equal(o.settings.flow_ms[FLOW_KIND_AUTOBACKUP], 0); /* no test fails because it is midnight */
    assert_int_equal(o.log_format, LOG_TEXT);
    assert_null(o.settings.journal_path);
    assert_int_equal(o.settings.journal_calls, 10000);
    assert_int_equal(o.settings.journal_bytes, 64 * 1024 * 1024);
}

static void the_journal_has_bounds(void **state)
{
    (void)state;
    assert_string_equal(given("--journal", "j.db"), "");
    assert_string_equal(o.settings.journal_path, "j.db");
    assert_string_equal(given("--journal-bytes", "1000"), "");
    assert_int_equal(o.settings.journal_bytes, 1000);
    assert_string_equal(given("--journal-calls", "0"), "");
    assert_int_equal(o.settings.journal_calls, 0);
    assert_true(*given("--journal", ""));
    assert_true(*given("--journal-calls", "-1"));
    assert_true(*given("--journal-calls", "1000001"));
    assert_true(*given("--journal-bytes", "1M"));
}

static void texts_are_taken_as_they_are(void **state)
{
    (void)state;
    assert_string_equal(given("--host", "::1"), "");
    assert_string_equal(o.http.host, "::1");
    assert_int_equal(serve_options_finish(&o), 0);
    assert_text(o.settings.host, "::1");
    assert_string_equal(given("--db", "/tmp/x.db"), "");
    assert_string_equal(given("--world", "w.json"), "");
    assert_string_equal(given("--ca-dir", "ca"), "");
    assert_string_equal(given("--unix-socket", "s"), "");
    assert_string_equal(given("--endpoints-file", "e.json"), "");
    assert_string_equal(o.settings.db_path, "/tmp/x.db");
    assert_string_equal(o.settings.world_path, "w.json");
    assert_string_equal(o.session.endpoints_path, "e.json");
    assert_string_equal(o.ca_dir, "ca");
    assert_string_equal(o.http.unix_path, "s");
    assert_false(o.tls); /* a folder alone asks for nothing */
}

static void switches_turn_on(void **state)
{
    (void)state;
    assert_string_equal(given("--memory", NULL), "");
    assert_string_equal(given("--quiet", NULL), "");
    assert_true(o.memory && o.quiet);
    assert_string_equal(given("--log-format", "json"), "");
    assert_int_equal(o.log_format, LOG_JSON);
    assert_string_equal(given("--log-format", "text"), "");
    assert_int_equal(o.log_format, LOG_TEXT);
}

static void magic_can_be_switched_off(void **state)
{
    (void)state;
    assert_false(o.settings.no_magic);
    assert_string_equal(given("--no-magic", NULL), "");
    assert_true(o.settings.no_magic);
}

static void the_log_has_four_levels(void **state)
{
    (void)state;
    assert_false(o.log_level_given);
    assert_string_equal(given("--quiet", NULL), "");
    assert_int_equal(serve_options_finish(&o), 0);
    assert_int_equal(o.log_level, LOG_WARN);
    assert_string_equal(given("--log-level", "debug"), "");
    assert_int_equal(o.log_level, LOG_DEBUG);
    assert_true(o.log_level_given);
    assert_string_equal(given("--log-level", "error"), "");
    assert_int_equal(o.log_level, LOG_ERROR);
    assert_string_equal(given("--log-level", "loud"), "--log-level loud: expects debug, info, warn or error");
}

static void strictness_is_a_switch(void **state)
{
    (void)state;
    assert_false(o.settings.strict);
    assert_string_equal(given("--strict", NULL), "");
    assert_true(o.settings.strict);
}

static void the_doctor_is_asked_for_more(void **state)
{
    (void)state;
    assert_string_equal(given(NULL, NULL), "");
    assert_int_equal(o.settings.doctor_per_second, 20);
    assert_false(o.settings.why_header || o.settings.doctor_reveal);
    assert_string_equal(given("--why-header", NULL), "");
    assert_true(o.settings.why_header && !o.settings.doctor_reveal);
    assert_string_equal(given("--doctor-reveal", NULL), "");
    assert_true(o.settings.doctor_reveal);
    assert_string_equal(given("--doctor-rate", "0"), "");
    assert_int_equal(o.settings.doctor_per_second, 0);
    assert_string_equal(given("--doctor-rate", "-1"),
                        "--doctor-rate -1: expects a number from 0 to 9223372036854775807");
}

static void a_port_is_16_bits(void **state)
{
    (void)state;
    assert_string_equal(given("--port", "0"), "");
    assert_int_equal(o.http.port, 0);
    assert_string_equal(given("--port", "65535"), "");
    assert_int_equal(o.http.port, 65535);
    assert_string_equal(given("--tls-port", "8443"), "");
    assert_int_equal(o.http.tls_port, 8443);
    assert_true(o.tls);
    assert_string_equal(given("--tls-port", "0"), ""); /* any free one, not none */
    assert_int_equal(o.http.tls_port, 0);
    assert_true(o.tls);
}

static void a_seed_is_64_bits(void **state)
{
    (void)state;
    assert_string_equal(given("--seed", "0"), "");
    assert_true(o.settings.seeded);
    assert_string_equal(given("--seed", "18446744073709551615"), "");
    assert_true(o.settings.seed == UINT64_MAX);
}

static void a_clock_is_frozen_at_a_time(void **state)
{
    (void)state;
    assert_string_equal(given("--clock", "2026-01-01T00:00:00+08:00"), "");
    assert_true(o.settings.clock_frozen);
    assert_int_equal(o.settings.clock_ms, INT64_C(1767196800000));
}

static void limits_add_up_in_their_order(void **state)
{
    (void)state;
    assert_string_equal(given("--limit", "CreateBackup=5"), "");
    assert_string_equal(given("--limit", "DescribeFlowStatus=0"), "");
    assert_string_equal(given("--limit", "CreateBackup=7"), "");
    assert_int_equal(o.settings.n_limits, 3);
    assert_text(o.settings.limits[0].action, "CreateBackup");
    assert_int_equal(o.settings.limits[0].per_second, 5);
    assert_int_equal(o.settings.limits[1].per_second, 0);
    assert_int_equal(o.settings.limits[2].per_second, 7);
    assert_false(o.settings.limit_off);
    assert_string_equal(given("--limit", "off"), "");
    assert_true(o.settings.limit_off);
}

static void a_flow_takes_whole_seconds(void **state)
{
    (void)state;
    assert_string_equal(given("--flow-seconds", "backup=0"), "");
    assert_int_equal(o.settings.flow_ms[FLOW_KIND_BACKUP], 0);
    assert_string_equal(given("--flow-seconds", "backup=315360000"), "");
    assert_int_equal(o.settings.flow_ms[FLOW_KIND_BACKUP], INT64_C(315360000000));
    assert_string_equal(given("--flow-seconds", "backup=manual"), "");
    assert_true(o.settings.flow_ms[FLOW_KIND_BACKUP] == FLOW_BY_HAND);
}

static void every_kind_of_flow_has_its_own_duration(void **state)
{
    (void)state;
    for (size_t i = 0; i < FLOW_KIND_COUNT; i++) {
        const char *value =
            arena_printf(&o.session.arena, "%s=%zu", sqlserver_flow_kinds[i].name.p, i + 10).p;
        assert_string_equal(given("--flow-seconds", value), "");
    }
    for (size_t i = 0; i < FLOW_KIND_COUNT; i++)
        assert_int_equal(o.settings.flow_ms[i], (i + 10) * 1000);
}

#define PORT "expects a number from 0 to 65535"
#define SEED "expects a number from 0 to 18446744073709551615"
#define CLOCK "expects a time such as 2026-01-01T00:00:00+08:00"
#define LIMIT "expects off, or ACTION=N with N calls a second"
#define KINDS "; expects backup, autobackup, " /* and the others */
#define FLOW "expects KIND=manual, or KIND=N with N from 0 to 315360000 seconds"

static void wrong_values_are_rejected_with_what_is_right(void **state)
{
    static const char *const cases[][3] = {
        {"--port", "65536", PORT},
        {"--port", "-1", PORT},
        {"--port", "http", PORT},
        {"--port", "", PORT},
        {"--tls-port", "65536", PORT},
        {"--unix-socket", "", "expects a path"},
        {"--db", "", "expects a path"},
        {"--seed", "-1", SEED},
        {"--seed", "18446744073709551616", SEED},
        {"--clock", "2026-01-01", CLOCK},
        {"--clock", "now", CLOCK},
        {"--limit", "on", LIMIT},
        {"--limit", "CreateBackup", LIMIT},
        {"--limit", "CreateBackup=", LIMIT},
        {"--limit", "CreateBackup=-1", LIMIT},
        {"--limit", "DropAll=1", "there is no action DropAll"},
        {"--limit", "createbackup=1", "there is no action createbackup; did you mean CreateBackup?"},
        {"--flow-seconds", "backup", FLOW},
        {"--flow-seconds", "backup=-1", FLOW},
        {"--flow-seconds", "backup=1.5", FLOW},
        {"--flow-seconds", "backup=315360001", FLOW},
        {"--flow-seconds", "backup=Manual", FLOW},
        {"--flow-seconds", "repair=manual", "there is no kind of flow repair" KINDS},
        {"--flow-seconds", "repair=1", "there is no kind of flow repair" KINDS},
        {"--log-format", "xml", "expects text or json"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_true(
            str_starts(str_from(given(cases[i][0], cases[i][1])),
                       arena_printf(&o.session.arena, "%s %s: %s", cases[i][0], cases[i][1], cases[i][2])));
    assert_false(o.settings.seeded || o.settings.clock_frozen);
}

static void the_state_is_in_the_users_folder(void **state)
{
    (void)state;
    setenv("XDG_STATE_HOME", "/state", 1);
    setenv("HOME", "/me", 1);
    assert_string_equal(endpoints_state_path(&o.session.arena, "virga.db"), "/state/virga/virga.db");
    setenv("XDG_STATE_HOME", "", 1);
    assert_string_equal(endpoints_state_path(&o.session.arena, "virga.db"),
                        "/me/.local/state/virga/virga.db");
    unsetenv("HOME");
    assert_null(endpoints_state_path(&o.session.arena, "virga.db"));
}

SUITE(serve_options)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(defaults_are_these, setup, teardown),
        cmocka_unit_test_setup_teardown(the_journal_has_bounds, setup, teardown),
        cmocka_unit_test_setup_teardown(texts_are_taken_as_they_are, setup, teardown),
        cmocka_unit_test_setup_teardown(switches_turn_on, setup, teardown),
        cmocka_unit_test_setup_teardown(the_log_has_four_levels, setup, teardown),
        cmocka_unit_test_setup_teardown(strictness_is_a_switch, setup, teardown),
        cmocka_unit_test_setup_teardown(magic_can_be_switched_off, setup, teardown),
        cmocka_unit_test_setup_teardown(the_doctor_is_asked_for_more, setup, teardown),
        cmocka_unit_test_setup_teardown(a_port_is_16_bits, setup, teardown),
        cmocka_unit_test_setup_teardown(a_seed_is_64_bits, setup, teardown),
        cmocka_unit_test_setup_teardown(a_clock_is_frozen_at_a_time, setup, teardown),
        cmocka_unit_test_setup_teardown(limits_add_up_in_their_order, setup, teardown),
        cmocka_unit_test_setup_teardown(a_flow_takes_whole_seconds, setup, teardown),
        cmocka_unit_test_setup_teardown(every_kind_of_flow_has_its_own_duration, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_values_are_rejected_with_what_is_right, setup, teardown),
        cmocka_unit_test_setup_teardown(the_state_is_in_the_users_folder, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
