/*
 * A trial: a world in memory with a seed and a frozen clock, and calls to it that are signed as a client
 * signs them. A test takes a right request and breaks one thing.
 */
#ifndef VIRGA_TESTS_TRIAL_CALL_H
#define VIRGA_TESTS_TRIAL_CALL_H

#include "texts.h"

#include "core/call.h"
#include "core/flow.h"
#include "core/life.h"

/* The built-in world's, schema/world/default.json. */
#define TRIAL_UIN "100000000001"
#define TRIAL_ID "AKIDvirgaLocalEmulatorKeyEXAMPLE0001"
#define TRIAL_KEY "virgaLocalEmulatorSecretEXAMPLE1"
#define TRIAL_INSTANCE "mssql-njj2mtpl"
#define TRIAL_HOST "sqlserver.tencentcloudapi.com"
#define TRIAL_REGION "ap-guangzhou"

/* 2026-01-01 00:00:00 in Beijing. */
#define TRIAL_NOW INT64_C(1767196800000)
/* How long a backup takes in a trial. */
enum { TRIAL_FLOW_MS = 2000, TRIAL_HEADERS = 12 };

struct trial {
    struct arena arena; /* of everything but the world, until the end of the test */
    struct world world;
    struct call call; /* the last one */
    char folder[64];  /* of the test's own files; removed at its end */
    char path[96];    /* of a database in it */
};

/* What a client sends. NULL leaves the header or the field out. */
struct trial_request {
    const char *method, *host, *content_type, *query, *body;
    const char *action, *version, *region, *timestamp, *language;
    const char *secret_id, *nonce; /* version 1 has them as fields */
    const char *signature_method;  /* version 1 */
    const char *token, *payload;   /* payload: X-TC-Content-SHA256 */
    const char *authority;         /* of an absolute-form target */

    /* What it is signed with. */
    const char *key, *date, *service;
    const char *signed_host;   /* NULL: the host as sent */
    const char *authorization; /* instead of the right one, as it is */
    const char *signature;     /* version 1: the same */
};

/* A seeded world in memory; `settings` names what differs. Fails the test when it cannot be made. */
void trial_open(struct trial *t, const struct settings *settings);
/* The settings of trial_setup, to change. */
struct settings trial_settings(void);
int trial_setup(void **state);
/* The same, kept in the file t->path. */
int trial_setup_file(void **state);
/* Without a world: the test opens it, and trial_teardown closes it. */
int trial_setup_folder(void **state);
int trial_teardown(void **state);
/* Ends the world and opens it anew with these settings. */
void trial_reopen(struct trial *t, const struct settings *settings);
enum world_fault trial_try_open(struct trial *t, const struct settings *settings, struct str *ret_why);

/* A file in the trial's folder; its path. */
const char *trial_write(struct trial *t, const char *name, const char *text);

/* The JSON text with ' for ". */
const char *trial_json(struct trial *t, const char *text);
/* Adds to the built-in account what "regions" of a world file says; with ' for ". */
void trial_add_regions(struct trial *t, const char *regions);
/* Adds an instance with databases, named with commas between them; everything else as by default. */
void trial_add_instance(struct trial *t, const char *instance_id, const char *databases);

/* A right POST in version 3, a right GET, and a right form in version 1. */
struct trial_request trial_post(const char *action, const char *body);
struct trial_request trial_get(const char *action, const char *query);
struct trial_request trial_form(const char *action, const char *fields);

/* Makes t->call ready as the server does, not run yet. */
void trial_prepare(struct trial *t, const struct trial_request *r);
void trial_prepare_v1(struct trial *t, const struct trial_request *r);
/* Runs the pipeline on it. The answer's code, or "" when the call was done. */
const char *trial_pipeline(struct trial *t);
/* Both. */
const char *trial_run(struct trial *t, const struct trial_request *r);
const char *trial_run_v1(struct trial *t, const struct trial_request *r);

/* A CreateBackup with that body; the code, or "". */
const char *trial_backup(struct trial *t, const char *body);
/* Its state: 0 succeeded, 2 running; -1 when DescribeFlowStatus refuses. */
int64_t trial_flow_state(struct trial *t, int64_t flow_id);
/* The FlowId that the last call answered. */
int64_t trial_flow_id(const struct trial *t);

/* The one number, as "n", that a query gives. */
#define trial_count(t, sql) trial_count_of(stmt_get((t)->world.db, "" sql))
int64_t trial_count_of(struct stmt *s);

/* The last call ended at this step with this code. */
#define trial_assert_failed(t, end_step, end_code)                                                           \
    do {                                                                                                     \
        assert_string_equal((t)->call.failed_step ? (t)->call.failed_step : "(none)", (end_step));           \
        assert_text(error_table[(t)->call.error].code, (end_code));                                          \
    } while (0)

#endif
