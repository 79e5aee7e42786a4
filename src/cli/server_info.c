/* `virga wait`, `virga console` and `virga ca`: wait for the server, open its web console, and print its
 * certificate authority. */
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/os.h"
#include "cli/output.h"
#include "cli/serve_options.h"
#include "gen/cli.h"
#include "server/tls.h"

/* --- wait --------------------------------------------------------------------------------------------- */

/* Between two probes: short against a server's start, long against what a probe costs. */
enum { PROBE_INTERVAL_MS = 50, HTTP_OK = 200, HTTP_FORBIDDEN = 403 };

enum probe { PROBE_READY, PROBE_AGAIN, PROBE_REJECTED };

/* Makes one probe and gives the reason why another is needed. A missing token is final: a later probe would
 * have the same result. */
static enum probe probe(struct session *s, struct client_response *ret_response, struct str *ret_problem)
{
    if (session_try_find(s, ret_problem) != 0)
        return PROBE_AGAIN;
    struct request r = session_control_request(s, "GET", STR("/ready"), (struct str){NULL, 0});
    if (session_try_send(s, &r, ret_response, ret_problem) != 0)
        return PROBE_AGAIN;
    *ret_problem = arena_printf(&s->arena, "it answers HTTP status %d", ret_response->status);
    if (ret_response->status == HTTP_FORBIDDEN)
        return PROBE_REJECTED;
    return ret_response->status == HTTP_OK ? PROBE_READY : PROBE_AGAIN;
}

/* Probes until the server is ready, rejects the request, or the time is over, which ends the program. */
static enum probe await_ready(struct session *s, struct client_response *ret_response)
{
    int64_t until_ms = clock_mono_ns() / NS_PER_MS + s->timeout_ms;
    struct str problem;
    enum probe result;
    while ((result = probe(s, ret_response, &problem)) == PROBE_AGAIN) {
        s->timeout_ms = until_ms - clock_mono_ns() / NS_PER_MS; /* the rest is for the next probe */
        if (s->timeout_ms <= 0) {
            output_progress(STR(""));
            die(EXIT_NO_SERVER, "%.*s", STR_ARG(problem));
        }
        output_progress(arena_printf(&s->arena, "waiting for %d s more: %.*s", (int)(s->timeout_ms / 1000),
                                     STR_ARG(problem)));
        (void)poll(NULL, 0, PROBE_INTERVAL_MS);
    }
    output_progress(STR(""));
    return result;
}

/* A server that requires the token ends the wait, because waiting longer cannot help. */
int wait_main(struct session *s)
{
    struct client_response response;
    if (await_ready(s, &response) == PROBE_REJECTED) {
        session_print_error(s, &response);
        return EXIT_SERVER_ERROR;
    }
    return session_print(s, arena_printf(&s->arena, "ok %.*s\n", STR_ARG(s->server.endpoint)), &response);
}

/* --- console ------------------------------------------------------------------------------------------ */

/* Starts the first of the desktops' openers that exists. Its output must not mix with ours, and it may be the
 * browser itself, so nothing waits for it. */
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

/* The address is printed even when no browser can be opened, and before it is. */
int console_main(struct session *s)
{
    const struct console_options *o = (void *)s;
    session_find(s);
    struct str url = endpoints_console(&s->arena, endpoints_local(&s->server));
    int rc = output_write_value(&s->arena, s->json ? "console" : NULL, url);
    if (!o->print)
        open_browser(arena_cstr(&s->arena, url));
    return rc == 0 ? EXIT_OK : EXIT_UNEXPECTED;
}

/* --- ca ----------------------------------------------------------------------------------------------- */

/* Needs no server: the certificate is created here when it is missing, and the server uses the same one. */
int ca_main(struct session *s)
{
    const struct ca_options *o = (void *)s;
    struct ca ca = {.arena = &s->arena, .folder = o->ca_dir ? o->ca_dir : serve_default_ca_dir(&s->arena)};
    struct str problem;
    if (!ca.folder)
        die(EXIT_USAGE, "neither HOME nor XDG_STATE_HOME is set: use --ca-dir PATH");
    if (ca_open(&ca, &problem) != 0)
        die(EXIT_LISTEN, "%.*s", STR_ARG(problem));
    int rc =
        s->json ? output_write_value(&s->arena, "ca_file", str_from(ca.path)) : output_write_path(ca.path);
    return rc == 0 ? EXIT_OK : EXIT_UNEXPECTED;
}
