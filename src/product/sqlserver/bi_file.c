/* Files of business intelligence instances: CreateBusinessIntelligenceFile, DescribeBusinessIntelligenceFile,
 * DeleteBusinessIntelligenceFile. A flow deploys each; the file at the URL is never read. */
#include <assert.h>

#include "core/page.h"
#include "gen/sqlserver_rows.h"
#include "product/sqlserver/change.h"
#include "product/sqlserver/import_task.h"

/* --- creating one --- */

/* No other instance has such files (assumed). */
static int check_instance(struct call *c, const struct instance *instance)
{
    SCOPED_STMT(s, c->world->db, "SELECT instance_type = 'BI' AS fits FROM instance WHERE id = :id");
    stmt_bind_i64(s, ":id", instance->row);
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    if (stmt_i64(s, "fits") != 0)
        return 0;
    return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "bi-file.instance",
                               "%.*s is no business intelligence instance", STR_ARG(instance->instance_id));
}

/* From the last dot on; empty without one. */
static struct str ending_of(struct str name)
{
    for (size_t i = name.n; i > 0; i--)
        if (name.p[i - 1] == '.')
            return str_skip(name, i - 1);
    return STR("");
}

/* The remark with the ending of the file, or without a remark the file's own name (see docs/fidelity.md). */
static int name_file(struct call *c, const struct create_business_intelligence_file_in *in,
                     struct str *ret_name)
{
    struct str name = import_file_name(in->file_url);
    if (!str_starts(in->file_url, STR("http://")) && !str_starts(in->file_url, STR("https://")))
        name.n = 0;
    if (name.n == 0)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "bi-file.url",
                                   "FileURL is no http:// or https:// URL with the name of a file");
    struct str ending = ending_of(name);
    *ret_name =
        in->remark.n == 0 ? name : arena_printf(c->arena, "%.*s%.*s", STR_ARG(in->remark), STR_ARG(ending));
    return 0;
}

/* 1 when the instance has a file of the name, 0 when not, -1 after failing the call. */
static int has_file(struct call *c, const struct instance *instance, struct str name)
{
    SCOPED_STMT(s, c->world->db, "SELECT 1 FROM bi_file WHERE instance = :instance AND name = :name");
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":name", name);
    return call_step(c, s);
}

static int insert(struct call *c, const struct create_business_intelligence_file_in *in,
                  const struct flow *flow, struct str name)
{
    SCOPED_STMT(s, c->world->db,
                "INSERT INTO bi_file (instance, name, type, url, remark, status, created_ms, start_ms, flow)"
                " VALUES (:instance, :name, :type, :url, :remark, " BI_FILE_STATUS_SQL_DEPLOYING
                ", :now, :now, :flow)");
    stmt_bind_i64(s, ":instance", flow->resource);
    stmt_bind_str(s, ":name", name);
    stmt_bind_str(s, ":type", in->file_type);
    stmt_bind_str(s, ":url", in->file_url);
    stmt_bind_str(s, ":remark", in->remark.p ? in->remark : STR(""));
    stmt_bind_i64(s, ":now", flow->start_ms);
    stmt_bind_i64(s, ":flow", flow->id);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

int create_business_intelligence_file(struct call *c, const struct create_business_intelligence_file_in *in,
                                      struct create_business_intelligence_file_out *out)
{
    struct instance instance;
    struct change_plan plan = {.c = c, .instance = &instance};
    struct flow flow;
    struct str name;
    if (instance_get(c, in->instance_id, &instance) != 0 || check_instance(c, &instance) != 0 ||
        name_file(c, in, &name) != 0)
        return -1;
    int rc = has_file(c, &instance, name);
    if (rc == 1)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "bi-file.taken",
                                   "%.*s has a file %.*s", STR_ARG(instance.instance_id), STR_ARG(name));
    if (rc < 0 || change_begin(&plan, FLOW_KIND_BIFILE, &flow) != 0 || insert(c, in, &flow, name) != 0)
        return -1;
    out->file_task_id = name;
    return change_end(c, &flow);
}

/* Declared in gen/sqlserver_flows.h. A file that could not be deployed stays, with that status. */
int bi_file_settle(struct world *w, const struct flow *f)
{
    SCOPED_STMT(s, w->db, "UPDATE bi_file SET status = :status, end_ms = :now WHERE flow = :flow");
    stmt_bind_i64(s, ":status", f->fails ? BI_FILE_STATUS_FAILURE : BI_FILE_STATUS_SUCCESS);
    stmt_bind_i64(s, ":now", f->due_ms);
    stmt_bind_i64(s, ":flow", f->id);
    return stmt_run(s) == 0 ? changes_settle(w, f) : -1;
}

/* --- the list --- */

/* A part of the name is enough (documented by example). */
#define FILES                                                                                                \
    " FROM bi_file WHERE instance = :instance AND (:name IS NULL OR instr(name, :name))"                     \
    " AND (:type IS NULL OR type = :type)"                                                                   \
    " AND (:statuses IS NULL OR status IN (SELECT value FROM json_each(:statuses)))"

#define ORDER                                                                                                \
    " ORDER BY :sign * CASE :by WHEN 'create_time' THEN created_ms WHEN 'start_time' THEN start_ms"          \
    " ELSE 0 END, CASE WHEN :sign > 0 THEN name END, name DESC"

static void bind_filters(struct call *c, const struct describe_business_intelligence_file_in *in,
                         const struct instance *instance, struct stmt *s)
{
    stmt_bind_i64(s, ":instance", instance->row);
    filter_text(s, ":name", in->file_name);
    filter_text(s, ":type", in->file_type);
    filter_i64_list(s, c->arena, ":statuses", &in->status_set);
}

/* Only a package can be deployed again, and one that is being deployed only be seen and deleted (assumed). */
static struct file_action *action_of(struct call *c, const struct business_intelligence_file *file)
{
    static const struct {
        struct str word;
        bool of_packages, while_deploying;
    } actions[] = {
        {STR_INIT("view"), false, true},
        {STR_INIT("remark"), false, false},
        {STR_INIT("deploy"), true, false},
        {STR_INIT("delete"), false, true},
    };
    struct file_action *action = ARENA_NEW(c->arena, struct file_action);
    action->all_action.set = action->allowed_action.set = true;
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (actions[i].of_packages && !str_eq(file->file_type, STR("SSIS")))
            continue;
        str_list_add(c->arena, &action->all_action, actions[i].word);
        if (actions[i].while_deploying || file->status.v != BI_FILE_STATUS_DEPLOYING)
            str_list_add(c->arena, &action->allowed_action, actions[i].word);
    }
    return action;
}

static void read_file(struct call *c, struct stmt *s, const struct instance *instance,
                      struct business_intelligence_file *file)
{
    business_intelligence_file_from_row(s, c->arena, file);
    assert(file->status.v >= BI_FILE_STATUS_DEPLOYING && file->status.v <= BI_FILE_STATUS_FAILURE);
    file->instance_id = instance->instance_id;
    file->action = action_of(c, file);
    for (size_t i = 0; i < BI_FILE_STATUS_COUNT; i++)
        if (file->status.v == BI_FILE_STATUS_FAILURE &&
            bi_file_status_values[i].value == BI_FILE_STATUS_FAILURE)
            file->message = bi_file_status_values[i].meaning[call_in_chinese(c)];
}

/* Offset counts pages (documented). */
int describe_business_intelligence_file(struct call *c,
                                        const struct describe_business_intelligence_file_in *in,
                                        struct describe_business_intelligence_file_out *out)
{
    SCOPED_STMT(count, c->world->db, "SELECT count(*) AS n" FILES);
    SCOPED_STMT(rows, c->world->db, "SELECT " BUSINESS_INTELLIGENCE_FILE_COLUMNS FILES ORDER PAGE_LIMIT);
    struct instance instance;
    int rc;
    if (instance_get(c, in->instance_id, &instance) != 0)
        return -1;
    bind_filters(c, in, &instance, count);
    bind_filters(c, in, &instance, rows);
    stmt_bind_str(rows, ":by", in->order_by);
    stmt_bind_i64(rows, ":sign", str_eq(in->order_by_type, STR("asc")) ? 1 : -1);
    page_bind(rows, in->limit.v, in->offset.v * in->limit.v);
    if (page_count(c, count, &out->total_count) != 0)
        return -1;
    out->backup_migration_set.set = true;
    while ((rc = stmt_step(rows)) == 1)
        read_file(c, rows, &instance, LIST_ADD(c->arena, &out->backup_migration_set));
    return rc == 0 ? 0 : call_fail_store(c);
}

/* --- deleting some --- */

static int delete_file(struct call *c, const struct instance *instance, struct str name)
{
    SCOPED_STMT(s, c->world->db, "DELETE FROM bi_file WHERE instance = :instance AND name = :name");
    int rc = has_file(c, instance, name);
    if (rc < 0)
        return -1;
    if (rc == 0)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "bi-file.not-found",
                                   "%.*s has no file %.*s", STR_ARG(instance->instance_id), STR_ARG(name));
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":name", name);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

/* One that cannot be deleted keeps all: the savepoint of the call undoes the others. */
int delete_business_intelligence_file(struct call *c, const struct delete_business_intelligence_file_in *in,
                                      struct delete_business_intelligence_file_out *out)
{
    struct instance instance;
    (void)out; /* only the RequestId */
    if (instance_get(c, in->instance_id, &instance) != 0)
        return -1;
    for (size_t i = 0; i < in->file_name_set.n; i++)
        if (delete_file(c, &instance, in->file_name_set.v[i]) != 0)
            return -1;
    return 0;
}
