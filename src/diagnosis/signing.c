/*
 * The stages of a version 3 signing, and the encodings in which a client may have hashed its body.
 *
 * Nothing here decides what is right: each function follows the members of a signing. The right one gives the
 * texts of wire/tc3.c, which a unit test compares with published examples.
 */
#include "diagnosis/signing.h"

#include <assert.h>
#include <iconv.h>

#include "base/buf.h"
#include "base/codec.h"
#include "base/limits.h"

enum { CANONICAL_ROOM = 512 };

/* --- helpers --- */

struct str lower_case(struct arena *a, struct str s)
{
    char *p = arena_alloc(a, s.n);
    for (size_t i = 0; i < s.n; i++)
        p[i] = ascii_lower(s.p[i]);
    return (struct str){p, s.n};
}

static char upper_char(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

struct str upper_case(struct arena *a, struct str s)
{
    char *p = arena_alloc(a, s.n);
    for (size_t i = 0; i < s.n; i++)
        p[i] = upper_char(s.p[i]);
    return (struct str){p, s.n};
}

struct str hex_text(struct arena *a, const uint8_t *data, size_t n)
{
    char *p = arena_alloc(a, 2 * n);
    hex_encode(data, n, p);
    return (struct str){p, 2 * n};
}

static struct str other_digest(struct arena *a, enum digest_form form, struct str text)
{
    uint8_t digest[SHA512_BYTES];
    if (form == DIGEST_SHA1)
        sha1(text, digest);
    else if (form == DIGEST_MD5)
        md5(text, digest);
    else
        sha512(text, digest);
    return hex_text(a, digest,
                    form == DIGEST_SHA1  ? SHA1_BYTES
                    : form == DIGEST_MD5 ? MD5_BYTES
                                         : SHA512_BYTES);
}

struct str digest_text(struct arena *a, enum digest_form form, struct str text)
{
    uint8_t digest[SHA256_BYTES];
    if (form == DIGEST_PLAIN)
        return text;
    if (form == DIGEST_SHA1 || form == DIGEST_MD5 || form == DIGEST_SHA512)
        return other_digest(a, form, text);
    sha256(text, digest);
    if (form == DIGEST_BASE64)
        return base64_encode(a, digest, sizeof digest);
    struct str hex = hex_text(a, digest, sizeof digest);
    if (form == DIGEST_TWICE)
        return digest_text(a, DIGEST_HEX, hex);
    return form == DIGEST_UPPER ? upper_case(a, hex) : hex;
}

/* --- encodings --- */

/* The names that iconv knows. */
static const struct {
    const char *from, *to;
} conversions[] = {
    [ENCODING_UTF8] = {"UTF-8", "UTF-8"},        [ENCODING_LATIN1] = {"UTF-8", "ISO-8859-1"},
    [ENCODING_UTF16] = {"UTF-8", "UTF-16LE"},    [ENCODING_GBK] = {"UTF-8", "GBK"},
    [ENCODING_UTF16_MARK] = {"UTF-8", "UTF-16"}, [ENCODING_TWICE] = {"ISO-8859-1", "UTF-8"},
    [ENCODING_BIG5] = {"UTF-8", "BIG5"},
};

/* As getBytes() in an ASCII locale and Encoding.ASCII do. */
static struct str question_marks(struct arena *a, struct str text)
{
    char *out = arena_alloc(a, text.n);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        const unsigned char c = (unsigned char)text.p[i];
        if (c < 0x80)
            out[n++] = text.p[i];
        else if (c >= 0xc0) /* the first byte of a character */
            out[n++] = '?';
    }
    return (struct str){out, n};
}

/* As a cast of a char to a byte does, and "binary" in JavaScript. */
static struct str low_bytes(struct arena *a, struct str text)
{
    const struct str units = transcode(a, ENCODING_UTF16, text);
    char *out = arena_alloc(a, units.n / 2);
    for (size_t i = 0; i < units.n / 2; i++)
        out[i] = units.p[2 * i];
    return (struct str){out, units.n / 2};
}

struct str transcode(struct arena *a, enum encoding encoding, struct str text)
{
    if (encoding == ENCODING_ASCII)
        return question_marks(a, text);
    if (encoding == ENCODING_LOW_BYTES)
        return low_bytes(a, text);
    assert(encoding < sizeof conversions / sizeof conversions[0]);
    iconv_t cd = iconv_open(conversions[encoding].to, conversions[encoding].from);
    if (cd == (iconv_t)-1)
        return STR("");
    /* Each of these takes at most two bytes for a byte of UTF-8; a byte order mark takes two. */
    size_t in_left = text.n, room = 2 * text.n + 2, out_left = room;
    char *in = (char *)(uintptr_t)text.p, *start = arena_alloc(a, room),
         *out = start; /* iconv only reads `in` */
    size_t rc = iconv(cd, &in, &in_left, &out, &out_left);
    (void)iconv_close(cd);
    return rc == (size_t)-1 ? STR("") : (struct str){start, room - out_left};
}

/* --- the payload --- */

bool payload_is_rewritten(const struct payload_part *p)
{
    const struct json_style *s = &p->style, *sent = &p->sent_style;
    return p->json && (s->sorted != sent->sorted || s->space != sent->space || s->escape != sent->escape ||
                       s->no_null != sent->no_null || s->numbers != sent->numbers);
}

/* In the order in which clients work: serialise, add what a file or an editor adds, encode, hash. */
struct str signing_payload(struct arena *a, const struct signing *r)
{
    const struct payload_part *p = &r->payload;
    struct str text = payload_is_rewritten(p) ? json_write(a, p->json, &p->style) : p->text;
    if (p->before.n > 0 || p->after.n > 0)
        text = CONCAT(a, p->before, text, p->after);
    if (p->encoding != ENCODING_UTF8)
        text = transcode(a, p->encoding, text);
    return digest_text(a, p->form, text);
}

/* --- the canonical request --- */

/* "Content-Type", "X-TC-Action": the usual spelling on the wire. */
static struct str title_case(struct arena *a, struct str name)
{
    const struct str lower = lower_case(a, name);
    const bool own = str_starts(lower, STR("x-tc-"));
    char *p = arena_alloc(a, name.n);
    for (size_t i = 0; i < name.n; i++)
        p[i] = i == 0 || lower.p[i - 1] == '-' || (own && i == 3) ? upper_char(lower.p[i]) : lower.p[i];
    return (struct str){p, name.n};
}

/* Names joined by semicolons. */
static void put_names(struct buf *b, struct str names, bool title)
{
    struct str name;
    for (bool first = true; str_next(&names, ';', &name); first = false) {
        if (!first)
            buf_putc(b, ';');
        buf_put(b, title ? title_case(b->arena, name) : lower_case(b->arena, name));
    }
}

/* The values that mistakes change come from the signing, all others from the request. */
static struct str value_of(const struct signing *r, const struct request *request, struct str name)
{
    if (str_eq_nocase(name, STR("host")))
        return r->host;
    if (str_eq_nocase(name, STR("content-type")))
        return r->canonical.content_type;
    if (r->canonical.content_length.p && str_eq_nocase(name, STR("content-length")))
        return r->canonical.content_length;
    return str_trim(request_header(request, name));
}

/* One line for each signed header. */
static void put_lines(struct buf *b, const struct signing *r, const struct request *request)
{
    const struct canonical_part *c = &r->canonical;
    struct str names = c->lines, name;
    while (str_next(&names, ';', &name)) {
        const struct str value = value_of(r, request, name);
        put_names(b, name, c->title_lines);
        buf_put(b, c->colon);
        buf_put(b, c->lower_values ? lower_case(b->arena, value) : value);
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
    buf_init(&b, a, CANONICAL_ROOM, LIMIT_DOCTOR_CANONICAL);
    for (size_t i = 0; i < sizeof head / sizeof head[0]; i++)
        buf_put(&b, head[i]);
    put_lines(&b, r, request);
    for (int i = 0; i < c->blank_lines; i++)
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

/* --- the string to sign --- */

/* A new text only where the dashes go; a date of another form has none. */
static struct str date_text(struct arena *a, struct str date, bool dashless)
{
    if (!dashless || date.n != sizeof "YYYY-MM-DD" - 1)
        return date;
    return arena_printf(a, "%.4s%.2s%.2s", date.p, date.p + 5, date.p + 8);
}

/* The parts that are not empty, joined by slashes. */
static struct str scope_text(struct arena *a, const struct string_part *s)
{
    const struct str parts[] = {date_text(a, s->date, s->dashless), s->region, s->service, s->terminator};
    struct str pieces[2 * sizeof parts / sizeof parts[0]];
    size_t n = 0;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].n == 0)
            continue;
        if (n > 0)
            pieces[n++] = STR("/");
        pieces[n++] = parts[i];
    }
    return arena_concat(a, pieces, n);
}

struct str signing_string(struct arena *a, const struct signing *r, struct str digest)
{
    const struct string_part *s = &r->string;
    const struct str none = STR(""), scope = s->without_scope ? none : scope_text(a, s);
    return CONCAT(a, s->algorithm, s->algorithm.n > 0 ? s->newline : none, s->timestamp,
                  s->timestamp.n > 0 ? s->newline : none, s->without_scope ? none : s->before, scope,
                  s->without_scope ? none : s->newline, digest, s->end);
}

/* --- the key --- */

/* One step of the chain: the next key. */
static struct str next_key(struct arena *a, enum chain chain, struct str key, struct str message)
{
    uint8_t *mac = arena_alloc(a, SHA512_BYTES);
    if (chain == CHAIN_SHA1) {
        hmac_sha1(key, message, mac);
        return (struct str){(const char *)mac, SHA1_BYTES};
    }
    if (chain == CHAIN_SHA512) {
        hmac_sha512(key, message, mac);
        return (struct str){(const char *)mac, SHA512_BYTES};
    }
    if (chain == CHAIN_SWAPPED)
        hmac_sha256(message, key, mac);
    else
        hmac_sha256(key, message, mac);
    return chain == CHAIN_HEX ? hex_text(a, mac, SHA256_BYTES)
                              : (struct str){(const char *)mac, SHA256_BYTES};
}

/* The chain of keys: the secret signs the date, the result signs the service, and so on. */
void signing_make_key(struct arena *a, const struct key_part *k, struct signing_key *ret_key)
{
    const struct str messages[] = {date_text(a, k->date, k->dashless), k->region, k->service,
                                   k->ends_early ? STR("") : k->terminator};
    struct str key = CONCAT(a, k->prefix, k->before, k->secret, k->after);
    for (size_t i = 0; i < sizeof messages / sizeof messages[0] && k->chain != CHAIN_NONE; i++)
        if (messages[i].n > 0)
            key = next_key(a, k->chain, key, messages[i]);
    ret_key->raw = key;
    hmac_key_init(&ret_key->ready, key);
}

/* The prepared key saves two of four blocks in each attempt. */
void signing_sign(const struct signing *r, const struct signing_key *key, struct str text,
                  uint8_t out[SHA256_BYTES])
{
    if (r->key.swap_last)
        hmac_sha256(text, key->raw, out);
    else
        hmac_key_sign(&key->ready, text, out);
}
