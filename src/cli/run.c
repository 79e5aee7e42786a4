/* `virga run`: a command, such as a test suite, with a server of its own that lives as long as it does. */
#include "cli/run.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "cli/control_request.h"
#include "cli/main.h"
#include "cli/output.h"
#include "cli/serve.h"
#include "cli/serve_options.h"
#include "core/template.h"

/* How often to look whether the server is ready; it takes some 10 ms. */
enum { LOOK_EVERY_MS = 5 };

struct run {
    struct session session;
    struct str fail_under, coverage;
    double least_percent;
    struct str_list passed; /* options for the server */
    /* Not of the arena, which is gone when they are removed. */
    char folder[PATH_MAX], file[PATH_MAX]; /* the endpoints file in it */
    pid_t server;
    struct client_response report;
    bool has_report;
};

static struct run the_run;

/* --- options ------------------------------------------------------------------------------------------ */

static const struct option_row rows[] = {
    SESSION_ROW_JSON,
};

static const struct option_text texts[] = {
    {"--fail-under", "PERCENT", "fail when less of the documented codes was seen",
     offsetof(struct run, fail_under), OPTION_LOCAL},
    {"--coverage", NULL, "print the report of coverage at the end, on standard error",
     offsetof(struct run, coverage), OPTION_LOCAL},
};

static void pass_option(void *target, struct arena *a, struct str option)
{
    str_list_add(a, &((struct run *)target)->passed, option);
}

const struct option_table run_option_table = {
    .usage = "virga run [options] -- COMMAND [ARGUMENT]...",
    .about =
        "Starts a server in memory on a free port, runs the command with its endpoint and credential in\n"
        "variables, and stops the server. The exit code is the command's. Takes the options of virga serve\n"
        "too. --json: the last line on standard error is a report of exit codes and coverage.",
    .rows = rows,
    .n = sizeof rows / sizeof rows[0],
    .texts = texts,
    .n_texts = sizeof texts / sizeof texts[0],
    .word = session_add_word,
    .passes = &serve_option_table,
    .pass = pass_option,
};

static const struct option_text variables[] = {
    {"--endpoint", "URL", "where the server is", 0, OPTION_LOCAL},
    {"--control", "URL", "its control API", 0, OPTION_LOCAL},
    {"--control-token", "TOKEN", "what it demands, with --control-token", 0, OPTION_LOCAL},
    {"--instance", "ID", "an instance that there is", 0, OPTION_LOCAL},
    {"--tls-endpoint", "URL", "with --tls-port", 0, OPTION_LOCAL},
    {"--ca-file", "PATH", "with --tls-port: what clients have to trust", 0, OPTION_LOCAL},
};

const struct option_table run_variables = {
    .usage = "",
    .about = "",
    .texts = variables,
    .n_texts = sizeof variables / sizeof variables[0],
};

static double percent_of(struct str text)
{
    char *end;
    double value = strtod(text.p, &end);
    if (text.n == 0 || *end || !(value >= 0 && value <= 100))
        die(EXIT_USAGE, "--fail-under %.*s: must be from 0 to 100", STR_ARG(text));
    return value;
}

/* Options of the server that lead elsewhere are refused; its token is what the coverage is asked for with. */
static void check_passed(struct run *r)
{
    static const struct str senseless[] = {STR_INIT("--db="), STR_INIT("--endpoints-file=")};
    const struct str token = STR("--control-token=");
    r->session.control_token = str_from(getenv("VIRGA_CONTROL_TOKEN"));
    for (size_t i = 0; i < r->passed.n; i++) {
        struct str option = r->passed.v[i];
        for (size_t j = 0; j < sizeof senseless / sizeof senseless[0]; j++)
            if (str_starts(option, senseless[j]))
                die(EXIT_USAGE, "%.*s: the server of virga run is in memory and its own", STR_ARG(option));
        if (str_starts(option, token))
            r->session.control_token = str_skip(option, token.n);
    }
}

/* --- the server --------------------------------------------------------------------------------------- */

/* At the exit of this process and of the server's, whichever way either ends and whichever is last. */
static void remove_folder(void)
{
    (void)unlink(the_run.file);
    (void)rmdir(the_run.folder);
}

/* In a group of its own, so that Ctrl-C ends the command first; and never without its parent. */
static _Noreturn void be_server(struct run *r, pid_t parent)
{
    struct arena *a = &r->session.arena;
    const char *own[] = {"--memory", "--port=0", "--quiet",
                         arena_printf(a, "--endpoints-file=%s", r->file).p};
    enum { OWN = sizeof own / sizeof own[0] };
    const char **argv = ARENA_ARRAY(a, const char *, OWN + r->passed.n + 1);
    memcpy(argv, own, sizeof own);
    for (size_t i = 0; i < r->passed.n; i++)
        argv[OWN + i] = arena_cstr(a, r->passed.v[i]);
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        exit(EXIT_UNEXPECTED);
    char **words = (void *)argv;
    exit(serve_main(words));
}

/* 0 when it is ready; else its exit code. It has said why itself. */
static int await_server(struct run *r)
{
    int status;
    while (access(r->file, R_OK) != 0) {
        pid_t ended = waitpid(r->server, &status, WNOHANG);
        if (ended == r->server)
            return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_UNEXPECTED;
        (void)poll(NULL, 0, LOOK_EVERY_MS);
    }
    return 0;
}

static void make_folder(struct run *r)
{
    const char *temporary = getenv("TMPDIR");
    int n = snprintf(r->folder, sizeof r->folder, "%s/virga-run-" FILE_UNIQUE,
                     temporary && *temporary ? temporary : "/tmp");
    if (n < 0 || (size_t)n >= sizeof r->folder || !mkdtemp(r->folder))
        die(EXIT_UNEXPECTED, "%s: %s", r->folder, strerror(errno));
    n = snprintf(r->file, sizeof r->file, "%s/endpoints.json", r->folder);
    if (n < 0 || (size_t)n >= sizeof r->file)
        die(EXIT_UNEXPECTED, "%s: %s", r->folder, strerror(ENAMETOOLONG));
    (void)atexit(remove_folder);
}

static int start_server(struct run *r)
{
    make_folder(r);
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

static void stop_server(struct run *r)
{
    int status = 0;
    (void)kill(r->server, SIGTERM);
    while (waitpid(r->server, &status, 0) < 0 && errno == EINTR)
        ;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        log_say(LOG_WARN, "the server did not end well (status %d)", status);
}

/* --- the command -------------------------------------------------------------------------------------- */

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
    struct session *s = &r->session;
    const struct endpoints *e = &s->server;
    struct template_values values = {0};
    template_set_server(&values, &s->arena, e->endpoint, e->tls_endpoint);
    const struct {
        const char *name;
        struct str value;
    } all[] = {
        {"TENCENTCLOUD_SECRET_ID", e->secret_id},
        {"TENCENTCLOUD_SECRET_KEY", e->secret_key},
        {"TENCENTCLOUD_REGION", e->region},
        {"TENCENTCLOUD_PROTOCOL", STR("HTTP")},
        {"TENCENTCLOUD_DOMAIN", values.v[TEMPLATE_DOMAIN]},
        {"VIRGA_ENDPOINT", e->endpoint},
        {"VIRGA_CONTROL", e->control},
        {"VIRGA_CONTROL_TOKEN", s->control_token},
        {"VIRGA_INSTANCE", e->instance},
        {"VIRGA_TLS_ENDPOINT", e->tls_endpoint},
        {"VIRGA_CA_FILE", e->ca_file},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        export(all[i].name, &s->arena, all[i].value);
}

/* Signals that end a program are the command's to answer. Those of the keyboard reach it by themselves. */
static const int forwarded[] = {SIGTERM, SIGHUP}, ignored[] = {SIGINT, SIGQUIT};
enum { FORWARDED = sizeof forwarded / sizeof forwarded[0], IGNORED = sizeof ignored / sizeof ignored[0] };

static volatile sig_atomic_t command_pid;

static void forward(int signal_number)
{
    if (command_pid > 0)
        (void)kill((pid_t)command_pid, signal_number);
}

static void set_signals(void (*of_forwarded)(int), void (*of_ignored)(int))
{
    struct sigaction action = {.sa_handler = of_forwarded};
    for (size_t i = 0; i < FORWARDED; i++)
        (void)sigaction(forwarded[i], &action, NULL);
    action.sa_handler = of_ignored;
    for (size_t i = 0; i < IGNORED; i++)
        (void)sigaction(ignored[i], &action, NULL);
}

static _Noreturn void be_command(struct run *r)
{
    const struct str_list *words = &r->session.words;
    const char **argv = ARENA_ARRAY(&r->session.arena, const char *, words->n + 1);
    for (size_t i = 0; i < words->n; i++)
        argv[i] = arena_cstr(&r->session.arena, words->v[i]);
    char *const *arguments = (void *)argv;
    (void)execvp(argv[0], arguments);
    int code = errno == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
    fprintf(stderr, "virga: %s: %s\n", argv[0], strerror(errno));
    _exit(code);
}

/* Runs the command to its end; its exit code as a shell has it. A signal that comes before its process is
 * known waits until then. */
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

static void say_coverage(struct run *r, const struct node *report)
{
    struct str text = coverage_text(&r->session, report);
    (void)fwrite(text.p, 1, text.n, stderr);
}

/* For programs, behind all that is for people. No coverage: the server had gone, or refused. */
static void say_closing(struct run *r, int command_code, int code)
{
    struct str coverage = r->has_report ? str_trim(r->report.body) : STR("null");
    log_flush();
    fprintf(stderr, "{\"command_exit_code\":%d,\"exit_code\":%d,\"coverage\":%.*s}\n", command_code, code,
            STR_ARG(coverage));
}

/* The command may have ended the server: NULL then, as when it refuses, with the exit code for it. */
static const struct node *ask_coverage(struct run *r, int *ret_code)
{
    struct session *s = &r->session;
    struct request q = session_control_request(s, "GET", STR("/coverage?actions=called"), STR(""));
    struct str problem;
    *ret_code = EXIT_REFUSED;
    if (session_try_send(s, &q, &r->report, &problem) == 0)
        return session_judge(s, &r->report);
    log_say(LOG_ERROR, "there is no coverage: %.*s", STR_ARG(problem));
    *ret_code = EXIT_NO_SERVER;
    return NULL;
}

/* The exit code, which a command that failed keeps. */
static int judge_coverage(struct run *r, int code)
{
    if (!r->fail_under.p && !r->coverage.p && !r->session.json)
        return code;
    int problem = EXIT_OK;
    const struct node *report = ask_coverage(r, &problem);
    if (!report)
        return code == EXIT_OK ? problem : code;
    r->has_report = true;
    if (r->coverage.p && !r->session.json)
        say_coverage(r, report);
    double percent = coverage_percent(report);
    if (!(percent < r->least_percent))
        return code;
    log_say(LOG_ERROR, "coverage is %.1f %%, less than %.1f %%", percent, r->least_percent);
    log_flush();
    return code == EXIT_OK ? EXIT_COVERAGE : code;
}

int run_main(char **argv)
{
    struct run *r = &the_run;
    struct session *s = &r->session;
    if (!session_open(r, &run_option_table, argv))
        return EXIT_OK;
    session_need_words(s, &run_option_table, 1, SIZE_MAX);
    check_passed(r);
    r->least_percent = r->fail_under.p ? percent_of(r->fail_under) : 0;
    int code = start_server(r);
    if (code != 0)
        return code;
    s->endpoints_path = r->file;
    s->endpoint = (struct str){NULL, 0};
    session_find(s);
    export_all(r);
    int command_code = run_command(r);
    code = judge_coverage(r, command_code);
    stop_server(r);
    log_flush();
    if (s->json)
        say_closing(r, command_code, code);
    return session_close(s, code);
}

/* --- cmd coverage --- */

/* `virga coverage`: which codes each action has answered. */

struct coverage {
    struct session session;
    struct str actions, secret_id;
};

static const struct option_row coverage_rows[] = {
    SESSION_ROWS_SERVER,
    SESSION_ROW_JSON,
};

static const struct option_text coverage_texts[] = {
    {"--actions", "called|emulated|all", "of which actions (called)", offsetof(struct coverage, actions),
     OPTION_SENT_TEXT},
    {"--secret-id", "ID", "only calls under this credential that the journal still has",
     offsetof(struct coverage, secret_id), OPTION_SENT_TEXT},
};

const struct option_table coverage_option_table = {
    .usage = "virga coverage [clear] [options]",
    .about = "Shows for each action how often it was done and how often each documented code was answered:\n"
             "naturally, by a fault, or never. clear: counts anew.",
    .rows = coverage_rows,
    .n = sizeof coverage_rows / sizeof coverage_rows[0],
    .texts = coverage_texts,
    .n_texts = sizeof coverage_texts / sizeof coverage_texts[0],
    .words = "clear",
    .word = session_add_word,
};

static void add_row(struct output_table *t, struct str action, struct str code, struct str natural,
                    struct str injected)
{
    output_table_add(t, action);
    output_table_add(t, code);
    output_table_add(t, natural);
    output_table_add(t, injected);
}

static void add_codes(struct session *s, struct output_table *t, const struct node *action, struct str list)
{
    const struct node *codes = node_find(action, list);
    for (const struct node *c = codes ? codes->first : NULL; c; c = c->next)
        add_row(t, session_text(s, action, STR("action")), session_text(s, c, STR("code")),
                session_text(s, c, STR("natural")), session_text(s, c, STR("injected")));
}

static void add_action(struct session *s, struct output_table *t, const struct node *action)
{
    if (action->kind != NODE_OBJECT)
        return;
    add_row(t, session_text(s, action, STR("action")), STR("(done)"), session_text(s, action, STR("done")),
            STR(""));
    add_codes(s, t, action, STR("codes"));
    add_codes(s, t, action, STR("others"));
}

double coverage_percent(const struct node *report)
{
    const struct node *n = report->kind == NODE_OBJECT ? node_find(report, STR("percent")) : NULL;
    return n && n->kind == NODE_NUMBER ? n->number : 0;
}

struct str coverage_text(struct session *s, const struct node *report)
{
    struct output_table t;
    struct buf b;
    const struct node *actions = report->kind == NODE_OBJECT ? node_find(report, STR("actions")) : NULL;
    output_table_init(&t, &s->arena, 4);
    add_row(&t, STR("ACTION"), STR("CODE"), STR("NATURAL"), STR("INJECTED"));
    for (const struct node *n = actions ? actions->first : NULL; n; n = n->next)
        add_action(s, &t, n);
    buf_init(&b, &s->arena, 4096, OUTPUT_MAX);
    output_put_table(&b, &t);
    buf_printf(&b, "Seen: %.*s of %.*s documented (%.1f %%)\n", STR_ARG(session_text(s, report, STR("seen"))),
               STR_ARG(session_text(s, report, STR("documented"))), coverage_percent(report));
    return buf_str(&b);
}

int coverage_main(char **argv)
{
    struct coverage c = {.actions = STR("called")};
    struct session *s = &c.session;
    struct client_response answer;
    struct buf path;
    if (!session_open(&c, &coverage_option_table, argv))
        return EXIT_OK;
    session_need_words(s, &coverage_option_table, 0, 1);
    bool clears = s->words.n == 1;
    if (clears && !str_eq(s->words.v[0], STR("clear")))
        die(EXIT_USAGE, "%.*s is not clear: %s", STR_ARG(s->words.v[0]), coverage_option_table.usage);
    session_find(s);
    buf_init(&path, &s->arena, 64, OUTPUT_MAX);
    buf_put(&path, STR("/coverage"));
    if (!clears)
        control_request_put_query(&path, &coverage_option_table, &c);
    const struct node *report =
        session_ask(s, clears ? "DELETE" : "GET", buf_str(&path), (struct str){NULL, 0}, &answer);
    return report ? session_print(s, coverage_text(s, report), &answer) : session_close(s, EXIT_REFUSED);
}
