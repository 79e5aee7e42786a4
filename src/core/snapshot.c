/* A document is read inside one savepoint: the tables are emptied, filled and then checked as a whole; any
 * problem undoes all of it. */
#include "core/snapshot.h"

#include <assert.h>

#include "base/codec.h"
#include "base/log.h"
#include "base/os.h"
#include "core/flow.h"
#include "core/test_account.h"
#include "core/world.h"
#include "store/copy.h"
#include "store/snapshot.h"

/* --- writing --- */

struct writing {
    struct stream stream;
    struct world *world;
    struct copying copying; /* its copy is what is written */
    size_t copy_bytes;
    bool first; /* no piece was asked for yet */
    struct table_list tables;
    size_t at; /* the table that is being written */
    struct table_writer table;
    int64_t next_flow_id;
    bool begun;
    size_t sent; /* bytes of the document */
};

static void put_head(struct writing *w, struct buf *b)
{
    buf_printf(b,
               "{\"format\":\"virga-state\",\"version\":%d,\"schema\":%zu,\"next_flow_id\":%lld,\"tables\":{",
               STATE_VERSION, w->world->registry->n_migrations, (long long)w->next_flow_id);
    w->begun = true;
}

/* Appends some rows of the table, with its name first. As table_writer_put. */
static int put_rows(struct writing *w, struct buf *b)
{
    const struct table *t = &w->tables.v[w->at];
    if (!w->table.rows) {
        buf_printf(b, "%s\"%.*s\":", w->at ? "," : "", STR_ARG(t->name));
        if (table_writer_open(&w->table, w->copying.copy, t, b) != 0)
            return -1;
    }
    return table_writer_put(&w->table, b, LIMIT_PIECE);
}

static enum stream_result broken(const char *problem)
{
    log_say(LOG_ERROR, "cannot send the whole state: %s", problem);
    return STREAM_BROKEN;
}

/* Copies the next part of a large database. The first piece is made within the batch, where a transaction may
 * have begun, so that it copies nothing. The numbers of the document are those of the complete copy. */
static enum stream_result copy_next(struct writing *w)
{
    bool first = w->first;
    w->first = false;
    int rc = first ? 1 : copying_step(&w->copying, LIMIT_COPY_STEP);
    if (rc < 0)
        return broken(db_message(w->world->db));
    w->next_flow_id = w->world->next_flow_id;
    return STREAM_MORE;
}

static enum stream_result write_next(struct stream *s, struct buf *b)
{
    struct writing *w = (struct writing *)s; /* its first member */
    if (w->copying.more)
        return copy_next(w);
    if (!w->begun)
        put_head(w, b);
    while (w->at < w->tables.n && b->n < LIMIT_PIECE) {
        int rc = put_rows(w, b);
        if (rc < 0)
            return broken(db_message(w->copying.copy));
        if (rc == 1)
            break;
        table_writer_close(&w->table);
        w->at++;
    }
    w->sent += b->n;
    if (w->sent > LIMIT_STATE || b->over)
        return broken("its document is larger than the limit; copy the file of --db instead");
    if (w->at < w->tables.n)
        return STREAM_MORE;
    buf_put(b, STR("}}"));
    return STREAM_END;
}

static void writing_done(struct stream *s)
{
    struct writing *w = (struct writing *)s; /* its first member */
    table_writer_close(&w->table);
    copying_done(&w->copying);
    assert(w->world->state_copies >= w->copy_bytes);
    w->world->state_copies -= w->copy_bytes;
}

/* A small database is copied at once, so that its document is the state of the request. */
static int begin_copy(struct writing *w)
{
    if (w->copy_bytes <= LIMIT_COPIED_AT_ONCE)
        return db_copy(w->world->db, &w->copying.copy);
    return copying_begin(&w->copying, w->world->db);
}

enum state_fault state_stream(struct world *world, struct arena *a, struct stream **ret_stream)
{
    struct writing *w = ARENA_NEW(a, struct writing);
    *w = (struct writing){.stream = {write_next, writing_done},
                          .world = world,
                          .first = true,
                          .copy_bytes = db_copy_bytes(world->db),
                          .next_flow_id = world->next_flow_id};
    if (w->copy_bytes == 0)
        return STATE_FAILED;
    if (w->copy_bytes > LIMIT_STATE_COPIES)
        return STATE_TOO_LARGE;
    if (w->copy_bytes > LIMIT_STATE_COPIES - world->state_copies)
        return STATE_BUSY;
    if (tables_list(world->db, a, &w->tables) != 0 || begin_copy(w) != 0) {
        copying_done(&w->copying);
        return STATE_FAILED;
    }
    world->state_copies += w->copy_bytes;
    *ret_stream = &w->stream;
    return STATE_OK;
}

/* --- reading --- */

/* A document that is being read. */
struct reading {
    struct world *world;
    struct arena *a;
    struct str text;
    struct table_list tables;
    int64_t next_flow_id;
    int64_t rows;
    struct str *ret_problem;
};

static int reject(struct reading *r, struct str problem)
{
    *r->ret_problem = problem;
    return -1;
}

/* --- the head --- */

static int check_json(struct reading *r)
{
    SCOPED_STMT(s, r->world->db, "SELECT json_valid(:text) AS valid");
    stmt_bind_str(s, ":text", r->text);
    if (!utf8_valid(r->text) || str_find(r->text, '\0') < r->text.n)
        return reject(r, STR("the document is not JSON in UTF-8"));
    int rc = stmt_step(s);
    if (rc == 1 && stmt_i64(s, "valid") == 1)
        return 0;
    return rc == 1 ? reject(r, STR("the document is not JSON")) : -1;
}

static int check_version(struct reading *r, struct str what, int64_t version, int64_t known)
{
    if (version > known)
        return reject(r, arena_printf(r->a, "the document's %.*s is %lld, newer than this program's %lld",
                                      STR_ARG(what), (long long)version, (long long)known));
    return version >= 1 ? 0
                        : reject(r, arena_printf(r->a, "there was never a %.*s %lld", STR_ARG(what),
                                                 (long long)version));
}

/* SQLite reads the document: no tree is built, and integers stay exact. */
static int check_head(struct reading *r)
{
    SCOPED_STMT(
        s, r->world->db,
        "SELECT json_type(:text) IS 'object' AND json_type(:text, '$.format') IS 'text'"
        " AND :text ->> '$.format' = 'virga-state' AS ours,"
        " json_type(:text, '$.version') IS 'integer' AND json_type(:text, '$.schema') IS 'integer'"
        " AND json_type(:text, '$.next_flow_id') IS 'integer' AND json_type(:text, '$.tables') IS 'object'"
        " AND (SELECT count(*) FROM json_each(:text)) = 5 AS whole,"
        " :text ->> '$.version' AS version, :text ->> '$.schema' AS schema,"
        " :text ->> '$.next_flow_id' AS next");
    stmt_bind_str(s, ":text", r->text);
    if (stmt_step(s) != 1)
        return -1;
    if (stmt_i64(s, "ours") != 1)
        return reject(r, STR("the document's format is not virga-state"));
    if (check_version(r, STR("version"), stmt_i64(s, "version"), STATE_VERSION) != 0 ||
        check_version(r, STR("schema"), stmt_i64(s, "schema"), (int64_t)r->world->registry->n_migrations) !=
            0)
        return -1;
    r->next_flow_id = stmt_i64(s, "next");
    if (stmt_i64(s, "whole") != 1 || r->next_flow_id < 1)
        return reject(r, STR("the document must have format, version, schema, next_flow_id and tables"));
    if (r->next_flow_id <= FLOW_ID_MAX)
        return 0;
    return reject(r, arena_printf(r->a, "next_flow_id must be at most %lld: no flow may have a larger id",
                                  (long long)FLOW_ID_MAX));
}

/* --- the tables --- */

/* The table rejects a value; the message of SQLite names the constraint. DB_OTHER: a text for an integer id.
 */
static bool is_value_fault(enum db_fault fault)
{
    return fault == DB_CONSTRAINT || fault == DB_OTHER;
}

static int read_table(struct reading *r, struct str name, struct str text)
{
    const struct table *t = tables_find(&r->tables, name);
    int64_t rows;
    if (!t)
        return reject(r, arena_printf(r->a, "there is no table %.*s", STR_ARG(name)));
    int rc = table_read(r->world->db, r->a, t, text, &rows, r->ret_problem);
    if (rc != 0 && !r->ret_problem->p && is_value_fault(db_fault(r->world->db)))
        return reject(r, arena_printf(r->a, "table %.*s: %s", STR_ARG(name), db_message(r->world->db)));
    if (rc != 0)
        return -1;
    r->rows += rows;
    return table_check_range(r->world->db, r->a, t, r->ret_problem);
}

/* A table that the document does not have stays empty: an older schema did not have it. */
static int read_tables(struct reading *r)
{
    SCOPED_STMT(s, r->world->db, "SELECT key, value, type FROM json_each(:text, '$.tables')");
    stmt_bind_str(s, ":text", r->text);
    int rc;
    while ((rc = stmt_step(s)) == 1) {
        struct str name = stmt_str(s, r->a, "key");
        if (!str_eq(stmt_str(s, r->a, "type"), STR("object")))
            return reject(r, arena_printf(r->a, "table %.*s is not an object", STR_ARG(name)));
        if (read_table(r, name, stmt_str(s, r->a, "value")) != 0)
            return -1;
    }
    return rc;
}

static int check_references(struct reading *r)
{
    int64_t dangling = foreign_keys_check(r->world->db);
    if (dangling > 0)
        return reject(
            r, arena_printf(r->a, "%lld rows refer to others that are not there", (long long)dangling));
    return dangling < 0 ? -1 : foreign_keys_enforce(r->world->db);
}

/* Checks next_flow_id: with a smaller one, two flows could get the same id. */
static int check_next(struct reading *r)
{
    if (registry_n_flow_types(r->world->registry) == 0)
        return 0;
    SCOPED_STMT(s, r->world->db, "SELECT coalesce(max(id), 0) AS last FROM flow");
    if (stmt_step(s) != 1)
        return -1;
    return r->next_flow_id > stmt_i64(s, "last") ? 0
                                                 : reject(r, STR("next_flow_id must be above every flow's"));
}

/* The world reads what it caches while the document can still be undone, because reading can fail. */
static int replace(struct world *w, void *arg)
{
    struct reading *r = arg;
    if (tables_list(w->db, r->a, &r->tables) != 0 || foreign_keys_defer(w->db) != 0 ||
        tables_clear(w->db, &r->tables) != 0)
        return -1;
    if (read_tables(r) != 0 || check_references(r) != 0 || check_next(r) != 0 ||
        test_account_check(w, r->a, r->ret_problem) != 0)
        return -1;
    return world_reload(w, r->next_flow_id);
}

int state_replace(struct world *w, struct arena *a, struct str text, int64_t *ret_rows,
                  struct str *ret_problem)
{
    struct reading r = {.world = w, .a = a, .text = text, .ret_problem = ret_problem};
    *ret_problem = (struct str){NULL, 0};
    int rc = check_json(&r) != 0 || check_head(&r) != 0 ? -1 : world_attempt_reload(w, replace, &r);
    /* SQLite keeps what the savepoint could undo, which is most of the database, in small blocks. */
    if (text.n >= LIMIT_HEAP_KEPT)
        os_heap_trim();
    if (rc == 0)
        *ret_rows = r.rows;
    return rc;
}
