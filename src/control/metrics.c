/*
 * Metrics in the text format of Prometheus, version 0.0.4 (https://prometheus.io/docs/instrumenting/
 * exposition_formats/). No label contains a value that a client chooses, because the number of labels would
 * have no limit.
 */

#include "core/journal.h"
#include "gen/control.h"

/* The two comment lines that the format has above each metric. */
static void put_head(struct buf *b, const char *name, const char *type, const char *help)
{
    buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put_number(struct buf *b, const char *name, uint64_t value)
{
    buf_printf(b, "%s ", name);
    buf_put_u64(b, value);
    buf_putc(b, '\n');
}

/* --- calls --- */

/* `action` NULL: the calls that named no known action. */
static void put_calls_of(struct buf *b, const struct metrics *m, const struct action *action)
{
    for (int error = ERR_NONE; error < ERR_COUNT; error++) {
        uint64_t n = metrics_calls(m, action, (enum error_id)error);
        if (n == 0)
            continue;
        buf_printf(b, "virga_calls_total{action=\"%.*s\",code=\"%.*s\"} ",
                   STR_ARG(action ? action->name : STR("")),
                   STR_ARG(error == ERR_NONE ? STR("") : error_table[error].code));
        buf_put_u64(b, n);
        buf_putc(b, '\n');
    }
}

/* Every action and code that occurred. Actions that were never called have no line. */
static void put_calls(struct buf *b, const struct metrics *m)
{
    put_head(b, "virga_calls_total", "counter",
             "Finished calls by action and code; an empty code means success.");
    for (size_t i = 0; i < registry_n_actions(m->registry); i++)
        put_calls_of(b, m, registry_action_at(m->registry, i));
    put_calls_of(b, m, NULL);
}

/* Buckets are cumulative: each contains the ones before it. */
static void put_durations(struct buf *b, const struct metrics *m)
{
    uint64_t calls = 0;
    put_head(b, "virga_call_seconds", "histogram", "How long calls took, the wait for the disk included.");
    for (size_t i = 0; i < METRICS_BUCKETS; i++) {
        calls += m->durations[i];
        buf_printf(b, "virga_call_seconds_bucket{le=\"%g\"} ", metrics_bounds[i]);
        buf_put_u64(b, calls);
        buf_putc(b, '\n');
    }
    calls += m->durations[METRICS_BUCKETS];
    put_number(b, "virga_call_seconds_bucket{le=\"+Inf\"}", calls);
    buf_printf(b, "virga_call_seconds_sum %.9g\n", m->seconds);
    put_number(b, "virga_call_seconds_count", calls);
}

/* --- the state --- */

/* Counts the rows of the store at each request, so the numbers are exact also after a restart. */
static int put_flows(struct buf *b, struct db *db)
{
    SCOPED_STMT(s, db,
                "SELECT kind, coalesce(outcome, 'running') AS state, count(*) AS n FROM flow GROUP BY 1, 2"
                " ORDER BY 1, 2");
    put_head(b, "virga_flows", "gauge", "Flows in the state, by kind and status.");
    return metrics_put_counts(b, "virga_flows", s);
}

/* The numbers that the products add. */
static int put_gauges(struct buf *b, const struct product *p, struct db *db)
{
    for (size_t i = 0; i < p->hooks->n_gauges; i++) {
        const struct gauge *g = &p->hooks->gauges[i];
        put_head(b, g->name, "gauge", g->help);
        if (g->put(b, db) != 0)
            return -1;
    }
    return 0;
}

static int put_state(struct buf *b, const struct world *w)
{
    if (put_flows(b, w->db) != 0)
        return -1;
    for (size_t i = 0; i < w->registry->n_products; i++)
        if (put_gauges(b, w->registry->products[i], w->db) != 0)
            return -1;
    return 0;
}

/* --- single numbers --- */

/* Counters that end in _total only grow; a gauge may fall. */
static void put_rest(struct buf *b, const struct world *w)
{
    const struct {
        const char *name, *type, *help;
        uint64_t value;
    } rows[] = {
        {"virga_store_commits_total", "counter", "Transactions that changed the state.", w->metrics.commits},
        {"virga_store_syncs_total", "counter", "Times the state was forced to the disk.", w->metrics.syncs},
        {"virga_store_instructions_total", "counter", "Instructions of SQLite's machine.",
         db_instructions(w->db)},
        {"virga_limiter_refusals_total", "counter", "Calls over a rate limit.", w->metrics.refused},
        {"virga_limiter_counters", "gauge", "Counters of the rate limits.", w->rate_counter.counters.n},
        {"virga_connections", "gauge", "Open connections of clients.", w->metrics.connections},
        {"virga_requests_in_flight", "gauge", "Requests that have begun and are not answered.",
         w->metrics.requests},
        {"virga_calls_delayed", "gauge", "Calls whose response a fault delays.", w->metrics.delayed},
        {"virga_journal_calls", "gauge", "Calls that the journal holds.", w->journal->n},
        {"virga_journal_dropped_total", "counter", "Calls that the journal had no room for.",
         w->journal->dropped_ever},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        put_head(b, rows[i].name, rows[i].type, rows[i].help);
        put_number(b, rows[i].name, rows[i].value);
    }
}

/* GET /_virga/metrics */
int control_get_metrics(struct control *k)
{
    struct world *w = k->call->world;
    put_calls(&k->text, &w->metrics);
    put_durations(&k->text, &w->metrics);
    if (put_state(&k->text, w) != 0)
        return control_fail_store(k);
    put_rest(&k->text, w);
    return 0;
}
