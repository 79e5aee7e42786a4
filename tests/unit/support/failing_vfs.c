/* An SQLite VFS that fails on request. */
#include "support/failing_vfs.h"

#include <sqlite3.h>
#include <string.h>

/* The real file follows it in the same allocation. */
struct shim {
    sqlite3_file base;
};

static sqlite3_vfs *real_vfs;
static sqlite3_vfs shim_vfs;
static struct failing_plan plan;
static int seen, fired;

static sqlite3_file *real(sqlite3_file *file)
{
    return (sqlite3_file *)((struct shim *)file + 1);
}

/* SQLITE_OK, or the error that this step is to return. */
static int step(enum failing_steps kind)
{
    if (plan.nth == 0 || (kind == FAIL_EVERYTHING && plan.steps == FAIL_WRITES))
        return SQLITE_OK;
    seen++;
    if (seen != plan.nth && !(plan.forever && seen > plan.nth))
        return SQLITE_OK;
    fired++;
    return plan.rc;
}

/* --- files --- */

static int shim_close(sqlite3_file *f)
{
    return real(f)->pMethods->xClose(real(f));
}

static int shim_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
    int rc = step(FAIL_EVERYTHING);
    return rc == SQLITE_OK ? real(f)->pMethods->xRead(real(f), to, n, at) : rc;
}

/* A write that fails leaves half of itself, as a full disk does. */
static int shim_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
    int rc = step(FAIL_WRITES);
    int written = real(f)->pMethods->xWrite(real(f), from, rc == SQLITE_OK ? n : n / 2, at);
    return rc == SQLITE_OK ? written : rc;
}

static int shim_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    int rc = step(FAIL_EVERYTHING);
    return rc == SQLITE_OK ? real(f)->pMethods->xTruncate(real(f), size) : rc;
}

/* Does not sync: the tests do not cut the power, and are ten times as fast without it. */
static int shim_sync(sqlite3_file *f, int flags)
{
    (void)f, (void)flags;
    return step(FAIL_EVERYTHING);
}

static int shim_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return real(f)->pMethods->xFileSize(real(f), size);
}

static int shim_lock(sqlite3_file *f, int level)
{
    return real(f)->pMethods->xLock(real(f), level);
}

static int shim_unlock(sqlite3_file *f, int level)
{
    return real(f)->pMethods->xUnlock(real(f), level);
}

static int shim_reserved(sqlite3_file *f, int *out)
{
    return real(f)->pMethods->xCheckReservedLock(real(f), out);
}

static int shim_control(sqlite3_file *f, int op, void *arg)
{
    return real(f)->pMethods->xFileControl(real(f), op, arg);
}

static int shim_sector(sqlite3_file *f)
{
    return real(f)->pMethods->xSectorSize(real(f));
}

static int shim_traits(sqlite3_file *f)
{
    return real(f)->pMethods->xDeviceCharacteristics(real(f));
}

static int shim_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **to)
{
    int rc = step(FAIL_EVERYTHING);
    return rc == SQLITE_OK ? real(f)->pMethods->xShmMap(real(f), page, size, extend, to) : rc;
}

static int shim_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    return real(f)->pMethods->xShmLock(real(f), offset, n, flags);
}

static void shim_shm_barrier(sqlite3_file *f)
{
    real(f)->pMethods->xShmBarrier(real(f));
}

static int shim_shm_unmap(sqlite3_file *f, int remove)
{
    return real(f)->pMethods->xShmUnmap(real(f), remove);
}

/* Version 2: with the shared memory of the log, without memory-mapped reads. */
static const sqlite3_io_methods shim_methods = {
    .iVersion = 2,
    .xClose = shim_close,
    .xRead = shim_read,
    .xWrite = shim_write,
    .xTruncate = shim_truncate,
    .xSync = shim_sync,
    .xFileSize = shim_size,
    .xLock = shim_lock,
    .xUnlock = shim_unlock,
    .xCheckReservedLock = shim_reserved,
    .xFileControl = shim_control,
    .xSectorSize = shim_sector,
    .xDeviceCharacteristics = shim_traits,
    .xShmMap = shim_shm_map,
    .xShmLock = shim_shm_lock,
    .xShmBarrier = shim_shm_barrier,
    .xShmUnmap = shim_shm_unmap,
};

/* --- the file system --- */

static int shim_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *f, int flags, int *out)
{
    (void)vfs;
    f->pMethods = NULL;
    if (step(FAIL_EVERYTHING) != SQLITE_OK)
        return SQLITE_CANTOPEN;
    memset(real(f), 0, (size_t)real_vfs->szOsFile);
    int rc = real_vfs->xOpen(real_vfs, name, real(f), flags, out);
    if (real(f)->pMethods)
        f->pMethods = &shim_methods;
    return rc;
}

static int shim_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
    (void)vfs, (void)sync_folder;
    int rc = step(FAIL_EVERYTHING);
    return rc == SQLITE_OK ? real_vfs->xDelete(real_vfs, name, 0) : rc;
}

void failing_vfs_install(void)
{
    real_vfs = sqlite3_vfs_find(NULL);
    shim_vfs = *real_vfs; /* the functions that are not replaced use the file system, not its files */
    shim_vfs.zName = "failing";
    shim_vfs.szOsFile += (int)sizeof(struct shim);
    shim_vfs.xOpen = shim_open;
    shim_vfs.xDelete = shim_delete;
    sqlite3_vfs_register(&shim_vfs, 1);
}

void failing_vfs_remove(void)
{
    sqlite3_vfs_unregister(&shim_vfs);
    sqlite3_vfs_register(real_vfs, 1);
}

void failing_vfs_arm(struct failing_plan new_plan)
{
    plan = new_plan;
    seen = fired = 0;
}

int failing_vfs_disarm(void)
{
    plan.nth = 0;
    return fired;
}
