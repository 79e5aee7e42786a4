#include "cli/options.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

enum { VARIABLE_MAX = 64 };

extern char **environ;

/* "--flow-seconds" -> "VIRGA_FLOW_SECONDS". */
static void variable_name(const struct option_row *row, char out[VARIABLE_MAX])
{
    size_t n = (size_t)snprintf(out, VARIABLE_MAX, "VIRGA_%s", row->name + 2);
    for (size_t i = 0; i < n && i < VARIABLE_MAX; i++)
        out[i] = out[i] == '-' ? '_' : (char)toupper((unsigned char)out[i]);
}

static int set_one(const struct option_row *row, void *target, struct arena *a, struct str value,
                   struct str *ret_why)
{
    struct str why;
    if (row->set(target, a, value, &why) == 0)
        return 0;
    *ret_why = arena_printf(a, "%s %.*s: %.*s", row->name, STR_ARG(value), STR_ARG(why));
    return -1;
}

static bool is_yes(struct str value)
{
    return str_eq_nocase(value, STR("1")) || str_eq_nocase(value, STR("true")) ||
           str_eq_nocase(value, STR("yes"));
}

static int set_from_variable(const struct option_row *row, void *target, struct arena *a, struct str value,
                             struct str *ret_why)
{
    struct str part;
    if (!row->value)
        return is_yes(value) ? set_one(row, target, a, value, ret_why) : 0;
    if (!row->repeats)
        return set_one(row, target, a, value, ret_why);
    while (str_next(&value, ',', &part))
        if (set_one(row, target, a, part, ret_why) != 0)
            return -1;
    return 0;
}

static bool on_command_line(const struct option_row *row, char **argv)
{
    size_t n = strlen(row->name);
    for (; *argv; argv++)
        if (strncmp(*argv, row->name, n) == 0 && ((*argv)[n] == '\0' || (*argv)[n] == '='))
            return true;
    return false;
}

static int read_variables(const struct option_table *t, void *target, struct arena *a, char **argv,
                          struct str *ret_why)
{
    for (size_t i = 0; i < t->n; i++) {
        char name[VARIABLE_MAX];
        variable_name(&t->rows[i], name);
        const char *value = getenv(name);
        if (!value || !*value || on_command_line(&t->rows[i], argv))
            continue;
        if (set_from_variable(&t->rows[i], target, a, str_from(value), ret_why) != 0) {
            *ret_why = arena_printf(a, "%s (from the variable %s)", ret_why->p, name);
            return -1;
        }
    }
    return 0;
}

static const struct option_row *find_row(const struct option_table *t, struct str name)
{
    for (size_t i = 0; i < t->n; i++)
        if (str_eq(str_from(t->rows[i].name), name))
            return &t->rows[i];
    return NULL;
}

/* One option of the command line, "--name value" or "--name=value". Steps *argv past what it used. */
static int read_option(const struct option_table *t, void *target, struct arena *a, char ***argv,
                       struct str *ret_why)
{
    struct str word = str_from(*(*argv)++);
    size_t equals = str_find(word, '=');
    const struct option_row *row = find_row(t, str_head(word, equals));
    if (!row) {
        *ret_why = arena_printf(a, "%.*s is not an option; --help lists them", STR_ARG(word));
        return -1;
    }
    if (!row->value && equals < word.n) {
        *ret_why = arena_printf(a, "%s takes no value", row->name);
        return -1;
    }
    if (row->value && equals == word.n && !**argv) {
        *ret_why = arena_printf(a, "%s needs a value: %s", row->name, row->value);
        return -1;
    }
    if (!row->value)
        return set_one(row, target, a, STR("yes"), ret_why);
    if (equals < word.n)
        return set_one(row, target, a, str_skip(word, equals + 1), ret_why);
    return set_one(row, target, a, str_from(*(*argv)++), ret_why);
}

static bool asks_for_help(char **argv)
{
    for (; *argv; argv++)
        if (strcmp(*argv, "--help") == 0 || strcmp(*argv, "-h") == 0)
            return true;
    return false;
}

int options_read(const struct option_table *t, void *target, struct arena *a, char **argv,
                 struct str *ret_why)
{
    if (asks_for_help(argv))
        return 1;
    if (read_variables(t, target, a, argv, ret_why) != 0)
        return -1;
    while (*argv)
        if (read_option(t, target, a, &argv, ret_why) != 0)
            return -1;
    return 0;
}

void options_print_help(const struct option_table *t)
{
    printf("Usage: %s\n\n%s\n\nOptions, each also as a variable (--db is VIRGA_DB):\n", t->usage, t->about);
    for (size_t i = 0; i < t->n; i++) {
        const struct option_row *row = &t->rows[i];
        char left[VARIABLE_MAX];
        (void)snprintf(left, sizeof left, "%s %s", row->name, row->value ? row->value : "");
        printf("  %-28s %s\n", left, row->help);
    }
    printf("  %-28s %s\n", "--help", "this text");
}

static bool knows(const struct option_table *t, struct str name)
{
    for (size_t i = 0; i < t->n; i++) {
        char variable[VARIABLE_MAX];
        variable_name(&t->rows[i], variable);
        if (str_eq(name, str_from(variable)))
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
