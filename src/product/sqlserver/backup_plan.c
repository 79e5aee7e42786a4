/* DescribeRegularBackupPlan: the days of the next year on which backups would be made, ordinary and archive
 * ones. It is arithmetic on the parameters (documented); the state has no part in it. */
#include <assert.h>

#include "core/page.h"
#include "gen/sqlserver.h"
#include "product/sqlserver/instance.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

enum { PLAN_DAYS = 365, WEEKDAYS = 7, YEAR_CHARS = 4, MONTH_AT = 5 };

/* A policy while the days are gone through, oldest first. */
struct plan {
    struct call *c;
    struct describe_regular_backup_plan_out *out;
    unsigned cycle;             /* weekdays with a backup, bits, Monday first */
    int64_t archives;           /* in a period */
    int64_t months;             /* of a period */
    int64_t first_ms, until_ms; /* the days that the answer shows */
    struct i64_list days;       /* with a backup, in the period so far */
    int64_t period;             /* counted from year 0 */
};

static void show(const struct plan *plan, struct str_list *list, int64_t day_ms)
{
    if (day_ms >= plan->first_ms && day_ms < plan->until_ms)
        str_list_add(plan->c->arena, list, time_beijing(plan->c->arena, day_ms));
}

/* Documented: one archive backup is the first of the period, two are the first and the middle one, more are
 * spread evenly. A day with an archive backup has no ordinary one (assumed). */
static void end_period(struct plan *plan)
{
    int64_t n = (int64_t)plan->days.n, archives = plan->archives < n ? plan->archives : n, taken = 0;
    for (int64_t i = 0; i < n; i++) {
        bool archive = taken < archives && i == taken * n / archives;
        taken += archive;
        show(plan, archive ? &plan->out->save_mode_regular : &plan->out->save_mode_period, plan->days.v[i]);
    }
    assert(taken == archives);
    plan->days.n = 0;
}

static int64_t digits(struct str s)
{
    int64_t v = 0;
    for (size_t i = 0; i < s.n; i++)
        v = v * 10 + (s.p[i] - '0');
    return v;
}

/* Periods are those of the calendar (assumed). */
static int64_t period_of(const struct plan *plan, struct str date)
{
    int64_t year = digits(str_head(date, YEAR_CHARS)), month = digits(str_head(str_skip(date, MONTH_AT), 2));
    return (year * 12 + month - 1) / plan->months;
}

/* 1970-01-01 was a Thursday, the day 3 after Monday. */
static bool has_backup(const struct plan *plan, int64_t day_ms)
{
    const int64_t beijing_ms = INT64_C(8) * 3600 * 1000;
    return plan->cycle >> (((day_ms + beijing_ms) / DAY_MS + 3) % WEEKDAYS) & 1;
}

static void add_day(struct plan *plan, int64_t day_ms)
{
    int64_t period = period_of(plan, time_beijing(plan->c->arena, day_ms));
    if (period != plan->period)
        end_period(plan);
    plan->period = period;
    if (has_backup(plan, day_ms))
        *LIST_ADD(plan->c->arena, &plan->days) = day_ms;
}

static int64_t day_from(struct arena *a, struct str date)
{
    int64_t ms = 0;
    int bad = time_parse_beijing(CONCAT(a, date, STR(" 00:00:00")), &ms);
    assert(!bad);
    (void)bad;
    return ms;
}

/* Archive backups begin at the given day; before it all are ordinary. */
static void fill(struct plan *plan, int64_t start_ms)
{
    struct str today = str_head(time_beijing(plan->c->arena, plan->first_ms), sizeof "YYYY-MM-DD" - 1);
    int64_t new_year_ms =
        day_from(plan->c->arena, CONCAT(plan->c->arena, str_head(today, YEAR_CHARS), STR("-01-01")));
    for (int64_t day = plan->first_ms; day < start_ms && day < plan->until_ms; day += DAY_MS)
        if (has_backup(plan, day))
            show(plan, &plan->out->save_mode_period, day);
    /* Up to a year more than is shown, so that the last period is whole. */
    for (int64_t day = start_ms > new_year_ms ? start_ms : new_year_ms;
         day < plan->until_ms + PLAN_DAYS * DAY_MS; day += DAY_MS)
        add_day(plan, day);
}

int describe_regular_backup_plan(struct call *c, const struct describe_regular_backup_plan_in *in,
                                 struct describe_regular_backup_plan_out *out)
{
    struct instance instance;
    struct str strategy = in->regular_backup_strategy;
    struct plan plan = {.c = c, .out = out, .archives = (int64_t)in->regular_backup_counts.v, .period = -1};
    if (instance_get(c, in->instance_id, &instance) != 0 || instance_accept_change(c, &instance) != 0)
        return -1;
    plan.months = str_eq(strategy, STR("years")) ? 12 : str_eq(strategy, STR("quarters")) ? 3 : 1;
    for (size_t i = 0; i < in->backup_cycle.n; i++)
        plan.cycle |= 1u << (in->backup_cycle.v[i] - 1);
    plan.first_ms =
        day_from(c->arena, str_head(time_beijing(c->arena, world_now_ms(c->world)), sizeof "YYYY-MM-DD" - 1));
    plan.until_ms = plan.first_ms + PLAN_DAYS * DAY_MS;
    out->save_mode_period.set = out->save_mode_regular.set = true;
    fill(&plan, day_from(c->arena, in->regular_backup_start_time));
    return 0;
}
