/* What runs here, whether it can work, and its end. */
#include <unistd.h>

#include "base/version.h"
#include "control/router.h"
#include "gen/control.h"

/* --- ready --- */

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

/* A row that goes again at once: the turn's commit still writes the page, and the answer waits for the disk.
 * No account has such a uin: theirs are digits. */
static int probe(struct db *db)
{
    if (savepoint_begin(db) != 0)
        return -1;
    if (insert_probe(db) == 0 && find_probe(db) == 0 && delete_probe(db) == 0 && savepoint_release(db) == 0)
        return 0;
    savepoint_rollback(db);
    return -1;
}

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

/* In the words of GET /_virga/clock. */
static struct info_clock *clock_info(struct control *k)
{
    struct info_clock *info = ARENA_NEW(k->call->arena, struct info_clock);
    struct clock_ now = {.mode = {NULL, 0}};
    (void)control_get_clock(k, &now);
    *info = (struct info_clock){.mode = now.mode, .time = now.time};
    return info;
}

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

/* Among the rest what it takes to get the same run again: the version, the seed and the clock. */
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

/* --- the end --- */

int control_shutdown(struct control *k, struct stopping *answer)
{
    k->call->world->stopping = true; /* the loop sees it at the end of this turn */
    answer->status = STR("stopping");
    return 0;
}

/* --- control basic --- */

/* Whether the server is there, and what its control API is. */

int control_get_health(struct control *k, struct health *answer)
{
    (void)k;
    answer->status = STR("ok");
    return 0;
}

int control_get_openapi(struct control *k)
{
    buf_put(&k->text, control_openapi);
    return 0;
}

/* --- control events --- */

/* Events: what the answer's first bytes are; the rest of it is server/events.c's, as things happen. */

int control_get_events(struct control *k)
{
    if (k->call->world->settings.journal_calls == 0)
        return control_fail(k, HTTP_CONFLICT, STR("the journal keeps no calls, so there is nothing to tell"),
                            STR("virga serve without --journal-calls 0"));
    buf_put(&k->text, STR("retry: 1000\n\n"));
    return 0;
}
