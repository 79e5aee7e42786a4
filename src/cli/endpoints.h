/*
 * The file by which a running server is found: where it is, whose credential it takes, which process it is.
 *
 * `virga serve` writes it once it is ready. It lies in the user's own folder unless --endpoints-file names
 * another place; the mode is 0600, because a secret key is in it.
 */
#ifndef VIRGA_CLI_ENDPOINTS_H
#define VIRGA_CLI_ENDPOINTS_H

#include "base/arena.h"

struct endpoints {
    struct str endpoint, control;
    struct str secret_id, secret_key, region, instance;
    struct str db;                    /* absent: in memory */
    struct str tls_endpoint, ca_file; /* absent: no TLS */
    struct str unix_socket;           /* absent: none */
    int64_t pid;
};

/* $XDG_STATE_HOME/virga/endpoints.json, or ~/.local/state/virga/endpoints.json. NULL when neither variable is
 * set. */
const char *endpoints_default_path(struct arena *a);

/* The file's text: one line of JSON. */
struct str endpoints_text(struct arena *a, const struct endpoints *e);

/* Writes the file at once or not at all, and the folders above it. -1 and a sentence. */
int endpoints_write(struct arena *a, const char *path, const struct endpoints *e, struct str *ret_problem);

/* Reads a file. -1 and a sentence; a key that is missing or null is an absent text. The texts live in `a`. */
int endpoints_read(struct arena *a, const char *path, struct endpoints *ret_e, struct str *ret_problem);

/* The address of the web console behind an endpoint. */
struct str endpoints_console(struct arena *a, struct str endpoint);

/* Whether the process that wrote the file still runs. One that is dead, and that its parent has not asked
 * for yet, does not. */
bool endpoints_alive(const struct endpoints *e);

/* Whether the file belongs to another virga that runs. Its number may have gone to another program since. */
bool endpoints_taken(const struct endpoints *e);

/* Removes the file if this process wrote it; another server may have put its own there since. */
void endpoints_withdraw(struct arena *a, const char *path);

#endif
