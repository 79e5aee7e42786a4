/*
 * The folder's lock is held from the first look to the last file written, so that of two servers that start
 * together one makes the files and the other finds them.
 */
#include "server/ca.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

/* Far more than a certificate for every region takes. */
enum { PEM_MAX = 256 * 1024 };
/* Who has the folder's lock keeps it while it makes two keys: a second at most, on a busy machine. */
enum { LOCK_WAIT_MS = 5000, LOCK_STEP_MS = 10 };

static int fail(const struct ca *ca, const char *what, struct str *ret_why)
{
    *ret_why = arena_printf(ca->arena, "%s: %s", what, strerror(errno));
    return -1;
}

static const char *path_of(const struct ca *ca, const char *name)
{
    return arena_printf(ca->arena, "%s/%s", ca->folder, name).p;
}

/* From here on the folder has its absolute name, for readers with another working directory. */
static int find_folder(struct ca *ca)
{
    char real[PATH_MAX];
    if (file_make_parents(ca->arena, path_of(ca, "lock")) != 0 || !realpath(ca->folder, real))
        return -1;
    ca->folder = arena_cstr(ca->arena, str_from(real));
    return 0;
}

/* -1 with errno. At a start no signal ends the program yet, so that it must not wait for ever. */
static int wait_for_lock(int fd)
{
    for (int waited_ms = 0;; waited_ms += LOCK_STEP_MS) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return 0;
        if ((errno != EWOULDBLOCK && errno != EINTR) || waited_ms >= LOCK_WAIT_MS)
            return -1;
        (void)poll(NULL, 0, LOCK_STEP_MS);
    }
}

/* The descriptor that holds the folder's lock until it is closed. -1 and a sentence. */
static int lock(struct ca *ca, struct str *ret_why)
{
    if (find_folder(ca) != 0)
        return fail(ca, ca->folder, ret_why);
    const char *path = path_of(ca, "lock");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && wait_for_lock(fd) == 0)
        return fd;
    if (errno == EWOULDBLOCK)
        *ret_why = arena_printf(ca->arena, "%s: another process holds this lock and does not let go", path);
    else
        (void)fail(ca, path, ret_why);
    fd_leave(&fd);
    return -1;
}

/* An absent file is empty, which no certificate is. */
static int load(const struct ca *ca, const char *name, struct str *ret_text, struct str *ret_why)
{
    const char *path = path_of(ca, name);
    *ret_text = STR("");
    if (access(path, F_OK) != 0)
        return errno == ENOENT ? 0 : fail(ca, path, ret_why);
    if (file_read(ca->arena, path, PEM_MAX, ret_text, ret_why) != 0)
        return -1;
    /* A copy or a restored backup may have let others in; what a link leads to is not ours to change. */
    (void)fchmodat(AT_FDCWD, path, 0600, AT_SYMLINK_NOFOLLOW);
    return 0;
}

/* The key first: after a crash in between, the two do not belong together and both are made anew. */
static int save(const struct ca *ca, const char *const names[2], const struct pem_pair *pair,
                struct str *ret_why)
{
    if (file_replace(ca->arena, path_of(ca, names[1]), pair->key, ret_why) != 0)
        return -1;
    return file_replace(ca->arena, path_of(ca, names[0]), pair->certificate, ret_why);
}

static const char *const authority_names[2] = {"ca.pem", "ca.key"};
static const char *const server_names[2] = {"leaf.pem", "leaf.key"};

static int load_pair(const struct ca *ca, const char *const names[2], struct pem_pair *ret_pair,
                     struct str *ret_why)
{
    if (load(ca, names[0], &ret_pair->certificate, ret_why) != 0)
        return -1;
    return load(ca, names[1], &ret_pair->key, ret_why);
}

static int open_locked(struct ca *ca, struct str *ret_why)
{
    int64_t now_s = clock_real_ms() / 1000;
    ca->path = path_of(ca, authority_names[0]);
    ca->replaced = false;
    if (load_pair(ca, authority_names, &ca->authority, ret_why) != 0)
        return -1;
    if (x509_authority_is_good(&ca->authority, now_s))
        return 0;
    ca->replaced = ca->authority.certificate.n > 0;
    if (x509_make_authority(ca->arena, now_s, &ca->authority, ret_why) != 0)
        return -1;
    return save(ca, authority_names, &ca->authority, ret_why);
}

int ca_open(struct ca *ca, struct str *ret_why)
{
    FD_SCOPE fd = lock(ca, ret_why);
    return fd < 0 ? -1 : open_locked(ca, ret_why);
}

int ca_certificate(struct ca *ca, struct san_list names, struct pem_pair *ret_server, struct str *ret_why)
{
    FD_SCOPE fd = lock(ca, ret_why);
    struct x509_server wanted = {&ca->authority, names, clock_real_ms() / 1000};
    if (fd < 0 || open_locked(ca, ret_why) != 0 || load_pair(ca, server_names, ret_server, ret_why) != 0)
        return -1;
    if (x509_server_is_good(ret_server, &wanted))
        return 0;
    if (x509_make_server(ca->arena, &wanted, ret_server, ret_why) != 0)
        return -1;
    return save(ca, server_names, ret_server, ret_why);
}
