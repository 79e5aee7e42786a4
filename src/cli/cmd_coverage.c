/* `virga coverage`: which codes each action has answered. */
#include <stdio.h>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/coverage.h"
#include "cli/exit.h"
#include "cli/members.h"
#include "cli/output.h"

struct coverage {
    struct session session;
    struct str actions, secret_id;
};

static const struct option_row rows[] = {
    SESSION_ROWS_SERVER,
    SESSION_ROW_JSON,
};

static const struct option_text texts[] = {
    {"--actions", "called|emulated|all", "of which actions (called)", offsetof(struct coverage, actions),
     OPTION_SENT_TEXT},
    {"--secret-id", "ID", "only calls under this credential that the journal still has",
     offsetof(struct coverage, secret_id), OPTION_SENT_TEXT},
};

const struct option_table coverage_option_table = {
    .usage = "virga coverage [clear] [options]",
    .about = "Shows for each action how often it was done and how often each documented code was answered:\n"
             "naturally, by a fault, or never. clear: counts anew.",
    .rows = rows,
    .n = sizeof rows / sizeof rows[0],
    .texts = texts,
    .n_texts = sizeof texts / sizeof texts[0],
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
    struct client_answer answer;
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
        members_put_query(&path, &coverage_option_table, &c);
    const struct node *report =
        session_ask(s, clears ? "DELETE" : "GET", buf_str(&path), (struct str){NULL, 0}, &answer);
    return report ? session_print(s, coverage_text(s, report), &answer) : session_close(s, EXIT_REFUSED);
}
