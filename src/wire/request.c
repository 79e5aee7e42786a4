/* Headers and byte ranges of a request. */
#include "wire/request.h"

#include <assert.h>

struct str request_header(const struct request *r, struct str name)
{
    for (size_t i = 0; i < r->n_headers; i++) {
        if (str_eq_nocase(r->headers[i].name, name))
            return r->headers[i].value;
    }
    return (struct str){NULL, 0};
}

/* --- ranges: a server may ignore the header Range (RFC 9110, 14.2), so anything but one plain range is the
 * whole file --- */

/* "-28": the last 28 bytes, or all when there are fewer. */
static enum range_kind parse_suffix(struct str digits, uint64_t size, struct byte_range *ret_range)
{
    uint64_t n;
    if (str_to_u64(digits, &n) != 0)
        return RANGE_WHOLE;
    if (n == 0 || size == 0)
        return RANGE_OUTSIDE;
    n = n < size ? n : size;
    *ret_range = (struct byte_range){size - n, n};
    return RANGE_PART;
}

/* A range that ends after the file's end is cut; one that begins there is outside (RFC 9110, 14.1.2). */
enum range_kind range_parse(struct str text, uint64_t size, struct byte_range *ret_range)
{
    const struct str unit = STR("bytes=");
    struct str spec = str_trim(str_skip(text, unit.n));
    struct str first = str_head(spec, str_find(spec, '-')), last = str_skip(spec, first.n + 1);
    uint64_t from, to = UINT64_MAX;
    if (!str_eq_nocase(str_head(text, unit.n), unit) || first.n == spec.n)
        return RANGE_WHOLE;
    if (first.n == 0)
        return parse_suffix(last, size, ret_range);
    if (str_to_u64(first, &from) != 0 || (last.n > 0 && str_to_u64(last, &to) != 0) || to < from)
        return RANGE_WHOLE;
    if (from >= size)
        return RANGE_OUTSIDE;
    to = to < size ? to : size - 1;
    assert(from <= to && to < size);
    *ret_range = (struct byte_range){from, to - from + 1};
    return RANGE_PART;
}

enum range_kind range_of(const struct request *r, uint64_t size, struct byte_range *ret_range)
{
    struct str text = request_header(r, STR("Range"));
    if (!text.p || request_header(r, STR("If-Range")).p || !str_eq(r->method, STR("GET")))
        return RANGE_WHOLE;
    return range_parse(text, size, ret_range);
}
