/* `virga man` and `virga completion`: they print what was generated from schema/cli.json. */
#include "base/limits.h"
#include "base/log.h"
#include "cli/output.h"
#include "gen/cli.h"

int man_main(struct session *s)
{
    const struct man_options *o = (void *)s;
    if (o->markdown && s->json)
        die(EXIT_USAGE, "--markdown and --json are two forms of one page");
    struct str page = s->json ? manual_json : o->markdown ? manual_markdown : manual_page;
    return output_write(page) == 0 ? EXIT_OK : EXIT_UNEXPECTED;
}

static struct str script_json(struct arena *a, const struct completion_script *script)
{
    struct buf b;
    buf_init(&b, a, 2 * script->text.n, LIMIT_CLI_TEXT);
    output_json_open(&b, NULL, '{');
    output_json_text(&b, "shell", script->shell);
    output_json_text(&b, "script", script->text);
    output_json_close(&b, '}');
    buf_putc(&b, '\n');
    return buf_str(&b);
}

int completion_main(struct session *s)
{
    for (size_t i = 0; i < COMPLETION_SCRIPTS; i++) {
        const struct completion_script *script = &completion_scripts[i];
        if (!str_eq(s->words.v[0], script->shell))
            continue;
        struct str text = s->json ? script_json(&s->arena, script) : script->text;
        return output_write(text) == 0 ? EXIT_OK : EXIT_UNEXPECTED;
    }
    session_reject_word(s, s->words.v[0]);
}
