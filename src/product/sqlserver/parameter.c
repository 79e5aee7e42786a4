/* Parameters of an instance: DescribeInstanceParams, ModifyInstanceParam and DescribeInstanceParamRecords. */
#include "product/sqlserver/parameter.h"

#include <assert.h>

#include "base/map.h"
#include "core/page.h"
#include "gen/sqlserver_rows.h"
#include "product/sqlserver/change.h"
#include "product/sqlserver/explain.h"

/* --- the table --- */

const struct parameter_row *parameter_find(struct str name)
{
    for (size_t i = 0; i < PARAMETER_ROWS; i++)
        if (str_eq(parameter_rows[i].name, name))
            return &parameter_rows[i];
    return NULL;
}

int64_t parameter_most(const struct parameter_row *parameter, int64_t memory_gb)
{
    return parameter->most_of_gb > 0 ? parameter->most_of_gb * memory_gb : parameter->most;
}

static bool is_enum(const struct parameter_row *parameter)
{
    return str_eq(parameter->type, STR("enum"));
}

bool parameter_accepts(const struct parameter_row *parameter, int64_t memory_gb, struct str value)
{
    struct str rest = parameter->also, word;
    int64_t number;
    while (rest.n > 0 && str_next(&rest, ' ', &word))
        if (str_eq(word, value))
            return true;
    return !is_enum(parameter) && str_to_i64(value, &number) == 0 && number >= parameter->least &&
           number <= parameter_most(parameter, memory_gb);
}

/* --- what an instance has --- */

static int read_memory(struct call *c, const struct instance *instance, int64_t *ret_gb)
{
    SCOPED_STMT(s, c->world->db, "SELECT memory_gb FROM instance WHERE id = :id");
    stmt_bind_i64(s, ":id", instance->row);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    *ret_gb = stmt_i64(s, "memory_gb");
    return 0;
}

static int read_value(struct call *c, const struct instance *instance, const struct parameter_row *parameter,
                      struct str *ret_value)
{
    SCOPED_STMT(s, c->world->db, "SELECT value FROM parameter WHERE instance = :instance AND name = :name");
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":name", parameter->name);
    int rc = stmt_step(s);
    if (rc < 0)
        return call_fail_store(c);
    *ret_value = rc == 1 ? stmt_str(s, c->arena, "value")
                         : arena_printf(c->arena, "%lld", (long long)parameter->preset);
    return 0;
}

/* --- DescribeInstanceParams --- */

/* An instance that does not exist on a server yet, or no more, has no parameters to read (assumed). */
static int check_readable(struct call *c, const struct instance *instance)
{
    const uint32_t absent = 1u << INSTANCE_STATUS_CREATING | 1u << INSTANCE_STATUS_ISOLATED |
                            1u << INSTANCE_STATUS_RECYCLING | 1u << INSTANCE_STATUS_RECYCLED |
                            1u << INSTANCE_STATUS_OFFLINE;
    if (!(absent >> instance->status & 1))
        return 0;
    return call_fail_explained(c, ERR_RESOURCE_UNAVAILABLE_INSTANCE_STATUS_INVALID, "instance.status",
                               "%.*s has the status %d, in which it has no parameters",
                               STR_ARG(instance->instance_id), (int)instance->status);
}

/* The names of the parameters that a running flow changes. */
static int read_changing(struct call *c, const struct instance *instance, struct map *changing)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT name FROM flow JOIN parameter_change ON parameter_change.flow = flow.id"
                " WHERE flow.instance = :instance AND flow.outcome IS NULL");
    int rc;
    stmt_bind_i64(s, ":instance", instance->row);
    while ((rc = stmt_step(s)) == 1)
        map_put(changing, stmt_str(s, c->arena, "name"), changing);
    return rc == 0 ? 0 : call_fail_store(c);
}

static void put_words(struct call *c, struct str words, struct str_list *list)
{
    struct str word;
    list->set = true;
    while (words.n > 0 && str_next(&words, ' ', &word))
        str_list_add(c->arena, list, word);
}

int describe_instance_params(struct call *c, const struct describe_instance_params_in *in,
                             struct describe_instance_params_out *out)
{
    struct instance instance;
    struct map changing;
    int64_t memory_gb = 0;
    map_init(&changing, c->arena);
    if (instance_get(c, in->instance_id, &instance) != 0 || check_readable(c, &instance) != 0 ||
        read_memory(c, &instance, &memory_gb) != 0 || read_changing(c, &instance, &changing) != 0)
        return -1;
    for (size_t i = 0; i < PARAMETER_ROWS; i++) {
        const struct parameter_row *row = &parameter_rows[i];
        struct parameter_detail *item = LIST_ADD(c->arena, &out->items);
        *item = (struct parameter_detail){.name = row->name,
                                          .param_type = row->type,
                                          .default_ = arena_printf(c->arena, "%lld", (long long)row->preset),
                                          .description = row->description,
                                          .need_reboot = I64(row->reboot),
                                          .max = I64(parameter_most(row, memory_gb)),
                                          .min = I64(row->least),
                                          .status = I64(map_get(&changing, row->name) != NULL)};
        put_words(c, row->also, &item->enum_value);
        if (read_value(c, &instance, row, &item->current_value) != 0)
            return -1;
    }
    out->items.set = true;
    out->total_count = I64(PARAMETER_ROWS);
    return 0;
}

/* --- ModifyInstanceParam --- */

/* The changes of one call, which its instances have in common. */
struct wish {
    const struct parameter_list *params;
    const struct parameter_row **rows; /* of each */
    bool reboot;                       /* one of them needs a restart */
};

static int find_rows(struct call *c, struct wish *wish)
{
    struct map seen;
    map_init(&seen, c->arena);
    for (size_t i = 0; i < wish->params->n; i++) {
        struct str name = wish->params->v[i].name;
        const struct parameter_row *row = parameter_find(name);
        if (!row)
            return call_fail_with(c, ERR_UNKNOWN_PARAMETER, ARGS(name));
        if (map_get(&seen, name))
            return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "parameter.twice",
                                       "%.*s is in ParamList twice", STR_ARG(name));
        map_put(&seen, name, &seen);
        wish->rows = arena_grow(c->arena, wish->rows, i, sizeof *wish->rows);
        wish->rows[i] = row;
        wish->reboot |= row->reboot;
    }
    return 0;
}

static int check_values(struct call *c, const struct wish *wish, int64_t memory_gb)
{
    for (size_t i = 0; i < wish->params->n; i++) {
        const struct parameter_row *row = wish->rows[i];
        struct str value = wish->params->v[i].current_value;
        if (parameter_accepts(row, memory_gb, value))
            continue;
        if (is_enum(row))
            return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "parameter.value",
                                       "%.*s is one of %.*s, not \"%.*s\"", STR_ARG(row->name),
                                       STR_ARG(row->also), STR_ARG(value));
        return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "parameter.value",
                                   "%.*s is %lld to %lld%s%.*s, not \"%.*s\"", STR_ARG(row->name),
                                   (long long)row->least, (long long)parameter_most(row, memory_gb),
                                   row->also.n > 0 ? " or " : "", STR_ARG(row->also), STR_ARG(value));
    }
    return 0;
}

/* Keeps the record of an instance short. */
static int forget_old(struct call *c, const struct instance *instance)
{
    enum { RECORDS_MAX = 1000 };
    SCOPED_STMT(s, c->world->db,
                "DELETE FROM parameter_change WHERE instance = :instance AND ordinal <="
                " (SELECT max(ordinal) FROM parameter_change WHERE instance = :instance) - :most");
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_i64(s, ":most", RECORDS_MAX);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

static int record(struct call *c, const struct instance *instance, const struct parameter_row *row,
                  struct str value, int64_t flow)
{
    struct str old;
    SCOPED_STMT(s, c->world->db,
                "INSERT INTO parameter_change (instance, ordinal, name, old_value, new_value, status,"
                " changed_ms, flow) VALUES (:instance, (SELECT coalesce(max(ordinal), 0) + 1"
                " FROM parameter_change WHERE instance = :instance), :name, :old, :new,"
                " " PARAMETER_CHANGE_STATUS_SQL_CHANGING ", :now, :flow)");
    if (read_value(c, instance, row, &old) != 0)
        return -1;
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":name", row->name);
    stmt_bind_str(s, ":old", old);
    stmt_bind_str(s, ":new", value);
    stmt_bind_i64(s, ":now", world_now_ms(c->world));
    stmt_bind_i64(s, ":flow", flow);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

/* Changes the parameters by a flow. When one of them needs a restart, the instance restarts while it runs,
 * and all have their values afterwards (assumed). */
static int change_parameters(struct call *c, const struct instance *instance, const struct wish *wish)
{
    struct change_plan plan = {.c = c, .instance = instance};
    struct flow flow;
    if (wish->reboot)
        change_during(&plan, INSTANCE_FIELD_STATUS, FIELD_NUMBER(INSTANCE_STATUS_RESTARTING));
    if (change_begin(&plan, FLOW_KIND_PARAMETERS, &flow) != 0)
        return -1;
    for (size_t i = 0; i < wish->params->n; i++)
        if (record(c, instance, wish->rows[i], wish->params->v[i].current_value, flow.id) != 0)
            return -1;
    return forget_old(c, instance) == 0 ? change_end(c, &flow) : -1;
}

static int change_instance(struct call *c, struct str instance_id, const struct wish *wish)
{
    struct instance instance;
    int64_t memory_gb = 0;
    if (instance_get(c, instance_id, &instance) != 0 ||
        instance_accept(c, &instance, wish->reboot ? ACCEPT_SOLE_TASK : ACCEPT_TASK,
                        ERR_INVALID_PARAMETER_INPUT_ILLEGAL) != 0 ||
        read_memory(c, &instance, &memory_gb) != 0 || check_values(c, wish, memory_gb) != 0)
        return -1;
    return change_parameters(c, &instance, wish);
}

/* An instance that is named twice is changed once (assumed). WaitSwitch 1, in the maintenance window, is done
 * at once too (assumed): a test does not wait for a night. */
int modify_instance_param(struct call *c, const struct modify_instance_param_in *in,
                          struct modify_instance_param_out *out)
{
    struct wish wish = {.params = &in->param_list};
    struct map seen;
    (void)out; /* only the RequestId */
    map_init(&seen, c->arena);
    if (find_rows(c, &wish) != 0)
        return -1;
    for (size_t i = 0; i < in->instance_ids.n; i++) {
        if (map_get(&seen, in->instance_ids.v[i]))
            continue;
        map_put(&seen, in->instance_ids.v[i], &seen);
        if (change_instance(c, in->instance_ids.v[i], &wish) != 0)
            return -1;
    }
    return 0;
}

/* --- DescribeInstanceParamRecords --- */

/* Oldest first (documented by example). */
int describe_instance_param_records(struct call *c, const struct describe_instance_param_records_in *in,
                                    struct describe_instance_param_records_out *out)
{
    struct instance instance;
    int rc;
    SCOPED_STMT(count, c->world->db, "SELECT count(*) AS n FROM parameter_change WHERE instance = :instance");
    SCOPED_STMT(rows, c->world->db,
                "SELECT " PARAM_RECORD_COLUMNS " FROM parameter_change WHERE instance = :instance"
                " ORDER BY ordinal" PAGE_LIMIT);
    if (instance_get(c, in->instance_id, &instance) != 0)
        return -1;
    stmt_bind_i64(count, ":instance", instance.row);
    stmt_bind_i64(rows, ":instance", instance.row);
    page_bind(rows, in->limit.v, in->offset.v * in->limit.v); /* Offset counts pages (documented) */
    if (page_count(c, count, &out->total_count) != 0)
        return -1;
    out->items.set = true;
    while ((rc = stmt_step(rows)) == 1) {
        struct param_record *item = LIST_ADD(c->arena, &out->items);
        param_record_from_row(rows, c->arena, item);
        item->instance_id = instance.instance_id;
    }
    return rc == 0 ? 0 : call_fail_store(c);
}

/* --- the end of a flow --- */

static int apply(struct world *w, const struct flow *f)
{
    SCOPED_STMT(s, w->db,
                "INSERT INTO parameter (instance, name, value)"
                " SELECT instance, name, new_value FROM parameter_change WHERE flow = :flow"
                " ON CONFLICT (instance, name) DO UPDATE SET value = excluded.value");
    stmt_bind_i64(s, ":flow", f->id);
    return stmt_run(s);
}

/* Declared in gen/sqlserver_flows.h. After a failure the parameters have the values that they had. */
int parameters_settle(struct world *w, const struct flow *f)
{
    SCOPED_STMT(s, w->db, "UPDATE parameter_change SET status = :status, flow = NULL WHERE flow = :flow");
    if (!f->fails && apply(w, f) != 0)
        return -1;
    stmt_bind_i64(s, ":status",
                  f->fails ? PARAMETER_CHANGE_STATUS_FAILED : PARAMETER_CHANGE_STATUS_SUCCEEDED);
    stmt_bind_i64(s, ":flow", f->id);
    return stmt_run(s) == 0 ? changes_settle(w, f) : -1;
}
