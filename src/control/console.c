/* Routes that only the console needs: credentials to choose from, the steps of a call, code samples. */
#include <stdlib.h>

#include "base/limits.h"
#include "control/list_stream.h"
#include "core/base_url.h"
#include "core/template.h"
#include "gateway/pipeline.h"
#include "gen/control.h"

/* --- credentials --- */

/* The credentials at the time of the request. Those that are removed while the answer is sent stay in memory.
 */
struct credential_stream {
    struct list_stream list;
    const struct credential *first; /* the one that is shown at the start */
    const struct credential **v;
    size_t n, at;
};

/* Sorts by SecretId: a map has no order, but a list for users needs a stable one. */
static int by_id(const void *a, const void *b)
{
    return str_cmp((*(const struct credential *const *)a)->secret_id,
                   (*(const struct credential *const *)b)->secret_id);
}

/* The key is shown too: a client of this API may read the whole state anyway. */
static enum list_result next_credential(struct list_stream *list, struct arena *a, size_t *budget,
                                        const void **ret_item)
{
    struct credential_stream *l = (struct credential_stream *)list; /* its first member */
    (void)budget;                                                   /* each one is in the list */
    if (l->at == l->n)
        return LIST_END;
    const struct credential *c = l->v[l->at++];
    struct credential_view *view = ARENA_NEW(a, struct credential_view);
    *view = (struct credential_view){.secret_id = c->secret_id,
                                     .secret_key = c->secret_key,
                                     .token = c->access ? c->access->token : (struct str){NULL, 0},
                                     .account = c->account->uin,
                                     .is_default = BOOL(c == l->first)};
    *ret_item = view;
    return LIST_ITEM;
}

/* GET /_virga/credentials: those of the world file, of test accounts and temporary ones. */
int control_list_credentials(struct control *k, struct credential_list *answer)
{
    const struct accounts *all = &k->call->world->accounts;
    const struct map *m = &all->credentials;
    struct credential_stream *l = ARENA_NEW(k->call->arena, struct credential_stream);
    (void)answer; /* only the list */
    *l = (struct credential_stream){
        .list = {.name = STR("credentials"), .item = &credential_view_shape, .next = next_credential},
        .first = all->first,
        .v = ARENA_ARRAY(k->call->arena, const struct credential *, m->n + 1)};
    for (size_t i = 0; i < m->room; i++)
        if (m->slots[i].value)
            l->v[l->n++] = m->slots[i].value;
    qsort(l->v, l->n, sizeof l->v[0], by_id);
    k->list = &l->list;
    return 0;
}

/* --- steps --- */

/* GET /_virga/pipeline: the steps in the order in which a call passes them. */
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

/* --- code samples --- */

static int fail_unknown(struct control *k, const char *what, struct str name)
{
    return control_fail_request(k, arena_printf(k->call->arena, "there is no %s %.*s", what, STR_ARG(name)),
                                STR("GET /_virga/schema.json lists what there is"));
}

/* Does the text consist of these characters alone? */
static bool is_only(struct str text, struct str chars)
{
    for (size_t i = 0; i < text.n; i++)
        if (str_find(chars, text.p[i]) == chars.n)
            return false;
    return true;
}

#define LOWER_CASE "abcdefghijklmnopqrstuvwxyz0123456789-"

/* Checks the characters of a region, because a template puts it into code without quotes. */
static bool is_region_name(struct str region)
{
    return is_only(region, STR(LOWER_CASE));
}

/* Rejects unknown names, because a sample with one could not run. */
static int check_sample(struct control *k, const struct snippet_ask *body)
{
    const struct world *w = k->call->world;
    if (!template_find(body->client))
        return fail_unknown(k, "client", body->client);
    if (!registry_find_action(w->registry, body->action))
        return fail_unknown(k, "action", body->action);
    if (!is_region_name(body->region))
        return fail_unknown(k, "region", body->region);
    if (body->secret_id.p && !accounts_find_credential(&w->accounts, body->secret_id))
        return fail_unknown(k, "credential", body->secret_id);
    return 0;
}

/* The URL that the client used: it works from where the client is, also through a port mapping. A client over
 * TLS gets the server's own, because a sample with https would also need the certificate. */
static struct str endpoint_of(struct control *k)
{
    return k->call->request.tls ? k->call->world->endpoint : base_url_of(k->call);
}

/* The values that the template of a client puts into its code. */
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
    const struct action *action = registry_find_action(w->registry, body->action);
    const struct product *product =
        action ? registry_product_of(w->registry, action) : registry_default(w->registry);
    const struct template_call call = {product, body->action, body->params};
    if (template_set_call(values, k->call->arena, &call) == 0)
        return 0;
    return control_fail_request(k, STR("params is not a JSON object"), STR("{}"));
}

/* POST /_virga/snippet: the code of one call in the language of a client, ready to run. */
int control_make_snippet(struct control *k, const struct snippet_ask *body, struct snippet *answer)
{
    struct template_values values = {0};
    struct buf b;
    if (check_sample(k, body) != 0 || set_values(k, body, &values) != 0)
        return -1;
    buf_init(&b, k->call->arena, 4096, LIMIT_ANSWER);
    template_render_sample(&b, template_find(body->client), &values,
                           str_eq(body->lang, STR("zh")) ? LANG_ZH : LANG_EN);
    answer->client = body->client;
    answer->text = buf_str(&b);
    return 0;
}
