/* SQLite copies the pages, which takes a tenth of the time that it takes to read their rows: all of them at
 * once (sqlite3_serialize), or some at a time (sqlite3_backup). */
#include "store/copy.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

#include "base/os.h"
#include "store/db_private.h"

/* The versions of the format in the head of the file: 2 with a write-ahead log, which a copy does not have
 * (https://www.sqlite.org/fileformat2.html, 1.3). */
enum { HEAD_WRITE_VERSION_AT = 18, HEAD_READ_VERSION_AT = 19, VERSION_WITHOUT_LOG = 1 };

/* SQLite leaves the number as it is when it cannot count the pages. */
size_t db_copy_bytes(struct db *db)
{
    sqlite3_int64 n = 0;
    (void)sqlite3_serialize(db->lite, "main", &n, SQLITE_SERIALIZE_NOCOPY);
    return n > 0 ? (size_t)n : 0;
}

/* The pages of the database, from sqlite3_malloc. NULL when the store failed. */
static unsigned char *copy_pages(struct db *db, sqlite3_int64 *ret_n)
{
    errno = 0;
    unsigned char *pages = sqlite3_serialize(db->lite, "main", ret_n, 0);
    if (!pages) {
        int rc = sqlite3_errcode(db->lite);
        (void)db_fail(db, rc == SQLITE_OK ? SQLITE_NOMEM : rc);
        return NULL;
    }
    assert(*ret_n > HEAD_READ_VERSION_AT);
    pages[HEAD_WRITE_VERSION_AT] = pages[HEAD_READ_VERSION_AT] = VERSION_WITHOUT_LOG;
    return pages;
}

/* SQLite frees the pages, also when this fails. */
static int use_pages(struct db *copy, unsigned char *pages, sqlite3_int64 n)
{
    const unsigned flags = SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY;
    const int how = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int rc = sqlite3_open_v2(":memory:", &copy->lite, how, NULL);
    if (rc != SQLITE_OK) {
        sqlite3_free(pages);
        return rc;
    }
    return sqlite3_deserialize(copy->lite, "main", pages, n, n, flags);
}

int db_copy(struct db *db, struct db **ret_copy)
{
    sqlite3_int64 n = 0;
    unsigned char *pages = db->transaction.broken ? NULL : copy_pages(db, &n);
    if (!pages)
        return -1;
    struct db *copy = db_new();
    int rc = use_pages(copy, pages, n);
    if (rc == SQLITE_OK) {
        *ret_copy = copy;
        return 0;
    }
    db_close(copy);
    return db_fail(db, rc);
}

/* --- in steps --- */

static int read_page_bytes(struct db *db, size_t *ret_n)
{
    SCOPED_STMT(s, db, "SELECT page_size AS n FROM pragma_page_size");
    if (stmt_step(s) != 1)
        return -1;
    *ret_n = (size_t)stmt_i64(s, "n");
    return 0;
}

/* SQLite does not change the size of the pages of a database in memory by itself. */
static int open_empty(struct db *copy, size_t page_bytes)
{
    char pragma[40];
    const int how = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int rc = sqlite3_open_v2(":memory:", &copy->lite, how, NULL);
    (void)snprintf(pragma, sizeof pragma, "PRAGMA page_size = %zu", page_bytes);
    return rc == SQLITE_OK ? sqlite3_exec(copy->lite, pragma, NULL, NULL, NULL) : rc;
}

int copying_begin(struct copying *c, struct db *db)
{
    *c = (struct copying){.from = db};
    if (read_page_bytes(db, &c->page_bytes) != 0)
        return -1;
    c->copy = db_new();
    int rc = open_empty(c->copy, c->page_bytes);
    if (rc != SQLITE_OK)
        return db_fail(db, rc);
    c->backup = sqlite3_backup_init(c->copy->lite, "main", db->lite, "main");
    c->more = c->backup != NULL;
    return c->more ? 0 : db_fail(db, sqlite3_errcode(c->copy->lite));
}

static int end_backup(struct copying *c)
{
    int rc = sqlite3_backup_finish(c->backup);
    c->backup = NULL;
    c->more = false;
    return rc;
}

int copying_step(struct copying *c, size_t bytes)
{
    assert(c->backup && !c->from->transaction.begun);
    errno = 0;
    int rc = sqlite3_backup_step(c->backup, (int)(bytes / c->page_bytes) + 1);
    if (rc == SQLITE_OK)
        return 1;
    if (rc == SQLITE_DONE)
        rc = end_backup(c);
    return rc == SQLITE_OK ? 0 : db_fail(c->from, rc);
}

/* Each page of a copy that was made in steps is a block of its own, among those of the calls that ran
 * meanwhile. */
void copying_done(struct copying *c)
{
    (void)end_backup(c);
    db_close(c->copy);
    c->copy = NULL;
    if (c->page_bytes > 0)
        os_heap_trim();
}
