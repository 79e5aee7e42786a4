/* The program: finds the subcommand and runs it. */
#include <string.h>

#include "base/log.h"
#include "base/suggest.h"
#include "base/version.h"
#include "cli/output.h"
#include "gen/cli.h"

/* Names the nearest subcommand when there is one near enough. */
static _Noreturn void reject_subcommand(const char *word)
{
    struct suggestion suggestion;
    suggest_init(&suggestion, str_from(word));
    for (size_t i = 0; i < COMMANDS; i++)
        suggest_offer(&suggestion, str_from(commands[i].name));
    if (suggestion.best.p)
        die(EXIT_USAGE, "there is no subcommand %s; did you mean %.*s?", word, STR_ARG(suggestion.best));
    die(EXIT_USAGE, "there is no subcommand %s; virga --help lists them", word);
}

/* Without a word the help is printed, but with the exit code of a usage error, for scripts. */
int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "--help";
    const struct command *command = command_find(str_from(word));
    if (command)
        return command_run(command, argv + 2);
    if (strcmp(word, "--version") == 0)
        return output_write(STR("virga " VIRGA_VERSION "\n")) == 0 ? EXIT_OK : EXIT_UNEXPECTED;
    if (strcmp(word, "--help") != 0 && strcmp(word, "-h") != 0)
        reject_subcommand(word);
    (void)output_write(main_help);
    return argc > 1 ? EXIT_OK : EXIT_USAGE;
}
