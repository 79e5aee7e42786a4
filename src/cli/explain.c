/* `virga explain`: what an error code means, what causes it here, how to see it, and whether to try again. */
#include "gen/explain.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/suggest.h"
#include "cli/output.h"
#include "core/registry.h"
#include "gen/cli.h"
#include "gen/errors.h"
#include "gen/products.h"
#include "gen/texts.h"

/* By its exact text. NULL when there is no such code. */
static const struct code_reference *find_code(struct str code)
{
    for (size_t i = 0; i < EXPLANATIONS; i++)
        if (str_eq(explanations[i].code, code))
            return &explanations[i];
    return NULL;
}

/* For a part of a code that a user remembers, in any case of letters. */
static bool contains_nocase(struct str text, struct str part)
{
    for (size_t i = 0; i + part.n <= text.n; i++)
        if (str_eq_nocase((struct str){text.p + i, part.n}, part))
            return true;
    return false;
}

/* A part of a code lists all codes that contain it; anything else is taken for a misspelt code. */
static _Noreturn void reject_code(struct session *s, struct str code)
{
    struct suggestion suggestion;
    struct buf b;
    suggest_init(&suggestion, code);
    buf_init(&b, &s->arena, 256, LIMIT_CLI_TEXT);
    for (size_t i = 0; i < EXPLANATIONS; i++) {
        suggest_offer(&suggestion, explanations[i].code);
        if (contains_nocase(explanations[i].code, code))
            buf_printf(&b, "%s%.*s", b.n ? ", " : "; there are ", STR_ARG(explanations[i].code));
    }
    if (b.n == 0 && suggestion.best.p)
        buf_printf(&b, "; did you mean %.*s?", STR_ARG(suggestion.best));
    else if (b.n == 0)
        buf_put(&b, STR("; virga explain --names lists them"));
    die(EXIT_USAGE, "there is no code %.*s%.*s", STR_ARG(code), STR_ARG(buf_str(&b)));
}

/* The first action that is emulated, since a user can call it; else the first. */
static struct str example_action(const struct code_reference *x)
{
    for (size_t i = 0; i < x->n_causes; i++) {
        const struct action *action = registry_find_action(&all_products, x->causes[i].action);
        if (action && action->handle)
            return action->name;
    }
    return x->causes[0].action;
}

/* How to see the code: the schema's own way, else an injection. One action's code needs that action. */
static struct str how_to_see(struct session *s, const struct code_reference *x)
{
    struct arena *a = &s->arena;
    if (x->how[s->lang].p)
        return x->how[s->lang];
    struct str how = CONCAT(a, STR("virga faults add --code "), x->code);
    if (x->common || x->n_causes == 0)
        return how;
    return CONCAT(a, how, STR(" --action "), example_action(x));
}

/* What each action gives as the cause, then the cause that all share. */
static void put_causes(struct buf *b, int lang, const struct code_reference *x)
{
    size_t n = 0;
    for (size_t i = 0; i < x->n_causes; i++)
        if (x->causes[i].cause.p) {
            n++;
            buf_printf(b, "\n  %.*s: %.*s", STR_ARG(x->causes[i].action), STR_ARG(x->causes[i].cause));
        }
    if (x->cause[lang].p)
        buf_printf(b, "%s%.*s", n ? "\n  " : " ", STR_ARG(x->cause[lang]));
    else if (n == 0)
        buf_printf(b, " %.*s", STR_ARG(texts[TEXT_EXPLAIN_INJECTED_ONLY][lang]));
    buf_putc(b, '\n');
}

/* The description for people; the order is fixed, so that it can be read from top to bottom. */
static void put_code(struct buf *b, struct session *s, const struct code_reference *x)
{
    output_put_colored(b, COLOR_BAD, x->code);
    buf_putc(b, '\n');
    output_put_title(b, texts[TEXT_EXPLAIN_MEANS][s->lang]);
    buf_printf(b, " %.*s\n", STR_ARG(x->meaning[s->lang]));
    output_put_title(b, texts[TEXT_EXPLAIN_CAUSES][s->lang]);
    put_causes(b, s->lang, x);
    output_put_title(b, texts[TEXT_EXPLAIN_HOW][s->lang]);
    buf_printf(b, " %.*s\n", STR_ARG(how_to_see(s, x)));
    output_put_title(b, texts[TEXT_EXPLAIN_RETRY][s->lang]);
    buf_printf(b, " %.*s\n", STR_ARG(texts[x->retry ? TEXT_EXPLAIN_YES : TEXT_EXPLAIN_NO][s->lang]));
}

/* The same for programs. */
static void put_code_json(struct buf *b, struct session *s, const struct code_reference *x)
{
    output_json_open(b, NULL, '{');
    output_json_text(b, "code", x->code);
    output_json_text(b, "meaning", x->meaning[s->lang]);
    output_json_text(b, "cause", x->cause[s->lang]);
    output_json_open(b, "actions", '[');
    for (size_t i = 0; i < x->n_causes; i++) {
        output_json_open(b, NULL, '{');
        output_json_text(b, "action", x->causes[i].action);
        output_json_text(b, "cause", x->causes[i].cause);
        output_json_close(b, '}');
    }
    output_json_close(b, ']');
    output_json_text(b, "how", how_to_see(s, x));
    output_json_bool(b, "common", x->common);
    output_json_bool(b, "retry", x->retry);
    output_json_end(b, '}');
}

int explain_main(struct session *s)
{
    const struct explain_options *o = (void *)s;
    struct buf b;
    buf_init(&b, &s->arena, 4096, LIMIT_CLI_TEXT);
    session_need_words(s, o->names ? 0 : 1, 1);
    for (size_t i = 0; o->names && i < EXPLANATIONS; i++)
        buf_printf(&b, "%.*s\n", STR_ARG(explanations[i].code));
    if (o->names)
        return session_print_names(s, buf_str(&b));
    const struct code_reference *x = find_code(s->words.v[0]);
    if (!x)
        reject_code(s, s->words.v[0]);
    (s->json ? put_code_json : put_code)(&b, s, x);
    return session_write(s, buf_str(&b));
}
