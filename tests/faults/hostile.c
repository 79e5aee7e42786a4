/*
 * A machine on which things fail: the linker replaces functions that virga's own code calls (-Wl,--wrap) with
 * those of this file, which fail by a seeded plan and call the real ones otherwise. No source of virga knows
 * of it.
 *
 *     HOSTILE_PLAN="SEED MEMORY FILES STEPS" virga-hostile serve ...
 *
 * Each of the last three is N for "one in N fails, on average", or 0 for never. MEMORY: allocations of
 * virga's code and of SQLite. FILES: writes and syncs of virga's code, and writes of SQLite. STEPS:
 * sqlite3_step. Without the variable nothing fails.
 *
 * Which of them fail follows from the seed and from their number, so that one process repeats itself as far
 * as its clients do. Writes to standard output and standard error never fail: the test reads the cause there.
 */
#include <errno.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum kind { MEMORY, FILES, STEPS, KINDS };

/* Set before main; the counters are used by the thread that syncs, too. */
static struct {
    uint64_t seed;
    uint64_t one_in[KINDS];
    atomic_uint_fast64_t seen[KINDS];
    sqlite3_mem_methods memory; /* SQLite's own */
    int returned;               /* the last error of a step, until its message is asked for */
} plan;

/* The finalizer of SplitMix64: neighbouring numbers give unrelated results. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* The result of the plan for the next event of a kind; 0: it does not fail. */
static uint64_t next(enum kind kind)
{
    if (!plan.one_in[kind])
        return 0;
    uint64_t number = atomic_fetch_add(&plan.seen[kind], 1);
    uint64_t drawn = mix(plan.seed * UINT64_C(0x9e3779b97f4a7c15) + number * KINDS + (uint64_t)kind);
    return drawn % plan.one_in[kind] == 0 ? drawn | 1 : 0;
}

static bool fails(enum kind kind, int reason)
{
    if (!next(kind))
        return false;
    errno = reason;
    return true;
}

/* --- memory --- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

void *__wrap_malloc(size_t size)
{
    return fails(MEMORY, ENOMEM) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails(MEMORY, ENOMEM) ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    return fails(MEMORY, ENOMEM) ? NULL : __real_realloc(p, size);
}

static void *sqlite_malloc(int size)
{
    return next(MEMORY) ? NULL : plan.memory.xMalloc(size);
}

static void *sqlite_realloc(void *p, int size)
{
    return next(MEMORY) ? NULL : plan.memory.xRealloc(p, size);
}

/* --- files --- */

ssize_t __real_write(int fd, const void *p, size_t n);
int __real_fdatasync(int fd);
int __real_rename(const char *from, const char *to);
ssize_t __wrap_write(int fd, const void *p, size_t n);
int __wrap_fdatasync(int fd);
int __wrap_rename(const char *from, const char *to);

ssize_t __wrap_write(int fd, const void *p, size_t n)
{
    return fd > STDERR_FILENO && fails(FILES, ENOSPC) ? -1 : __real_write(fd, p, n);
}

/* A sync that fails ends the program, so it fails less often than the others. */
int __wrap_fdatasync(int fd)
{
    return next(FILES) % 8 == 1 ? (errno = EIO, -1) : __real_fdatasync(fd);
}

int __wrap_rename(const char *from, const char *to)
{
    return fails(FILES, ENOSPC) ? -1 : __real_rename(from, to);
}

/* SQLite's writes, with a part of the bytes written, as on a full disk. */
static ssize_t sqlite_pwrite(int fd, const void *p, size_t n, off_t at)
{
    if (!fails(FILES, ENOSPC))
        return pwrite(fd, p, n, at);
    (void)!pwrite(fd, p, n / 2, at);
    errno = ENOSPC;
    return -1;
}

static int sqlite_ftruncate(int fd, off_t size)
{
    return fails(FILES, EIO) ? -1 : ftruncate(fd, size);
}

/* --- SQLite --- */

int __real_sqlite3_open_v2(const char *name, sqlite3 **db, int flags, const char *vfs);
int __real_sqlite3_step(sqlite3_stmt *statement);
int __wrap_sqlite3_open_v2(const char *name, sqlite3 **db, int flags, const char *vfs);
const char *__real_sqlite3_errmsg(sqlite3 *db);
int __wrap_sqlite3_step(sqlite3_stmt *statement);
const char *__wrap_sqlite3_errmsg(sqlite3 *db);

/* Here, and not before main: to ask for the VFS starts SQLite, which then takes no configuration any more. */
int __wrap_sqlite3_open_v2(const char *name, sqlite3 **db, int flags, const char *vfs)
{
    sqlite3_vfs *unix_vfs = sqlite3_vfs_find(NULL);
    if (plan.one_in[FILES] && unix_vfs) {
        (void)unix_vfs->xSetSystemCall(unix_vfs, "pwrite64", (sqlite3_syscall_ptr)sqlite_pwrite);
        (void)unix_vfs->xSetSystemCall(unix_vfs, "pwrite", (sqlite3_syscall_ptr)sqlite_pwrite);
        (void)unix_vfs->xSetSystemCall(unix_vfs, "ftruncate", (sqlite3_syscall_ptr)sqlite_ftruncate);
    }
    return __real_sqlite3_open_v2(name, db, flags, vfs);
}

/* A ROLLBACK of SQLite always rolls back, also when it returns an error. */
int __wrap_sqlite3_step(sqlite3_stmt *statement)
{
    static const int errors[] = {SQLITE_BUSY, SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_NOMEM};
    uint64_t drawn = strcmp(sqlite3_sql(statement), "ROLLBACK") == 0 ? 0 : next(STEPS);
    plan.returned = drawn ? errors[drawn >> 8 & 3] : SQLITE_OK;
    return drawn ? plan.returned : __real_sqlite3_step(statement);
}

const char *__wrap_sqlite3_errmsg(sqlite3 *db)
{
    return plan.returned ? sqlite3_errstr(plan.returned) : __real_sqlite3_errmsg(db);
}

/* --- the plan --- */

static uint64_t number(char **at)
{
    return strtoull(*at, at, 10);
}

__attribute__((constructor)) static void read_plan(void)
{
    char *text = getenv("HOSTILE_PLAN");
    if (!text)
        return;
    plan.seed = number(&text);
    for (int kind = 0; kind < KINDS; kind++)
        plan.one_in[kind] = number(&text);
    sqlite3_mem_methods failing;
    (void)sqlite3_config(SQLITE_CONFIG_GETMALLOC, &plan.memory);
    failing = plan.memory;
    failing.xMalloc = sqlite_malloc;
    failing.xRealloc = sqlite_realloc;
    (void)sqlite3_config(SQLITE_CONFIG_MALLOC, &failing);
}
