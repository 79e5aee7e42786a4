/*
 * `virga start`: a server that goes on running after this program has ended.
 *
 * Its process begins as `virga serve` would, in a session of its own, so that neither Ctrl-C nor the end of
 * the terminal reaches it. What it prints goes into its log. It writes its endpoints file when it is ready;
 * that the file names the process shows it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/exports.h"
#include "cli/output.h"
#include "cli/servers.h"
#include "gen/cli.h"

/* How often to look whether the server is ready; its start takes some 5 ms. */
enum { READY_INTERVAL_MS = 2 };

struct start {
    struct session *session; /* of the options */
    struct server_files files;
    int log;
    pid_t server;
};

/* --- options ------------------------------------------------------------------------------------------ */

/* Whether an option was given for the server; `name` without its value. */
static bool is_passed(const struct session *s, const char *name)
{
    for (size_t i = 0; i < s->passed.n; i++)
        if (str_eq(str_head(s->passed.v[i], str_find(s->passed.v[i], '=')), str_from(name)))
            return true;
    return false;
}

/* The options of the server: its files and, for one with a name, a free port, because several such servers
 * run at once. Those that the user gave come after them and override them. */
static char **arguments(const struct start *st)
{
    struct session *s = st->session;
    struct str_list own = {0};
    str_list_add(&s->arena, &own, arena_printf(&s->arena, "--endpoints-file=%s", st->files.endpoints));
    if (s->name.p && !is_passed(s, "--port"))
        str_list_add(&s->arena, &own, STR("--port=0"));
    if (s->name.p && !is_passed(s, "--db") && !is_passed(s, "--memory"))
        str_list_add(&s->arena, &own, arena_printf(&s->arena, "--db=%s", st->files.db));
    const char **argv = ARENA_ARRAY(&s->arena, const char *, own.n + s->passed.n + 1);
    for (size_t i = 0; i < own.n; i++)
        argv[i] = arena_cstr(&s->arena, own.v[i]);
    for (size_t i = 0; i < s->passed.n; i++)
        argv[own.n + i] = arena_cstr(&s->arena, s->passed.v[i]);
    return (void *)argv;
}

/* --- the process -------------------------------------------------------------------------------------- */

/* Ends the program when a server of that name runs already: its endpoints file must stay its own. */
static void check_free(struct start *st)
{
    struct session *s = st->session;
    struct endpoints e;
    struct str problem;
    if (endpoints_read(&s->arena, st->files.endpoints, &e, &problem) == 0 && endpoints_taken(&e))
        die(EXIT_LISTEN,
            "a server runs already: process %lld at %.*s; virga stop ends it, --name NAME starts another one",
            (long long)e.pid, STR_ARG(e.endpoint));
}

/* The log of the last start is replaced. */
static void open_log(struct start *st)
{
    const char *path = st->files.log, *refusal = file_refusal(path);
    if (file_make_parents(&st->session->arena, path) != 0)
        refusal = strerror(errno);
    if (!refusal && (st->log = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600)) < 0)
        refusal = strerror(errno);
    if (refusal)
        die(EXIT_UNEXPECTED, "%s: %s", path, refusal);
}

/* Runs in the new process. */
static _Noreturn void be_server(const struct start *st)
{
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    char **argv = arguments(st);
    (void)setsid();
    if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(st->log, STDOUT_FILENO) < 0 ||
        dup2(st->log, STDERR_FILENO) < 0)
        exit(EXIT_UNEXPECTED);
    exit(command_run(command_find(STR("serve")), argv));
}

/* Ends the program with what the server has printed, and with its exit code. */
static _Noreturn void report_failure(struct start *st, int status)
{
    struct arena *a = &st->session->arena;
    struct str text, problem;
    if (file_read(a, st->files.log, LIMIT_CLI_TEXT, &text, &problem) == 0)
        (void)output_write_error(text);
    exit(WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : EXIT_UNEXPECTED);
}

/* Waits until the endpoints file is that of the server; an earlier one may have left its own. */
static void await_server(struct start *st, int64_t timeout_ms)
{
    struct session *s = st->session;
    const int64_t until_ns = clock_mono_ns() + timeout_ms * NS_PER_MS;
    struct str problem;
    int status;
    while (endpoints_read(&s->arena, st->files.endpoints, &s->server, &problem) != 0 ||
           s->server.pid != st->server) {
        if (waitpid(st->server, &status, WNOHANG) == st->server)
            report_failure(st, status);
        if (clock_mono_ns() > until_ns) {
            (void)kill(st->server, SIGTERM);
            die(EXIT_NO_SERVER, "the server is not ready; its log is %s", st->files.log);
        }
        (void)poll(NULL, 0, READY_INTERVAL_MS);
    }
}

static void start_server(struct start *st, int64_t timeout_ms)
{
    check_free(st);
    open_log(st);
    st->server = fork();
    if (st->server < 0)
        die(EXIT_UNEXPECTED, "fork: %s", strerror(errno));
    if (st->server == 0)
        be_server(st);
    (void)close(st->log);
    await_server(st, timeout_ms);
}

/* --- what is printed ---------------------------------------------------------------------------------- */

/* Standard output has only what a shell executes; the rest is for people. */
static int print_exports(struct start *st, enum export_format format)
{
    struct session *s = st->session;
    struct buf b;
    buf_init(&b, &s->arena, 1024, LIMIT_CLI_TEXT);
    exports_put(&b, format, &s->server, s->name);
    log_say(LOG_INFO, "process %lld serves at %.*s; its log is %s", (long long)s->server.pid,
            STR_ARG(s->server.endpoint), st->files.log);
    log_flush();
    return session_write(s, s->json ? endpoints_text(&s->arena, &s->server) : buf_str(&b));
}

int start_main(struct session *s)
{
    const struct start_options *o = (void *)s;
    struct start st = {.session = s};
    if (is_passed(s, "--endpoints-file"))
        die(EXIT_USAGE, "--endpoints-file: virga start has a file of its own; --name NAME chooses it");
    if (server_files_of(&s->arena, s->name, &st.files) != 0)
        die(EXIT_USAGE, "neither HOME nor XDG_STATE_HOME is set");
    start_server(&st, o->timeout);
    return print_exports(&st, (enum export_format)o->format);
}
