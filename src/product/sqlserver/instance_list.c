/* DescribeDBInstances: the account's instances in the region, filtered, in pages. */
#include "product/sqlserver/instance_list.h"

#include "base/buf.h"
#include "base/limits.h"
#include "product/sqlserver/instance.h"

#define OWNED "instance.account = :account AND instance.region = :region"

/* Looked up one by one where ids are asked for: then it costs the same however many others there are. */
#define FROM_IDS                                                                                             \
    " FROM (SELECT DISTINCT value AS wanted FROM json_each(:ids)) CROSS JOIN instance"                       \
    " ON " OWNED " AND instance.instance_id = wanted WHERE 1"
#define FROM_ALL " FROM instance WHERE " OWNED " AND instance.hidden = 0"

/* That fuzzy filters do not tell capitals from small letters is assumed. */
#define FILTERS                                                                                              \
    " AND (:project IS NULL OR instance.project_id = :project)"                                              \
    " AND (:pay_mode IS NULL OR instance.pay_mode = :pay_mode)"                                              \
    " AND (:vpc IS NULL OR instance.vpc_id = :vpc)"                                                          \
    " AND (:subnet IS NULL OR instance.subnet_id = :subnet)"                                                 \
    " AND (:zone IS NULL OR instance.zone = :zone)"                                                          \
    " AND (:type IS NULL OR instance.instance_type = :type)"                                                 \
    " AND (:status IS NULL OR " INSTANCE_STATUS " = :status)"                                                \
    " AND (:vips IS NULL OR instance.vip IN (SELECT value FROM json_each(:vips)))"                           \
    " AND (:versions IS NULL OR instance.version IN (SELECT value FROM json_each(:versions)))"               \
    " AND (:uids IS NULL OR " INSTANCE_UID " IN (SELECT value FROM json_each(:uids)))"                       \
    " AND (:names IS NULL OR EXISTS (SELECT 1 FROM json_each(:names)"                                        \
    " WHERE instr(lower(instance.name), lower(value))))"                                                     \
    " AND (:tags IS NULL OR EXISTS (SELECT 1 FROM tag WHERE tag.instance = instance.id"                      \
    " AND tag.key IN (SELECT value FROM json_each(:tags))))"                                                 \
    " AND (:search IS NULL OR instr(lower(instance.instance_id), lower(:search))"                            \
    " OR instr(lower(instance.name), lower(:search)) OR instr(instance.vip, :search))"

/* Newest first, as every list of the product (assumed for this one). */
#define PAGE " ORDER BY instance.created_ms DESC, instance.id LIMIT :limit OFFSET :offset"

static void bind_owner(const struct call *c, struct stmt *s)
{
    stmt_bind_str(s, ":account", c->credential->account->uin);
    stmt_bind_str(s, ":region", c->common.region);
}

/* Empty texts filter nothing, but for the network: there they mean the classic one (documented). */
static void bind_filters(const struct call *c, const struct describe_db_instances_in *in, struct stmt *s)
{
    struct opt_i64 project = {(int64_t)in->project_id.v, in->project_id.set};
    bind_owner(c, s);
    instance_view_bind(c, s);
    filter_i64(s, ":project", project);
    filter_i64(s, ":status", in->status);
    filter_i64(s, ":pay_mode", in->pay_mode);
    stmt_bind_str(s, ":vpc", in->vpc_id);
    stmt_bind_str(s, ":subnet", in->subnet_id);
    filter_text(s, ":zone", in->zone);
    filter_text(s, ":type", in->instance_type);
    filter_text(s, ":search", in->search_key);
    filter_list(s, c->arena, ":vips", &in->vip_set);
    filter_list(s, c->arena, ":versions", &in->version_set);
    filter_list(s, c->arena, ":uids", &in->uid_set);
    filter_list(s, c->arena, ":names", &in->instance_name_set);
    filter_list(s, c->arena, ":tags", &in->tag_keys);
    if (in->instance_id_set.n > 0)
        filter_list(s, c->arena, ":ids", &in->instance_id_set);
}

static bool has_filter(const struct describe_db_instances_in *in)
{
    bool lists = in->instance_id_set.n > 0 || in->vip_set.n > 0 || in->version_set.n > 0 ||
                 in->uid_set.n > 0 || in->instance_name_set.n > 0 || in->tag_keys.n > 0;
    bool texts =
        in->vpc_id.p || in->subnet_id.p || in->zone.n > 0 || in->instance_type.n > 0 || in->search_key.n > 0;
    return lists || texts || in->project_id.set || in->status.set || in->pay_mode.set;
}

static int read_count(struct call *c, struct stmt *s, struct opt_i64 *ret_count)
{
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    *ret_count = I64(stmt_i64(s, "n"));
    return 0;
}

/* Without a filter, the commonest question, nothing is counted: the store keeps the number. */
static int count_all(struct call *c, struct opt_i64 *ret_count)
{
    SCOPED_STMT(
        s, c->world->db,
        "SELECT coalesce(sum(n), 0) AS n FROM instance_count WHERE account = :account AND region = :region");
    bind_owner(c, s);
    return read_count(c, s, ret_count);
}

static int count(struct call *c, const struct describe_db_instances_in *in, struct opt_i64 *ret_count)
{
    SCOPED_STMT(all, c->world->db, "SELECT count(*) AS n" FROM_ALL FILTERS);
    SCOPED_STMT(ids, c->world->db, "SELECT count(*) AS n" FROM_IDS FILTERS);
    struct stmt *s = in->instance_id_set.n > 0 ? ids : all;
    if (!has_filter(in))
        return count_all(c, ret_count);
    bind_filters(c, in, s);
    return read_count(c, s, ret_count);
}

/* PaginationType says whether Offset counts rows or pages (documented). */
static int64_t first_row(const struct describe_db_instances_in *in)
{
    bool rows = str_eq(in->pagination_type, STR("offset"));
    return rows ? in->offset.v : in->offset.v * in->limit.v;
}

/* Both statements are taken, one is used: a statement that is not stepped costs nothing. */
static int read_page(struct call *c, const struct describe_db_instances_in *in,
                     struct db_instance_list *ret_list)
{
    SCOPED_STMT(all, c->world->db, "SELECT " INSTANCE_COLUMNS FROM_ALL FILTERS PAGE);
    SCOPED_STMT(ids, c->world->db, "SELECT " INSTANCE_COLUMNS FROM_IDS FILTERS PAGE);
    struct stmt *s = in->instance_id_set.n > 0 ? ids : all;
    struct db_instance *rows = ARENA_ARRAY(c->arena, struct db_instance, (size_t)in->limit.v);
    size_t n = 0;
    int rc;
    bind_filters(c, in, s);
    stmt_bind_i64(s, ":limit", in->limit.v);
    stmt_bind_i64(s, ":offset", first_row(in));
    while ((rc = stmt_step(s)) == 1)
        if (instance_view(c, s, &rows[n++]) != 0)
            return -1;
    *ret_list = (struct db_instance_list){rows, n, true};
    return rc == 0 ? 0 : call_fail_store(c);
}

int describe_db_instances(struct call *c, const struct describe_db_instances_in *in,
                          struct describe_db_instances_out *out)
{
    if (count(c, in, &out->total_count) != 0)
        return -1;
    return read_page(c, in, &out->db_instances);
}

/* --- filter --- */

/* One statement serves every mixture of filters: it is prepared once, and an absent one is a comparison with
 * NULL that is always true. */

/* Names are short and a list is rarely long. */
enum { LIST_FIRST_ROOM = 128 };

void filter_i64(struct stmt *s, const char *name, struct opt_i64 value)
{
    if (value.set)
        stmt_bind_i64(s, name, value.v);
    else
        stmt_bind_null(s, name);
}

void filter_text(struct stmt *s, const char *name, struct str value)
{
    stmt_bind_str(s, name, value.n > 0 ? value : (struct str){NULL, 0});
}

/* Escapes make a character at most six bytes long, and a body is no longer than LIMIT_BODY_V3. */
static struct str to_json(struct arena *a, const struct str_list *values)
{
    struct buf b;
    buf_init(&b, a, LIST_FIRST_ROOM, (size_t)6 * LIMIT_BODY_V3);
    for (size_t i = 0; i < values->n; i++) {
        buf_putc(&b, i == 0 ? '[' : ',');
        buf_put_json_string(&b, values->v[i]);
    }
    buf_putc(&b, ']');
    return buf_str(&b);
}

void filter_list(struct stmt *s, struct arena *a, const char *name, const struct str_list *values)
{
    stmt_bind_str(s, name, values->n > 0 ? to_json(a, values) : (struct str){NULL, 0});
}
