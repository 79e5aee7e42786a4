/* A step of the plan asks one action for the rows of a list, page by page, and makes of each row an object or
 * a value of the world file; its own steps ask for what belongs to the row. */
#include "cli/import_plan.h"

#include "base/limits.h"
#include "core/account.h"
#include "wire/encode.h"

/* Where a step is: the object that it adds to, and the row that this was made from. */
struct scope {
    struct node *object;
    const struct node *row; /* NULL above the first row */
    struct str title;       /* the id of the resource, for sentences */
};

void import_init(struct import *im, struct arena *a, const struct product *product)
{
    struct node *plan;
    *im = (struct import){.arena = a, .product = product};
    int rc = json_parse(a, product->import_plan, &plan, NULL);
    assert(rc == 0); /* the generator has written it */
    (void)rc;
    im->plan = plan;
}

/* --- values ------------------------------------------------------------------------------------------- */

/* The value at a path such as SlaveZones.0.Name; NULL when there is none, or null. The empty path is the
 * value itself. */
static const struct node *find_path(const struct node *n, struct str path)
{
    struct str part;
    int64_t index;
    while (n && path.n > 0 && str_next(&path, '.', &part)) {
        if (n->kind == NODE_ARRAY && str_to_i64(part, &index) == 0) {
            for (n = n->first; n && index > 0; index--)
                n = n->next;
        } else {
            n = n->kind == NODE_OBJECT ? node_find(n, part) : NULL;
        }
    }
    return n && n->kind != NODE_NULL ? n : NULL;
}

/* A copy that can have another name and another parent. */
static struct node *copy(struct arena *a, const struct node *from)
{
    struct node *to = node_new(a, from->kind);
    to->text = from->text;
    to->number = from->number;
    to->boolean = from->boolean;
    for (const struct node *n = from->first; n; n = n->next)
        node_add(to, n->name, copy(a, n));
    return to;
}

/* The value as a text: numbers as JSON writes them. */
static struct str plain_text(struct arena *a, const struct node *n)
{
    struct buf b;
    if (n->kind == NODE_STRING)
        return n->text;
    buf_init(&b, a, 32, LIMIT_CLI_TEXT);
    encode_node(&b, n);
    return buf_str(&b);
}

static bool is_given(const struct node *n)
{
    return n->kind == NODE_NUMBER ? n->number != 0 : n->kind == NODE_STRING ? n->text.n > 0 : n->boolean;
}

/* The number at the start of a text, such as the hour of 03:00. */
static double leading_number(struct str text)
{
    double number = 0;
    for (size_t i = 0; i < text.n && ascii_is_digit(text.p[i]); i++)
        number = number * 10 + (text.p[i] - '0');
    return number;
}

/* What `as` makes of the value. */
static struct node *convert(struct arena *a, struct str as, const struct node *from)
{
    struct node *to = node_new(a, str_eq(as, STR("given")) ? NODE_BOOL : NODE_NUMBER);
    if (to->kind == NODE_BOOL)
        to->boolean = is_given(from);
    else
        to->number = from->kind == NODE_NUMBER ? from->number : leading_number(from->text);
    return to;
}

static struct node *make_object(struct import *im, const struct node *members, const struct node *row);

/* {"rows": ..., "members": ...} or {"rows": ..., "value": ...}: a list of what is in the row. `rows` may be
 * several paths, and a path may lead to one object instead of a list. An empty list stays one: it may mean
 * something else than none. */
static struct node *make_list(struct import *im, const struct node *spec, const struct node *row)
{
    struct node *list = NULL;
    const struct node *rows = node_find(spec, STR("rows")), *members = node_find(spec, STR("members"));
    const struct node *path = rows->kind == NODE_ARRAY ? rows->first : rows;
    for (; path; path = rows->kind == NODE_ARRAY ? path->next : NULL) {
        const struct node *found = find_path(row, path->text);
        const struct node *n = found && found->kind == NODE_ARRAY ? found->first : found;
        if (found && !list)
            list = node_new(im->arena, NODE_ARRAY);
        for (; n; n = found->kind == NODE_ARRAY ? n->next : NULL) {
            const struct node *value = members ? n : find_path(n, node_text(spec, STR("value")));
            if (value && (value->kind != NODE_STRING || value->text.n > 0))
                node_add(list, (struct str){NULL, 0},
                         members ? make_object(im, members, n) : copy(im->arena, value));
        }
    }
    return list;
}

/* The value of one member; NULL: the member is left out, and the file's default holds. */
static struct node *make_value(struct import *im, const struct node *spec, const struct node *row)
{
    bool path_alone = spec->kind == NODE_STRING;
    if (!path_alone && node_find(spec, STR("rows")))
        return make_list(im, spec, row);
    const struct node *from = find_path(row, path_alone ? spec->text : node_text(spec, STR("from")));
    if (!from || (from->kind == NODE_STRING && from->text.n == 0) ||
        (from->kind == NODE_ARRAY && from->count == 0))
        return NULL;
    if (path_alone)
        return copy(im->arena, from);
    struct str as = node_text(spec, STR("as"));
    if (as.p)
        return convert(im->arena, as, from);
    const struct node *value = node_find(node_find(spec, STR("values")), plain_text(im->arena, from));
    if (value && value->kind == NODE_NULL)
        return NULL;
    return copy(im->arena, value ? value : from);
}

/* Adds the members that `object` does not have yet. */
static void put_members(struct import *im, struct node *object, const struct node *members,
                        const struct node *row)
{
    for (const struct node *m = members->first; m; m = m->next) {
        struct node *value = make_value(im, m, row);
        if (value && !node_find(object, m->name))
            node_add(object, m->name, value);
    }
}

static struct node *make_object(struct import *im, const struct node *members, const struct node *row)
{
    struct node *object = node_new(im->arena, NODE_OBJECT);
    put_members(im, object, members, row);
    return object;
}

/* --- the parameters of a call ------------------------------------------------------------------------- */

/* "$name" is a member of the object, "$.Name" a field of its row; any other text is itself. NULL when there
 * is no such value. */
static struct node *fill(struct import *im, const struct node *from, const struct scope *at)
{
    struct node *to;
    if (from->kind == NODE_STRING && str_starts(from->text, STR("$"))) {
        bool of_row = str_starts(from->text, STR("$."));
        const struct node *n = of_row ? find_path(at->row, str_skip(from->text, 2))
                                      : find_path(at->object, str_skip(from->text, 1));
        return n ? copy(im->arena, n) : NULL;
    }
    if (from->kind != NODE_ARRAY && from->kind != NODE_OBJECT)
        return copy(im->arena, from);
    to = node_new(im->arena, from->kind);
    for (const struct node *n = from->first; n; n = n->next) {
        struct node *value = fill(im, n, at);
        if (!value)
            return NULL;
        node_add(to, n->name, value);
    }
    return to;
}

static struct node *text_node(struct arena *a, struct str text)
{
    struct node *n = node_new(a, NODE_STRING);
    n->text = text;
    return n;
}

/* The parameters of one page; NULL when a value of theirs is not known. */
static struct node *make_params(struct import *im, const struct node *step, const struct scope *at,
                                int64_t page)
{
    struct node *params = fill(im, node_find(step, STR("params")), at);
    struct str page_param = node_text(step, STR("page"));
    if (params && page_param.p && page > 0) {
        struct node *number = node_new(im->arena, NODE_NUMBER);
        number->number = (double)page;
        node_add(params, page_param, number);
    }
    if (params && node_find(step, STR("chosen")) && im->chosen.n > 0) {
        struct node *ids = node_new(im->arena, NODE_ARRAY);
        for (size_t i = 0; i < im->chosen.n; i++)
            node_add(ids, (struct str){NULL, 0}, text_node(im->arena, im->chosen.v[i]));
        node_add(params, im->product->resource.list_param, ids);
    }
    return params;
}

/* --- rows --------------------------------------------------------------------------------------------- */

/* Whether the object has one of the values that the step is for. */
static bool is_for(const struct node *step, const struct node *object)
{
    const struct node *when = node_find(step, STR("when"));
    if (!when)
        return true;
    struct str value = node_text(object, when->first->name);
    for (const struct node *n = when->first->first; n; n = n->next)
        if (str_eq(n->text, value))
            return true;
    return false;
}

/* Whether the step takes the row: `where` names a field and its value, `differs` two fields. */
static bool takes_row(struct import *im, const struct node *step, const struct scope *at,
                      const struct node *row)
{
    const struct node *where = node_find(step, STR("where")), *differs = node_find(step, STR("differs"));
    if (where) {
        const struct node *wanted = fill(im, where->first, at), *found = find_path(row, where->first->name);
        if (!wanted || !found || !str_eq(plain_text(im->arena, wanted), plain_text(im->arena, found)))
            return false;
    }
    if (!differs)
        return true;
    const struct node *a = find_path(row, differs->first->text), *b = find_path(row, differs->last->text);
    return a && b && !str_eq(plain_text(im->arena, a), plain_text(im->arena, b));
}

/* Whether the list has an object whose first member is the same, as the id is. */
static bool has_same(struct arena *a, const struct node *list, const struct node *object)
{
    for (const struct node *n = list->first; n; n = n->next)
        if (n->kind == NODE_OBJECT && n->first && object->first && n->first->kind == object->first->kind &&
            str_eq(plain_text(a, n->first), plain_text(a, object->first)))
            return true;
    return false;
}

static struct node *list_in(struct arena *a, struct node *object, struct str name)
{
    struct node *list = node_find(object, name);
    if (!list)
        node_add(object, name, list = node_new(a, NODE_ARRAY));
    return list;
}

static int run_steps(struct import *im, const struct node *steps, const struct scope *at);

/* Adds the row to the object of the scope, to a list in it, or to a list of the region. */
static int take_row(struct import *im, const struct node *step, const struct scope *at,
                    const struct node *row)
{
    struct str into = node_text(step, STR("into")), region = node_text(step, STR("into_region"));
    struct str value = node_text(step, STR("value"));
    const struct node *members = node_find(step, STR("members")), *steps = node_find(step, STR("steps"));
    if (!into.p && !region.p) {
        put_members(im, at->object, members, row);
        return 0;
    }
    struct node *list = list_in(im->arena, region.p ? im->place : at->object, region.p ? region : into);
    if (value.p) {
        const struct node *found = find_path(row, value);
        if (found)
            node_add(list, (struct str){NULL, 0}, copy(im->arena, found));
        return 0;
    }
    struct node *object = make_object(im, members, row);
    if (region.p && has_same(im->arena, list, object))
        return 0;
    node_add(list, (struct str){NULL, 0}, object);
    struct scope inner = {object, row,
                          at->title.p     ? at->title
                          : object->first ? object->first->text
                                          : STR("")};
    return steps ? run_steps(im, steps, &inner) : 0;
}

/* How many rows a full page has. */
static size_t page_size(const struct node *step)
{
    const struct node *limit = node_find(node_find(step, STR("params")), STR("Limit"));
    return limit ? (size_t)limit->number : LIMIT_IMPORT_PAGE;
}

/* The rows of one answer: a list, or the object at the path. */
static int take_rows(struct import *im, const struct node *step, const struct scope *at,
                     const struct node *response, size_t *ret_n)
{
    const struct node *rows = find_path(response, node_text(step, STR("rows")));
    const struct node *row = rows && rows->kind == NODE_ARRAY ? rows->first : rows;
    *ret_n = 0;
    for (; row; row = rows->kind == NODE_ARRAY ? row->next : NULL, ++*ret_n)
        if (takes_row(im, step, at, row) && take_row(im, step, at, row) != 0)
            return -1;
    return 0;
}

/* --- steps -------------------------------------------------------------------------------------------- */

/* A refused action of a resource is left out; a refused first one ends the import. */
static int refuse(struct import *im, const struct scope *at, struct str action, struct str problem)
{
    if (at->title.p)
        str_list_add(im->arena, &im->left_out,
                     CONCAT(im->arena, at->title, STR(": "), action, STR(": "), problem));
    else
        im->problem = CONCAT(im->arena, im->region, STR(": "), action, STR(": "), problem);
    return at->title.p ? 0 : -1;
}

static int run_step(struct import *im, const struct node *step, const struct scope *at)
{
    struct str action = node_text(step, STR("action"));
    size_t n = 0;
    if (!is_for(step, at->object))
        return 0;
    for (int64_t page = 0; page == 0 || n >= page_size(step); page++) {
        struct node *params = make_params(im, step, at, page);
        const struct node *response;
        struct str problem;
        struct buf b;
        if (!params)
            return 0;
        buf_init(&b, im->arena, 128, LIMIT_CLI_TEXT);
        encode_node(&b, params);
        int rc = im->ask(im, action, im->region, buf_str(&b), &response, &problem);
        if (rc > 0)
            return refuse(im, at, action, problem);
        if (rc < 0)
            im->problem = problem;
        if (rc < 0 || take_rows(im, step, at, response, &n) != 0)
            return -1;
        if (!node_text(step, STR("page")).p)
            return 0;
    }
    return 0;
}

static int run_steps(struct import *im, const struct node *steps, const struct scope *at)
{
    for (const struct node *step = steps->first; step; step = step->next)
        if (run_step(im, step, at) != 0)
            return -1;
    return 0;
}

int import_region(struct import *im, struct str region, struct node *place)
{
    struct scope top = {.object = place};
    im->region = region;
    im->place = place;
    return run_steps(im, node_find(im->plan, STR("steps")), &top);
}
