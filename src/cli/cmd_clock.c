/* `virga clock`: the service's clock by hand. */
#include "base/log.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/members.h"
#include "cli/output.h"
#include "cli/session.h"

static const struct option_row rows[] = {
    SESSION_ROWS_SERVER,
    SESSION_ROW_JSON,
};

const struct option_table clock_option_table = {
    .usage =
        "virga clock [freeze [TIME] | move TIME | scale FACTOR [TIME] | real | advance DURATION] [options]",
    .about =
        "Without a word shows the service's clock. freeze: it stands still, now or at TIME; move: it runs\n"
        "on from TIME; scale: it runs FACTOR times as fast, from now or from TIME; real: it is the "
        "machine's\n"
        "again; advance: it goes forward by 90, 90s, 5m, 2h or 1d. TIME is as 2026-01-01T00:00:00+08:00.",
    .rows = rows,
    .n = sizeof rows / sizeof rows[0],
    .words = "freeze move scale real advance",
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

/* Behind the mode stands a time, but behind "scale" first the factor. */
static struct str set_body(struct session *s, const char *mode)
{
    bool scaled = strcmp(mode, "scaled") == 0;
    size_t time_at = scaled ? 2 : 1;
    struct buf b;
    buf_init(&b, &s->arena, 128, OUTPUT_MAX);
    buf_printf(&b, "{\"mode\":\"%s\"", mode);
    if (scaled) {
        buf_put(&b, STR(",\"scale\":"));
        members_put_number(&b, s->words.v[1]);
    }
    if (s->words.n > time_at) {
        buf_put(&b, STR(",\"time\":"));
        buf_put_json_string(&b, s->words.v[time_at]);
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

static const struct way {
    struct str word;
    const char *mode;   /* NULL: advance */
    size_t least, most; /* words */
} ways[] = {
    {STR_INIT("freeze"), "frozen", 1, 2}, {STR_INIT("move"), "moved", 2, 2},
    {STR_INIT("scale"), "scaled", 2, 3},  {STR_INIT("real"), "real", 1, 1},
    {STR_INIT("advance"), NULL, 2, 2},
};

/* NULL without a word. */
static const struct way *find_way(struct session *s)
{
    if (s->words.n == 0)
        return NULL;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        if (!str_eq(s->words.v[0], ways[i].word))
            continue;
        session_need_words(s, &clock_option_table, ways[i].least, ways[i].most);
        return &ways[i];
    }
    die(EXIT_USAGE, "%.*s is none of %s", STR_ARG(s->words.v[0]), clock_option_table.words);
}

static const struct node *ask(struct session *s, const struct way *way, struct client_answer *ret_answer)
{
    if (!way)
        return session_ask(s, "GET", STR("/clock"), (struct str){NULL, 0}, ret_answer);
    if (!way->mode)
        return advance(s, ret_answer);
    return session_ask(s, "PUT", STR("/clock"), set_body(s, way->mode), ret_answer);
}

/* "2026-01-01T00:00:00+08:00 scaled 60" */
static struct str clock_text(struct session *s, const struct node *clock)
{
    struct str scale = session_text(s, clock, STR("scale"));
    return CONCAT(&s->arena, session_text(s, clock, STR("time")), STR(" "),
                  session_text(s, clock, STR("mode")), scale.n ? STR(" ") : STR(""), scale, STR("\n"));
}

int clock_main(char **argv)
{
    struct session s = {0};
    struct client_answer answer;
    if (!session_open(&s, &clock_option_table, argv))
        return EXIT_OK;
    const struct way *way = find_way(&s);
    session_find(&s);
    const struct node *clock = ask(&s, way, &answer);
    return clock ? session_print(&s, clock_text(&s, clock), &answer) : session_close(&s, EXIT_REFUSED);
}
