/* Fuzzes the state's file: a damaged or edited one is rejected with a sentence, or calls to its world are
 * answered. */
#include "demand.h"
#include "image.h"
#include "sample_world.h"

#include "base/log.h"
#include "gen/products.h"
#include "wire/encode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run(struct world *w, struct arena *a, const char *action, const char *body)
{
    struct sample_request r = sample_request(w, registry_find_action(w->registry, str_from(action)));
    struct call c;
    struct node *tree;
    r.fields = str_from(body);
    sample_prepare(&c, w, a, &r);
    sample_run(&c);
    demand(fault_suppresses_response(&c.effect) || json_parse(a, c.answer, &tree, NULL) == 0,
           "a call is answered");
}

static void run_calls(struct world *w, struct arena *a)
{
    run(w, a, "CreateBackup", "{\"InstanceId\":\"" SAMPLE_INSTANCE "\",\"Strategy\":0}");
    run(w, a, "DescribeDBInstances", "{}");
    run(w, a, "DescribeFlowStatus", "{\"FlowId\":5293}");
    clock_advance(&w->clock, INT64_C(3600) * 1000);
    run(w, a, "DescribeBackups",
        "{\"InstanceId\":\"" SAMPLE_INSTANCE
        "\",\"StartTime\":\"2025-01-01 00:00:00\",\"EndTime\":\"2026-12-31 00:00:00\"}");
    run(w, a, "DescribeDBs", "{\"InstanceIdSet\":[\"" SAMPLE_INSTANCE "\"]}");
    run(w, a, "RestoreInstance", "{\"InstanceId\":\"" SAMPLE_INSTANCE "\",\"BackupId\":1}");
    (void)world_commit(w);
}

static enum world_fault open_world(struct world *w)
{
    struct settings settings = sample_settings();
    struct str problem = {NULL, 0};
    settings.db_path = image_path();
    log_setup(LOG_TEXT, LOG_ERROR + 1);
    const enum world_fault fault = world_init(w, &settings, &all_products, &problem);
    demand(fault == WORLD_OK || problem.p, "a rejected file has a problem");
    return fault;
}

static void use_file(struct arena *a)
{
    struct world w;
    if (open_world(&w) == WORLD_OK)
        run_calls(&w, a);
    world_done(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return image_fuzz(data, size, use_file);
}
