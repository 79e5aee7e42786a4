/* The program: finds the subcommand and runs it. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/near.h"
#include "base/version.h"
#include "cli/commands.h"
#include "cli/exit.h"

static void print_help(void)
{
    printf("virga " VIRGA_VERSION ": Tencent Cloud's SQL Server API on your own machine.\n\n"
           "Usage: virga SUBCOMMAND [options]   (virga SUBCOMMAND --help)\n\nSubcommands:\n");
    for (size_t i = 0; i < n_commands; i++)
        printf("  %-10s %s\n", commands[i].name, commands[i].help);
    printf("\nExit codes:\n");
    for (size_t i = 0; i < n_exit_meanings; i++)
        printf("  %3d  %s\n", exit_meanings[i].code, exit_meanings[i].meaning);
}

static _Noreturn void refuse(const char *word)
{
    struct near near;
    near_init(&near, str_from(word));
    for (size_t i = 0; i < n_commands; i++)
        near_offer(&near, str_from(commands[i].name));
    if (near.best.p)
        die(EXIT_USAGE, "there is no subcommand %s; did you mean %.*s?", word, STR_ARG(near.best));
    die(EXIT_USAGE, "there is no subcommand %s; virga --help lists them", word);
}

int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "--help";
    const struct command *command = command_find(word);
    if (command)
        return command->run(argv + 2);
    if (strcmp(word, "--version") == 0) {
        printf("virga " VIRGA_VERSION "\n");
        return EXIT_OK;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        print_help();
        return argc > 1 ? EXIT_OK : EXIT_USAGE;
    }
    refuse(word);
}
