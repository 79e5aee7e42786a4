/* A call as a program of a client, with a fresh and valid signature: the server fills in its skeleton. */
#ifndef VIRGA_CLI_PROGRAM_H
#define VIRGA_CLI_PROGRAM_H

#include "cli/session.h"

struct program {
    struct str client, action;
    struct str region, secret_id; /* p == NULL: the server's own */
    struct str params;            /* a JSON object */
};

/* Prints it, and ends the session. The exit code. */
int program_print(struct session *s, const struct program *p);

#endif
