/* The code writes the document as JSON and parses it like a world file. So every rule of the file is checked,
 * and the next start can read the document. */
#include "core/test_account.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/flow.h"
#include "core/world_check.h"
#include "core/world_file.h"
#include "wire/encode.h"
#include "wire/json.h"

enum { UIN_CHARS = 12, KEY_CHARS = 32, DOCUMENT_FIRST_ROOM = 4096 };

/* --- ids --- */

static struct str random_text(struct world *w, struct arena *a, const char *prefix, size_t n)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    size_t head = strlen(prefix);
    char *p = arena_alloc(a, head + n);
    memcpy(p, prefix, head);
    for (size_t i = 0; i < n; i++)
        p[head + i] = letters[rng_next(&w->rng) % (sizeof letters - 1)];
    return (struct str){p, head + n};
}

/* The uin begins with 2; the one of the built-in account begins with 1. */
static struct str random_uin(struct world *w, struct arena *a)
{
    char *p = arena_alloc(a, UIN_CHARS);
    p[0] = '2';
    for (size_t i = 1; i < UIN_CHARS; i++)
        p[i] = (char)('0' + rng_next(&w->rng) % 10);
    return (struct str){p, UIN_CHARS};
}

/* 1 if the account is there, 0 if not, -1 when the store failed. */
static int is_known(struct world *w, struct str uin)
{
    SCOPED_STMT(s, w->db, "SELECT 1 FROM account WHERE uin = :uin");
    stmt_bind_str(s, ":uin", uin);
    return stmt_step(s);
}

/* Takes the ids from the world's random numbers, although one of them is a key: a seeded run must give the
 * same accounts each time, and the key protects only an emulator. After a restart the same seed gives ids
 * that are already taken. */
static int choose_ids(struct world *w, struct arena *a, struct test_account *g)
{
    int known;
    do
        g->uin = random_uin(w, a);
    while ((known = is_known(w, g->uin)) == 1);
    do
        g->secret_id = random_text(w, a, "AKID", KEY_CHARS);
    while (accounts_find_credential(&w->accounts, g->secret_id));
    g->secret_key = random_text(w, a, "", KEY_CHARS);
    return known;
}

/* --- the document --- */

static struct node *text_node(struct arena *a, struct str text)
{
    struct node *n = node_new(a, NODE_STRING);
    n->text = text;
    return n;
}

/* The first account with a credential, as the world file has it. */
static const struct node *first_account(struct world *w, struct arena *a)
{
    struct node *tree;
    if (json_parse(a, w->file_text, &tree, NULL) != 0)
        return node_new(a, NODE_OBJECT); /* cannot happen: the same text was parsed at the start */
    const struct node *account = node_find(tree, STR("accounts"))->first;
    for (; account; account = account->next) {
        const struct node *uin = node_find(account, STR("uin"));
        if (uin && str_eq(uin->text, w->accounts.first->account->uin))
            return account;
    }
    return node_new(a, NODE_OBJECT);
}

static struct node *credentials_node(struct arena *a, const struct test_account *g)
{
    struct node *list = node_new(a, NODE_ARRAY), *one = node_new(a, NODE_OBJECT);
    node_add(one, STR("secret_id"), text_node(a, g->secret_id));
    node_add(one, STR("secret_key"), text_node(a, g->secret_key));
    node_add(list, (struct str){NULL, 0}, one);
    return list;
}

/* Adds a copy of a member; the tree that it comes from stays unchanged. */
static void add_member(struct arena *a, struct node *account, const struct node *member)
{
    struct node *copy = ARENA_NEW(a, struct node);
    *copy = *member;
    copy->next = NULL;
    node_add(account, member->name, copy);
}

static struct node *account_node(struct world *w, struct arena *a, const struct node *given,
                                 const struct test_account *g)
{
    struct node *account = node_new(a, NODE_OBJECT);
    const struct node *from = given ? given : first_account(w, a);
    node_add(account, STR("uin"), text_node(a, g->uin));
    node_add(account, STR("credentials"), credentials_node(a, g));
    for (const struct node *m = from->first; m; m = m->next)
        if (given || (!str_eq(m->name, STR("uin")) && !str_eq(m->name, STR("credentials"))))
            add_member(a, account, m);
    return account;
}

/* A world file. world_file_parse and world_check find what is wrong in `given`; a uin in it would be a second
 * one. */
static struct str document_of(struct world *w, struct arena *a, const struct node *given,
                              const struct test_account *g)
{
    struct buf b;
    struct node *root = node_new(a, NODE_OBJECT), *accounts = node_new(a, NODE_ARRAY),
                *version = node_new(a, NODE_NUMBER);
    version->number = 1;
    node_add(accounts, (struct str){NULL, 0}, account_node(w, a, given, g));
    node_add(root, STR("version"), version);
    node_add(root, STR("accounts"), accounts);
    buf_init(&b, a, DOCUMENT_FIRST_ROOM, LIMIT_WORLD_FILE);
    encode_node(&b, root);
    return buf_str(&b);
}

/* --- creating one --- */

static int insert(struct world *w, struct str uin, struct str document)
{
    SCOPED_STMT(s, w->db, "INSERT INTO guest (account, document) VALUES (:uin, :document)");
    stmt_bind_str(s, ":uin", uin);
    stmt_bind_str(s, ":document", document);
    return stmt_run(s);
}

static int store(struct world *w, const struct world_account *account, struct str document)
{
    if (savepoint_begin(w->db) != 0)
        return -1;
    /* With what world_file_put_owned demands. */
    if (world_file_put_owned(w, account) == 0 && insert(w, account->uin, document) == 0 &&
        flow_reschedule(w) == 0 && savepoint_release(w->db) == 0)
        return 0;
    savepoint_rollback(w->db);
    return -1;
}

static void set_example(const struct registry *r, const struct world_account *account,
                        struct test_account *ret_account)
{
    for (size_t i = 0; i < account->regions.n && !ret_account->region.p; i++) {
        const struct world_region *from = &account->regions.v[i];
        ret_account->resource_id = world_file_first_resource(r, from);
        ret_account->region = ret_account->resource_id.p ? from->region : (struct str){NULL, 0};
    }
}

/* Writes to the store first: an insert can fail, adding a credential in memory cannot. */
int test_account_create(struct world *w, struct arena *a, const struct node *given,
                        struct test_account *ret_account, struct str *ret_problem)
{
    struct test_account g = {.region = {NULL, 0}};
    struct world_file *file;
    const struct account_rules *rules;
    *ret_problem = (struct str){NULL, 0};
    if (choose_ids(w, a, &g) != 0)
        return -1;
    struct str document = document_of(w, a, given, &g);
    if (world_file_parse(a, document, &file, ret_problem) != 0 ||
        world_check(w->registry, a, file, ret_problem) != 0)
        return -1;
    const struct world_account *account = &file->accounts.v[0];
    if (account_rules_parse(a, account, &rules, ret_problem) != 0 || store(w, account, document) != 0)
        return -1;
    set_example(w->registry, account, &g);
    w->replaced = true;
    *ret_account = g;
    return world_file_put_credentials(w, account, true, ret_problem);
}

/* --- those in the store --- */

/* Calls `use` for the document of every test account, until it returns -1. */
static int for_each(struct world *w, struct arena *a,
                    int (*use)(struct world *w, struct arena *a, struct str document,
                               struct str *ret_problem),
                    struct str *ret_problem)
{
    SCOPED_STMT(s, w->db, "SELECT document FROM guest ORDER BY account");
    int rc;
    while ((rc = stmt_step(s)) == 1)
        if (use(w, a, stmt_str(s, a, "document"), ret_problem) != 0)
            return -1;
    return rc;
}

static int parse(struct arena *a, struct str document, struct world_file **ret_file, struct str *ret_problem)
{
    if (world_file_parse(a, document, ret_file, ret_problem) != 0)
        return -1;
    if ((*ret_file)->accounts.n == 1)
        return 0;
    *ret_problem = STR("it must have one account");
    return -1;
}

/* Adds a test account; leaves it out when it contradicts the current world file. */
static int load(struct world *w, struct arena *a, struct str document, struct str *ret_problem)
{
    struct world_file *file;
    if (parse(a, document, &file, ret_problem) != 0 ||
        world_file_put_credentials(w, &file->accounts.v[0], true, ret_problem) != 0)
        log_say(LOG_WARN, "a test account is left out: %.*s", STR_ARG(*ret_problem));
    return 0;
}

int test_account_load(struct world *w)
{
    struct str problem;
    struct arena scratch; /* what is kept is copied */
    arena_init(&scratch);
    accounts_drop_test_accounts(&w->accounts);
    int rc = for_each(w, &scratch, load, &problem);
    arena_done(&scratch);
    return rc;
}

/* Rejects a test account with a key of the world file, because it would take that key from its owner. */
static int check(struct world *w, struct arena *a, struct str document, struct str *ret_problem)
{
    struct world_file *file;
    struct str problem;
    const struct account_rules *rules;
    if (parse(a, document, &file, &problem) != 0 ||
        account_rules_parse(a, file->accounts.v, &rules, &problem) != 0) {
        *ret_problem = arena_printf(a, "table guest: %.*s", STR_ARG(problem));
        return -1;
    }
    const struct world_credential_list *keys = &file->accounts.v[0].credentials;
    for (size_t i = 0; i < keys->n; i++) {
        const struct credential *known = accounts_find_credential(&w->accounts, keys->v[i].secret_id);
        if (!known || known->test_account)
            continue;
        *ret_problem = arena_printf(a, "table guest: the secret_id %.*s belongs to the server's world",
                                    STR_ARG(keys->v[i].secret_id));
        return -1;
    }
    return 0;
}

int test_account_check(struct world *w, struct arena *a, struct str *ret_problem)
{
    return for_each(w, a, check, ret_problem);
}

static int refill(struct world *w, struct arena *a, struct str uin)
{
    SCOPED_STMT(s, w->db, "SELECT document FROM guest WHERE account = :uin");
    struct world_file *file;
    struct str problem;
    stmt_bind_str(s, ":uin", uin);
    int rc = stmt_step(s);
    if (rc != 1)
        return rc;
    if (parse(a, stmt_str(s, a, "document"), &file, &problem) != 0)
        return 0;
    return world_file_put_owned(w, &file->accounts.v[0]) == 0 ? 1 : -1;
}

int test_account_restore(struct world *w, struct str uin)
{
    struct arena scratch;
    arena_init(&scratch);
    int rc = refill(w, &scratch, uin);
    arena_done(&scratch);
    return rc;
}
