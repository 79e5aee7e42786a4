#include "cli/reports.h"

#include "base/limits.h"
#include "cli/output.h"

/* --- coverage ----------------------------------------------------------------------------------------- */

/* A row for each code of one of the action's two lists: the documented ones, and others that it answered. */
static void add_codes(struct session *s, struct output_table *t, const struct node *action, struct str list)
{
    const struct node *codes = node_find(action, list);
    for (const struct node *c = codes ? codes->first : NULL; c; c = c->next) {
        const struct str cells[] = {session_text(s, action, STR("action")), session_text(s, c, STR("code")),
                                    session_text(s, c, STR("natural")), session_text(s, c, STR("injected"))};
        output_table_add(t, cells);
    }
}

/* How often the action succeeded, then its codes. */
static void add_action(struct session *s, struct output_table *t, const struct node *action)
{
    if (action->kind != NODE_OBJECT)
        return;
    const struct str done[] = {session_text(s, action, STR("action")), STR("(done)"),
                               session_text(s, action, STR("done")), STR("")};
    output_table_add(t, done);
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
    static const struct str head[] = {STR_INIT("ACTION"), STR_INIT("CODE"), STR_INIT("NATURAL"),
                                      STR_INIT("INJECTED")};
    const struct node *actions = report->kind == NODE_OBJECT ? node_find(report, STR("actions")) : NULL;
    struct output_table t;
    struct buf b;
    output_table_init(&t, &s->arena, sizeof head / sizeof head[0]);
    output_table_add(&t, head);
    for (const struct node *n = actions ? actions->first : NULL; n; n = n->next)
        add_action(s, &t, n);
    buf_init(&b, &s->arena, 4096, LIMIT_CLI_TEXT);
    output_put_table(&b, &t);
    buf_printf(&b, "Seen: %.*s of %.*s documented (%.1f %%)\n", STR_ARG(session_text(s, report, STR("seen"))),
               STR_ARG(session_text(s, report, STR("documented"))), coverage_percent(report));
    return buf_str(&b);
}

/* --- reset -------------------------------------------------------------------------------------------- */

struct str reset_text(struct session *s, const struct node *answer)
{
    const struct node *removed = answer->kind == NODE_OBJECT ? node_find(answer, STR("removed")) : NULL;
    struct buf b;
    buf_init(&b, &s->arena, 128, LIMIT_CLI_TEXT);
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
