/* One pass over each text, without a tree: everything but a secret's value is copied unchanged, so that a
 * wrong request stays as wrong as it was. */
#include "core/redact.h"

#include "base/codec.h"
#include "base/str.h"

static const struct str mask = STR_INIT("***");

/* --- names --- */

/* `word` is in lower case. Nearly every comparison ends at the first or second letter. */
static bool has_at(struct str name, size_t at, struct str word)
{
    if (name.n - at < word.n)
        return false;
    for (size_t i = 0; i < word.n; i++)
        if ((name.p[at + i] | 0x20) != word.p[i])
            return false;
    return true;
}

/* Each letter is read once: this runs for every header and every key of every call. */
bool redact_is_secret(struct str name)
{
    for (size_t i = 0; i + 5 <= name.n; i++)
        switch (name.p[i] | 0x20) {
        case 'p':
            if (has_at(name, i, STR("password")) || has_at(name, i, STR("passwd")))
                return true;
            break;
        case 's':
            if (has_at(name, i, STR("secretkey")))
                return true;
            break;
        case 't':
            if (has_at(name, i, STR("token")))
                return true;
            break;
        case 'c':
            if (has_at(name, i, STR("cookie")))
                return true;
            break;
        default:
            break;
        }
    return str_eq_nocase(name, STR("Signature")); /* but not SignatureMethod */
}

/* --- forms --- */

static void put_field(struct buf *b, struct str field)
{
    struct str key = str_head(field, str_find(field, '='));
    struct str plain = str_trim(url_decode(b->arena, key));
    if (key.n == field.n || !redact_is_secret(plain)) {
        buf_put(b, field);
        return;
    }
    buf_put(b, key);
    buf_putc(b, '=');
    buf_put(b, mask);
}

void redact_form(struct buf *b, struct str text)
{
    struct str field;
    bool first = true;
    while (str_next(&text, '&', &field)) {
        if (!first)
            buf_putc(b, '&');
        first = false;
        put_field(b, field);
    }
}

void redact_target(struct buf *b, struct str text)
{
    size_t mark = str_find(text, '?');
    buf_put(b, str_head(text, mark));
    if (mark == text.n)
        return;
    buf_putc(b, '?');
    redact_form(b, str_skip(text, mark + 1));
}

/* --- JSON --- */

/* The offset after the string whose opening quote is at `at`. */
static size_t string_end(struct str s, size_t at)
{
    for (size_t i = at + 1; i < s.n; i++) {
        if (s.p[i] == '\\')
            i++;
        else if (s.p[i] == '"')
            return i + 1;
    }
    return s.n;
}

static size_t skip_space(struct str s, size_t at)
{
    while (at < s.n && (s.p[at] == ' ' || s.p[at] == '\t' || s.p[at] == '\r' || s.p[at] == '\n'))
        at++;
    return at;
}

/* The offset after the array or object that opens at `at`. */
static size_t container_end(struct str s, size_t at)
{
    size_t depth = 0;
    while (at < s.n) {
        char c = s.p[at];
        if (c == '"') {
            at = string_end(s, at);
            continue;
        }
        at++;
        if (c == '{' || c == '[')
            depth++;
        else if ((c == '}' || c == ']') && --depth == 0)
            return at;
    }
    return s.n;
}

static size_t value_end(struct str s, size_t at)
{
    if (at < s.n && s.p[at] == '"')
        return string_end(s, at);
    if (at < s.n && (s.p[at] == '{' || s.p[at] == '['))
        return container_end(s, at);
    while (at < s.n && s.p[at] != ',' && s.p[at] != '}' && s.p[at] != ']')
        at++;
    return at;
}

/* The letter of a "\u00XX" at `at`, or '?' for any other character. */
static char unescape_u(struct str s, size_t at)
{
    unsigned v = 0;
    for (size_t i = at; i < at + 4; i++) {
        int digit = i < s.n ? ascii_hex_value(s.p[i]) : -1;
        if (digit < 0)
            return '?';
        v = v * 16 + (unsigned)digit;
    }
    return v < 0x80 ? (char)v : '?';
}

/* A key may be written with escapes; those of letters are decoded. */
static struct str plain_key(struct arena *a, struct str key)
{
    if (str_find(key, '\\') == key.n)
        return key;
    char *out = arena_alloc(a, key.n);
    size_t n = 0;
    for (size_t i = 0; i < key.n; i++) {
        if (key.p[i] != '\\') {
            out[n++] = key.p[i];
        } else if (i + 1 < key.n && key.p[i + 1] == 'u') {
            out[n++] = unescape_u(key, i + 2);
            i += 5;
        }
    }
    return (struct str){out, n};
}

/* The offset of the secret value that the string at `at` names, or 0. */
static size_t secret_value(struct arena *a, struct str s, size_t at, size_t end)
{
    size_t colon = skip_space(s, end);
    if (colon == s.n || s.p[colon] != ':' || end < at + 2)
        return 0;
    if (!redact_is_secret(plain_key(a, (struct str){s.p + at + 1, end - at - 2})))
        return 0;
    return skip_space(s, colon + 1);
}

/* Goes from string to string and copies what is between them. A string is a key when a colon follows it. */
void redact_json(struct buf *b, struct str text)
{
    size_t kept = 0, at;
    for (size_t i = 0; i < text.n; i = at) {
        size_t quote = i + str_find(str_skip(text, i), '"');
        if (quote == text.n)
            break;
        at = string_end(text, quote);
        size_t value = secret_value(b->arena, text, quote, at);
        if (value == 0)
            continue;
        buf_put(b, (struct str){text.p + kept, value - kept});
        buf_put(b, STR("\"***\""));
        kept = at = value_end(text, value);
    }
    buf_put(b, str_skip(text, kept));
}

void redact_body(struct buf *b, struct str text)
{
    size_t start = skip_space(text, 0);
    if (start < text.n && (text.p[start] == '{' || text.p[start] == '['))
        redact_json(b, text);
    else
        redact_form(b, text);
}

/* --- headers --- */

/* The offset of "signature" in a part of an Authorization header with wrong separators; else the end. */
static size_t find_signature(struct str part)
{
    size_t at = 0;
    while (at < part.n && !has_at(part, at, STR("signature")))
        at++;
    return at;
}

/* Only the scheme, Credential and SignedHeaders stay. */
static void put_part(struct buf *b, struct str part)
{
    struct str name = str_trim(str_head(part, str_find(part, '=')));
    bool known = str_eq(name, STR("Credential")) || str_eq(name, STR("SignedHeaders"));
    struct str shown = known ? str_head(part, find_signature(part)) : str_head(part, str_find(part, '='));
    if (known && shown.n == part.n) {
        buf_put(b, part);
        return;
    }
    buf_put(b, known || shown.n < part.n ? shown : STR(""));
    buf_put(b, known ? mask : shown.n < part.n ? STR("=***") : mask);
}

/* A malformed header may have its secret anywhere, so only known parts stay. */
static void put_authorization(struct buf *b, struct str value)
{
    size_t space = str_find(value, ' ');
    struct str rest = str_skip(value, space + 1), part;
    bool first = true;
    if (space == value.n) {
        buf_put(b, mask);
        return;
    }
    buf_put(b, str_head(value, space + 1));
    while (str_next(&rest, ',', &part)) {
        if (!first)
            buf_putc(b, ',');
        first = false;
        put_part(b, part);
    }
}

void redact_header(struct buf *b, const struct header *h)
{
    if (str_eq_nocase(h->name, STR("Authorization")))
        put_authorization(b, h->value);
    else if (redact_is_secret(h->name) || str_eq_nocase(h->name, STR("Proxy-Authorization")))
        buf_put(b, mask);
    else
        buf_put(b, h->value);
}

/* --- canonical requests --- */

static void put_line(struct buf *b, struct str line)
{
    struct str name = str_head(line, str_find(line, ':'));
    if (name.n == line.n || !redact_is_secret(name)) {
        redact_form(b, line); /* only the line of the query has keys with values */
        return;
    }
    buf_put(b, name);
    buf_putc(b, ':');
    buf_put(b, mask);
}

void redact_canonical(struct buf *b, struct str text)
{
    struct str line;
    bool first = true;
    while (str_next(&text, '\n', &line)) {
        if (!first)
            buf_putc(b, '\n');
        first = false;
        put_line(b, line);
    }
}
