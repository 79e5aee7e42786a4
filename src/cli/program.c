#include "cli/program.h"

#include "cli/exit.h"
#include "cli/lang.h"
#include "cli/output.h"

static void put_member(struct buf *b, const char *name, struct str value)
{
    if (!value.p)
        return;
    buf_printf(b, "%s\"%s\":", b->n > 1 ? "," : "", name);
    buf_put_json_string(b, value);
}

int program_print(struct session *s, const struct program *p)
{
    struct client_answer answer;
    struct buf b;
    buf_init(&b, &s->arena, 512, OUTPUT_MAX);
    buf_putc(&b, '{');
    put_member(&b, "client", p->client);
    put_member(&b, "action", p->action);
    put_member(&b, "region", p->region);
    put_member(&b, "secret_id", p->secret_id);
    put_member(&b, "params", p->params);
    put_member(&b, "lang", lang_of_locale() == LANG_ZH ? STR("zh") : STR("en"));
    buf_putc(&b, '}');
    const struct node *found = session_ask(s, "POST", STR("/snippet"), buf_str(&b), &answer);
    if (!found)
        return session_close(s, EXIT_REFUSED);
    return session_print(s, session_text(s, found, STR("text")), &answer);
}
