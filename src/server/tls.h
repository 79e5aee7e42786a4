/*
 * Certificates for TLS: a local certificate authority that is made once and kept in a folder, and a server's
 * certificate signed by it. The only user of GnuTLS, which gnutls_library.h loads.
 *
 * ca.pem    the authority's certificate, which clients have to trust ca.key    its private key leaf.pem  the
 * server's certificate, signed by the authority leaf.key  its private key
 *
 * Each file has mode 0600 and is replaced as a whole. One that is missing, damaged or expires soon is
 * replaced. The next start removes the rest of one that was killed. One that exists and cannot be read is an
 * error, since it may belong to another user. A lock file makes servers that start at the same time wait for
 * each other.
 */
#ifndef VIRGA_SERVER_TLS_H
#define VIRGA_SERVER_TLS_H

#include "base/arena.h"

/* A certificate and its private key, each as PEM text. */
struct pem_pair {
    struct str certificate, key;
};

/* What a server's certificate is valid for: addresses ("127.0.0.1", "::1") and host names ("*.example.com").
 */
struct san_list {
    const struct str *name;
    size_t n;
};

struct ca {
    struct arena *arena; /* for what is read and made */
    const char *folder;  /* becomes its absolute name */
    /* Set by the functions below: */
    const char *path; /* of ca.pem */
    struct pem_pair authority;
    bool replaced; /* it replaces a damaged or expired one, so clients have to trust it first */
};

/* Opens the authority of ca->folder, or makes it together with its folder. -1 with a sentence in the arena.
 */
int ca_open(struct ca *ca, struct str *ret_problem);

/* The same, and a server's certificate for these names. */
int ca_certificate(struct ca *ca, struct san_list names, struct pem_pair *ret_server,
                   struct str *ret_problem);

/* True when both parts can be read and belong together, and the certificate is valid at `now_s` (seconds
 * since 1970) and for a month more. */
bool x509_authority_is_good(const struct pem_pair *authority, int64_t now_s);

/* The certificate that a server needs. */
struct x509_server {
    const struct pem_pair *authority; /* which signs it */
    struct san_list names;
    int64_t now_s;
};

/* The same for a server's certificate, which must also be signed by this authority and have exactly these
 * names in this order. */
bool x509_server_is_good(const struct pem_pair *server, const struct x509_server *wanted);

#endif
