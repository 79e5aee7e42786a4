/* Fuzzes the document of the state: any text, or the document of a state in which values are replaced. One
 * that is accepted is written as it was read, and calls to its world are answered. */
#include "demand.h"
#include "sample_world.h"

#include "core/snapshot.h"
#include "wire/encode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* SLOW_EACH: inputs of every fourth length are written and read again. */
enum { EDITS_MAX = 8, SLOW_EACH = 4, ROOM = 64 * 1024 * 1024 };

/* --- edits --- */

/* The offset after the JSON scalar at `at`; `at` itself when there is none. */
static size_t scalar_end(struct str s, size_t at)
{
    size_t i = at;
    if (s.p[at] == '"') {
        for (i++; i < s.n && s.p[i] != '"'; i++)
            i += s.p[i] == '\\';
        return i < s.n ? i + 1 : s.n;
    }
    while (i < s.n && !strchr("[]{},:\"", s.p[i]))
        i++;
    return i;
}

/* The k-th scalar of the document. */
static struct str find_scalar(struct str s, size_t k)
{
    for (size_t at = 0; at < s.n;) {
        const size_t end = scalar_end(s, at);
        if (end > at && k-- == 0)
            return (struct str){s.p + at, end - at};
        at = end > at ? end : at + 1;
    }
    return (struct str){s.p, 0};
}

static struct str make_scalar(struct arena *a, struct input *in)
{
    struct buf b;
    buf_init(&b, a, 64, ROOM);
    switch (input_byte(in) % 6) {
    case 0:
        return arena_printf(a, "%lld", (long long)input_number(in));
    case 1:
        buf_put_json_string(&b, sample_words.v[input_byte(in) % sample_words.n].text);
        return buf_str(&b);
    case 2:
        buf_put_json_string(&b, input_text(a, in));
        return buf_str(&b);
    case 3:
        return STR("null");
    case 4:
        return STR("1.5");
    default:
        return input_text(a, in);
    }
}

static struct str edit(struct arena *a, struct input *in, struct str s, size_t scalars)
{
    for (int i = 0; i < EDITS_MAX && in->n > 0; i++) {
        const struct str old = find_scalar(s, input_below(in, scalars));
        const size_t at = (size_t)(old.p - s.p);
        s = CONCAT(a, str_head(s, at), make_scalar(a, in), str_skip(s, at + old.n));
    }
    return s;
}

/* --- the document --- */

/* Something of each kind is in the state: calls make it. */
static void run(struct world *w, struct arena *a, const char *action, const char *body)
{
    struct sample_request r = sample_request(w, registry_find_action(w->registry, str_from(action)));
    struct call c;
    r.fields = str_from(body);
    sample_prepare(&c, w, a, &r);
    sample_run(&c);
}

static void run_calls(struct world *w, struct arena *a)
{
    run(w, a, "CreateBackup", "{\"InstanceId\":\"" SAMPLE_INSTANCE "\",\"Strategy\":0}");
    run(w, a, "CreateBackup",
        "{\"InstanceId\":\"" SAMPLE_INSTANCE "\",\"Strategy\":1,\"DBNames\":[\"db1\"]}");
    run(w, a, "CreateDB",
        "{\"InstanceId\":\"" SAMPLE_INSTANCE
        "\",\"DBs\":[{\"DBName\":\"db3\",\"Charset\":\"Chinese_PRC_CI_AS\",\"Accounts\":[]}]}");
    run(w, a, "CloneDB",
        "{\"InstanceId\":\"" SAMPLE_INSTANCE
        "\",\"RenameRestore\":[{\"OldName\":\"db2\",\"NewName\":\"db4\"}]}");
    clock_advance(&w->clock, 10 * 1000);
    run(w, a, "CreateBackup", "{\"InstanceId\":\"mssql-i1z41iwd\",\"Strategy\":0}");
}

/* Actions that read, with the parameters of their examples. */
static void read_everything(struct world *w, struct arena *a)
{
    struct buf b;
    clock_advance(&w->clock, INT64_C(3600) * 1000);
    for (size_t i = 0; i < registry_n_actions(w->registry); i++) {
        const struct action *action = registry_action_at(w->registry, i);
        struct input none = {NULL, 0};
        if (!action->handle || action->writes)
            continue;
        buf_init(&b, a, 256, ROOM);
        encode_node(&b, input_object(a, &none, action->in, &sample_words));
        run(w, a, arena_cstr(a, action->name), arena_cstr(a, buf_str(&b)));
    }
}

static void check_loaded(struct world *w, struct arena *a, bool slow)
{
    struct str problem;
    int64_t rows;
    if (slow) {
        const struct str state = sample_state(w, a);
        demand(state_replace(w, a, state, &rows, &problem) == 0, "what was written is read");
        demand(str_eq(state, sample_state(w, a)), "and is the same");
    }
    read_everything(w, a);
    run_calls(w, a);
}

/* The document of a state in which something of each kind is, and the number of its scalars. */
static struct str good;
static size_t good_scalars;

static void make_good(void)
{
    static struct arena kept;
    if (good.p)
        return;
    struct world *w = sample_world();
    run_calls(w, &kept);
    good = sample_state(w, &kept);
    while (find_scalar(good, good_scalars).n > 0)
        good_scalars++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    struct arena a;
    struct str problem;
    int64_t rows;
    make_good();
    struct world *w = sample_world();
    arena_init(&a);
    const struct str text = input_byte(&in) & 1 ? input_rest(&a, &in) : edit(&a, &in, good, good_scalars);
    if (state_replace(w, &a, text, &rows, &problem) == 0)
        check_loaded(w, &a, size % SLOW_EACH == 0);
    else
        demand(problem.p != NULL, "a rejected document has a problem");
    arena_done(&a);
    return 0;
}
