/* One statement serves every mixture of filters: it is prepared once, and an absent one is a comparison with
 * NULL that is always true. */
#include "product/sqlserver/filter.h"

#include "base/buf.h"
#include "base/limits.h"

/* Names are short and a list is rarely long. */
enum { LIST_FIRST_ROOM = 128 };

void filter_i64(struct stmt *s, const char *name, struct opt_i64 value)
{
    if (value.set)
        stmt_bind_i64(s, name, value.v);
    else
        stmt_bind_null(s, name);
}

void filter_text(struct stmt *s, const char *name, struct str value)
{
    stmt_bind_str(s, name, value.n > 0 ? value : (struct str){NULL, 0});
}

/* Escapes make a character at most six bytes long, and a body is no longer than LIMIT_BODY_V3. */
static struct str to_json(struct arena *a, const struct str_list *values)
{
    struct buf b;
    buf_init(&b, a, LIST_FIRST_ROOM, (size_t)6 * LIMIT_BODY_V3);
    for (size_t i = 0; i < values->n; i++) {
        buf_putc(&b, i == 0 ? '[' : ',');
        buf_put_json_string(&b, values->v[i]);
    }
    buf_putc(&b, ']');
    return buf_str(&b);
}

void filter_list(struct stmt *s, struct arena *a, const char *name, const struct str_list *values)
{
    stmt_bind_str(s, name, values->n > 0 ? to_json(a, values) : (struct str){NULL, 0});
}
