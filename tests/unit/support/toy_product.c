#include "support/toy_product.h"

#include "core/magic.h"
#include "gen/world.h"
#include "support/test_world.h"

struct toy toy;

void toy_reset(void)
{
    toy = (struct toy){.settle_fails = -1, .scheduled_ms = INT64_MAX};
}

/* --- tables --- */

static const struct migration migrations[] = {
    {.name = "001_toy",
     .sql = "CREATE TABLE account (uin TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;"
            "CREATE TABLE world_secret (id INTEGER PRIMARY KEY, secret TEXT NOT NULL) STRICT;"
            "CREATE TABLE guest (account TEXT NOT NULL PRIMARY KEY REFERENCES account (uin),"
            " document TEXT NOT NULL) STRICT, WITHOUT ROWID;"
            "CREATE TABLE thing (id INTEGER PRIMARY KEY, account TEXT NOT NULL REFERENCES account (uin),"
            " region TEXT NOT NULL, thing_id TEXT NOT NULL, succeeded INTEGER NOT NULL DEFAULT 0,"
            " failed INTEGER NOT NULL DEFAULT 0, UNIQUE (account, region, thing_id)) STRICT;"
            "CREATE TABLE flow (id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 4398046511104),"
            " instance INTEGER NOT NULL REFERENCES thing (id), kind TEXT NOT NULL, start_ms INTEGER NOT NULL,"
            " due_ms INTEGER NOT NULL, fails INTEGER NOT NULL, outcome TEXT) STRICT;"},
};

/* --- flows --- */

static int count_success(struct world *w, int64_t thing)
{
    SCOPED_STMT(s, w->db, "UPDATE thing SET succeeded = succeeded + 1 WHERE id = :id");
    stmt_bind_i64(s, ":id", thing);
    return stmt_run(s);
}

static int count_failure(struct world *w, int64_t thing)
{
    SCOPED_STMT(s, w->db, "UPDATE thing SET failed = failed + 1 WHERE id = :id");
    stmt_bind_i64(s, ":id", thing);
    return stmt_run(s);
}

static int settle(struct world *w, const struct flow *f)
{
    if (f->id == toy.settle_fails || (f->fails ? count_failure : count_success)(w, f->resource) != 0)
        return -1;
    assert_true(toy.n_settled < TOY_SETTLED_MAX);
    toy.settled[toy.n_settled++] = f->id;
    return 0;
}

const struct flow_type toy_flow_types[TOY_FLOW_TYPES] = {
    [TOY_SLOW] = {STR_INIT("slow"), TOY_SLOW_MS, settle},
    [TOY_QUICK] = {STR_INIT("quick"), TOY_QUICK_MS, settle},
};

static int next_scheduled(struct world *w, int64_t *ret_ms)
{
    (void)w;
    *ret_ms = toy.scheduled_ms;
    return 0;
}

static int run_scheduled(struct world *w, int64_t at_ms)
{
    (void)w;
    assert_int_equal(at_ms, toy.scheduled_ms);
    toy.scheduled_ms = INT64_MAX;
    toy.n_scheduled++;
    return 0;
}

/* --- fixtures and resets --- */

static int put_thing(struct world *w, const struct resource_owner *owner, struct str id)
{
    SCOPED_STMT(s, w->db,
                "INSERT INTO thing (account, region, thing_id) VALUES (:account, :region, :id)"
                " ON CONFLICT DO NOTHING");
    stmt_bind_str(s, ":account", owner->account);
    stmt_bind_str(s, ":region", owner->region);
    stmt_bind_str(s, ":id", id);
    return stmt_run(s);
}

static int put_region(struct world *w, const struct resource_owner *owner, const struct world_region *from)
{
    for (size_t i = 0; i < from->instances.n; i++)
        if (put_thing(w, owner, from->instances.v[i].instance_id) != 0)
            return -1;
    return 0;
}

static struct str first_resource(const struct world_region *from)
{
    return from->instances.n > 0 ? from->instances.v[0].instance_id : (struct str){NULL, 0};
}

#define OWNED "(:account IS NULL OR instance IN (SELECT id FROM thing WHERE account = :account))"

static int count_flows(struct world *w, struct str account, int64_t *ret_n)
{
    SCOPED_STMT(s, w->db, "SELECT count(*) AS n FROM flow WHERE " OWNED);
    stmt_bind_str(s, ":account", account);
    if (stmt_step(s) != 1)
        return -1;
    *ret_n = stmt_i64(s, "n");
    return 0;
}

static int clear_flows(struct world *w, struct str account)
{
    SCOPED_STMT(s, w->db, "DELETE FROM flow WHERE " OWNED);
    stmt_bind_str(s, ":account", account);
    return stmt_run(s);
}

static int remove_owned(struct world *w, struct str account)
{
    SCOPED_STMT(s, w->db, "DELETE FROM thing WHERE account = :account");
    stmt_bind_str(s, ":account", account);
    return clear_flows(w, account) == 0 ? stmt_run(s) : -1;
}

static const struct reset_scope scopes[] = {{STR_INIT("flows"), count_flows, clear_flows}};

static const struct product_hooks hooks = {
    .fixtures = {NULL, put_region, first_resource, NULL},
    .schedule = {next_scheduled, run_scheduled},
    .reset = {scopes, 1, remove_owned},
};

/* --- the product --- */

static const struct shape nothing = {.name = "Nothing", .size = 1};

static const enum error_id make_errors[] = {ERR_INTERNAL_ERROR_DB_ERROR};

static const struct action actions[] = {
    {.name = STR_INIT("MakeThing"),
     .in = &nothing,
     .out = &nothing,
     .rate_per_second = 5,
     .writes = true,
     .errors = make_errors,
     .n_errors = 1},
    {.name = STR_INIT("ReadThing"), .in = &nothing, .out = &nothing, .rate_per_second = 10},
};

static const struct region regions[] = {
    {.name = STR_INIT(TEST_REGION), .short_name = STR_INIT("gz"), .id = 1}};

const struct product toy_product = {
    .name = STR_INIT("toy"),
    .version = STR_INIT("2020-01-01"),
    .actions = actions,
    .n_actions = sizeof actions / sizeof actions[0],
    .regions = regions,
    .n_regions = 1,
    .flow_types = toy_flow_types,
    .n_flow_types = TOY_FLOW_TYPES,
    .hooks = &hooks,
};

/* A second product with an action of the same name, another version, and nothing else. */
static const struct product_hooks no_hooks;
static const struct action other_actions[] = {
    {.name = STR_INIT("ReadThing"), .in = &nothing, .out = &nothing, .rate_per_second = 1}};
static const struct product other_product = {
    .name = STR_INIT("other"),
    .version = STR_INIT("2021-01-01"),
    .actions = other_actions,
    .n_actions = 1,
    .hooks = &no_hooks,
};

static const struct product *const products[] = {&toy_product, &other_product};
static const struct registry registry = {
    .products = products,
    .n_products = 2,
    .migrations = migrations,
    .n_migrations = 1,
};
const struct registry *const test_registry = &registry;
