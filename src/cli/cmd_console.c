/* `virga console`: the web console in the user's browser. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/output.h"
#include "cli/session.h"

struct console {
    struct session session; /* first, for the shared options */
    bool print;
};

static int set_print(void *target, struct arena *a, struct str value, struct str *ret_why)
{
    (void)a, (void)value, (void)ret_why;
    ((struct console *)target)->print = true;
    return 0;
}

static const struct option_row rows[] = {
    SESSION_ROWS_SERVER,
    SESSION_ROW_JSON,
    {"--print", NULL, "only print the address", false, set_print},
};

const struct option_table console_option_table = {
    .usage = "virga console [options]",
    .about =
        "Prints the address of the server's web console and opens it in the browser, where there is one.",
    .rows = rows,
    .n = sizeof rows / sizeof rows[0],
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
