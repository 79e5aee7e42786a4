/* The end of an instance: isolated into the recycle bin, brought back from it, or released. RecycleDBInstance
 * is a row of the schema. */
#include "product/sqlserver/explain.h"

/* --- TerminateDBInstance, RenewPostpaidDBInstance --- */

/* Sets the status; `isolated_ms` is 0 for an instance that leaves the recycle bin. */
static int set_isolated(struct call *c, const struct instance *instance, enum instance_status status,
                        int64_t isolated_ms)
{
    SCOPED_STMT(s, c->world->db,
                "UPDATE instance SET status = :status, isolated_ms = nullif(:isolated, 0), updated_ms = :now "
                "WHERE id = :id");
    stmt_bind_i64(s, ":status", status);
    stmt_bind_i64(s, ":isolated", isolated_ms);
    stmt_bind_i64(s, ":now", world_now_ms(c->world));
    stmt_bind_i64(s, ":id", instance->row);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

/* All or none: an instance that cannot be isolated fails the call. Also of instances that are paid in advance
 * (assumed). */
int terminate_db_instance(struct call *c, const struct terminate_db_instance_in *in,
                          struct terminate_db_instance_out *out)
{
    (void)out;
    for (size_t i = 0; i < in->instance_id_set.n; i++) {
        struct instance instance;
        if (instance_get(c, in->instance_id_set.v[i], &instance) != 0 ||
            instance_accept_sole_task(c, &instance) != 0 ||
            set_isolated(c, &instance, INSTANCE_STATUS_ISOLATED, world_now_ms(c->world)) != 0)
            return -1;
    }
    return 0;
}

/* 1 when it is paid in advance, 0 when not, -1 after failing the call. */
static int is_prepaid(struct call *c, const struct instance *instance)
{
    SCOPED_STMT(s, c->world->db, "SELECT 1 FROM instance WHERE id = :id AND pay_mode = 1");
    stmt_bind_i64(s, ":id", instance->row);
    return call_step(c, s);
}

/* Only of instances billed by use (documented): RenewDBInstance brings back the others. */
int renew_postpaid_db_instance(struct call *c, const struct renew_postpaid_db_instance_in *in,
                               struct renew_postpaid_db_instance_out *out)
{
    struct instance instance;
    (void)out;
    if (instance_get(c, in->instance_id, &instance) != 0 ||
        instance_accept_statuses(c, &instance, 1u << INSTANCE_STATUS_ISOLATED,
                                 ERR_RESOURCE_UNAVAILABLE_INSTANCE_STATUS_INVALID) != 0)
        return -1;
    int prepaid = is_prepaid(c, &instance);
    if (prepaid != 0)
        return prepaid < 0 ? -1
                           : call_fail_explained(c, ERR_RESOURCE_UNAVAILABLE_INSTANCE_STATUS_INVALID,
                                                 "instance.prepaid", "%.*s is paid in advance",
                                                 STR_ARG(instance.instance_id));
    return set_isolated(c, &instance, INSTANCE_STATUS_NORMAL, 0);
}

/* --- DeleteDBInstance --- */

/* A flow of a read-only instance would give it its old status back. */
static int check_copies(struct call *c, const struct instance *instance)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT instance.instance_id AS id FROM instance JOIN flow ON flow.instance = instance.id"
                " AND flow.outcome IS NULL WHERE instance.master = :master LIMIT 1");
    stmt_bind_i64(s, ":master", instance->row);
    int rc = stmt_step(s);
    if (rc <= 0)
        return rc == 0 ? 0 : call_fail_store(c);
    return call_fail_explained(c, ERR_RESOURCE_UNAVAILABLE_INSTANCE_STATUS_INVALID, "instance.busy",
                               "a task runs on its read-only instance %.*s",
                               STR_ARG(stmt_str(s, c->arena, "id")));
}

static int run(struct stmt *s, const struct instance *instance)
{
    stmt_bind_i64(s, ":instance", instance->row);
    return stmt_run(s);
}

/* Takes the instance and its read-only ones off the lists, and dissolves its publications and subscriptions
 * (assumed); the databases of the other side stay. The rows of instances stay for flows and orders. */
static int take_offline(struct call *c, const struct instance *instance)
{
    SCOPED_STMT(itself, c->world->db,
                "UPDATE instance SET status = " INSTANCE_STATUS_SQL_OFFLINE
                ", hidden = 1, updated_ms = :now WHERE id = :instance");
    SCOPED_STMT(copies, c->world->db,
                "UPDATE instance SET status = " INSTANCE_STATUS_SQL_OFFLINE
                ", hidden = 1, isolated_ms = :now, updated_ms = :now WHERE master = :instance");
    SCOPED_STMT(groups, c->world->db, "DELETE FROM ro_group WHERE instance = :instance");
    SCOPED_STMT(published, c->world->db, "DELETE FROM publication WHERE instance = :instance");
    SCOPED_STMT(subscribed, c->world->db, "DELETE FROM publication WHERE subscriber = :instance");
    stmt_bind_i64(itself, ":now", world_now_ms(c->world));
    stmt_bind_i64(copies, ":now", world_now_ms(c->world));
    return run(itself, instance) == 0 && run(copies, instance) == 0 && run(groups, instance) == 0 &&
                   run(published, instance) == 0 && run(subscribed, instance) == 0
               ? 0
               : call_fail_store(c);
}

/* The backups go with the instance (documented); their flows stay. */
static int delete_backups(struct call *c, const struct instance *instance)
{
    SCOPED_STMT(
        files, c->world->db,
        "DELETE FROM flow_database WHERE flow IN (SELECT flow FROM backup WHERE instance = :instance)");
    SCOPED_STMT(backups, c->world->db, "DELETE FROM backup WHERE instance = :instance");
    return run(files, instance) == 0 && run(backups, instance) == 0 ? 0 : call_fail_store(c);
}

/* The instance is offline at once, and so are its read-only ones (documented). That lists leave it out, and
 * that a call which names it still finds it, is assumed: Terraform waits until it is gone or offline. */
int delete_db_instance(struct call *c, const struct delete_db_instance_in *in,
                       struct delete_db_instance_out *out)
{
    struct instance instance;
    (void)out;
    if (instance_get(c, in->instance_id, &instance) != 0 ||
        instance_accept_statuses(c, &instance, 1u << INSTANCE_STATUS_ISOLATED,
                                 ERR_RESOURCE_UNAVAILABLE_INSTANCE_STATUS_INVALID) != 0 ||
        check_copies(c, &instance) != 0)
        return -1;
    return delete_backups(c, &instance) == 0 ? take_offline(c, &instance) : -1;
}
