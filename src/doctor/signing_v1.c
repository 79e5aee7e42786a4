/* Version 1: one text and one HMAC. What may go wrong is how keys and values are written. */
#include "base/buf.h"
#include "base/codec.h"
#include "doctor/signing.h"
#include "wire/v1.h"

/* An escape makes a byte three; a text past this is not looked at (examine.c). */
enum { STRING_ROOM = 512, STRING_MAX = 4 * 1024 * 1024 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* RFC 3986's unreserved characters: what every encoder leaves alone. */
static bool unreserved(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

static void put_encoded(struct buf *b, struct str s, const char *digits, bool plus)
{
    for (size_t i = 0; i < s.n; i++) {
        const unsigned char c = (unsigned char)s.p[i];
        if (unreserved(s.p[i])) {
            buf_putc(b, s.p[i]);
        } else if (plus && c == ' ') {
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
    static const char upper[] = "0123456789ABCDEF", lower[] = "0123456789abcdef";
    switch (how) {
    case V1_PLAIN:
        buf_put(b, value);
        return;
    case V1_PERCENT:
    case V1_FORM:
        put_encoded(b, value, upper, how == V1_FORM);
        return;
    case V1_PERCENT_LOWER:
        put_encoded(b, value, lower, false);
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

/* A component "3" of a key, in its other spellings. */
static void put_index(struct buf *b, enum v1_keys how, struct str part)
{
    uint64_t index = 0;
    (void)str_to_u64(part, &index); /* digits only; one too large for 64 bits was not meant as an index */
    if (how == V1_FROM_ONE)
        buf_printf(b, ".%llu", (unsigned long long)index + 1);
    else if (how == V1_BRACKETS)
        buf_printf(b, "[%.*s]", STR_ARG(part));
    else if (how == V1_UNDERSCORE)
        buf_printf(b, "_%.*s", STR_ARG(part));
}

static bool all_digits(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_digit(s.p[i]))
            return false;
    return s.n > 0;
}

static void put_key(struct buf *b, enum v1_keys how, struct str key)
{
    struct str part;
    if (how == V1_KEYS_AS_SENT) {
        buf_put(b, key);
        return;
    }
    for (bool first = true; str_next(&key, '.', &part); first = false) {
        if (!first && all_digits(part)) {
            put_index(b, how, part);
            continue;
        }
        if (!first)
            buf_putc(b, '.');
        buf_put(b, part);
    }
}

static bool left_out(const struct v1_part *v, const struct form_field *f)
{
    return (v->without_method && str_eq(f->key, STR("SignatureMethod"))) ||
           (v->without_empty && f->value.n == 0);
}

struct str signing_v1_string(struct arena *a, const struct signing *r, const struct form *sorted)
{
    struct buf b;
    bool first = true;
    buf_init(&b, a, STRING_ROOM, STRING_MAX);
    buf_put(&b, r->method);
    buf_put(&b, r->host);
    buf_put(&b, r->v1.path);
    for (size_t i = 0; i < sorted->n; i++) {
        const struct form_field *f = &sorted->fields[i];
        if (left_out(&r->v1, f))
            continue;
        if (!first)
            buf_putc(&b, '&');
        first = false;
        put_key(&b, r->v1.keys, f->key);
        buf_putc(&b, '=');
        put_value(&b, r->v1.value, f->value);
    }
    return buf_str(&b);
}

static struct str put_form(struct buf *b, enum v1_form form, const uint8_t *mac, size_t n)
{
    char hex[SHA256_HEX];
    struct str base64 = base64_encode(b->arena, mac, n);
    hex_encode(mac, n, hex);
    if (form == V1_HEX)
        buf_put(b, (struct str){hex, 2 * n});
    for (size_t i = 0; form == V1_HEX_UPPER && i < 2 * n; i++)
        buf_putc(b, hex[i] >= 'a' ? (char)(hex[i] - ('a' - 'A')) : hex[i]);
    if (form == V1_BASE64_OF_HEX)
        buf_put(b, base64_encode(b->arena, (const uint8_t *)hex, 2 * n));
    if (form == V1_PLUS_LOST)
        put_replaced(b, base64, '+', STR(" "));
    if (form == V1_ENCODED)
        put_encoded(b, base64, "0123456789ABCDEF", false);
    return form == V1_BASE64 ? base64 : buf_str(b);
}

struct str signing_v1_sign(struct arena *a, const struct signing *r, struct str text)
{
    struct str key = JOINED(a, r->key.before, r->key.secret, r->key.after);
    uint8_t mac[SHA256_BYTES];
    struct buf b;
    buf_init(&b, a, 4 * SHA256_HEX, 4 * SHA256_HEX);
    if (r->v1.sha256)
        hmac_sha256(key, text, mac);
    else
        hmac_sha1(key, text, mac);
    return put_form(&b, r->v1.form, mac, r->v1.sha256 ? SHA256_BYTES : SHA1_BYTES);
}
