/*
 * Explains why a call was rejected: the steps that it passed, the step that rejected it, the grounds with
 * their provenance, and the steps that would have followed.
 */

#include <assert.h>

#include "base/limits.h"
#include "control/calls.h"
#include "diagnosis/diagnose.h"
#include "gateway/pipeline.h"
#include "gen/texts.h"
#include "wire/rules.h"

enum { GROUNDS_MAX = 4 }; /* one from each add_ function below */

/* --- the call --- */

/* A call that a fault ended has no error, but a step at which it ended. */
static bool is_refused(const struct journal_entry *e)
{
    return e->error != ERR_NONE || e->failed_step;
}

/* NULL when the journal has none. */
static const struct journal_entry *last_refused(const struct journal *j)
{
    for (size_t i = j->n; i-- > 0;)
        if (is_refused(journal_at(j, i)))
            return journal_at(j, i);
    return NULL;
}

/* The call that the path names: by its RequestId, or "last". NULL after control_fail. */
static const struct journal_entry *find(struct control *k)
{
    const struct journal *j = k->call->world->journal;
    const bool last = str_eq(k->id, STR("last"));
    const struct journal_entry *e = last ? last_refused(j) : journal_find(j, k->id);
    if (!e)
        (void)control_fail(k, HTTP_NOT_FOUND,
                           last ? STR("the journal has no refused call")
                                : STR("the journal has no call of that RequestId"),
                           STR("GET /_virga/requests lists what it has, and how many it dropped"));
    return e;
}

/* --- the steps --- */

/* The index of the step at which the call ended; pipeline_steps for a call that was done, or whose change was
 * lost afterwards. */
static size_t end_of(const struct journal_entry *e)
{
    size_t i = 0;
    while (i < pipeline_steps && !(e->failed_step && strcmp(pipeline[i].name, e->failed_step) == 0))
        i++;
    return i;
}

static void fill_steps(struct arena *a, const struct journal_entry *e, struct why *answer)
{
    const size_t end = end_of(e);
    answer->failed_step = str_from(e->failed_step);
    answer->passed.set = answer->next.set = true;
    for (size_t i = 0; i < pipeline_steps; i++)
        if (i != end)
            str_list_add(a, i < end ? &answer->passed : &answer->next, str_from(pipeline[i].name));
}

/* --- the grounds --- */

static void add_ground(struct why *answer, struct why_ground ground)
{
    assert(answer->grounds.n < GROUNDS_MAX);
    answer->grounds.v[answer->grounds.n++] = ground;
}

/* "expiry is checked before credential", for the step of that number and its successor. */
static struct str order_text(struct arena *a, int lang, size_t step)
{
    struct str text = texts[TEXT_STEP_BEFORE][lang];
    struct str names[] = {str_from(pipeline[step].name), str_from(pipeline[step + 1].name)};
    struct buf b;
    buf_init(&b, a, text.n + names[0].n + names[1].n, LIMIT_MESSAGE);
    buf_put_filled(&b, text, names, 2);
    return buf_str(&b);
}

/* Adds the position of the step: the order of the steps decides which of two errors a client gets. */
static void add_place(struct arena *a, struct why *answer, const struct journal_entry *e)
{
    const size_t end = end_of(e);
    if (end + 1 >= pipeline_steps)
        return;
    add_ground(answer,
               (struct why_ground){STR("step"), order_text(a, LANG_EN, end), order_text(a, LANG_ZH, end),
                                   provenance_words[pipeline[end].place], STR("docs/fidelity.md")});
}

/* Adds the rule of the schema that rejected a parameter. */
static void add_rule(struct arena *a, struct why *answer, const struct journal_entry *e)
{
    const struct shape_rule *r = e->rule;
    struct str path = journal_text(a, e, ENTRY_PATH), space = STR(" ");
    if (r)
        add_ground(answer, (struct why_ground){
                               STR("rule"), CONCAT(a, path, space, rule_sentence(a, r, LANG_EN)),
                               CONCAT(a, path, space, rule_sentence(a, r, LANG_ZH)),
                               provenance_words[r->provenance], str_from(r->source ? r->source : "")});
}

/* Adds the cause of the code in the action's own table. Only the step that runs the action has one: the
 * earlier steps belong to no action, and a rule of the schema is a ground of its own. */
static void add_cause(struct why *answer, const struct journal_entry *e)
{
    const struct error_cause *g = NULL;
    if (!e->action || e->rule || !e->failed_step || strcmp(e->failed_step, "handle") != 0)
        return;
    for (size_t i = 0; i < e->action->n_causes && !g; i++)
        if (str_eq(error_table[e->action->causes[i].error].code, error_table[e->error].code))
            g = &e->action->causes[i];
    if (g)
        add_ground(
            answer,
            (struct why_ground){
                STR("cause"), g->cause, {NULL, 0}, provenance_words[g->provenance], str_from(g->source)});
}

/* Adds the text of the error, as in the answer. */
static void add_text(struct why *answer, const struct journal_entry *e)
{
    const struct error_info *info = &error_table[e->error];
    if (e->error != ERR_NONE)
        add_ground(answer, (struct why_ground){STR("text"), info->text[LANG_EN], info->text[LANG_ZH],
                                               provenance_words[info->provenance], str_from(info->source)});
}

/* Adds at most one ground of each kind, the step first. */
static void fill_grounds(struct arena *a, const struct journal_entry *e, struct why *answer)
{
    answer->grounds = (struct why_ground_list){ARENA_ARRAY(a, struct why_ground, GROUNDS_MAX), 0, true};
    if (journal_entry_text(e, ENTRY_INJECTED).n > 0)
        return; /* the fault is the only ground */
    add_place(a, answer, e);
    add_rule(a, answer, e);
    add_cause(answer, e);
    add_text(answer, e);
}

/* --- the route --- */

/* Copies the data of the call from the journal. */
static void fill_call(struct arena *a, const struct journal_entry *e, struct why *answer)
{
    *answer = (struct why){.request_id = {e->request_id, REQUEST_ID_CHARS},
                           .time = journal_time(a, e->real_ms),
                           .action = journal_text(a, e, ENTRY_ACTION),
                           .region = journal_text(a, e, ENTRY_REGION),
                           .secret_id = journal_text(a, e, ENTRY_SECRET_ID),
                           .signature = e->v1 ? STR("v1") : STR("v3"),
                           .method = journal_text(a, e, ENTRY_METHOD),
                           .params = journal_entry_params(a, e),
                           .code = journal_entry_code(e),
                           .message = journal_text(a, e, ENTRY_MESSAGE),
                           .why = journal_text(a, e, ENTRY_WHY),
                           .why_text = journal_text(a, e, ENTRY_WHY_TEXT),
                           .why_text_zh = findings_text(a, &e->findings, LANG_ZH),
                           .parameter = journal_text(a, e, ENTRY_PATH),
                           .leniencies = journal_leniencies(a, e),
                           .unread = journal_unread(a, e),
                           .injected = journal_text(a, e, ENTRY_INJECTED),
                           .canonical_request = journal_text(a, e, ENTRY_CANONICAL),
                           .string_to_sign = journal_text(a, e, ENTRY_STRING_TO_SIGN)};
}

/* A call past the limit of diagnoses is examined when a user asks. */
static void add_diagnosis(struct control *k, struct why *answer)
{
    struct call again;
    if (answer->why.n > 0 || diagnose_kept(k->call->world, k->call->arena, answer->request_id, &again) != 0)
        return;
    answer->why = again.explanation.cause;
    answer->why_text = again.explanation.evidence;
    answer->why_text_zh = findings_text(k->call->arena, &again.explanation.findings, LANG_ZH);
    answer->canonical_request = again.own_canonical;
    answer->string_to_sign = again.own_string;
}

/* GET /_virga/why/{request_id} */
int control_get_why(struct control *k, struct why *answer)
{
    const struct journal_entry *e = find(k);
    if (!e)
        return -1;
    fill_call(k->call->arena, e, answer);
    add_diagnosis(k, answer);
    fill_steps(k->call->arena, e, answer);
    fill_grounds(k->call->arena, e, answer);
    return 0;
}
