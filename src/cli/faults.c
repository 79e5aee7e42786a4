/* `virga faults`: rules by which calls fail, wait or lose their answer. */
#include <stdio.h>

#include "base/log.h"
#include "cli/control_request.h"
#include "cli/env.h"
#include "cli/main.h"
#include "cli/output.h"
#include "cli/session.h"
#include "product/sqlserver/magic.h"

struct faults_command {
    struct session session;
    struct str action, region, secret_id, trace;
    struct str code, message, delay_ms, close, truncate, http_status, flow_outcome, flow_seconds;
    struct str first, after, every, count, probability;
};

static const struct option_row rows[] = {
    SESSION_ROWS_SERVER,
    SESSION_ROW_JSON,
};

#define AT(member) offsetof(struct faults_command, member)

static const struct option_text texts[] = {
    {"--action", "ACTION", "which calls: of this action", AT(action), OPTION_SENT_TEXT},
    {"--region", "REGION", "to this region", AT(region), OPTION_SENT_TEXT},
    {"--secret-id", "ID", "under this credential", AT(secret_id), OPTION_SENT_TEXT},
    {"--trace", "TEXT", "whose X-TC-TraceId begins so", AT(trace), OPTION_SENT_TEXT},
    {"--code", "CODE", "what: the call fails with this code", AT(code), OPTION_SENT_TEXT},
    {"--message", "TEXT", "and this message, instead of the code's own", AT(message), OPTION_SENT_TEXT},
    {"--delay-ms", "MS", "it is answered so much later", AT(delay_ms), OPTION_SENT_NUMBER},
    {"--close", "before|after_commit",
     "the connection closes unanswered: before the call, or when it is kept", AT(close), OPTION_SENT_TEXT},
    {"--truncate", "BYTES", "the connection closes after so much of the answer", AT(truncate),
     OPTION_SENT_NUMBER},
    {"--http-status", "502|503|504", "the edge answers this", AT(http_status), OPTION_SENT_NUMBER},
    {"--flow-outcome", "failure", "the flow that it starts ends so", AT(flow_outcome), OPTION_SENT_TEXT},
    {"--flow-seconds", "N", "the flow that it starts takes so long", AT(flow_seconds), OPTION_SENT_NUMBER},
    {"--after", "N", "when: pass over so many calls at first", AT(after), OPTION_SENT_NUMBER},
    {"--first", "N", "then only among the next so many", AT(first), OPTION_SENT_NUMBER},
    {"--every", "N", "of these each so-manieth", AT(every), OPTION_SENT_NUMBER},
    {"--count", "N", "and no more than so many", AT(count), OPTION_SENT_NUMBER},
    {"--probability", "P", "each with this chance, drawn from the seed", AT(probability), OPTION_SENT_NUMBER},
};

const struct option_table faults_option_table = {
    .usage = "virga faults add [Name=value]... | list | clear [ID] [options]",
    .about =
        "Makes calls fail, wait or lose their answer. The options below are those of a rule: which calls,\n"
        "what is done to them, and when. Name=value: only calls with this parameter.",
    .rows = rows,
    .n = sizeof rows / sizeof rows[0],
    .texts = texts,
    .n_texts = sizeof texts / sizeof texts[0],
    .words = "add list clear",
    .word = session_add_word,
};

static struct str rule(struct faults_command *f)
{
    struct session *s = &f->session;
    struct buf b;
    struct str problem;
    buf_init(&b, &s->arena, 256, OUTPUT_MAX);
    buf_putc(&b, '{');
    control_request_put_json(&b, &faults_option_table, f);
    if (s->words.n > 1) {
        buf_put(&b, STR("\"params\":"));
        if (control_request_put_words(&b, s->words.v + 1, s->words.n - 1, &problem) != 0)
            die(EXIT_USAGE, "%.*s", STR_ARG(problem));
    } else if (b.n > 1) {
        b.n--; /* the comma behind the last option */
    }
    buf_putc(&b, '}');
    return buf_str(&b);
}

/* A rule in one line, without what has columns of its own. */
static struct str words_of(struct session *s, const struct node *fault)
{
    static const struct str own[] = {STR_INIT("id"), STR_INIT("seen"), STR_INIT("hits")};
    struct buf b;
    buf_init(&b, &s->arena, 128, OUTPUT_MAX);
    for (const struct node *n = fault->first; n; n = n->next) {
        bool shown = true;
        for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
            shown = shown && !str_eq(n->name, own[i]);
        if (!shown)
            continue;
        buf_printf(&b, "%s%.*s=%.*s", b.n ? " " : "", STR_ARG(n->name),
                   STR_ARG(session_text(s, fault, n->name)));
    }
    return buf_str(&b);
}

static void add_fault(struct session *s, struct output_table *t, const struct node *fault)
{
    output_table_add(t, session_text(s, fault, STR("id")));
    output_table_add(t, session_text(s, fault, STR("seen")));
    output_table_add(t, session_text(s, fault, STR("hits")));
    output_table_add(t, words_of(s, fault));
}

static struct str table_text(struct session *s, const struct node *first)
{
    static const struct str head[] = {STR_INIT("ID"), STR_INIT("SEEN"), STR_INIT("HITS"), STR_INIT("RULE")};
    struct output_table t;
    struct buf b;
    output_table_init(&t, &s->arena, sizeof head / sizeof head[0]);
    for (size_t i = 0; i < t.columns; i++)
        output_table_add(&t, head[i]);
    for (; first; first = first->next)
        add_fault(s, &t, first);
    buf_init(&b, &s->arena, 1024, OUTPUT_MAX);
    output_put_table(&b, &t);
    return buf_str(&b);
}

static int add(struct faults_command *f)
{
    struct session *s = &f->session;
    struct client_response answer;
    const struct node *fault = session_ask(s, "POST", STR("/faults"), rule(f), &answer);
    return fault ? session_print(s, table_text(s, fault), &answer) : session_close(s, EXIT_REFUSED);
}

static int list(struct faults_command *f)
{
    struct session *s = &f->session;
    struct client_response answer;
    session_need_words(s, &faults_option_table, 1, 1);
    const struct node *page = session_ask(s, "GET", STR("/faults"), (struct str){NULL, 0}, &answer);
    const struct node *all = page && page->kind == NODE_OBJECT ? node_find(page, STR("faults")) : NULL;
    return all ? session_print(s, table_text(s, all->first), &answer) : session_close(s, EXIT_REFUSED);
}

static int clear(struct faults_command *f)
{
    struct session *s = &f->session;
    struct client_response answer;
    struct buf path;
    session_need_words(s, &faults_option_table, 1, 2);
    buf_init(&path, &s->arena, 64, OUTPUT_MAX);
    buf_put(&path, STR("/faults"));
    if (s->words.n == 2) {
        buf_putc(&path, '/');
        control_request_put_escaped(&path, s->words.v[1]);
    }
    const struct node *gone = session_ask(s, "DELETE", buf_str(&path), (struct str){NULL, 0}, &answer);
    if (!gone)
        return session_close(s, EXIT_REFUSED);
    struct str removed = session_text(s, gone, STR("removed"));
    return session_print(s, arena_printf(&s->arena, "removed: %.*s\n", STR_ARG(removed)), &answer);
}

int faults_main(char **argv)
{
    static const struct {
        struct str word;
        int (*run)(struct faults_command *f);
    } subcommands[] = {{STR_INIT("add"), add}, {STR_INIT("list"), list}, {STR_INIT("clear"), clear}};
    struct faults_command f = {0};
    if (!session_open(&f, &faults_option_table, argv))
        return EXIT_OK;
    session_need_words(&f.session, &faults_option_table, 1, SIZE_MAX);
    for (size_t i = 0; i < sizeof subcommands / sizeof subcommands[0]; i++) {
        if (!str_eq(f.session.words.v[0], subcommands[i].word))
            continue;
        session_find(&f.session);
        return subcommands[i].run(&f);
    }
    die(EXIT_USAGE, "%.*s is none of %s", STR_ARG(f.session.words.v[0]), faults_option_table.words);
}

/* --- cmd magic --- */

/* `virga magic`: the instance ids that bring about an error by themselves. */

struct magic_options {
    struct session session; /* first, for the shared options */
    int lang;
};

static int set_lang(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    (void)a;
    return lang_parse(value, &((struct magic_options *)target)->lang, ret_problem);
}

static const struct option_row magic_rows[] = {
    {"--lang", "en|zh", "the language of the words (as the locale says)", false, set_lang},
    SESSION_ROW_JSON,
};

const struct option_table magic_option_table = {
    .usage = "virga magic [options]",
    .about = "Lists the instance ids to which calls fail, wait or lose their answer, without any rule.",
    .rows = magic_rows,
    .n = sizeof magic_rows / sizeof magic_rows[0],
};

static struct str code_of(const struct magic *m)
{
    return m->act.code == ERR_NONE ? (struct str){NULL, 0} : error_table[m->act.code].code;
}

static void put_table(struct buf *b, int lang)
{
    struct output_table t;
    output_table_init(&t, b->arena, 4);
    output_table_add(&t, STR("INSTANCE"));
    output_table_add(&t, STR("ACTION"));
    output_table_add(&t, STR("CODE"));
    output_table_add(&t, STR("WHAT HAPPENS"));
    for (size_t i = 0; i < n_magic; i++) {
        const struct magic *m = &magic_table[i];
        output_table_add(&t, m->instance_id);
        output_table_add(&t, m->action.p ? m->action : STR("(each)"));
        output_table_add(&t, code_of(m).p ? code_of(m) : STR("-"));
        output_table_add(&t, m->words[lang]);
    }
    output_put_table(b, &t);
}

static void put_member(struct buf *b, const char *name, struct str value)
{
    buf_printf(b, "\"%s\":", name);
    if (value.p)
        buf_put_json_string(b, value);
    else
        buf_put(b, STR("null"));
}

static void put_json(struct buf *b, int lang)
{
    for (size_t i = 0; i < n_magic; i++) {
        const struct magic *m = &magic_table[i];
        buf_put(b, i ? STR(",\n {") : STR("[{"));
        put_member(b, "instance_id", m->instance_id);
        buf_putc(b, ',');
        put_member(b, "action", m->action);
        buf_putc(b, ',');
        put_member(b, "code", code_of(m));
        buf_putc(b, ',');
        put_member(b, "summary", m->words[lang]);
        buf_putc(b, '}');
    }
    buf_put(b, STR("]\n"));
}

int magic_main(char **argv)
{
    struct magic_options o = {.lang = lang_of_locale()};
    struct session *s = &o.session;
    struct buf b;
    if (!session_open(&o, &magic_option_table, argv))
        return EXIT_OK;
    buf_init(&b, &s->arena, 4096, OUTPUT_MAX);
    (s->json ? put_json : put_table)(&b, o.lang);
    return session_close(s, output_write(buf_str(&b)) == 0 ? EXIT_OK : EXIT_UNEXPECTED);
}
