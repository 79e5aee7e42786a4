/* Each owner is a few functions between an exchange and the layer that serves it; the table at the end names
 * them. */
#include "server/url_owner.h"

#include <assert.h>

#include "control/router.h"
#include "diagnosis/diagnose.h"
#include "gateway/explain.h"
#include "gateway/pipeline.h"
#include "server/console_files.h"

/* The cloud's own limit. It does not depend on the path. */
static size_t call_body_max(struct str path)
{
    (void)path;
    return LIMIT_BODY_V3;
}

/* --- the console's files --- */

static bool console_matches(const struct world *w, const struct request *r)
{
    (void)w;
    return console_owns(r);
}

/* --- the control API --- */

static bool control_matches(const struct world *w, const struct request *r)
{
    (void)w;
    return control_owns(r->path);
}

static void control_serve(struct exchange *x)
{
    x->status = control_run(&x->call, &x->content_type);
}

static void control_serve_lost(struct exchange *x, enum db_fault fault, const char *problem)
{
    (void)fault; /* the cloud has a code for each; the control API gives the reason in words */
    x->status = control_lost(&x->call, problem);
    x->content_type = "application/json";
}

/* --- objects of the products --- */

/* NULL when no product has an object at this address. */
static const struct object_hooks *find_objects(const struct world *w, const struct request *r)
{
    for (size_t i = 0; i < w->registry->n_products; i++) {
        const struct object_hooks *objects = &w->registry->products[i]->hooks->objects;
        if (objects->owns && objects->owns(r))
            return objects;
    }
    return NULL;
}

static bool object_matches(const struct world *w, const struct request *r)
{
    return find_objects(w, r) != NULL;
}

static void object_serve(struct exchange *x)
{
    x->status = find_objects(x->call.world, &x->call.request)->serve(&x->call);
    x->content_type = x->status < 300 ? "application/octet-stream" : "application/xml";
    call_log_download(&x->call, x->status);
}

/* --- the cloud's API --- */

/* A rejected call is explained after its response is made, which stays as it is. What is found goes to the
 * log, the journal and the headers of an explanation. */
static void call_serve(struct exchange *x)
{
    pipeline_run(&x->call);
    x->status = x->call.http_status;
    x->content_type = x->call.content_type;
    if (x->call.error == ERR_NONE)
        return;
    explain_refusal(&x->call);
    diagnose_call(&x->call);
}

static void call_serve_lost(struct exchange *x, enum db_fault fault, const char *problem)
{
    x->status = pipeline_lost(&x->call, fault, problem);
}

/* --- the table --- */

#define CONTROL_PREFIX STR_INIT("/_virga")

static const struct url_owner owners[] = {
    {.prefix = CONTROL_PREFIX,
     .reads_only = true,
     .matches = console_matches,
     .body_max = call_body_max,
     .serve = console_serve,
     .accepts_plain = true},
    {.prefix = CONTROL_PREFIX,
     .matches = control_matches,
     .body_max = control_body_max,
     .serve = control_serve,
     .lost = control_serve_lost,
     .accepts_plain = true},
    {.reads_only = true, .matches = object_matches, .body_max = call_body_max, .serve = object_serve},
    {.body_max = call_body_max, .serve = call_serve, .lost = call_serve_lost, .is_call = true},
};

static bool owns(const struct url_owner *owner, const struct world *w, const struct request *r)
{
    if (owner->prefix.p && !str_starts(r->path, owner->prefix))
        return false;
    if (owner->reads_only && !str_eq(r->method, STR("GET")) && !str_eq(r->method, STR("HEAD")))
        return false;
    return !owner->matches || owner->matches(w, r);
}

const struct url_owner *url_owner_find(const struct world *w, const struct request *r)
{
    const struct url_owner *owner = owners;
    while (!owns(owner, w, r))
        owner++;
    assert(owner < owners + sizeof owners / sizeof owners[0]);
    return owner;
}
