/* `virga clock`: the service's clock by hand. */
#include <stdio.h>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/output.h"
#include "cli/session.h"

static const struct option_row rows[] = {
    SESSION_ROWS_SERVER,
    SESSION_ROW_JSON,
};

const struct option_table clock_option_table = {
    .usage = "virga clock [freeze [TIME] | move TIME | real | advance DURATION] [options]",
    .about =
        "Without a word shows the service's clock. freeze: it stands still, now or at TIME; move: it runs "
        "on\n"
        "from TIME; real: it is the machine's again; advance: it goes forward by 90, 90s, 5m, 2h or 1d.\n"
        "TIME is as 2026-01-01T00:00:00+08:00.",
    .rows = rows,
    .n = sizeof rows / sizeof rows[0],
    .words = "freeze move real advance",
    .word = session_add_word,
};

/* "5m" is 300. */
static int duration_seconds(struct str text, int64_t *ret_seconds)
{
    static const struct {
        char letter;
        int64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 24 * 3600}};
    int64_t unit = 1, n;
    for (size_t i = 0; text.n > 0 && i < sizeof units / sizeof units[0]; i++)
        if (text.p[text.n - 1] == units[i].letter) {
            unit = units[i].seconds;
            text.n--;
            break;
        }
    if (str_to_i64(text, &n) != 0 || n < 0 || n > INT32_MAX)
        return -1;
    *ret_seconds = n * unit;
    return 0;
}

static struct str set_body(struct session *s, const char *mode)
{
    struct buf b;
    buf_init(&b, &s->arena, 128, OUTPUT_MAX);
    buf_printf(&b, "{\"mode\":\"%s\"", mode);
    if (s->words.n > 1) {
        buf_put(&b, STR(",\"time\":"));
        buf_put_json_string(&b, s->words.v[1]);
    }
    buf_putc(&b, '}');
    return buf_str(&b);
}

static const struct node *advance(struct session *s, struct client_answer *ret_answer)
{
    int64_t seconds;
    if (duration_seconds(s->words.v[1], &seconds) != 0)
        die(EXIT_USAGE, "%.*s is no duration; 90, 90s, 5m, 2h or 1d are", STR_ARG(s->words.v[1]));
    struct str body = arena_printf(&s->arena, "{\"seconds\":%lld}", (long long)seconds);
    return session_ask(s, "POST", STR("/clock/advance"), body, ret_answer);
}

static const struct node *ask(struct session *s, struct client_answer *ret_answer)
{
    static const struct {
        struct str word;
        const char *mode;
        size_t least, most; /* words */
    } ways[] = {
        {STR_INIT("freeze"), "frozen", 1, 2},
        {STR_INIT("move"), "moved", 2, 2},
        {STR_INIT("real"), "real", 1, 1},
        {STR_INIT("advance"), NULL, 2, 2},
    };
    if (s->words.n == 0)
        return session_ask(s, "GET", STR("/clock"), (struct str){NULL, 0}, ret_answer);
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        if (!str_eq(s->words.v[0], ways[i].word))
            continue;
        session_need_words(s, &clock_option_table, ways[i].least, ways[i].most);
        return ways[i].mode ? session_ask(s, "PUT", STR("/clock"), set_body(s, ways[i].mode), ret_answer)
                            : advance(s, ret_answer);
    }
    die(EXIT_USAGE, "%.*s is none of %s", STR_ARG(s->words.v[0]), clock_option_table.words);
}

int clock_main(char **argv)
{
    struct session s = {0};
    struct client_answer answer;
    if (!session_open(&s, &clock_option_table, argv))
        return EXIT_OK;
    session_find(&s);
    const struct node *clock = ask(&s, &answer);
    if (!clock)
        return session_close(&s, EXIT_REFUSED);
    struct str mode = session_text(&s, clock, STR("mode")), time = session_text(&s, clock, STR("time"));
    return session_print(&s, arena_printf(&s.arena, "%.*s %.*s\n", STR_ARG(time), STR_ARG(mode)), &answer);
}
