/* One table has the statements of each column, since a prepared statement is found by the address of its
 * text.
 */
#include "product/sqlserver/change.h"

#include <assert.h>

/* The statements of one column. */
struct field_sql {
    const char *set;     /* at once */
    const char *has;     /* a row when it has the value already */
    const char *restore; /* stores the present value for an outcome */
    const char *end;     /* applies what is stored for the outcome */
};

#define INSTANCE_SQL(id, column)                                                                             \
    [id] = {.set = "UPDATE instance SET " #column " = :value, updated_ms = :at WHERE id = :instance",        \
            .has = "SELECT 1 FROM instance WHERE id = :instance AND " #column " IS :value",                  \
            .restore = "INSERT INTO flow_change (flow, outcome, field, database, value)"                     \
                       " SELECT :flow, :outcome, '" #column "', '', " #column                                \
                       " FROM instance WHERE id = :instance",                                                \
            .end = "UPDATE instance SET " #column " = flow_change.value, updated_ms = :at FROM flow_change"  \
                   " WHERE instance.id = :instance AND flow = :flow AND flow_change.outcome = :outcome"      \
                   " AND field = '" #column "' AND database = ''"},
static const struct field_sql instance_sql[INSTANCE_FIELD_COUNT] = {INSTANCE_FIELD_EACH(INSTANCE_SQL)};

#define DATABASE_SQL(id, column)                                                                             \
    [id] = {.set = "UPDATE database SET " #column " = :value WHERE instance = :instance AND name = :name",   \
            .has = "SELECT 1 FROM database WHERE instance = :instance AND name = :name"                      \
                   " AND " #column " IS :value",                                                             \
            .end = "UPDATE database SET " #column " = flow_change.value FROM flow_change"                    \
                   " WHERE database.instance = :instance AND flow = :flow"                                   \
                   " AND flow_change.outcome = :outcome AND field = '" #column "'"                           \
                   " AND flow_change.database <> '' AND database.name = flow_change.database"},
static const struct field_sql database_sql[DATABASE_FIELD_COUNT] = {DATABASE_FIELD_EACH(DATABASE_SQL)};

/* --- at once --- */

static void bind_value(struct stmt *s, struct field_value value)
{
    if (value.is_number)
        stmt_bind_i64(s, ":value", value.number);
    else
        stmt_bind_str(s, ":value", value.text);
}

static int set_instance(struct world *w, int64_t instance, int field, struct field_value value)
{
    __attribute__((cleanup(stmt_release))) struct stmt *s = stmt_get(w->db, instance_sql[field].set);
    bind_value(s, value);
    stmt_bind_i64(s, ":at", world_now_ms(w));
    stmt_bind_i64(s, ":instance", instance);
    return stmt_run(s);
}

int instance_set(struct call *c, const struct instance *instance, enum instance_field field,
                 struct field_value value)
{
    assert((size_t)field < INSTANCE_FIELD_COUNT);
    return set_instance(c->world, instance->row, (int)field, value) == 0 ? 0 : call_fail_store(c);
}

/* 1 when the column has the value, 0 when not, -1 when the store failed. */
static int instance_has(struct world *w, int64_t instance, int field, struct field_value value)
{
    __attribute__((cleanup(stmt_release))) struct stmt *s = stmt_get(w->db, instance_sql[field].has);
    bind_value(s, value);
    stmt_bind_i64(s, ":instance", instance);
    return stmt_step(s);
}

int instance_needs(struct call *c, const struct instance *instance, enum instance_field field, int64_t value,
                   enum error_id code)
{
    assert((size_t)field < INSTANCE_FIELD_COUNT);
    int rc = instance_has(c->world, instance->row, (int)field, FIELD_NUMBER(value));
    if (rc != 0)
        return rc < 0 ? call_fail_store(c) : 0;
    return call_fail_explained(c, code, "change.needs", "the %.*s of %.*s is not %lld",
                               STR_ARG(instance_field_values[field].text), STR_ARG(instance->instance_id),
                               (long long)value);
}

int database_set_field(struct call *c, const struct instance *instance, struct str database,
                       enum database_field field, struct field_value value)
{
    assert((size_t)field < DATABASE_FIELD_COUNT);
    __attribute__((cleanup(stmt_release))) struct stmt *s = stmt_get(c->world->db, database_sql[field].set);
    bind_value(s, value);
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":name", database);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

/* --- the plan --- */

static struct flow_change_row *row_of(struct change_plan *plan, struct str database, int field)
{
    for (size_t i = 0; i < plan->n_rows; i++)
        if (plan->rows[i].field == field && str_eq(plan->rows[i].database, database))
            return &plan->rows[i];
    plan->rows = arena_grow(plan->c->arena, plan->rows, plan->n_rows, sizeof *plan->rows);
    struct flow_change_row *row = &plan->rows[plan->n_rows++];
    *row = (struct flow_change_row){.database = database, .field = field};
    return row;
}

void change_during(struct change_plan *plan, enum instance_field field, struct field_value value)
{
    struct flow_change_row *row = row_of(plan, (struct str){NULL, 0}, (int)field);
    row->during = true;
    row->while_runs = value;
}

void change_then(struct change_plan *plan, enum instance_field field, struct field_value value)
{
    struct flow_change_row *row = row_of(plan, (struct str){NULL, 0}, (int)field);
    row->at_end = true;
    row->on_success = value;
}

void change_database_then(struct change_plan *plan, struct str database, enum database_field field,
                          struct field_value value)
{
    assert(database.n > 0);
    struct flow_change_row *row = row_of(plan, database, (int)field);
    row->at_end = true;
    row->on_success = value;
}

void change_databases_then(struct change_plan *plan, enum database_field field, struct field_value value)
{
    for (size_t i = 0; i < plan->databases.n; i++)
        change_database_then(plan, plan->databases.v[i].name, field, value);
}

/* 1 when the column has the row's value already, 0 when not, -1 when the store failed. */
static int has_value(const struct change_plan *plan, const struct flow_change_row *row)
{
    struct db *db = plan->c->world->db;
    if (!row->database.p)
        return instance_has(plan->c->world, plan->instance->row, row->field, row->on_success);
    __attribute__((cleanup(stmt_release))) struct stmt *s = stmt_get(db, database_sql[row->field].has);
    bind_value(s, row->on_success);
    stmt_bind_i64(s, ":instance", plan->instance->row);
    stmt_bind_str(s, ":name", row->database);
    return stmt_step(s);
}

int change_check_repeat(const struct change_plan *plan, enum error_id code)
{
    for (size_t i = 0; i < plan->n_rows; i++) {
        int rc = plan->rows[i].at_end ? has_value(plan, &plan->rows[i]) : 1;
        if (rc != 1)
            return rc < 0 ? call_fail_store(plan->c) : 0;
    }
    return call_fail_explained(plan->c, code, "change.repeat", "%.*s is already as the call wants it",
                               STR_ARG(plan->instance->instance_id));
}

/* --- the start --- */

static const struct str success = STR_INIT("success"), failure = STR_INIT("failure");

/* Stores the present value of an instance's column for an outcome. */
static int keep_present(const struct change_plan *plan, int64_t flow, int field, struct str outcome)
{
    struct db *db = plan->c->world->db;
    __attribute__((cleanup(stmt_release))) struct stmt *s = stmt_get(db, instance_sql[field].restore);
    stmt_bind_i64(s, ":flow", flow);
    stmt_bind_str(s, ":outcome", outcome);
    stmt_bind_i64(s, ":instance", plan->instance->row);
    return stmt_run(s);
}

/* Stores the value of a column for success; `database` is "" for a column of the instance. */
static int keep_value(const struct change_plan *plan, int64_t flow, struct str field, struct str database,
                      struct field_value value)
{
    SCOPED_STMT(s, plan->c->world->db,
                "INSERT INTO flow_change (flow, outcome, field, database, value)"
                " VALUES (:flow, 'success', :field, :database, :value)");
    stmt_bind_i64(s, ":flow", flow);
    stmt_bind_str(s, ":field", field);
    stmt_bind_str(s, ":database", database);
    bind_value(s, value);
    return stmt_run(s);
}

static int record_instance_row(const struct change_plan *plan, int64_t flow,
                               const struct flow_change_row *row)
{
    if (row->during && keep_present(plan, flow, row->field, failure) != 0)
        return -1;
    if (row->during && !row->at_end && keep_present(plan, flow, row->field, success) != 0)
        return -1;
    if (row->at_end &&
        keep_value(plan, flow, instance_field_values[row->field].text, STR(""), row->on_success) != 0)
        return -1;
    return row->during ? set_instance(plan->c->world, plan->instance->row, row->field, row->while_runs) : 0;
}

static int record_row(const struct change_plan *plan, int64_t flow, const struct flow_change_row *row)
{
    if (!row->database.p)
        return record_instance_row(plan, flow, row);
    return keep_value(plan, flow, database_field_values[row->field].text, row->database, row->on_success);
}

/* --- the end --- */

/* Applies the outcome's value of one column; a flow without a value for the column changes nothing. */
static int apply(struct world *w, const struct flow *f, const char *sql, bool of_databases)
{
    __attribute__((cleanup(stmt_release))) struct stmt *s = stmt_get(w->db, sql);
    stmt_bind_i64(s, ":instance", f->resource);
    stmt_bind_i64(s, ":flow", f->id);
    stmt_bind_str(s, ":outcome", f->fails ? failure : success);
    if (!of_databases)
        stmt_bind_i64(s, ":at", f->due_ms);
    return stmt_run(s);
}

/* 1 and the name of the next column after *name that has a value for the outcome, 0 at the end, -1 when the
 * store failed. */
static int next_field(struct world *w, const struct flow *f, bool of_databases, struct arena *a,
                      struct str *name)
{
    SCOPED_STMT(s, w->db,
                "SELECT min(field) AS field FROM flow_change WHERE flow = :flow AND outcome = :outcome"
                " AND field > :after AND (database <> '') = :of_databases");
    stmt_bind_i64(s, ":flow", f->id);
    stmt_bind_str(s, ":outcome", f->fails ? failure : success);
    stmt_bind_str(s, ":after", *name);
    stmt_bind_i64(s, ":of_databases", of_databases);
    if (stmt_step(s) != 1)
        return -1;
    *name = stmt_str(s, a, "field");
    return name->p != NULL;
}

/* A column that this version does not know, in a newer file or an edited one, is left alone. */
static const char *end_sql(const struct enum_value *values, const struct field_sql *sql, size_t n,
                           struct str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(values[i].text, name))
            return sql[i].end;
    return NULL;
}

static int apply_all(struct world *w, const struct flow *f, bool of_databases, struct arena *a)
{
    struct str name = STR("");
    int rc;
    while ((rc = next_field(w, f, of_databases, a, &name)) == 1) {
        const char *sql = of_databases
                              ? end_sql(database_field_values, database_sql, DATABASE_FIELD_COUNT, name)
                              : end_sql(instance_field_values, instance_sql, INSTANCE_FIELD_COUNT, name);
        if (sql && apply(w, f, sql, of_databases) != 0)
            return -1;
    }
    return rc;
}

static int forget(struct world *w, int64_t flow)
{
    SCOPED_STMT(s, w->db, "DELETE FROM flow_change WHERE flow = :flow");
    stmt_bind_i64(s, ":flow", flow);
    return stmt_run(s);
}

int changes_settle(struct world *w, const struct flow *f)
{
    struct arena scratch;
    arena_init(&scratch);
    int rc = apply_all(w, f, false, &scratch) == 0 && apply_all(w, f, true, &scratch) == 0 ? 0 : -1;
    arena_done(&scratch);
    return rc == 0 && databases_settle(w, f) == 0 ? forget(w, f->id) : -1;
}

int change_begin(const struct change_plan *plan, enum flow_kind kind, struct flow *ret_flow)
{
    struct call *c = plan->c;
    struct flow_plan flow = {.type = &sqlserver_flow_kinds[kind],
                             .resource = plan->instance->row,
                             .start_ms = world_now_ms(c->world),
                             .effect = &c->effect};
    assert((size_t)kind < FLOW_KIND_COUNT && flow.type->settle);
    if (flow_effect_begin(c->world, &flow, plan->databases.v, plan->databases.n, ret_flow) != 0)
        return call_fail_store(c);
    for (size_t i = 0; i < plan->n_rows; i++)
        if (record_row(plan, ret_flow->id, &plan->rows[i]) != 0)
            return call_fail_store(c);
    return 0;
}

int change_end(struct call *c, const struct flow *flow)
{
    return !flow->over || flow->type->settle(c->world, flow) == 0 ? 0 : call_fail_store(c);
}

int change_start(const struct change_plan *plan, enum flow_kind kind, struct flow *ret_flow)
{
    return change_begin(plan, kind, ret_flow) == 0 ? change_end(plan->c, ret_flow) : -1;
}
