/*
 * Opening and closing a database.
 *
 * The order of the steps is the point. Nothing may write to a file before it is known to be ours, and of our
 * schema or an older one: so the file is found, locked and looked at first, and only then given to SQLite,
 * which may write to it, or beside it, as soon as it reads.
 */
#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "store/db_private.h"

/* "virg": tells our files from other programs' (PRAGMA application_id). */
#define APPLICATION_ID UINT32_C(0x76697267)
#define APPLICATION_ID_SQL "PRAGMA application_id = 0x76697267"

/* db_open's arguments and results on their way through its steps. */
struct opening {
    struct arena *a;
    const char *path;
    const struct migration *steps;
    size_t n_steps;
    struct db *db;
    struct str problem;
};

/* --- the steps: each is DB_OPEN_OK or the end, with the sentence in o->why --- */

static enum db_open_fault failed(struct opening *o, const char *reason)
{
    o->problem = arena_printf(o->a, "cannot open %s: %s", o->path, reason);
    return DB_OPEN_FAILED;
}

static enum db_open_fault foreign(struct opening *o)
{
    o->problem = arena_printf(o->a, "%s is not a virga database", o->path);
    return DB_OPEN_FOREIGN;
}

static enum db_open_fault check_version(struct opening *o, int64_t version)
{
    if (version >= 0 && version <= (int64_t)o->n_steps) /* SQLite's number has a sign; none of ours had */
        return DB_OPEN_OK;
    o->problem = arena_printf(
        o->a, "%s was written by a newer virga: its schema is version %lld, this program knows %zu", o->path,
        (long long)version, o->n_steps);
    return DB_OPEN_NEWER;
}

static enum db_open_fault take_lock(struct opening *o, const char *real)
{
    long holder;
    if (lock_take(&o->db->lock, &o->db->arena, real, &holder) == 0 && lock_hold(real, &o->db->pending) == 0)
        return DB_OPEN_OK;
    if (errno == EEXIST)
        return failed(o, arena_printf(o->a, "%s is not a lock file", o->db->lock.path).p);
    if (errno != EWOULDBLOCK)
        return failed(o, strerror(errno));
    o->problem = holder ? arena_printf(o->a, "%s is in use by process %ld", o->path, holder)
                        : arena_printf(o->a, "%s is in use by another process", o->path);
    return DB_OPEN_LOCKED;
}

/* Our id is the first thing ever committed to a file and goes there without the log (see claim), so a file
 * that has bytes but not our id is not ours, and SQLite need not touch it. The version may be newer in the
 * log; it is never older. */
static enum db_open_fault check_head(struct opening *o, const char *real)
{
    struct dbfile_head head;
    if (dbfile_peek(real, &head) < 0)
        return failed(o, strerror(errno));
    if (head.empty)
        return DB_OPEN_OK;
    if (head.application_id != APPLICATION_ID)
        return foreign(o);
    return check_version(o, head.version);
}

/* The name goes to SQLite as an absolute path: Debian's SQLite takes "file:..." for a URI. */
static enum db_open_fault connect(struct opening *o, const char *name)
{
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (sqlite3_open_v2(name, &o->db->lite, flags, NULL) != SQLITE_OK)
        return failed(o, sqlite3_errmsg(o->db->lite));
    return DB_OPEN_OK;
}

/* Marks an empty file as ours, then turns the write-ahead log on. A process that dies between the two leaves
 * a file that the next one takes for its own. */
static enum db_open_fault claim(struct opening *o)
{
    int64_t id, version;
    char mode[SQL_ANSWER_SIZE];
    struct db *db = o->db;
    if (sql_ask_i64(db, "PRAGMA application_id", &id) < 0 ||
        sql_ask_i64(db, "PRAGMA user_version", &version) < 0)
        return failed(o, db->message);
    if (check_version(o, version) != DB_OPEN_OK)
        return DB_OPEN_NEWER;
    if (id == 0 && sql_run(db, APPLICATION_ID_SQL) < 0)
        return failed(o, db->message);
    if (sql_ask(db, "PRAGMA journal_mode = WAL", mode) < 0)
        return failed(o, db->message);
    if (strcmp(mode, "wal") != 0)
        return failed(o, "its file system cannot hold a write-ahead log");
    return DB_OPEN_OK;
}

static enum db_open_fault open_file(struct opening *o)
{
    const char *real;
    if (dbfile_prepare(o->a, o->path, &real) < 0)
        return failed(o, strerror(errno));
    enum db_open_fault fault = take_lock(o, real);
    if (fault == DB_OPEN_OK)
        fault = check_head(o, real);
    if (fault == DB_OPEN_OK)
        fault = connect(o, real);
    return fault == DB_OPEN_OK ? claim(o) : fault;
}

/* --- the schema --- */

/* One number for all steps together: the transaction around them makes them one. */
static int run_steps(struct opening *o, int64_t from)
{
    char set_version[40];
    (void)snprintf(set_version, sizeof(set_version), "PRAGMA user_version = %zu", o->n_steps);
    for (size_t i = (size_t)from; i < o->n_steps; i++) {
        if (sql_run(o->db, o->steps[i].sql) < 0) {
            o->problem = arena_printf(o->a, "cannot open %s: schema step %s: %s", o->path, o->steps[i].name,
                                      o->db->message);
            return -1;
        }
    }
    return sql_run(o->db, set_version);
}

/* Foreign keys are off while steps run, so that a step may rebuild a table; what they left is checked as a
 * whole. */
static int check_references(struct opening *o)
{
    int64_t dangling;
    if (sql_ask_i64(o->db, "SELECT count(*) FROM pragma_foreign_key_check", &dangling) < 0)
        return -1;
    if (dangling == 0)
        return 0;
    o->problem = arena_printf(o->a, "cannot open %s: the new schema would leave %lld dangling references",
                              o->path, (long long)dangling);
    return -1;
}

static int migrate(struct opening *o)
{
    int64_t version;
    if (sql_ask_i64(o->db, "PRAGMA user_version", &version) < 0)
        return -1;
    if (version == (int64_t)o->n_steps)
        return 0;
    if (sql_run(o->db, "BEGIN IMMEDIATE") < 0)
        return -1;
    /* On failure the transaction ends with the connection. */
    return run_steps(o, version) < 0 || check_references(o) < 0 ? -1 : sql_run(o->db, "COMMIT");
}

/* --- all together --- */

static int configure(struct db *db)
{
    static const char *const settings[] = {
        /* A commit writes and does not wait; store/sync.h waits for the disk beside the loop. */
        "PRAGMA synchronous = NORMAL",
        /* 4000 pages gave no more commits a second and made the worst commit three times as long (45 ms for
           15). */
        "PRAGMA wal_autocheckpoint = 1000",
        "PRAGMA temp_store = MEMORY",
        /* 1 MiB: the system's cache of the file is as near; resident memory is what users see. */
        "PRAGMA cache_size = -1024",
        /* Debian's default overwrites what is deleted; an emulator has no secrets that are worth the writes.
         */
        "PRAGMA secure_delete = OFF",
    };
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        if (sql_run(db, settings[i]) < 0)
            return -1;
    }
    return 0;
}

static enum db_open_fault set_up(struct opening *o, bool in_file)
{
    struct db *db = o->db;
    if (configure(db) < 0 || migrate(o) < 0)
        return o->problem.p ? DB_OPEN_FAILED : failed(o, db->message);
    /* SQLite makes the log when it first reads in that mode: migrate has read the version. */
    if (in_file && wal_find(db) < 0)
        return failed(o, strerror(errno));
    if (sql_run(db, "PRAGMA foreign_keys = ON") < 0 || transaction_prepare(db) < 0)
        return failed(o, db->message);
    return DB_OPEN_OK;
}

/* One thread uses SQLite (store/sync.h does not), so its locks and its count of memory are for nobody: a
 * sixth of the time of a small call. The setting is the process's and is refused, without harm, once SQLite
 * is in use. */
static void configure_library(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* In the arena that it owns, so that the last thing db_close does is to give that back. */
static struct db *db_new(void)
{
    struct arena arena;
    arena_init(&arena);
    struct db *db = ARENA_NEW(&arena, struct db);
    db->arena = arena;
    db->lock.fd = -1;
    db->pending = -1;
    return db;
}

enum db_open_fault db_open(struct arena *a, const char *path, const struct migration *steps, size_t n_steps,
                           struct db **ret_db, struct str *ret_problem)
{
    struct opening o = {.a = a, .path = path ? path : ":memory:", .steps = steps, .n_steps = n_steps};
    configure_library();
    o.db = db_new();
    enum db_open_fault fault = path ? open_file(&o) : connect(&o, o.path);
    if (fault == DB_OPEN_OK)
        fault = set_up(&o, path != NULL);
    *ret_db = o.db;
    if (fault == DB_OPEN_OK)
        return fault;
    /* Closing would merge the log into a file that is not ours to change. */
    if (o.db->lite)
        (void)sqlite3_db_config(o.db->lite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    db_close(o.db);
    *ret_db = NULL;
    *ret_problem = o.problem;
    return fault;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    transaction_done(db);
    stmt_cache_done(db);
    (void)sqlite3_close(db->lite);
    if (db->pending >= 0)
        (void)close(db->pending);
    lock_release(&db->lock); /* last: another virga may open the file from here on */
    struct arena arena = db->arena;
    arena_done(&arena);
}

/* --- dbfile --- */

/* The database's file before SQLite sees it; see dbfile.h. */

enum { HEAD_SIZE = 100, HEAD_VERSION_AT = 60, HEAD_APPLICATION_AT = 68 };

/* O_EXCL: a file that exists is not opened here (see dbfile_peek). */
static int make_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST ? 0 : -1;
    return close(fd);
}

int dbfile_prepare(struct arena *a, const char *path, const char **ret_real)
{
    char real[PATH_MAX];
    if (file_make_parents(a, path) < 0 || make_file(path) < 0 || !realpath(path, real))
        return -1;
    *ret_real = arena_cstr(a, str_from(real));
    return 0;
}

static uint32_t big_endian(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Fewer bytes than a head, or other ones, are somebody else's file; none at all are a file that nobody has
 * used yet. */
static int read_head(int fd, struct dbfile_head *ret_head)
{
    static const char magic[16] = "SQLite format 3";
    uint8_t bytes[HEAD_SIZE];
    ssize_t n = pread(fd, bytes, sizeof(bytes), 0);
    if (n < 0)
        return -1;
    *ret_head = (struct dbfile_head){.empty = n == 0};
    ret_head->sqlite = n == HEAD_SIZE && memcmp(bytes, magic, sizeof(magic)) == 0;
    if (ret_head->sqlite) {
        ret_head->version = big_endian(bytes + HEAD_VERSION_AT);
        ret_head->application_id = big_endian(bytes + HEAD_APPLICATION_AT);
    }
    return 0;
}

int dbfile_peek(const char *path, struct dbfile_head *ret_head)
{
    /* Asks for writing too, so that a file without permission fails here, with the system's own reason. */
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int rc = read_head(fd, ret_head);
    int saved = errno;
    (void)close(fd);
    errno = saved;
    return rc;
}

/* --- sql --- */

/* Statements that are run once; see sql.h. errno is cleared before each call into SQLite, since db_fail looks
 * there for the system's reason. */

int sql_run(struct db *db, const char *sql)
{
    errno = 0;
    int rc = sqlite3_exec(db->lite, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : db_fail(db, rc);
}

int sql_ask(struct db *db, const char *sql, char ret_text[SQL_ANSWER_SIZE])
{
    sqlite3_stmt *lite;
    errno = 0;
    int rc = sqlite3_prepare_v2(db->lite, sql, -1, &lite, NULL);
    if (rc != SQLITE_OK)
        return db_fail(db, rc);
    rc = sqlite3_step(lite);
    const unsigned char *text = rc == SQLITE_ROW ? sqlite3_column_text(lite, 0) : NULL;
    (void)snprintf(ret_text, SQL_ANSWER_SIZE, "%s", text ? (const char *)text : "");
    int result = rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : db_fail(db, rc);
    (void)sqlite3_finalize(lite);
    return result;
}

int sql_ask_i64(struct db *db, const char *sql, int64_t *ret_number)
{
    char text[SQL_ANSWER_SIZE];
    return sql_ask(db, sql, text) < 0 ? -1 : str_to_i64(str_from(text), ret_number);
}
