/* The database's file before SQLite sees it; see dbfile.h. */
#include "store/dbfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"

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
