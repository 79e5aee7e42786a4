/*
 * A flow's databases are rows that it wrote at its start: what it will do to each is there from then on, also
 * for the process that settles it after a restart.
 */
#include "product/sqlserver/flow_effect.h"

/* The product's numbers of a database's status, as they are stored and shown (sqlserver 238/32085). */
enum { STATUS_CREATING = 1, STATUS_NORMAL = 2, STATUS_CHANGING = 3, STATUS_DELETING = -1 };

/* One effect: its name in the store, the status that shows it while the flow runs (0: as it is), and what
 * success and failure do to the database, as statements over :instance, :name and :new_name (NULL: nothing).
 */
struct effect_row {
    struct str name;
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
    return set_status(w, instance, d->name, STATUS_NORMAL);
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
    stmt_bind_i64(s, ":status", STATUS_NORMAL);
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_str(s, ":name", d->name);
    return stmt_run(s);
}

static const struct effect_row effects[] = {
    [FLOW_LOCKS] = {{NULL, 0}, 0, NULL, NULL},
    [FLOW_CREATES] = {STR_INIT("make"), STATUS_CREATING, make_normal, drop},
    [FLOW_CHANGES] = {STR_INIT("change"), STATUS_CHANGING, make_normal, make_normal},
    [FLOW_DROPS] = {STR_INIT("drop"), STATUS_DELETING, drop, make_normal},
    [FLOW_RENAMES] = {STR_INIT("rename"), STATUS_CHANGING, rename_database, make_normal},
};

enum { EFFECTS = sizeof effects / sizeof effects[0] };

/* The ordinal is the place in the call: it is a file's number later, and the order in which effects are
 * applied. */
static int insert_row(struct world *w, int64_t flow, const struct flow_database *d, size_t ordinal)
{
    SCOPED_STMT(s, w->db,
                "INSERT INTO flow_database (flow, name, ordinal, effect, new_name)"
                " VALUES (:flow, :name, :ordinal, :effect, :new_name)");
    stmt_bind_i64(s, ":flow", flow);
    stmt_bind_str(s, ":name", d->name);
    stmt_bind_i64(s, ":ordinal", (int64_t)ordinal);
    stmt_bind_str(s, ":effect", effects[d->effect].name);
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

int flow_effect_record(struct world *w, int64_t flow, const struct flow_database *databases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (insert_row(w, flow, &databases[i], i) != 0)
            return -1;
        if (effects[databases[i].effect].status != 0 && mark(w, flow, &databases[i]) != 0)
            return -1;
    }
    return 0;
}

/* A name that is none of ours, of a file that somebody edited, does nothing: better than to guess. */
static enum flow_effect effect_named(struct str name)
{
    for (size_t i = 0; i < EFFECTS; i++)
        if (str_eq(effects[i].name, name))
            return (enum flow_effect)i;
    return FLOW_LOCKS;
}

static int apply_row(struct world *w, int64_t instance, const struct flow_database *d, bool fails)
{
    const struct effect_row *row = &effects[d->effect];
    int (*apply)(struct world *, int64_t, const struct flow_database *) = fails ? row->failure : row->success;
    return apply ? apply(w, instance, d) : 0;
}

/* The next row with an effect behind `after` in the order of ordinals; 1, 0 at the end, -1. Row by row,
 * because applying one writes what a statement that is still open may be reading. */
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

int flow_effect_apply(struct world *w, int64_t flow, int64_t instance, bool fails)
{
    struct arena scratch;
    struct flow_database row;
    int64_t after = -1;
    int rc;
    arena_init(&scratch);
    while ((rc = next_row(w, flow, &after, &scratch, &row)) == 1)
        if ((rc = apply_row(w, instance, &row, fails)) != 0)
            break;
    arena_done(&scratch);
    return rc == 0 ? 0 : -1;
}
