/* The window is read from the backups that there are, not kept: retention moves its start all the time. */
#include "product/sqlserver/rollbackwindow.h"

#include "gen/sqlserver.h"

static int64_t whole_second(int64_t ms)
{
    return ms - ms % 1000;
}

/* The index of an instance's backups by their start ends the search at the first that holds the database. */
int rollback_window_of(struct call *c, const struct instance *instance, struct str database,
                       struct rollback_window *ret_window)
{
    int64_t now = world_now_ms(c->world), kept_from = now - instance->keep_ms;
    DB_STMT(s, c->world->db,
            "SELECT CASE WHEN created_ms >= :from THEN created_ms ELSE"
            " (SELECT end_ms FROM backup JOIN flow_database held"
            " ON held.flow = backup.flow AND held.name = database.name"
            " WHERE backup.instance = database.instance AND backup.status = 1 AND start_ms > :from"
            " ORDER BY start_ms LIMIT 1) END AS start"
            " FROM database WHERE instance = :instance AND name = :name AND status IN (2, 3)");
    stmt_bind_i64(s, ":from", kept_from);
    stmt_bind_i64(s, ":instance", instance->row);
    stmt_bind_str(s, ":name", database);
    int rc = stmt_step(s);
    if (rc < 0)
        return call_fail_store(c);
    if (rc == 0 || stmt_is_null(s, "start"))
        return 0;
    *ret_window = (struct rollback_window){whole_second(stmt_i64(s, "start")), whole_second(now)};
    return 1;
}

static struct db_rollback_time_info shown(struct call *c, struct str name,
                                          const struct rollback_window *window)
{
    return (struct db_rollback_time_info){.db_name = name,
                                          .start_time = time_beijing(c->arena, window->start_ms),
                                          .end_time = time_beijing(c->arena, window->end_ms)};
}

/* The action has no DBNotFound: a database that is not there is left out (assumed). */
int describe_rollback_time(struct call *c, const struct describe_rollback_time_in *in,
                           struct describe_rollback_time_out *out)
{
    struct instance instance;
    struct rollback_window window;
    if (instance_get(c, in->instance_id, &instance) != 0)
        return -1;
    out->details = (struct db_rollback_time_info_list){
        ARENA_ARRAY(c->arena, struct db_rollback_time_info, in->dbs.n), 0, true};
    for (size_t i = 0; i < in->dbs.n; i++) {
        int rc = rollback_window_of(c, &instance, in->dbs.v[i], &window);
        if (rc < 0)
            return -1;
        if (rc > 0)
            out->details.v[out->details.n++] = shown(c, in->dbs.v[i], &window);
    }
    return 0;
}
