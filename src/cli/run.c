/*
 * `virga run`: a command, such as a test suite, with a server of its own that lives as long as the command.
 *
 * Three processes: this one forks the server, which runs as `virga serve --memory --port=0` does, and then
 * the command. The server writes its endpoints file into a folder of this run; that it exists says that the
 * server is ready. The command finds the server by environment variables. A server whose parent was killed
 * receives SIGTERM from the kernel, so it never outlives the run.
 */
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/os.h"
#include "cli/exports.h"
#include "cli/output.h"
#include "cli/reports.h"
#include "gen/cli.h"

/* How often to look whether the server is ready; its start takes some 5 ms. */
enum { READY_INTERVAL_MS = 1 };
/* How long the server may take for the coverage report. */
enum { COVERAGE_TIMEOUT_MS = 60 * 1000 };

struct run {
    const struct run_options *options;
    struct session *session; /* of the options */
    double least_percent;
    pid_t server;
    struct client_response report; /* of coverage */
    bool has_report;
};

/* Removed at the exit of this process or of the server, whichever is later; the arena no longer exists
 * then. */
static char run_folder[PATH_MAX], run_endpoints[PATH_MAX]; /* the endpoints file in it */

/* --- options ------------------------------------------------------------------------------------------ */

/* The value of --fail-under; ends the program when it is none. */
static double percent_of(struct str text)
{
    char *end;
    double value = strtod(text.p, &end);
    if (text.n == 0 || *end || !(value >= 0 && value <= 100))
        die(EXIT_USAGE, "--fail-under %.*s: expects a number from 0 to 100", STR_ARG(text));
    return value;
}

/* Rejects options that would move the server's state elsewhere or read the command's input, and takes over
 * its token, with which the coverage is asked for. */
static void check_passed(struct session *s)
{
    static const struct str rejected[] = {STR_INIT("--db="), STR_INIT("--endpoints-file="),
                                          STR_INIT("--until-eof")};
    const struct str token = STR("--control-token=");
    s->control_token = str_from(getenv("VIRGA_CONTROL_TOKEN"));
    for (size_t i = 0; i < s->passed.n; i++) {
        struct str option = s->passed.v[i];
        for (size_t j = 0; j < sizeof rejected / sizeof rejected[0]; j++)
            if (str_starts(option, rejected[j]))
                die(EXIT_USAGE, "%.*s: the server of virga run is in memory and its own", STR_ARG(option));
        if (str_starts(option, token))
            s->control_token = str_skip(option, token.n);
    }
}

/* --- the server --------------------------------------------------------------------------------------- */

/* Registered with atexit before the server is started, so both processes run it; the second call finds
 * nothing. */
static void remove_folder(void)
{
    (void)unlink(run_endpoints);
    (void)rmdir(run_folder);
}

/* In a process group of its own, so that Ctrl-C ends the command first; and never without its parent. */
static _Noreturn void be_server(struct run *r, pid_t parent)
{
    struct arena *a = &r->session->arena;
    const struct str_list *passed = &r->session->passed;
    const char *own[] = {"--memory", "--port=0", "--quiet",
                         arena_printf(a, "--endpoints-file=%s", run_endpoints).p};
    enum { OWN = sizeof own / sizeof own[0] };
    const char **argv = ARENA_ARRAY(a, const char *, OWN + passed->n + 1);
    memcpy(argv, own, sizeof own);
    for (size_t i = 0; i < passed->n; i++)
        argv[OWN + i] = arena_cstr(a, passed->v[i]);
    (void)setpgid(0, 0);
    if (os_end_with_parent(parent) != 0)
        exit(EXIT_UNEXPECTED);
    char **words = (void *)argv;
    exit(command_run(command_find(STR("serve")), words));
}

/* 0 when the server is ready; else its exit code. It has printed the reason itself. */
static int await_server(struct run *r)
{
    int status;
    while (access(run_endpoints, R_OK) != 0) {
        pid_t ended = waitpid(r->server, &status, WNOHANG);
        if (ended == r->server)
            return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_UNEXPECTED;
        (void)poll(NULL, 0, READY_INTERVAL_MS);
    }
    return 0;
}

/* A folder of this run alone, so that several runs at once do not share an endpoints file. */
static void make_folder(void)
{
    const char *temporary = getenv("TMPDIR");
    int n = snprintf(run_folder, sizeof run_folder, "%s/virga-run-" FILE_UNIQUE,
                     temporary && *temporary ? temporary : "/tmp");
    if (n < 0 || (size_t)n >= sizeof run_folder || !mkdtemp(run_folder))
        die(EXIT_UNEXPECTED, "%s: %s", run_folder, strerror(errno));
    n = snprintf(run_endpoints, sizeof run_endpoints, "%s/endpoints.json", run_folder);
    if (n < 0 || (size_t)n >= sizeof run_endpoints)
        die(EXIT_UNEXPECTED, "%s: %s", run_folder, strerror(ENAMETOOLONG));
    (void)atexit(remove_folder);
}

/* Returns 0 when the server is ready, else its exit code. */
static int start_server(struct run *r)
{
    make_folder();
    pid_t parent = getpid();
    output_progress(STR("starting virga"));
    r->server = fork();
    if (r->server < 0)
        die(EXIT_UNEXPECTED, "fork: %s", strerror(errno));
    if (r->server == 0)
        be_server(r, parent);
    int rc = await_server(r);
    output_progress(STR(""));
    return rc;
}

/* Waits for the end of the server, so that nothing is left running when the command's exit code is known. */
static void stop_server(struct run *r)
{
    int status = 0;
    (void)kill(r->server, SIGTERM);
    while (waitpid(r->server, &status, 0) < 0 && errno == EINTR)
        ;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        log_say(LOG_WARN, "the server did not end normally (status %d)", status);
}

/* --- the command -------------------------------------------------------------------------------------- */

/* Sets the variable, or removes it when there is no value: one of an outer virga run would be wrong. */
static void export(const char *name, struct arena *a, struct str value)
{
    if (!value.p)
        (void)unsetenv(name);
    else if (setenv(name, arena_cstr(a, value), 1) != 0)
        die(EXIT_UNEXPECTED, "setenv: %s", strerror(errno));
}

/* What the official clients read, and what a test may want. */
static void export_all(struct run *r)
{
    struct session *s = r->session;
    const struct endpoints *e = &s->server;
    struct export_variable client[EXPORT_CLIENT_VARIABLES];
    const struct export_variable own[] = {
        {"VIRGA_ENDPOINT", e->endpoint},           {"VIRGA_CONTROL", e->control},
        {"VIRGA_CONTROL_TOKEN", s->control_token}, {"VIRGA_INSTANCE", e->instance},
        {"VIRGA_TLS_ENDPOINT", e->tls_endpoint},   {"VIRGA_CA_FILE", e->ca_file},
    };
    exports_of_client(&s->arena, e, client);
    for (size_t i = 0; i < EXPORT_CLIENT_VARIABLES; i++)
        export(client[i].name, &s->arena, client[i].value);
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        export(own[i].name, &s->arena, own[i].value);
}

/* Signals that end a program go on to the command. Those of the keyboard reach it by themselves. */
static const int forwarded[] = {SIGTERM, SIGHUP}, ignored[] = {SIGINT, SIGQUIT};
enum { FORWARDED = sizeof forwarded / sizeof forwarded[0], IGNORED = sizeof ignored / sizeof ignored[0] };

static volatile sig_atomic_t command_pid;

/* The signal handler. Until the command's process is known the signals are blocked. */
static void forward(int signal_number)
{
    if (command_pid > 0)
        (void)kill((pid_t)command_pid, signal_number);
}

/* Sets what this process does with each of the two groups of signals. */
static void set_signals(void (*of_forwarded)(int), void (*of_ignored)(int))
{
    struct sigaction action = {.sa_handler = of_forwarded};
    for (size_t i = 0; i < FORWARDED; i++)
        (void)sigaction(forwarded[i], &action, NULL);
    action.sa_handler = of_ignored;
    for (size_t i = 0; i < IGNORED; i++)
        (void)sigaction(ignored[i], &action, NULL);
}

/* Replaces the child process by the command. The exit codes are those of a shell (POSIX, XCU 2.8.2). */
static _Noreturn void be_command(struct run *r)
{
    const struct str_list *words = &r->session->words;
    const char **argv = ARENA_ARRAY(&r->session->arena, const char *, words->n + 1);
    for (size_t i = 0; i < words->n; i++)
        argv[i] = arena_cstr(&r->session->arena, words->v[i]);
    char *const *arguments = (void *)argv;
    (void)execvp(argv[0], arguments);
    int code = errno == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
    (void)output_write_error(arena_printf(&r->session->arena, "virga: %s: %s\n", argv[0], strerror(errno)));
    _exit(code);
}

/* Runs the command to its end and returns its exit code as a shell does. A signal that arrives before the
 * command's process is known is delivered after that. */
static int run_command(struct run *r)
{
    sigset_t blocked, before;
    int status = 0;
    (void)sigemptyset(&blocked);
    for (size_t i = 0; i < FORWARDED; i++)
        (void)sigaddset(&blocked, forwarded[i]);
    (void)sigprocmask(SIG_BLOCK, &blocked, &before);
    set_signals(forward, SIG_IGN);
    pid_t pid = fork();
    if (pid == 0) {
        set_signals(SIG_DFL, SIG_DFL);
        (void)sigprocmask(SIG_SETMASK, &before, NULL);
        be_command(r);
    }
    command_pid = (sig_atomic_t)pid;
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    if (pid < 0)
        return EXIT_UNEXPECTED;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    command_pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_SIGNAL + WTERMSIG(status);
}

/* --- coverage ----------------------------------------------------------------------------------------- */

/* Prints the result for programs, after everything that is for people. Coverage is null when the server had
 * ended or rejected the request. */
static void print_closing(struct run *r, int command_code, int code)
{
    struct buf b;
    buf_init(&b, &r->session->arena, 1024, LIMIT_CLI_TEXT);
    output_json_open(&b, NULL, '{');
    output_json_number(&b, "command_exit_code", command_code);
    output_json_number(&b, "exit_code", code);
    output_json_raw(&b, "coverage", r->has_report ? str_trim(r->report.body) : STR("null"));
    output_json_end(&b, '}');
    log_flush();
    (void)output_write_error(buf_str(&b));
}

/* Gets the coverage; NULL, with an exit code, when the server rejects the request, or when the command has
 * ended the server. */
static const struct node *ask_coverage(struct run *r, int *ret_code)
{
    struct session *s = r->session;
    struct request q =
        session_control_request(s, "GET", STR("/coverage?actions=called"), (struct str){NULL, 0});
    struct str problem;
    *ret_code = EXIT_SERVER_ERROR;
    if (session_try_send(s, &q, &r->report, &problem) == 0)
        return session_answer(s, &r->report);
    log_say(LOG_ERROR, "there is no coverage: %.*s", STR_ARG(problem));
    *ret_code = EXIT_NO_SERVER;
    return NULL;
}

/* Returns the exit code of the whole; a command that failed keeps its own. */
static int judge_coverage(struct run *r, int code)
{
    struct session *s = r->session;
    int problem = EXIT_OK;
    if (!r->options->fail_under.p && !r->options->coverage && !s->json)
        return code;
    const struct node *report = ask_coverage(r, &problem);
    if (!report)
        return code == EXIT_OK ? problem : code;
    r->has_report = true;
    if (r->options->coverage && !s->json)
        (void)output_write_error(coverage_text(s, report));
    double percent = coverage_percent(report);
    if (!(percent < r->least_percent))
        return code;
    log_say(LOG_ERROR, "coverage is %.1f %%, less than %.1f %%", percent, r->least_percent);
    log_flush();
    return code == EXIT_OK ? EXIT_COVERAGE : code;
}

/* Everything after the start of the server also happens when the command fails: the report, and the
 * server's end. */
int run_main(struct session *s)
{
    struct run r = {.options = (void *)s, .session = s};
    check_passed(s);
    r.least_percent = r.options->fail_under.p ? percent_of(r.options->fail_under) : 0;
    int code = start_server(&r);
    if (code != 0)
        return code;
    s->endpoints_path = run_endpoints;
    s->endpoint = (struct str){NULL, 0};
    s->timeout_ms = COVERAGE_TIMEOUT_MS;
    session_find(s);
    export_all(&r);
    int command_code = run_command(&r);
    code = judge_coverage(&r, command_code);
    stop_server(&r);
    log_flush();
    if (s->json)
        print_closing(&r, command_code, code);
    return code;
}
