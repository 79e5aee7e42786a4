/* Lists in answers: binding filters and pages, and counting rows. */
#include "core/page.h"

#include <assert.h>

#include "base/buf.h"
#include "base/limits.h"

/* Enough for a few names; longer lists grow. */
enum { LIST_ROOM = 128 };

void filter_i64(struct stmt *s, const char *name, struct opt_i64 value)
{
    if (value.set)
        stmt_bind_i64(s, name, value.v);
    else
        stmt_bind_null(s, name);
}

void filter_u64(struct stmt *s, const char *name, struct opt_u64 value)
{
    filter_i64(s, name, (struct opt_i64){(int64_t)value.v, value.set});
}

void filter_text(struct stmt *s, const char *name, struct str value)
{
    stmt_bind_str(s, name, value.n > 0 ? value : (struct str){NULL, 0});
}

void put_json_list(struct buf *b, const struct str_list *values)
{
    buf_putc(b, '[');
    for (size_t i = 0; i < values->n; i++) {
        buf_put(b, i > 0 ? STR(",") : STR(""));
        buf_put_json_string(b, values->v[i]);
    }
    buf_putc(b, ']');
}

/* An escape makes a character at most six bytes long, and all values come from one body. */
static struct str to_json(struct arena *a, const struct str_list *values)
{
    struct buf b;
    buf_init(&b, a, LIST_ROOM, (size_t)6 * LIMIT_BODY_V3);
    put_json_list(&b, values);
    assert(!b.over);
    return buf_str(&b);
}

void filter_list(struct stmt *s, struct arena *a, const char *name, const struct str_list *values)
{
    stmt_bind_str(s, name, values->n > 0 ? to_json(a, values) : (struct str){NULL, 0});
}

void filter_i64_list(struct stmt *s, struct arena *a, const char *name, const struct i64_list *values)
{
    enum { NUMBER_CHARS = 21 }; /* the digits of a number and a comma */
    struct buf b;
    if (values->n == 0) {
        stmt_bind_null(s, name);
        return;
    }
    buf_init(&b, a, 4 * NUMBER_CHARS, values->n * NUMBER_CHARS + 2);
    for (size_t i = 0; i < values->n; i++) {
        buf_putc(&b, i == 0 ? '[' : ',');
        buf_put_i64(&b, values->v[i]);
    }
    buf_putc(&b, ']');
    assert(!b.over);
    stmt_bind_str(s, name, buf_str(&b));
}

void page_bind(struct stmt *s, int64_t limit, int64_t offset)
{
    assert(limit >= 0 && offset >= 0);
    stmt_bind_i64(s, ":limit", limit);
    stmt_bind_i64(s, ":offset", offset);
}

int page_count(struct call *c, struct stmt *s, struct opt_i64 *ret_count)
{
    if (stmt_step(s) != 1)
        return call_fail_store(c);
    *ret_count = I64(stmt_i64(s, "n"));
    return 0;
}
