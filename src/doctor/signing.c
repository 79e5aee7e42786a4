/* The stages of a version 3 signing. Texts are joined in an arena that the caller empties. */
#include "doctor/signing.h"

#include "base/buf.h"
#include "base/codec.h"
#include "doctor/transcode.h"

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
