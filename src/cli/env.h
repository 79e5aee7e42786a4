/* The language of words for people: what an option says, else the locale. */
#ifndef VIRGA_CLI_ENV_H
#define VIRGA_CLI_ENV_H

#include "base/str.h"
#include "cli/options.h"
#include "cli/session.h"

/* "en" or "zh" to LANG_EN or LANG_ZH. -1 and a sentence. */
int lang_parse(struct str value, int *ret_lang, struct str *ret_problem);

/* The first of LC_ALL, LC_MESSAGES and LANG that is set decides, as for every program (POSIX, XBD 8.2). */
int lang_of_locale(void);

/* --- program --- */

/* A call as a program of a client, with a fresh and valid signature: the server fills in its skeleton. */

struct program {
    struct str client, action;
    struct str region, secret_id; /* p == NULL: the server's own */
    struct str params;            /* a JSON object */
};

/* Prints it, and ends the session. The exit code. */
int code_sample_print(struct session *s, const struct program *p);

/* --- env --- */

/* The subcommand `virga env`: how to reach the server that is running, for a shell or for a client. */

extern const struct option_table env_option_table;

/* argv behind the subcommand. The exit code. */
int env_main(char **argv);

#endif
