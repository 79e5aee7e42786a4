/*
 * Certificates: the only user of GnuTLS. Text in, text out (PEM); files are server/ca.h's matter.
 *
 * Keys are P-256: made in a millisecond, and every client of the cloud takes them.
 */
#ifndef VIRGA_SERVER_X509_H
#define VIRGA_SERVER_X509_H

#include "base/arena.h"

/* A certificate and its private key, each as PEM. */
struct pem_pair {
    struct str certificate, key;
};

/* What a server's certificate is valid for: addresses ("127.0.0.1", "::1") and host names ("*.example.com").
 */
struct san_list {
    const struct str *name;
    size_t n;
};

/* A new authority, valid for ten years from `now_s` (seconds since 1970). -1 and a sentence. */
int x509_make_authority(struct arena *a, int64_t now_s, struct pem_pair *ret_pair, struct str *ret_why);
/* Both parts can be read and belong together, and it stays valid for a month more. */
bool x509_authority_is_good(const struct pem_pair *authority, int64_t now_s);

struct x509_server {
    const struct pem_pair *authority; /* signs it */
    struct san_list names;
    int64_t now_s;
};

/* A server's certificate, valid for about a year. -1 and a sentence. */
int x509_make_server(struct arena *a, const struct x509_server *wanted, struct pem_pair *ret_pair,
                     struct str *ret_why);
/* Both parts can be read and belong together, the authority signed it for exactly these names, in this order,
 * and it stays valid for a month more. */
bool x509_server_is_good(const struct pem_pair *server, const struct x509_server *wanted);

#endif
