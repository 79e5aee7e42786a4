/* `virga man`: the manual, as a page for man(1), as docs/cli.md or as JSON, from the tables. */

#include "base/log.h"
#include "base/version.h"
#include "cli/main.h"
#include "cli/output.h"
#include "cli/session.h"

struct man {
    struct session session;
    struct str markdown;
};

static const struct option_row rows[] = {
    SESSION_ROW_JSON,
};

static const struct option_text texts[] = {
    {"--markdown", NULL, "as Markdown instead: docs/cli.md", offsetof(struct man, markdown), OPTION_LOCAL},
};

const struct option_table man_option_table = {
    .usage = "virga man [options]",
    .about = "Prints this manual as a page for man: virga man | man -l -",
    .rows = rows,
    .n = sizeof rows / sizeof rows[0],
    .texts = texts,
    .n_texts = sizeof texts / sizeof texts[0],
};

static const char intro[] = "A local emulator of Tencent Cloud's SQL Server API (sqlserver, 2018-03-28).";
static const char on_options[] =
    "Every option is also a variable: --flow-seconds is VIRGA_FLOW_SECONDS. The command line wins over the "
    "variable. Those that are part of one question, rule or reset are no variables, so that a forgotten one "
    "changes none. Subcommands that ask a server find it by the file that virga serve writes, or by "
    "--endpoint.";

/* --- roff --------------------------------------------------------------------------------------------- */

/* Backslashes, hyphens that are to be copied, and a dot or quote that would begin a request. */
static void put_roff(struct buf *b, const char *text)
{
    bool at_start = true;
    for (; *text; text++) {
        if (at_start && (*text == '.' || *text == '\''))
            buf_put(b, STR("\\&"));
        if (*text == '-' || *text == '\\')
            buf_put(b, *text == '-' ? STR("\\") : STR("\\e"));
        if (*text != '\\')
            buf_putc(b, *text);
        at_start = *text == '\n';
    }
}

static void put_roff_option(struct buf *b, const struct option *o)
{
    buf_put(b, STR(".TP\n.B "));
    put_roff(b, o->name);
    if (o->value) {
        buf_put(b, STR(" \\fI"));
        put_roff(b, o->value);
        buf_put(b, STR("\\fR"));
    }
    buf_putc(b, '\n');
    put_roff(b, o->help);
    buf_putc(b, '\n');
}

static void put_roff_command(struct buf *b, const struct command *c)
{
    buf_put(b, STR(".SS "));
    put_roff(b, c->options->usage);
    buf_putc(b, '\n');
    put_roff(b, c->options->about);
    buf_putc(b, '\n');
    for (size_t i = 0; i < options_count(c->options); i++) {
        struct option o = options_get(c->options, i);
        put_roff_option(b, &o);
    }
}

static void put_roff_page(struct buf *b)
{
    buf_put(b, STR(".TH VIRGA 1 \"\" \"virga " VIRGA_VERSION "\"\n.SH NAME\nvirga \\- "));
    put_roff(b, intro);
    buf_put(b, STR("\n.SH SYNOPSIS\n.B virga\n\\fISUBCOMMAND\\fR [options]\n.SH OPTIONS\n"));
    put_roff(b, on_options);
    buf_put(b, STR("\n.SH SUBCOMMANDS\n"));
    for (size_t i = 0; i < n_commands; i++)
        put_roff_command(b, &commands[i]);
    buf_put(b, STR(".SH VARIABLES OF VIRGA RUN\n"));
    for (size_t i = 0; i < options_count(&run_variables); i++) {
        struct option o = options_get(&run_variables, i);
        char name[OPTION_VARIABLE_MAX];
        options_variable(&o, name);
        buf_printf(b, ".TP\n.B %s\n%s\n", name, o.help);
    }
    buf_put(b, STR(".SH EXIT STATUS\n"));
    for (size_t i = 0; i < n_exit_meanings; i++) {
        buf_printf(b, ".TP\n.B %d\n", exit_meanings[i].code);
        put_roff(b, exit_meanings[i].meaning);
        buf_putc(b, '\n');
    }
}

/* --- Markdown ----------------------------------------------------------------------------------------- */

/* In a cell a bar would end it. */
static void put_cell(struct buf *b, const char *text)
{
    for (; *text; text++)
        buf_printf(b, *text == '|' ? "\\%c" : "%c", *text);
}

static void put_markdown_option(struct buf *b, const struct option *o)
{
    buf_printf(b, "| `%s", o->name);
    if (o->value)
        buf_putc(b, ' ');
    put_cell(b, o->value ? o->value : "");
    buf_put(b, STR("` | "));
    put_cell(b, o->help);
    buf_put(b, STR(" |\n"));
}

static void put_markdown_command(struct buf *b, const struct command *c)
{
    size_t n = options_count(c->options);
    buf_printf(b, "\n## virga %s\n\n```\n%s\n```\n\n%s\n", c->name, c->options->usage, c->options->about);
    if (n > 0)
        buf_put(b, STR("\n| option | |\n|---|---|\n"));
    for (size_t i = 0; i < n; i++) {
        struct option o = options_get(c->options, i);
        put_markdown_option(b, &o);
    }
}

static void put_markdown_page(struct buf *b)
{
    buf_printf(b,
               "# The command line\n\nWritten by `virga man --markdown`; not to be edited.\n\n%s\n\n"
               "| subcommand | |\n|---|---|\n",
               on_options);
    for (size_t i = 0; i < n_commands; i++)
        buf_printf(b, "| [`%s`](#virga-%s) | %s |\n", commands[i].name, commands[i].name, commands[i].help);
    for (size_t i = 0; i < n_commands; i++)
        put_markdown_command(b, &commands[i]);
    buf_put(b, STR("\n## Variables that `virga run` sets\n\nBeside those of the official clients "
                   "(`TENCENTCLOUD_SECRET_ID` and so on):\n\n| variable | |\n|---|---|\n"));
    for (size_t i = 0; i < options_count(&run_variables); i++) {
        struct option o = options_get(&run_variables, i);
        char name[OPTION_VARIABLE_MAX];
        options_variable(&o, name);
        buf_printf(b, "| `%s` | %s |\n", name, o.help);
    }
    buf_put(b, STR("\n## Exit codes\n\n| code | |\n|---|---|\n"));
    for (size_t i = 0; i < n_exit_meanings; i++)
        buf_printf(b, "| %d | %s |\n", exit_meanings[i].code, exit_meanings[i].meaning);
}

/* --- JSON --------------------------------------------------------------------------------------------- */

/* `name` is the member with what is before it: {"name or ,"help. NULL becomes null. */
static void put_member(struct buf *b, const char *name, const char *text)
{
    buf_printf(b, "%s\":", name);
    if (text)
        buf_put_json_string(b, str_from(text));
    else
        buf_put(b, STR("null"));
}

static void put_json_option(struct buf *b, const struct option *o)
{
    char variable[OPTION_VARIABLE_MAX];
    options_variable(o, variable);
    put_member(b, "{\"name", o->name);
    put_member(b, ",\"value", o->value);
    put_member(b, ",\"help", o->help);
    put_member(b, ",\"variable", options_has_variable(o) ? variable : NULL);
    buf_printf(b, ",\"repeats\":%s}", o->repeats ? "true" : "false");
}

static bool has_option(const struct option_table *t, const char *name)
{
    for (size_t i = 0; i < options_count(t); i++)
        if (strcmp(options_get(t, i).name, name) == 0)
            return true;
    return false;
}

/* The options of `t`, but those that `own` has itself. */
static void put_json_options(struct buf *b, const struct option_table *t, const struct option_table *own)
{
    for (size_t i = 0; t && i < options_count(t); i++) {
        struct option o = options_get(t, i);
        if (own && has_option(own, o.name))
            continue;
        if (b->p[b->n - 1] == '}')
            buf_putc(b, ',');
        put_json_option(b, &o);
    }
}

/* The options with those that are handed on. */
static void put_json_command(struct buf *b, const struct command *c)
{
    put_member(b, "{\"name", c->name);
    put_member(b, ",\"help", c->help);
    put_member(b, ",\"usage", c->options->usage);
    put_member(b, ",\"about", c->options->about);
    buf_put(b, STR(",\"options\":["));
    put_json_options(b, c->options, NULL);
    put_json_options(b, c->options->passes, c->options);
    buf_put(b, STR("]}"));
}

static void put_json_variables(struct buf *b)
{
    for (size_t i = 0; i < options_count(&run_variables); i++) {
        struct option o = options_get(&run_variables, i);
        char name[OPTION_VARIABLE_MAX];
        options_variable(&o, name);
        put_member(b, i ? ",{\"name" : "{\"name", name);
        put_member(b, ",\"help", o.help);
        buf_putc(b, '}');
    }
}

static void put_json_page(struct buf *b)
{
    put_member(b, "{\"version", VIRGA_VERSION);
    put_member(b, ",\"about", intro);
    buf_put(b, STR(",\"subcommands\":["));
    for (size_t i = 0; i < n_commands; i++) {
        if (i > 0)
            buf_putc(b, ',');
        put_json_command(b, &commands[i]);
    }
    buf_put(b, STR("],\"run_variables\":["));
    put_json_variables(b);
    buf_put(b, STR("],\"exit_codes\":["));
    for (size_t i = 0; i < n_exit_meanings; i++) {
        buf_printf(b, "%s{\"code\":%d", i ? "," : "", exit_meanings[i].code);
        put_member(b, ",\"meaning", exit_meanings[i].meaning);
        buf_putc(b, '}');
    }
    buf_put(b, STR("]}\n"));
}

int man_main(char **argv)
{
    struct man m = {0};
    struct buf b;
    if (!session_open(&m, &man_option_table, argv))
        return EXIT_OK;
    if (m.markdown.p && m.session.json)
        die(EXIT_USAGE, "--markdown and --json are two forms of one page");
    buf_init(&b, &m.session.arena, 65536, OUTPUT_MAX);
    if (m.session.json)
        put_json_page(&b);
    else
        (m.markdown.p ? put_markdown_page : put_roff_page)(&b);
    return session_close(&m.session, output_write(buf_str(&b)) == 0 ? EXIT_OK : EXIT_UNEXPECTED);
}
