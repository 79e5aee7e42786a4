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

static bool is_any(const char *word, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

/* Without a word the help is printed, but with the exit code of a usage error, for scripts. `virga help
 * serve` is `virga serve --help`. */
int main(int argc, char **argv)
{
    static const char *const version_words[] = {"--version", "-V", "version", NULL};
    static const char *const help_words[] = {"--help", "-h", "help", NULL};
    static char help_option[] = "--help", *help[] = {help_option, NULL};
    const char *word = argc > 1 ? argv[1] : "--help";
    bool helps = is_any(word, help_words);
    const struct command *command = command_find(str_from(helps && argc > 2 ? argv[2] : word));
    if (command)
        return command_run(command, helps ? help : argv + 2);
    if (is_any(word, version_words))
        return output_write(STR("virga " VIRGA_VERSION "\n")) == 0 ? EXIT_OK : EXIT_UNEXPECTED;
    if (!helps || argc > 2)
        reject_subcommand(helps ? argv[2] : word);
    (void)output_write(main_help);
    return argc > 1 ? EXIT_OK : EXIT_USAGE;
}
