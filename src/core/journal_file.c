#include "core/journal_file.h"

#include <assert.h>

#include "base/codec.h"
#include "base/log.h"
#include "wire/encode.h"

struct journal_file {
    struct db *db;
    int64_t rows;         /* calls in the file */
    uint64_t written;     /* the last serial number that is in it */
    struct arena scratch; /* of one row */
    bool failed;          /* the log has reported it */
    const struct registry *registry;
    struct db *state;              /* whose flows are copied; NULL: none */
    struct change_tracker changed; /* ids of flows; `over`: all are to be copied */
};

/* --- one row --- */

static const struct {
    const char *parameter;
    enum journal_entry_text which;
} text_columns[] = {
    {":action", ENTRY_ACTION},       {":version", ENTRY_VERSION}, {":region", ENTRY_REGION},
    {":secret_id", ENTRY_SECRET_ID}, {":trace", ENTRY_TRACE},     {":client", ENTRY_CLIENT},
    {":language", ENTRY_LANGUAGE},   {":method", ENTRY_METHOD},   {":target", ENTRY_TARGET},
    {":body", ENTRY_BODY},           {":message", ENTRY_MESSAGE}, {":answer", ENTRY_ANSWER},
};

static struct str headers_json(struct arena *a, const struct journal_entry *e)
{
    struct str rest = journal_entry_text(e, ENTRY_HEADERS);
    struct header h;
    struct buf b;
    buf_init(&b, a, rest.n + 256, LIMIT_ANSWER);
    buf_putc(&b, '[');
    while (journal_entry_next_header(&rest, &h)) {
        buf_put(&b, b.n > 1 ? STR(",{\"name\":") : STR("{\"name\":"));
        buf_put_json_string(&b, utf8_replace_invalid(a, h.name));
        buf_put(&b, STR(",\"value\":"));
        buf_put_json_string(&b, utf8_replace_invalid(a, h.value));
        buf_putc(&b, '}');
    }
    buf_putc(&b, ']');
    return buf_str(&b);
}

static struct str params_json(struct arena *a, const struct journal_entry *e)
{
    const struct node *params = journal_entry_params(a, e);
    struct buf b;
    if (!params)
        return (struct str){NULL, 0};
    buf_init(&b, a, 256, LIMIT_ANSWER);
    encode_node(&b, params);
    return buf_str(&b);
}

static void bind_optional(struct stmt *s, const char *parameter, int64_t v)
{
    if (v)
        stmt_bind_i64(s, parameter, v);
    else
        stmt_bind_null(s, parameter);
}

static void bind_numbers(struct stmt *s, const struct journal_entry *e)
{
    stmt_bind_i64(s, ":serial", (int64_t)e->serial);
    stmt_bind_i64(s, ":real_ms", e->real_ms);
    stmt_bind_i64(s, ":service_ms", e->service_ms);
    stmt_bind_i64(s, ":duration_us", e->duration_us);
    stmt_bind_i64(s, ":http_status", e->http_status);
    bind_optional(s, ":flow_id", e->flow_id);
}

static int insert(struct journal_file *f, const struct journal_entry *e)
{
    SCOPED_STMT(
        s, f->db,
        "INSERT INTO request (serial, request_id, real_ms, service_ms, duration_us, action, version, region,"
        " secret_id, trace, client, language, method, target, headers, body, params, code, message,"
        " http_status, answer, failed_step, injected, flow_id) VALUES (:serial, :request_id, :real_ms,"
        " :service_ms, :duration_us, :action, :version, :region, :secret_id, :trace, :client, :language,"
        " :method, :target, :headers, :body, :params, :code, :message, :http_status, :answer, :failed_step,"
        " :injected, :flow_id)");
    arena_reset(&f->scratch);
    bind_numbers(s, e);
    stmt_bind_str(s, ":request_id", (struct str){e->request_id, REQUEST_ID_CHARS});
    stmt_bind_str(s, ":code", journal_entry_code(e));
    struct str injected = journal_entry_text(e, ENTRY_INJECTED);
    stmt_bind_str(s, ":injected", injected.n ? injected : (struct str){NULL, 0});
    stmt_bind_str(s, ":failed_step", str_from(e->failed_step));
    stmt_bind_str(s, ":headers", headers_json(&f->scratch, e));
    stmt_bind_str(s, ":params", params_json(&f->scratch, e));
    for (size_t i = 0; i < sizeof text_columns / sizeof text_columns[0]; i++)
        stmt_bind_str(s, text_columns[i].parameter,
                      utf8_replace_invalid(&f->scratch, journal_entry_text(e, text_columns[i].which)));
    return stmt_run(s);
}

/* --- flows --- */

enum { TRACKED_TABLES_MAX = 16 };

static size_t list_tables(const struct registry *r, struct tracked_table ret_tables[TRACKED_TABLES_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_products; i++) {
        const struct journal_file_hooks *hooks = &r->products[i]->hooks->journal_file;
        assert(n + hooks->n_tables <= TRACKED_TABLES_MAX);
        for (size_t k = 0; k < hooks->n_tables; k++)
            ret_tables[n++] = hooks->tables[k];
    }
    return n;
}

static bool has_new_flows(const struct journal_file *f)
{
    return f->changed.n > 0 || f->changed.over;
}

static int copy_flow(struct journal_file *f, int64_t id)
{
    for (size_t i = 0; i < f->registry->n_products; i++) {
        const struct journal_file_hooks *hooks = &f->registry->products[i]->hooks->journal_file;
        arena_reset(&f->scratch);
        if (hooks->copy_flow && hooks->copy_flow(f->state, f->db, &f->scratch, id) != 0)
            return -1;
    }
    return 0;
}

static int remove_flows_up_to(struct journal_file *f, int64_t id)
{
    for (size_t i = 0; i < f->registry->n_products; i++) {
        const struct journal_file_hooks *hooks = &f->registry->products[i]->hooks->journal_file;
        if (hooks->remove_up_to && hooks->remove_up_to(f->db, id) != 0)
            return -1;
    }
    return 0;
}

static int copy_changed(struct journal_file *f, int64_t below)
{
    for (size_t i = 0; i < f->changed.n; i++)
        if (f->changed.rows[i] > below && copy_flow(f, f->changed.rows[i]) != 0)
            return -1;
    return remove_flows_up_to(f, below);
}

/* 1 and the first flow after `after`, 0 when there is none, -1 when the store failed. */
static int next_flow(struct db *state, int64_t after, int64_t *ret_id)
{
    SCOPED_STMT(s, state, "SELECT id FROM flow WHERE id > :after ORDER BY id LIMIT 1");
    stmt_bind_i64(s, ":after", after);
    int rc = stmt_step(s);
    if (rc == 1)
        *ret_id = stmt_i64(s, "id");
    return rc;
}

static int copy_all(struct journal_file *f, int64_t below)
{
    int64_t id = below;
    int rc = remove_flows_up_to(f, INT64_MAX);
    while (rc == 0 && (rc = next_flow(f->state, id, &id)) == 1)
        rc = copy_flow(f, id);
    return rc;
}

/* The largest id of a flow, 0 when there is none. */
static int last_flow(struct db *state, int64_t *ret_id)
{
    SCOPED_STMT(s, state, "SELECT coalesce(max(id), 0) AS last FROM flow");
    if (stmt_step(s) != 1)
        return -1;
    *ret_id = stmt_i64(s, "last");
    return 0;
}

static int copy_flows(struct journal_file *f)
{
    int64_t last;
    if (last_flow(f->state, &last) != 0)
        return -1;
    return (f->changed.over ? copy_all : copy_changed)(f, last - LIMIT_JOURNAL_FLOWS);
}

/* --- batches --- */

static int remove_up_to(struct journal_file *f, int64_t serial)
{
    SCOPED_STMT(s, f->db, "DELETE FROM request WHERE serial <= :serial");
    stmt_bind_i64(s, ":serial", serial);
    return stmt_run(s);
}

static int remove_oldest(struct journal_file *f, int64_t n)
{
    SCOPED_STMT(
        s, f->db,
        "DELETE FROM request WHERE serial <= (SELECT serial FROM request ORDER BY serial LIMIT 1 OFFSET "
        ":before)");
    stmt_bind_i64(s, ":before", n - 1);
    return stmt_run(s);
}

/* The file keeps as many calls as the ring has places; once the ring has dropped calls, only those of the
 * ring. */
static int remove_old(struct journal_file *f, const struct journal *j)
{
    int64_t extra = f->rows - (int64_t)j->room;
    if (j->dropped > 0) {
        f->rows = (int64_t)j->n;
        return remove_up_to(f, (int64_t)journal_at(j, 0)->serial - 1);
    }
    f->rows -= extra > 0 ? extra : 0;
    return extra > 0 ? remove_oldest(f, extra) : 0;
}

static bool has_new_calls(const struct journal_file *f, const struct journal *j)
{
    return j->n > 0 && journal_at(j, j->n - 1)->serial > f->written;
}

static int write_calls(struct journal_file *f, const struct journal *j)
{
    if (!has_new_calls(f, j))
        return 0;
    for (size_t i = journal_after(j, f->written); i < j->n; i++, f->rows++)
        if (insert(f, journal_at(j, i)) != 0)
            return -1;
    return remove_old(f, j);
}

static int write_all(struct journal_file *f, const struct journal *j)
{
    if (write_calls(f, j) != 0)
        return -1;
    return has_new_flows(f) ? copy_flows(f) : 0;
}

/* Runs `work` in one transaction. A failure undoes what `work` has counted, too. */
static int in_transaction(struct journal_file *f, const struct journal *j,
                          int (*work)(struct journal_file *f, const struct journal *j))
{
    const int64_t rows = f->rows;
    db_forget_failure(f->db);
    if (savepoint_begin(f->db) == 0 && work(f, j) == 0 && savepoint_release(f->db) == 0) {
        if (transaction_commit(f->db) == 0)
            return 0;
    } else {
        savepoint_rollback(f->db);
        (void)transaction_commit(f->db); /* ends the transaction, which has failed */
    }
    f->rows = rows;
    return -1;
}

/* The flows are read from the state, which may be what fails: then the file's database has no message. */
static void say_failed(struct journal_file *f)
{
    const char *own = db_message(f->db);
    if (!f->failed)
        log_say(LOG_WARN, "the journal's file cannot be written: %s%s; calls are missing in it",
                own[0] ? "" : "the state cannot be read: ", own[0] || !f->state ? own : db_message(f->state));
    f->failed = true;
}

static void write_by(struct journal_file *f, const struct journal *j,
                     int (*work)(struct journal_file *f, const struct journal *j))
{
    if (in_transaction(f, j, work) != 0)
        say_failed(f);
    else
        f->failed = false;
    if (j->n > 0)
        f->written = journal_at(j, j->n - 1)->serial;
}

/* After a failure, flows are written again only after a call could be written: copying all flows at each try
 * on a full disk would be slow. */
static bool recovers(struct journal_file *f, const struct journal *j)
{
    if (!has_new_calls(f, j))
        return false;
    write_by(f, j, write_calls);
    return !f->failed;
}

void journal_file_write(struct journal_file *f, const struct journal *j)
{
    if (!f || (!has_new_calls(f, j) && !has_new_flows(f)))
        return;
    if (f->failed && !recovers(f, j))
        return;
    write_by(f, j, write_all);
    if (!f->failed)
        change_tracker_clear(&f->changed);
}

/* Writes calls only, because it runs before the commit of the state, which may still undo the flows. */
void journal_file_save_oldest(struct journal_file *f, const struct journal *j)
{
    if (f && journal_at(j, 0)->serial > f->written)
        write_by(f, j, write_calls);
}

void journal_file_follow(struct journal_file *f, struct db *state)
{
    struct tracked_table tables[TRACKED_TABLES_MAX];
    size_t n = f ? list_tables(f->registry, tables) : 0;
    if (n == 0)
        return;
    if (change_tracker_start(&f->changed, state, tables, n) != 0) {
        log_say(LOG_WARN, "the journal's file has no flows: %s", db_message(state));
        return;
    }
    f->state = state;
    f->changed.over = true; /* the flows that exist */
}

static int remove_all(struct journal_file *f, const struct journal *j)
{
    (void)j;
    f->rows = 0;
    return remove_up_to(f, INT64_MAX);
}

void journal_file_clear(struct journal_file *f)
{
    if (f && in_transaction(f, NULL, remove_all) != 0)
        say_failed(f);
}

/* --- open and close --- */

static void count_rows(struct journal_file *f)
{
    SCOPED_STMT(s, f->db, "SELECT coalesce(max(serial), 0) AS last, count(*) AS n FROM request");
    if (stmt_step(s) != 1)
        return;
    f->written = (uint64_t)stmt_i64(s, "last");
    f->rows = stmt_i64(s, "n");
}

enum db_open_fault journal_file_open(struct arena *a, const char *path, struct journal *j,
                                     struct str *ret_problem)
{
    struct journal_file *f = ARENA_NEW(a, struct journal_file);
    const struct registry *r = j->registry;
    enum db_open_fault fault =
        db_open(a, path, r->journal_migrations, r->n_journal_migrations, &f->db, ret_problem);
    if (fault != DB_OPEN_OK)
        return fault;
    f->registry = r;
    arena_init(&f->scratch);
    count_rows(f);
    (void)transaction_commit(f->db);
    j->next_serial = f->written + 1;
    j->file = f;
    return DB_OPEN_OK;
}

void journal_file_close(struct journal_file *f, const struct journal *j)
{
    if (!f)
        return;
    journal_file_write(f, j);
    db_close(f->db);
    arena_done(&f->scratch);
}
