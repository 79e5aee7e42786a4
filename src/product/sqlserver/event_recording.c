/* StartInstanceXEvent and CutXEvents: which events an instance records, and the files that they go to. */
#include "product/sqlserver/change.h"
#include "product/sqlserver/log_file.h"

/* Begins the file of the kind, or ends it. */
static int record(struct call *c, const struct instance *instance, enum log_file_kind kind, bool on)
{
    int rc = on ? log_file_begin(c->world, instance->row, kind) : log_file_end(c->world, instance->row, kind);
    return rc == 0 ? 0 : call_fail_store(c);
}

/* --- StartInstanceXEvent --- */

/* One threshold: `blocked` is for blocked processes and deadlocks (documented). A file that is being written
 * goes on when only the threshold changes (assumed). */
static int configure(struct call *c, const struct instance *instance, const struct event_config *config)
{
    bool on = config->threshold.v > 0, slow = str_eq(config->event_type, STR("slow"));
    enum instance_field field = slow ? INSTANCE_FIELD_SLOW_MS : INSTANCE_FIELD_BLOCKED_MS;
    if (instance_set(c, instance, field, FIELD_NUMBER(config->threshold.v)) != 0)
        return -1;
    if (slow)
        return record(c, instance, LOG_FILE_KIND_SLOW, on);
    return record(c, instance, LOG_FILE_KIND_BLOCKED, on) == 0
               ? record(c, instance, LOG_FILE_KIND_DEADLOCK, on)
               : -1;
}

/* The schema allows one or two elements. */
int start_instance_x_event(struct call *c, const struct start_instance_x_event_in *in,
                           struct start_instance_x_event_out *out)
{
    const struct event_config *v = in->event_config.v;
    struct instance instance;
    (void)out; /* only the RequestId */
    if (in->event_config.n == 2 && str_eq(v[0].event_type, v[1].event_type))
        return call_fail_explained(c, ERR_INVALID_PARAMETER_PARAMS_ASSERT_FAILED, "parameter.repeated",
                                   "EventConfig has two thresholds for %.*s", STR_ARG(v[0].event_type));
    if (instance_get(c, in->instance_id, &instance) != 0 || instance_accept_change(c, &instance) != 0)
        return -1;
    for (size_t i = 0; i < in->event_config.n; i++)
        if (configure(c, &instance, &v[i]) != 0)
            return -1;
    return 0;
}

/* --- CutXEvents --- */

/* 1 when the instance records blocked processes and deadlocks, 0 when not, -1 after failing the call. */
static int records_blocked(struct call *c, const struct instance *instance)
{
    SCOPED_STMT(s, c->world->db, "SELECT 1 FROM instance WHERE id = :instance AND blocked_ms > 0");
    stmt_bind_i64(s, ":instance", instance->row);
    return call_step(c, s);
}

static int cut(struct call *c, const struct instance *instance, enum log_file_kind kind)
{
    return record(c, instance, kind, false) == 0 ? record(c, instance, kind, true) : -1;
}

/* Without a recording there is no file to end: NotSupport (assumed). */
int cut_x_events(struct call *c, const struct cut_x_events_in *in, struct cut_x_events_out *out)
{
    struct instance instance;
    (void)out; /* only the RequestId */
    if (instance_get(c, in->instance_id, &instance) != 0 ||
        instance_accept(c, &instance, ACCEPT_CHANGE, ERR_FAILED_OPERATION_NOT_SUPPORT) != 0)
        return -1;
    int records = records_blocked(c, &instance);
    if (records == 0)
        return call_fail_explained(c, ERR_FAILED_OPERATION_NOT_SUPPORT, "events.off",
                                   "%.*s records no blocked processes; StartInstanceXEvent begins that",
                                   STR_ARG(instance.instance_id));
    if (records < 0 || cut(c, &instance, LOG_FILE_KIND_BLOCKED) != 0)
        return -1;
    return cut(c, &instance, LOG_FILE_KIND_DEADLOCK);
}
