/* `virga clock`: the service's clock by hand. */

#include "base/file.h"
#include "base/log.h"
#include "cli/control_request.h"
#include "cli/main.h"
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
        control_request_put_number(&b, s->words.v[1]);
    }
    if (s->words.n > time_at) {
        buf_put(&b, STR(",\"time\":"));
        buf_put_json_string(&b, s->words.v[time_at]);
    }
    buf_putc(&b, '}');
    return buf_str(&b);
}

static const struct node *advance(struct session *s, struct client_response *ret_answer)
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
} subcommands[] = {
    {STR_INIT("freeze"), "frozen", 1, 2}, {STR_INIT("move"), "moved", 2, 2},
    {STR_INIT("scale"), "scaled", 2, 3},  {STR_INIT("real"), "real", 1, 1},
    {STR_INIT("advance"), NULL, 2, 2},
};

/* NULL without a word. */
static const struct way *find_way(struct session *s)
{
    if (s->words.n == 0)
        return NULL;
    for (size_t i = 0; i < sizeof subcommands / sizeof subcommands[0]; i++) {
        if (!str_eq(s->words.v[0], subcommands[i].word))
            continue;
        session_need_words(s, &clock_option_table, subcommands[i].least, subcommands[i].most);
        return &subcommands[i];
    }
    die(EXIT_USAGE, "%.*s is none of %s", STR_ARG(s->words.v[0]), clock_option_table.words);
}

static const struct node *ask(struct session *s, const struct way *way, struct client_response *ret_answer)
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
    struct client_response answer;
    if (!session_open(&s, &clock_option_table, argv))
        return EXIT_OK;
    const struct way *way = find_way(&s);
    session_find(&s);
    const struct node *clock = ask(&s, way, &answer);
    return clock ? session_print(&s, clock_text(&s, clock), &answer) : session_close(&s, EXIT_REFUSED);
}

/* --- cmd reset --- */

/* `virga reset` and `virga state`: the whole state by hand. */

struct reset {
    struct session session;
    struct str scope, account;
};

static const struct option_row reset_rows[] = {
    SESSION_ROWS_SERVER,
    SESSION_ROW_JSON,
};

static const struct option_text texts[] = {
    {"--scope", "WHAT", "flows, backups, faults, journal, limiter or all, with commas (all)",
     offsetof(struct reset, scope), OPTION_SENT_TEXT},
    {"--account", "UIN", "only what this account has", offsetof(struct reset, account), OPTION_SENT_TEXT},
};

const struct option_table reset_option_table = {
    .usage = "virga reset [options]",
    .about = "Puts the server's state back to its beginning and says what was removed.",
    .rows = reset_rows,
    .n = sizeof reset_rows / sizeof reset_rows[0],
    .texts = texts,
    .n_texts = sizeof texts / sizeof texts[0],
};

const struct option_table state_option_table = {
    .usage = "virga state save|load FILE [options]",
    .about =
        "Saves the whole state as one document, or loads one that was saved. FILE may be -. Secret keys\n"
        "of accounts that were made while the server ran are in it.",
    .rows = reset_rows,
    .n = sizeof reset_rows / sizeof reset_rows[0],
    .words = "save load",
    .word = session_add_word,
};

/* "removed: flows 1, backups 1", without what there was none of. */
static struct str removed_text(struct session *s, const struct node *answer)
{
    const struct node *removed = answer->kind == NODE_OBJECT ? node_find(answer, STR("removed")) : NULL;
    struct buf b;
    buf_init(&b, &s->arena, 128, OUTPUT_MAX);
    buf_put(&b, STR("removed:"));
    size_t before = b.n;
    for (const struct node *n = removed ? removed->first : NULL; n; n = n->next) {
        struct str count = session_text(s, removed, n->name);
        if (!str_eq(count, STR("0")))
            buf_printf(&b, "%s %.*s %.*s", b.n > before ? "," : "", STR_ARG(n->name), STR_ARG(count));
    }
    buf_put(&b, b.n > before ? STR("\n") : STR(" nothing\n"));
    return buf_str(&b);
}

int reset_main(char **argv)
{
    struct reset r = {0};
    struct client_response answer;
    struct buf path;
    if (!session_open(&r, &reset_option_table, argv))
        return EXIT_OK;
    session_find(&r.session);
    buf_init(&path, &r.session.arena, 128, OUTPUT_MAX);
    buf_put(&path, STR("/reset"));
    control_request_put_query(&path, &reset_option_table, &r);
    const struct node *done = session_ask(&r.session, "POST", buf_str(&path), STR(""), &answer);
    return done ? session_print(&r.session, removed_text(&r.session, done), &answer)
                : session_close(&r.session, EXIT_REFUSED);
}

/* A large state takes its time. */
static const struct node *transfer(struct session *s, const char *method, struct str body,
                                   struct client_response *ret_answer)
{
    struct request r = session_control_request(s, method, STR("/state"), body);
    output_progress(STR("moving the state"));
    session_send(s, &r, ret_answer);
    output_progress(STR(""));
    return session_judge(s, ret_answer);
}

static int save(struct session *s)
{
    struct client_response answer;
    struct str path = s->words.v[1], problem;
    if (!transfer(s, "GET", (struct str){NULL, 0}, &answer))
        return session_close(s, EXIT_REFUSED);
    struct str text = CONCAT(&s->arena, str_trim(answer.body), STR("\n"));
    if (str_eq(path, STR("-")))
        return session_print(s, text, &answer);
    if (file_replace(&s->arena, arena_cstr(&s->arena, path), text, &problem) != 0)
        die(EXIT_UNEXPECTED, "%.*s", STR_ARG(problem));
    if (s->json && output_write_value(&s->arena, "saved", path) != 0)
        return session_close(s, EXIT_UNEXPECTED);
    return session_close(s, EXIT_OK);
}

static int load(struct session *s)
{
    struct client_response answer;
    struct str document = session_read_file(s, s->words.v[1]);
    const struct node *done = transfer(s, "PUT", document, &answer);
    if (!done)
        return session_close(s, EXIT_REFUSED);
    struct str text = CONCAT(&s->arena, STR("rows: "), session_text(s, done, STR("rows")), STR("\n"));
    return session_print(s, text, &answer);
}

int state_main(char **argv)
{
    struct session s = {0};
    if (!session_open(&s, &state_option_table, argv))
        return EXIT_OK;
    session_need_words(&s, &state_option_table, 2, 2);
    bool saves = str_eq(s.words.v[0], STR("save"));
    if (!saves && !str_eq(s.words.v[0], STR("load")))
        die(EXIT_USAGE, "%.*s is neither save nor load", STR_ARG(s.words.v[0]));
    session_find(&s);
    return saves ? save(&s) : load(&s);
}
