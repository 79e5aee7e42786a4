/* DescribeLogs and DescribeLogInstanceList. The schema says what OpenLog, ModifyLog and CloseLog do. */
#include "product/sqlserver/audit_log.h"

#include <assert.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "core/page.h"
#include "product/sqlserver/backup.h"
#include "product/sqlserver/instance_list.h"

/* --- conditions --- */

enum { CONDITIONS_ROOM = 256 };

/* Starts the array of conditions. An escape makes a character at most six bytes long. */
static struct buf conditions_begin(struct call *c)
{
    struct buf b;
    buf_init(&b, c->arena, CONDITIONS_ROOM, (size_t)6 * LIMIT_BODY_V3);
    buf_putc(&b, '[');
    return b;
}

/* Adds ["name","how",["value",...]]. */
static void add_condition(struct buf *b, struct str name, struct str how, const struct str_list *values)
{
    buf_put(b, b->n > 1 ? STR(",[") : STR("["));
    buf_put_json_string(b, name);
    buf_putc(b, ',');
    buf_put_json_string(b, how);
    buf_putc(b, ',');
    put_json_list(b, values);
    buf_putc(b, ']');
}

static struct str conditions_end(struct buf *b)
{
    buf_putc(b, ']');
    assert(!b->over);
    return buf_str(b);
}

/* --- DescribeLogs --- */

void audit_log_bind(struct call *c, struct stmt *s, const struct instance *instance,
                    const int64_t window_ms[2], const struct log_filter_list *filters)
{
    struct buf b = conditions_begin(c);
    for (size_t i = 0; i < filters->n; i++)
        add_condition(&b, filters->v[i].type, filters->v[i].compare, &filters->v[i].value);
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_i64(s, ":from", window_ms[0]);
    stmt_bind_i64(s, ":to", window_ms[1]);
    stmt_bind_i64(s, ":now", world_now_ms(c->world));
    stmt_bind_str(s, ":filters", conditions_end(&b));
}

/* The fields that can be sorted by have numbers; any other name means the time (assumed). */
#define ORDER                                                                                                \
    " ORDER BY :sign * CASE :by WHEN 'Duration' THEN coalesce(audit_log.duration, 0)"                        \
    " WHEN 'CpuTime' THEN coalesce(audit_log.cpu, 0) WHEN 'RowCount' THEN coalesce(audit_log.rows, 0)"       \
    " WHEN 'LogicalReads' THEN coalesce(audit_log.logical_reads, 0)"                                         \
    " WHEN 'PhysicalReads' THEN coalesce(audit_log.physical_reads, 0)"                                       \
    " WHEN 'Writes' THEN coalesce(audit_log.writes, 0) ELSE audit_log.at_ms END,"                            \
    " :sign * audit_log.at_ms, :sign * audit_log.ordinal"

/* The other logs have no entries here. */
int describe_logs(struct call *c, const struct describe_logs_in *in, struct describe_logs_out *out)
{
    SCOPED_STMT(count, c->world->db, "SELECT count(*) AS n" AUDIT_LOG_FROM);
    SCOPED_STMT(rows, c->world->db, "SELECT " LOG_RESULT_COLUMNS AUDIT_LOG_FROM ORDER PAGE_LIMIT);
    struct instance instance;
    int64_t window_ms[2];
    if (instance_get(c, in->instance_id, &instance) != 0 ||
        backup_window(c, in->start_time, in->end_time, window_ms) != 0)
        return -1;
    out->items.set = true;
    out->total_count = I64(0);
    if (!str_eq(in->log_type, STR("auditLog")))
        return 0;
    audit_log_bind(c, count, &instance, window_ms, &in->log_filter);
    audit_log_bind(c, rows, &instance, window_ms, &in->log_filter);
    stmt_bind_str(rows, ":by", in->order_by);
    stmt_bind_i64(rows, ":sign", str_eq(in->order, STR("ASC")) ? 1 : -1);
    page_bind(rows, in->limit.v, in->offset.v);
    if (page_count(c, count, &out->total_count) != 0)
        return -1;
    return log_result_list_read(c, rows, &out->items);
}

/* --- DescribeLogInstanceList --- */

/* A part of a text is found without case, and a tag is its key and value with a colon (assumed). :audit says
 * whether the call asks for the audit log: no instance has another one (assumed). */
#define INSTANCES                                                                                            \
    " FROM instance WHERE account = :account AND region = :region AND hidden = 0"                            \
    " AND (:switch IS NULL OR iif(audit_log AND :audit, 'on', 'off') = :switch)"                             \
    " AND NOT EXISTS (SELECT 1 FROM (SELECT json_extract(value, '$[0]') AS field,"                           \
    " json_extract(value, '$[1]') AS how, json_extract(value, '$[2]') AS wanted FROM json_each(:filters))"   \
    " WHERE NOT EXISTS (SELECT 1 FROM json_each(wanted) AS item, (SELECT CASE field"                         \
    " WHEN 'ProjectId' THEN CAST(instance.project_id AS TEXT) WHEN 'InstanceName' THEN instance.name"        \
    " WHEN 'InstanceId' THEN instance.instance_id END AS text"                                               \
    " UNION ALL SELECT CASE field WHEN 'TagKey' THEN key WHEN 'Tag' THEN key || ':' || tag.value END"        \
    " FROM tag WHERE tag.instance = instance.id)"                                                            \
    " WHERE iif(how = 'exact', text = item.value, instr(lower(text), lower(item.value)) > 0)))"

static void bind_instances(struct call *c, const struct describe_log_instance_list_in *in, struct stmt *s)
{
    struct buf b = conditions_begin(c);
    for (size_t i = 0; i < in->filters.n; i++) {
        const struct filter *filter = &in->filters.v[i];
        add_condition(&b, filter->name, filter->exact_match.v ? STR("exact") : STR("part"), &filter->values);
    }
    stmt_bind_str(s, ":filters", conditions_end(&b));
    filter_text(s, ":switch", in->log_switch);
    stmt_bind_i64(s, ":audit", str_eq(in->log_type, STR("auditLog")));
}

/* The instance, which is shown as DescribeDBInstances shows it. */
static struct instance_info *info_of(struct call *c, const struct db_instance *view, bool audited)
{
    struct instance_info *info = ARENA_NEW(c->arena, struct instance_info);
    *info = (struct instance_info){
        .instance_name = view->name,
        .instance_id = view->instance_id,
        .project_id = view->project_id,
        .status = view->status,
        .vip = view->vip,
        .vport = view->vport,
        .architecture = view->architecture,
        .ro_flag = view->ro_flag,
        .ha_flag = view->ha_flag,
        .instance_type = view->instance_type,
        .type = view->type,
        .audit_log_status = audited ? STR("ON") : STR("OFF"),
        .version = view->version,
        .version_name = view->version_name,
        .region_id = view->region_id,
        .zone_id = view->zone_id,
        .region = view->region,
        .zone = view->zone,
        .tag_list.set = view->resource_tags.set,
    };
    for (size_t i = 0; i < view->resource_tags.n; i++)
        *LIST_ADD(c->arena, &info->tag_list) =
            (struct tag_list){view->resource_tags.v[i].tag_key, view->resource_tags.v[i].tag_value};
    return info;
}

/* Every text of a log that is off is empty, and every number 0 (documented by example). */
static int read_log_instance(struct call *c, struct stmt *s, struct log_instance *log)
{
    struct db_instance view = {0};
    if (instance_read(c, s, &view) != 0)
        return -1;
    log_instance_from_row(s, c->arena, log);
    if (log->log_expire_day.v > 0)
        log->create_at = time_beijing(c->arena, stmt_i64(s, "audit_since_ms"));
    log->instance_info = info_of(c, &view, stmt_i64(s, "audit_log") != 0);
    return 0;
}

int describe_log_instance_list(struct call *c, const struct describe_log_instance_list_in *in,
                               struct describe_log_instance_list_out *out)
{
    SCOPED_STMT(count, c->world->db, "SELECT count(*) AS n" INSTANCES);
    SCOPED_STMT(rows, c->world->db,
                "SELECT audit_log, audit_since_ms, " LOG_INSTANCE_COLUMNS ", " INSTANCE_COLUMNS INSTANCES
                " ORDER BY created_ms DESC, id" PAGE_LIMIT);
    int rc;
    call_bind_owner(c, count);
    bind_instances(c, in, count);
    instance_bind_owner(c, rows);
    bind_instances(c, in, rows);
    page_bind(rows, in->limit.v, in->offset.v);
    if (page_count(c, count, &out->total_count) != 0)
        return -1;
    out->items.set = true;
    while ((rc = stmt_step(rows)) == 1)
        if (read_log_instance(c, rows, LIST_ADD(c->arena, &out->items)) != 0)
            return -1;
    return rc == 0 ? 0 : call_fail_store(c);
}
