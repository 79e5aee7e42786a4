/* The stages of a version 3 signing. Texts are joined in an arena that the caller empties. */
#include "diagnosis/signing.h"

#include "base/buf.h"
#include "base/codec.h"
#include "diagnosis/forms.h"
#include "wire/v1.h"

enum { CANONICAL_ROOM = 512, CANONICAL_MAX = 16 * 1024 * 1024, STRING_ROOM = 256 };

struct str joined(struct arena *a, const struct str *pieces, size_t n)
{
    size_t size = 0, at = 0;
    for (size_t i = 0; i < n; i++)
        size += pieces[i].n;
    char *p = arena_alloc(a, size);
    for (size_t i = 0; i < n; i++) {
        if (pieces[i].n > 0)
            memcpy(p + at, pieces[i].p, pieces[i].n);
        at += pieces[i].n;
    }
    return (struct str){p, size};
}

static char upper_char(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

static char lower_char(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static struct str mapped(struct arena *a, struct str s, char (*map)(char))
{
    char *p = arena_alloc(a, s.n);
    for (size_t i = 0; i < s.n; i++)
        p[i] = map(s.p[i]);
    return (struct str){p, s.n};
}

static struct str hex_of(struct arena *a, const uint8_t *data, size_t n)
{
    char *p = arena_alloc(a, 2 * n);
    hex_encode(data, n, p);
    return (struct str){p, 2 * n};
}

struct str digest_text(struct arena *a, enum digest_form form, struct str text)
{
    uint8_t digest[SHA256_BYTES];
    if (form == DIGEST_PLAIN)
        return text;
    if (form == DIGEST_SHA1) {
        sha1(text, digest);
        return hex_of(a, digest, SHA1_BYTES);
    }
    sha256(text, digest);
    if (form == DIGEST_BASE64)
        return base64_encode(a, digest, sizeof digest);
    struct str hex = hex_of(a, digest, sizeof digest);
    return form == DIGEST_UPPER ? mapped(a, hex, upper_char) : hex;
}

struct str signing_payload(struct arena *a, const struct signing *r)
{
    const struct payload_part *p = &r->payload;
    struct str text = p->json && p->style.anew ? json_write(a, p->json, &p->style) : p->text;
    if (p->before.n > 0 || p->after.n > 0)
        text = JOINED(a, p->before, text, p->after);
    if (p->encoding != ENCODING_UTF8)
        text = transcode(a, p->encoding, text);
    return digest_text(a, p->form, text);
}

/* "Content-Type", "X-TC-Action": how most clients spell the names on the wire. */
static struct str title(struct arena *a, struct str name)
{
    struct str s = mapped(a, name, lower_char);
    char *p = (char *)(uintptr_t)s.p; /* ours since the line above */
    for (size_t i = 0; i < s.n; i++)
        if (i == 0 || p[i - 1] == '-' || (i == 3 && str_starts(s, STR("X-Tc"))))
            p[i] = upper_char(p[i]);
    return s;
}

static void put_names(struct buf *b, struct str names, bool titled)
{
    struct str name;
    for (bool first = true; str_next(&names, ';', &name); first = false) {
        if (!first)
            buf_putc(b, ';');
        buf_put(b, titled ? title(b->arena, name) : mapped(b->arena, name, lower_char));
    }
}

static struct str value_of(const struct signing *r, const struct request *request, struct str name)
{
    if (str_eq_nocase(name, STR("host")))
        return r->host;
    if (str_eq_nocase(name, STR("content-type")))
        return r->canonical.content_type;
    return str_trim(request_header(request, name));
}

static void put_lines(struct buf *b, const struct signing *r, const struct request *request)
{
    const struct canonical_part *c = &r->canonical;
    struct str names = c->lines, name;
    while (str_next(&names, ';', &name)) {
        const struct str value = value_of(r, request, name);
        put_names(b, name, c->title_lines);
        buf_put(b, c->colon);
        buf_put(b, c->lower_values ? mapped(b->arena, value, lower_char) : value);
        buf_put(b, c->value_end);
        buf_put(b, c->newline);
    }
}

struct str signing_canonical(struct arena *a, const struct signing *r, const struct request *request,
                             struct str payload)
{
    const struct canonical_part *c = &r->canonical;
    const struct str head[] = {r->method, c->newline, c->uri, c->newline, c->query, c->newline};
    struct buf b;
    buf_init(&b, a, CANONICAL_ROOM, CANONICAL_MAX);
    for (size_t i = 0; i < sizeof head / sizeof head[0]; i++)
        buf_put(&b, head[i]);
    put_lines(&b, r, request);
    for (size_t i = 0; i < c->blank_lines; i++)
        buf_put(&b, c->newline);
    put_names(&b, c->listed, c->title_listed);
    buf_put(&b, c->newline);
    buf_put(&b, payload);
    buf_put(&b, c->end);
    return buf_str(&b);
}

struct str signing_digest(struct arena *a, const struct signing *r, struct str canonical)
{
    return digest_text(a, r->canonical.form, canonical);
}

struct str signing_string(struct arena *a, const struct signing *r, struct str digest)
{
    const struct string_part *s = &r->string;
    const struct str slash = STR("/"), none = STR("");
    return JOINED(a, s->algorithm, s->newline, s->timestamp, s->newline, s->before, s->date,
                  s->region.n > 0 ? slash : none, s->region, slash, s->service, slash, s->terminator,
                  s->newline, digest, s->end);
}

/* One link of the chain: the next key. */
static struct str link_of(struct arena *a, enum chain chain, struct str key, struct str message)
{
    uint8_t *mac = arena_alloc(a, SHA256_BYTES);
    if (chain == CHAIN_SHA1) {
        hmac_sha1(key, message, mac);
        return (struct str){(const char *)mac, SHA1_BYTES};
    }
    if (chain == CHAIN_SWAPPED)
        hmac_sha256(message, key, mac);
    else
        hmac_sha256(key, message, mac);
    if (chain == CHAIN_HEX)
        return hex_of(a, mac, SHA256_BYTES);
    return (struct str){(const char *)mac, SHA256_BYTES};
}

void signing_make_key(struct arena *a, const struct key_part *k, struct signing_key *ret_key)
{
    const struct str messages[] = {k->date, k->region, k->service, k->terminator};
    struct str key = JOINED(a, k->prefix, k->before, k->secret, k->after);
    for (size_t i = 0; i < sizeof messages / sizeof messages[0] && k->chain != CHAIN_NONE; i++)
        if (messages[i].n > 0)
            key = link_of(a, k->chain, key, messages[i]);
    ret_key->raw = key;
    hmac_key_init(&ret_key->ready, key);
}

void signing_sign(const struct signing *r, const struct signing_key *key, struct str text,
                  uint8_t out[SHA256_BYTES])
{
    if (r->key.swap_last)
        hmac_sha256(text, key->raw, out);
    else
        hmac_key_sign(&key->ready, text, out);
}

/* --- signing v1 --- */

/* Version 1: one text and one HMAC. What may go wrong is how keys and values are written. */

/* An escape makes a byte three; a text past this is not looked at (examine.c). */
enum { STRING_ROOM_V1 = 512, STRING_MAX = 4 * 1024 * 1024 };

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
    buf_init(&b, a, STRING_ROOM_V1, STRING_MAX);
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
