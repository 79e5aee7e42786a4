/*
 * A database in memory from an image: its pages are copied, so that no step of the schema runs. SQLite then
 * parses each statement of the schema once, where a step parses and runs several for each table.
 */
#include <assert.h>
#include <stdlib.h>

#include "store/db_private.h"

/* In memory of SQLite, which frees it. NULL when there is none. */
static unsigned char *expand(const struct db_image *image)
{
    unsigned char *bytes = sqlite3_malloc64(image->size);
    const unsigned char *from = image->bytes;
    if (!bytes)
        return NULL;
    memset(bytes, 0, image->size);
    for (size_t i = 0; i < image->n_parts; i++) {
        const struct db_image_part *part = &image->parts[i];
        assert(part->at + (size_t)part->n <= image->size);
        memcpy(bytes + part->at, from, part->n);
        from += part->n;
    }
    return bytes;
}

/* Makes `from` a database with these bytes. */
static int open_image(sqlite3 *from, const struct db_image *image)
{
    const unsigned flags = SQLITE_DESERIALIZE_READONLY | SQLITE_DESERIALIZE_FREEONCLOSE;
    unsigned char *bytes = expand(image);
    if (!bytes)
        return SQLITE_NOMEM;
    sqlite3_int64 size = (sqlite3_int64)image->size;
    return sqlite3_deserialize(from, "main", bytes, size, size, flags); /* frees the bytes when it fails */
}

static int copy_pages(sqlite3 *to, sqlite3 *from)
{
    sqlite3_backup *copy = sqlite3_backup_init(to, "main", from, "main");
    if (!copy)
        return sqlite3_errcode(to);
    int rc = sqlite3_backup_step(copy, -1);
    int finished = sqlite3_backup_finish(copy);
    return rc == SQLITE_DONE ? finished : rc;
}

int image_load(struct db *db, const struct db_image *image)
{
    sqlite3 *from;
    int rc = sqlite3_open_v2(":memory:", &from, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK)
        rc = open_image(from, image);
    if (rc == SQLITE_OK)
        rc = copy_pages(db->lite, from);
    (void)sqlite3_close(from);
    return rc == SQLITE_OK ? 0 : db_fail(db, rc);
}
