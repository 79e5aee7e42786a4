/* The program: a table of subcommands. */
#include <stdio.h>
#include <string.h>

#include "cli/ca.h"
#include "cli/env.h"
#include "cli/exit.h"
#include "cli/serve.h"
#include "cli/version.h"

struct subcommand {
    const char *name, *help;
    int (*run)(char **argv);
};

static const struct subcommand subcommands[] = {
    {"serve", "serve the API on this machine", serve_main},
    {"env", "print how to reach the running server, for a shell or a client", env_main},
    {"ca", "print the path of the certificate that TLS clients have to trust", ca_main},
};

enum { SUBCOMMANDS = sizeof subcommands / sizeof subcommands[0] };

static const char exit_codes[] = "Exit codes:\n"
                                 "  0  ended as asked\n"
                                 "  1  something unexpected, such as no memory\n"
                                 "  2  an option or a command that makes no sense\n"
                                 "  3  the address is taken or not ours, or it has no certificate\n"
                                 "  4  the database was written by a newer virga\n"
                                 "  5  the database is in use by another virga\n"
                                 "  6  the database cannot be opened, or is not virga's\n"
                                 "  7  the world file cannot be used\n"
                                 "  8  while running, the disk refused to keep what was promised\n"
                                 "  9  no server is running (virga env)\n";

static void print_help(void)
{
    printf("virga " VIRGA_VERSION ": Tencent Cloud's SQL Server API on your own machine.\n\n"
           "Usage: virga SUBCOMMAND [options]   (virga SUBCOMMAND --help)\n\nSubcommands:\n");
    for (size_t i = 0; i < SUBCOMMANDS; i++)
        printf("  %-10s %s\n", subcommands[i].name, subcommands[i].help);
    printf("\n%s", exit_codes);
}

int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "--help";
    if (strcmp(word, "--version") == 0) {
        printf("virga " VIRGA_VERSION "\n");
        return EXIT_OK;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        print_help();
        return argc > 1 ? EXIT_OK : EXIT_USAGE;
    }
    for (size_t i = 0; i < SUBCOMMANDS; i++)
        if (strcmp(word, subcommands[i].name) == 0)
            return subcommands[i].run(argv + 2);
    fprintf(stderr, "virga: there is no subcommand %s; virga --help lists them\n", word);
    return EXIT_USAGE;
}
