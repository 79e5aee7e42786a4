/* `virga explain`: what an error code means, what causes it here, how to see it, whether to try again. */

#include "gen/explain.h"
#include "base/log.h"
#include "base/suggest.h"
#include "cli/env.h"
#include "cli/main.h"
#include "cli/output.h"
#include "cli/session.h"
#include "gen/errors.h"

struct explain {
    struct session session; /* first, for the shared options */
    struct str names;
    int lang;
};

static int set_lang(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    (void)a;
    return lang_parse(value, &((struct explain *)target)->lang, ret_problem);
}

static const struct option_row rows[] = {
    {"--lang", "en|zh", "the language of the words (as the locale says)", false, set_lang},
    SESSION_ROW_JSON,
};

static const struct option_text texts[] = {
    {"--names", NULL, "print all codes, one a line", offsetof(struct explain, names), OPTION_LOCAL},
};

const struct option_table explain_option_table = {
    .usage = "virga explain CODE [options]",
    .about = "Says what an error code means, what causes it here, how to see it, and whether to try again.",
    .rows = rows,
    .n = sizeof rows / sizeof rows[0],
    .texts = texts,
    .n_texts = sizeof texts / sizeof texts[0],
    .words = "CODE",
    .word = session_add_word,
};

enum words { MEANS, CAUSES, HOW, RETRY, YES, NO, INJECTED_ONLY, TO_INJECT, WORDS };

static const struct str words[WORDS][2] = {
    [MEANS] = {STR_INIT("Means"), STR_INIT("\345\220\253\344\271\211")},
    [CAUSES] = {STR_INIT("Causes here"), STR_INIT("\346\234\254\346\234\272\345\216\237\345\233\240")},
    [HOW] = {STR_INIT("To see it"), STR_INIT("\345\246\202\344\275\225\345\244\215\347\216\260")},
    [RETRY] = {STR_INIT("Try again"), STR_INIT("\346\230\257\345\220\246\351\207\215\350\257\225")},
    [YES] = {STR_INIT("yes, later, waiting longer each time; after a lost answer look first whether it was "
                      "done"),
             STR_INIT("\345\217\257\344\273\245\357\274\214\347\250\215\345\220\216\345\271\266\351\200\220"
                      "\346\254\241\345\273\266\351\225\277\347\255\211\345\276\205")},
    [NO] = {STR_INIT("no: the same call fails again; change it first"),
            STR_INIT(
                "\345\220\246\357\274\214\350\257\267\345\205\210\344\277\256\346\224\271\350\257\267\346"
                "\261\202")},
    [INJECTED_ONLY] = {STR_INIT("nothing; by fault injection only"),
                       STR_INIT("\346\227\240\357\274\214\344\273\205\345\217\257\351\200\232\350\277\207\346"
                                "\225\205\351\232\234\346\263\250\345\205\245")},
    [TO_INJECT] = {STR_INIT("virga faults add --code"), STR_INIT("virga faults add --code")},
};

static const struct code_reference *find(struct str code)
{
    for (size_t i = 0; i < EXPLANATIONS; i++)
        if (str_eq(explanations[i].code, code))
            return &explanations[i];
    return NULL;
}

/* Does the text hold the part, whatever the case of its letters? */
static bool holds(struct str text, struct str part)
{
    for (size_t i = 0; i + part.n <= text.n; i++)
        if (str_eq_nocase((struct str){text.p + i, part.n}, part))
            return true;
    return false;
}

static struct str nearest(struct explain *e, struct str code)
{
    struct suggestion suggestion;
    suggest_init(&suggestion, code);
    for (size_t i = 0; i < EXPLANATIONS; i++)
        suggest_offer(&suggestion, explanations[i].code);
    return suggestion.best.p ? CONCAT(&e->session.arena, STR("; did you mean "), suggestion.best, STR("?"))
                             : STR("; virga explain --names lists them");
}

/* A part of a code names all that have it; what is no part of any is a mistake of typing. */
static _Noreturn void reject(struct explain *e, struct str code)
{
    struct buf b;
    buf_init(&b, &e->session.arena, 256, OUTPUT_MAX);
    for (size_t i = 0; i < EXPLANATIONS; i++)
        if (holds(explanations[i].code, code))
            buf_printf(&b, "%s%.*s", b.n ? ", " : "; there are ", STR_ARG(explanations[i].code));
    die(EXIT_USAGE, "there is no code %.*s%.*s", STR_ARG(code),
        STR_ARG(b.n ? buf_str(&b) : nearest(e, code)));
}

/* The injection that makes it: a code of an action only strikes its calls. */
static struct str injection(struct explain *e, const struct code_reference *x)
{
    struct arena *a = &e->session.arena;
    struct str how = arena_printf(a, "%.*s %.*s", STR_ARG(words[TO_INJECT][e->lang]), STR_ARG(x->code));
    if (x->common || x->n_causes == 0)
        return how;
    return arena_printf(a, "%.*s --action %.*s", STR_ARG(how), STR_ARG(x->causes[0].action));
}

/* --- for people --------------------------------------------------------------------------------------- */

static void put_head(struct buf *b, struct explain *e, enum words word)
{
    output_put_colored(b, COLOR_KEY, words[word][e->lang]);
    buf_putc(b, ':');
}

static void put_causes(struct buf *b, struct explain *e, const struct code_reference *x)
{
    size_t n = 0;
    for (size_t i = 0; i < x->n_causes; i++)
        if (x->causes[i].cause.p) {
            n++;
            buf_printf(b, "\n  %.*s: %.*s", STR_ARG(x->causes[i].action), STR_ARG(x->causes[i].cause));
        }
    if (x->cause[e->lang].p)
        buf_printf(b, "%s%.*s", n ? "\n  " : " ", STR_ARG(x->cause[e->lang]));
    else if (n == 0)
        buf_printf(b, " %.*s", STR_ARG(words[INJECTED_ONLY][e->lang]));
    buf_putc(b, '\n');
}

static struct str text_of(struct explain *e, const struct code_reference *x)
{
    struct buf b;
    buf_init(&b, &e->session.arena, 1024, OUTPUT_MAX);
    output_put_colored(&b, COLOR_BAD, x->code);
    buf_putc(&b, '\n');
    put_head(&b, e, MEANS);
    buf_printf(&b, " %.*s\n", STR_ARG(x->meaning[e->lang]));
    put_head(&b, e, CAUSES);
    put_causes(&b, e, x);
    put_head(&b, e, HOW);
    buf_printf(&b, " %.*s\n", STR_ARG(x->how[e->lang].p ? x->how[e->lang] : injection(e, x)));
    put_head(&b, e, RETRY);
    buf_printf(&b, " %.*s\n", STR_ARG(words[x->retry ? YES : NO][e->lang]));
    return buf_str(&b);
}

/* --- for programs ------------------------------------------------------------------------------------- */

static void put_member(struct buf *b, const char *name, struct str value)
{
    buf_printf(b, ",\"%s\":", name);
    if (value.p)
        buf_put_json_string(b, value);
    else
        buf_put(b, STR("null"));
}

static void put_actions(struct buf *b, const struct code_reference *x)
{
    buf_put(b, STR(",\"actions\":["));
    for (size_t i = 0; i < x->n_causes; i++) {
        buf_put(b, i ? STR(",{\"action\":") : STR("{\"action\":"));
        buf_put_json_string(b, x->causes[i].action);
        put_member(b, "cause", x->causes[i].cause);
        buf_putc(b, '}');
    }
    buf_putc(b, ']');
}

static struct str json_of(struct explain *e, const struct code_reference *x)
{
    struct buf b;
    buf_init(&b, &e->session.arena, 1024, OUTPUT_MAX);
    buf_put(&b, STR("{\"code\":"));
    buf_put_json_string(&b, x->code);
    put_member(&b, "meaning", x->meaning[e->lang]);
    put_member(&b, "cause", x->cause[e->lang]);
    put_actions(&b, x);
    put_member(&b, "how", x->how[e->lang].p ? x->how[e->lang] : injection(e, x));
    buf_printf(&b, ",\"common\":%s,\"retry\":%s}\n", x->common ? "true" : "false",
               x->retry ? "true" : "false");
    return buf_str(&b);
}

static struct str names(struct explain *e)
{
    struct buf b, json;
    buf_init(&b, &e->session.arena, 4096, OUTPUT_MAX);
    for (size_t i = 0; i < EXPLANATIONS; i++)
        buf_printf(&b, "%.*s\n", STR_ARG(explanations[i].code));
    if (!e->session.json)
        return buf_str(&b);
    buf_init(&json, &e->session.arena, 2 * b.n, OUTPUT_MAX);
    output_put_json_lines(&json, buf_str(&b));
    return buf_str(&json);
}

int explain_main(char **argv)
{
    struct explain e = {.lang = lang_of_locale()};
    struct session *s = &e.session;
    if (!session_open(&e, &explain_option_table, argv))
        return EXIT_OK;
    session_need_words(s, &explain_option_table, e.names.p ? 0 : 1, 1);
    if (e.names.p)
        return session_close(s, output_write(names(&e)) == 0 ? EXIT_OK : EXIT_UNEXPECTED);
    const struct code_reference *x = find(s->words.v[0]);
    if (!x)
        reject(&e, s->words.v[0]);
    struct str text = s->json ? json_of(&e, x) : text_of(&e, x);
    return session_close(s, output_write(text) == 0 ? EXIT_OK : EXIT_UNEXPECTED);
}
