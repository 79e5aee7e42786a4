#include "server/control.h"

#include "base/buf.h"
#include "core/flow.h"
#include "wire/json.h"

enum { CONTROL_ANSWER_MAX = 64 * 1024 };

enum {
    HTTP_OK = 200,
    HTTP_BAD_REQUEST = 400,
    HTTP_NOT_FOUND = 404,
    HTTP_METHOD_NOT_ALLOWED = 405,
    HTTP_FAILED = 500
};

/* One request to the control API. */
struct control {
    struct call *call;
    struct buf answer;
    const struct node *body; /* a JSON object; empty when none was sent */
    struct str id;           /* what stands for {} in the route's path */
};

static int refuse(struct control *k, int status, struct str message, struct str hint)
{
    static const struct {
        int status;
        struct str code;
    } codes[] = {
        {HTTP_BAD_REQUEST, STR_INIT("bad_request")},
        {HTTP_NOT_FOUND, STR_INIT("not_found")},
        {HTTP_METHOD_NOT_ALLOWED, STR_INIT("method_not_allowed")},
        {HTTP_FAILED, STR_INIT("store_failed")},
    };
    buf_put(&k->answer, STR("{\"error\":{\"code\":\""));
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].status == status)
            buf_put(&k->answer, codes[i].code);
    buf_put(&k->answer, STR("\",\"message\":"));
    buf_put_json_string(&k->answer, message);
    buf_put(&k->answer, STR(",\"hint\":"));
    buf_put_json_string(&k->answer, hint);
    buf_put(&k->answer, STR("}}"));
    return status;
}

static int get_health(struct control *k)
{
    buf_put(&k->answer, STR("{\"status\":\"ok\"}"));
    return HTTP_OK;
}

/* --- the clock --- */

static int show_clock(struct control *k)
{
    static const char *const modes[] = {
        [CLOCK_REAL] = "real", [CLOCK_FROZEN] = "frozen", [CLOCK_MOVED] = "moved"};
    struct world *w = k->call->world;
    int64_t now = world_now_ms(w);
    struct str text = time_beijing(k->call->arena, now);
    buf_printf(&k->answer, "{\"mode\":\"%s\",\"time\":\"%.10sT%.8s+08:00\",\"unix_ms\":%lld}",
               modes[w->clock.mode], text.p, text.p + 11, (long long)now);
    return HTTP_OK;
}

static struct str text_member(const struct node *body, struct str name)
{
    const struct node *n = node_find(body, name);
    return n && n->kind == NODE_STRING ? n->text : (struct str){NULL, 0};
}

/* {"mode":"real"}, {"mode":"frozen"|"moved"} with "time" or, without it, the time it is now. */
static int put_clock(struct control *k)
{
    struct world *w = k->call->world;
    struct str mode = text_member(k->body, STR("mode")), time = text_member(k->body, STR("time"));
    int64_t at = world_now_ms(w);
    const struct str hint =
        STR("{\"mode\":\"real\"|\"frozen\"|\"moved\",\"time\":\"2026-01-01T00:00:00+08:00\"}");
    if (time.p && time_parse_rfc3339(time, &at) != 0)
        return refuse(k, HTTP_BAD_REQUEST, STR("time is not an RFC 3339 time"), hint);
    if (str_eq(mode, STR("real")))
        clock_set_real(&w->clock);
    else if (str_eq(mode, STR("frozen")))
        clock_freeze(&w->clock, at);
    else if (str_eq(mode, STR("moved")))
        clock_move(&w->clock, at);
    else
        return refuse(k, HTTP_BAD_REQUEST, STR("mode is none of real, frozen, moved"), hint);
    return show_clock(k);
}

static int advance_clock(struct control *k)
{
    const struct node *seconds = node_find(k->body, STR("seconds"));
    const double most = 100.0 * 366 * 24 * 3600;
    if (!seconds || seconds->kind != NODE_NUMBER || !(seconds->number >= 0) || seconds->number > most)
        return refuse(k, HTTP_BAD_REQUEST, STR("seconds must be a number from 0 to that of a hundred years"),
                      STR("{\"seconds\":60}"));
    clock_advance(&k->call->world->clock, (int64_t)(seconds->number * 1000));
    return show_clock(k);
}

/* --- flows --- */

static int finish_in_savepoint(struct world *w, int64_t id, bool fails)
{
    if (db_savepoint(w->db) != 0)
        return -1;
    int rc = flow_finish(w, id, fails);
    if (rc == 1 && db_keep(w->db) == 0)
        return flow_settle(w) == 0 ? 1 : -1;
    db_undo(w->db);
    return rc == 1 ? -1 : rc;
}

static int finish_flow(struct control *k)
{
    struct str outcome = text_member(k->body, STR("outcome"));
    bool fails = str_eq(outcome, STR("failure"));
    int64_t id;
    if (!fails && !str_eq(outcome, STR("success")))
        return refuse(k, HTTP_BAD_REQUEST, STR("outcome is neither success nor failure"),
                      STR("{\"outcome\":\"success\"}"));
    int rc = str_to_i64(k->id, &id) == 0 ? finish_in_savepoint(k->call->world, id, fails) : 0;
    if (rc < 0)
        return refuse(k, HTTP_FAILED, str_from(db_message(k->call->world->db)), STR("look at the disk"));
    if (rc == 0)
        return refuse(k, HTTP_NOT_FOUND, STR("no flow of that id is running"),
                      STR("--flow-seconds KIND=manual makes flows wait for this call"));
    k->call->changed = true;
    buf_printf(&k->answer, "{\"flow_id\":%lld,\"outcome\":\"%.*s\"}", (long long)id, STR_ARG(outcome));
    return HTTP_OK;
}

/* --- routes --- */

struct route {
    struct str method, path; /* a part "{}" of the path stands for any */
    int (*run)(struct control *k);
};

static const struct route routes[] = {
    {STR_INIT("GET"), STR_INIT("/_virga/health"), get_health},
    {STR_INIT("GET"), STR_INIT("/_virga/clock"), show_clock},
    {STR_INIT("PUT"), STR_INIT("/_virga/clock"), put_clock},
    {STR_INIT("POST"), STR_INIT("/_virga/clock/advance"), advance_clock},
    {STR_INIT("POST"), STR_INIT("/_virga/flows/{}/finish"), finish_flow},
};

enum { ROUTES = sizeof routes / sizeof routes[0] };

bool control_owns(struct str path)
{
    return str_starts(path, STR("/_virga/"));
}

static bool path_matches(struct str pattern, struct str path, struct str *ret_id)
{
    struct str want, have;
    while (str_next(&pattern, '/', &want)) {
        if (!str_next(&path, '/', &have))
            return false;
        if (str_eq(want, STR("{}")))
            *ret_id = have;
        else if (!str_eq(want, have))
            return false;
    }
    return path.p == NULL;
}

static int no_route(struct control *k, bool path_known)
{
    const struct request *r = &k->call->request;
    struct str message =
        arena_printf(k->call->arena, "there is no %.*s %.*s", STR_ARG(r->method), STR_ARG(r->path));
    struct str hint = STR("");
    for (size_t i = 0; i < ROUTES; i++)
        hint = arena_printf(k->call->arena, "%.*s%s%.*s %.*s", STR_ARG(hint), i ? ", " : "",
                            STR_ARG(routes[i].method), STR_ARG(routes[i].path));
    return refuse(k, path_known ? HTTP_METHOD_NOT_ALLOWED : HTTP_NOT_FOUND, message, hint);
}

static int dispatch(struct control *k)
{
    bool path_known = false;
    for (size_t i = 0; i < ROUTES; i++) {
        if (!path_matches(routes[i].path, k->call->request.path, &k->id))
            continue;
        path_known = true;
        if (str_eq(routes[i].method, k->call->request.method))
            return routes[i].run(k);
    }
    return no_route(k, path_known);
}

static int read_body(struct control *k)
{
    struct node *tree = node_new(k->call->arena, NODE_OBJECT);
    struct str text = str_trim(k->call->request.body);
    k->body = tree;
    if (text.n == 0)
        return 0;
    if (json_parse(k->call->arena, text, &tree, NULL) != 0 || tree->kind != NODE_OBJECT)
        return -1;
    k->body = tree;
    return 0;
}

int control_run(struct call *c)
{
    struct control k = {.call = c};
    buf_init(&k.answer, c->arena, 256, CONTROL_ANSWER_MAX);
    int status = read_body(&k) == 0
                     ? dispatch(&k)
                     : refuse(&k, HTTP_BAD_REQUEST, STR("the body is not a JSON object"), STR("{}"));
    c->answer = buf_str(&k.answer);
    return status;
}
