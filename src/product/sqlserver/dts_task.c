/* Reading migrations, and their lists. */
#include "product/sqlserver/dts_task.h"

#include "core/page.h"

/* --- items --- */

int dts_read_items(struct world *w, struct arena *a, int64_t migration, const char *kind,
                   struct str_list *ret_items)
{
    int rc;
    SCOPED_STMT(s, w->db,
                "SELECT text FROM migration_item WHERE migration = :migration AND kind = :kind"
                " ORDER BY ordinal");
    stmt_bind_i64(s, ":migration", migration);
    stmt_bind_str(s, ":kind", str_from(kind));
    *ret_items = (struct str_list){.set = true};
    while ((rc = stmt_step(s)) == 1)
        str_list_add(a, ret_items, stmt_str(s, a, "text"));
    return rc;
}

static int read_renames(struct call *c, int64_t migration, struct rename_restore_database_list *ret_renames)
{
    int rc;
    SCOPED_STMT(s, c->world->db,
                "SELECT text, new_name FROM migration_item WHERE migration = :migration AND kind = 'rename'"
                " ORDER BY ordinal");
    stmt_bind_i64(s, ":migration", migration);
    *ret_renames = (struct rename_restore_database_list){.set = true};
    while ((rc = stmt_step(s)) == 1)
        *LIST_ADD(c->arena, ret_renames) = (struct rename_restore_database){
            .old_name = stmt_str(s, c->arena, "text"), .new_name = stmt_str(s, c->arena, "new_name")};
    return rc;
}

static int clear_items(struct world *w, int64_t migration, const char *kind)
{
    SCOPED_STMT(s, w->db, "DELETE FROM migration_item WHERE migration = :migration AND kind = :kind");
    stmt_bind_i64(s, ":migration", migration);
    stmt_bind_str(s, ":kind", str_from(kind));
    return stmt_run(s);
}

/* An absent text is stored as an empty one. */
static int put_item(struct world *w, int64_t migration, const char *kind, size_t ordinal, struct str text,
                    struct str new_name)
{
    SCOPED_STMT(s, w->db,
                "INSERT INTO migration_item (migration, kind, ordinal, text, new_name)"
                " VALUES (:migration, :kind, :ordinal, :text, :new_name)");
    stmt_bind_i64(s, ":migration", migration);
    stmt_bind_str(s, ":kind", str_from(kind));
    stmt_bind_i64(s, ":ordinal", (int64_t)ordinal);
    stmt_bind_str(s, ":text", text.p ? text : STR(""));
    stmt_bind_str(s, ":new_name", new_name.p ? new_name : STR(""));
    return stmt_run(s);
}

int dts_put_items(struct world *w, int64_t migration, const char *kind, const struct str_list *items)
{
    if (clear_items(w, migration, kind) != 0)
        return -1;
    for (size_t i = 0; i < items->n; i++)
        if (put_item(w, migration, kind, i, items->v[i], STR("")) != 0)
            return -1;
    return 0;
}

int dts_put_renames(struct world *w, int64_t migration, const struct rename_restore_database_list *renames)
{
    if (clear_items(w, migration, "rename") != 0)
        return -1;
    for (size_t i = 0; i < renames->n; i++)
        if (put_item(w, migration, "rename", i, renames->v[i].old_name, renames->v[i].new_name) != 0)
            return -1;
    return 0;
}

/* --- a migration --- */

/* What the row has of it; the lists are in migration_item. */
static void read_spec(struct stmt *s, struct arena *a, struct dts_spec *spec)
{
    spec->name = stmt_str(s, a, "name");
    spec->type = stmt_i64(s, "type");
    spec->source_type = stmt_i64(s, "source_type");
    spec->source = (struct migrate_source){.instance_id = stmt_str(s, a, "source_instance"),
                                           .cvm_id = stmt_str(s, a, "source_cvm"),
                                           .vpc_id = stmt_str(s, a, "source_vpc"),
                                           .subnet_id = stmt_str(s, a, "source_subnet"),
                                           .user_name = stmt_str(s, a, "source_user"),
                                           .ip = stmt_str(s, a, "source_ip"),
                                           .port = U64((uint64_t)stmt_i64(s, "source_port"))};
    spec->target_id = stmt_str(s, a, "target_id");
    spec->target_user = stmt_str(s, a, "target_user");
}

/* 1 and the row without its lists, 0 when there is none, -1 when the store failed. */
static int read_row(struct call *c, int64_t id, struct dts_task *ret_task)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT migration.*, instance.instance_id AS target_id,"
                " flow.id IS NOT NULL AND flow.outcome IS NULL AS copies FROM migration"
                " JOIN instance ON instance.id = migration.instance"
                " LEFT JOIN flow ON flow.id = migration.flow"
                " WHERE migration.id = :id AND migration.account = :account AND migration.region = :region"
                " AND migration.status <> " MIGRATION_STATUS_SQL_DELETED);
    stmt_bind_i64(s, ":id", id);
    call_bind_owner(c, s);
    int rc = stmt_step(s);
    if (rc != 1)
        return rc;
    *ret_task = (struct dts_task){.id = id,
                                  .target = stmt_i64(s, "instance"),
                                  .status = (enum migration_status)stmt_i64(s, "status"),
                                  .checked = (enum migration_check)stmt_i64(s, "checked"),
                                  .flow = stmt_i64(s, "flow"),
                                  .copies = stmt_i64(s, "copies") != 0};
    read_spec(s, c->arena, &ret_task->spec);
    return 1;
}

int dts_get(struct call *c, int64_t id, struct dts_task *ret_task)
{
    int rc = read_row(c, id, ret_task);
    if (rc == 0)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "migration.not-found",
                                   "the account has no migration %lld in %.*s", (long long)id,
                                   STR_ARG(c->common.region));
    struct dts_spec *spec = &ret_task->spec;
    if (rc < 0 || dts_read_items(c->world, c->arena, id, "url", &spec->source.url) != 0 ||
        dts_read_items(c->world, c->arena, id, "database", &spec->databases) != 0 ||
        read_renames(c, id, &spec->renames) != 0)
        return call_fail_store(c);
    return 0;
}

bool dts_is_idle(const struct dts_task *task)
{
    return task->status != MIGRATION_STATUS_RUNNING && task->status != MIGRATION_STATUS_STOPPING &&
           task->status != MIGRATION_STATUS_COMPLETING && task->checked != MIGRATION_CHECK_RUNNING;
}

/* One that could not be stopped or completed has made its databases, and can only be stopped, completed or
 * deleted. */
bool dts_is_ready(const struct dts_task *task)
{
    return task->checked != MIGRATION_CHECK_RUNNING &&
           (task->status == MIGRATION_STATUS_CREATED || task->status == MIGRATION_STATUS_FAILED ||
            task->status == MIGRATION_STATUS_STOPPED);
}

int dts_reject_status(struct call *c, enum error_id code, const struct dts_task *task)
{
    return call_fail_explained(c, code, "migration.status",
                               "migration %lld has the status %d and the CheckFlag %d, which do not allow"
                               " this",
                               (long long)task->id, (int)task->status, (int)task->checked);
}

/* The check is for source instances only (documented); the code for others is assumed. */
int dts_reject_no_check(struct call *c, const struct dts_task *task)
{
    return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "migration.no-check",
                               "the SourceType of migration %lld is not 1", (long long)task->id);
}

/* --- the databases on the target --- */

/* Runs and releases a statement about a migration. */
static int run(struct stmt *taken, int64_t migration)
{
    __attribute__((cleanup(stmt_release))) struct stmt *s = taken;
    stmt_bind_i64(s, ":migration", migration);
    return stmt_run(s);
}

#define WAITING                                                                                              \
    " WHERE instance = (SELECT instance FROM migration WHERE id = :migration)"                               \
    " AND name IN (SELECT text FROM migration_item WHERE migration = :migration AND kind = 'made')"          \
    " AND status = " DATABASE_STATUS_SQL_CREATING

int dts_release_databases(struct world *w, int64_t migration)
{
    return run(stmt_get(w->db, "UPDATE database SET status = " DATABASE_STATUS_SQL_NORMAL WAITING),
               migration);
}

int dts_drop_databases(struct world *w, int64_t migration)
{
    return run(stmt_get(w->db, "DELETE FROM database" WAITING), migration);
}
