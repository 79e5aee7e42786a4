/*
 * The servers of `virga start`: where each has its files.
 *
 * A server has a name, by which subcommands find it, or none. The one without a name has the default files,
 * which `virga serve` uses too; each other one has a folder of its own.
 */
#ifndef VIRGA_CLI_SERVERS_H
#define VIRGA_CLI_SERVERS_H

#include "cli/session.h"

struct server_files {
    const char *endpoints, *db, *log;
};

/* Whether a name can be that of a folder: letters, digits, '.', '_' and '-', at most LIMIT_SERVER_NAME, and
 * no dot at the start. */
bool server_name_is_valid(struct str name);

/* The files of the server of that name; p == NULL: of the one without a name. -1 when neither HOME nor
 * XDG_STATE_HOME is set. */
int server_files_of(struct arena *a, struct str name, struct server_files *ret_files);

/* The names that have a folder, in order, whether or not their server runs. */
struct str_list server_names(struct arena *a);

#endif
