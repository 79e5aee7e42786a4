/* Routes about the server itself: health, readiness, description, shutdown and events. */
#include <unistd.h>

#include "base/inflate.h"
#include "base/version.h"
#include "control/router.h"

#include "gen/control.h"
#include <assert.h>

/* --- health and description --- */

/* GET /_virga/health: any answer shows that the server runs. */
int control_get_health(struct control *k, struct health *answer)
{
    (void)k;
    answer->status = STR("ok");
    return 0;
}

/* GET /_virga/openapi.json: a constant, generated from schema/control/. */
int control_get_openapi(struct control *k)
{
    char *text = arena_alloc(k->call->arena, control_openapi.n);
    int rc = inflate_gzip(control_openapi.gzip, text, control_openapi.n);
    assert(rc == 0); /* the build has made it */
    (void)rc;
    buf_put(&k->text, (struct str){text, control_openapi.n});
    return 0;
}

/* --- readiness --- */

/* The uin of the probe cannot be that of an account, because those are digits. */
static int insert_probe(struct db *db)
{
    SCOPED_STMT(s, db, "INSERT INTO account (uin) VALUES ('ready')");
    return stmt_run(s);
}

static int find_probe(struct db *db)
{
    SCOPED_STMT(s, db, "SELECT 1 FROM account WHERE uin = 'ready'");
    return stmt_step(s) == 1 ? 0 : -1;
}

static int delete_probe(struct db *db)
{
    SCOPED_STMT(s, db, "DELETE FROM account WHERE uin = 'ready'");
    return stmt_run(s);
}

/* Inserts a row and deletes it at once: the commit still writes its page, and the answer waits for the disk.
 */
static int probe(struct db *db)
{
    if (savepoint_begin(db) != 0)
        return -1;
    if (insert_probe(db) == 0 && find_probe(db) == 0 && delete_probe(db) == 0 && savepoint_release(db) == 0)
        return 0;
    savepoint_rollback(db);
    return -1;
}

/* GET /_virga/ready: the answer waits for commit and sync as for any change, so that it proves both. */
int control_get_ready(struct control *k, struct ready *answer)
{
    struct db *db = k->call->world->db;
    if (probe(db) != 0)
        return control_fail(k, HTTP_UNAVAILABLE,
                            arena_printf(k->call->arena, "the store takes no write: %s", db_message(db)),
                            STR("look at the disk"));
    k->call->changed = true;
    answer->status = STR("ready");
    return 0;
}

/* --- info --- */

/* The same words as GET /_virga/clock. */
static struct info_clock *clock_info(struct control *k)
{
    struct info_clock *info = ARENA_NEW(k->call->arena, struct info_clock);
    struct clock_ now = {.mode = {NULL, 0}};
    (void)control_get_clock(k, &now);
    *info = (struct info_clock){.mode = now.mode, .time = now.time};
    return info;
}

/* Sets the path of the database file; empty for a store in memory. */
static struct info_store *store_info(struct control *k)
{
    struct info_store *info = ARENA_NEW(k->call->arena, struct info_store);
    const char *path = k->call->world->settings.db_path;
    info->kind = path ? STR("file") : STR("memory");
    info->path = str_from(path);
    info->schema = I64((int64_t)k->call->world->registry->n_migrations);
    return info;
}

static struct info_actions *actions_info(struct control *k)
{
    const struct registry *r = k->call->world->registry;
    struct info_actions *info = ARENA_NEW(k->call->arena, struct info_actions);
    int64_t emulated = 0;
    for (size_t i = 0; i < registry_n_actions(r); i++)
        emulated += registry_action_at(r, i)->handle != NULL;
    info->emulated = I64(emulated);
    info->known = I64((int64_t)registry_n_actions(r));
    return info;
}

/* Sets the addresses; one on which the server does not listen is empty. */
static struct info_endpoints *endpoints_info(struct control *k)
{
    const struct world *w = k->call->world;
    struct info_endpoints *info = ARENA_NEW(k->call->arena, struct info_endpoints);
    *info = (struct info_endpoints){.http = w->endpoint,
                                    .https = w->tls_endpoint,
                                    .unix_socket = w->unix_socket,
                                    .control = CONCAT(k->call->arena, w->endpoint, STR("/_virga"))};
    return info;
}

/* The version, the seed and the clock are what a client needs to repeat a run. */
int control_get_info(struct control *k, struct info *answer)
{
    const struct world *w = k->call->world;
    *answer = (struct info){.version = STR(VIRGA_VERSION),
                            .pid = I64(getpid()),
                            .port = I64(w->port),
                            .product = registry_default(w->registry)->name,
                            .product_version = registry_default(w->registry)->version,
                            .seed = {w->settings.seed, w->settings.seeded},
                            .clock = clock_info(k),
                            .store = store_info(k),
                            .actions = actions_info(k),
                            .endpoints = endpoints_info(k)};
    return 0;
}

/* --- shutdown --- */

/* POST /_virga/shutdown: ends the server as SIGTERM does, after it has sent this answer. */
int control_shutdown(struct control *k, struct stopping *answer)
{
    k->call->world->stopping = true; /* the loop reads it at the end of this iteration */
    answer->status = STR("stopping");
    return 0;
}

/* --- events --- */

/* The beginning of the stream: how soon a client reconnects. server/events.c sends the events. */
int control_get_events(struct control *k)
{
    if (k->call->world->settings.journal_calls == 0)
        return control_fail(k, HTTP_CONFLICT, STR("the journal keeps no calls, so there are no events"),
                            STR("virga serve without --journal-calls 0"));
    buf_put(&k->text, STR("retry: 1000\n\n"));
    return 0;
}
