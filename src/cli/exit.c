/* What the exit codes mean, in the words that are printed. */
#include "cli/exit.h"

const struct exit_meaning exit_meanings[] = {
    {EXIT_OK, "ended as asked"},
    {EXIT_UNEXPECTED, "something unexpected, such as no memory"},
    {EXIT_USAGE, "an option or a command that makes no sense"},
    {EXIT_LISTEN, "the address is taken or not ours, or it has no certificate"},
    {EXIT_DB_NEWER, "the database was written by a newer virga"},
    {EXIT_DB_HELD, "the database is in use by another virga"},
    {EXIT_DB_FAILED, "the database cannot be opened, or is not virga's"},
    {EXIT_WORLD, "the world file cannot be used"},
    {EXIT_DISK, "while running, the disk refused to keep what was promised"},
    {EXIT_NO_SERVER, "no server is running, or it does not answer"},
    {EXIT_REFUSED, "the server answered with an error"},
    {EXIT_NOT_SO, "virga verify: the calls were not as described; virga sig diff: the texts differ"},
    {EXIT_COVERAGE, "virga run: the coverage is below --fail-under"},
    {EXIT_CANNOT_RUN, "virga run: the command cannot be run"},
    {EXIT_NOT_FOUND, "virga run: the command was not found"},
    {EXIT_SIGNAL, "virga run: and more, the command was ended by the signal of the number above 128"},
};

const size_t n_exit_meanings = sizeof exit_meanings / sizeof exit_meanings[0];
