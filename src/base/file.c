/* Files. A path from a user may be a pipe, a device or a file without an end: what is no file is refused
 * before it is opened, and reading is bounded in size and in time. */
#include "base/file.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"

/* As much as a pipe holds: one read empties it. */
enum { FIRST_ROOM = 64 * 1024 };

void fd_close(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

const char *file_refusal(const char *path)
{
    struct stat found;
    if (stat(path, &found) != 0 || S_ISREG(found.st_mode))
        return NULL;
    if (S_ISDIR(found.st_mode))
        return "it is a directory, not a file";
    if (S_ISFIFO(found.st_mode))
        return "it is a pipe, not a file";
    return S_ISSOCK(found.st_mode) ? "it is a socket, not a file" : "it is a device, not a file";
}

static int fail(struct arena *a, const char *path, const char *reason, struct str *ret_problem)
{
    assert(reason);
    *ret_problem = arena_printf(a, "%s: %s", path, reason);
    return -1;
}

/* As read, with a bound on the time: the server reads files at its start, when no signal ends it yet. -1 with
 * errno. */
static ssize_t read_some(int fd, char *p, size_t n)
{
    struct pollfd input = {.fd = fd, .events = POLLIN};
    for (;;) {
        int ready = poll(&input, 1, LIMIT_FILE_WAIT_MS);
        ssize_t got = ready > 0 ? read(fd, p, n) : -1;
        if (ready == 0)
            errno = ETIMEDOUT;
        if (got >= 0 || (errno != EINTR && errno != EAGAIN))
            return got;
    }
}

static int fail_read(struct arena *a, const char *path, struct str *ret_problem)
{
    return fail(a, path, errno == ETIMEDOUT ? "no data: its writer is missing or silent" : strerror(errno),
                ret_problem);
}

static int read_whole(struct arena *a, const char *path, size_t cap, struct str *ret_text,
                      struct str *ret_problem)
{
    /* O_NONBLOCK: opening a pipe without a writer would wait. It has no effect on a regular file. */
    FD_SCOPE fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    size_t room = FIRST_ROOM, n = 0;
    ssize_t got = 0;
    if (fd < 0)
        return fail_read(a, path, ret_problem);
    char *p = arena_alloc(a, room);
    while ((got = read_some(fd, p + n, room - n)) > 0) {
        n += (size_t)got;
        assert(n <= room);
        if (n > cap)
            return fail(a, path, "too large", ret_problem);
        if (n == room) {
            p = memcpy(arena_alloc(a, room * 2), p, n);
            room *= 2;
        }
    }
    if (got < 0)
        return fail_read(a, path, ret_problem);
    *ret_text = (struct str){p, n};
    return 0;
}

static bool is_pipe(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 && S_ISFIFO(found.st_mode);
}

int file_read(struct arena *a, const char *path, size_t cap, struct str *ret_text, struct str *ret_problem)
{
    const char *refusal = file_refusal(path);
    return refusal ? fail(a, path, refusal, ret_problem) : read_whole(a, path, cap, ret_text, ret_problem);
}

int file_read_input(struct arena *a, const char *path, size_t cap, struct str *ret_text,
                    struct str *ret_problem)
{
    if (is_pipe(path))
        return read_whole(a, path, cap, ret_text, ret_problem);
    return file_read(a, path, cap, ret_text, ret_problem);
}

int file_write_all(int fd, struct str text)
{
    while (text.n > 0) {
        ssize_t n = write(fd, text.p, text.n);
        if (n < 0 && errno != EINTR)
            return -1;
        text = str_skip(text, n > 0 ? (size_t)n : 0);
    }
    return 0;
}

/* Between the name of a file and the unique part of its replacement's name. A user's copy of the file has no
 * such name. */
#define TEMPORARY ".virga-"

/* A new file cannot be made, with errno. */
static int fail_make(struct arena *a, const char *path, struct str *ret_problem)
{
    int problem = errno;
    const char *missing = problem == ENOENT ? file_missing_folder(a, path) : NULL;
    const char *reason = missing ? arena_printf(a, "there is no folder %s", missing).p : strerror(problem);
    return fail(a, path, reason, ret_problem);
}

/* A new file that will replace another one. Its lock tells file_sweep that its process lives. */
struct replacement {
    const char *name;
    int fd;
    int lock; /* keeps the lock until the new name is there, which is after `fd` is closed; -1: none */
};

/* In the same folder, because rename does not cross file systems. mkstemp creates it with mode 0600. Another
 * process may sweep a file before it is locked; then this makes another one. -1 with errno. */
static int replacement_open(struct arena *a, const char *path, struct replacement *ret_new)
{
    enum { TRIES = 100 };
    struct stat made = {.st_nlink = 0};
    for (int i = 0; i < TRIES; i++) {
        char *name = (char *)(uintptr_t)arena_printf(a, "%s" TEMPORARY FILE_UNIQUE, path).p; /* not const */
        int fd = mkstemp(name);
        if (fd < 0)
            return -1;
        if (flock(fd, LOCK_EX) != 0 || fstat(fd, &made) != 0 || made.st_nlink > 0) {
            *ret_new = (struct replacement){name, fd, fcntl(fd, F_DUPFD_CLOEXEC, 0)};
            return 0;
        }
        (void)close(fd);
    }
    errno = EBUSY;
    return -1;
}

int file_replace(struct arena *a, const char *path, struct str text, struct str *ret_problem)
{
    struct replacement new;
    const char *refusal = file_refusal(path);
    if (refusal)
        return fail(a, path, refusal, ret_problem);
    if (replacement_open(a, path, &new) < 0)
        return fail_make(a, path, ret_problem);
    int rc = file_write_all(new.fd, text);
    bool done = close(new.fd) == 0 && rc == 0 && rename(new.name, path) == 0;
    int problem = errno;
    if (!done)
        (void)unlink(new.name);
    fd_close(&new.lock);
    return done ? 0 : fail(a, path, strerror(problem), ret_problem);
}

/* Is `name` that of a replacement of `file`, both without their folder? */
static bool is_temporary(struct str name, struct str file)
{
    size_t fixed = file.n + strlen(TEMPORARY);
    if (name.n != fixed + strlen(FILE_UNIQUE) || !str_starts(name, file) ||
        !str_starts(str_skip(name, file.n), STR(TEMPORARY)))
        return false;
    for (size_t i = fixed; i < name.n; i++)
        if (!ascii_is_letter(name.p[i]) && !ascii_is_digit(name.p[i]))
            return false;
    return true;
}

/* Keeps the lock while it removes the file, so that its process does not start to use it. */
static void remove_unlocked(int folder, const char *name)
{
    struct stat found;
    FD_SCOPE fd = openat(folder, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &found) == 0 && S_ISREG(found.st_mode) && flock(fd, LOCK_EX | LOCK_NB) == 0)
        (void)unlinkat(folder, name, 0);
}

/* Best effort: a file that cannot be removed is no reason to fail. */
void file_sweep(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    struct str file = str_from(slash ? slash + 1 : path);
    DIR *folder = opendir(slash ? arena_cstr(a, (struct str){path, (size_t)(slash + 1 - path)}) : ".");
    if (!folder)
        return;
    for (struct dirent *e; (e = readdir(folder));)
        if (is_temporary(str_from(e->d_name), file))
            remove_unlocked(dirfd(folder), e->d_name);
    (void)closedir(folder);
}

/* A new folder survives a power cut only when the folder above was synced. Best effort: some file systems
 * refuse it. */
static void sync_parent(struct arena *a, const char *folder)
{
    int fd = open(arena_printf(a, "%s/..", folder).p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)fsync(fd);
    (void)close(fd);
}

static int make_folder(struct arena *a, const char *folder)
{
    if (mkdir(folder, 0700) < 0)
        return errno == EEXIST ? 0 : -1;
    sync_parent(a, folder);
    return 0;
}

/* The folder of `path` that ends at the next slash, in the arena; NULL after the last. `*at` is the place of
 * that slash; NULL at the start. */
static const char *next_folder(struct arena *a, const char *path, const char **at)
{
    *at = strchr(*at ? *at + 1 : path + (path[0] == '/'), '/');
    return *at ? arena_cstr(a, (struct str){path, (size_t)(*at - path)}) : NULL;
}

int file_make_parents(struct arena *a, const char *path)
{
    const char *at = NULL, *folder;
    while ((folder = next_folder(a, path, &at)))
        if (make_folder(a, folder) < 0)
            return -1;
    return 0;
}

const char *file_missing_folder(struct arena *a, const char *path)
{
    struct stat found;
    const char *at = NULL, *folder;
    while ((folder = next_folder(a, path, &at)))
        if (stat(folder, &found) != 0 && errno == ENOENT)
            return folder;
    return NULL;
}
