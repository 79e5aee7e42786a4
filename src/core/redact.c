/* One pass over each text, without a tree: everything but a secret's value is copied unchanged, so that a
 * wrong request stays as wrong as it was. */
#include "core/redact.h"

#include "base/codec.h"
#include "core/secret_name.h"
#include "wire/digest.h"
#include "wire/json.h"

static const struct str mask = STR_INIT("***");

/* --- forms --- */

/* The name stays when the value alone is a secret. A field may have its secret anywhere when it is not of the
 * usual form. */
static void put_field(struct buf *b, struct str field)
{
    struct str key = str_head(field, str_find(field, '='));
    bool has_value = key.n < field.n;
    bool secret = has_value && names_secret(url_decode(b->arena, key));
    if (!secret && !secret_is_assigned(b->arena, has_value ? str_skip(field, key.n + 1) : field)) {
        buf_put(b, field);
        return;
    }
    if (has_value && !secret_is_assigned(b->arena, key)) {
        buf_put(b, key);
        buf_putc(b, '=');
    }
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

void redact_prose(struct buf *b, struct str text)
{
    buf_put(b, secret_is_assigned(b->arena, text) ? mask : text);
}

void redact_path(struct buf *b, struct str path)
{
    buf_put(b, secret_is_assigned(b->arena, path) ? STR("/***") : path);
}

void redact_target(struct buf *b, struct str text)
{
    size_t mark = str_find(text, '?');
    redact_path(b, str_head(text, mark));
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

/* A string of the text, with its quotes, and what it is. */
struct literal {
    struct str content; /* between the quotes, with its escapes */
    size_t start, end;
    size_t value; /* where its value starts when it is a key; else 0 */
};

/* A string is a key when a colon follows it. */
static struct literal literal_at(struct str s, size_t quote)
{
    struct literal l = {.start = quote, .end = string_end(s, quote)};
    size_t colon = skip_space(s, l.end);
    l.content = str_skip(str_head(s, l.end), quote + 1);
    if (l.content.n > 0 && l.content.p[l.content.n - 1] == '"')
        l.content.n--;
    if (colon < s.n && s.p[colon] == ':')
        l.value = skip_space(s, colon + 1);
    return l;
}

/* Finds pairs such as {"Name":"Password","Value":"x"}: the name of a secret is a value, and so is the secret.
 * A bit for each open container, bit 0 for the innermost: what has been seen in it. */
struct pairs {
    uint64_t names, values;
};

/* The brackets between two strings open and close containers. */
static void pass_brackets(struct pairs *p, struct str between)
{
    for (size_t i = 0; i < between.n; i++) {
        bool opens = between.p[i] == '{' || between.p[i] == '[';
        bool closes = between.p[i] == '}' || between.p[i] == ']';
        p->names = opens ? p->names << 1 : closes ? p->names >> 1 : p->names;
        p->values = opens ? p->values << 1 : closes ? p->values >> 1 : p->values;
    }
}

/* True when the string completes a pair. */
static bool completes_pair(struct pairs *p, struct arena *a, const struct literal *l)
{
    static const struct str word = STR_INIT("value");
    struct str plain = plain_key(a, l->content);
    if (l->value == 0)
        p->names |= names_secret(plain);
    else
        p->values |= plain.n >= word.n && str_eq_nocase(str_skip(plain, plain.n - word.n), word);
    return p->names & p->values & 1;
}

/* Copies what is between `kept` and the secret, then the mask; returns the offset after the secret. An
 * assignment that is a key goes with its value. */
static size_t put_masked(struct buf *b, struct str text, size_t kept, const struct literal *l)
{
    bool assigned = secret_is_assigned(b->arena, l->content);
    buf_put(b, str_skip(str_head(text, assigned ? l->start : l->value), kept));
    buf_put(b, STR("\"***\""));
    if (assigned && l->value > 0)
        buf_put(b, STR(":\"***\""));
    return l->value > 0 ? value_end(text, l->value) : l->end;
}

static bool is_secret(struct arena *a, const struct literal *l)
{
    return (l->value > 0 && names_secret(plain_key(a, l->content))) || secret_is_assigned(a, l->content);
}

/* Goes from string to string and copies what is between them. Returns false when the text has a pair of name
 * and value. */
static bool put_json(struct buf *b, struct str text)
{
    struct pairs pairs = {0, 0};
    size_t kept = 0, at;
    for (size_t i = 0; i < text.n; i = at) {
        size_t quote = i + str_find(str_skip(text, i), '"');
        if (quote == text.n)
            break;
        struct literal l = literal_at(text, quote);
        at = l.end;
        pass_brackets(&pairs, str_skip(str_head(text, quote), i));
        if (completes_pair(&pairs, b->arena, &l))
            return false;
        if (is_secret(b->arena, &l))
            kept = at = put_masked(b, text, kept, &l);
    }
    buf_put(b, str_skip(text, kept));
    return true;
}

void redact_json(struct buf *b, struct str text)
{
    size_t before = b->n;
    if (secret_is_excluded(text)) {
        buf_put(b, text);
        return;
    }
    if (put_json(b, text))
        return;
    b->n = before;
    buf_put(b, STR("\"***\""));
}

/* --- bodies --- */

/* Compressed or encoded bytes, in which no name can be found. */
static bool is_binary(struct str s)
{
    if (str_find(s, '\0') < s.n)
        return true;
    if (utf8_valid(s))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < ' ' && s.p[i] != '\t' && s.p[i] != '\n' && s.p[i] != '\r')
            return true;
    return false;
}

/* JSON, or its beginning: then the text is wrong where it ends. */
static bool is_json(struct str s)
{
    size_t offset;
    return json_check(s, &offset) == 0 || offset == s.n;
}

/* Only characters that a form has; a text with one of the others is something else with & and =. */
static bool is_form(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f || strchr("{}\"'<>\\`", s.p[i]))
            return false;
    return true;
}

/* Where the end of a secret cannot be known, nothing of the text stays. */
static bool put_understood(struct buf *b, struct str head)
{
    if (is_binary(head))
        return false;
    if (!secret_is_named(b->arena, head)) {
        buf_put(b, head);
        return true;
    }
    if (is_json(head))
        return put_json(b, head);
    if (!is_form(head))
        return false;
    redact_form(b, head);
    return true;
}

bool redact_body(struct buf *b, struct str whole, size_t most)
{
    char hash[SHA256_HEX];
    size_t before = b->n;
    if (put_understood(b, utf8_cut(whole, most)))
        return true;
    b->n = before;
    sha256_hex(whole, hash);
    buf_printf(b, "*** %zu bytes, SHA-256 %.*s", whole.n, SHA256_HEX, hash);
    return false;
}

/* --- headers --- */

/* The offset of "signature" in a part of an Authorization header with wrong separators; else the end. */
static size_t find_signature(struct str part)
{
    static const struct str word = STR_INIT("signature");
    size_t at = 0;
    while (at < part.n &&
           ((part.p[at] | 0x20) != 's' || !str_eq_nocase(str_head(str_skip(part, at), word.n), word)))
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
    else if (names_secret(h->name) || secret_is_assigned(b->arena, h->value))
        buf_put(b, mask);
    else
        buf_put(b, h->value);
}

/* --- canonical requests --- */

static void put_line(struct buf *b, struct str line)
{
    struct str name = str_head(line, str_find(line, ':'));
    if (name.n == line.n || !names_secret(name)) {
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
