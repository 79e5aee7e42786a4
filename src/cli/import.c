/* `virga import`: makes a world file of what an account of the cloud has, by Describe actions alone.
 *
 * Every answer is kept in FILE.part until the file is written, so a second run asks only for what is missing.
 */
#include <errno.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/cassette.h"
#include "cli/import_plan.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/upstream.h"
#include "core/world_check.h"
#include "core/world_file.h"
#include "gen/cli.h"
#include "gen/products.h"
#include "wire/encode.h"

/* The import of import_plan.h with what answers its questions. */
struct import_run {
    struct import import; /* first, so that `ask` finds the rest */
    struct session *session;
    struct upstream upstream;
    struct cassette earlier; /* answers of a run that was ended */
    const char *part_path;
    int part;       /* its descriptor */
    size_t resumed; /* answers that it had at the start */
    size_t kept;    /* that it has now */
};

/* --- asking ------------------------------------------------------------------------------------------- */

static const struct cassette_entry *find_earlier(const struct import_run *r, struct str action,
                                                 struct str region, struct str params)
{
    for (size_t i = 0; i < r->earlier.n; i++) {
        const struct cassette_entry *e = &r->earlier.entries[i];
        if (str_eq(e->action, action) && str_eq(e->region, region) && str_eq(e->params, params))
            return e;
    }
    return NULL;
}

static void show_progress(struct import_run *r, struct str action, struct str region)
{
    output_progress(arena_printf(r->import.arena, "%.*s: %.*s, %zu calls", STR_ARG(region), STR_ARG(action),
                                 r->upstream.calls));
}

/* Sends the call and keeps its answer, unless it is a failure that may pass. */
static int ask_upstream(struct import_run *r, struct str action, struct str region, struct str params,
                        struct upstream_answer *ret_answer, struct str *ret_problem)
{
    struct arena *a = r->import.arena;
    struct upstream_call call = {
        .action = action, .region = region, .language = STR("en-US"), .body = params};
    show_progress(r, action, region);
    if (upstream_send(&r->upstream, a, &call, ret_answer, ret_problem) != 0)
        return -1;
    if (!ret_answer->response) {
        *ret_problem = arena_printf(a, "%.*s answered with HTTP status %d and no answer of the API",
                                    STR_ARG(r->upstream.url), ret_answer->status);
        return -1;
    }
    struct cassette_entry entry = {.action = action,
                                   .version = r->import.product->version,
                                   .region = region,
                                   .params = params,
                                   .language = call.language,
                                   .status = ret_answer->status,
                                   .content_type = ret_answer->content_type,
                                   .took_ms = ret_answer->took_ms,
                                   .body = ret_answer->body};
    if (!ret_answer->code.p && cassette_append(r->part, a, &entry) != 0) {
        *ret_problem = arena_printf(a, "%s: %s", r->part_path, strerror(errno));
        return -1;
    }
    r->kept += !ret_answer->code.p;
    r->earlier.entries = arena_grow(a, r->earlier.entries, r->earlier.n, sizeof entry);
    r->earlier.entries[r->earlier.n++] = entry;
    return 0;
}

static int ask(struct import *im, struct str action, struct str region, struct str params,
               const struct node **ret_response, struct str *ret_problem)
{
    struct import_run *r = (struct import_run *)im;
    struct upstream_answer answer = {.status = 0};
    const struct cassette_entry *known = find_earlier(r, action, region, params);
    if (known) {
        answer.body = known->body;
        upstream_read(im->arena, &answer);
    } else if (r->upstream.calls >= LIMIT_IMPORT_CALLS) {
        *ret_problem = STR("the account has more than an import reads; use --region or --instances");
        return -1;
    } else if (ask_upstream(r, action, region, params, &answer, ret_problem) != 0) {
        return -1;
    }
    *ret_response = answer.response;
    *ret_problem = CONCAT(im->arena, answer.code, STR(": "), answer.message);
    return !answer.response ? -1 : answer.code.p ? 1 : 0;
}

/* --- the file ----------------------------------------------------------------------------------------- */

static struct str id_of(const struct node *object)
{
    const struct node *first = object->kind == NODE_OBJECT ? object->first : NULL;
    return first && first->kind == NODE_STRING ? first->text : STR("");
}

/* The built-in world's account without its regions: the credential of the account that was imported is not
 * written, and clients sign for the local one. */
static struct node *new_world(struct arena *a, struct node **ret_regions)
{
    struct node *world, *account;
    int rc = json_parse(a, world_default, &world, NULL);
    assert(rc == 0);
    (void)rc;
    account = node_find(world, STR("accounts"))->first;
    *ret_regions = node_find(account, STR("regions"));
    (*ret_regions)->first = (*ret_regions)->last = NULL;
    (*ret_regions)->count = 0;
    return world;
}

static struct node *add_region(struct arena *a, struct node *regions, struct str name)
{
    struct node *region = node_new(a, NODE_OBJECT), *text = node_new(a, NODE_STRING);
    text->text = name;
    node_add(region, STR("region"), text);
    node_add(regions, (struct str){NULL, 0}, region);
    return region;
}

/* Takes the value at the path out of the file, or when it is not there the object that lacks it. Returns
 * whether something was taken out. */
static bool take_out(struct node *root, struct str path)
{
    struct node *owners[LIMIT_JSON_DEPTH], *found[LIMIT_JSON_DEPTH], *n = root;
    size_t depth = 0;
    struct str part;
    int64_t index;
    while (n && depth < LIMIT_JSON_DEPTH && str_next(&path, '.', &part)) {
        struct node *inner = n->kind == NODE_OBJECT ? node_find(n, part) : n->first;
        if (n->kind == NODE_ARRAY && str_to_i64(part, &index) == 0)
            for (; inner && index > 0; index--)
                inner = inner->next;
        owners[depth] = n;
        found[depth] = inner;
        depth += inner != NULL;
        n = inner;
    }
    /* accounts, 0, regions, 0, a list, an element: nothing above a resource is taken out */
    enum { RESOURCE_DEPTH = 6 };
    if (depth < RESOURCE_DEPTH)
        return false;
    if (!n && found[depth - 1]->kind == NODE_ARRAY)
        return false;
    node_remove(owners[depth - 1], found[depth - 1]);
    return true;
}

/* The place in a sentence of the check: accounts.0.regions.0.instances.1.version. */
static struct str place_in(struct str problem)
{
    const struct str start = STR("accounts.");
    while (problem.n > 0 && !str_starts(problem, start))
        problem = str_skip(problem, 1);
    struct str place = str_head(problem, str_find(problem, ' '));
    return str_head(place, str_find(place, ':'));
}

/* Leaves out what a world file cannot have, such as a version that virga does not know, until the rest can be
 * loaded. Ends the program when that is not possible. */
static struct str check(struct import *im, struct node *world)
{
    for (;;) {
        struct world_file *file;
        struct str problem;
        struct buf b;
        buf_init(&b, im->arena, 4096, LIMIT_CLI_TEXT);
        encode_node(&b, world);
        if (world_file_parse(im->arena, buf_str(&b), &file, &problem) == 0 &&
            world_check(&all_products, im->arena, file, &problem) == 0)
            return buf_str(&b);
        if (!take_out(world, place_in(problem)))
            die(EXIT_WORLD, "what was imported is no world file: %.*s", STR_ARG(problem));
        str_list_add(im->arena, &im->left_out, problem);
    }
}

/* --- the report --------------------------------------------------------------------------------------- */

/* "databases 3, logins 2": the lists of a resource that have something in them. */
static struct str contents(struct arena *a, const struct node *resource)
{
    struct buf b;
    buf_init(&b, a, 64, LIMIT_CLI_TEXT);
    for (const struct node *n = resource->first; n; n = n->next)
        if (n->kind == NODE_ARRAY && n->first && n->first->kind == NODE_OBJECT)
            buf_printf(&b, "%s%.*s %zu", b.n > 0 ? ", " : "", STR_ARG(n->name), n->count);
    return buf_str(&b);
}

static void put_resources(struct arena *a, const struct node *regions, struct output_table *t)
{
    for (const struct node *region = regions->first; region; region = region->next)
        for (const struct node *list = region->first; list; list = list->next)
            for (const struct node *n = list->first; n; n = n->next)
                output_table_add(t,
                                 (const struct str[]){id_of(region), list->name, id_of(n), contents(a, n)});
}

static void put_json(struct buf *b, const struct import_run *r, const struct output_table *t,
                     const char *path)
{
    output_json_open(b, NULL, '{');
    output_json_text(b, "file", str_from(path));
    output_json_open(b, "resources", '[');
    for (size_t i = t->columns; i < t->n; i += t->columns) {
        output_json_open(b, NULL, '{');
        output_json_text(b, "region", t->cells[i]);
        output_json_text(b, "kind", t->cells[i + 1]);
        output_json_text(b, "id", t->cells[i + 2]);
        output_json_text(b, "contents", t->cells[i + 3]);
        output_json_close(b, '}');
    }
    output_json_close(b, ']');
    output_json_open(b, "left_out", '[');
    for (size_t i = 0; i < r->import.left_out.n; i++)
        output_json_text(b, NULL, r->import.left_out.v[i]);
    output_json_close(b, ']');
    output_json_number(b, "calls", (int64_t)r->upstream.calls);
    output_json_number(b, "resumed", (int64_t)r->resumed);
    output_json_end(b, '}');
}

static int report(struct import_run *r, const struct node *regions, const char *path)
{
    struct session *s = r->session;
    struct output_table t;
    struct buf b;
    output_table_init(&t, &s->arena, 4);
    output_table_add(&t, (const struct str[]){STR("region"), STR("kind"), STR("id"), STR("contents")});
    put_resources(&s->arena, regions, &t);
    buf_init(&b, &s->arena, 1024, LIMIT_CLI_TEXT);
    if (s->json) {
        put_json(&b, r, &t, path);
        return session_write(s, buf_str(&b));
    }
    output_put_table(&b, &t);
    for (size_t i = 0; i < r->import.left_out.n; i++)
        buf_printf(&b, "left out: %.*s\n", STR_ARG(r->import.left_out.v[i]));
    buf_printf(&b, "%s: %zu calls", path, r->upstream.calls);
    if (r->resumed > 0)
        buf_printf(&b, ", %zu answers of the run before", r->resumed);
    buf_putc(&b, '\n');
    return session_write(s, buf_str(&b));
}

/* --- the subcommand ----------------------------------------------------------------------------------- */

/* A list with commas. */
static struct str_list split(struct arena *a, struct str text)
{
    struct str_list list = {.v = NULL};
    struct str part;
    while (str_next(&text, ',', &part))
        if (part.n > 0)
            str_list_add(a, &list, part);
    return list;
}

/* Those of --region, else the one that the user's clients use, else all in which the product is served. */
static struct str_list regions_of(struct import_run *r, struct str option)
{
    struct arena *a = r->import.arena;
    const struct product *p = r->import.product;
    struct str_list list = split(a, option.p ? option : r->upstream.credential.region);
    if (list.n == 0)
        for (size_t i = 0; i < p->n_regions; i++)
            str_list_add(a, &list, p->regions[i].name);
    for (size_t i = 0; i < list.n; i++)
        if (!product_find_region(p, list.v[i]))
            die(EXIT_USAGE, "%.*s is no region of %.*s", STR_ARG(list.v[i]), STR_ARG(p->name));
    return list;
}

/* The answers of a run that was ended, when it asked the same address. */
static void open_part(struct import_run *r, const char *path)
{
    struct str problem;
    r->part_path = arena_cstr(r->import.arena, CONCAT(r->import.arena, str_from(path), STR(".part")));
    if (access(r->part_path, F_OK) == 0) {
        if (cassette_read(&r->earlier, r->import.arena, r->part_path, &problem) != 0)
            die(EXIT_USAGE, "%.*s; remove the file to begin again", STR_ARG(problem));
        if (!str_eq(r->earlier.upstream, r->upstream.url))
            die(EXIT_USAGE, "%s has answers of %.*s; remove the file to begin again", r->part_path,
                STR_ARG(r->earlier.upstream));
        r->resumed = r->kept = r->earlier.n;
    }
    if (cassette_open(r->import.arena, r->part_path, r->upstream.url, &r->part, &problem) != 0)
        die(EXIT_USAGE, "%.*s", STR_ARG(problem));
}

static void write_file(struct import_run *r, const char *path, struct str json)
{
    struct str problem;
    struct buf b;
    buf_init(&b, r->import.arena, json.n * 2, LIMIT_CLI_TEXT);
    output_put_indented(&b, json);
    if (file_replace(r->import.arena, path, buf_str(&b), &problem) != 0)
        die(EXIT_UNEXPECTED, "%.*s", STR_ARG(problem));
    (void)close(r->part);
    (void)unlink(r->part_path);
}

/* Ends the program; a file without answers does not stay. */
static _Noreturn void fail(struct import_run *r)
{
    output_progress(STR(""));
    if (r->kept > 0)
        die(EXIT_SERVER_ERROR, "%.*s; the answers so far are in %s, and the same command goes on from there",
            STR_ARG(r->import.problem), r->part_path);
    (void)unlink(r->part_path);
    die(EXIT_SERVER_ERROR, "%.*s", STR_ARG(r->import.problem));
}

int import_main(struct session *s)
{
    struct import_options *o = (void *)s;
    struct import_run r = {.session = s};
    struct str problem;
    struct node *regions;
    const struct product *product = registry_default(&all_products);
    if (!o->output)
        die(EXIT_USAGE, "virga import needs -o FILE: where to write the world file");
    import_init(&r.import, &s->arena, product);
    r.import.ask = ask;
    r.import.chosen = split(&s->arena, o->instances);
    r.earlier.arena = &s->arena;
    if (upstream_init(&r.upstream, &s->arena, &s->upstream, product, s->timeout_ms, &problem) != 0)
        die(EXIT_USAGE, "%.*s", STR_ARG(problem));
    struct str_list names = regions_of(&r, o->region);
    open_part(&r, o->output);
    struct node *world = new_world(&s->arena, &regions);
    for (size_t i = 0; i < names.n; i++) {
        if (import_region(&r.import, names.v[i], add_region(&s->arena, regions, names.v[i])) == 0)
            continue;
        fail(&r);
    }
    output_progress(STR(""));
    if (o->anonymize)
        import_anonymize(&r.import, world);
    write_file(&r, o->output, check(&r.import, world));
    return report(&r, regions, o->output);
}
