/* Creating, changing and deleting migrations. */
#include <assert.h>

#include "core/page.h"
#include "product/sqlserver/dts_task.h"
#include "product/sqlserver/explain.h"
#include "product/sqlserver/import_task.h"

/* --- what a client decides --- */

static struct str text_or_empty(struct str text)
{
    return text.p ? text : STR("");
}

/* A source replaces the one before as a whole; its passwords go no further than this. */
static void apply_source(struct dts_spec *spec, const struct migrate_source *from)
{
    if (!from)
        return;
    spec->source = (struct migrate_source){.instance_id = text_or_empty(from->instance_id),
                                           .cvm_id = text_or_empty(from->cvm_id),
                                           .vpc_id = text_or_empty(from->vpc_id),
                                           .subnet_id = text_or_empty(from->subnet_id),
                                           .user_name = text_or_empty(from->user_name),
                                           .ip = text_or_empty(from->ip),
                                           .port = from->port,
                                           .url = from->url};
}

/* A target replaces the one before, too. */
static void apply_target(struct dts_spec *spec, const struct migrate_target *from)
{
    if (!from)
        return;
    spec->target_id = text_or_empty(from->instance_id);
    spec->target_user = text_or_empty(from->user_name);
}

static void apply_databases(struct arena *a, struct dts_spec *spec, const struct migrate_db_list *from)
{
    if (!from->set)
        return;
    spec->databases = (struct str_list){.set = true};
    for (size_t i = 0; i < from->n; i++)
        str_list_add(a, &spec->databases, text_or_empty(from->v[i].db_name));
}

/* --- checking it: each function returns 0, or -1 after failing the call --- */

static int reject_source(struct call *c, const char *what)
{
    return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "migration.source", "%s", what);
}

/* The form of the source is that of its type (documented); ports beyond 65535 are none. */
static int check_source(struct call *c, const struct dts_spec *spec)
{
    enum { PORT_MAX = 65535 };
    const struct migrate_source *source = &spec->source;
    switch (spec->source_type) {
    case DTS_SOURCE_INSTANCE:
        if (source->instance_id.n == 0)
            return reject_source(c, "SourceType is 1, and Source has no InstanceId");
        return str_eq(source->instance_id, spec->target_id)
                   ? reject_source(c, "source and target are one instance")
                   : 0;
    case DTS_SOURCE_CVM:
        if (source->ip.n == 0 || source->port.v == 0 || source->port.v > PORT_MAX)
            return reject_source(c, "SourceType is 2, and Source has no Ip and Port of a server");
        return 0;
    case DTS_SOURCE_FILES:
    case DTS_SOURCE_COS:
        return source->url.n == 0 ? reject_source(c, "Source has no Url of a file") : 0;
    default:
        return reject_source(c, "SourceType is none of 1, 2, 4 and 5");
    }
}

/* 1 and the region of the account's instance of that id, 0 when it has none, -1 after failing the call. */
static int find_region(struct call *c, struct str instance_id, struct str *ret_region)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT region FROM instance WHERE instance_id = :instance_id AND account = :account"
                " ORDER BY region <> :region LIMIT 1");
    stmt_bind_str(s, ":instance_id", instance_id);
    call_bind_owner(c, s);
    int rc = stmt_step(s);
    if (rc < 0)
        return call_fail_store(c);
    if (rc == 1)
        *ret_region = stmt_str(s, c->arena, "region");
    return rc;
}

/* A source instance must be in the region of its target, and in normal status. */
static int check_source_instance(struct call *c, const struct dts_spec *spec)
{
    struct instance source;
    struct str region;
    if (spec->source_type != DTS_SOURCE_INSTANCE)
        return 0;
    int rc = find_region(c, spec->source.instance_id, &region);
    if (rc < 0)
        return -1;
    if (rc == 1 && !str_eq(region, c->common.region))
        return call_fail_explained(c, ERR_RESOURCE_UNAVAILABLE_INSTANCE_MIGRATE_REGION_ILLEGAL,
                                   "migration.region", "%.*s is in %.*s, and its target in %.*s",
                                   STR_ARG(spec->source.instance_id), STR_ARG(region),
                                   STR_ARG(c->common.region));
    if (instance_get(c, spec->source.instance_id, &source) != 0)
        return -1;
    return instance_accept(c, &source, ACCEPT_CHANGE,
                           ERR_RESOURCE_UNAVAILABLE_INSTANCE_MIGRATE_STATUS_INVALID);
}

/* The code, or InputIllegal of an action that does not declare it (assumed). */
static enum error_id code_or_illegal(const struct call *c, enum error_id code)
{
    const enum error_id codes[] = {code, ERR_INVALID_PARAMETER_INPUT_ILLEGAL};
    return call_first_declared(c, codes, sizeof codes / sizeof codes[0]);
}

/* A name must be free on the target already when the migration is created (documented by the code DBExist).
 */
static int check_name(struct call *c, const struct instance *target, struct str name)
{
    if (!database_name_valid(name) || database_name_reserved(name))
        return reject_characters(c, code_or_illegal(c, ERR_INVALID_PARAMETER_VALUE_DB_CHAR_ILLEGAL), name);
    int exists = database_exists(c, target, name);
    if (exists == 1)
        return reject_taken(c, code_or_illegal(c, ERR_INVALID_PARAMETER_VALUE_DB_EXIST), target, name);
    return exists;
}

/* Files do not use MigrateDBSet (documented), and servers do not use RenameRestore. */
static int check_names(struct call *c, const struct instance *target, const struct dts_spec *spec)
{
    const bool files = spec->source_type >= DTS_SOURCE_FILES;
    for (size_t i = 0; !files && i < spec->databases.n; i++)
        if (check_name(c, target, spec->databases.v[i]) != 0)
            return -1;
    for (size_t i = 0; files && i < spec->renames.n; i++) {
        const struct rename_restore_database *rename = &spec->renames.v[i];
        struct str name = rename->new_name.n > 0 ? rename->new_name : rename->old_name;
        if (check_name(c, target, text_or_empty(name)) != 0)
            return -1;
    }
    return 0;
}

/* Values first, then the instances, then the names (assumed). */
static int check_spec(struct call *c, const struct dts_spec *spec, struct instance *ret_target)
{
    if (check_source(c, spec) != 0 || instance_get(c, spec->target_id, ret_target) != 0 ||
        instance_accept_change(c, ret_target) != 0 || check_source_instance(c, spec) != 0)
        return -1;
    return check_names(c, ret_target, spec);
}

/* --- storing it --- */

static void bind_source(struct stmt *s, const struct migrate_source *source)
{
    stmt_bind_str(s, ":source_instance", source->instance_id);
    stmt_bind_str(s, ":source_cvm", source->cvm_id);
    stmt_bind_str(s, ":source_vpc", source->vpc_id);
    stmt_bind_str(s, ":source_subnet", source->subnet_id);
    stmt_bind_str(s, ":source_user", source->user_name);
    stmt_bind_str(s, ":source_ip", source->ip);
    stmt_bind_i64(s, ":source_port", (int64_t)source->port.v);
}

/* A change makes the check before it void (assumed). */
static int put_row(struct call *c, int64_t id, const struct instance *target, const struct dts_spec *spec)
{
    SCOPED_STMT(s, c->world->db,
                "INSERT INTO migration (id, account, region, instance, name, type, source_type,"
                " source_instance, source_cvm, source_vpc, source_subnet, source_user, source_ip,"
                " source_port, target_user, created_ms)"
                " VALUES (:id, :account, :region, :target, :name, :type, :source_type,"
                " :source_instance, :source_cvm, :source_vpc, :source_subnet, :source_user, :source_ip,"
                " :source_port, :target_user, :now)"
                " ON CONFLICT (id) DO UPDATE SET instance = excluded.instance, name = excluded.name,"
                " type = excluded.type, source_type = excluded.source_type,"
                " source_instance = excluded.source_instance, source_cvm = excluded.source_cvm,"
                " source_vpc = excluded.source_vpc, source_subnet = excluded.source_subnet,"
                " source_user = excluded.source_user, source_ip = excluded.source_ip,"
                " source_port = excluded.source_port, target_user = excluded.target_user,"
                " checked = " MIGRATION_CHECK_SQL_NONE);
    assert(id > 0 && spec->name.p && spec->target_user.p && spec->source.instance_id.p);
    stmt_bind_i64(s, ":id", id);
    call_bind_owner(c, s);
    stmt_bind_i64(s, ":target", target->row);
    stmt_bind_str(s, ":name", spec->name);
    stmt_bind_i64(s, ":type", spec->type);
    stmt_bind_i64(s, ":source_type", spec->source_type);
    stmt_bind_str(s, ":target_user", spec->target_user);
    stmt_bind_i64(s, ":now", world_now_ms(c->world));
    bind_source(s, &spec->source);
    return stmt_run(s);
}

/* The row and its lists; the lists of an earlier version are replaced. */
static int put_spec(struct call *c, int64_t id, const struct instance *target, const struct dts_spec *spec)
{
    if (put_row(c, id, target, spec) != 0 || dts_put_items(c->world, id, "url", &spec->source.url) != 0 ||
        dts_put_items(c->world, id, "database", &spec->databases) != 0 ||
        dts_put_renames(c->world, id, &spec->renames) != 0)
        return call_fail_store(c);
    return 0;
}

/* --- the actions --- */

/* An id is not given twice: deleted migrations keep their rows. */
static int next_id(struct call *c, int64_t *ret_id)
{
    SCOPED_STMT(s, c->world->db, "SELECT coalesce(max(id), 1000) + 1 AS next FROM migration");
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    *ret_id = stmt_i64(s, "next");
    assert(*ret_id > 0);
    return 0;
}

/* The name of the file's database, where a pair of RenameRestore has no OldName (documented). */
static void complete_renames(struct arena *a, struct dts_spec *spec)
{
    for (size_t i = 0; i < spec->renames.n && spec->source.url.n > 0; i++)
        if (spec->renames.v[i].old_name.n == 0)
            spec->renames.v[i].old_name = import_file_database(a, spec->source.url.v[0]);
}

/* Neither name may be missing where the other one is (documented). */
static int check_renames(struct call *c, const struct rename_restore_database_list *renames)
{
    for (size_t i = 0; i < renames->n; i++)
        if (renames->v[i].old_name.n == 0 && renames->v[i].new_name.n == 0)
            return reject_no_old_name(c, i);
    return 0;
}

/* Nothing runs yet: the databases of the source are looked at by the check and by the run. */
int create_migration(struct call *c, const struct create_migration_in *in, struct create_migration_out *out)
{
    struct instance target;
    int64_t id = 0;
    struct dts_spec spec = {.name = in->migrate_name,
                            .type = (int64_t)in->migrate_type.v,
                            .source_type = (int64_t)in->source_type.v,
                            .renames = in->rename_restore};
    apply_source(&spec, in->source);
    apply_target(&spec, in->target);
    apply_databases(c->arena, &spec, &in->migrate_db_set);
    if (check_renames(c, &spec.renames) != 0)
        return -1;
    complete_renames(c->arena, &spec);
    if (check_spec(c, &spec, &target) != 0 || next_id(c, &id) != 0 || put_spec(c, id, &target, &spec) != 0)
        return -1;
    out->migrate_id = I64(id);
    return 0;
}

/* What is absent stays as it is (documented). */
int modify_migration(struct call *c, const struct modify_migration_in *in, struct modify_migration_out *out)
{
    struct instance target;
    struct dts_task task;
    if (dts_get(c, (int64_t)in->migrate_id.v, &task) != 0)
        return -1;
    if (!dts_is_ready(&task))
        return dts_reject_status(c, ERR_RESOURCE_UNAVAILABLE_INSTANCE_MIGRATE_STATUS_INVALID, &task);
    struct dts_spec *spec = &task.spec;
    spec->name = in->migrate_name.p ? in->migrate_name : spec->name;
    spec->type = in->migrate_type.set ? (int64_t)in->migrate_type.v : spec->type;
    spec->source_type = in->source_type.set ? (int64_t)in->source_type.v : spec->source_type;
    apply_source(spec, in->source);
    apply_target(spec, in->target);
    apply_databases(c->arena, spec, &in->migrate_db_set);
    if (check_spec(c, spec, &target) != 0 || put_spec(c, task.id, &target, spec) != 0)
        return -1;
    out->migrate_id = in->migrate_id;
    return 0;
}

/* Its row stays: the documented status 8 shows it in a list that asks for it. Databases that wait for the
 * completion are removed, because nothing could complete them any more (assumed). */
int delete_migration(struct call *c, const struct delete_migration_in *in, struct delete_migration_out *out)
{
    (void)out;
    struct dts_task task;
    SCOPED_STMT(s, c->world->db,
                "UPDATE migration SET status = " MIGRATION_STATUS_SQL_DELETED " WHERE id = :id");
    if (dts_get(c, (int64_t)in->migrate_id.v, &task) != 0)
        return -1;
    if (!dts_is_idle(&task))
        return dts_reject_status(c, ERR_RESOURCE_UNAVAILABLE_INSTANCE_MIGRATE_STATUS_INVALID, &task);
    stmt_bind_i64(s, ":id", task.id);
    if (dts_drop_databases(c->world, task.id) != 0 || stmt_run(s) != 0)
        return call_fail_store(c);
    return 0;
}
