/*
 * Each type has one function that checks a value and stores it. Where the value came from (default, variable,
 * command line) makes no difference to it; a value that is read later overrides an earlier one.
 */
#include "cli/options.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/suggest.h"

bool options_variable(const struct option_row *row, char out[OPTION_VARIABLE_MAX])
{
    size_t n = (size_t)snprintf(out, OPTION_VARIABLE_MAX, "VIRGA_%s", row->name + strlen("--"));
    assert(n < OPTION_VARIABLE_MAX);
    for (size_t i = 0; i < n; i++)
        out[i] = out[i] == '-' ? '_' : (char)toupper((unsigned char)out[i]);
    return row->sent == OPTION_LOCAL;
}

bool options_know(const struct option_table *t, struct str variable)
{
    char name[OPTION_VARIABLE_MAX];
    for (size_t i = 0; i < t->n; i++)
        if (options_variable(&t->rows[i], name) && str_eq(variable, str_from(name)))
            return true;
    return false;
}

struct str options_alternatives(struct arena *a, const char *words, char separator)
{
    struct str rest = str_from(words), word;
    struct buf b;
    buf_init(&b, a, rest.n + 16, SIZE_MAX);
    while (str_next(&rest, separator, &word))
        buf_printf(&b, "%s%.*s", b.n == 0 ? "" : rest.p ? ", " : " or ", STR_ARG(word));
    return buf_str(&b);
}

/* --- values ------------------------------------------------------------------------------------------- */

/* The address of a member of the target. */
static void *member(const struct option_reader *r, size_t at)
{
    assert(at != OPTION_NO_MEMBER);
    return (char *)r->target + at;
}

/* Keeps the sentence. Returns -1, for the caller to return. */
static int fail(struct option_reader *r, struct str problem)
{
    r->problem = problem;
    return -1;
}

/* By the size of the member; the range of the row, or of its choices, fits in it. */
static void store_integer(const struct option_reader *r, const struct option_row *row, uint64_t value)
{
    void *to = member(r, row->at);
    if (row->size == sizeof(uint8_t)) /* also a bool */
        *(uint8_t *)to = (uint8_t)value;
    else if (row->size == sizeof(uint16_t))
        *(uint16_t *)to = (uint16_t)value;
    else if (row->size == sizeof(uint32_t))
        *(uint32_t *)to = (uint32_t)value;
    else
        *(uint64_t *)to = value;
    assert(row->size == 1 || row->size == 2 || row->size == 4 || row->size == 8);
}

/* A switch has no value: it is only ever set, never cleared. */
static int set_switch(struct option_reader *r, const struct option_row *row, struct str value)
{
    (void)value;
    *(bool *)member(r, row->at) = true;
    return 0;
}

/* Copied, because a default or a word of argv may be shorter-lived than the target. */
static int set_text(struct option_reader *r, const struct option_row *row, struct str value)
{
    if (value.n < row->min)
        return fail(r, STR("expects a text that is not empty"));
    *(struct str *)member(r, row->at) = arena_dup(r->arena, value);
    return 0;
}

/* As a C string, which is what the operating system takes. */
static int set_path(struct option_reader *r, const struct option_row *row, struct str value)
{
    if (value.n < row->min)
        return fail(r, STR("expects a path"));
    *(const char **)member(r, row->at) = arena_cstr(r->arena, value);
    return 0;
}

/* Every number of an option is from 0 up, so a sign is not taken either. */
static int set_number(struct option_reader *r, const struct option_row *row, struct str value)
{
    uint64_t n;
    if (str_to_u64(value, &n) != 0 || n < row->min || n > row->max)
        return fail(r, arena_printf(r->arena, "expects a number from %llu to %llu",
                                    (unsigned long long)row->min, (unsigned long long)row->max));
    store_integer(r, row, row->type == OPTION_SECONDS ? n * 1000 : n);
    return 0;
}

/* A time without its offset from UTC would mean another moment on each machine, so it is rejected. */
static int set_time(struct option_reader *r, const struct option_row *row, struct str value)
{
    int64_t ms;
    if (time_parse_rfc3339(value, &ms) != 0)
        return fail(r, STR("expects a time such as 2026-01-01T00:00:00+08:00"));
    *(int64_t *)member(r, row->at) = ms;
    return 0;
}

/* Stores the index, so the order of the choices is that of the enum. */
static int set_choice(struct option_reader *r, const struct option_row *row, struct str value)
{
    struct str rest = str_from(row->choices), choice;
    for (uint64_t i = 0; str_next(&rest, '|', &choice); i++)
        if (str_eq(choice, value)) {
            store_integer(r, row, i);
            return 0;
        }
    return fail(r, CONCAT(r->arena, STR("expects "), options_alternatives(r->arena, row->choices, '|')));
}

/* For what no type describes; the function may also set several members. */
static int set_parsed(struct option_reader *r, const struct option_row *row, struct str value)
{
    struct str problem;
    return row->parse(r->target, r->arena, value, &problem) == 0 ? 0 : fail(r, problem);
}

/* Stores one value; a value that the type does not take is reported with the option's name. */
static int set_value(struct option_reader *r, const struct option_row *row, struct str value)
{
    static int (*const setters[])(struct option_reader *, const struct option_row *, struct str) = {
        [OPTION_SWITCH] = set_switch, [OPTION_TEXT] = set_text,      [OPTION_PATH] = set_path,
        [OPTION_NUMBER] = set_number, [OPTION_SECONDS] = set_number, [OPTION_TIME] = set_time,
        [OPTION_CHOICE] = set_choice, [OPTION_PARSED] = set_parsed,
    };
    if (setters[row->type](r, row, value) != 0)
        return fail(r,
                    arena_printf(r->arena, "%s %.*s: %.*s", row->name, STR_ARG(value), STR_ARG(r->problem)));
    return 0;
}

/* The same for a value that the user gave, unlike a default. */
static int give_value(struct option_reader *r, const struct option_row *row, struct str value)
{
    if (set_value(r, row, value) != 0)
        return -1;
    if (row->given != OPTION_NO_MEMBER)
        *(bool *)member(r, row->given) = true;
    return 0;
}

/* Runs before everything else, so that variables and the command line override it. */
static void set_defaults(struct option_reader *r)
{
    for (size_t i = 0; i < r->table->n; i++) {
        const struct option_row *row = &r->table->rows[i];
        int rc = row->fallback ? set_value(r, row, str_from(row->fallback)) : 0;
        assert(rc == 0); /* schema/cli.json has a default that the option does not take */
        (void)rc;
    }
}

/* --- variables ---------------------------------------------------------------------------------------- */

/* The words that switch an option on in its variable; anything else leaves it off. */
static bool is_yes(struct str value)
{
    return str_eq_nocase(value, STR("1")) || str_eq_nocase(value, STR("true")) ||
           str_eq_nocase(value, STR("yes"));
}

/* A list with commas for an option that may be repeated. */
static int set_from_variable(struct option_reader *r, const struct option_row *row, struct str value)
{
    struct str part;
    if (row->type == OPTION_SWITCH && !is_yes(value))
        return 0;
    if (!row->repeats)
        return give_value(r, row, value);
    while (str_next(&value, ',', &part))
        if (give_value(r, row, part) != 0)
            return -1;
    return 0;
}

static bool is_end(const char *word)
{
    return strcmp(word, "--") == 0;
}

/* An option on the command line hides its variable, even a repeatable one, whose values would mix. */
static bool is_on_command_line(const struct option_row *row, char **argv)
{
    size_t n = strlen(row->name);
    for (; *argv && !is_end(*argv); argv++)
        if (strncmp(*argv, row->name, n) == 0 && ((*argv)[n] == '\0' || (*argv)[n] == '='))
            return true;
    return false;
}

/* In the order of the rows, so that the later of two rows that exclude each other counts. */
static int read_variables(struct option_reader *r, char **argv)
{
    char name[OPTION_VARIABLE_MAX];
    for (size_t i = 0; i < r->table->n; i++) {
        const struct option_row *row = &r->table->rows[i];
        const char *value = options_variable(row, name) ? getenv(name) : NULL;
        if (!value || !*value || is_on_command_line(row, argv))
            continue;
        if (set_from_variable(r, row, str_from(value)) != 0)
            return fail(r, arena_printf(r->arena, "%s (from the variable %s)", r->problem.p, name));
    }
    return 0;
}

/* --- the command line --------------------------------------------------------------------------------- */

/* By the exact name: no abbreviations, which would change their meaning with each new option. */
static const struct option_row *find_row(const struct option_table *t, struct str name)
{
    for (size_t i = 0; t && i < t->n; i++)
        if (str_eq(str_from(t->rows[i].name), name) ||
            (t->rows[i].letter && str_eq(str_from(t->rows[i].letter), name)))
            return &t->rows[i];
    return NULL;
}

static void offer_rows(const struct option_table *t, struct suggestion *suggestion)
{
    for (size_t i = 0; t && i < t->n; i++)
        suggest_offer(suggestion, str_from(t->rows[i].name));
}

/* Names the nearest option when there is one near enough. */
static int reject_option(struct option_reader *r, struct str word, struct str name)
{
    struct suggestion suggestion;
    suggest_init(&suggestion, name);
    if (str_starts(name, STR("--")) && name.n > strlen("--x")) {
        offer_rows(r->table, &suggestion);
        offer_rows(r->passes, &suggestion);
    }
    if (suggestion.best.p)
        return fail(r, arena_printf(r->arena, "%.*s is not an option; did you mean %.*s?", STR_ARG(word),
                                    STR_ARG(suggestion.best)));
    return fail(r, arena_printf(r->arena, "%.*s is not an option; --help lists them", STR_ARG(word)));
}

/* The value of the option `word`; moves *argv past it when it is the next word. */
static int take_value(struct option_reader *r, const struct option_row *row, struct str word, char ***argv,
                      struct str *ret_value)
{
    size_t equals = str_find(word, '=');
    if (!row->value && equals < word.n)
        return fail(r, arena_printf(r->arena, "%s takes no value", row->name));
    if (row->value && equals == word.n && !**argv)
        return fail(r, arena_printf(r->arena, "%s needs a value: %s", row->name, row->value));
    if (!row->value)
        *ret_value = STR("yes");
    else
        *ret_value = equals < word.n ? str_skip(word, equals + 1) : str_from(*(*argv)++);
    return 0;
}

/* Keeps the option for the other subcommand in the form with an equals sign, which needs no second word. */
static void pass_on(struct option_reader *r, const struct option_row *row, struct str value)
{
    struct str option = row->value ? arena_printf(r->arena, "%s=%.*s", row->name, STR_ARG(value))
                                   : arena_dup(r->arena, str_from(row->name));
    str_list_add(r->arena, r->passed, option);
}

/* One option, "--name value" or "--name=value". Moves *argv past what it used. */
static int read_option(struct option_reader *r, char ***argv)
{
    struct str word = str_from(*(*argv)++), value;
    struct str name = str_head(word, str_find(word, '='));
    const struct option_row *own = find_row(r->table, name);
    const struct option_row *row = own ? own : find_row(r->passes, name);
    if (!row)
        return reject_option(r, word, name);
    if (take_value(r, row, word, argv, &value) != 0)
        return -1;
    if (own)
        return give_value(r, row, value);
    pass_on(r, row, value);
    return 0;
}

/* "-" alone is a word: standard input or output. */
static bool is_word(const char *word)
{
    return word[0] != '-' || word[1] == '\0';
}

/* Words and options in any order until "--", after which every word is a word. */
static int read_line(struct option_reader *r, char **argv)
{
    bool ended = false;
    while (*argv) {
        if (r->takes_words && !ended && is_end(*argv)) {
            ended = true;
            argv++;
        } else if (r->takes_words && (ended || is_word(*argv))) {
            str_list_add(r->arena, r->words, str_from(*argv++));
        } else if (read_option(r, &argv) != 0) {
            return -1;
        }
    }
    return 0;
}

/* Before "--" only: after it the word belongs to another command. */
static bool asks_for_help(char **argv)
{
    for (; *argv && !is_end(*argv); argv++)
        if (strcmp(*argv, "--help") == 0 || strcmp(*argv, "-h") == 0)
            return true;
    return false;
}

/* Only on the command line: a variable may be set for other commands. */
static int check_excluded(struct option_reader *r, char **argv)
{
    for (size_t i = 0; i < r->table->n; i++) {
        const struct option_row *row = &r->table->rows[i];
        const struct option_row *other = row->excludes ? find_row(r->table, str_from(row->excludes)) : NULL;
        if (other && is_on_command_line(row, argv) && is_on_command_line(other, argv))
            return fail(r, arena_printf(r->arena, "%s and %s exclude each other", row->name, other->name));
    }
    return 0;
}

int options_read(struct option_reader *r, char **argv)
{
    assert(!r->takes_words || r->words);
    assert(!r->passes || r->passed);
    if (asks_for_help(argv))
        return 1;
    set_defaults(r);
    return read_variables(r, argv) == 0 && read_line(r, argv) == 0 ? check_excluded(r, argv) : -1;
}

/* By its `given` where it has one; else by its member, which is empty until then. */
static bool is_given(const struct option_row *row, const void *target)
{
    const char *base = target;
    if (row->given != OPTION_NO_MEMBER)
        return *(const bool *)(base + row->given);
    if (row->type == OPTION_SWITCH)
        return *(const bool *)(base + row->at);
    assert(row->type == OPTION_TEXT);
    return ((const struct str *)(const void *)(base + row->at))->p != NULL;
}

const char *options_given(const struct option_table *t, const void *target, const char *except)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct option_row *row = &t->rows[i];
        if (row->own && !(except && strcmp(row->name, except) == 0) && is_given(row, target))
            return row->name;
    }
    return NULL;
}

struct str variable_text(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? str_from(value) : (struct str){NULL, 0};
}
