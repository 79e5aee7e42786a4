/* The program's exit codes; `virga --help` prints this table. */
#ifndef VIRGA_CLI_EXIT_H
#define VIRGA_CLI_EXIT_H

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
    EXIT_NO_SERVER = 9   /* virga env: no server is running */
};

#endif
