/* The hooks of the product, and the actions and helpers that belong to no other file: DescribeFlowStatus and
 * the start of tasks. */
#include "product/sqlserver/sqlserver.h"

#include <assert.h>

#include "core/call.h"
#include "gen/sqlserver.h"
#include "product/sqlserver/download.h"
#include "product/sqlserver/journal_views.h"
#include "product/sqlserver/magic.h"
#include "product/sqlserver/reset.h"
#include "product/sqlserver/schedule.h"
#include "product/sqlserver/tags.h"
#include "product/sqlserver/upgrade.h"
#include "product/sqlserver/world_instance.h"

/* --- hooks --- */

#define BACKUPS_METRIC "virga_backups"

static int put_backups(struct buf *b, struct db *db)
{
    SCOPED_STMT(
        s, db,
        "SELECT CASE way WHEN 0 THEN 'scheduled' WHEN 1 THEN 'manual' ELSE 'archive' END AS kind,"
        " CASE status WHEN 0 THEN 'running' WHEN 1 THEN 'success' ELSE 'failure' END AS state, count(*) AS n"
        " FROM backup GROUP BY 1, 2 ORDER BY 1, 2");
    return metrics_put_counts(b, BACKUPS_METRIC, s);
}

static const struct gauge gauges[] = {
    {BACKUPS_METRIC, "Backups in the state, by what started them and their status.", put_backups},
};

/* The scheduled work of both kinds: automatic backups, and the switch of nodes after upgrades. */
static int next_scheduled(struct world *w, int64_t *ret_ms)
{
    int64_t backup, node_switch;
    if (schedule_next(w, &backup) != 0 || upgrade_next(w, &node_switch) != 0)
        return -1;
    *ret_ms = backup < node_switch ? backup : node_switch;
    return 0;
}

static int run_scheduled(struct world *w, int64_t at_ms)
{
    return schedule_run(w, at_ms) == 0 ? upgrade_run(w, at_ms) : -1;
}

const struct product_hooks sqlserver_hooks = {
    .fixtures = {world_instance_check_region, world_instance_put_region, world_instance_first,
                 magic_instance_ensure},
    .schedule = {next_scheduled, run_scheduled},
    .reset = {reset_scopes_table, RESET_SCOPES, reset_remove_owned},
    .journal_file = {journal_views_tables, JOURNAL_VIEWS_TABLES, journal_views_copy,
                     journal_views_remove_up_to},
    .tags = &instance_tag_hooks,
    .gauges = gauges,
    .n_gauges = sizeof gauges / sizeof gauges[0],
    .objects = {download_owns, download_serve},
};

/* --- flow --- */

/* 1 and the state of the caller's flow in the call's region, 0 when there is none, -1 when the store failed.
 */
static int find_flow(struct call *c, int64_t id, enum flow_state *ret_state)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT outcome FROM flow JOIN instance ON instance.id = flow.instance"
                " WHERE flow.id = :id AND instance.account = :account AND instance.region = :region");
    stmt_bind_i64(s, ":id", id);
    call_bind_owner(c, s);
    int rc = stmt_step(s);
    if (rc == 1)
        *ret_state = flow_state_read(s, c->arena);
    return rc;
}

/* An unknown FlowId gets InvalidParameter (assumed, because the action has no "not found" code). */
int describe_flow_status(struct call *c, const struct describe_flow_status_in *in,
                         struct describe_flow_status_out *out)
{
    static const enum flow_status shown[] = {[FLOW_SUCCEEDED] = FLOW_STATUS_SUCCEEDED,
                                             [FLOW_FAILED] = FLOW_STATUS_FAILED,
                                             [FLOW_RUNNING] = FLOW_STATUS_RUNNING};
    enum flow_state state = FLOW_RUNNING;
    int rc = find_flow(c, in->flow_id.v, &state);
    if (rc < 0)
        return call_fail_store(c);
    if (rc == 0)
        return call_fail_explained(c, ERR_INVALID_PARAMETER, "flow.not-found",
                                   "no flow %lld was begun in %.*s by account %.*s", (long long)in->flow_id.v,
                                   STR_ARG(c->common.region), STR_ARG(c->credential->account->uin));
    out->status = I64(shown[state]);
    return 0;
}

/* --- task --- */

int task_start(struct call *c, enum flow_kind kind, const struct instance *instance,
               const struct database_set *set, struct flow *ret_flow)
{
    struct flow_plan plan = {.type = &sqlserver_flow_kinds[kind],
                             .resource = instance->row,
                             .start_ms = world_now_ms(c->world),
                             .effect = &c->effect};
    assert((size_t)kind < FLOW_KIND_COUNT);
    return flow_effect_start(c->world, &plan, set->v, set->n, ret_flow) == 0 ? 0 : call_fail_store(c);
}
