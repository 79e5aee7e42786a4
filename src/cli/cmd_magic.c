/* `virga magic`: the instance ids that bring about an error by themselves. */
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/lang.h"
#include "cli/output.h"
#include "cli/session.h"
#include "core/magic.h"

struct magic_options {
    struct session session; /* first, for the shared options */
    int lang;
};

static int set_lang(void *target, struct arena *a, struct str value, struct str *ret_why)
{
    (void)a;
    return lang_parse(value, &((struct magic_options *)target)->lang, ret_why);
}

static const struct option_row rows[] = {
    {"--lang", "en|zh", "the language of the words (as the locale says)", false, set_lang},
    SESSION_ROW_JSON,
};

const struct option_table magic_option_table = {
    .usage = "virga magic [options]",
    .about = "Lists the instance ids to which calls fail, wait or lose their answer, without any rule.",
    .rows = rows,
    .n = sizeof rows / sizeof rows[0],
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
