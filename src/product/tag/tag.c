/*
 * The product tag: tags of the resources that other products have. It keeps nothing itself: a product whose
 * resources carry tags has tag_hooks (core/product.h).
 */
#include "gen/tag.h"
#include "base/codec.h"
#include "core/call.h"
#include "core/page.h"
#include "wire/digest.h"

/* Documented (436/31509, 597/33355). */
enum { RESOURCE_TAGS_MAX = 50 };

const struct product_hooks tag_hooks = {.gauges = NULL};

/* A product with its kind of resource, as a call names them. */
struct service {
    const struct product *product;
    struct str kind;
};

/* The hooks of a product whose main resource is of this kind, or NULL. */
static const struct tag_hooks *hooks_of(const struct service *service)
{
    const struct product *p = service->product;
    return p && str_eq(p->resource.kind, service->kind) ? p->hooks->tags : NULL;
}

/* --- DescribeResourceTagsByResourceIds --- */

static struct str md5_text(struct arena *a, struct str text)
{
    uint8_t digest[MD5_BYTES];
    char *hex = arena_alloc(a, 2 * MD5_BYTES);
    md5(text, digest);
    hex_encode(digest, sizeof digest, hex);
    return (struct str){hex, 2 * MD5_BYTES};
}

/* The tags of all resources of the call. */
struct listing {
    struct call *c;
    const struct describe_resource_tags_by_resource_ids_in *in;
    const struct tag_hooks *hooks;
    uint64_t total;
    struct tag_resource_list page;
};

static bool on_page(const struct listing *l)
{
    return l->total >= l->in->offset.v && l->total - l->in->offset.v < l->in->limit.v;
}

/* The page with room for `more` tags. */
static struct tag_resource *grow(struct arena *a, const struct tag_resource_list *page, size_t more)
{
    struct tag_resource *v = ARENA_ARRAY(a, struct tag_resource, page->n + more);
    for (size_t i = 0; i < page->n; i++)
        v[i] = page->v[i];
    return v;
}

static void add_tag(struct listing *l, struct str resource_id, const struct tag_row *tag)
{
    if (on_page(l))
        l->page.v[l->page.n++] = (struct tag_resource){.tag_key = tag->key,
                                                       .tag_value = tag->value,
                                                       .resource_id = resource_id,
                                                       .tag_key_md5 = md5_text(l->c->arena, tag->key),
                                                       .tag_value_md5 = md5_text(l->c->arena, tag->value),
                                                       .service_type = l->in->service_type,
                                                       .category = STR("Custom")};
    l->total++;
}

/* A resource that the caller does not have has no tags: the action has no code for it. */
static int list_resource(struct listing *l, struct str id)
{
    const struct resource_owner owner = {l->c->credential->account->uin, l->in->resource_region};
    struct world *w = l->c->world;
    struct tag_row *tags;
    int64_t resource;
    size_t n;
    int rc = l->hooks->find(w, &owner, id, &resource);
    if (rc == 0)
        return 0;
    if (rc < 0 || l->hooks->list(w, l->c->arena, resource, &tags, &n) != 0)
        return call_fail_store(l->c);
    l->page.v = grow(l->c->arena, &l->page, n);
    for (size_t i = 0; i < n; i++)
        add_tag(l, id, &tags[i]);
    return 0;
}

static bool is_repeated(const struct str_list *ids, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (str_eq(ids->v[i], ids->v[at]))
            return true;
    return false;
}

int describe_resource_tags_by_resource_ids(struct call *c,
                                           const struct describe_resource_tags_by_resource_ids_in *in,
                                           struct describe_resource_tags_by_resource_ids_out *out)
{
    struct service service = {registry_find(c->world->registry, in->service_type), in->resource_prefix};
    struct listing l = {.c = c, .in = in, .hooks = hooks_of(&service), .page = {.set = true}};
    if (!service.product)
        return call_fail(c, ERR_INVALID_PARAMETER_VALUE_SERVICE_TYPE_INVALID);
    if (!l.hooks)
        return call_fail(c, ERR_INVALID_PARAMETER_VALUE_RESOURCE_PREFIX_INVALID);
    if (!product_has_region(service.product, in->resource_region))
        return call_fail(c, ERR_INVALID_PARAMETER_VALUE_REGION_INVALID);
    bool custom = !str_eq(in->category, STR("System"));
    for (size_t i = 0; custom && i < in->resource_ids.n; i++)
        if (!is_repeated(&in->resource_ids, i) && list_resource(&l, in->resource_ids.v[i]) != 0)
            return -1;
    out->total_count = U64(l.total);
    out->offset = in->offset;
    out->limit = in->limit;
    out->tags = l.page;
    return 0;
}

/* --- ModifyResourceTags --- */

/* The resource that a full name describes. */
struct target {
    struct service service;
    struct resource_owner owner;
    struct str id;
};

enum { NAME_PARTS = 6, PART_PRODUCT = 2, PART_REGION = 3, PART_OWNER = 4, PART_RESOURCE = 5 };

/* "qcs::sqlserver:ap-guangzhou:uin/100000000001:instance/ID" (documented, 598/10606). Terraform leaves the
 * number of the account out: the resource is then the caller's. */
static int parse_name(const struct call *c, struct str name, struct target *ret_target)
{
    struct str parts[NAME_PARTS], rest = name, uin = c->credential->account->uin;
    for (size_t i = 0; i < NAME_PARTS; i++)
        if (!str_next(&rest, ':', &parts[i]))
            return -1;
    struct str resource = parts[PART_RESOURCE], owner = parts[PART_OWNER];
    size_t slash = str_find(resource, '/');
    bool own =
        str_eq(owner, STR("uin/")) || (str_starts(owner, STR("uin/")) && str_eq(str_skip(owner, 4), uin));
    if (rest.p || !str_eq(parts[0], STR("qcs")) || parts[1].n > 0 || slash == resource.n || !own)
        return -1;
    *ret_target = (struct target){
        .service = {registry_find(c->world->registry, parts[PART_PRODUCT]), str_head(resource, slash)},
        .owner = {uin, parts[PART_REGION]},
        .id = str_skip(resource, slash + 1)};
    return 0;
}

/* 1, 0 when no resource has that name, -1 when the store failed. */
static int resolve(struct call *c, struct str name, const struct tag_hooks **ret_hooks, int64_t *ret_resource)
{
    struct target t;
    if (parse_name(c, name, &t) != 0 || !hooks_of(&t.service))
        return 0;
    *ret_hooks = hooks_of(&t.service);
    return (*ret_hooks)->find(c->world, &t.owner, t.id, ret_resource);
}

static int find_target(struct call *c, struct str name, const struct tag_hooks **ret_hooks,
                       int64_t *ret_resource)
{
    const enum error_id code = ERR_INVALID_PARAMETER_VALUE_RESOURCE_DESCRIPTION_ERROR;
    struct target t;
    if (parse_name(c, name, &t) != 0 || !hooks_of(&t.service))
        return call_fail_explained(c, code, "resource.name",
                                   "%.*s is not of the form qcs::PRODUCT:REGION:uin/NUMBER:KIND/ID, with a "
                                   "product whose resources carry tags",
                                   STR_ARG(name));
    *ret_hooks = hooks_of(&t.service);
    int rc = (*ret_hooks)->find(c->world, &t.owner, t.id, ret_resource);
    if (rc < 0)
        return call_fail_store(c);
    return rc == 1 ? 0
                   : call_fail_explained(c, code, "resource.not-found",
                                         "account %.*s has no %.*s %.*s in %.*s", STR_ARG(t.owner.account),
                                         STR_ARG(t.service.kind), STR_ARG(t.id), STR_ARG(t.owner.region));
}

static bool is_deleted(const struct modify_resource_tags_in *in, struct str key)
{
    for (size_t i = 0; i < in->delete_tags.n; i++)
        if (str_eq(in->delete_tags.v[i].tag_key, key))
            return true;
    return false;
}

/* In any case of letters (assumed). */
static bool is_reserved(struct str key)
{
    static const struct str prefixes[] = {STR_INIT("qcloud"), STR_INIT("tencent"), STR_INIT("project")};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (str_eq_nocase(str_head(key, prefixes[i].n), prefixes[i]))
            return true;
    return false;
}

/* What the parameters say without the state. */
static int check_tags(struct call *c, const struct modify_resource_tags_in *in)
{
    if (in->replace_tags.n == 0 && in->delete_tags.n == 0)
        return call_fail_explained(c, ERR_INVALID_PARAMETER_TAG, "parameter.missing",
                                   "one of ReplaceTags and DeleteTags must be given");
    for (size_t i = 0; i < in->replace_tags.n; i++) {
        struct str key = in->replace_tags.v[i].tag_key;
        if (is_deleted(in, key))
            return call_fail_explained(c, ERR_INVALID_PARAMETER_VALUE_DELETE_TAGS_PARAM_ERROR, "tag.twice",
                                       "%.*s is in ReplaceTags and in DeleteTags", STR_ARG(key));
        if (is_reserved(key))
            return call_fail_explained(c, ERR_INVALID_PARAMETER_RESERVED_TAG_KEY, "tag.reserved",
                                       "%.*s begins with qcloud, tencent or project", STR_ARG(key));
    }
    return 0;
}

static int change_tags(struct world *w, const struct tag_hooks *hooks, int64_t resource,
                       const struct modify_resource_tags_in *in)
{
    for (size_t i = 0; i < in->delete_tags.n; i++)
        if (hooks->remove(w, resource, in->delete_tags.v[i].tag_key) != 0)
            return -1;
    for (size_t i = 0; i < in->replace_tags.n; i++) {
        const struct tag *from = &in->replace_tags.v[i];
        if (hooks->put(w, resource, &(struct tag_row){from->tag_key, from->tag_value}) != 0)
            return -1;
    }
    return 0;
}

/* To be called after a change, which the savepoint of the call undoes. */
static int check_number(struct call *c, const struct tag_hooks *hooks, int64_t resource)
{
    struct tag_row *tags;
    size_t n;
    if (hooks->list(c->world, c->arena, resource, &tags, &n) != 0)
        return call_fail_store(c);
    if (n <= RESOURCE_TAGS_MAX)
        return 0;
    return call_fail_explained(c, ERR_LIMIT_EXCEEDED_RESOURCE_ATTACHED_TAGS, "tag.limit",
                               "the resource would have %zu tags; %d are allowed", n, RESOURCE_TAGS_MAX);
}

int modify_resource_tags(struct call *c, const struct modify_resource_tags_in *in,
                         struct modify_resource_tags_out *out)
{
    const struct tag_hooks *hooks = NULL;
    int64_t resource = 0;
    (void)out; /* only the RequestId */
    if (check_tags(c, in) != 0 || find_target(c, in->resource, &hooks, &resource) != 0)
        return -1;
    return change_tags(c->world, hooks, resource, in) == 0 ? check_number(c, hooks, resource)
                                                           : call_fail_store(c);
}

/* --- AddResourceTag, DeleteResourceTag --- */

/* 1 when the resource has a tag of that key, 0 when not, -1 when the store failed. */
static int has_tag(struct call *c, const struct tag_hooks *hooks, int64_t resource, struct str key)
{
    struct tag_row *tags;
    size_t n;
    if (hooks->list(c->world, c->arena, resource, &tags, &n) != 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (str_eq(tags[i].key, key))
            return 1;
    return 0;
}

static int check_reserved(struct call *c, struct str key)
{
    return !is_reserved(key)
               ? 0
               : call_fail_explained(c, ERR_INVALID_PARAMETER_RESERVED_TAG_KEY, "tag.reserved",
                                     "%.*s begins with qcloud, tencent or project", STR_ARG(key));
}

/* A key that the resource has already is refused, since another action changes values (by the code's text).
 */
int add_resource_tag(struct call *c, const struct add_resource_tag_in *in, struct add_resource_tag_out *out)
{
    const struct tag_hooks *hooks = NULL;
    int64_t resource = 0;
    (void)out; /* only the RequestId */
    if (check_reserved(c, in->tag_key) != 0 || find_target(c, in->resource, &hooks, &resource) != 0)
        return -1;
    int rc = has_tag(c, hooks, resource, in->tag_key);
    if (rc > 0)
        return call_fail_explained(c, ERR_RESOURCE_IN_USE_TAG_KEY_ATTACHED, "tag.attached",
                                   "the resource has a tag %.*s", STR_ARG(in->tag_key));
    if (rc < 0 || hooks->put(c->world, resource, &(struct tag_row){in->tag_key, in->tag_value}) != 0)
        return call_fail_store(c);
    return check_number(c, hooks, resource);
}

int delete_resource_tag(struct call *c, const struct delete_resource_tag_in *in,
                        struct delete_resource_tag_out *out)
{
    const struct tag_hooks *hooks = NULL;
    int64_t resource = 0;
    (void)out; /* only the RequestId */
    if (find_target(c, in->resource, &hooks, &resource) != 0)
        return -1;
    int rc = has_tag(c, hooks, resource, in->tag_key);
    if (rc == 0)
        return call_fail_explained(c, ERR_RESOURCE_NOT_FOUND_ATTACHED_TAG_KEY_NOT_FOUND, "tag.not-attached",
                                   "the resource has no tag %.*s", STR_ARG(in->tag_key));
    return rc > 0 && hooks->remove(c->world, resource, in->tag_key) == 0 ? 0 : call_fail_store(c);
}

/* --- TagResources, UnTagResources --- */

/* A resource that the caller does not have fails alone; the others are changed (documented). */
static void add_failed(struct call *c, struct str resource, struct failed_resource_list *list)
{
    const struct error_info *error = &error_table[ERR_INVALID_PARAMETER_VALUE_RESOURCE_DESCRIPTION_ERROR];
    *LIST_ADD(c->arena, list) =
        (struct failed_resource){.resource = resource,
                                 .code = error->code,
                                 .message = error->text[call_in_chinese(c) ? LANG_ZH : LANG_EN]};
}

int tag_resources(struct call *c, const struct tag_resources_in *in, struct tag_resources_out *out)
{
    for (size_t i = 0; i < in->tags.n; i++)
        if (check_reserved(c, in->tags.v[i].tag_key) != 0)
            return -1;
    out->failed_resources.set = true;
    for (size_t i = 0; i < in->resource_list.n; i++) {
        const struct tag_hooks *hooks = NULL;
        int64_t resource = 0;
        int rc = resolve(c, in->resource_list.v[i], &hooks, &resource);
        if (rc == 0)
            add_failed(c, in->resource_list.v[i], &out->failed_resources);
        for (size_t j = 0; rc == 1 && j < in->tags.n; j++)
            if (hooks->put(c->world, resource,
                           &(struct tag_row){in->tags.v[j].tag_key, in->tags.v[j].tag_value}) != 0)
                rc = -1;
        if (rc < 0)
            return call_fail_store(c);
        if (rc == 1 && check_number(c, hooks, resource) != 0)
            return -1;
    }
    return 0;
}

int un_tag_resources(struct call *c, const struct un_tag_resources_in *in, struct un_tag_resources_out *out)
{
    out->failed_resources.set = true;
    for (size_t i = 0; i < in->resource_list.n; i++) {
        const struct tag_hooks *hooks = NULL;
        int64_t resource = 0;
        int rc = resolve(c, in->resource_list.v[i], &hooks, &resource);
        if (rc == 0)
            add_failed(c, in->resource_list.v[i], &out->failed_resources);
        for (size_t j = 0; rc == 1 && j < in->tag_keys.n; j++)
            if (hooks->remove(c->world, resource, in->tag_keys.v[j]) != 0)
                rc = -1;
        if (rc < 0)
            return call_fail_store(c);
    }
    return 0;
}

/* --- DescribeResourceTags --- */

int describe_resource_tags(struct call *c, const struct describe_resource_tags_in *in,
                           struct describe_resource_tags_out *out)
{
    struct str id = in->resource_id;
    struct describe_resource_tags_by_resource_ids_in one = {.service_type = in->service_type,
                                                            .resource_prefix = in->resource_prefix,
                                                            .resource_ids = {&id, 1, true},
                                                            .resource_region = in->resource_region,
                                                            .offset = in->offset,
                                                            .limit = in->limit};
    struct describe_resource_tags_by_resource_ids_out found = {.tags = {.set = true}};
    if (describe_resource_tags_by_resource_ids(c, &one, &found) != 0)
        return -1;
    out->total_count = found.total_count;
    out->offset = found.offset;
    out->limit = found.limit;
    out->rows = found.tags;
    return 0;
}
