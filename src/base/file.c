/*
 * Files. Every reading is bounded in size and in the time that it waits, since a path that a user gives may
 * be a pipe, a device or a file that never ends.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A pipe's writer that is silent for so long has nothing to say, or is not there. */
enum { SILENCE_MS = 5000 };

void fd_leave(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

static int fail(struct arena *a, const char *path, const char *reason, struct str *ret_problem)
{
    *ret_problem = arena_printf(a, "%s: %s", path, reason);
    return -1;
}

/* The server reads files at its start, when no signal ends it yet: it must not wait for ever. -1 with errno.
 */
static ssize_t read_some(int fd, char *p, size_t n)
{
    struct pollfd input = {.fd = fd, .events = POLLIN};
    for (;;) {
        int ready = poll(&input, 1, SILENCE_MS);
        ssize_t got = ready > 0 ? read(fd, p, n) : -1;
        if (ready == 0)
            errno = ETIMEDOUT;
        if (got >= 0 || (errno != EINTR && errno != EAGAIN))
            return got;
    }
}

static int fail_read(struct arena *a, const char *path, struct str *ret_problem)
{
    return fail(a, path, errno == ETIMEDOUT ? "no writer, or one that says nothing" : strerror(errno),
                ret_problem);
}

int file_read(struct arena *a, const char *path, size_t cap, struct str *ret_text, struct str *ret_problem)
{
    /* O_NONBLOCK: to open a pipe that nobody writes to would wait. To a regular file it means nothing. */
    FD_SCOPE fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    /* As much as a pipe holds: one reading empties it. */
    size_t room = 64 * 1024, n = 0;
    ssize_t got = 0;
    if (fd < 0)
        return fail_read(a, path, ret_problem);
    char *p = arena_alloc(a, room);
    while ((got = read_some(fd, p + n, room - n)) > 0) {
        n += (size_t)got;
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

static int write_all(int fd, struct str text)
{
    while (text.n > 0) {
        ssize_t n = write(fd, text.p, text.n);
        if (n < 0)
            return -1;
        text = str_skip(text, (size_t)n);
    }
    return 0;
}

int file_replace(struct arena *a, const char *path, struct str text, struct str *ret_problem)
{
    char *beside = (char *)(uintptr_t)arena_printf(a, "%s." FILE_UNIQUE, path)
                       .p; /* ours: made a line above, mkstemp fills it in */
    /* In the same folder, since rename does not cross file systems; with mode 0600 from the first moment. */
    int fd = mkstemp(beside);
    if (fd < 0)
        return fail(a, path, strerror(errno), ret_problem);
    int rc = write_all(fd, text);
    if (close(fd) == 0 && rc == 0 && rename(beside, path) == 0)
        return 0;
    int problem = errno;
    (void)unlink(beside);
    return fail(a, path, strerror(problem), ret_problem);
}

/* A new folder survives a power cut only when the folder above has been synced. Best effort: some file
 * systems refuse it. */
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

int file_make_parents(struct arena *a, const char *path)
{
    size_t start = path[0] == '/';
    for (const char *slash = strchr(path + start, '/'); slash; slash = strchr(slash + 1, '/')) {
        struct str folder = {path, (size_t)(slash - path)};
        if (make_folder(a, arena_cstr(a, folder)) < 0)
            return -1;
    }
    return 0;
}
