/* Checks of the world file that no rule of its form can express: names that must exist, ids that must differ.
 */
#ifndef VIRGA_CORE_WORLD_CHECK_H
#define VIRGA_CORE_WORLD_CHECK_H

#include "core/registry.h"
#include "gen/world.h"

/* The whole file, after world_file_parse. 0, or -1 with the place and the first problem in *ret_problem, and
 * the nearest name where one is near. All texts are in `a`. */
int world_check(const struct registry *r, struct arena *a, const struct world_file *file,
                struct str *ret_problem);

/* A value of the file that should be a name that exists. */
struct world_name {
    struct str path;  /* its place in the file: "accounts.0.regions.1.region" */
    const char *kind; /* what it names: "region" */
    struct str value;
};

/* Writes that there is no such name, and the suggestion if there is one. -1, for the caller to return. */
int world_check_unknown(struct arena *a, const struct world_name *name, const struct suggestion *suggestion,
                        struct str *ret_problem);

#endif
