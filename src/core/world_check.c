/* A mistyped name in a world file would otherwise have no effect at all: a policy that denies an action that
 * does not exist lets every call pass. So each name is looked up, and the place is reported as the rules do.
 */
#include "core/world_check.h"

#include "core/account.h"

int world_check_unknown(struct arena *a, const struct world_name *name, const struct suggestion *suggestion,
                        struct str *ret_problem)
{
    *ret_problem =
        arena_printf(a, "%.*s: there is no %s %.*s", STR_ARG(name->path), name->kind, STR_ARG(name->value));
    if (suggestion->best.p)
        *ret_problem =
            arena_printf(a, "%.*s; did you mean %.*s?", STR_ARG(*ret_problem), STR_ARG(suggestion->best));
    return -1;
}

/* --- actions --- */

/* A pattern of a policy: its beginning when it ends with a star, else a whole name. */
static bool is_action(const struct registry *r, struct str pattern)
{
    if (!str_ends(pattern, STR("*")))
        return registry_find_action(r, pattern) != NULL;
    for (size_t i = 0; i < registry_n_actions(r); i++)
        if (str_starts(registry_action_at(r, i)->name, str_head(pattern, pattern.n - 1)))
            return true;
    return false;
}

static int check_actions(const struct registry *r, struct arena *a, const struct str_list *list,
                         struct str path, struct str *ret_problem)
{
    struct suggestion suggestion;
    for (size_t i = 0; i < list->n; i++) {
        if (is_action(r, list->v[i]))
            continue;
        suggest_init(&suggestion, list->v[i]);
        action_offer(r, &suggestion);
        struct world_name name = {arena_printf(a, "%.*s.%zu", STR_ARG(path), i), "action", list->v[i]};
        return world_check_unknown(a, &name, &suggestion, ret_problem);
    }
    return 0;
}

/* --- regions --- */

/* Calls `use` for every region of the cloud that a product knows, until it returns true. */
static bool any_region(const struct registry *r, bool (*use)(void *context, struct str region), void *context)
{
    for (size_t i = 0; i < r->n_products; i++) {
        const struct product *p = r->products[i];
        for (size_t j = 0; j < p->n_regions; j++)
            if (use(context, p->regions[j].name))
                return true;
        for (size_t j = 0; j < p->n_other_regions; j++)
            if (use(context, p->other_regions[j]))
                return true;
    }
    return false;
}

static bool has_pattern(void *context, struct str region)
{
    struct str_list pattern = {.v = context, .n = 1};
    return access_matches(&pattern, region);
}

static bool offer(void *context, struct str region)
{
    suggest_offer(context, region);
    return false;
}

/* `name` may be a pattern, too. */
static int check_region_name(const struct registry *r, struct arena *a, const struct world_name *name,
                             struct str *ret_problem)
{
    struct suggestion suggestion;
    struct str pattern = name->value;
    if (any_region(r, has_pattern, &pattern))
        return 0;
    suggest_init(&suggestion, name->value);
    any_region(r, offer, &suggestion);
    return world_check_unknown(a, name, &suggestion, ret_problem);
}

static int check_regions(const struct registry *r, struct arena *a, const struct str_list *list,
                         struct str path, struct str *ret_problem)
{
    for (size_t i = 0; i < list->n; i++) {
        struct world_name name = {arena_printf(a, "%.*s.%zu", STR_ARG(path), i), "region", list->v[i]};
        if (check_region_name(r, a, &name, ret_problem) != 0)
            return -1;
    }
    return 0;
}

/* --- accounts --- */

static int check_credential(const struct registry *r, struct arena *a, const struct world_credential *from,
                            struct str path, struct str *ret_problem)
{
    struct str policy = CONCAT(a, path, STR(".policy"));
    if (!from->policy)
        return 0;
    if (check_actions(r, a, &from->policy->deny_actions, CONCAT(a, policy, STR(".deny_actions")),
                      ret_problem) != 0)
        return -1;
    return check_regions(r, a, &from->policy->deny_regions, CONCAT(a, policy, STR(".deny_regions")),
                         ret_problem);
}

static int check_region(const struct registry *r, struct arena *a, const struct world_region *from,
                        struct str path, struct str *ret_problem)
{
    struct world_name name = {CONCAT(a, path, STR(".region")), "region", from->region};
    if (check_region_name(r, a, &name, ret_problem) != 0)
        return -1;
    for (size_t i = 0; i < r->n_products; i++) {
        const struct fixture_hooks *hooks = &r->products[i]->hooks->fixtures;
        if (hooks->check_region && hooks->check_region(a, from, path, ret_problem) != 0)
            return -1;
    }
    return 0;
}

static int check_account(const struct registry *r, struct arena *a, const struct world_account *from,
                         struct str path, struct str *ret_problem)
{
    for (size_t i = 0; i < from->credentials.n; i++)
        if (check_credential(r, a, &from->credentials.v[i],
                             arena_printf(a, "%.*s.credentials.%zu", STR_ARG(path), i), ret_problem) != 0)
            return -1;
    for (size_t i = 0; i < from->regions.n; i++)
        if (check_region(r, a, &from->regions.v[i], arena_printf(a, "%.*s.regions.%zu", STR_ARG(path), i),
                         ret_problem) != 0)
            return -1;
    return 0;
}

int world_check(const struct registry *r, struct arena *a, const struct world_file *file,
                struct str *ret_problem)
{
    if (check_actions(r, a, &file->offline_actions, STR("offline_actions"), ret_problem) != 0)
        return -1;
    for (size_t i = 0; i < file->accounts.n; i++)
        if (check_account(r, a, &file->accounts.v[i], arena_printf(a, "accounts.%zu", i), ret_problem) != 0)
            return -1;
    return 0;
}
