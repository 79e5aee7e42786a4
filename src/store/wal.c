/*
 * The write-ahead log as a file: where it is, and whether it still is where its path leads.
 *
 * Commits go to the log and reach the database's own file only at a checkpoint, so it is the log that has to
 * be forced to the disk (store/sync.h) and that must not be moved away.
 */
#include <sys/stat.h>

#include "store/handle.h"

int wal_find(struct db *db)
{
    struct stat log;
    const char *path = sqlite3_filename_wal(sqlite3_db_filename(db->lite, "main"));
    if (stat(path, &log) < 0)
        return -1;
    db->wal_path = path;
    db->wal_inode = log.st_ino;
    return 0;
}

const char *db_wal_path(const struct db *db)
{
    return db->wal_path;
}

/* The log counts as the file: what is only there would not be found by the next start. SQLite's own test
 * knows the database only. */
bool db_moved(struct db *db)
{
    int moved = 0;
    struct stat log;
    if (!db->wal_path)
        return false;
    (void)sqlite3_file_control(db->lite, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return moved || stat(db->wal_path, &log) < 0 || log.st_ino != db->wal_inode;
}
