/*
 * A version 1 signing: one text and one HMAC. Clients differ in how they write keys, values and the result.
 *
 * There are no stages to keep: the text is made again in each attempt.
 */
#include <assert.h>

#include "base/buf.h"
#include "base/codec.h"
#include "base/limits.h"
#include "diagnosis/signing.h"

enum { STRING_ROOM = 512, SIGNATURE_MAX = 4 * SHA256_HEX };

/* The characters that RFC 3986 never escapes. */
static bool is_unreserved(char c)
{
    return ascii_is_digit(c) || ascii_is_letter(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

static const char upper_digits[] = "0123456789ABCDEF", lower_digits[] = "0123456789abcdef";

/* How one encoder differs from RFC 3986. */
struct encoder {
    const char *digits;
    bool plus;                       /* a space is '+' */
    const char *plain, *never_plain; /* further characters that it leaves, and some that it does not */
};

static const struct encoder encoders[] = {
    [V1_PERCENT] = {upper_digits, false, "", ""},       [V1_FORM] = {upper_digits, true, "", ""},
    [V1_PERCENT_LOWER] = {lower_digits, false, "", ""}, [V1_COMPONENT] = {upper_digits, false, "!'()*", ""},
    [V1_URL_ENCODER] = {upper_digits, true, "*", "~"},
};

static void put_encoded(struct buf *b, struct str s, const struct encoder *e)
{
    const char *digits = e->digits;
    for (size_t i = 0; i < s.n; i++) {
        const unsigned char c = (unsigned char)s.p[i];
        if (c != 0 && ((is_unreserved(s.p[i]) && !strchr(e->never_plain, c)) || strchr(e->plain, c))) {
            buf_putc(b, s.p[i]);
        } else if (e->plus && c == ' ') {
            buf_putc(b, '+');
        } else {
            buf_putc(b, '%');
            buf_putc(b, digits[c >> 4]);
            buf_putc(b, digits[c & 15]);
        }
    }
}

static void put_replaced(struct buf *b, struct str s, char from, struct str to)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == from)
            buf_put(b, to);
        else
            buf_putc(b, s.p[i]);
    }
}

static void put_value(struct buf *b, enum v1_value how, struct str value)
{
    switch (how) {
    case V1_PLAIN:
        buf_put(b, value);
        return;
    case V1_PERCENT:
    case V1_FORM:
    case V1_PERCENT_LOWER:
    case V1_COMPONENT:
    case V1_URL_ENCODER:
        put_encoded(b, value, &encoders[how]);
        return;
    case V1_SPACE_PLUS:
        put_replaced(b, value, ' ', STR("+"));
        return;
    case V1_SPACE_PERCENT:
        put_replaced(b, value, ' ', STR("%20"));
        return;
    case V1_PLUS_SPACE:
        put_replaced(b, value, '+', STR(" "));
        return;
    }
}

static bool is_index(struct str part)
{
    for (size_t i = 0; i < part.n; i++)
        if (!ascii_is_digit(part.p[i]))
            return false;
    return part.n > 0;
}

/* The index "3" of a key in another notation. */
static void put_index(struct buf *b, enum v1_keys how, struct str part)
{
    uint64_t index = 0;
    (void)str_to_u64(part, &index); /* fails for digits beyond 64 bits only, which are not an index */
    if (how == V1_FROM_ONE)
        buf_printf(b, ".%llu", (unsigned long long)index + 1);
    else if (how == V1_BRACKETS)
        buf_printf(b, "[%.*s]", STR_ARG(part));
    else if (how == V1_UNDERSCORE)
        buf_printf(b, "_%.*s", STR_ARG(part));
}

/* "DBNames.0" in the given notation; keys without an index stay as they are. */
static void put_key(struct buf *b, enum v1_keys how, struct str key)
{
    struct str part;
    if (how == V1_KEYS_AS_SENT || how == V1_KEYS_LOWER) {
        buf_put(b, how == V1_KEYS_LOWER ? lower_case(b->arena, key) : key);
        return;
    }
    for (bool first = true; str_next(&key, '.', &part); first = false) {
        if (!first && is_index(part)) {
            put_index(b, how, part);
            continue;
        }
        if (!first)
            buf_putc(b, '.');
        buf_put(b, part);
    }
}

/* A parameter that was sent but not signed. */
static bool is_left_out(const struct v1_part *v, const struct form_field *f)
{
    return (v->without_method && str_eq(f->key, STR("SignatureMethod"))) ||
           (v->without.p && str_eq(f->key, v->without)) || (v->without_empty && f->value.n == 0);
}

struct str signing_v1_string(struct arena *a, const struct signing *r, const struct form *ordered)
{
    struct buf b;
    bool first = true;
    buf_init(&b, a, STRING_ROOM, LIMIT_DOCTOR_STRING);
    buf_put(&b, r->method);
    buf_put(&b, r->host);
    buf_put(&b, r->v1.path);
    for (size_t i = 0; i < ordered->n; i++) {
        const struct form_field *f = &ordered->fields[i];
        if (is_left_out(&r->v1, f))
            continue;
        if (!first)
            buf_putc(&b, '&');
        first = false;
        put_key(&b, r->v1.keys, f->key);
        buf_putc(&b, '=');
        put_value(&b, r->v1.value,
                  r->v1.changed.p && str_eq(f->key, r->v1.changed) ? r->v1.value_then : f->value);
    }
    buf_put(&b, r->v1.end);
    return r->v1.encoding == ENCODING_UTF8 ? buf_str(&b) : transcode(a, r->v1.encoding, buf_str(&b));
}

/* Without padding, or with the alphabet for URLs, or both. */
static struct str other_base64(struct arena *a, enum v1_form form, struct str text)
{
    char *p = arena_alloc(a, text.n);
    size_t n = text.n;
    memcpy(p, text.p, n);
    while (form != V1_BASE64_URL && n > 0 && p[n - 1] == '=')
        n--;
    for (size_t i = 0; form != V1_BASE64_BARE && i < n; i++)
        p[i] = p[i] == '+' ? '-' : p[i] == '/' ? '_' : p[i];
    return (struct str){p, n};
}

/* The signature as the server receives it, after one URL decoding. */
static struct str signature_text(struct arena *a, enum v1_form form, const uint8_t *mac, size_t n)
{
    struct buf b;
    buf_init(&b, a, SIGNATURE_MAX, SIGNATURE_MAX);
    switch (form) {
    case V1_BASE64:
        return base64_encode(a, mac, n);
    case V1_BASE64_BARE:
    case V1_BASE64_URL:
    case V1_BASE64_URL_BARE:
        return other_base64(a, form, base64_encode(a, mac, n));
    case V1_HEX:
        return hex_text(a, mac, n);
    case V1_HEX_UPPER:
        return upper_case(a, hex_text(a, mac, n));
    case V1_BASE64_OF_HEX:
        return base64_encode(a, (const uint8_t *)hex_text(a, mac, n).p, 2 * n);
    case V1_PLUS_LOST:
        put_replaced(&b, base64_encode(a, mac, n), '+', STR(" "));
        return buf_str(&b);
    case V1_ENCODED:
        put_encoded(&b, base64_encode(a, mac, n), &encoders[V1_PERCENT]);
        return buf_str(&b);
    }
    assert(false && "a form without a text");
    return STR("");
}

struct str signing_v1_sign(struct arena *a, const struct signing *r, struct str text)
{
    struct str key = CONCAT(a, r->key.before, r->key.secret, r->key.after);
    if (r->v1.swapped) {
        const struct str message = key;
        key = text;
        text = message;
    }
    uint8_t mac[SHA256_BYTES];
    if (r->v1.sha256)
        hmac_sha256(key, text, mac);
    else
        hmac_sha1(key, text, mac);
    return signature_text(a, r->v1.form, mac, r->v1.sha256 ? SHA256_BYTES : SHA1_BYTES);
}
