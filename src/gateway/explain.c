#include "gateway/explain.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/codec.h"
#include "base/limits.h"
#include "base/suggest.h"
#include "gateway/authenticate.h"

enum { SHOWN_NAME = 64, SHOWN_FIELDS = 12, TEXT_ROOM = 256, TEXT_MAX = 2048 };

struct str explain_plain(struct arena *a, struct str text)
{
    struct str copy = arena_dup(a, utf8_replace_invalid(a, str_head(text, SHOWN_NAME)));
    char *p = (char *)(uintptr_t)copy.p; /* the copy is writable */
    for (size_t i = 0; i < copy.n; i++)
        if ((unsigned char)p[i] < ' ' || p[i] == 0x7f)
            p[i] = '?';
    return copy;
}

/* --- common parameters of version 3 --- */

static const struct str common_headers[] = {
    STR_INIT("X-TC-Action"), STR_INIT("X-TC-Version"),  STR_INIT("X-TC-Timestamp"),
    STR_INIT("X-TC-Region"), STR_INIT("X-TC-Language"), STR_INIT("X-TC-Token"),
};

/* The header of a common parameter, by its name in version 1; p == NULL for another name. */
static struct str header_of(struct str name)
{
    for (size_t i = 0; i < sizeof common_headers / sizeof common_headers[0]; i++)
        if (str_eq(str_skip(common_headers[i], strlen("X-TC-")), name))
            return common_headers[i];
    return (struct str){NULL, 0};
}

/* Whether the parameters of a version 3 call have this name: in the query of a GET, in the JSON of a POST. */
static bool has_parameter(struct call *c, struct str name)
{
    struct node *tree;
    if (str_eq(c->request.method, STR("GET")))
        return form_find(&c->form, name) != NULL;
    return c->request.body.n <= LIMIT_DOCTOR_BODY &&
           json_parse(c->arena, c->request.body, &tree, NULL) == 0 && node_find(tree, name) != NULL;
}

static struct str explain_common(struct call *c, struct str name, struct str header)
{
    return arena_printf(
        c->arena,
        "%.*s is in the %s; with an Authorization header (version 3) the common parameters are "
        "headers: send %.*s",
        STR_ARG(name), str_eq(c->request.method, STR("GET")) ? "query" : "body", STR_ARG(header));
}

/* Parameters of version 1, sent with the signature of version 3. */
static struct str explain_header(struct call *c)
{
    for (size_t i = 0; i < sizeof common_headers / sizeof common_headers[0]; i++) {
        const struct str header = common_headers[i], name = str_skip(header, strlen("X-TC-"));
        if (request_header(&c->request, header).n == 0 && has_parameter(c, name))
            return explain_common(c, name, header);
    }
    return (struct str){NULL, 0};
}

/* Only of a common parameter: the text of any other names the parameter and the type. */
static struct str explain_timestamp(struct call *c)
{
    const struct str text = c->common.timestamp, name = c->v1 ? STR("Timestamp") : STR("X-TC-Timestamp");
    const size_t point = str_find(text, '.');
    uint64_t number;
    if (!c->failed_step || strcmp(c->failed_step, "common") != 0 || str_to_u64(text, &number) == 0)
        return (struct str){NULL, 0};
    if (point < text.n && str_to_u64(str_head(text, point), &number) == 0)
        return arena_printf(c->arena, "%.*s is %.*s, with a fraction; it must be whole seconds: %.*s",
                            STR_ARG(name), STR_ARG(explain_plain(c->arena, text)),
                            STR_ARG(str_head(text, point)));
    return arena_printf(c->arena, "%.*s is %.*s; it must be the seconds since 1970 in decimal digits",
                        STR_ARG(name), STR_ARG(explain_plain(c->arena, text)));
}

/* --- names --- */

/* The shape whose fields should have the last name of the path; NULL when the path leads nowhere. An index is
 * no name. */
static const struct shape *parent_of(const struct shape *shape, struct str path, struct str *ret_name)
{
    while (shape && str_next(&path, '.', ret_name) && path.p) {
        const struct shape_field *f = shape_find(shape, *ret_name);
        int64_t index;
        if (f)
            shape = f->object;
        else if (str_to_i64(*ret_name, &index) != 0)
            return NULL;
    }
    return shape;
}

/* The first fields by name, so that a short list needs no look into the documentation. */
static struct str field_list(struct arena *a, const struct shape *shape)
{
    struct buf b;
    buf_init(&b, a, TEXT_ROOM, TEXT_MAX);
    for (size_t i = 0; i < shape->n_fields && i < SHOWN_FIELDS; i++)
        buf_printf(&b, "%s%.*s", i > 0 ? ", " : "", STR_ARG(shape->fields[i].name));
    if (shape->n_fields > SHOWN_FIELDS)
        buf_printf(&b, " and %zu more", shape->n_fields - SHOWN_FIELDS);
    return buf_str(&b);
}

static struct str explain_parameter(struct call *c)
{
    struct str name = STR(""), path = explain_plain(c->arena, c->refused_path);
    const struct shape *shape = parent_of(c->action->in, c->refused_path, &name);
    struct suggestion suggestion;
    if (!c->v1 && header_of(c->refused_path).p)
        return explain_common(c, c->refused_path, header_of(c->refused_path));
    if (!shape || shape->n_fields == 0)
        return arena_printf(c->arena, "there can be no parameter %.*s", STR_ARG(path));
    suggest_init(&suggestion, name);
    for (size_t i = 0; i < shape->n_fields; i++)
        suggest_offer(&suggestion, shape->fields[i].name);
    if (suggestion.best.p)
        return arena_printf(c->arena, "%.*s is similar to %.*s", STR_ARG(path), STR_ARG(suggestion.best));
    return arena_printf(c->arena, "no parameter is similar to %.*s; there are %.*s", STR_ARG(path),
                        STR_ARG(field_list(c->arena, shape)));
}

static struct str explain_action(struct call *c)
{
    const struct product *p = c->product;
    struct str name = explain_plain(c->arena, c->common.action);
    struct suggestion suggestion;
    suggest_init(&suggestion, c->common.action);
    for (size_t i = 0; i < p->n_actions; i++)
        suggest_offer(&suggestion, p->actions[i].name);
    if (suggestion.best.p)
        return arena_printf(c->arena, "%.*s is similar to %.*s", STR_ARG(name), STR_ARG(suggestion.best));
    return arena_printf(c->arena, "none of the %zu actions is similar to %.*s; virga actions lists them",
                        p->n_actions, STR_ARG(name));
}

/* --- an unknown SecretId --- */

/* Removes the blanks and quotes around a text that was copied or read from a file. */
static struct str bare(struct str text)
{
    static const char edges[] = " \t\r\n\"'`";
    while (text.n > 0 && strchr(edges, text.p[0]))
        text = str_skip(text, 1);
    while (text.n > 0 && strchr(edges, text.p[text.n - 1]))
        text = str_head(text, text.n - 1);
    return text;
}

static void offer_ids(struct suggestion *suggestion, const struct map *credentials)
{
    for (size_t i = 0; i < credentials->room; i++) {
        const struct credential *cred = credentials->slots[i].value;
        if (cred)
            suggest_offer(suggestion, cred->secret_id);
    }
}

/* The usual mistakes first: swapped with the key, disabled, or copied with its quotes; then a similar one. */
static struct str explain_secret_id(struct call *c)
{
    const struct accounts *all = &c->world->accounts;
    const struct str sent = call_secret_id(c), id = explain_plain(c->arena, sent);
    struct suggestion suggestion;
    if (c->key_as_id.p)
        return STR("the SecretId is a SecretKey: the two are swapped");
    if (c->credential)
        return arena_printf(c->arena, "%.*s exists but is disabled", STR_ARG(id));
    if (accounts_find_credential(all, bare(sent)))
        return arena_printf(c->arena, "[%.*s] is known without the spaces or quotes around it", STR_ARG(id));
    suggest_init(&suggestion, sent);
    offer_ids(&suggestion, &all->credentials);
    if (suggestion.best.p)
        return arena_printf(c->arena, "%.*s is similar to %.*s", STR_ARG(id), STR_ARG(suggestion.best));
    if (!all->first)
        return STR("the world has no credential");
    return arena_printf(
        c->arena, "no account has %.*s; the first of this world is %.*s, and virga env shows how to use it",
        STR_ARG(id), STR_ARG(all->first->secret_id));
}

/* --- time and counters --- */

/* Writes a duration in larger units, in which a wrong time zone is easy to recognize. */
static struct str duration(struct arena *a, int64_t s)
{
    if (s < 60)
        return arena_printf(a, "%lld s", (long long)s);
    if (s < 3600)
        return arena_printf(a, "%lld min %lld s", (long long)(s / 60), (long long)(s % 60));
    if (s < 2 * 24 * 3600)
        return arena_printf(a, "%lld h %lld min", (long long)(s / 3600), (long long)(s / 60 % 60));
    return arena_printf(a, "%lld days", (long long)(s / 86400));
}

/* A timestamp in milliseconds is in the far future; divided by 1000 it is the present. */
static bool is_milliseconds(const struct call *c, int64_t now)
{
    return llabs(c->timestamp / 1000 - now) <= SIGNATURE_LIFE_SECONDS;
}

/* By how much the timestamp differs, and from which clock: a test may have moved the service clock. */
static struct str explain_expiry(struct call *c)
{
    const int64_t now = authenticate_now(c->world);
    /* Unsigned, because a timestamp can be any number. */
    const bool behind = c->timestamp < now;
    const uint64_t by =
        behind ? (uint64_t)now - (uint64_t)c->timestamp : (uint64_t)c->timestamp - (uint64_t)now;
    const char *clock = c->world->settings.auth_by_service_clock ? "service's" : "machine's";
    const char *name = c->v1 ? "Timestamp" : "X-TC-Timestamp";
    if (is_milliseconds(c, now))
        return arena_printf(c->arena, "%s is in milliseconds; it must be in seconds", name);
    return arena_printf(c->arena, "%s is %.*s %s the %s clock (%lld); %d s are allowed", name,
                        STR_ARG(duration(c->arena, by > INT64_MAX ? INT64_MAX : (int64_t)by)),
                        behind ? "behind" : "ahead of", clock, (long long)now, SIGNATURE_LIFE_SECONDS);
}

static struct str explain_limit(struct call *c)
{
    if (!c->refused.whose)
        return (struct str){NULL, 0};
    return arena_printf(c->arena, "call %lld %s in one second of the %s clock; %lld are allowed",
                        (long long)c->refused.calls, c->refused.whose,
                        c->world->settings.limit_by_service_clock ? "service's" : "machine's",
                        (long long)c->refused.most);
}

/* --- the explanation of each code --- */

static const struct {
    enum error_id error;
    struct str id;
    struct str (*explain)(struct call *c); /* p == NULL: no explanation */
} rows[] = {
    {ERR_UNKNOWN_PARAMETER, STR_INIT("parameter.unknown"), explain_parameter},
    {ERR_MISSING_PARAMETER_HEADER, STR_INIT("header.missing"), explain_header},
    {ERR_INVALID_PARAMETER_TYPE, STR_INIT("timestamp.form"), explain_timestamp},
    {ERR_INVALID_ACTION, STR_INIT("action.unknown"), explain_action},
    {ERR_AUTH_FAILURE_SECRET_ID_NOT_FOUND, STR_INIT("secret-id.unknown"), explain_secret_id},
    {ERR_AUTH_FAILURE_SIGNATURE_EXPIRE, STR_INIT("signature.expired"), explain_expiry},
    {ERR_REQUEST_LIMIT_EXCEEDED, STR_INIT("limit.exceeded"), explain_limit},
    {ERR_REQUEST_LIMIT_EXCEEDED_UIN_LIMIT_EXCEEDED, STR_INIT("limit.exceeded"), explain_limit},
    {ERR_REQUEST_LIMIT_EXCEEDED_GLOBAL_REGION_UIN_LIMIT_EXCEEDED, STR_INIT("limit.exceeded"), explain_limit},
    {ERR_REQUEST_LIMIT_EXCEEDED_IP_LIMIT_EXCEEDED, STR_INIT("limit.exceeded"), explain_limit},
};

void explain_refusal(struct call *c)
{
    if (c->error == ERR_NONE || c->injected.p || c->explanation.cause.p)
        return;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].error != c->error)
            continue;
        struct str text = rows[i].explain(c);
        if (!text.p)
            return;
        c->explanation.cause = rows[i].id;
        c->explanation.evidence = text;
        return;
    }
}
