/* The way back from a rule to the words that made it: what was not said is not shown. */
#include "server/fault_view.h"

#include "wire/tree.h"

/* Zero is what an absent number became, and none of these may be asked for as zero. */
static struct opt_i64 if_given(int64_t v)
{
    return (struct opt_i64){.v = v, .set = v != 0};
}

/* As texts, which is how they are compared. */
static const struct node *params_of(struct arena *a, const struct fault_match *m)
{
    struct node *object = node_new(a, NODE_OBJECT);
    for (size_t i = 0; i < m->n_params; i++) {
        struct node *value = node_new(a, NODE_STRING);
        value->text = m->params[i].value;
        node_add(object, m->params[i].path, value);
    }
    return m->n_params ? object : NULL;
}

static void put_match(struct arena *a, const struct fault_match *m, struct armed_fault *view)
{
    if (m->action)
        view->action = m->action->name;
    view->region = m->region;
    view->secret_id = m->secret_id;
    view->trace = m->trace;
    view->params = params_of(a, m);
}

/* A code that the rule was given as its bare text is shown so, whichever row of the table it became. */
static void put_act(const struct fault_act *act, struct armed_fault *view)
{
    static const struct str closes[] = {
        [FAULT_ANSWERS] = {NULL, 0},
        [FAULT_CLOSE_BEFORE] = STR_INIT("before"),
        [FAULT_CLOSE_AFTER] = STR_INIT("after_commit"),
    };
    const struct fault_effect *e = &act->effect;
    if (act->code)
        view->code = error_table[act->code].code;
    view->message = act->message;
    view->delay_ms = if_given(e->delay_ms);
    view->close = closes[e->close];
    view->truncate = (struct opt_i64){(int64_t)e->truncate_bytes, e->truncates};
    view->http_status = if_given(e->http_status);
    if (e->flow_fails)
        view->flow_outcome = STR("failure");
    view->flow_seconds = (struct opt_i64){e->flow_ms / 1000, e->flow_timed};
}

static void put_when(const struct fault_when *w, struct armed_fault *view)
{
    view->after = if_given(w->after);
    view->first = if_given(w->first);
    view->every = if_given(w->every);
    view->count = if_given(w->count);
    view->probability = (struct opt_f64){w->probability, w->probability < 1};
}

struct armed_fault fault_view(struct arena *a, const struct fault *f)
{
    struct armed_fault view = {.id = I64(f->id), .seen = I64(f->seen), .hits = I64(f->hits)};
    put_match(a, &f->match, &view);
    put_act(&f->act, &view);
    put_when(&f->when, &view);
    return view;
}
