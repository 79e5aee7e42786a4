/* A flow of sqlserver with its databases, started and kept. */
#ifndef VIRGA_TESTS_FLOW_FIXTURE_H
#define VIRGA_TESTS_FLOW_FIXTURE_H

#include "support/test_world.h"

#include "gen/sqlserver_flows.h"
#include "product/sqlserver/flow_effect.h"

/* At the world's time, on the instance of that row. */
static inline struct flow_plan flow_fixture_plan(struct test_world *t, enum flow_kind kind, int64_t instance)
{
    return (struct flow_plan){
        .type = &sqlserver_flow_kinds[kind], .resource = instance, .start_ms = world_now_ms(&t->world)};
}

static inline struct flow flow_fixture_start(struct test_world *t, const struct flow_plan *plan,
                                             const struct flow_database *databases, size_t n)
{
    struct flow flow;
    assert_int_equal(savepoint_begin(t->world.db), 0);
    assert_int_equal(flow_effect_start(&t->world, plan, databases, n, &flow), 0);
    assert_int_equal(savepoint_release(t->world.db), 0);
    return flow;
}

#endif
