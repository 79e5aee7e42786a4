/* The program: finds the subcommand and runs it. */
#include "cli/main.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/suggest.h"
#include "base/version.h"
#include "cli/env.h"
#include "cli/health.h"
#include "cli/serve.h"
#include "cli/serve_options.h"

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

static _Noreturn void reject(const char *word)
{
    struct suggestion suggestion;
    suggest_init(&suggestion, str_from(word));
    for (size_t i = 0; i < n_commands; i++)
        suggest_offer(&suggestion, str_from(commands[i].name));
    if (suggestion.best.p)
        die(EXIT_USAGE, "there is no subcommand %s; did you mean %.*s?", word, STR_ARG(suggestion.best));
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
    reject(word);
}

/* --- commands --- */

/* The table of subcommands. */

const struct command commands[] = {
    {"serve", "serve the API on this machine", &serve_option_table, serve_main},
    {"run", "run a command, such as tests, with a server of its own", &run_option_table, run_main},
    {"wait", "wait until the server answers", &wait_option_table, wait_main},
    {"health", "ask the server whether it is there", &health_option_table, health_main},
    {"env", "print how to reach the running server, for a shell or a client", &env_option_table, env_main},
    {"ca", "print the path of the certificate that TLS clients have to trust", &ca_option_table, ca_main},
    {"call", "sign and send one call, and print the answer", &call_option_table, call_main},
    {"console", "open the web console in the browser", &console_option_table, console_main},
    {"requests", "show the calls that the server has had", &requests_option_table, requests_main},
    {"verify", "check that calls were made", &verify_option_table, verify_main},
    {"why", "say why a call was refused, and print it again with a right signature", &why_option_table,
     why_main},
    {"sig", "compare what a client has signed with what virga has", &sig_option_table, sig_main},
    {"faults", "make calls fail, wait or lose their answer", &faults_option_table, faults_main},
    {"magic", "list the instance ids that bring about an error", &magic_option_table, magic_main},
    {"coverage", "show which error codes the calls have met", &coverage_option_table, coverage_main},
    {"clock", "show, freeze or move the service's clock", &clock_option_table, clock_main},
    {"reset", "put the server's state back to its beginning", &reset_option_table, reset_main},
    {"state", "save or load the whole state", &state_option_table, state_main},
    {"actions", "list the actions, or describe one", &actions_option_table, actions_main},
    {"explain", "say what an error code means and what causes it", &explain_option_table, explain_main},
    {"completion", "print the completion script of a shell", &completion_option_table, completion_main},
    {"man", "print the manual page", &man_option_table, man_main},
};

const size_t n_commands = sizeof commands / sizeof commands[0];

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < n_commands; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

/* --- exit --- */

/* What the exit codes mean, in the words that are printed. */

const struct exit_meaning exit_meanings[] = {
    {EXIT_OK, "ended as asked"},
    {EXIT_UNEXPECTED, "something unexpected, such as no memory"},
    {EXIT_USAGE, "an option or a command that makes no sense"},
    {EXIT_LISTEN, "the address is taken or not ours, or it has no certificate"},
    {EXIT_DB_NEWER, "the database was written by a newer virga"},
    {EXIT_DB_LOCKED, "the database is in use by another virga"},
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
