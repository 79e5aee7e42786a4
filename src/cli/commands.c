/* The table of subcommands. */
#include "cli/commands.h"

#include <string.h>

#include "cli/ca.h"
#include "cli/env.h"
#include "cli/serve.h"
#include "cli/serve_options.h"

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
