/* The lock file of a database. */
#include "store/lock.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The pid in the file is parsed from so many bytes; the largest has 20 digits. */
enum { PID_TEXT_BYTES = 24 };

/* A holder removes the file while it still has the lock, so a newcomer may get the lock of a file that has no
 * name any more and protects nothing. */
static bool has_name(const struct lock *lock)
{
    struct stat open_file, named_file;
    return fstat(lock->fd, &open_file) == 0 && lstat(lock->path, &named_file) == 0 &&
           open_file.st_dev == named_file.st_dev && open_file.st_ino == named_file.st_ino;
}

/* The pid in the file; 0 when it is empty, -1 when it has any other text. */
static int64_t read_pid(int fd)
{
    char text[PID_TEXT_BYTES];
    int64_t pid = 0;
    ssize_t n = pread(fd, text, sizeof(text), 0);
    if (n < 0 || (n > 0 && str_to_i64(str_trim((struct str){text, (size_t)n}), &pid) != 0))
        return -1;
    return pid;
}

/* Another program's file may have that name, and its text must not be overwritten. */
static bool is_lock_file(int fd)
{
    struct stat found;
    return fstat(fd, &found) == 0 && S_ISREG(found.st_mode) && found.st_nlink <= 1 && read_pid(fd) >= 0;
}

/* O_NOFOLLOW and O_NONBLOCK: write_holder would empty the target of a symbolic link, and opening a FIFO would
 * wait. */
static int try_once(struct lock *lock)
{
    lock->fd = open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (lock->fd >= 0 && is_lock_file(lock->fd))
        return flock(lock->fd, LOCK_EX | LOCK_NB);
    if (lock->fd >= 0 || errno == ELOOP)
        errno = EEXIST;
    return -1;
}

/* Best effort: the lock works without the pid, only the message has less to say. */
static void write_holder(const struct lock *lock)
{
    if (ftruncate(lock->fd, 0) == 0)
        (void)dprintf(lock->fd, "%ld\n", (long)getpid());
}

/* Keeps errno, which is the reason that the caller reports. */
static void drop(struct lock *lock)
{
    int saved = errno;
    if (lock->fd >= 0)
        (void)close(lock->fd);
    lock->fd = -1;
    errno = saved;
}

/* Tries again when the file lost its name between open and flock: its holder has just removed it. */
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
    if (lock->fd >= 0 && errno == EWOULDBLOCK) {
        int64_t pid = read_pid(lock->fd);
        *ret_holder = pid > 0 ? (long)pid : 0;
        errno = EWOULDBLOCK;
    }
    drop(lock);
    return -1;
}

/* Opened for reading only: on NFS, flock is a lock of SQLite's kind and needs a writable descriptor, so there
 * it fails. No lock is better than one that SQLite waits for. */
int lock_hold(const char *path, int *ret_fd)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
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
    assert(lock->fd == -1);
}
