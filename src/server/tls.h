/*
 * Certificates: the only user of GnuTLS. Text in, text out (PEM); files are server/ca.h's matter.
 *
 * Keys are P-256: made in a millisecond, and every client of the cloud takes them.
 */
#ifndef VIRGA_SERVER_TLS_H
#define VIRGA_SERVER_TLS_H

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
int x509_make_authority(struct arena *a, int64_t now_s, struct pem_pair *ret_pair, struct str *ret_problem);
/* Both parts can be read and belong together, and it stays valid for a month more. */
bool x509_authority_is_good(const struct pem_pair *authority, int64_t now_s);

struct x509_server {
    const struct pem_pair *authority; /* signs it */
    struct san_list names;
    int64_t now_s;
};

/* A server's certificate, valid for about a year. -1 and a sentence. */
int x509_make_server(struct arena *a, const struct x509_server *wanted, struct pem_pair *ret_pair,
                     struct str *ret_problem);
/* Both parts can be read and belong together, the authority signed it for exactly these names, in this order,
 * and it stays valid for a month more. */
bool x509_server_is_good(const struct pem_pair *server, const struct x509_server *wanted);

/* --- ca --- */

/*
 * The local certificate authority: four files in a folder, made once and used again.
 *
 *   ca.pem    the authority's certificate: what a client has to trust
 *   ca.key    its key
 *   leaf.pem  the server's certificate, signed by it
 *   leaf.key  its key
 *
 * Each has mode 0600 and is replaced at once or not at all. Any of them that is missing, damaged or about to
 * expire is made anew; a file that is there and may not be read is an error, since it is somebody's. A lock
 * file makes servers that start together wait for each other.
 */

struct ca {
    struct arena *arena; /* for what is read and made */
    const char *folder;  /* becomes its absolute name */
    /* Found or made: */
    const char *path; /* of ca.pem */
    struct pem_pair authority;
    bool replaced; /* there was another one, damaged or expired: clients must be told to trust this one */
};

/* The authority of ca->folder, made with its folder where there is none. -1 and a sentence. */
int ca_open(struct ca *ca, struct str *ret_problem);

/* That, and a server's certificate for these names. */
int ca_certificate(struct ca *ca, struct san_list names, struct pem_pair *ret_server,
                   struct str *ret_problem);

#endif
