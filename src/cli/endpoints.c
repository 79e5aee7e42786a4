#include "cli/endpoints.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/os.h"
#include "cli/output.h"
#include "wire/json.h"

/* The texts of the file by their keys, for writing and reading alike. */
static const struct key {
    struct str name;
    size_t at;
} keys[] = {
    {STR_INIT("endpoint"), offsetof(struct endpoints, endpoint)},
    {STR_INIT("control"), offsetof(struct endpoints, control)},
    {STR_INIT("local"), offsetof(struct endpoints, local)},
    {STR_INIT("secret_id"), offsetof(struct endpoints, secret_id)},
    {STR_INIT("secret_key"), offsetof(struct endpoints, secret_key)},
    {STR_INIT("region"), offsetof(struct endpoints, region)},
    {STR_INIT("instance"), offsetof(struct endpoints, instance)},
    {STR_INIT("db"), offsetof(struct endpoints, db)},
    {STR_INIT("tls_endpoint"), offsetof(struct endpoints, tls_endpoint)},
    {STR_INIT("ca_file"), offsetof(struct endpoints, ca_file)},
    {STR_INIT("unix_socket"), offsetof(struct endpoints, unix_socket)},
};

enum { KEYS = sizeof keys / sizeof keys[0] };

const char *endpoints_state_path(struct arena *a, const char *name)
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    if (state && *state)
        return arena_printf(a, "%s/virga/%s", state, name).p;
    if (home && *home)
        return arena_printf(a, "%s/.local/state/virga/%s", home, name).p;
    return NULL;
}

const char *endpoints_default_path(struct arena *a)
{
    return endpoints_state_path(a, "endpoints.json");
}

struct str endpoints_text(struct arena *a, const struct endpoints *e)
{
    struct buf b;
    buf_init(&b, a, 512, LIMIT_ENDPOINTS);
    output_json_open(&b, NULL, '{');
    for (size_t i = 0; i < KEYS; i++)
        output_json_text(&b, keys[i].name.p,
                         *(const struct str *)(const void *)((const char *)e + keys[i].at));
    output_json_number(&b, "pid", e->pid);
    output_json_end(&b, '}');
    return buf_str(&b);
}

int endpoints_write(struct arena *a, const char *path, const struct endpoints *e, struct str *ret_problem)
{
    file_sweep(a, path); /* what a start has left that was killed */
    return file_replace(a, path, endpoints_text(a, e), ret_problem);
}

/* A file of another program does not have one there. */
static bool is_url(struct str s)
{
    return str_starts(s, STR("http://")) || str_starts(s, STR("https://"));
}

/* The file exists but is not one that endpoints_write has written. */
static int reject(struct arena *a, const char *path, struct str *ret_problem)
{
    *ret_problem = arena_printf(a, "%s: not an endpoints file of virga", path);
    return -1;
}

int endpoints_read(struct arena *a, const char *path, struct endpoints *ret_e, struct str *ret_problem)
{
    struct endpoints e = {.pid = 0};
    struct node *root;
    struct str text;
    if (file_read(a, path, LIMIT_ENDPOINTS, &text, ret_problem) != 0)
        return -1;
    if (json_parse(a, text, &root, NULL) != 0 || root->kind != NODE_OBJECT)
        return reject(a, path, ret_problem);
    for (size_t i = 0; i < KEYS; i++) {
        const struct node *found = node_find(root, keys[i].name);
        struct str *value = (void *)((char *)&e + keys[i].at);
        if (found && found->kind == NODE_STRING)
            *value = found->text;
    }
    const struct node *pid = node_find(root, STR("pid"));
    if (!is_url(e.endpoint) || (e.local.p && !is_url(e.local)) || !pid || pid->kind != NODE_NUMBER ||
        !(pid->number >= 1 && pid->number <= INT32_MAX))
        return reject(a, path, ret_problem);
    e.pid = (int64_t)pid->number;
    *ret_e = e;
    return 0;
}

struct str endpoints_local(const struct endpoints *e)
{
    return e->local.p ? e->local : e->endpoint;
}

/* A browser cannot open the address that means every address of the machine. It also trusts localhost
 * without TLS. */
struct str endpoints_console(struct arena *a, struct str endpoint)
{
    static const struct str all[] = {STR_INIT("http://0.0.0.0:"), STR_INIT("http://[::]:")};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (str_starts(endpoint, all[i]))
            endpoint = CONCAT(a, STR("http://localhost:"), str_skip(endpoint, all[i].n));
    return CONCAT(a, endpoint, STR("/_virga/"));
}

bool endpoints_alive(const struct endpoints *e)
{
    struct os_process p;
    if (kill((pid_t)e->pid, 0) != 0 && errno != EPERM)
        return false;
    return os_process_read(e->pid, &p) != 0 || !p.ended;
}

bool endpoints_taken(const struct endpoints *e)
{
    struct os_process own, other;
    assert(e->pid > 0);
    if (e->pid == getpid() || !endpoints_alive(e))
        return false;
    if (os_process_read(getpid(), &own) != 0 || os_process_read(e->pid, &other) != 0)
        return true; /* when in doubt, the file stays with the other server */
    return str_eq(own.name, other.name);
}

void endpoints_withdraw(struct arena *a, const char *path)
{
    struct endpoints e;
    struct str problem;
    if (endpoints_read(a, path, &e, &problem) == 0 && e.pid == getpid())
        (void)unlink(path);
}
