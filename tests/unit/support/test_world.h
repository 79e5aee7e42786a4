/*
 * A test world: a world in memory with a seed and a frozen clock. Tests of the core have the toy product in
 * it (support/toy_product.h), the others the products of the program, with calls to them that are signed as a
 * client signs them: a test takes a correct request and changes one thing.
 */
#ifndef VIRGA_TESTS_TEST_WORLD_H
#define VIRGA_TESTS_TEST_WORLD_H

#include "support/texts.h"

#include "core/call.h"
#include "core/flow.h"
#include "core/world.h"

/* The built-in world's, schema/world/default.json. */
#define TEST_UIN "100000000001"
#define TEST_ID "AKIDvirgaLocalEmulatorKeyEXAMPLE0001"
#define TEST_KEY "virgaLocalEmulatorSecretEXAMPLE1"
#define TEST_INSTANCE "mssql-njj2mtpl"
#define TEST_HOST "sqlserver.tencentcloudapi.com"
#define TEST_REGION "ap-guangzhou"

/* 2026-01-01 00:00:00 in Beijing. */
#define TEST_NOW INT64_C(1767196800000)
/* How long a flow of the first kind takes in a test world: of sqlserver a backup. */
enum { TEST_FLOW_MS = 2000, TEST_HEADERS = 12 };

/* The products of the test world. */
extern const struct registry *const test_registry;

struct test_world {
    struct arena arena; /* of everything but the world, until the end of the test */
    struct world world;
    struct call call; /* the last one */
    char folder[64];  /* of the test's own files; removed at its end */
    char path[96];    /* of a database in it */
};

/* What a client sends. NULL leaves the header or the field out. */
struct test_world_request {
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
void test_world_open(struct test_world *t, const struct settings *settings);
/* The settings of test_world_setup, to change. */
struct settings test_world_settings(void);
int test_world_setup(void **state);
/* The same, kept in the file t->path. */
int test_world_setup_file(void **state);
/* Without a world: the test opens it, and test_world_teardown closes it. */
int test_world_setup_folder(void **state);
int test_world_teardown(void **state);
/* Ends the world and opens it again with these settings. */
void test_world_reopen(struct test_world *t, const struct settings *settings);
enum world_fault test_world_try_open(struct test_world *t, const struct settings *settings,
                                     struct str *ret_problem);

/* Writes a file in the test world's folder and returns its path. */
const char *test_world_write(struct test_world *t, const char *name, const char *text);

/* The JSON text with ' for ". */
const char *test_world_json(struct test_world *t, const char *text);
/* Adds to the built-in account what "regions" of a world file says; with ' for ". */
void test_world_add_regions(struct test_world *t, const char *regions);
/* Adds an instance with databases, named with commas between them; everything else as by default. */
void test_world_add_instance(struct test_world *t, const char *instance_id, const char *databases);

/* A right POST in version 3, a right GET, and a right form in version 1. */
struct test_world_request test_world_post(const char *action, const char *body);
struct test_world_request test_world_get(const char *action, const char *query);
struct test_world_request test_world_form(const char *action, const char *fields);

/* Makes t->call ready as the server does, not run yet. */
void test_world_prepare(struct test_world *t, const struct test_world_request *r);
void test_world_prepare_v1(struct test_world *t, const struct test_world_request *r);
/* Runs the pipeline on it. The answer's code, or "" when the call was done. */
const char *test_world_pipeline(struct test_world *t);
/* Both. */
const char *test_world_run(struct test_world *t, const struct test_world_request *r);
const char *test_world_run_v1(struct test_world *t, const struct test_world_request *r);

/* A CreateBackup with that body; the code, or "". */
const char *test_world_backup(struct test_world *t, const char *body);
/* Its state: 0 succeeded, 2 running; -1 when DescribeFlowStatus refuses. */
int64_t test_world_flow_state(struct test_world *t, int64_t flow_id);
/* The FlowId that the last call answered. */
int64_t test_world_flow_id(const struct test_world *t);

/* The one number, as "n", that a query gives. */
#define test_world_count(t, sql) test_world_count_of(stmt_get((t)->world.db, "" sql))
int64_t test_world_count_of(struct stmt *s);

/* The whole text of a stream, which ends with it. */
struct str test_world_text(struct test_world *t, struct stream *stream);

/* The last call ended at this step with this code. */
#define test_world_assert_failed(t, end_step, end_code)                                                      \
    do {                                                                                                     \
        assert_string_equal((t)->call.failed_step ? (t)->call.failed_step : "(none)", (end_step));           \
        assert_text(error_table[(t)->call.error].code, (end_code));                                          \
    } while (0)

#endif
