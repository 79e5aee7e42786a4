/*
 * A kill in the middle of replacing a file: preloaded into a server under test, it kills the process before
 * it renames anything to VIRGA_TEST_KILL_AT.
 *
 *     cc -shared -fPIC -o killrename.so killrename.c -ldl
 *     VIRGA_TEST_KILL_AT=leaf.pem LD_PRELOAD=./killrename.so virga serve ...
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int rename_function(const char *from, const char *to);

int rename(const char *from, const char *to)
{
    const char *name = getenv("VIRGA_TEST_KILL_AT"), *slash = strrchr(to, '/');
    rename_function *next;
    *(void **)&next = dlsym(RTLD_NEXT, "rename");
    if (name && strcmp(slash ? slash + 1 : to, name) == 0)
        (void)raise(SIGKILL);
    return next(from, to);
}
