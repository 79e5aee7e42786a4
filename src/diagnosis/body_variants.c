/* Made once for each case, of small bodies only. */
#include "diagnosis/body_variants.h"

#include "base/buf.h"
#include "base/inflate.h"
#include "base/limits.h"
#include "wire/encode.h"

static const struct str absent = {NULL, 0};

/* The length of the data stands at the end of a member of gzip, in four bytes. */
struct str body_unzipped(struct arena *a, struct str body)
{
    enum { SMALLEST = 18, LENGTH_BYTES = 4 };
    size_t n = 0;
    if (body.n < SMALLEST || (unsigned char)body.p[0] != 0x1f || (unsigned char)body.p[1] != 0x8b)
        return absent;
    for (size_t i = 0; i < LENGTH_BYTES; i++)
        n |= (size_t)(unsigned char)body.p[body.n - LENGTH_BYTES + i] << 8 * i;
    if (n > LIMIT_DOCTOR_BODY)
        return absent;
    char *text = arena_alloc(a, n);
    return inflate_gzip(body, text, n) == 0 ? (struct str){text, n} : absent;
}

struct str body_inner(const struct node *json)
{
    return json && json->kind == NODE_STRING ? json->text : absent;
}

struct str body_quoted(struct arena *a, struct str body)
{
    struct buf b;
    buf_init(&b, a, body.n + 64, LIMIT_DOCTOR_JSON);
    buf_put_json_string(&b, body);
    return buf_str(&b);
}

struct str body_with_crlf(struct arena *a, struct str body)
{
    struct buf b;
    if (str_find(body, '\n') == body.n)
        return absent;
    buf_init(&b, a, body.n + 64, 2 * body.n + 64);
    for (size_t i = 0; i < body.n; i++) {
        if (body.p[i] == '\n' && (i == 0 || body.p[i - 1] != '\r'))
            buf_putc(&b, '\r');
        buf_putc(&b, body.p[i]);
    }
    return buf_str(&b);
}

struct str body_with_lf(struct arena *a, struct str body)
{
    struct buf b;
    if (str_find(body, '\r') == body.n)
        return absent;
    buf_init(&b, a, body.n + 64, body.n + 64);
    for (size_t i = 0; i < body.n; i++)
        if (body.p[i] != '\r' || i + 1 == body.n || body.p[i + 1] != '\n')
            buf_putc(&b, body.p[i]);
    return buf_str(&b);
}

/* As urlencode() of Python before 3.7 does, which escapes the tilde. */
static void put_escaped(struct buf *b, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        const char c = s.p[i];
        if (ascii_is_letter(c) || ascii_is_digit(c) || c == '-' || c == '.' || c == '_')
            buf_putc(b, c);
        else if (c == ' ')
            buf_putc(b, '+');
        else
            buf_printf(b, "%%%02X", (unsigned)(unsigned char)c);
    }
}

static bool has_form(const struct node *member)
{
    return member->kind == NODE_STRING || member->kind == NODE_TEXT || member->kind == NODE_NUMBER;
}

struct str body_as_form(struct arena *a, const struct node *json)
{
    struct buf b;
    if (!json || json->kind != NODE_OBJECT || json->count == 0)
        return absent;
    buf_init(&b, a, 256, LIMIT_DOCTOR_JSON);
    for (const struct node *n = json->first; n; n = n->next) {
        if (!has_form(n))
            return absent;
        if (n != json->first)
            buf_putc(&b, '&');
        put_escaped(&b, n->name);
        buf_putc(&b, '=');
        if (n->kind == NODE_NUMBER)
            encode_double(&b, n->number);
        else
            put_escaped(&b, n->text);
    }
    return buf_str(&b);
}

size_t body_characters(struct str body)
{
    size_t n = 0;
    for (size_t i = 0; i < body.n; i++)
        n += ((unsigned char)body.p[i] & 0xc0) != 0x80;
    return n;
}
