/* The restricted Damerau-Levenshtein distance: each letter takes part in one change. */
#include "base/suggest.h"

#include <assert.h>

#include "base/limits.h"

void suggest_init(struct suggestion *s, struct str wanted)
{
    size_t allowed = wanted.n / 3 > 2 ? wanted.n / 3 : 2;
    *s = (struct suggestion){.wanted = wanted, .distance = allowed + 1};
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Users mistype the case of codes and actions more often than the letters. */
static bool same(char a, char b)
{
    return str_eq_nocase((struct str){&a, 1}, (struct str){&b, 1});
}

/* The last three rows of the usual table: a swap looks back two. */
struct rows {
    size_t v[3][LIMIT_SUGGESTION + 1];
};

static void fill_row(struct rows *r, size_t i, struct str a, struct str b)
{
    size_t *row = r->v[i % 3];
    const size_t *above = r->v[(i + 2) % 3], *two_above = r->v[(i + 1) % 3];
    row[0] = i;
    for (size_t j = 1; j <= b.n; j++) {
        bool equal = same(a.p[i - 1], b.p[j - 1]);
        row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + !equal);
        if (i > 1 && j > 1 && same(a.p[i - 1], b.p[j - 2]) && same(a.p[i - 2], b.p[j - 1]))
            row[j] = least(row[j], two_above[j - 2] + 1);
    }
}

size_t suggest_distance(struct str a, struct str b)
{
    struct rows r;
    assert(a.n <= LIMIT_SUGGESTION && b.n <= LIMIT_SUGGESTION);
    for (size_t j = 0; j <= b.n; j++)
        r.v[0][j] = j;
    for (size_t i = 1; i <= a.n; i++)
        fill_row(&r, i, a, b);
    return r.v[a.n % 3][b.n];
}

void suggest_offer(struct suggestion *s, struct str candidate)
{
    if (s->wanted.n > LIMIT_SUGGESTION || candidate.n > LIMIT_SUGGESTION)
        return;
    /* Each letter that one has more than the other is a change, which makes a cheap first test. */
    size_t longer = candidate.n > s->wanted.n ? candidate.n - s->wanted.n : s->wanted.n - candidate.n;
    if (longer >= s->distance)
        return;
    size_t distance = suggest_distance(s->wanted, candidate);
    if (distance >= s->distance)
        return;
    s->best = candidate;
    s->distance = distance;
}
