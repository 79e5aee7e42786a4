#include "cli/command.h"

#include <assert.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/log.h"
#include "cli/env.h"
#include "cli/output.h"
#include "gen/cli.h"

/* --- running a subcommand ----------------------------------------------------------------------------- */

const struct command *command_find(struct str name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (str_eq(str_from(commands[i].name), name))
            return &commands[i];
    return NULL;
}

/* Returns false after --help, which has been printed. */
static bool read_options(struct session *s, char **argv)
{
    const struct command *c = s->command;
    struct option_reader r = {.table = &c->options,
                              .passes = c->passes,
                              .takes_words = c->max_words > 0,
                              .target = s,
                              .arena = &s->arena,
                              .words = &s->words,
                              .passed = &s->passed};
    int rc = options_read(&r, argv);
    if (rc < 0)
        die(EXIT_USAGE, "%.*s", STR_ARG(r.problem));
    if (rc == 1)
        (void)output_write(c->more_help ? CONCAT(&s->arena, c->help, c->more_help(&s->arena)) : c->help);
    return rc == 0;
}

int command_run(const struct command *c, char **argv)
{
    assert(c->size >= sizeof(struct session));
    /* The options begin with their session, so one block has both. */
    struct session *s = memory_new(c->size);
    int code = EXIT_OK;
    arena_init(&s->arena);
    s->command = c;
    s->lang = lang_of_locale();
    if (c->init)
        c->init(s);
    if (read_options(s, argv)) {
        session_need_words(s, c->min_words, c->max_words);
        code = c->run(s);
    }
    arena_done(&s->arena);
    free(s);
    return code;
}

/* --- man and completion ------------------------------------------------------------------------------- */

/* Prints the page about all subcommands, which is generated from schema/cli.json (gen/cli.h). --markdown and
 * --json each replace the page for man(1). */
int man_main(struct session *s)
{
    const struct man_options *o = (void *)s;
    if (o->markdown && s->json)
        die(EXIT_USAGE, "--markdown and --json are two forms of one page");
    struct str page = s->json ? manual_json : o->markdown ? manual_markdown : manual_page;
    return session_write(s, page);
}

/* The script as one text within an object, for programs that install it. */
static struct str script_json(struct arena *a, const struct completion_script *script)
{
    struct buf b;
    buf_init(&b, a, 2 * script->text.n, LIMIT_CLI_TEXT);
    output_json_open(&b, NULL, '{');
    output_json_text(&b, "shell", script->shell);
    output_json_text(&b, "script", script->text);
    output_json_end(&b, '}');
    return buf_str(&b);
}

/* The first word is the shell. */
int completion_main(struct session *s)
{
    for (size_t i = 0; i < COMPLETION_SCRIPTS; i++) {
        const struct completion_script *script = &completion_scripts[i];
        if (!str_eq(s->words.v[0], script->shell))
            continue;
        return session_write(s, s->json ? script_json(&s->arena, script) : script->text);
    }
    session_reject_word(s, s->words.v[0]);
}
