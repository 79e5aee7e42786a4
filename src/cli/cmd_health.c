/* `virga health` and `virga wait`: is the server there? */
#include <poll.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/output.h"
#include "cli/session.h"

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
        "if it never can.",
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
    struct client_answer answer;
    if (!session_open(&s, &health_option_table, argv))
        return EXIT_OK;
    session_find(&s);
    if (!session_ask(&s, "GET", STR("/health"), (struct str){NULL, 0}, &answer))
        return session_close(&s, EXIT_NO_SERVER);
    return session_print(&s, ok_text(&s), &answer);
}

/* One look: 0 when it is ready, else -1 and why not. */
static int look(struct session *s, int64_t left_ms, struct client_answer *ret_answer, struct str *ret_why)
{
    struct request r = {.method = STR("GET"), .path = STR("/_virga/health"), .body = STR("")};
    struct client_address to;
    if (session_try_find(s, ret_why) != 0)
        return -1;
    if (client_address_parse(&s->arena, s->server.endpoint, &to) != 0)
        die(EXIT_NO_SERVER, "%.*s is no address to connect to", STR_ARG(s->server.endpoint));
    if (client_send(&s->arena, &to, &r, left_ms, ret_answer, ret_why) != 0)
        return -1;
    *ret_why = arena_printf(&s->arena, "it answers HTTP status %d", ret_answer->status);
    return ret_answer->status == 200 ? 0 : -1;
}

static void show_wait(struct session *s, int64_t left_ms, struct str why)
{
    output_progress(
        arena_printf(&s->arena, "waiting for %d s more: %.*s", (int)(left_ms / 1000), STR_ARG(why)));
}

int wait_main(char **argv)
{
    struct session s = {0};
    struct client_answer answer;
    struct str why;
    if (!session_open(&s, &wait_option_table, argv))
        return EXIT_OK;
    int64_t until_ms = clock_mono_ns() / 1000000 + s.timeout_ms, left_ms = s.timeout_ms;
    while (look(&s, left_ms, &answer, &why) != 0) {
        left_ms = until_ms - clock_mono_ns() / 1000000;
        if (left_ms <= 0) {
            output_progress(STR(""));
            die(EXIT_NO_SERVER, "%.*s", STR_ARG(why));
        }
        show_wait(&s, left_ms, why);
        (void)poll(NULL, 0, LOOK_EVERY_MS);
    }
    output_progress(STR(""));
    return session_print(&s, ok_text(&s), &answer);
}
