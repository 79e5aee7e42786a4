/* JSON to a tree by way of cJSON, whose memory comes from the call's arena too: its items hold the texts that
 * the tree's nodes point to. */
#include "wire/json.h"

#include <assert.h>
#include <cjson/cJSON.h>

#include "wire/json_scan.h"

/* cJSON's hooks have no argument; this is theirs. Set only while cJSON runs (one thread owns the world). */
static struct arena *hook_arena;

/* Never NULL, so cJSON's own paths for lack of memory are not taken. */
static void *hook_alloc(size_t size)
{
    return arena_alloc(hook_arena, size);
}

static void hook_free(void *p)
{
    (void)p; /* the arena gives everything back at once */
}

/* The hooks are set each time: it costs four stores, and nothing depends on who called first. */
static const cJSON *run_cjson(struct arena *a, struct str text)
{
    cJSON_Hooks hooks = {.malloc_fn = hook_alloc, .free_fn = hook_free};
    hook_arena = a;
    cJSON_InitHooks(&hooks);
    const cJSON *item = cJSON_ParseWithLengthOpts(text.p, text.n, NULL, 0);
    hook_arena = NULL;
    return item;
}

static struct node *node_of(struct arena *a, const cJSON *item);

/* cJSON names members only, so a child of an array gets the absent name by itself. */
static struct node *container_of(struct arena *a, enum node_kind kind, const cJSON *item)
{
    struct node *parent = node_new(a, kind);
    for (const cJSON *child = item->child; child; child = child->next)
        node_add(parent, str_from(child->string), node_of(a, child));
    return parent;
}

static struct node *scalar_of(struct arena *a, enum node_kind kind, const cJSON *item)
{
    struct node *n = node_new(a, kind);
    if (kind == NODE_STRING)
        n->text = str_from(item->valuestring);
    else if (kind == NODE_NUMBER)
        n->number = item->valuedouble;
    else
        n->boolean = cJSON_IsTrue(item);
    return n;
}

/* Recursion is bounded by LIMIT_JSON_DEPTH, which the scan has checked. */
static struct node *node_of(struct arena *a, const cJSON *item)
{
    switch (item->type) {
    case cJSON_Object:
        return container_of(a, NODE_OBJECT, item);
    case cJSON_Array:
        return container_of(a, NODE_ARRAY, item);
    case cJSON_String:
        return scalar_of(a, NODE_STRING, item);
    case cJSON_Number:
        return scalar_of(a, NODE_NUMBER, item);
    case cJSON_NULL:
        return node_new(a, NODE_NULL);
    default:
        return scalar_of(a, NODE_BOOL, item);
    }
}

int json_parse(struct arena *a, struct str text, struct node **ret_tree, size_t *ret_offset)
{
    size_t offset;
    if (json_scan(text, &offset) != 0) {
        if (ret_offset)
            *ret_offset = offset;
        return -1;
    }
    const cJSON *item = run_cjson(a, text);
    assert(item); /* the scan accepts nothing that cJSON refuses */
    *ret_tree = node_of(a, item);
    return 0;
}
