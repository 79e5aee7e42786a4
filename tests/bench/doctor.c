/*
 * Measures the signature doctor: ninja -C BUILD tests/bench/bench_doctor, then run it.
 *
 * Prints the median and the longest time of one diagnosis for random signatures, so that each search tries
 * everything: single mistakes only, pairs too, and the largest requests; and how many were explained by a
 * mistake, which must be none.
 */
#include "support/test_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "base/limits.h"
#include "diagnosis/diagnose.h"
#include "diagnosis/search.h"

enum { ROUNDS = 10000, ROUNDS_LARGE = 200, WARM = 10 };

static const char hex[] = "0123456789abcdef";

struct scenario {
    const char *title, *signed_headers;
    struct test_world_request request;
    int rounds;
    bool v1, singles;
};

/* Processor time, because the machine may do other work meanwhile. */
static int64_t cpu_ns(void)
{
    struct timespec ts;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* A refused call with a random signature. */
static void reject(struct test_world *t, const struct scenario *c)
{
    struct test_world_request r = c->request;
    char signature[SHA256_HEX + 1] = "";
    arena_reset(&t->arena);
    for (size_t i = 0; i < SHA256_HEX; i++)
        signature[i] = hex[rng_next(&t->world.rng) & 15];
    r.signature = signature;
    r.authorization =
        arena_printf(&t->arena,
                     "TC3-HMAC-SHA256 Credential=%s/%s/sqlserver/tc3_request, SignedHeaders=%s, Signature=%s",
                     TEST_ID, r.date, c->signed_headers, signature)
            .p;
    (void)(c->v1 ? test_world_run_v1(t, &r) : test_world_run(t, &r));
    if (t->call.error == ERR_AUTH_FAILURE_SIGNATURE_FAILURE)
        return;
    printf("%s: %.*s\n", c->title, STR_ARG(t->call.message));
    exit(1);
}

static bool search_singles(struct test_world *t)
{
    struct diagnosis_case dc;
    (void)case_init(&dc, &t->call);
    const bool found = search_single(&dc) != NULL;
    case_done(&dc);
    return found;
}

static bool run_diagnosis(struct test_world *t)
{
    struct diagnosis d = {0};
    (void)diagnose(&t->call, &d);
    return d.found;
}

static int compare_times(const void *left, const void *right)
{
    const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static void measure(struct test_world *t, const struct scenario *c)
{
    int64_t *ns = calloc((size_t)c->rounds, sizeof *ns);
    int found = 0;
    assert_non_null(ns);
    for (int i = -WARM; i < c->rounds; i++) {
        reject(t, c);
        const int64_t from = cpu_ns();
        found += c->singles ? search_singles(t) : run_diagnosis(t);
        ns[i < 0 ? 0 : i] = cpu_ns() - from;
    }
    qsort(ns, (size_t)c->rounds, sizeof *ns, compare_times);
    printf("%-34s %8.3f ms %8.3f ms %d of %d found\n", c->title, (double)ns[c->rounds / 2] / 1e6,
           (double)ns[c->rounds - 1] / 1e6, found, c->rounds);
    free(ns);
}

/* A piece repeated up to a size, between two characters. */
static const char *repeated(char before, const char *piece, char after, size_t size)
{
    const size_t step = strlen(piece);
    char *text = calloc(1, size + 2);
    size_t n = 0;
    assert_non_null(text);
    text[n++] = before;
    for (; n + step < size; n += step)
        memcpy(text + n, piece, step);
    text[before == '[' ? n - 1 : n] = after; /* in place of the last comma */
    return text;
}

static struct test_world_request post(const char *body)
{
    struct test_world_request r = test_world_post("CreateBackup", body);
    r.host = "127.0.0.1:8328";
    return r;
}

static struct test_world_request get(const char *query)
{
    struct test_world_request r = test_world_get("CreateBackup", query);
    r.host = "127.0.0.1:8328";
    return r;
}

static void measure_small(struct test_world *t)
{
    const struct test_world_request r =
        post("{\"InstanceId\":\"mssql-njj2mtpl\",\"Strategy\":1,\"DBNames\":[\"db1\",\"db2\"]}");
    const struct test_world_request v1 =
        test_world_form("CreateBackup", "InstanceId=mssql-njj2mtpl&Strategy=1&");
    const struct scenario scenarios[] = {
        {"every single mistake", "content-type;host", r, ROUNDS, false, true},
        {"and every pair", "content-type;host", r, ROUNDS, false, false},
        {"the same, values in capitals", "content-type;host;x-tc-action", r, ROUNDS, false, false},
        {"version 1, every single mistake", "", v1, ROUNDS, true, true},
        {"and every pair", "", v1, ROUNDS, true, false},
    };
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++)
        measure(t, &scenarios[i]);
}

/* The largest requests of each form. The texts are never freed. */
static void measure_large(struct test_world *t)
{
    const char *json = "{\"a/b\":\"\\u00e9<\",\"b\":[1,2]},", *two = "content-type;host";
    const size_t most = 10 * 1024 * 1024;
    const struct scenario scenarios[] = {
        {"JSON of 4 KiB", two, post(repeated('[', json, ']', 4096)), ROUNDS_LARGE, false, false},
        {"JSON of 64 KiB", two, post(repeated('[', json, ']', LIMIT_DOCTOR_BODY)), ROUNDS_LARGE, false,
         false},
        {"JSON of 10 MiB", two, post(repeated('[', json, ']', most)), ROUNDS_LARGE, false, false},
        {"a GET of 30 KiB", two, get(repeated('x', "=a+c%2f&b", '=', 30 * 1024)), ROUNDS_LARGE, false, false},
        {"version 1, a form of 60 KiB", "",
         test_world_form("CreateBackup", repeated('x', ".0=b+c%2f&b", '=', 60 * 1024)), ROUNDS_LARGE, true,
         false},
        {"version 1, a form of 1000 KiB", "",
         test_world_form("CreateBackup", repeated('x', ".0=b+c%2f&b", '=', 1000 * 1024)), ROUNDS_LARGE, true,
         false},
    };
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++)
        measure(t, &scenarios[i]);
}

int main(void)
{
    void *state = NULL;
    if (test_world_setup(&state) != 0)
        return 1;
    printf("%-34s %11s %11s\n", "", "median", "longest");
    measure_small(state);
    measure_large(state);
    return test_world_teardown(&state);
}
