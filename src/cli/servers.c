#include "cli/servers.h"

#include <dirent.h>
#include <stdlib.h>

#include "base/limits.h"

#define FOLDER "servers"

bool server_name_is_valid(struct str name)
{
    const struct str other = STR("._-");
    for (size_t i = 0; i < name.n; i++)
        if (!ascii_is_letter(name.p[i]) && !ascii_is_digit(name.p[i]) &&
            str_find(other, name.p[i]) == other.n)
            return false;
    return name.n > 0 && name.n <= LIMIT_SERVER_NAME && name.p[0] != '.';
}

/* NULL when no variable says where the state is. */
static const char *path_of(struct arena *a, struct str name, const char *file)
{
    if (!name.p)
        return endpoints_state_path(a, file);
    return endpoints_state_path(a, arena_printf(a, FOLDER "/%.*s/%s", STR_ARG(name), file).p);
}

int server_files_of(struct arena *a, struct str name, struct server_files *ret_files)
{
    ret_files->endpoints = path_of(a, name, "endpoints.json");
    ret_files->db = path_of(a, name, "virga.db");
    ret_files->log = path_of(a, name, "virga.log");
    return ret_files->endpoints ? 0 : -1;
}

static int compare(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

struct str_list server_names(struct arena *a)
{
    struct str_list names = {0};
    const char *path = endpoints_state_path(a, FOLDER);
    DIR *folder = path ? opendir(path) : NULL;
    if (!folder)
        return names;
    for (struct dirent *e; (e = readdir(folder));)
        if (server_name_is_valid(str_from(e->d_name)))
            str_list_add(a, &names, arena_dup(a, str_from(e->d_name)));
    (void)closedir(folder);
    if (names.n > 0)
        qsort(names.v, names.n, sizeof *names.v, compare);
    return names;
}
