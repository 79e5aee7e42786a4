/*
 * What the library's failures mean: SQLite's result codes, and the system's reasons behind them, as the few
 * kinds that somebody can do something about (enum db_fault).
 */
#include <errno.h>
#include <stdio.h>

#include "store/handle.h"

/* A quota or a limit on the file's size is a full disk too, but SQLite knows ENOSPC only.
 * sqlite3_system_errno would be the place to ask; it is not set by a COMMIT that fails. */
static enum db_fault io_fault(int reason)
{
    return reason == ENOSPC || reason == EDQUOT || reason == EFBIG ? DB_FULL : DB_IO;
}

static enum db_fault fault_of(int rc, int reason)
{
    static const enum db_fault kinds[] = {
        [SQLITE_BUSY] = DB_BUSY,
        [SQLITE_LOCKED] = DB_BUSY,
        [SQLITE_PROTOCOL] = DB_BUSY, /* lost the race for the log's index again and again */
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
    db->fault = fault_of(rc, errno);
    (void)snprintf(db->message, sizeof(db->message), "%s", sqlite3_errmsg(db->lite));
    if (db->turn.begun && sqlite3_get_autocommit(db->lite))
        db->turn.broken = true;
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
