/* Fuzzes the endpoints file: what is read can be written and read again, and is the same. */
#include "demand.h"
#include "input.h"

#include "cli/endpoints.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_text(struct arena *a, struct str text, struct endpoints *ret_e)
{
    char path[64];
    struct str problem = {NULL, 0};
    const int fd = memfd_create("endpoints", 0);
    demand(fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n, "a file is written");
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    const int rc = endpoints_read(a, path, ret_e, &problem);
    (void)close(fd);
    demand(rc == 0 || problem.p, "a rejected file has a problem");
    return rc;
}

static void check_same(const struct endpoints *a, const struct endpoints *b)
{
    demand(a->pid == b->pid, "the process stays");
    demand(str_eq(a->endpoint, b->endpoint) && str_eq(a->control, b->control), "addresses stay");
    demand(str_eq(a->secret_id, b->secret_id) && str_eq(a->secret_key, b->secret_key), "keys stay");
    demand(str_eq(a->region, b->region) && str_eq(a->instance, b->instance), "names stay");
    demand(str_eq(a->db, b->db) && str_eq(a->unix_socket, b->unix_socket), "paths stay");
    demand(str_eq(a->tls_endpoint, b->tls_endpoint) && str_eq(a->ca_file, b->ca_file), "TLS stays");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct endpoints e, again;
    arena_init(&a);
    if (read_text(&a, (struct str){(const char *)data, size}, &e) == 0) {
        demand(read_text(&a, endpoints_text(&a, &e), &again) == 0, "what was written is read");
        check_same(&e, &again);
        demand(str_ends(endpoints_console(&a, e.endpoint), STR("/_virga/")), "the console has an address");
        (void)endpoints_taken(&e);
    }
    arena_done(&a);
    return 0;
}
