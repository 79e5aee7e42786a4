/* `virga completion`: the completion scripts of three shells, from the table of subcommands. */

#include "base/log.h"
#include "cli/main.h"
#include "cli/output.h"
#include "cli/session.h"

static const struct option_row rows[] = {
    SESSION_ROW_JSON,
};

const struct option_table completion_option_table = {
    .usage = "virga completion bash|zsh|fish [options]",
    .about = "Prints the completion script of a shell: source <(virga completion bash), or\n"
             "virga completion fish > ~/.config/fish/completions/virga.fish.",
    .rows = rows,
    .n = sizeof rows / sizeof rows[0],
    .words = "bash zsh fish",
    .word = session_add_word,
};

/* The words that may follow the subcommand; names of actions and codes come from the program itself,
 * which somebody may have told to write JSON. */
static const char *words_of(const struct option_table *t)
{
    if (!t->words)
        return "";
    if (strcmp(t->words, "ACTION") == 0)
        return "$(VIRGA_JSON= virga actions --names)";
    if (strcmp(t->words, "CODE") == 0)
        return "$(VIRGA_JSON= virga explain --names)";
    return t->words;
}

static void put_options(struct buf *b, const struct option_table *t)
{
    for (size_t i = 0; i < options_count(t); i++)
        buf_printf(b, " %s", options_get(t, i).name);
    buf_put(b, STR(" --help"));
}

static void put_commands(struct buf *b)
{
    for (size_t i = 0; i < n_commands; i++)
        buf_printf(b, "%s%s", i ? " " : "", commands[i].name);
}

/* The case of one subcommand, for bash and zsh alike. */
static void put_case(struct buf *b, const struct command *c)
{
    buf_printf(b, "    %s) offered=\"%s", c->name, words_of(c->options));
    put_options(b, c->options);
    if (c->options->passes)
        put_options(b, c->options->passes);
    buf_put(b, STR("\" ;;\n"));
}

static void put_cases(struct buf *b)
{
    buf_put(b, STR("    '') offered=\""));
    put_commands(b);
    buf_put(b, STR(" --help --version\" ;;\n"));
    for (size_t i = 0; i < n_commands; i++)
        put_case(b, &commands[i]);
}

static void put_bash(struct buf *b)
{
    buf_put(b, STR("_virga() {\n    local current=${COMP_WORDS[COMP_CWORD]} command= offered=\n"
                   "    [ \"$COMP_CWORD\" -gt 1 ] && command=${COMP_WORDS[1]}\n    case $command in\n"));
    put_cases(b);
    buf_put(b, STR("    esac\n    COMPREPLY=($(compgen -W \"$offered\" -- \"$current\"))\n}\n"
                   "complete -o default -F _virga virga\n"));
}

/* The same text may be sourced, or lie in $fpath, from where zsh runs it as the body of _virga. Sourced in a
 * shell without completion it begins that. `words` is zsh's own name for the command line. */
static void put_zsh(struct buf *b)
{
    buf_put(b, STR("#compdef virga\n_virga() {\n    local command= offered=\n"
                   "    (( CURRENT > 2 )) && command=${words[2]}\n    case $command in\n"));
    put_cases(b);
    buf_put(b, STR("    esac\n    compadd -- ${=offered}\n    _files\n}\n"
                   "if [[ ${funcstack[1]} = _virga ]]; then\n    _virga \"$@\"\nelse\n"
                   "    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -D -i; }\n"
                   "    compdef _virga virga\nfi\n"));
}

/* A text within single quotes of fish. */
static void put_quoted(struct buf *b, const char *text)
{
    buf_putc(b, '\'');
    for (; *text; text++)
        buf_printf(b, *text == '\'' || *text == '\\' ? "\\%c" : "%c", *text);
    buf_putc(b, '\'');
}

static void put_fish_options(struct buf *b, const char *command, const struct option_table *t)
{
    for (size_t i = 0; i < options_count(t); i++) {
        struct option o = options_get(t, i);
        buf_printf(b, "complete -c virga -n '__fish_seen_subcommand_from %s' -l %s%s -d ", command,
                   o.name + 2, o.value ? " -r" : "");
        put_quoted(b, o.help);
        buf_putc(b, '\n');
    }
}

/* fish runs a command in parentheses where bash wants $( ). */
static void put_fish_words(struct buf *b, const struct command *c)
{
    const char *words = words_of(c->options);
    if (*words)
        buf_printf(b, "complete -c virga -f -n '__fish_seen_subcommand_from %s' -a '%s'\n", c->name,
                   words[0] == '$' ? words + 1 : words);
}

static void put_fish(struct buf *b)
{
    for (size_t i = 0; i < n_commands; i++) {
        const struct command *c = &commands[i];
        buf_printf(b, "complete -c virga -f -n __fish_use_subcommand -a %s -d ", c->name);
        put_quoted(b, c->help);
        buf_putc(b, '\n');
        put_fish_words(b, c);
        put_fish_options(b, c->name, c->options);
        if (c->options->passes)
            put_fish_options(b, c->name, c->options->passes);
    }
}

static const struct {
    struct str name;
    void (*put)(struct buf *b);
} shells[] = {{STR_INIT("bash"), put_bash}, {STR_INIT("zsh"), put_zsh}, {STR_INIT("fish"), put_fish}};

/* Ends the program for a shell that is none of them. */
static struct str script_for(struct arena *a, struct str shell)
{
    struct buf b;
    buf_init(&b, a, 16384, OUTPUT_MAX);
    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++)
        if (str_eq(shell, shells[i].name))
            shells[i].put(&b);
    if (b.n == 0)
        die(EXIT_USAGE, "%.*s is none of %s", STR_ARG(shell), completion_option_table.words);
    return buf_str(&b);
}

static struct str as_json(struct arena *a, struct str shell, struct str script)
{
    struct buf b;
    buf_init(&b, a, 2 * script.n, OUTPUT_MAX);
    buf_put(&b, STR("{\"shell\":"));
    buf_put_json_string(&b, shell);
    buf_put(&b, STR(",\"script\":"));
    buf_put_json_string(&b, script);
    buf_put(&b, STR("}\n"));
    return buf_str(&b);
}

int completion_main(char **argv)
{
    struct session s = {0};
    if (!session_open(&s, &completion_option_table, argv))
        return EXIT_OK;
    session_need_words(&s, &completion_option_table, 1, 1);
    struct str text = script_for(&s.arena, s.words.v[0]);
    if (s.json)
        text = as_json(&s.arena, s.words.v[0], text);
    return session_close(&s, output_write(text) == 0 ? EXIT_OK : EXIT_UNEXPECTED);
}
