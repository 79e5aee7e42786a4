/*
 * Opening and closing a database.
 *
 * The order of the steps matters. Nothing may write to a file before it is known to be virga's and of this
 * schema or an older one. So the file is located, locked and inspected first, and only then opened with
 * SQLite, which may write to it, or next to it, as soon as it reads.
 */
#include "store/db.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "store/db_private.h"

/* "virg": distinguishes virga's files from those of other programs (PRAGMA application_id). */
#define APPLICATION_ID UINT32_C(0x76697267)
#define APPLICATION_ID_SQL "PRAGMA application_id = 0x76697267"

/* The head of an SQLite file (https://www.sqlite.org/fileformat2.html, 1.3). */
enum { HEAD_SIZE = 100, HEAD_VERSION_AT = 60, HEAD_APPLICATION_AT = 68 };

/* The longest answer that sql_ask returns, with its NUL: a number or a journal mode. */
enum { SQL_ANSWER_SIZE = 32 };

/* db_open's arguments, and its results so far. */
struct opening {
    struct arena *a;
    const char *path;
    const struct migration *steps;
    size_t n_steps;
    struct db *db;
    struct str problem;
};

/* --- the file before SQLite opens it --- */

struct file_head {
    bool empty;
    uint32_t version; /* this and the next are 0 when the file is not SQLite's */
    uint32_t application_id;
};

/* O_EXCL: a file that exists is opened by peek_head only. */
static int make_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST ? 0 : -1;
    return close(fd);
}

/* Makes a missing file (0600, empty), but no folder, because a mistyped path would lead to a new state.
 * *ret_real is its absolute name without symbolic links, in the arena: two names of one file must lead to one
 * lock. -1 with errno. */
static int prepare_file(struct arena *a, const char *path, const char **ret_real)
{
    char real[PATH_MAX];
    if (make_file(path) < 0 || !realpath(path, real))
        return -1;
    *ret_real = arena_cstr(a, str_from(real));
    return 0;
}

static uint32_t big_endian(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int read_head(int fd, struct file_head *ret_head)
{
    static const char magic[16] = "SQLite format 3";
    uint8_t bytes[HEAD_SIZE];
    ssize_t n = pread(fd, bytes, sizeof(bytes), 0);
    if (n < 0)
        return -1;
    *ret_head = (struct file_head){.empty = n == 0};
    if (n == HEAD_SIZE && memcmp(bytes, magic, sizeof(magic)) == 0) {
        ret_head->version = big_endian(bytes + HEAD_VERSION_AT);
        ret_head->application_id = big_endian(bytes + HEAD_APPLICATION_AT);
    }
    return 0;
}

/* Reads the head of a file that this process has not open: closing any descriptor of a file drops the
 * process's POSIX locks on it, SQLite's too. Opens it for writing, so that a missing permission fails here,
 * with the system's reason. -1 with errno. */
static int peek_head(const char *path, struct file_head *ret_head)
{
    int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int rc = read_head(fd, ret_head);
    int saved = errno;
    (void)close(fd);
    errno = saved;
    return rc;
}

/* --- statements that run once --- */

/* One or more statements without parameters; their rows are ignored. */
static int sql_run(struct db *db, const char *sql)
{
    errno = 0;
    int rc = sqlite3_exec(db->lite, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : db_fail(db, rc);
}

/* The first value of the first row, as text; empty without a row. */
static int sql_ask(struct db *db, const char *sql, char ret_text[SQL_ANSWER_SIZE])
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

/* The same as a number; -1 also for any other text. */
static int sql_ask_i64(struct db *db, const char *sql, int64_t *ret_number)
{
    char text[SQL_ANSWER_SIZE];
    return sql_ask(db, sql, text) < 0 ? -1 : str_to_i64(str_from(text), ret_number);
}

/* --- the steps of opening: each returns DB_OPEN_OK, or a fault with its sentence in o->problem --- */

static enum db_open_fault failed(struct opening *o, const char *reason)
{
    o->problem = arena_printf(o->a, "cannot open %s: %s", o->path, reason);
    return DB_OPEN_FAILED;
}

/* SQLite failed. The lock may be that of any program that uses SQLite. */
static enum db_open_fault store_failed(struct opening *o)
{
    if (db_fault(o->db) != DB_BUSY)
        return failed(o, o->db->message);
    o->problem = arena_printf(o->a, "%s is locked by another program", o->path);
    return DB_OPEN_LOCKED;
}

static enum db_open_fault foreign(struct opening *o)
{
    o->problem = arena_printf(o->a, "%s is not a virga database", o->path);
    return DB_OPEN_FOREIGN;
}

static enum db_open_fault check_version(struct opening *o, int64_t version)
{
    if (version >= 0 &&
        version <= (int64_t)o->n_steps) /* SQLite's number is signed; virga writes none below 0 */
        return DB_OPEN_OK;
    o->problem = arena_printf(
        o->a, "%s was written by a newer virga: its schema is version %lld, this program knows %zu", o->path,
        (long long)version, o->n_steps);
    return DB_OPEN_NEWER;
}

static enum db_open_fault take_lock(struct opening *o, const char *real)
{
    long holder;
    assert(o->db->lock.fd == -1 && o->db->locked_fd == -1);
    if (lock_take(&o->db->lock, &o->db->arena, real, &holder) == 0 && lock_hold(real, &o->db->locked_fd) == 0)
        return DB_OPEN_OK;
    if (errno == EEXIST)
        return failed(o, arena_printf(o->a, "%s is not a lock file", o->db->lock.path).p);
    if (errno != EWOULDBLOCK)
        return failed(o, strerror(errno));
    o->problem = holder ? arena_printf(o->a, "%s is in use by process %ld", o->path, holder)
                        : arena_printf(o->a, "%s is in use by another process", o->path);
    return DB_OPEN_LOCKED;
}

/* The application id is the first commit to a file and is written without the log (see claim). So a file with
 * bytes but without the id is not virga's, and SQLite need not open it. The log may have a newer version,
 * never an older one. */
static enum db_open_fault check_head(struct opening *o, const char *real)
{
    struct file_head head;
    if (peek_head(real, &head) < 0)
        return failed(o, strerror(errno));
    if (head.empty)
        return DB_OPEN_OK;
    if (head.application_id != APPLICATION_ID)
        return foreign(o);
    return check_version(o, head.version);
}

/* `name` is an absolute path: Debian's SQLite reads "file:..." as a URI. */
static enum db_open_fault connect(struct opening *o, const char *name)
{
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (sqlite3_open_v2(name, &o->db->lite, flags, NULL) != SQLITE_OK)
        return failed(o, sqlite3_errmsg(o->db->lite));
    return DB_OPEN_OK;
}

/* Writes the application id into an empty file, then turns the write-ahead log on. When a process dies
 * between the two, the next one continues with its file. */
static enum db_open_fault claim(struct opening *o)
{
    int64_t id, version;
    char mode[SQL_ANSWER_SIZE];
    struct db *db = o->db;
    if (sql_ask_i64(db, "PRAGMA application_id", &id) < 0 ||
        sql_ask_i64(db, "PRAGMA user_version", &version) < 0)
        return store_failed(o);
    if (check_version(o, version) != DB_OPEN_OK)
        return DB_OPEN_NEWER;
    if (id == 0 && sql_run(db, APPLICATION_ID_SQL) < 0)
        return store_failed(o);
    if (sql_ask(db, "PRAGMA journal_mode = WAL", mode) < 0)
        return store_failed(o);
    if (strcmp(mode, "wal") != 0)
        return failed(o, "its file system cannot hold a write-ahead log");
    return DB_OPEN_OK;
}

/* The file and those that SQLite keeps beside it. */
static enum db_open_fault check_kinds(struct opening *o)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        const char *path = arena_printf(o->a, "%s%s", o->path, endings[i]).p;
        const char *refusal = file_refusal(path);
        if (!refusal)
            continue;
        o->problem = arena_printf(o->a, "cannot open %s: %s", path, refusal);
        return DB_OPEN_FAILED;
    }
    return DB_OPEN_OK;
}

/* The file cannot be made, with errno. */
static enum db_open_fault failed_to_make(struct opening *o)
{
    int problem = errno;
    const char *missing = problem == ENOENT ? file_missing_folder(o->a, o->path) : NULL;
    return failed(o, missing ? arena_printf(o->a, "there is no folder %s", missing).p : strerror(problem));
}

static enum db_open_fault open_file(struct opening *o)
{
    const char *real;
    if (check_kinds(o) != DB_OPEN_OK)
        return DB_OPEN_FAILED;
    if (prepare_file(o->a, o->path, &real) < 0)
        return failed_to_make(o);
    enum db_open_fault fault = take_lock(o, real);
    if (fault == DB_OPEN_OK)
        fault = check_head(o, real);
    if (fault == DB_OPEN_OK)
        fault = connect(o, real);
    return fault == DB_OPEN_OK ? claim(o) : fault;
}

/* --- the schema --- */

/* Sets the version once for all steps, which run in one transaction. */
static int run_steps(struct opening *o, int64_t from)
{
    char set_version[sizeof "PRAGMA user_version = " + 20]; /* with the digits of the largest size_t */
    assert(from >= 0 && (size_t)from < o->n_steps);
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

/* Foreign keys are off while steps run, so that a step may rebuild a table. This checks the result. */
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

/* Only in memory: the tables of a file are made by the steps that its next versions continue. */
static const struct db_image *image_of(const struct opening *o)
{
    return o->db->lock.fd < 0 && o->n_steps > 0 ? o->steps[o->n_steps - 1].image : NULL;
}

/* Takes the write lock also when there is nothing to do, so that a start does not succeed with a file that
 * another program has locked. */
static int migrate(struct opening *o)
{
    int64_t version;
    if (image_of(o))
        return image_load(o->db, image_of(o));
    if (sql_run(o->db, "BEGIN IMMEDIATE") < 0 || sql_ask_i64(o->db, "PRAGMA user_version", &version) < 0)
        return -1;
    if (version == (int64_t)o->n_steps)
        return sql_run(o->db, "ROLLBACK");
    /* On failure the caller closes the connection, which rolls back. */
    return run_steps(o, version) < 0 || check_references(o) < 0 ? -1 : sql_run(o->db, "COMMIT");
}

/* --- the connection --- */

static int configure(struct db *db)
{
    static const char *const settings[] = {
        /* A commit writes and does not wait; store/sync.h waits for the disk in another thread. */
        "PRAGMA synchronous = NORMAL",
        /* With 4000 pages there were no more commits a second, and the slowest took 45 ms instead of 15. */
        "PRAGMA wal_autocheckpoint = 1000",
        "PRAGMA temp_store = MEMORY",
        /* 1 MiB: the system caches the file too, and users watch the resident memory. */
        "PRAGMA cache_size = -1024",
        /* Debian's default overwrites what is deleted; an emulator's data is not worth these writes. */
        "PRAGMA secure_delete = OFF",
    };
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        if (sql_run(db, settings[i]) < 0)
            return -1;
    }
    return 0;
}

/* Stores the path of the log and its inode. -1 with errno. */
static int find_log(struct db *db)
{
    struct stat log;
    const char *path = sqlite3_filename_wal(sqlite3_db_filename(db->lite, "main"));
    if (stat(path, &log) < 0)
        return -1;
    db->wal_path = path;
    db->wal_inode = log.st_ino;
    return 0;
}

static enum db_open_fault set_up(struct opening *o, bool in_file)
{
    struct db *db = o->db;
    if (configure(db) < 0 || migrate(o) < 0)
        return o->problem.p && db_fault(db) != DB_BUSY ? DB_OPEN_FAILED : store_failed(o);
    /* SQLite makes the log at its first read in that mode, and migrate has read the version. */
    if (in_file && find_log(db) < 0)
        return failed(o, strerror(errno));
    if (sql_run(db, "PRAGMA foreign_keys = ON") < 0 || transaction_prepare(db) < 0)
        return store_failed(o);
    return DB_OPEN_OK;
}

/* One thread uses SQLite (store/sync.h does not), so its mutexes and memory statistics have no use; they cost
 * a sixth of a small call's time. The setting is the process's; once SQLite is in use it has no effect. */
static void configure_library(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

struct db *db_new(void)
{
    struct arena arena;
    arena_init(&arena);
    struct db *db = ARENA_NEW(&arena, struct db);
    db->arena = arena;
    db->lock.fd = -1;
    db->locked_fd = -1;
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
    /* Without this, closing would merge the log into a file that must stay unchanged. */
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
    if (db->locked_fd >= 0)
        (void)close(db->locked_fd);
    lock_release(&db->lock); /* last: another virga may open the file from here on */
    struct arena arena = db->arena;
    arena_done(&arena);
}

/* --- the log --- */

const char *db_wal_path(const struct db *db)
{
    return db->wal_path;
}

/* A commit is in the log until a checkpoint, so the log must not be moved away either: the next start would
 * not find it. SQLite's own test is for the database's file only. */
bool db_moved(struct db *db)
{
    int moved = 0;
    struct stat log;
    if (!db->wal_path)
        return false;
    (void)sqlite3_file_control(db->lite, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return moved || stat(db->wal_path, &log) < 0 || log.st_ino != db->wal_inode;
}
