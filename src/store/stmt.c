/*
 * Statements by the address of their text, with parameters and columns by name; and failures.
 *
 * A statement is prepared once and kept for the life of the database. Names are literals too, so a name is
 * usually found by comparing pointers. Its text is compared at its first use only.
 */
#include "store/stmt.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

#include "store/db_private.h"

enum { CACHE_ROOM_FIRST = 64 };

/* The last pointer with which each name was used: seen[i] belongs to index i. */
struct names {
    const char **seen;
    int n;
    int next; /* where the search starts: after the last hit, because names are mostly used in order */
};

struct stmt {
    struct db *db;
    const char *key;
    sqlite3_stmt *lite;
    bool in_use;
    bool stepped; /* since its last reset */
    int bind_rc;  /* of the first bind that failed; the next step returns it */
    struct names params;
    struct names columns;
};

/* --- the cache --- */

static size_t home(const struct stmt_cache *cache, const char *key)
{
    return (size_t)((uintptr_t)key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (cache->room - 1);
}

static size_t after(const struct stmt_cache *cache, size_t slot)
{
    return (slot + 1) & (cache->room - 1);
}

/* The slot of a free statement with this text, or the empty slot where it belongs. A statement in use does
 * not count: the linker may give equal texts one address, and both uses may be open at once. */
static size_t slot_for(const struct stmt_cache *cache, const char *key)
{
    assert(cache->n < cache->room);
    size_t i = home(cache, key);
    while (cache->slots[i] && (cache->slots[i]->key != key || cache->slots[i]->in_use))
        i = after(cache, i);
    return i;
}

static void cache_insert(struct stmt_cache *cache, struct stmt *s)
{
    size_t i = home(cache, s->key);
    while (cache->slots[i])
        i = after(cache, i);
    cache->slots[i] = s;
}

/* The old slots stay in the arena; together they are smaller than the new ones. */
static void cache_grow(struct db *db)
{
    struct stmt_cache old = db->cache;
    db->cache.room = old.room ? old.room * 2 : CACHE_ROOM_FIRST;
    db->cache.slots = ARENA_ARRAY(&db->arena, struct stmt *, db->cache.room);
    for (size_t i = 0; i < old.room; i++) {
        if (old.slots[i])
            cache_insert(&db->cache, old.slots[i]);
    }
}

/* Room for `n` names, the number that SQLite counts: it bounds every index below. */
static struct names names_new(struct db *db, int n)
{
    return (struct names){.seen = ARENA_ARRAY(&db->arena, const char *, (size_t)n), .n = n};
}

static struct stmt *prepare(struct db *db, const char *sql)
{
    sqlite3_stmt *lite;
    errno = 0;
    int rc = sqlite3_prepare_v3(db->lite, sql, -1, SQLITE_PREPARE_PERSISTENT, &lite, NULL);
    if (rc != SQLITE_OK) {
        (void)db_fail(db, rc);
        return NULL;
    }
    struct stmt *s = ARENA_NEW(&db->arena, struct stmt);
    *s = (struct stmt){.db = db, .key = sql, .lite = lite};
    s->params = names_new(db, sqlite3_bind_parameter_count(lite));
    s->columns = names_new(db, sqlite3_column_count(lite));
    return s;
}

/* Nothing is evicted: there are as many statements as literals in the program, and a few more where one is
 * used twice at once. */
struct stmt *stmt_get(struct db *db, const char *literal_sql)
{
    struct stmt_cache *cache = &db->cache;
    if (cache->n * 2 >= cache->room)
        cache_grow(db);
    struct stmt **slot = &cache->slots[slot_for(cache, literal_sql)];
    if (!*slot) {
        *slot = prepare(db, literal_sql);
        if (!*slot)
            return NULL;
        cache->n++;
    }
    (*slot)->in_use = true;
    return *slot;
}

/* Once after each step: stmt_run has usually done it when the statement is released. */
static void reset(struct stmt *s)
{
    if (s->stepped)
        (void)sqlite3_reset(s->lite); /* returns the error of the last step again */
    s->stepped = false;
}

void stmt_release(struct stmt **s)
{
    if (!*s)
        return;
    reset(*s);
    (void)sqlite3_clear_bindings((*s)->lite);
    (*s)->bind_rc = SQLITE_OK;
    (*s)->in_use = false;
}

void stmt_cache_done(struct db *db)
{
    for (size_t i = 0; i < db->cache.room; i++) {
        if (db->cache.slots[i])
            (void)sqlite3_finalize(db->cache.slots[i]->lite);
    }
    db->cache = (struct stmt_cache){0};
}

/* SQLite counts for each statement, in 32 bits. */
uint64_t db_instructions(const struct db *db)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < db->cache.room; i++)
        if (db->cache.slots[i])
            sum += (uint32_t)sqlite3_stmt_status(db->cache.slots[i]->lite, SQLITE_STMTSTATUS_VM_STEP, 0);
    return sum;
}

/* --- names --- */

/* The index of a name that was used with this pointer before; -1 when it is new. */
static int names_find(struct names *names, const char *name)
{
    for (int k = 0; k < names->n; k++) {
        int i = names->next + k < names->n ? names->next + k : names->next + k - names->n;
        if (names->seen[i] == name) {
            names->next = i + 1 < names->n ? i + 1 : 0;
            return i;
        }
    }
    return -1;
}

/* SQLite's index of the parameter, which counts from 1. */
static int param_index(struct stmt *s, const char *name)
{
    int i = names_find(&s->params, name);
    if (i >= 0)
        return i + 1;
    i = sqlite3_bind_parameter_index(s->lite, name);
    assert(i > 0 && "no such parameter in the statement");
    s->params.seen[i - 1] = name;
    return i;
}

static int column_index(struct stmt *s, const char *name)
{
    int i = names_find(&s->columns, name);
    if (i >= 0)
        return i;
    for (i = 0; i < s->columns.n; i++) {
        if (strcmp(sqlite3_column_name(s->lite, i), name) == 0)
            break;
    }
    assert(i < s->columns.n && "no such column in the statement");
    s->columns.seen[i] = name;
    return i;
}

/* --- binding --- */

/* A bind fails for lack of memory or for a text past SQLite's limit. The next step returns the failure, so
 * that callers need no test for each bind. */
static void check_bind(struct stmt *s, int rc)
{
    if (rc != SQLITE_OK && s->bind_rc == SQLITE_OK)
        s->bind_rc = rc;
}

void stmt_bind_i64(struct stmt *s, const char *name, int64_t v)
{
    if (s)
        check_bind(s, sqlite3_bind_int64(s->lite, param_index(s, name), v));
}

void stmt_bind_str(struct stmt *s, const char *name, struct str v)
{
    if (s)
        check_bind(s,
                   sqlite3_bind_text64(s->lite, param_index(s, name), v.p, v.n, SQLITE_STATIC, SQLITE_UTF8));
}

void stmt_bind_null(struct stmt *s, const char *name)
{
    if (s)
        check_bind(s, sqlite3_bind_null(s->lite, param_index(s, name)));
}

/* --- stepping --- */

int stmt_step(struct stmt *s)
{
    /* Without its transaction, a write would commit by itself and leave half a call. */
    if (!s || s->db->transaction.broken)
        return -1;
    assert((s->db->transaction.depth > 0 || sqlite3_stmt_readonly(s->lite)) && "a write outside a savepoint");
    errno = 0;
    s->stepped = true;
    int rc = s->bind_rc == SQLITE_OK ? sqlite3_step(s->lite) : s->bind_rc;
    if (rc == SQLITE_ROW)
        return 1;
    return rc == SQLITE_DONE ? 0 : db_fail(s->db, rc);
}

int stmt_run(struct stmt *s)
{
    int rc = stmt_step(s);
    assert(rc <= 0 && "a statement with rows");
    if (s)
        reset(s);
    return rc < 0 ? -1 : 0;
}

int64_t stmt_i64(struct stmt *s, const char *column)
{
    return sqlite3_column_int64(s->lite, column_index(s, column));
}

struct str stmt_str(struct stmt *s, struct arena *a, const char *column)
{
    int i = column_index(s, column);
    const char *text = (const char *)sqlite3_column_text(s->lite, i);
    if (!text)
        return (struct str){NULL, 0};
    return arena_dup(a, (struct str){text, (size_t)sqlite3_column_bytes(s->lite, i)});
}

bool stmt_is_null(struct stmt *s, const char *column)
{
    return sqlite3_column_type(s->lite, column_index(s, column)) == SQLITE_NULL;
}

/* --- failures: SQLite's result codes and the system's reasons as the few kinds that callers can act on ---
 */

/* A quota or a limit on the file's size is a full disk too, but SQLite handles ENOSPC only. `reason` is
 * errno, because a COMMIT that fails does not set sqlite3_system_errno. */
static enum db_fault io_fault(int reason)
{
    return reason == ENOSPC || reason == EDQUOT || reason == EFBIG ? DB_FULL : DB_IO;
}

static enum db_fault fault_of(int rc, int reason)
{
    static const enum db_fault kinds[] = {
        [SQLITE_BUSY] = DB_BUSY,
        [SQLITE_LOCKED] = DB_BUSY,
        [SQLITE_PROTOCOL] = DB_BUSY, /* lost the race for the log's index too often */
        [SQLITE_FULL] = DB_FULL,
        [SQLITE_READONLY] = DB_GONE,
        [SQLITE_IOERR] = DB_IO,
        [SQLITE_CANTOPEN] = DB_IO,
        [SQLITE_CORRUPT] = DB_CORRUPT,
        [SQLITE_NOTADB] = DB_CORRUPT,
        [SQLITE_CONSTRAINT] = DB_CONSTRAINT,
    };
    size_t primary = (size_t)rc & 0xff; /* the upper bytes are the detail */
    enum db_fault kind = primary < sizeof(kinds) / sizeof(kinds[0]) ? kinds[primary] : DB_OK;
    if (kind == DB_IO)
        return io_fault(reason);
    return kind == DB_OK ? DB_OTHER : kind;
}

int db_fail(struct db *db, int rc)
{
    assert(rc != SQLITE_OK);
    db->fault = fault_of(rc, errno);
    (void)snprintf(db->message, sizeof(db->message), "%s", sqlite3_errmsg(db->lite));
    if (db->transaction.begun && sqlite3_get_autocommit(db->lite))
        db->transaction.broken = true;
    return -1;
}

enum db_fault db_fault(const struct db *db)
{
    return db->fault;
}

const char *db_message(const struct db *db)
{
    return db->message;
}

void db_forget_failure(struct db *db)
{
    db->message[0] = '\0';
}
