/*
 * The functions of libcurl. A static program has the library in it; another one loads it at the first
 * request: it needs some twenty other libraries, which would add about 4 ms to each start of the program,
 * twice the time of a start without them.
 */
#ifndef VIRGA_CLI_CURL_LIBRARY_H
#define VIRGA_CLI_CURL_LIBRARY_H

#include <curl/curl.h>

#include "base/str.h"

/* What client.c uses, with the types of libcurl's header. */
#define CURL_FUNCTIONS(ROW)                                                                                  \
    ROW(global_init, curl_global_init)                                                                       \
    ROW(init, curl_easy_init)                                                                                \
    ROW(setopt, curl_easy_setopt)                                                                            \
    ROW(getinfo, curl_easy_getinfo)                                                                          \
    ROW(perform, curl_easy_perform)                                                                          \
    ROW(reset, curl_easy_reset)                                                                              \
    ROW(cleanup, curl_easy_cleanup)                                                                          \
    ROW(strerror, curl_easy_strerror)                                                                        \
    ROW(append, curl_slist_append)                                                                           \
    ROW(free_all, curl_slist_free_all)

#define CURL_MEMBER(member, name) __typeof__(name) *member;
struct curl_library {
    CURL_FUNCTIONS(CURL_MEMBER)
};

/* The functions, set up for use. They stay loaded until the program ends. NULL with a sentence. */
const struct curl_library *curl_library_load(struct str *ret_problem);

#endif
