#include "product/sqlserver/flow_effect.h"

#include <assert.h>

#include "gen/sqlserver_flows.h"

/* One effect: the database's status while the flow runs (0: unchanged), and what success and failure do to
 * the database (NULL: nothing). */
struct effect_row {
    int64_t status;
    int (*success)(struct world *w, int64_t instance, const struct flow_database *d);
    int (*failure)(struct world *w, int64_t instance, const struct flow_database *d);
};

static int set_status(struct world *w, int64_t instance, struct str name, int64_t status)
{
    SCOPED_STMT(s, w->db, "UPDATE database SET status = :status WHERE instance = :instance AND name = :name");
    stmt_bind_i64(s, ":status", status);
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_str(s, ":name", name);
    return stmt_run(s);
}

static int make_normal(struct world *w, int64_t instance, const struct flow_database *d)
{
    return set_status(w, instance, d->name, DATABASE_STATUS_NORMAL);
}

static int drop(struct world *w, int64_t instance, const struct flow_database *d)
{
    SCOPED_STMT(s, w->db, "DELETE FROM database WHERE instance = :instance AND name = :name");
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_str(s, ":name", d->name);
    return stmt_run(s);
}

static int rename_database(struct world *w, int64_t instance, const struct flow_database *d)
{
    SCOPED_STMT(s, w->db,
                "UPDATE database SET name = :new_name, status = :status"
                " WHERE instance = :instance AND name = :name");
    stmt_bind_str(s, ":new_name", d->new_name);
    stmt_bind_i64(s, ":status", DATABASE_STATUS_NORMAL);
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_str(s, ":name", d->name);
    return stmt_run(s);
}

static const struct effect_row effects[DATABASE_EFFECT_COUNT] = {
    [DATABASE_EFFECT_HOLD] = {0, NULL, NULL},
    [DATABASE_EFFECT_MAKE] = {DATABASE_STATUS_CREATING, make_normal, drop},
    [DATABASE_EFFECT_CHANGE] = {DATABASE_STATUS_MODIFYING, make_normal, make_normal},
    [DATABASE_EFFECT_DROP] = {DATABASE_STATUS_DELETING, drop, make_normal},
    [DATABASE_EFFECT_RENAME] = {DATABASE_STATUS_MODIFYING, rename_database, make_normal},
};

/* --- the start --- */

/* The ordinal is the position in the call. It is part of the ids of backup files, and effects are applied in
 * this order. */
static int insert_row(struct world *w, int64_t flow, const struct flow_database *d, size_t ordinal)
{
    SCOPED_STMT(s, w->db,
                "INSERT INTO flow_database (flow, name, ordinal, effect, new_name)"
                " VALUES (:flow, :name, :ordinal, :effect, :new_name)");
    stmt_bind_i64(s, ":flow", flow);
    stmt_bind_str(s, ":name", d->name);
    stmt_bind_i64(s, ":ordinal", (int64_t)ordinal);
    stmt_bind_str(s, ":effect", database_effect_values[d->effect].text);
    stmt_bind_str(s, ":new_name", d->new_name);
    return stmt_run(s);
}

static int mark(struct world *w, int64_t flow, const struct flow_database *d)
{
    SCOPED_STMT(s, w->db,
                "UPDATE database SET status = :status"
                " WHERE instance = (SELECT instance FROM flow WHERE id = :flow) AND name = :name");
    stmt_bind_i64(s, ":status", effects[d->effect].status);
    stmt_bind_i64(s, ":flow", flow);
    stmt_bind_str(s, ":name", d->name);
    return stmt_run(s);
}

static int record(struct world *w, int64_t flow, const struct flow_database *databases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        assert((size_t)databases[i].effect < DATABASE_EFFECT_COUNT);
        if (insert_row(w, flow, &databases[i], i) != 0)
            return -1;
        if (effects[databases[i].effect].status != 0 && mark(w, flow, &databases[i]) != 0)
            return -1;
    }
    return 0;
}

/* False for most flows: a backup changes no database, so the end of its flow has nothing to read. */
static bool has_effects(const struct flow_database *databases, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (databases[i].effect != DATABASE_EFFECT_HOLD)
            return true;
    return false;
}

int flow_effect_begin(struct world *w, const struct flow_plan *plan, const struct flow_database *databases,
                      size_t n, struct flow *ret_flow)
{
    return flow_start(w, plan, ret_flow) == 0 ? record(w, ret_flow->id, databases, n) : -1;
}

int flow_effect_start(struct world *w, const struct flow_plan *plan, const struct flow_database *databases,
                      size_t n, struct flow *ret_flow)
{
    if (flow_effect_begin(w, plan, databases, n, ret_flow) != 0)
        return -1;
    return ret_flow->over && has_effects(databases, n) ? databases_settle(w, ret_flow) : 0;
}

/* --- while it runs --- */

#define HOLDS                                                                                                \
    "SELECT 1 FROM flow JOIN flow_database ON flow_database.flow = flow.id"                                  \
    " WHERE flow.instance = :instance AND flow.outcome IS NULL"

int flow_holds(struct world *w, int64_t instance, struct str database, bool ignore_case)
{
    SCOPED_STMT(exact, w->db,
                HOLDS " AND (flow_database.name = :name OR flow_database.new_name = :name) LIMIT 1");
    SCOPED_STMT(any_case, w->db,
                HOLDS " AND (flow_database.name = :name COLLATE NOCASE"
                      " OR flow_database.new_name = :name COLLATE NOCASE) LIMIT 1");
    struct stmt *s = ignore_case ? any_case : exact;
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_str(s, ":name", database);
    return stmt_step(s);
}

/* --- the end --- */

int flow_run(struct stmt *taken, const struct flow *f)
{
    __attribute__((cleanup(stmt_release))) struct stmt *s = taken;
    stmt_bind_i64(s, ":flow", f->id);
    return stmt_run(s);
}

/* A name in an edited state file may be unknown; then there is no effect. */
static enum database_effect effect_named(struct str name)
{
    for (size_t i = 0; i < DATABASE_EFFECT_COUNT; i++)
        if (database_effect_values[i].text.p && str_eq(database_effect_values[i].text, name))
            return (enum database_effect)i;
    return DATABASE_EFFECT_HOLD;
}

static int apply_row(struct world *w, int64_t instance, const struct flow_database *d, bool fails)
{
    const struct effect_row *row = &effects[d->effect];
    int (*apply)(struct world *, int64_t, const struct flow_database *) = fails ? row->failure : row->success;
    return apply ? apply(w, instance, d) : 0;
}

/* Reads the next row with an effect, in the order of ordinals: 1 and the row, 0 at the end, -1 when the store
 * failed. One statement for each row, because applying an effect writes the tables that an open statement
 * would be reading. */
static int next_row(struct world *w, int64_t flow, int64_t *after, struct arena *a,
                    struct flow_database *ret_row)
{
    SCOPED_STMT(s, w->db,
                "SELECT name, new_name, effect, ordinal FROM flow_database"
                " WHERE flow = :flow AND effect IS NOT NULL AND ordinal > :after ORDER BY ordinal LIMIT 1");
    stmt_bind_i64(s, ":flow", flow);
    stmt_bind_i64(s, ":after", *after);
    int rc = stmt_step(s);
    if (rc != 1)
        return rc;
    *after = stmt_i64(s, "ordinal");
    *ret_row = (struct flow_database){.name = stmt_str(s, a, "name"),
                                      .new_name = stmt_str(s, a, "new_name"),
                                      .effect = effect_named(stmt_str(s, a, "effect"))};
    return 1;
}

int databases_settle(struct world *w, const struct flow *f)
{
    struct arena scratch;
    struct flow_database row;
    int64_t after = -1;
    int rc;
    arena_init(&scratch);
    while ((rc = next_row(w, f->id, &after, &scratch, &row)) == 1)
        if ((rc = apply_row(w, f->resource, &row, f->fails)) != 0)
            break;
    arena_done(&scratch);
    return rc == 0 ? 0 : -1;
}
