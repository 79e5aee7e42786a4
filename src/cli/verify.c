/* `virga verify`: asks the server whether calls were made. */
#include "base/limits.h"
#include "base/log.h"
#include "cli/call_params.h"
#include "cli/control_request.h"
#include "cli/output.h"
#include "core/registry.h"
#include "gen/cli.h"
#include "gen/products.h"

/* The control API's status for calls that were not as described. */
enum { HTTP_CONFLICT = 409 };

/* The first word names the action unless it is Name=value, and gives the others their types. */
static void put_params(struct buf *b, struct session *s)
{
    bool named = s->words.n > 0 && str_find(s->words.v[0], '=') == s->words.v[0].n;
    const struct action *action = named ? registry_find_action(&all_products, s->words.v[0]) : NULL;
    struct buf params;
    struct str problem;
    if (named)
        output_json_text(b, "action", s->words.v[0]);
    if (s->words.n == named)
        return;
    buf_init(&params, &s->arena, 256, LIMIT_CLI_TEXT);
    if (call_params_put_paths(&params, action ? action->in : NULL, s->words.v + named, s->words.n - named,
                              &problem) != 0)
        die(EXIT_USAGE, "%.*s", STR_ARG(problem));
    output_json_raw(b, "params", buf_str(&params));
}

/* The question as JSON: the file of --body, else the words and options. */
static struct str question(struct verify_options *o)
{
    struct session *s = &o->session;
    struct buf b;
    if (o->body.p)
        return session_read_file(s, o->body);
    buf_init(&b, &s->arena, 256, LIMIT_CLI_TEXT);
    output_json_open(&b, NULL, '{');
    control_put_json(&b, &s->command->options, o);
    put_params(&b, s);
    if (o->min_given || o->max_given) {
        output_json_open(&b, "count", '{');
        if (o->min_given)
            output_json_number(&b, "min", o->min);
        if (o->max_given)
            output_json_number(&b, "max", o->max);
        output_json_close(&b, '}');
    }
    output_json_close(&b, '}');
    return buf_str(&b);
}

/* The server answers a question whose calls were not made as described with a conflict, and describes the
 * nearest call. */
int verify_main(struct session *s)
{
    struct verify_options *o = (void *)s;
    struct client_response response;
    if (o->body.p && (s->words.n > 0 || options_given(&s->command->options, o, "--body")))
        die(EXIT_USAGE, "--body is the whole question: %s", s->command->usage);
    struct str body = question(o);
    session_find(s);
    const struct node *found = session_ask(s, "POST", STR("/verify"), body, &response);
    if (!found)
        return response.status == HTTP_CONFLICT ? EXIT_MISMATCH : EXIT_SERVER_ERROR;
    struct str matched = session_text(s, found, STR("matched"));
    return session_print(s, arena_printf(&s->arena, "ok, calls: %.*s\n", STR_ARG(matched)), &response);
}
