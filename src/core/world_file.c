/* The file is decoded by a shape and checked by its rules, like the parameters of a call. What no rule can
 * check is in core/world_check.c and in the products. */
#include "core/world_file.h"

#include "wire/decode.h"
#include "wire/json.h"
#include "wire/rules.h"

static size_t line_of(struct str text, size_t offset)
{
    size_t line = 1;
    for (size_t i = 0; i < offset && i < text.n; i++)
        line += text.p[i] == '\n';
    return line;
}

static struct str decode_problem(struct arena *a, const struct decode_error *e)
{
    switch (e->fault) {
    case DECODE_UNKNOWN:
        return arena_printf(a, "unknown key %.*s", STR_ARG(e->path));
    case DECODE_REPEATED:
        return arena_printf(a, "%.*s is there twice", STR_ARG(e->path));
    case DECODE_TYPE:
        return arena_printf(a, "%.*s must be of type %s", STR_ARG(e->path), e->expected);
    case DECODE_MISSING:
        return arena_printf(a, "%.*s is missing", STR_ARG(e->path));
    case DECODE_OK:
        break;
    }
    return STR("");
}

/* Reports the first problem with its place: first JSON, then names and types, then values. */
int world_file_parse(struct arena *a, struct str text, struct world_file **ret_file, struct str *ret_problem)
{
    struct node *tree;
    size_t offset;
    struct decode_error error;
    struct rule_failure failure;
    struct world_file *file = ARENA_NEW(a, struct world_file);
    if (json_parse(a, text, &tree, &offset) != 0) {
        *ret_problem = arena_printf(a, "not JSON at line %zu", line_of(text, offset));
        return -1;
    }
    if (tree->kind != NODE_OBJECT) {
        *ret_problem = STR("must be a JSON object");
        return -1;
    }
    if (decode(a, &world_file_shape, tree, file, &error) != 0) {
        *ret_problem = decode_problem(a, &error);
        return -1;
    }
    if (rules_check(a, &world_file_shape, file, &failure) != 0) {
        *ret_problem = arena_printf(a, "%.*s %.*s", STR_ARG(failure.path),
                                    STR_ARG(rule_sentence(a, failure.rule, LANG_EN)));
        return -1;
    }
    *ret_file = file;
    return 0;
}

/* An account that the file no longer has stays in the store with its resources. */
static int put_account(struct world *w, struct str uin)
{
    SCOPED_STMT(s, w->db, "INSERT INTO account (uin) VALUES (:uin) ON CONFLICT DO NOTHING");
    stmt_bind_str(s, ":uin", uin);
    return stmt_run(s);
}

static int put_credential(struct world *w, const struct account *account, const struct world_credential *from,
                          struct str *ret_problem)
{
    const struct access *access;
    if (access_parse(&w->arena, from, &access, ret_problem) != 0)
        return -1;
    if (accounts_add_credential(&w->accounts, account, from->secret_id, from->secret_key) != 0) {
        *ret_problem = arena_printf(&w->arena, "the secret_id %.*s is there twice", STR_ARG(from->secret_id));
        return -1;
    }
    accounts_set_access(&w->accounts, from->secret_id, access);
    return 0;
}

int world_file_put_credentials(struct world *w, const struct world_account *from, bool test_account,
                               struct str *ret_problem)
{
    struct account *account = ARENA_NEW(&w->arena, struct account);
    account->uin = arena_dup(&w->arena, from->uin);
    if (account_rules_parse(&w->arena, from, &account->rules, ret_problem) != 0)
        return -1;
    for (size_t i = 0; i < from->credentials.n; i++) {
        if (put_credential(w, account, &from->credentials.v[i], ret_problem) != 0)
            return -1;
        if (test_account)
            accounts_set_test_account(&w->accounts, from->credentials.v[i].secret_id);
    }
    return 0;
}

/* Every product's actions that the patterns match. */
static void set_offline(struct world *w, const struct str_list *patterns)
{
    w->offline = ARENA_ARRAY(&w->arena, bool, registry_n_actions(w->registry));
    for (size_t i = 0; i < registry_n_actions(w->registry); i++)
        w->offline[i] = access_matches(patterns, registry_action_at(w->registry, i)->name);
}

/* Applies the settings of the file that concern all accounts. */
static void put_gateway(struct world *w, const struct world_file *file)
{
    w->unavailable = w->unavailable || file->unavailable.v;
    if (file->offline_actions.n > 0)
        set_offline(w, &file->offline_actions);
}

struct str world_file_first_resource(const struct registry *r, const struct world_region *from)
{
    struct str id = {NULL, 0};
    for (size_t i = 0; i < r->n_products && !id.p; i++) {
        const struct fixture_hooks *hooks = &r->products[i]->hooks->fixtures;
        if (hooks->first_resource)
            id = hooks->first_resource(from);
    }
    return id;
}

/* The start-up message shows the first region with a resource. */
static void set_example(struct world *w, const struct world_region *from)
{
    struct str id = world_file_first_resource(w->registry, from);
    if (w->example_region.p || !id.p)
        return;
    w->example_region = arena_dup(&w->arena, from->region);
    w->example_resource = arena_dup(&w->arena, id);
}

static int put_region(struct world *w, struct str account, const struct world_region *from)
{
    struct resource_owner owner = {account, from->region};
    set_example(w, from);
    for (size_t i = 0; i < w->registry->n_products; i++) {
        const struct fixture_hooks *hooks = &w->registry->products[i]->hooks->fixtures;
        if (hooks->put_region && hooks->put_region(w, &owner, from) != 0)
            return -1;
    }
    return 0;
}

static int put_regions(struct world *w, const struct world_account *from)
{
    for (size_t i = 0; i < from->regions.n; i++)
        if (put_region(w, from->uin, &from->regions.v[i]) != 0)
            return -1;
    return 0;
}

/* The clock stands still meanwhile: what a file lists is equally old, and lists that are ordered by time have
 * the order of the file. */
int world_file_put_owned(struct world *w, const struct world_account *from)
{
    struct clock running = w->clock;
    clock_freeze(&w->clock, world_now_ms(w));
    int rc = put_account(w, from->uin) == 0 ? put_regions(w, from) : -1;
    w->clock = running;
    return rc;
}

int world_file_apply(struct world *w, const struct world_file *file, struct str *ret_problem)
{
    put_gateway(w, file);
    if (savepoint_begin(w->db) != 0)
        return -1;
    for (size_t i = 0; i < file->accounts.n; i++) {
        const struct world_account *account = &file->accounts.v[i];
        if (world_file_put_credentials(w, account, false, ret_problem) == 0 &&
            world_file_put_owned(w, account) == 0)
            continue;
        savepoint_rollback(w->db);
        return -1;
    }
    return savepoint_release(w->db);
}
