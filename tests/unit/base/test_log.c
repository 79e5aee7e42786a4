/* Proves what the log writes to descriptor 2, when it writes it, and how die() ends the program. */
#include "support/texts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"

enum { MOST_READ = 1024 * 1024 };

static FILE *caught;
static int real_stderr;

/* Descriptor 2 becomes a file that the test reads back. */
static int setup(void **state)
{
    (void)state;
    log_setup(LOG_TEXT, LOG_INFO);
    caught = tmpfile();
    real_stderr = dup(STDERR_FILENO);
    return caught && dup2(fileno(caught), STDERR_FILENO) == STDERR_FILENO ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    log_flush();
    (void)dup2(real_stderr, STDERR_FILENO);
    close(real_stderr);
    return fclose(caught);
}

static struct str written(void)
{
    static char text[MOST_READ];
    ssize_t n = pread(fileno(caught), text, sizeof text, 0);
    assert_true(n >= 0);
    return (struct str){text, (size_t)n};
}

static void lines_wait_for_the_flush(void **state)
{
    (void)state;
    log_say(LOG_WARN, "%d files in %s", 3, "here");
    assert_text(written(), "");
    log_flush();
    assert_text(written(), "virga: warning: 3 files in here\n");
    log_flush();
    assert_text(written(), "virga: warning: 3 files in here\n");
}

static void lower_levels_are_not_written(void **state)
{
    (void)state;
    assert_false(log_wants(LOG_DEBUG));
    assert_true(log_wants(LOG_INFO));
    log_say(LOG_DEBUG, "not said");
    log_line(LOG_DEBUG, STR("not written"));
    log_line(LOG_INFO, STR("as it is"));
    log_setup(LOG_TEXT, LOG_ERROR);
    log_say(LOG_WARN, "not said");
    log_say(LOG_ERROR, "said");
    log_flush();
    assert_text(written(), "as it is\nvirga: error: said\n");
}

static void json_lines_are_escaped(void **state)
{
    (void)state;
    log_setup(LOG_JSON, LOG_DEBUG);
    assert_int_equal(log_get_format(), LOG_JSON);
    log_say(LOG_WARN, "a \"quoted\"\n\xe6\x95\xb0");
    log_say(LOG_DEBUG, "x");
    log_flush();
    assert_text(written(), "{\"level\":\"warn\",\"message\":\"a \\\"quoted\\\"\\n\xe6\x95\xb0\"}\n"
                           "{\"level\":\"debug\",\"message\":\"x\"}\n");
}

static void a_json_line_has_no_control_character(void **state)
{
    (void)state;
    log_setup(LOG_JSON, LOG_DEBUG);
    log_say(LOG_WARN, "\x1b[0m\x7f\xc2\x9b");
    log_flush();
    assert_text(written(), "{\"level\":\"warn\",\"message\":\"\\u001b[0m\\u007f\\u009b\"}\n");
}

static void a_text_line_stays_one_line(void **state)
{
    (void)state;
    log_say(LOG_INFO, "one\ntwo\r\x1b[0m\xc2\x9b"
                      "0m\xe2\x80\xae");
    log_flush();
    assert_text(written(), "virga: info: one?two??[0m??0m???\n");
}

static void a_long_message_is_cut_between_characters(void **state)
{
    char message[LIMIT_LOG_LINE + 10];
    (void)state;
    /* The cut would fall into the second of the three bytes. */
    memset(message, 'x', sizeof message);
    memcpy(message + LIMIT_LOG_LINE - 3, "\xe6\x95\xb0", 3);
    message[sizeof message - 1] = '\0';
    log_say(LOG_INFO, "%s", message);
    log_flush();
    assert_int_equal(written().n, strlen("virga: info: ") + LIMIT_LOG_LINE - 3 + 1);
    assert_true(str_ends(written(), STR("xx\n")));
}

/* Every byte of the longest message is escaped to six. */
static void the_longest_json_message_is_whole(void **state)
{
    char message[LIMIT_LOG_LINE];
    (void)state;
    memset(message, '\x01', sizeof message);
    message[sizeof message - 1] = '\0';
    log_setup(LOG_JSON, LOG_INFO);
    log_say(LOG_ERROR, "%s", message);
    log_flush();
    assert_int_equal(written().n,
                     strlen("{\"level\":\"error\",\"message\":\"\"}\n") + 6 * (LIMIT_LOG_LINE - 1));
    assert_true(str_ends(written(), STR("\\u0001\"}\n")));
}

static void a_full_buffer_is_written_in_order(void **state)
{
    (void)state;
    for (int i = 0; i < 10000; i++) {
        char line[32];
        int n = snprintf(line, sizeof line, "line %05d", i);
        log_line(LOG_INFO, (struct str){line, (size_t)n});
    }
    assert_true(written().n > 0);
    log_flush();
    struct str rest = written(), line;
    for (int i = 0; i < 10000; i++) {
        char expected[32];
        (void)snprintf(expected, sizeof expected, "line %05d", i);
        assert_true(str_next(&rest, '\n', &line));
        assert_text(line, expected);
    }
    assert_int_equal(rest.n, 0);
}

static void a_line_larger_than_the_buffer_is_whole(void **state)
{
    static char large[100 * 1000];
    (void)state;
    memset(large, 'y', sizeof large);
    log_line(LOG_INFO, STR("before"));
    log_line(LOG_INFO, (struct str){large, sizeof large});
    log_flush();
    assert_int_equal(written().n, 7 + sizeof large + 1);
    assert_true(str_starts(written(), STR("before\nyyy")));
    assert_true(str_ends(written(), STR("yyy\n")));
}

static void an_unwritable_descriptor_is_tolerated(void **state)
{
    (void)state;
    int full = open("/dev/full", O_WRONLY);
    assert_true(full >= 0);
    assert_int_equal(dup2(full, STDERR_FILENO), STDERR_FILENO);
    close(full);
    log_say(LOG_ERROR, "lost");
    log_flush();
    assert_int_equal(dup2(fileno(caught), STDERR_FILENO), STDERR_FILENO);
    log_flush();
    assert_text(written(), "");
    log_line(LOG_ERROR, STR("kept"));
    log_flush();
    assert_text(written(),
                "virga: warning: log lines dropped, standard error did not accept them: 1\nkept\n");
}

/* --- a pipe without a reader --- */

enum { PIPE_BYTES = 2 * 4096 };

/* Descriptor 2 becomes a pipe of two pages; a write that waits would end the test by its alarm. */
static int open_pipe(void)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES), PIPE_BYTES);
    assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
    close(ends[1]);
    alarm(20);
    return ends[0];
}

static struct str taken(int reader)
{
    static char text[PIPE_BYTES];
    ssize_t n = read(reader, text, sizeof text);
    assert_true(n >= 0);
    return (struct str){text, (size_t)n};
}

static void lines_that_a_full_pipe_does_not_accept_are_counted(void **state)
{
    char line[1000];
    int reader = open_pipe();
    (void)state;
    memset(line, 'z', sizeof line);
    for (int i = 0; i < 10; i++)
        log_line(LOG_INFO, (struct str){line, sizeof line});
    log_flush(); /* eight fit, four in a page */
    log_line(LOG_INFO, STR("no room for this one"));
    log_flush();
    assert_int_equal(fcntl(STDERR_FILENO, F_GETFL) & O_NONBLOCK, 0);
    assert_int_equal(taken(reader).n, 8 * (sizeof line + 1));
    log_line(LOG_INFO, STR("there is room again"));
    log_flush();
    assert_text(
        taken(reader),
        "virga: warning: log lines dropped, standard error did not accept them: 3\nthere is room again\n");
    log_line(LOG_INFO, STR("said once"));
    log_flush();
    assert_text(taken(reader), "said once\n");
    close(reader);
}

static void a_line_cut_by_a_full_pipe_ends_before_the_next(void **state)
{
    static char large[100 * 1000];
    int reader = open_pipe();
    (void)state;
    log_setup(LOG_JSON, LOG_INFO);
    memset(large, 'y', sizeof large);
    log_line(LOG_INFO, (struct str){large, sizeof large});
    log_flush();
    assert_int_equal(taken(reader).n, PIPE_BYTES);
    log_line(LOG_INFO, STR("{}"));
    log_flush();
    assert_text(taken(reader), "\n{\"level\":\"warn\",\"message\":\"log lines dropped, standard error did "
                               "not accept them: 1\"}\n{}\n");
    close(reader);
}

/* Such a pipe is ready, but not for writing, and errno may still hold what another call left there. */
static void a_full_pipe_without_a_reader_is_tolerated(void **state)
{
    static char large[PIPE_BYTES];
    int reader = open_pipe();
    (void)state;
    memset(large, 'x', sizeof large);
    log_line(LOG_INFO, (struct str){large, sizeof large});
    log_flush();
    close(reader);
    log_line(LOG_INFO, STR("no reader"));
    errno = EINTR;
    log_flush();
    assert_int_equal(dup2(fileno(caught), STDERR_FILENO), STDERR_FILENO);
    log_line(LOG_INFO, STR("a file takes all"));
    log_flush();
    assert_true(str_ends(
        written(), STR("log lines dropped, standard error did not accept them: 2\na file takes all\n")));
}

static void die_writes_its_message_after_earlier_lines(void **state)
{
    int status;
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        log_say(LOG_INFO, "before");
        die(3, "no %s", "more");
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 3);
    assert_text(written(), "virga: info: before\nvirga: error: no more\n");
}

#define IN_A_FILE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* "2026-01-01T00:00:00.000Z", with another digit for each. */
static void assert_time(struct str text)
{
    static const char form[] = "0000-00-00T00:00:00.000Z";
    assert_int_equal(text.n, strlen(form));
    for (size_t i = 0; i < text.n; i++)
        assert_int_equal(ascii_is_digit(text.p[i]) ? '0' : text.p[i], form[i]);
}

static void a_server_s_lines_begin_with_the_time(void **state)
{
    struct str begin, rest;
    (void)state;
    assert_text(log_begin(), "");
    log_with_time(true);
    begin = log_begin();
    assert_time(str_head(begin, begin.n - 1));
    log_say(LOG_WARN, "said");
    log_setup(LOG_JSON, LOG_INFO);
    log_say(LOG_WARN, "said");
    log_with_time(false);
    log_flush();
    rest = written();
    assert_time(str_head(rest, 24));
    assert_true(str_starts(str_skip(rest, 24), STR(" virga: warning: said\n{\"time\":\"")));
    rest = str_skip(rest, 24 + strlen(" virga: warning: said\n{\"time\":\""));
    assert_time(str_head(rest, 24));
    assert_text(str_skip(rest, 24), "\",\"level\":\"warn\",\"message\":\"said\"}\n");
}

SUITE(log)
{
    const struct CMUnitTest tests[] = {
        IN_A_FILE(lines_wait_for_the_flush),
        IN_A_FILE(lower_levels_are_not_written),
        IN_A_FILE(json_lines_are_escaped),
        IN_A_FILE(a_json_line_has_no_control_character),
        IN_A_FILE(a_text_line_stays_one_line),
        IN_A_FILE(a_long_message_is_cut_between_characters),
        IN_A_FILE(the_longest_json_message_is_whole),
        IN_A_FILE(a_full_buffer_is_written_in_order),
        IN_A_FILE(a_line_larger_than_the_buffer_is_whole),
        IN_A_FILE(an_unwritable_descriptor_is_tolerated),
        IN_A_FILE(lines_that_a_full_pipe_does_not_accept_are_counted),
        IN_A_FILE(a_line_cut_by_a_full_pipe_ends_before_the_next),
        IN_A_FILE(a_full_pipe_without_a_reader_is_tolerated),
        IN_A_FILE(a_server_s_lines_begin_with_the_time),
        IN_A_FILE(die_writes_its_message_after_earlier_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
