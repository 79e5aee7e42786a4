/* What the console asks that no other route tells: credentials to choose from, the pipeline, programs. */
#include <stdlib.h>

#include "base/limits.h"
#include "core/template.h"
#include "gateway/pipeline.h"
#include "gen/control.h"

/* --- credentials --- */

/* A map has no order; a list to choose from needs one that stays. */
static int by_id(const void *a, const void *b)
{
    return str_cmp(((const struct credential_view *)a)->secret_id,
                   ((const struct credential_view *)b)->secret_id);
}

static struct credential_view view_of(const struct accounts *id, const struct credential *c)
{
    return (struct credential_view){.secret_id = c->secret_id,
                                    .secret_key = c->secret_key,
                                    .token = c->access ? c->access->token : (struct str){NULL, 0},
                                    .account = c->account->uin,
                                    .is_default = BOOL(c == id->first)};
}

int control_list_credentials(struct control *k, struct credential_list *answer)
{
    const struct accounts *id = &k->call->world->accounts;
    const struct map *m = &id->credentials;
    struct credential_view_list *list = &answer->credentials;
    list->v = ARENA_ARRAY(k->call->arena, struct credential_view, m->n + 1);
    list->set = true;
    for (size_t i = 0; i < m->room; i++)
        if (m->slots[i].value)
            list->v[list->n++] = view_of(id, m->slots[i].value);
    qsort(list->v, list->n, sizeof list->v[0], by_id);
    return 0;
}

/* --- the pipeline --- */

int control_get_pipeline(struct control *k, struct pipeline_view *answer)
{
    answer->steps.v = ARENA_ARRAY(k->call->arena, struct step_view, pipeline_steps);
    answer->steps.n = pipeline_steps;
    answer->steps.set = true;
    for (size_t i = 0; i < pipeline_steps; i++)
        answer->steps.v[i] = (struct step_view){.name = str_from(pipeline[i].name),
                                                .provenance = provenance_words[pipeline[i].place]};
    return 0;
}

/* --- programs --- */

static int fail_missing(struct control *k, const char *what, struct str name)
{
    return control_fail(k, HTTP_BAD_REQUEST,
                        arena_printf(k->call->arena, "there is no %s %.*s", what, STR_ARG(name)),
                        STR("GET /_virga/schema.json lists what there is"));
}

static bool is_only(struct str text, struct str chars)
{
    for (size_t i = 0; i < text.n; i++)
        if (str_find(chars, text.p[i]) == chars.n)
            return false;
    return true;
}

#define SMALL "abcdefghijklmnopqrstuvwxyz0123456789-"

/* It stands bare in a program, so that nothing but a name may come through. */
static bool is_region_name(struct str region)
{
    return is_only(region, STR(SMALL));
}

static int check(struct control *k, const struct snippet_ask *body)
{
    const struct world *w = k->call->world;
    if (!template_find(body->client))
        return fail_missing(k, "client", body->client);
    if (!registry_find_action(w->registry, body->action))
        return fail_missing(k, "action", body->action);
    if (!is_region_name(body->region))
        return fail_missing(k, "region", body->region);
    if (body->secret_id.p && !accounts_find_credential(&w->accounts, body->secret_id))
        return fail_missing(k, "credential", body->secret_id);
    return 0;
}

/* The address by which the client came is one that reaches the server from where it is, port mappings
 * included. A program over TLS would need the certificate too, so that one gets the plain endpoint. */
static struct str endpoint_of(struct control *k)
{
    const struct request *r = &k->call->request;
    struct str host = request_header(r, STR("Host"));
    bool plain = is_only(host, STR(SMALL "ABCDEFGHIJKLMNOPQRSTUVWXYZ.:[]"));
    if (r->tls || !plain || str_find(host, ':') == host.n)
        return k->call->world->endpoint;
    return CONCAT(k->call->arena, STR("http://"), host);
}

static int set_values(struct control *k, const struct snippet_ask *body, struct template_values *values)
{
    const struct world *w = k->call->world;
    const struct credential *c =
        body->secret_id.p ? accounts_find_credential(&w->accounts, body->secret_id) : w->accounts.first;
    template_set_server(values, k->call->arena, endpoint_of(k), (struct str){NULL, 0});
    values->v[TEMPLATE_SECRET_ID] = c->secret_id;
    values->v[TEMPLATE_SECRET_KEY] = c->secret_key;
    values->v[TEMPLATE_REGION] = body->region.p ? body->region : w->example_region;
    values->v[TEMPLATE_INSTANCE] = w->example_resource;
    if (template_set_call(values, k->call->arena, body->action, body->params) == 0)
        return 0;
    return control_fail(k, HTTP_BAD_REQUEST, STR("params is not a JSON object"), STR("{}"));
}

int control_make_snippet(struct control *k, const struct snippet_ask *body, struct snippet *answer)
{
    struct template_values values = {0};
    struct buf b;
    if (check(k, body) != 0 || set_values(k, body, &values) != 0)
        return -1;
    buf_init(&b, k->call->arena, 4096, LIMIT_ANSWER);
    template_render_sample(&b, template_find(body->client), &values,
                           str_eq(body->lang, STR("zh")) ? LANG_ZH : LANG_EN);
    answer->client = body->client;
    answer->text = buf_str(&b);
    return 0;
}
