/* Proves what a cassette keeps, what it takes for one, and that no secret gets into it. */
#include "support/arena_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/cassette.h"

#define PATH P_tmpdir "/virga-cassette-" FILE_UNIQUE

static char path[] = PATH;

/* A file that is removed at the end of each test. */
static int make(void **state)
{
    (void)setup(state);
    memcpy(path, PATH, sizeof path); /* mkstemp has changed it */
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int drop(void **state)
{
    (void)unlink(path);
    return teardown(state);
}

static void put(const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

#define HEAD "{\"cassette\":1,\"upstream\":\"https://a\"}\n"
#define LINE "{\"action\":\"A\",\"params\":\"{}\",\"body\":\"x\"}\n"

static void what_is_written_is_read_again(void **state)
{
    struct cassette_entry one = {.action = STR("A"),
                                 .version = STR("v"),
                                 .region = STR("r"),
                                 .params = STR("{\"Password\":\"hunter2\",\"N\":1}"),
                                 .status = 200,
                                 .content_type = STR("application/json"),
                                 .body = STR("{\"Response\":{\"Token\":\"hunter3\",\"a\":\"\\u00e9\"}}"),
                                 .took_ms = 12};
    struct cassette c;
    struct str problem;
    int fd;
    (void)state;
    for (int i = 0; i < 2; i++) { /* the second time the file has its first line already */
        assert_int_equal(cassette_open(&arena, path, STR("https://a"), &fd, &problem), 0);
        assert_int_equal(cassette_append(fd, &arena, &one), 0);
        assert_int_equal(close(fd), 0);
    }
    assert_int_equal(cassette_read(&c, &arena, path, &problem), 0);
    assert_text(c.upstream, "https://a");
    assert_int_equal(c.n, 2);
    assert_text(c.entries[1].action, "A");
    assert_text(c.entries[1].version, "v");
    assert_text(c.entries[1].region, "r");
    assert_null(c.entries[1].language.p);
    assert_text(c.entries[1].params, "{\"Password\":\"***\",\"N\":1}");
    assert_text(c.entries[1].body, "{\"Response\":{\"Token\":\"***\",\"a\":\"\\u00e9\"}}");
    assert_int_equal(c.entries[1].status, 200);
    assert_int_equal(c.entries[1].took_ms, 12);
    assert_text(c.entries[1].content_type, "application/json");
}

static void a_last_line_that_is_cut_is_no_problem(void **state)
{
    struct cassette_entry one = {.action = STR("C"), .params = STR("{}"), .body = STR("{}")};
    struct cassette c;
    struct str problem;
    int fd;
    (void)state;
    put(HEAD LINE "{\"action\":\"B\",\"par");
    assert_int_equal(cassette_read(&c, &arena, path, &problem), 0);
    assert_int_equal(c.n, 1);
    assert_int_equal(cassette_open(&arena, path, STR("https://a"), &fd, &problem), 0);
    assert_int_equal(cassette_append(fd, &arena, &one), 0);
    assert_int_equal(close(fd), 0);
    assert_int_equal(cassette_read(&c, &arena, path, &problem), 0);
    assert_int_equal(c.n, 2);
    assert_text(c.entries[1].action, "C");
}

static void anything_else_is_named_by_its_line(void **state)
{
    static const struct {
        const char *text, *line;
    } rows[] = {
        {"", "line 1 "},
        {"{\"cassette\":2}\n", "line 1 "},
        {LINE, "line 1 "},
        {"[]\n", "line 1 "},
        {HEAD "{\"action\":\"A\",\"params\":\"{}\"}\n" LINE, "line 2 "},
        {HEAD LINE "x\n" LINE, "line 3 "},
    };
    struct cassette c;
    struct str problem;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        put(rows[i].text);
        assert_int_equal(cassette_read(&c, &arena, path, &problem), -1);
        if (!strstr(arena_cstr(&arena, problem), rows[i].line))
            fail_msg("row %zu: %s", i, problem.p);
    }
}

SUITE(cassette)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_written_is_read_again, make, drop),
        cmocka_unit_test_setup_teardown(a_last_line_that_is_cut_is_no_problem, make, drop),
        cmocka_unit_test_setup_teardown(anything_else_is_named_by_its_line, make, drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
