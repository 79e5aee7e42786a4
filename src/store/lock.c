/* The lock file beside a database; see lock.h. */
#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* A holder removes the file while it still has the lock, so a newcomer may get the lock of a file that has no
 * name any more, which protects nothing. */
static bool has_name(const struct lock *lock)
{
    struct stat open_file, named_file;
    return fstat(lock->fd, &open_file) == 0 && lstat(lock->path, &named_file) == 0 &&
           open_file.st_dev == named_file.st_dev && open_file.st_ino == named_file.st_ino;
}

/* Empty or a pid: a file of another program may well be called so, and its text is not ours to overwrite. */
static bool is_ours(int fd)
{
    char text[24];
    struct stat found;
    int64_t pid;
    if (fstat(fd, &found) != 0 || !S_ISREG(found.st_mode) || found.st_nlink > 1)
        return false;
    ssize_t n = pread(fd, text, sizeof(text), 0);
    return n == 0 || (n > 0 && str_to_i64(str_trim((struct str){text, (size_t)n}), &pid) == 0);
}

/* What is at the path may be anybody's: a symbolic link would have its target emptied by write_holder, and a
 * FIFO would keep the start waiting. */
static int try_once(struct lock *lock)
{
    lock->fd = open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (lock->fd >= 0 && is_ours(lock->fd))
        return flock(lock->fd, LOCK_EX | LOCK_NB);
    if (lock->fd >= 0 || errno == ELOOP)
        errno = EEXIST;
    return -1;
}

static long read_holder(const struct lock *lock)
{
    char text[24];
    ssize_t n = pread(lock->fd, text, sizeof(text), 0);
    int64_t pid = 0;
    if (n > 0)
        (void)str_to_i64(str_trim((struct str){text, (size_t)n}), &pid);
    return (long)pid;
}

/* Best effort: the lock holds without it, only the sentence gets poorer. */
static void write_holder(const struct lock *lock)
{
    if (ftruncate(lock->fd, 0) == 0)
        (void)dprintf(lock->fd, "%ld\n", (long)getpid());
}

/* errno is the reason that the caller tells, so that closing must not change it. */
static void drop(struct lock *lock)
{
    int saved = errno;
    if (lock->fd >= 0)
        (void)close(lock->fd);
    lock->fd = -1;
    errno = saved;
}

/* Again when the file lost its name between the opening and the lock: its holder has just removed it. */
int lock_take(struct lock *lock, struct arena *a, const char *db_path, long *ret_holder)
{
    *ret_holder = 0;
    lock->path = arena_printf(a, "%s.lock", db_path).p;
    while (try_once(lock) == 0) {
        if (has_name(lock)) {
            write_holder(lock);
            return 0;
        }
        drop(lock);
    }
    if (lock->fd >= 0 && errno == EWOULDBLOCK)
        *ret_holder = read_holder(lock);
    drop(lock);
    return -1;
}

/* For reading: where the lock would be one of SQLite's kind (NFS), the system then refuses it, and none is
 * better than one that SQLite waits for. */
int lock_hold(const char *path, int *ret_fd)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int rc = fd < 0 ? -1 : flock(fd, LOCK_EX | LOCK_NB);
    int reason = errno;
    *ret_fd = rc == 0 ? fd : -1;
    if (rc != 0 && fd >= 0)
        (void)close(fd);
    errno = reason;
    return rc != 0 && reason == EWOULDBLOCK ? -1 : 0;
}

void lock_release(struct lock *lock)
{
    if (lock->fd >= 0 && has_name(lock))
        (void)unlink(lock->path);
    drop(lock);
}
