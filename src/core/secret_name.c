#include "core/secret_name.h"

#include <assert.h>
#include <limits.h>

#include "base/codec.h"

enum {
    ROUNDS_MAX = 8,  /* escapes within escapes that are decoded: JSON in a string in a form is three */
    BETWEEN_MAX = 64 /* bytes between the name of a secret and the sign that gives it a value */
};

/* --- names --- */

/* What may stand between the words of a name. */
static bool is_separator(char c)
{
    return c == '-' || c == '_' || c == '.' || c == ' ';
}

/* The length of `word` at that place; 0 when it is not there. A blank in `word` is any number of separators;
 * its letters are lower case. */
static size_t word_length(struct str s, size_t at, const char *word)
{
    size_t i = at;
    for (; *word; word++) {
        while (*word == ' ' && i < s.n && is_separator(s.p[i]))
            i++;
        if (*word == ' ')
            continue;
        if (i == s.n || (s.p[i] | 0x20) != *word)
            return 0;
        i++;
    }
    return i - at;
}

/* The same for a name that is none when "id" follows: a SecretId is public. */
static size_t unless_id(struct str s, size_t at, const char *word)
{
    size_t n = word_length(s, at, word);
    return n > 0 && word_length(s, at + n, " id") == 0 ? n : 0;
}

/* Sets of letters as bits, one for each first letter of the names below. */
enum { WITH_A = 1, WITH_C = 2, WITH_P = 4, WITH_S = 8, WITH_T = 16, ESCAPE = 128 };

static const uint8_t first_letter[UCHAR_MAX + 1] = {
    ['A'] = WITH_A,  ['a'] = WITH_A, ['C'] = WITH_C, ['c'] = WITH_C, ['P'] = WITH_P,
    ['p'] = WITH_P,  ['S'] = WITH_S, ['s'] = WITH_S, ['T'] = WITH_T, ['t'] = WITH_T,
    ['\\'] = ESCAPE, ['%'] = ESCAPE, ['&'] = ESCAPE,
};

/* The second letters, each with the first ones that it follows. */
static const uint8_t second_letter[UCHAR_MAX + 1] = {
    ['A'] = WITH_P, ['a'] = WITH_P, ['C'] = WITH_A, ['c'] = WITH_A,          ['E'] = WITH_S,
    ['e'] = WITH_S, ['I'] = WITH_S, ['i'] = WITH_S, ['O'] = WITH_C | WITH_T, ['o'] = WITH_C | WITH_T,
    ['P'] = WITH_A, ['p'] = WITH_A, ['R'] = WITH_P, ['r'] = WITH_P,          ['U'] = WITH_A,
    ['u'] = WITH_A, ['W'] = WITH_P, ['w'] = WITH_P,
};

/* The first offset from `at` on where a name of a secret may begin, or an escape when `escapes` is ESCAPE;
 * s.n when there is none. Looks at two letters, because this reads every byte of every call. */
static size_t next_candidate(struct str s, size_t at, unsigned escapes)
{
    const unsigned char *p = (const unsigned char *)s.p;
    for (; at < s.n; at++) {
        unsigned second = at + 1 < s.n ? second_letter[p[at + 1]] : 0;
        if (first_letter[p[at]] & (second | escapes))
            break;
    }
    return at;
}

/* The first of the words that is there; `words` ends with NULL. */
static size_t any_length(struct str s, size_t at, const char *const *words)
{
    size_t n = 0;
    while (*words && (n = word_length(s, at, *words)) == 0)
        words++;
    return n;
}

/* The length of the name of a secret at that place, or 0. Each second letter is in `second_letter`. */
static size_t name_length(struct str s, size_t at)
{
    static const char *const with_p[] = {"pass word", "passwd", "pass phrase", "pwd", "private key", NULL};
    static const char *const with_a[] = {"api key", "authorization", NULL};
    size_t n;
    switch (s.p[at] | 0x20) {
    case 'a':
        n = unless_id(s, at, "access key");
        return n > 0 ? n : any_length(s, at, with_a);
    case 'c':
        return word_length(s, at, "cookie");
    case 'p':
        return any_length(s, at, with_p);
    case 's':
        return unless_id(s, at, "secret");
    case 't':
        return word_length(s, at, "token");
    default:
        return 0;
    }
}

/* Ends with it, as X-Signature does. SignatureMethod is none. */
static bool names_signature(struct str name)
{
    static const struct str word = STR_INIT("signature");
    return name.n >= word.n && str_eq_nocase(str_skip(name, name.n - word.n), word);
}

bool names_secret(struct str name)
{
    for (size_t i = next_candidate(name, 0, 0); i < name.n; i = next_candidate(name, i + 1, 0))
        if (name_length(name, i) > 0)
            return true;
    return names_signature(name);
}

/* --- escapes --- */

/* The byte of `digits` hexadecimal digits at that place, '?' for a character beyond ASCII, -1 when they are
 * not there. */
static int hex_byte(struct str s, size_t at, size_t digits)
{
    unsigned v = 0;
    for (size_t i = at; i < at + digits; i++) {
        int digit = i < s.n ? ascii_hex_value(s.p[i]) : -1;
        if (digit < 0)
            return -1;
        v = v * 16 + (unsigned)digit;
    }
    return v < 0x80 ? (int)v : '?';
}

/* One escape of JSON, of a URL or of HTML. */
static const struct escape {
    struct str start;
    size_t digits; /* after the start; 0: the escape is `byte` */
    char byte;
} escapes[] = {
    {STR_INIT("\\u"), 4, 0},      {STR_INIT("\\x"), 2, 0},      {STR_INIT("%u"), 4, 0},
    {STR_INIT("%"), 2, 0},        {STR_INIT("&quot;"), 0, '"'}, {STR_INIT("&#34;"), 0, '"'},
    {STR_INIT("&#39;"), 0, '\''},
};

/* Decodes the escape at that place; its length, or 0 when there is none. */
static size_t take_escape(struct str s, size_t at, char *ret_byte)
{
    for (size_t i = 0; i < sizeof escapes / sizeof escapes[0]; i++) {
        const struct escape *e = &escapes[i];
        if (!str_starts(str_skip(s, at), e->start))
            continue;
        int byte = e->digits > 0 ? hex_byte(s, at + e->start.n, e->digits) : e->byte;
        if (byte < 0)
            continue;
        *ret_byte = (char)byte;
        return e->start.n + e->digits;
    }
    return 0;
}

/* Writes the text to `out`, which may be its own memory, with one level of escapes decoded and without
 * backslashes. Returns its length. */
static size_t decode_once(struct str s, char *out)
{
    size_t n = 0, length;
    for (size_t i = 0; i < s.n; i += length) {
        char c = s.p[i];
        length = c == '\\' || c == '%' || c == '&' ? take_escape(s, i, &c) : 0;
        if (length > 0 || c != '\\')
            out[n++] = c;
        length += length == 0;
    }
    assert(n <= s.n);
    return n;
}

/* The text without escapes, as far as names and what follows them need it. Decoded until nothing changes. */
static struct str unescaped(struct arena *a, struct str text)
{
    size_t n;
    if (str_find(text, '\\') == text.n && str_find(text, '%') == text.n && str_find(text, '&') == text.n)
        return text;
    char *out = arena_alloc(a, text.n);
    for (int i = 0; i < ROUNDS_MAX && (n = decode_once(text, out)) < text.n; i++)
        text = (struct str){out, n};
    return text;
}

/* --- texts --- */

/* The same, with a signature, which is one among names of texts but not of other parameters. SignatureMethod
 * is no secret: every string to sign of version 1 has it. */
static size_t text_name_length(struct str s, size_t at)
{
    size_t n = name_length(s, at);
    if (n > 0)
        return n;
    n = word_length(s, at, "signature");
    return n > 0 && word_length(s, at + n, "method") > 0 ? 0 : n;
}

bool secret_is_excluded(struct str text)
{
    for (size_t i = next_candidate(text, 0, ESCAPE); i < text.n; i = next_candidate(text, i + 1, ESCAPE))
        if (first_letter[(unsigned char)text.p[i]] == ESCAPE || text_name_length(text, i) > 0)
            return false;
    return true;
}

bool secret_is_named(struct arena *a, struct str text)
{
    if (secret_is_excluded(text))
        return false;
    struct str plain = unescaped(a, text);
    for (size_t i = next_candidate(plain, 0, 0); i < plain.n; i = next_candidate(plain, i + 1, 0))
        if (text_name_length(plain, i) > 0)
            return true;
    return false;
}

/* Is it one of the characters, which do not include NUL? */
static bool is_one_of(char c, const char *characters)
{
    return c != '\0' && strchr(characters, c);
}

/* The offset after what may stand between a name and its sign: the rest of the name, then quotes and space.
 * Bounded, because a text may consist of names. */
static size_t skip_to_sign(struct str s, size_t at)
{
    size_t end = s.n - at < BETWEEN_MAX ? s.n : at + BETWEEN_MAX;
    while (at < end && (ascii_is_letter(s.p[at]) || ascii_is_digit(s.p[at]) || is_one_of(s.p[at], "-_.[]")))
        at++;
    while (at < end && is_one_of(s.p[at], "\"'` \t\r\n+"))
        at++;
    return at;
}

/* ':', '=' and '>', also as the wide characters of Chinese texts. */
static bool is_sign(struct str s)
{
    return str_starts(s, STR(":")) || str_starts(s, STR("=")) || str_starts(s, STR(">")) ||
           str_starts(s, STR("\xef\xbc\x9a")) || str_starts(s, STR("\xef\xbc\x9d"));
}

/* Does a sign with a value follow at that place? A value that was replaced by stars is none. */
static bool has_value(struct str s, size_t at)
{
    size_t sign = skip_to_sign(s, at);
    if (!is_sign(str_skip(s, sign)))
        return false;
    size_t value = sign + 1;
    while (value < s.n && is_one_of(s.p[value], "\"' "))
        value++;
    return !str_starts(str_skip(s, value), STR("***"));
}

bool secret_is_assigned(struct arena *a, struct str text)
{
    if (secret_is_excluded(text))
        return false;
    struct str plain = unescaped(a, text);
    for (size_t i = next_candidate(plain, 0, 0), n; i < plain.n; i = next_candidate(plain, i + 1, 0))
        if ((n = text_name_length(plain, i)) > 0 && has_value(plain, i + n))
            return true;
    return false;
}
