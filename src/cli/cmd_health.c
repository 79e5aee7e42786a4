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
    struct client_answer answer;
    if (!session_open(&s, &health_option_table, argv))
        return EXIT_OK;
    session_find(&s);
    if (!session_ask(&s, "GET", STR("/health"), (struct str){NULL, 0}, &answer))
        return session_close(&s, EXIT_NO_SERVER);
    return session_print(&s, ok_text(&s), &answer);
}

enum look { LOOK_READY, LOOK_AGAIN, LOOK_REFUSED };

/* One look; why it has to be another. A server that demands a token, or another one, will do so again. */
static enum look look(struct session *s, struct client_answer *ret_answer, struct str *ret_why)
{
    enum { FORBIDDEN = 403 };
    if (session_try_find(s, ret_why) != 0)
        return LOOK_AGAIN;
    struct request r = session_control_request(s, "GET", STR("/ready"), STR(""));
    if (session_try_send(s, &r, ret_answer, ret_why) != 0)
        return LOOK_AGAIN;
    *ret_why = arena_printf(&s->arena, "it answers HTTP status %d", ret_answer->status);
    if (ret_answer->status == FORBIDDEN)
        return LOOK_REFUSED;
    return ret_answer->status == 200 ? LOOK_READY : LOOK_AGAIN;
}

static void show_wait(struct session *s, struct str why)
{
    output_progress(
        arena_printf(&s->arena, "waiting for %d s more: %.*s", (int)(s->timeout_ms / 1000), STR_ARG(why)));
}

/* Looks until it is ready, it refuses to say, or the time is over, which ends the program. */
static enum look await_ready(struct session *s, struct client_answer *ret_answer)
{
    int64_t until_ms = clock_mono_ns() / 1000000 + s->timeout_ms;
    struct str why;
    enum look seen;
    while ((seen = look(s, ret_answer, &why)) == LOOK_AGAIN) {
        s->timeout_ms = until_ms - clock_mono_ns() / 1000000; /* what is left is for the next look */
        if (s->timeout_ms <= 0) {
            output_progress(STR(""));
            die(EXIT_NO_SERVER, "%.*s", STR_ARG(why));
        }
        show_wait(s, why);
        (void)poll(NULL, 0, LOOK_EVERY_MS);
    }
    output_progress(STR(""));
    return seen;
}

int wait_main(char **argv)
{
    struct session s = {0};
    struct client_answer answer;
    if (!session_open(&s, &wait_option_table, argv))
        return EXIT_OK;
    if (await_ready(&s, &answer) == LOOK_REFUSED)
        return session_close(&s, session_refused(&s, &answer));
    return session_print(&s, ok_text(&s), &answer);
}
