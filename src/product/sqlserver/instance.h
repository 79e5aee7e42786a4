/*
 * Instances: finding the caller's instance, and deciding whether it accepts a task or a change.
 *
 * Nearly every action begins with instance_get. An instance of another account or region does not exist for
 * the caller.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_INSTANCE_H
#define VIRGA_PRODUCT_SQLSERVER_INSTANCE_H

#include "core/call.h"
#include "gen/sqlserver.h"
#include "gen/sqlserver_enums.h"

/* The text in place of a time that is not known yet, or never will be (documented by example). */
#define NO_TIME STR("0000-00-00 00:00:00")

/* A condition for a SELECT from `instance`: its backups have one file for each database. */
#define INSTANCE_SINGLE_FILES "backup_model IN ('master_no_pkg', 'slave_no_pkg')"

/* A column of a SELECT from `instance`: the end of the paid time of one that is paid in advance. */
#define INSTANCE_PAID_UNTIL "coalesce(paid_until_ms, created_ms + 2592000000)"

/* The service has a number and a name for each network. The number here is a hash of the name, so that equal
 * names have equal numbers; it has as many digits as `least`. The classic network is 0 (documented). */
int64_t instance_network_number(struct str name, int64_t least);

struct instance {
    int64_t row; /* its id in the store */
    struct str instance_id;
    struct str region;
    enum instance_status status; /* as stored: never INSTANCE_STATUS_TASK_RUNNING */
    int64_t running;             /* number of running flows */
    int64_t port;
    bool single_files; /* its backups have one file for each database, not one archive */
    bool ignore_case;  /* its collation: names of databases that differ by case are one name */
    bool single_node;  /* its type is SI or BI */
    bool read_only;    /* its type is RO or cvmRO */
    int64_t keep_ms;   /* how long its backups are kept */
};

/* Days of retention in milliseconds. Days out of the range of the world file, from a state file that was
 * edited by hand, become the nearest in it. */
int64_t instance_keep_ms(int64_t save_days);

/* The start of a maintenance window, "HH:MM", as milliseconds since midnight. -1 for anything else. */
int maintenance_parse(struct str start, int64_t *ret_ms);

/* A new id of an instance or of what belongs to one: the prefix and 8 letters or digits of the world's random
 * numbers. 36^8 make a second one unlikely; the caller or a key of the store refuses it. */
struct str resource_id_new(struct call *c, const char *prefix);

/* Days of the week, 1 Monday to 7 Sunday, as they are stored: day 1 is bit 0. Other numbers in a list have no
 * bit. No bit at all stands for every day. */
struct i64_list weekdays_of_bits(struct arena *a, int64_t bits);
unsigned weekdays_to_bits(const struct i64_list *days);

/* The caller's instance with that id in the call's region. -1 after failing the call: InstanceNotFound (see
 * reject_no_instance), or the store's error. */
int instance_get(struct call *c, struct str instance_id, struct instance *ret_instance);

/* 1 when one of the running flows is the automatic backup, 0 when none is, -1 after failing the call. */
int instance_runs_automatic(struct call *c, const struct instance *instance);

/* --- accepting a task or a change ---
 *
 * Each function returns 0, or -1 after failing the call because of the instance's status or of the tasks that
 * run on it. */

/* In which state of the instance an action works. */
enum accept {
    ACCEPT_TASK,      /* normal status, and fewer than five tasks: for a task */
    ACCEPT_SOLE_TASK, /* normal status, and no task: for a task that must run alone */
    ACCEPT_CHANGE,    /* normal status, whatever runs: for a change that is no task */
    ACCEPT_ANY,       /* every status */
};

/* Fails with `code`. */
int instance_accept(struct call *c, const struct instance *instance, enum accept accept, enum error_id code);
/* The same for an action that needs one of several statuses, bit N for the status N, and no task. */
int instance_accept_statuses(struct call *c, const struct instance *instance, uint32_t statuses,
                             enum error_id code);

/* Fails a read-only instance with NotSupportRoInstance, where the action declares it. */
int instance_accept_writable(struct call *c, const struct instance *instance);

/* instance_accept with InstanceStatusInvalid. */
int instance_accept_task(struct call *c, const struct instance *instance);
int instance_accept_sole_task(struct call *c, const struct instance *instance);
int instance_accept_change(struct call *c, const struct instance *instance);
/* A task of an action that does not declare that code: DBInvalidStatus (assumed). */
int instance_accept_database_task(struct call *c, const struct instance *instance);

#endif
