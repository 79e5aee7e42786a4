/*
 * What the signature doctor costs: ninja -C BUILD tests/bench/bench_doctor, then run it.
 *
 * Prints the time of one examination for signatures that nobody made, so that the whole of the search is
 * walked: single mistakes alone, and pairs besides; and how many of them were given a name, which must be
 * none.
 */
#include "trial_call.h"

#include <stdio.h>
#include <time.h>

#include "doctor/doctor.h"
#include "doctor/search.h"

enum { ROUNDS = 10000, WARM = 50 };

static const char hex[] = "0123456789abcdef";

/* Of the processor: the machine may have other things to do. */
static int64_t busy_ns(void)
{
    struct timespec ts;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* A refused call with a signature by chance. */
static void refuse(struct trial *t, struct trial_request *r, const char *signed_headers)
{
    char signature[SHA256_HEX + 1] = "";
    arena_reset(&t->arena);
    for (size_t i = 0; i < SHA256_HEX; i++)
        signature[i] = hex[rng_next(&t->world.rng) & 15];
    r->authorization =
        arena_printf(&t->arena,
                     "TC3-HMAC-SHA256 Credential=%s/%s/sqlserver/tc3_request, SignedHeaders=%s, Signature=%s",
                     TRIAL_ID, r->date, signed_headers, signature)
            .p;
    (void)trial_run(t, r);
    assert_int_equal(t->call.error, ERR_AUTH_FAILURE_SIGNATURE_FAILURE);
}

static void measure(struct trial *t, const char *title, const char *signed_headers)
{
    struct trial_request r = trial_post(
        "CreateBackup", "{\"InstanceId\":\"mssql-njj2mtpl\",\"Strategy\":1,\"DBNames\":[\"db1\",\"db2\"]}");
    int64_t all_ns = 0;
    size_t named = 0;
    r.host = "127.0.0.1:8328";
    for (int i = 0; i < ROUNDS + WARM; i++) {
        struct diagnosis d;
        refuse(t, &r, signed_headers);
        const int64_t from = busy_ns();
        (void)doctor_examine(&t->call, &d);
        all_ns += i < WARM ? 0 : busy_ns() - from;
        named += d.n_found > 0;
    }
    printf("%-34s %6.3f ms, %zu of %d named\n", title, (double)all_ns / ROUNDS / 1e6, named, ROUNDS);
}

static void measure_singles(struct trial *t)
{
    struct trial_request r = trial_post("CreateBackup", "{\"InstanceId\":\"mssql-njj2mtpl\"}");
    int64_t all_ns = 0;
    r.host = "127.0.0.1:8328";
    for (int i = 0; i < ROUNDS + WARM; i++) {
        struct patient p;
        refuse(t, &r, "content-type;host");
        const int64_t from = busy_ns();
        (void)patient_init(&p, &t->call);
        (void)search_single(&p);
        patient_done(&p);
        all_ns += i < WARM ? 0 : busy_ns() - from;
    }
    printf("%-34s %6.3f ms\n", "every single mistake", (double)all_ns / ROUNDS / 1e6);
}

int main(void)
{
    void *state = NULL;
    if (trial_setup(&state) != 0)
        return 1;
    measure_singles(state);
    measure(state, "and every pair", "content-type;host");
    measure(state, "and every pair, values in capitals", "content-type;host;x-tc-action");
    return trial_teardown(&state);
}
