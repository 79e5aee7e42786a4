/* The product's function, inside a savepoint: what a failed call did is undone, whatever it was. */

#include "core/flow.h"
#include "core/journal.h"
#include "gateway/pipeline.h"

static void undo(struct world *w, uint64_t journal_mark)
{
    savepoint_rollback(w->db);
    journal_flow_undo(w->journal, journal_mark);
}

/* What it told the journal of flows is taken back with what it wrote. */
static int run_in_savepoint(struct call *c)
{
    struct world *w = c->world;
    uint64_t mark = journal_flow_mark(w->journal);
    if (savepoint_begin(w->db) != 0)
        return call_fail_store(c);
    if (c->action->handle(c, c->in, c->out) != 0) {
        undo(w, mark);
        return -1;
    }
    if (savepoint_release(w->db) != 0) {
        undo(w, mark);
        return call_fail_store(c);
    }
    c->changed = true;
    return 0;
}

/* What has fallen due is applied first. That needs no wait for the disk: it follows from what is there
 * already and would be applied again after a crash. */
int step_handle(struct call *c)
{
    c->out = arena_zalloc(c->arena, c->action->out->size);
    if (!c->action->handle)
        return call_fail_with(c, ERR_UNSUPPORTED_OPERATION_NOT_EMULATED, ARGS(c->action->name));
    if (flow_settle(c->world) != 0)
        return call_fail_store(c);
    c->world->effect = &c->effect;
    int rc = c->action->writes ? run_in_savepoint(c) : c->action->handle(c, c->in, c->out);
    c->world->effect = NULL;
    return rc;
}
