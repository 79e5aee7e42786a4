/* Fuzzes the gateway and all handlers: an input is a list of signed calls to one world. A right signature is
 * accepted, the answer is JSON with the envelope, a reading action changes nothing, and the state at the end
 * can be written and read again. */
#include "demand.h"
#include "sample_world.h"

#include "core/snapshot.h"
#include "wire/encode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The state is checked for inputs of every eighth length: it takes longer than the calls. */
enum { CALLS_MAX = 16, STATE_EACH = 8, ROOM = 64 * 1024 * 1024 };

/* The calls of one input. Values of their answers, such as the id of a backup, become words for the next
 * ones. */
enum { KNOWN_MAX = 160 };
struct sequence {
    struct world *world;
    struct input in;
    struct arena arena;
    struct word known[KNOWN_MAX];
    size_t n_known;
};

/* Bits of the first byte of a call. */
enum {
    CALL_V1 = 1,
    CALL_GET = 2,
    CALL_SHA256 = 4,
    CALL_CHINESE = 8,
    CALL_RAW = 16,
    CALL_ELSEWHERE = 32,
    CALL_ANY = 64
};

/* Half of the inputs choose among the emulated actions, of which there are few. */
static const struct action *choose_action(const struct world *w, struct input *in, bool any)
{
    const size_t all = registry_n_actions(w->registry);
    size_t i = input_byte(in) % all, emulated = 0;
    if (any)
        return registry_action_at(w->registry, i);
    for (size_t k = 0; k < all; k++)
        emulated += registry_action_at(w->registry, k)->handle != NULL;
    i %= emulated;
    for (size_t k = 0;; k++)
        if (registry_action_at(w->registry, k)->handle && i-- == 0)
            return registry_action_at(w->registry, k);
}

static struct str make_fields(struct sequence *s, struct arena *a, const struct action *action, uint8_t flags)
{
    const struct words words = {s->known, s->n_known};
    struct buf b;
    buf_init(&b, a, 256, ROOM);
    if (flags & CALL_RAW)
        return input_text(a, &s->in);
    const struct node *params = input_object(a, &s->in, action->in, &words);
    if (flags & (CALL_V1 | CALL_GET))
        put_form(&b, params);
    else
        encode_node(&b, params);
    return buf_str(&b);
}

static void check_envelope(const struct call *c, const struct node *tree)
{
    const struct node *response = node_find(tree, STR("Response"));
    demand(response && node_find(response, STR("RequestId")), "the answer has the envelope");
    const struct node *error = node_find(response, STR("Error"));
    demand(!error == (c->error == ERR_NONE), "an error is in the answer");
    demand(!error || str_eq(node_find(error, STR("Code"))->text, error_table[c->error].code),
           "with its code");
}

/* Downloads the first address of a file that the answer has, as a whole or a part of it. */
static void download(const struct call *c, struct input *in)
{
    const struct str start = c->world->endpoint;
    const char *at = memmem(c->answer.p, c->answer.n, start.p, start.n);
    const struct object_hooks *objects = &c->product->hooks->objects;
    struct call d;
    if (!at)
        return;
    struct str url = str_skip(c->answer, (size_t)(at - c->answer.p) + start.n);
    url = str_head(url, str_find(url, '"'));
    const struct header header = {STR("Range"), CONCAT(c->arena, STR("bytes="), input_text(c->arena, in))};
    call_init(&d, c->world, c->arena);
    d.request = (struct request){.method = STR("GET"), .headers = &header, .n_headers = input_byte(in) & 1};
    d.request.path = str_head(url, str_find(url, '?'));
    d.request.query = str_skip(url, d.request.path.n + 1);
    if (!objects->owns || !objects->owns(&d.request))
        return;
    const int status = objects->serve(&d);
    demand(status == 200 || status == 206 || status == 416, "an address in an answer can be downloaded");
}

static void learn(struct sequence *s, const struct node *n)
{
    struct arena *a = &s->arena;
    for (const struct node *child = n->first; child; child = child->next)
        learn(s, child);
    if (!n->name.p || s->n_known == KNOWN_MAX || str_eq(n->name, STR("RequestId")))
        return;
    if (n->kind == NODE_STRING && n->text.n > 0 && n->text.n < 80)
        s->known[s->n_known++] = (struct word){arena_dup(a, n->text), arena_dup(a, n->name)};
    else if (n->kind == NODE_NUMBER && n->number > 0)
        s->known[s->n_known++] = (struct word){arena_printf(a, "%.0f", n->number), arena_dup(a, n->name)};
}

static void check_call(struct sequence *s, const struct call *c, uint8_t flags)
{
    struct node *tree;
    if (!(flags & CALL_RAW))
        demand(c->error != ERR_AUTH_FAILURE_SIGNATURE_FAILURE, "a right signature is accepted");
    demand(!c->changed || c->action->writes, "an action that reads changes nothing");
    if (fault_suppresses_response(&c->effect))
        return;
    demand(json_parse(c->arena, c->answer, &tree, NULL) == 0, "the answer is JSON");
    check_envelope(c, tree);
    learn(s, tree);
}

static void run_call(struct sequence *s)
{
    struct arena a;
    struct call c;
    arena_init(&a);
    const uint8_t flags = input_byte(&s->in);
    const struct action *action = choose_action(s->world, &s->in, flags & CALL_ANY);
    struct sample_request r = sample_request(s->world, action);
    r.v1 = flags & CALL_V1;
    r.sha256 = flags & CALL_SHA256;
    r.method = flags & CALL_GET ? STR("GET") : STR("POST");
    r.language = flags & CALL_CHINESE ? STR("zh-CN") : (struct str){NULL, 0};
    if (flags & CALL_ELSEWHERE)
        r.region = sample_words.v[input_byte(&s->in) % sample_words.n].text;
    r.fields = make_fields(s, &a, action, flags);
    sample_prepare(&c, s->world, &a, &r);
    sample_run(&c);
    check_call(s, &c, flags);
    download(&c, &s->in);
    arena_done(&a);
}

static void check_state(struct world *w)
{
    struct arena a;
    struct str problem;
    int64_t rows;
    arena_init(&a);
    const struct str before = sample_state(w, &a);
    demand(state_replace(w, &a, before, &rows, &problem) == 0, "a state that calls have made can be loaded");
    demand(str_eq(before, sample_state(w, &a)), "and is the same afterwards");
    arena_done(&a);
}

/* Up to a minute and a half, in which flows end; or hours and days, in which scheduled work is due. */
static int64_t pause_ms(uint8_t byte)
{
    enum { HALF_SECONDS = 200, SIX_HOURS_MS = 6 * 3600 * 1000 };
    return byte < HALF_SECONDS ? byte * INT64_C(500) : (byte - HALF_SECONDS) * (int64_t)SIX_HOURS_MS;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sequence s = {.world = sample_world(), .in = {data, size}, .n_known = sample_words.n};
    arena_init(&s.arena);
    memcpy(s.known, sample_words.v, sample_words.n * sizeof s.known[0]);
    for (int i = 0; i < CALLS_MAX && s.in.n > 0; i++) {
        run_call(&s);
        clock_advance(&s.world->clock, pause_ms(input_byte(&s.in)));
    }
    if (size % STATE_EACH == 0)
        check_state(s.world);
    arena_done(&s.arena);
    return 0;
}
