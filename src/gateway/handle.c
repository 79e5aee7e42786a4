/* The last step: the product's function, inside a savepoint. What a failed call wrote is undone. */
#include <assert.h>

#include "core/flow.h"
#include "gateway/pipeline.h"

static int run_handler(struct world *w, void *arg)
{
    struct call *c = arg;
    (void)w;
    return c->action->handle(c, c->in, c->out);
}

static int run(struct call *c)
{
    if (!c->action->writes)
        return run_handler(c->world, c);
    if (world_attempt(c->world, run_handler, c) != 0)
        return c->error == ERR_NONE ? call_fail_store(c) : -1;
    c->changed = true;
    return 0;
}

/* Flows that are due are settled first. That needs no wait for the disk: it follows from what is stored
 * already and would be repeated after a crash. */
int step_handle(struct call *c)
{
    c->out = arena_zalloc(c->arena, c->action->out->size);
    if (!c->action->handle)
        return call_fail_with(c, ERR_UNSUPPORTED_OPERATION_NOT_EMULATED, ARGS(c->action->name));
    if (flow_settle(c->world) != 0)
        return call_fail_store(c);
    int rc = run(c);
    assert((rc == 0) == (c->error == ERR_NONE));
    assert(rc == 0 ||
           code_fits(c->action, c->error)); /* a handler fails only with codes that its action declares */
    return rc;
}
