/*
 * The endpoints file, by which a running server is found: its addresses, a credential, and its process.
 *
 * `virga serve` writes it when it is ready, in the user's own folder unless --endpoints-file names another
 * place. Its mode is 0600, because it contains a secret key.
 */
#ifndef VIRGA_CLI_ENDPOINTS_H
#define VIRGA_CLI_ENDPOINTS_H

#include "base/arena.h"

/* A text that is absent has p == NULL, in the file null. */
struct endpoints {
    struct str endpoint, control; /* for clients */
    struct str local;             /* for this machine; absent: `endpoint` */
    struct str secret_id, secret_key, region, instance;
    struct str db;                    /* absent: in memory */
    struct str tls_endpoint, ca_file; /* absent: no TLS */
    struct str unix_socket;           /* absent: none */
    int64_t pid;
};

/* $XDG_STATE_HOME/virga/NAME, or ~/.local/state/virga/NAME. NULL when neither variable is set. */
const char *endpoints_state_path(struct arena *a, const char *name);
/* The default place of the file, likewise. */
const char *endpoints_default_path(struct arena *a);

/* The file's text: one line of JSON. */
struct str endpoints_text(struct arena *a, const struct endpoints *e);

/* Writes the file atomically. -1 and a sentence. */
int endpoints_write(struct arena *a, const char *path, const struct endpoints *e, struct str *ret_problem);

/* Reads a file. -1 and a sentence; a key that is missing or null gives an absent text. The texts live in `a`.
 */
int endpoints_read(struct arena *a, const char *path, struct endpoints *ret_e, struct str *ret_problem);

/* The endpoint for a program on the same machine, as are the subcommands that ask a server. */
struct str endpoints_local(const struct endpoints *e);

/* The address of the web console of an endpoint. */
struct str endpoints_console(struct arena *a, struct str endpoint);

/* Whether the process that wrote the file still runs; a zombie does not. */
bool endpoints_alive(const struct endpoints *e);

/* Whether the file belongs to another virga that runs. Its process number may belong to another program by
 * now, which the program's name shows. */
bool endpoints_taken(const struct endpoints *e);

/* Removes the file if this process wrote it; another server may have replaced it since. */
void endpoints_withdraw(struct arena *a, const char *path);

#endif
