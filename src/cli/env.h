/* The language of texts, and calls printed as programs of a client. */
#ifndef VIRGA_CLI_ENV_H
#define VIRGA_CLI_ENV_H

#include "cli/session.h"
#include "core/template.h"

/* LANG_EN or LANG_ZH: the first of LC_ALL, LC_MESSAGES and LANG that is set decides (POSIX, XBD 8.2). */
int lang_of_locale(void);

/* A call as a program of a client, with a valid signature of its own; the server fills in the template. */
struct code_sample {
    struct str client, action;
    struct str region, secret_id; /* p == NULL: the server's own */
    struct str params;            /* a JSON object */
};

/* The template of this client; ends the program with the names of all when `option` names none of them. */
const struct client_template *need_client(struct session *s, const char *option, struct str name);

/* Asks the server for the program and prints it, with --json within an object. Returns the exit code. */
int code_sample_print(struct session *s, const struct code_sample *sample);

#endif
