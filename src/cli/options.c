#include "cli/options.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

extern char **environ;

size_t options_count(const struct option_table *t)
{
    return t->n + t->n_texts;
}

struct option options_get(const struct option_table *t, size_t i)
{
    if (i < t->n) {
        const struct option_row *row = &t->rows[i];
        return (struct option){row->name, row->value, row->help, row->repeats, row, NULL};
    }
    const struct option_text *text = &t->texts[i - t->n];
    return (struct option){text->name, text->value, text->help, false, NULL, text};
}

bool options_has_variable(const struct option *o)
{
    return !o->text || o->text->sent == OPTION_LOCAL;
}

void options_variable(const struct option *o, char out[OPTION_VARIABLE_MAX])
{
    size_t n = (size_t)snprintf(out, OPTION_VARIABLE_MAX, "VIRGA_%s", o->name + 2);
    for (size_t i = 0; i < n && i < OPTION_VARIABLE_MAX; i++)
        out[i] = out[i] == '-' ? '_' : (char)toupper((unsigned char)out[i]);
}

/* --- one option --------------------------------------------------------------------------------------- */

/* What options_read is at. */
struct reading {
    const struct option_table *table;
    void *target;
    struct arena *arena;
    struct str problem; /* after -1 */
};

static int fail(struct reading *r, struct str problem)
{
    r->problem = problem;
    return -1;
}

static int set_one(struct reading *r, const struct option *o, struct str value)
{
    struct str problem;
    if (o->text) {
        *(struct str *)(void *)((char *)r->target + o->text->at) = arena_dup(r->arena, value);
        return 0;
    }
    if (o->row->set(r->target, r->arena, value, &problem) == 0)
        return 0;
    return fail(r, arena_printf(r->arena, "%s %.*s: %.*s", o->name, STR_ARG(value), STR_ARG(problem)));
}

static bool is_yes(struct str value)
{
    return str_eq_nocase(value, STR("1")) || str_eq_nocase(value, STR("true")) ||
           str_eq_nocase(value, STR("yes"));
}

static int set_from_variable(struct reading *r, const struct option *o, struct str value)
{
    struct str part;
    if (!o->value)
        return is_yes(value) ? set_one(r, o, value) : 0;
    if (!o->repeats)
        return set_one(r, o, value);
    while (str_next(&value, ',', &part))
        if (set_one(r, o, part) != 0)
            return -1;
    return 0;
}

/* "--" ends the options. */
static bool is_end(const char *word)
{
    return strcmp(word, "--") == 0;
}

static bool on_command_line(const struct option *o, char **argv)
{
    size_t n = strlen(o->name);
    for (; *argv && !is_end(*argv); argv++)
        if (strncmp(*argv, o->name, n) == 0 && ((*argv)[n] == '\0' || (*argv)[n] == '='))
            return true;
    return false;
}

static int read_variables(struct reading *r, char **argv)
{
    for (size_t i = 0; i < options_count(r->table); i++) {
        struct option o = options_get(r->table, i);
        char name[OPTION_VARIABLE_MAX];
        options_variable(&o, name);
        const char *value = options_has_variable(&o) ? getenv(name) : NULL;
        if (!value || !*value || on_command_line(&o, argv))
            continue;
        if (set_from_variable(r, &o, str_from(value)) != 0)
            return fail(r, arena_printf(r->arena, "%s (from the variable %s)", r->problem.p, name));
    }
    return 0;
}

/* --- the command line --------------------------------------------------------------------------------- */

static bool find_option(const struct option_table *t, struct str name, struct option *ret_option)
{
    for (size_t i = 0; t && i < options_count(t); i++) {
        *ret_option = options_get(t, i);
        if (str_eq(str_from(ret_option->name), name))
            return true;
    }
    return false;
}

/* The value of the option `word`; steps *argv past it when it is a word of its own. */
static int take_value(struct reading *r, const struct option *o, struct str word, char ***argv,
                      struct str *ret_value)
{
    size_t equals = str_find(word, '=');
    if (!o->value && equals < word.n)
        return fail(r, arena_printf(r->arena, "%s takes no value", o->name));
    if (o->value && equals == word.n && !**argv)
        return fail(r, arena_printf(r->arena, "%s needs a value: %s", o->name, o->value));
    if (!o->value)
        *ret_value = STR("yes");
    else if (equals < word.n)
        *ret_value = str_skip(word, equals + 1);
    else
        *ret_value = str_from(*(*argv)++);
    return 0;
}

static void pass_on(struct reading *r, const struct option *o, struct str value)
{
    struct str option = o->value ? arena_printf(r->arena, "%s=%.*s", o->name, STR_ARG(value))
                                 : arena_dup(r->arena, str_from(o->name));
    r->table->pass(r->target, r->arena, option);
}

/* One option, "--name value" or "--name=value". Steps *argv past what it used. */
static int read_option(struct reading *r, char ***argv)
{
    struct str word = str_from(*(*argv)++), value;
    struct str name = str_head(word, str_find(word, '='));
    struct option o;
    bool own = find_option(r->table, name, &o);
    if (!own && !find_option(r->table->passes, name, &o))
        return fail(r, arena_printf(r->arena, "%.*s is not an option; --help lists them", STR_ARG(word)));
    if (take_value(r, &o, word, argv, &value) != 0)
        return -1;
    if (own)
        return set_one(r, &o, value);
    pass_on(r, &o, value);
    return 0;
}

static int read_words(struct reading *r, char **argv)
{
    struct str problem;
    for (; *argv; argv++)
        if (r->table->word(r->target, r->arena, str_from(*argv), &problem) != 0)
            return fail(r, arena_printf(r->arena, "%s: %.*s", *argv, STR_ARG(problem)));
    return 0;
}

/* "-" alone is a word: standard input or output. */
static bool is_word(const char *word)
{
    return word[0] != '-' || word[1] == '\0';
}

static int read_line(struct reading *r, char **argv)
{
    while (*argv) {
        if (r->table->word && is_end(*argv))
            return read_words(r, argv + 1);
        char *one[] = {*argv, NULL};
        bool word = r->table->word && is_word(*argv);
        if ((word ? read_words(r, one) : read_option(r, &argv)) != 0)
            return -1;
        argv += word;
    }
    return 0;
}

static bool asks_for_help(char **argv)
{
    for (; *argv && !is_end(*argv); argv++)
        if (strcmp(*argv, "--help") == 0 || strcmp(*argv, "-h") == 0)
            return true;
    return false;
}

int options_read(const struct option_table *t, void *target, struct arena *a, char **argv,
                 struct str *ret_problem)
{
    struct reading r = {.table = t, .target = target, .arena = a};
    if (asks_for_help(argv))
        return 1;
    if (read_variables(&r, argv) == 0 && read_line(&r, argv) == 0)
        return 0;
    *ret_problem = r.problem;
    return -1;
}

const char *options_given(const struct option_table *t, const void *target, const char *except)
{
    for (size_t i = 0; i < t->n_texts; i++) {
        const struct str *value = (const void *)((const char *)target + t->texts[i].at);
        if (value->p && !(except && strcmp(t->texts[i].name, except) == 0))
            return t->texts[i].name;
    }
    return NULL;
}

static void print_option(const struct option *o)
{
    char left[OPTION_VARIABLE_MAX];
    (void)snprintf(left, sizeof left, "%s %s", o->name, o->value ? o->value : "");
    printf("  %-28s %s\n", left, o->help);
}

/* Those that are variables too, or those that are not. */
static void print_options(const struct option_table *t, bool variables)
{
    for (size_t i = 0; i < options_count(t); i++) {
        struct option o = options_get(t, i);
        if (options_has_variable(&o) == variables)
            print_option(&o);
    }
}

void options_print_help(const struct option_table *t)
{
    printf("Usage: %s\n\n%s\n\nOptions, each also as a variable (--db is VIRGA_DB):\n", t->usage, t->about);
    print_options(t, true);
    printf("\nOptions of the command line alone:\n");
    print_options(t, false);
    printf("  %-28s %s\n", "--help", "this text");
}

static bool knows(const struct option_table *t, struct str name)
{
    for (size_t i = 0; i < options_count(t); i++) {
        struct option o = options_get(t, i);
        char variable[OPTION_VARIABLE_MAX];
        options_variable(&o, variable);
        if (options_has_variable(&o) && str_eq(name, str_from(variable)))
            return true;
    }
    return false;
}

void options_warn_unknown_variables(const struct option_table *const *tables, size_t n)
{
    for (char **e = environ; *e; e++) {
        struct str name = str_head(str_from(*e), str_find(str_from(*e), '='));
        bool known = !str_starts(name, STR("VIRGA_"));
        for (size_t i = 0; i < n && !known; i++)
            known = knows(tables[i], name);
        if (!known)
            log_say(LOG_WARN, "the variable %.*s is not known and not used", STR_ARG(name));
    }
}
