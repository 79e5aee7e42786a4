/* The two forms differ in how the table gets its pointers: from the linker, or by name from the loaded
 * library. */
#include "cli/curl_library.h"

#include <dlfcn.h>

#ifdef CURL_IS_LINKED

#define POINTER(member, name) .member = name,
static struct curl_library library = {CURL_FUNCTIONS(POINTER)};

static int find_functions(struct str *ret_problem)
{
    (void)ret_problem;
    return 0;
}

#else

static struct curl_library library;

/* NULL when neither build of the library is installed. */
static void *open_library(void)
{
    /* The builds with GnuTLS and with OpenSSL have the same functions. */
    static const char *const names[] = {"libcurl-gnutls.so.4", "libcurl.so.4"};
    void *found = NULL;
    for (size_t i = 0; i < sizeof names / sizeof names[0] && !found; i++)
        found = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    return found;
}

static int find_functions(struct str *ret_problem)
{
#define POINTER(member, name) {#name, (void **)&library.member},
    const struct {
        const char *name;
        void **function;
    } wanted[] = {CURL_FUNCTIONS(POINTER)};
    void *found = open_library();
    *ret_problem = STR("libcurl is not installed (libcurl-gnutls.so.4 or libcurl.so.4)");
    if (!found)
        return -1;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (!(*wanted[i].function = dlsym(found, wanted[i].name)))
            return -1;
    return 0;
}

#endif

const struct curl_library *curl_library_load(struct str *ret_problem)
{
    static bool loaded;
    if (!loaded && find_functions(ret_problem) != 0)
        return NULL;
    /* The TLS libraries in use set themselves up. */
    if (!loaded)
        (void)library.global_init(CURL_GLOBAL_NOTHING);
    loaded = true;
    return &library;
}
