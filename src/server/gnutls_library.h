/*
 * Loads GnuTLS when TLS is asked for. It stays loaded until the program ends.
 *
 * This is only for builds with a static libmicrohttpd. The shared one has loaded GnuTLS already.
 */
#ifndef VIRGA_SERVER_GNUTLS_LIBRARY_H
#define VIRGA_SERVER_GNUTLS_LIBRARY_H

#include "base/str.h"

#ifdef GNUTLS_IS_LINKED
static inline int gnutls_library_load(struct str *ret_problem)
{
    (void)ret_problem;
    return 0;
}
#else
/* Must have returned 0 before any function of GnuTLS is called. -1 with a sentence; a second call does
 * nothing. */
int gnutls_library_load(struct str *ret_problem);
#endif

#endif
