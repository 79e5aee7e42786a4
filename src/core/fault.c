/* Rules are few and each call is held against all of them, so they are a plain list in the order in which
 * they were made. */
#include "core/fault.h"

#include "base/limits.h"

/* --- the list --- */

static struct str copy(struct arena *a, struct str text)
{
    return text.p ? arena_dup(a, text) : text;
}

static void copy_match(struct arena *a, struct fault_match *m)
{
    const struct fault_param *from = m->params;
    struct fault_param *params = ARENA_ARRAY(a, struct fault_param, m->n_params);
    for (size_t i = 0; i < m->n_params; i++)
        params[i] = (struct fault_param){arena_dup(a, from[i].path), arena_dup(a, from[i].value)};
    m->region = copy(a, m->region);
    m->secret_id = copy(a, m->secret_id);
    m->trace = copy(a, m->trace);
    m->params = params;
}

/* Each rule has an arena of its own, and lies in it, so that one can go without the others. */
const struct fault *fault_add(struct faults *l, const struct fault *rule)
{
    if (l->n == LIMIT_FAULTS)
        return NULL;
    struct arena own;
    arena_init(&own);
    struct fault *f = ARENA_NEW(&own, struct fault);
    *f = *rule;
    f->arena = own;
    copy_match(&f->arena, &f->match);
    f->act.message = copy(&f->arena, f->act.message);
    f->id = ++l->last_id;
    f->seen = f->hits = 0;
    f->next = NULL;
    struct fault **end = &l->first;
    while (*end)
        end = &(*end)->next;
    *end = f;
    l->n++;
    return f;
}

static struct fault **place_of(struct faults *l, int64_t id)
{
    struct fault **at = &l->first;
    while (*at && (*at)->id != id)
        at = &(*at)->next;
    return at;
}

const struct fault *fault_find(const struct faults *l, int64_t id)
{
    for (const struct fault *f = l->first; f; f = f->next)
        if (f->id == id)
            return f;
    return NULL;
}

bool fault_remove(struct faults *l, int64_t id)
{
    struct fault **at = place_of(l, id), *f = *at;
    if (!f)
        return false;
    *at = f->next;
    struct arena own = f->arena;
    arena_done(&own);
    l->n--;
    return true;
}

size_t fault_clear(struct faults *l)
{
    size_t n = l->n;
    while (l->first)
        (void)fault_remove(l, l->first->id);
    return n;
}

/* --- which calls --- */

/* The top 53 bits as a number from 0 to 1, without 1: what a double holds exactly. */
static bool chance(struct rng *rng, double probability)
{
    return probability >= 1 || (double)(rng_next(rng) >> 11) * 0x1p-53 < probability;
}

bool fault_applies(struct fault *f, struct rng *rng)
{
    const struct fault_when *w = &f->when;
    int64_t nth = ++f->seen - w->after; /* from 1 among those that are looked at */
    if (nth < 1 || (w->first && nth > w->first) || (w->count && f->hits >= w->count))
        return false;
    if ((w->every && nth % w->every != 0) || !chance(rng, w->probability))
        return false;
    f->hits++;
    return true;
}

/* --- the edge --- */

/* nginx's own words, since the service's answers name it as their server; which page its edge really sends is
 * assumed. */
#define PAGE(title)                                                                                          \
    STR_INIT("<html>\r\n<head><title>" title "</title></head>\r\n<body>\r\n<center><h1>" title               \
             "</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n")

struct str fault_page(int http_status)
{
    static const struct str pages[] = {PAGE("502 Bad Gateway"), PAGE("503 Service Temporarily Unavailable"),
                                       PAGE("504 Gateway Time-out")};
    return http_status >= 502 && http_status <= 504 ? pages[http_status - 502] : STR("");
}
