/* The program's exit codes; `virga --help`, the man page and docs/cli.md print the table. */
#ifndef VIRGA_CLI_EXIT_H
#define VIRGA_CLI_EXIT_H

#include <stddef.h>

enum {
    EXIT_OK = 0,
    EXIT_UNEXPECTED = 1, /* out of memory, no entropy, ... */
    EXIT_USAGE = 2,      /* an option that does not exist or does not make sense */
    EXIT_LISTEN = 3,     /* the address is taken or not ours, or it has no certificate */
    EXIT_DB_NEWER = 4,   /* the database was written by a newer virga */
    EXIT_DB_HELD = 5,    /* another virga has it */
    EXIT_DB_FAILED = 6,  /* it cannot be opened, or is not virga's */
    EXIT_WORLD = 7,      /* the world file cannot be used */
    EXIT_DISK = 8,       /* while running, the disk refused to keep what was promised */
    EXIT_NO_SERVER = 9,  /* a subcommand that asks a server found none */
    EXIT_REFUSED = 10,   /* the server said no: an error of a call or of the control API */
    EXIT_NOT_SO = 11,    /* virga verify: the calls were not as described; virga sig diff: the texts differ */
    EXIT_COVERAGE = 12,  /* virga run: less coverage than asked for */
    /* virga run: as shells have them. */
    EXIT_CANNOT_RUN = 126,
    EXIT_NOT_FOUND = 127,
    EXIT_SIGNAL = 128 /* and the signal's number */
};

struct exit_meaning {
    int code;
    const char *meaning;
};

extern const struct exit_meaning exit_meanings[];
extern const size_t n_exit_meanings;

#endif
