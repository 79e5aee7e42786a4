/* Mistakes in the string to sign, and in the date, which is in the chain of keys as well. */

#include "gen/doctor.h"

enum { YESTERDAY, TODAY, TOMORROW };

static struct str day(const struct diagnosis_case *p, int which)
{
    return (struct str){p->day[which], sizeof p->day[which] - 1};
}

static bool both_dates(struct signing *r, struct str date)
{
    r->string.date = r->key.date = date;
    return true;
}

/* The zones' offsets reach from -12 to +14 hours, so a local date is never more than a day off. */
bool mistake_local_date(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)variant;
    return both_dates(r, day(p, TOMORROW));
}

/* A zone west of UTC, or a key that was derived the day before and kept. */
bool mistake_date_yesterday(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)variant;
    return both_dates(r, day(p, YESTERDAY));
}

static struct str compact(struct diagnosis_case *p, struct str date)
{
    return arena_printf(&p->scratch, "%.4s%.2s%.2s", date.p, date.p + 5, date.p + 8);
}

/* Another cloud's form of the date, whichever day it is. The header's has dashes, or it would have been
 * refused for its form. */
bool mistake_date_compact(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    const size_t dashed = day(p, TODAY).n;
    (void)variant;
    if (r->string.date.n != dashed || r->key.date.n != dashed)
        return false;
    r->string.date = compact(p, r->string.date);
    r->key.date = compact(p, r->key.date);
    return true;
}

static struct str other_date(struct diagnosis_case *p, size_t variant)
{
    return variant == 0 ? day(p, TOMORROW) : variant == 1 ? day(p, YESTERDAY) : compact(p, day(p, TODAY));
}

/* The header and the string to sign are right, the chain is not. */
bool mistake_date_key(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    r->key.date = other_date(p, variant);
    return true;
}

/* The header and the chain are right, the string to sign is not. */
bool mistake_date_scope(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    r->string.date = other_date(p, variant);
    return true;
}

/* Nothing to change: the signing has the right date already, and the header was refused for its own. */
bool mistake_date_header(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)variant, (void)r;
    return !str_eq(p->call->auth.date, day(p, TODAY));
}

/* A date that is written in the code, or that of another timestamp. */
bool mistake_date_other(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)variant;
    for (int i = YESTERDAY; i <= TOMORROW; i++)
        if (str_eq(p->call->auth.date, day(p, i)))
            return false;
    return both_dates(r, p->call->auth.date);
}

static bool timestamp(struct diagnosis_case *p, int64_t shift, struct signing *r)
{
    r->string.timestamp = arena_printf(&p->scratch, "%lld", (long long)(p->call->timestamp + shift));
    return true;
}

/* Date.now() and currentTimeMillis(), while the header was divided by 1000. */
bool mistake_timestamp_ms(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)variant;
    r->string.timestamp = arena_printf(&p->scratch, "%lld000", (long long)p->call->timestamp);
    return true;
}

/* -1, +1, -2, +2 and so on. */
bool mistake_timestamp_shifted(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    const int64_t seconds = (int64_t)variant / 2 + 1;
    return timestamp(p, variant % 2 == 0 ? -seconds : seconds, r);
}

/* Every quarter of an hour from -14 to +14 hours, UTC+8 first: zones are multiples of that. */
bool mistake_timestamp_local(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    enum { QUARTER = 15 * 60, MOST = 14 * 4, CHINA = 8 * 4 };
    const int64_t quarters = variant == 0 ? CHINA : (int64_t)variant - 1 - MOST;
    if (variant > 0 && (quarters == CHINA || quarters == 0))
        return false;
    return timestamp(p, quarters * QUARTER, r);
}

bool mistake_algorithm(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    static const struct str names[] = {STR_INIT("AWS4-HMAC-SHA256"), STR_INIT("HMAC-SHA256"),
                                       STR_INIT("TC3-HMAC-SHA1"), STR_INIT("HmacSHA256")};
    (void)p;
    r->string.algorithm = names[variant];
    return true;
}

/* A join that ends every line, the last too. */
bool mistake_string_end(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    r->string.end = STR("\n");
    return true;
}

/* In both texts, in the canonical request alone, in the string to sign alone. */
static bool newlines(size_t variant, struct str newline, struct signing *r)
{
    if (variant != 2)
        r->canonical.newline = newline;
    if (variant != 1)
        r->string.newline = newline;
    return true;
}

/* Sources and templates that were saved on Windows. */
bool mistake_crlf(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p;
    return newlines(variant, STR("\r\n"), r);
}

/* '\n' in PHP's single quotes, in a shell, or in a raw string. */
bool mistake_newline_literal(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p;
    return newlines(variant, STR("\\n"), r);
}

/* The form of the signature itself: no text changes. */
bool mistake_upper_case(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    r->upper = true;
    return true;
}
