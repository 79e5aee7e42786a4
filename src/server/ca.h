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
#ifndef VIRGA_SERVER_CA_H
#define VIRGA_SERVER_CA_H

#include "server/x509.h"

struct ca {
    struct arena *arena; /* for what is read and made */
    const char *folder;  /* becomes its absolute name */
    /* Found or made: */
    const char *path; /* of ca.pem */
    struct pem_pair authority;
    bool replaced; /* there was another one, damaged or expired: clients must be told to trust this one */
};

/* The authority of ca->folder, made with its folder where there is none. -1 and a sentence. */
int ca_open(struct ca *ca, struct str *ret_why);

/* That, and a server's certificate for these names. */
int ca_certificate(struct ca *ca, struct san_list names, struct pem_pair *ret_server, struct str *ret_why);

#endif
