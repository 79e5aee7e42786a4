/*
 * A disk that loses what was not synced: preloaded into a server under test, it keeps for every file the
 * bytes that a power cut could not take.
 *
 *     cc -shared -fPIC -o powerloss.so powerloss.c -ldl -lpthread
 *     VIRGA_TEST_DISK=/some/folder LD_PRELOAD=./powerloss.so virga serve --db ...
 *
 * At each fsync or fdatasync of a plain file it copies the file first, then lets the sync happen, and only
 * then puts the copy into VIRGA_TEST_DISK under the file's own name. All that the copy holds was written
 * before the sync began, so the sync covers it. To cut the power, kill the server and put the copies in the
 * place of its files; a test may also leave some of the files as they are, since the system is free to write
 * early.
 *
 * A size would not do for the write-ahead log: after a checkpoint it starts again at its beginning.
 *
 * With VIRGA_TEST_DISK_LIES set, syncs of a log succeed and do nothing: a test that cannot see that sees
 * nothing.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef int sync_function(int fd);

int fsync(int fd);
int fdatasync(int fd);

/* One sync at a time: of two syncs of one file the older copy must not end up over the newer one. */
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static void give_up(const char *what)
{
    perror(what);
    abort();
}

/* The name of an open plain file in its folder; NULL for anything else. */
static const char *name_of(int fd, char path[PATH_MAX])
{
    char link[64];
    struct stat st;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return NULL;
    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, PATH_MAX - 1);
    if (n < 0)
        return NULL;
    path[n] = '\0';
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Copies through the descriptor at hand: opening the database once more and closing it would drop SQLite's
 * locks. */
static void copy(int from, const char *to)
{
    off_t at = 0;
    ssize_t n;
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (out < 0)
        give_up(to);
    while ((n = copy_file_range(from, &at, out, NULL, 1 << 24, 0)) > 0)
        continue;
    if (n < 0 || close(out) < 0)
        give_up(to);
}

static int sync_and_keep(int fd, sync_function *sync, const char *disk, const char *name)
{
    char fresh[PATH_MAX], kept[PATH_MAX];
    if (snprintf(fresh, sizeof(fresh), "%s/%s.new", disk, name) >= PATH_MAX)
        give_up(name);
    (void)snprintf(kept, sizeof(kept), "%s/%s", disk, name);
    copy(fd, fresh);
    if (sync(fd) < 0)
        return -1;
    if (rename(fresh, kept) < 0)
        give_up(kept);
    return 0;
}

static int is_log(const char *name)
{
    size_t n = strlen(name);
    return n >= 4 && strcmp(name + n - 4, "-wal") == 0;
}

static int intercept(int fd, const char *function)
{
    char path[PATH_MAX];
    sync_function *sync;
    *(void **)&sync =
        dlsym(RTLD_NEXT, function); /* POSIX's own way from an object's pointer to a function's */
    const char *disk = getenv("VIRGA_TEST_DISK");
    const char *name = name_of(fd, path);
    if (!disk || !name)
        return sync(fd);
    if (getenv("VIRGA_TEST_DISK_LIES") && is_log(name))
        return 0;
    pthread_mutex_lock(&one_at_a_time);
    int rc = sync_and_keep(fd, sync, disk, name);
    int saved = errno;
    pthread_mutex_unlock(&one_at_a_time);
    errno = saved;
    return rc;
}

int fsync(int fd)
{
    return intercept(fd, "fsync");
}

int fdatasync(int fd)
{
    return intercept(fd, "fdatasync");
}
