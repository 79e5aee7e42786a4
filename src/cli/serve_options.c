#include "cli/serve_options.h"

#include <assert.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "cli/endpoints.h"
#include "core/base_url.h"
#include "core/flow.h"
#include "core/registry.h"
#include "gen/products.h"

/* Keeps the sentence. Returns -1, for the caller to return. */
static int reject(struct str problem, struct str *ret_problem)
{
    *ret_problem = problem;
    return -1;
}

/* The list lives in the arena and is copied for each option; there are few of them. */
static void add_limit(struct settings *s, struct arena *a, struct limit_setting limit)
{
    struct limit_setting *longer = ARENA_ARRAY(a, struct limit_setting, s->n_limits + 1);
    if (s->n_limits)
        memcpy(longer, s->limits, s->n_limits * sizeof *longer);
    longer[s->n_limits++] = limit;
    s->limits = longer;
}

static int reject_action(struct arena *a, struct str name, struct str *ret_problem)
{
    struct suggestion suggestion;
    suggest_init(&suggestion, name);
    action_offer(&all_products, &suggestion);
    if (!suggestion.best.p)
        return reject(arena_printf(a, "there is no action %.*s", STR_ARG(name)), ret_problem);
    return reject(arena_printf(a, "there is no action %.*s; did you mean %.*s?", STR_ARG(name),
                               STR_ARG(suggestion.best)),
                  ret_problem);
}

int serve_parse_public_url(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    struct str url;
    if (base_url_parse(value, &url) != 0)
        return reject(STR("expects a URL without a path, such as https://virga.test"), ret_problem);
    o->settings.public_url = arena_dup(a, url);
    return 0;
}

/* A later limit of the same action overrides an earlier one, in the world (core/settings.h). */
int serve_parse_limit(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    struct limit_setting limit = {.action = str_head(value, str_find(value, '='))};
    if (str_eq(value, STR("off"))) {
        o->settings.limit_off = true;
        return 0;
    }
    if (str_to_i64(str_skip(value, limit.action.n + 1), &limit.per_second) != 0 || limit.per_second < 0)
        return reject(STR("expects off, or ACTION=N with N calls a second"), ret_problem);
    if (!registry_find_action(&all_products, limit.action))
        return reject_action(a, limit.action, ret_problem);
    add_limit(&o->settings, a, limit);
    return 0;
}

/* Their names: "a, b or c". */
static struct str flow_kinds(struct arena *a)
{
    struct buf b;
    buf_init(&b, a, 128, LIMIT_CLI_TEXT);
    for (size_t i = 0; i < registry_n_flow_types(&all_products); i++)
        buf_printf(&b, "%s%.*s", i ? " " : "", STR_ARG(registry_flow_type_at(&all_products, i)->name));
    return options_alternatives(a, arena_cstr(a, buf_str(&b)), ' ');
}

/* The duration is checked before the kind, so that a wrong form is reported as such. */
int serve_parse_flow_seconds(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct serve_options *o = target;
    struct str kind = str_head(value, str_find(value, '=')), text = str_skip(value, kind.n + 1);
    uint64_t seconds = 0;
    bool manual = str_eq(text, STR("manual"));
    if (!manual && (str_to_u64(text, &seconds) != 0 || seconds > LIMIT_FLOW_SECONDS))
        return reject(
            arena_printf(a, "expects KIND=manual, or KIND=N with N from 0 to %d seconds", LIMIT_FLOW_SECONDS),
            ret_problem);
    for (size_t i = 0; i < registry_n_flow_types(&all_products); i++)
        if (str_eq(kind, registry_flow_type_at(&all_products, i)->name)) {
            o->settings.flow_ms[i] = manual ? FLOW_BY_HAND : (int64_t)seconds * 1000;
            return 0;
        }
    return reject(
        arena_printf(a, "there is no kind of flow %.*s; expects %.*s", STR_ARG(kind), STR_ARG(flow_kinds(a))),
        ret_problem);
}

/* Breaks the text into lines of at most HELP_WIDTH characters, at spaces. */
static struct str wrapped(struct arena *a, struct str text)
{
    enum { HELP_WIDTH = 100 };
    char *out = ARENA_ARRAY(a, char, text.n);
    size_t line = 0, space = 0;
    for (size_t i = 0; i < text.n; i++) {
        out[i] = text.p[i];
        if (out[i] == ' ')
            space = i;
        if (i - line >= HELP_WIDTH && space > line) {
            out[space] = '\n';
            line = space + 1;
        }
    }
    return (struct str){out, text.n};
}

struct str serve_more_help(struct arena *a)
{
    struct str kinds = wrapped(a, CONCAT(a, STR("Kinds of flow: "), flow_kinds(a)));
    return CONCAT(a, STR("\n"), kinds, STR("\n"));
}

void serve_options_init(struct session *s)
{
    struct serve_options *o = (void *)s;
    assert(registry_n_flow_types(&all_products) <= LIMIT_FLOW_TYPES);
    for (size_t i = 0; i < registry_n_flow_types(&all_products); i++)
        o->settings.flow_ms[i] = registry_flow_type_at(&all_products, i)->default_ms;
}

/* Makes the folders of the default path only: in a path from the user a missing one is a mistake. */
static const char *default_db_path(struct arena *a)
{
    const char *path = endpoints_state_path(a, "virga.db");
    if (path)
        (void)file_make_parents(a, path); /* the store reports why they are missing */
    return path;
}

/* An explicit --log-level overrides --quiet; --memory overrides --db. */
int serve_options_finish(struct serve_options *o)
{
    if (!o->log_level_given && o->quiet)
        o->log_level = LOG_WARN;
    if (o->host_given)
        o->settings.host = str_from(o->http.host);
    if (o->memory)
        o->settings.db_path = NULL;
    else if (!o->settings.db_path)
        o->settings.db_path = default_db_path(&o->session.arena);
    return o->memory || o->settings.db_path ? 0 : -1;
}

const char *serve_default_ca_dir(struct arena *a)
{
    return endpoints_state_path(a, "ca");
}
