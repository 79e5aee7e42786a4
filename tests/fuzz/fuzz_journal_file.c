/* Fuzzes the journal's file: a damaged or edited one is rejected with a sentence, or calls are answered and
 * written to it as far as that is possible. */
#include "demand.h"
#include "image.h"
#include "sample_world.h"

#include "core/journal_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run(struct world *w, struct arena *a, const char *action, const char *body)
{
    struct sample_request r = sample_request(w, registry_find_action(w->registry, str_from(action)));
    struct call c;
    r.fields = str_from(body);
    sample_prepare(&c, w, a, &r);
    sample_run(&c);
    demand(c.answer.n > 0, "a call is answered");
}

/* The journal of the sample world gets the file for this input. */
static void use_file(struct arena *a)
{
    struct world *w = sample_world();
    struct journal *j = w->journal;
    struct str problem = {NULL, 0};
    if (journal_file_open(a, image_path(), j, &problem) != DB_OPEN_OK) {
        demand(problem.p != NULL, "a rejected file has a problem");
        return;
    }
    journal_file_write(j->file, j);
    run(w, a, "CreateBackup", "{\"InstanceId\":\"" SAMPLE_INSTANCE "\",\"Strategy\":0}");
    run(w, a, "DescribeFlowStatus", "{\"FlowId\":\"no number\"}");
    journal_file_write(j->file, j);
    (void)journal_clear(j);
    run(w, a, "DescribeFlowStatus", "{\"FlowId\":5293}");
    journal_file_close(j->file, j);
    j->file = NULL;
    j->next_serial = 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return image_fuzz(data, size, use_file);
}
