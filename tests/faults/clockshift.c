/*
 * A machine whose clock can be set: preloaded into a server under test, it adds the milliseconds of a file to
 * CLOCK_REALTIME. Other clocks stay as they are, as they do when a real machine's clock is set.
 *
 *     cc -shared -fPIC -o clockshift.so clockshift.c
 *     VIRGA_TEST_SHIFT=/some/file LD_PRELOAD=./clockshift.so virga serve ...
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* 0 when there is no file: the clock is right. */
static long long shift_ms(void)
{
    char text[32] = {0};
    const char *path = getenv("VIRGA_TEST_SHIFT");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, text, sizeof text - 1);
    (void)close(fd);
    return n > 0 ? atoll(text) : 0;
}

int clock_gettime(clockid_t id, struct timespec *now)
{
    long rc = syscall(SYS_clock_gettime, id, now);
    if (rc != 0 || id != CLOCK_REALTIME)
        return (int)rc;
    long long ns = now->tv_nsec + shift_ms() * 1000000;
    now->tv_sec += ns / 1000000000;
    now->tv_nsec = ns % 1000000000;
    if (now->tv_nsec < 0) {
        now->tv_nsec += 1000000000;
        now->tv_sec--;
    }
    return 0;
}
