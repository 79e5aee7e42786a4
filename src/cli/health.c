/* `virga health` and `virga wait`: is the server there? */
#include "cli/health.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/main.h"
#include "cli/output.h"
#include "cli/serve_options.h"
#include "cli/session.h"
#include "server/tls.h"

/* Between two looks: short against a server's start, long against a process. */
enum { LOOK_EVERY_MS = 50 };

static const struct option_row rows[] = {
    SESSION_ROWS_SERVER,
    SESSION_ROW_JSON,
};

const struct option_table health_option_table = {
    .usage = "virga health [options]",
    .about = "Asks the server whether it is there. Exit code 0 if it is, 9 if not.",
    .rows = rows,
    .n = sizeof rows / sizeof rows[0],
};

const struct option_table wait_option_table = {
    .usage = "virga wait [options]",
    .about =
        "Waits until the server can keep what it is told, at most --timeout seconds. Exit code 0 then, 9 "
        "if it never can,\n10 when it demands the control token.",
    .rows = rows,
    .n = sizeof rows / sizeof rows[0],
};

static struct str ok_text(struct session *s)
{
    return arena_printf(&s->arena, "ok %.*s\n", STR_ARG(s->server.endpoint));
}

int health_main(char **argv)
{
    struct session s = {0};
    struct client_response answer;
    if (!session_open(&s, &health_option_table, argv))
        return EXIT_OK;
    session_find(&s);
    if (!session_ask(&s, "GET", STR("/health"), (struct str){NULL, 0}, &answer))
        return session_close(&s, EXIT_NO_SERVER);
    return session_print(&s, ok_text(&s), &answer);
}

enum look { LOOK_READY, LOOK_AGAIN, LOOK_REFUSED };

/* One look; why it has to be another. A server that demands a token, or another one, will do so again. */
static enum look look(struct session *s, struct client_response *ret_answer, struct str *ret_problem)
{
    enum { FORBIDDEN = 403 };
    if (session_try_find(s, ret_problem) != 0)
        return LOOK_AGAIN;
    struct request r = session_control_request(s, "GET", STR("/ready"), STR(""));
    if (session_try_send(s, &r, ret_answer, ret_problem) != 0)
        return LOOK_AGAIN;
    *ret_problem = arena_printf(&s->arena, "it answers HTTP status %d", ret_answer->status);
    if (ret_answer->status == FORBIDDEN)
        return LOOK_REFUSED;
    return ret_answer->status == 200 ? LOOK_READY : LOOK_AGAIN;
}

static void show_wait(struct session *s, struct str problem)
{
    output_progress(arena_printf(&s->arena, "waiting for %d s more: %.*s", (int)(s->timeout_ms / 1000),
                                 STR_ARG(problem)));
}

/* Looks until it is ready, it refuses to say, or the time is over, which ends the program. */
static enum look await_ready(struct session *s, struct client_response *ret_answer)
{
    int64_t until_ms = clock_mono_ns() / 1000000 + s->timeout_ms;
    struct str problem;
    enum look seen;
    while ((seen = look(s, ret_answer, &problem)) == LOOK_AGAIN) {
        s->timeout_ms = until_ms - clock_mono_ns() / 1000000; /* what is left is for the next look */
        if (s->timeout_ms <= 0) {
            output_progress(STR(""));
            die(EXIT_NO_SERVER, "%.*s", STR_ARG(problem));
        }
        show_wait(s, problem);
        (void)poll(NULL, 0, LOOK_EVERY_MS);
    }
    output_progress(STR(""));
    return seen;
}

int wait_main(char **argv)
{
    struct session s = {0};
    struct client_response answer;
    if (!session_open(&s, &wait_option_table, argv))
        return EXIT_OK;
    if (await_ready(&s, &answer) == LOOK_REFUSED)
        return session_close(&s, session_refused(&s, &answer));
    return session_print(&s, ok_text(&s), &answer);
}

/* --- cmd console --- */

/* `virga console`: the web console in the user's browser. */

struct console {
    struct session session; /* first, for the shared options */
    bool print;
};

static int set_print(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    (void)a, (void)value, (void)ret_problem;
    ((struct console *)target)->print = true;
    return 0;
}

static const struct option_row console_rows[] = {
    SESSION_ROWS_SERVER,
    SESSION_ROW_JSON,
    {"--print", NULL, "only print the address", false, set_print},
};

const struct option_table console_option_table = {
    .usage = "virga console [options]",
    .about =
        "Prints the address of the server's web console and opens it in the browser, where there is one.",
    .rows = console_rows,
    .n = sizeof console_rows / sizeof console_rows[0],
};

/* The openers of desktops; the first that is there. Its own words must not mix with ours, and it is not
 * waited for: it may be the browser itself. */
static void open_browser(const char *url)
{
    static const char *const openers[] = {"xdg-open", "open"};
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return;
    (void)posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    (void)posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    for (size_t i = 0; i < sizeof openers / sizeof openers[0]; i++) {
        char *const argv[] = {(char *)(uintptr_t)openers[i], (char *)(uintptr_t)url, NULL};
        pid_t pid;
        if (posix_spawnp(&pid, openers[i], &actions, NULL, argv, environ) == 0)
            break;
    }
    (void)posix_spawn_file_actions_destroy(&actions);
}

int console_main(char **argv)
{
    struct console c = {.print = false};
    struct session *s = &c.session;
    if (!session_open(&c, &console_option_table, argv))
        return EXIT_OK;
    session_find(s);
    struct str url = endpoints_console(&s->arena, s->server.endpoint);
    int rc = output_write_value(&s->arena, s->json ? "console" : NULL, url);
    if (!c.print)
        open_browser(arena_cstr(&s->arena, url));
    return session_close(s, rc == 0 ? EXIT_OK : EXIT_UNEXPECTED);
}

/* --- ca --- */

struct ca_options {
    struct session session; /* first, for the shared options */
    struct str folder;
};

static const struct option_row ca_rows[] = {
    SESSION_ROW_JSON,
};

static const struct option_text texts[] = {
    {"--ca-dir", "PATH", "where it is kept (~/.local/state/virga/ca)", offsetof(struct ca_options, folder),
     OPTION_LOCAL},
};

const struct option_table ca_option_table = {
    .usage = "virga ca [options]",
    .about = "Prints the path of the certificate that clients of virga's TLS port have to trust. Makes it,\n"
             "if need be.",
    .rows = ca_rows,
    .n = sizeof ca_rows / sizeof ca_rows[0],
    .texts = texts,
    .n_texts = sizeof texts / sizeof texts[0],
};

int ca_main(char **argv)
{
    struct ca_options o = {0};
    struct session *s = &o.session;
    struct str problem;
    if (!session_open(&o, &ca_option_table, argv))
        return EXIT_OK;
    struct ca ca = {.arena = &s->arena};
    ca.folder = o.folder.p ? arena_cstr(&s->arena, o.folder) : serve_default_ca_dir(&s->arena);
    if (!ca.folder)
        die(EXIT_USAGE, "neither HOME nor XDG_STATE_HOME is set: say --ca-dir PATH");
    if (ca_open(&ca, &problem) != 0)
        die(EXIT_LISTEN, "%.*s", STR_ARG(problem));
    int rc = output_write_value(&s->arena, s->json ? "ca_file" : NULL, str_from(ca.path));
    return session_close(s, rc == 0 ? EXIT_OK : EXIT_UNEXPECTED);
}
