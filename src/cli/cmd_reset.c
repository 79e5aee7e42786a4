/* `virga reset` and `virga state`: the whole state by hand. */
#include "base/file.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/members.h"
#include "cli/output.h"
#include "cli/session.h"

struct reset {
    struct session session;
    struct str scope, account;
};

static const struct option_row rows[] = {
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
    .rows = rows,
    .n = sizeof rows / sizeof rows[0],
    .texts = texts,
    .n_texts = sizeof texts / sizeof texts[0],
};

const struct option_table state_option_table = {
    .usage = "virga state save|load FILE [options]",
    .about =
        "Saves the whole state as one document, or loads one that was saved. FILE may be -. Secret keys\n"
        "of accounts that were made while the server ran are in it.",
    .rows = rows,
    .n = sizeof rows / sizeof rows[0],
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
    struct client_answer answer;
    struct buf path;
    if (!session_open(&r, &reset_option_table, argv))
        return EXIT_OK;
    session_find(&r.session);
    buf_init(&path, &r.session.arena, 128, OUTPUT_MAX);
    buf_put(&path, STR("/reset"));
    members_put_query(&path, &reset_option_table, &r);
    const struct node *done = session_ask(&r.session, "POST", buf_str(&path), STR(""), &answer);
    return done ? session_print(&r.session, removed_text(&r.session, done), &answer)
                : session_close(&r.session, EXIT_REFUSED);
}

/* A large state takes its time. */
static const struct node *transfer(struct session *s, const char *method, struct str body,
                                   struct client_answer *ret_answer)
{
    struct request r = session_control_request(s, method, STR("/state"), body);
    output_progress(STR("moving the state"));
    session_send(s, &r, ret_answer);
    output_progress(STR(""));
    return session_judge(s, ret_answer);
}

static int save(struct session *s)
{
    struct client_answer answer;
    struct str path = s->words.v[1], why;
    if (!transfer(s, "GET", (struct str){NULL, 0}, &answer))
        return session_close(s, EXIT_REFUSED);
    struct str text = CONCAT(&s->arena, str_trim(answer.body), STR("\n"));
    if (str_eq(path, STR("-")))
        return session_print(s, text, &answer);
    if (file_replace(&s->arena, arena_cstr(&s->arena, path), text, &why) != 0)
        die(EXIT_UNEXPECTED, "%.*s", STR_ARG(why));
    if (s->json && output_write_value(&s->arena, "saved", path) != 0)
        return session_close(s, EXIT_UNEXPECTED);
    return session_close(s, EXIT_OK);
}

static int load(struct session *s)
{
    struct client_answer answer;
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
