/* Fuzzes the control API: an input is a list of requests to its routes, with queries and bodies made from
 * their shapes, and calls of the cloud's API between them. Every answer of JSON is JSON, and no request fails
 * as a bug of the store does. */
#include "demand.h"
#include "sample_world.h"

#include "control/router.h"
#include "gen/sqlserver.h"
#include "wire/encode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Larger answers, such as the API's own description, take too long to be read each time. */
enum { REQUESTS_MAX = 12, PARSED_MAX = 64 * 1024, ROOM = 64 * 1024 * 1024 };

/* Bits of the first byte of a request. */
enum { RAW_BODY = 1, RAW_QUERY = 2, LAST_ID = 4, CALL_FIRST = 8, WITHOUT_QUERY = 16 };

/* The route's path with its variable filled in. */
static struct str fill_path(struct arena *a, struct input *in, struct str pattern, struct str last_id)
{
    const size_t open = str_find(pattern, '{'), close = str_find(pattern, '}');
    if (open == pattern.n)
        return pattern;
    const struct str id = last_id.p ? last_id : input_text(a, in);
    return CONCAT(a, str_head(pattern, open), id, str_skip(pattern, close + 1));
}

static struct str make_part(struct arena *a, struct input *in, const struct shape *shape, bool raw, bool form)
{
    struct buf b;
    buf_init(&b, a, 256, ROOM);
    if (raw || !shape)
        return raw ? input_text(a, in) : STR("");
    const struct node *tree = input_object(a, in, shape, &sample_words);
    if (form)
        put_form(&b, tree);
    else
        encode_node(&b, tree);
    return buf_str(&b);
}

/* A call of the cloud's API, so that the journal and the state have something. Its RequestId. */
static struct str run_call(struct world *w, struct arena *a, struct input *in)
{
    const struct action *action =
        registry_action_at(w->registry, input_byte(in) % registry_n_actions(w->registry));
    struct sample_request r = sample_request(w, action);
    struct call *c = ARENA_NEW(a, struct call);
    struct buf b;
    buf_init(&b, a, 256, ROOM);
    encode_node(&b, input_object(a, in, action->in, &sample_words));
    r.fields = buf_str(&b);
    sample_prepare(c, w, a, &r);
    sample_run(c);
    return (struct str){c->request_id, REQUEST_ID_CHARS};
}

static void run_request(struct world *w, struct input *in)
{
    static const struct header headers[] = {{STR_INIT("Host"), STR_INIT("127.0.0.1:8328")}};
    struct arena a;
    struct call c;
    struct str last_id = {NULL, 0};
    struct node *tree;
    const char *type;
    arena_init(&a);
    const uint8_t flags = input_byte(in);
    const struct control_route *route = &control_routes[input_byte(in) % n_control_routes];
    if (flags & CALL_FIRST)
        last_id = run_call(w, &a, in);
    call_init(&c, w, &a);
    c.request = (struct request){
        .method = route->method, .peer = STR("\x7f\0\0\1"), .headers = headers, .n_headers = 1};
    c.request.path = fill_path(&a, in, route->path, flags & LAST_ID ? last_id : (struct str){NULL, 0});
    if (!(flags & WITHOUT_QUERY))
        c.request.query = make_part(&a, in, route->query, flags & RAW_QUERY, true);
    c.request.body = make_part(&a, in, route->body, flags & RAW_BODY, false);
    const int status = control_run(&c, &type);
    demand(status >= 200 && status < 500, "the request is answered or rejected");
    if (strcmp(type, "application/json") == 0 && c.answer.n < PARSED_MAX)
        demand(json_parse(&a, c.answer, &tree, NULL) == 0, "the answer is JSON");
    arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    struct world *w = sample_world();
    for (int i = 0; i < REQUESTS_MAX && in.n > 0; i++)
        run_request(w, &in);
    return 0;
}
