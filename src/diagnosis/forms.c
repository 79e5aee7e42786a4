/* Over the C library's iconv; where it lacks an encoding, nothing was signed in it. */
#include "diagnosis/forms.h"

#include <iconv.h>

#include "base/codec.h"
#include "gen/doctor.h"
#include "wire/digest.h"

/* From what to what each encoding goes. */
static const struct {
    const char *from, *to;
} tables[] = {
    [ENCODING_UTF8] = {"UTF-8", "UTF-8"},        [ENCODING_LATIN1] = {"UTF-8", "ISO-8859-1"},
    [ENCODING_UTF16] = {"UTF-8", "UTF-16LE"},    [ENCODING_GBK] = {"UTF-8", "GBK"},
    [ENCODING_UTF16_MARK] = {"UTF-8", "UTF-16"}, [ENCODING_TWICE] = {"ISO-8859-1", "UTF-8"},
};

/* What getBytes() in an ASCII locale and Encoding.ASCII make of a character that they lack. */
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

struct str transcode(struct arena *a, enum encoding encoding, struct str text)
{
    if (encoding == ENCODING_ASCII)
        return question_marks(a, text);
    iconv_t cd = iconv_open(tables[encoding].to, tables[encoding].from);
    if (cd == (iconv_t)-1)
        return STR("");
    /* No character here takes more than twice its bytes in UTF-8; a mark takes two. */
    size_t in_left = text.n, room = 2 * text.n + 2, out_left = room;
    char *in = (char *)(uintptr_t)text.p, *start = arena_alloc(a, room), *out = start;
    size_t rc = iconv(cd, &in, &in_left, &out, &out_left);
    (void)iconv_close(cd);
    return rc == (size_t)-1 ? STR("") : (struct str){start, room - out_left};
}

/* --- forms --- */

/* What spoils the form of an Authorization header: a test for each row of the second table. */

static bool contains(struct str text, struct str what)
{
    for (size_t i = 0; i + what.n <= text.n; i++)
        if (str_starts(str_skip(text, i), what))
            return true;
    return false;
}

static bool contains_nocase(struct str text, struct str what)
{
    for (size_t i = 0; i + what.n <= text.n; i++)
        if (str_eq_nocase(str_head(str_skip(text, i), what.n), what))
            return true;
    return false;
}

static bool starts_nocase(struct str text, struct str with)
{
    return str_eq_nocase(str_head(text, with.n), with);
}

/* --- the whole --- */

bool form_empty(const struct malformed *m)
{
    return m->value.n == 0;
}

bool form_skip(const struct malformed *m)
{
    return str_eq(m->value, STR("SKIP"));
}

bool form_bearer(const struct malformed *m)
{
    return str_eq_nocase(m->algorithm, STR("Bearer")) || str_eq_nocase(m->algorithm, STR("Basic"));
}

bool form_aws4(const struct malformed *m)
{
    return starts_nocase(m->algorithm, STR("AWS4"));
}

bool form_quotes(const struct malformed *m)
{
    return str_find(m->value, '"') < m->value.n || str_find(m->value, '\'') < m->value.n;
}

bool form_algorithm_case(const struct malformed *m)
{
    const struct str right = STR("TC3-HMAC-SHA256");
    return str_eq_nocase(m->algorithm, right) && !str_eq(m->algorithm, right);
}

bool form_algorithm(const struct malformed *m)
{
    return !str_eq(m->algorithm, STR("TC3-HMAC-SHA256"));
}

/* Two parts in one: the value of the first goes on with the name of another. */
static bool runs_on(struct str value)
{
    return contains(value, STR("Credential=")) || contains(value, STR("SignedHeaders=")) ||
           contains(value, STR("Signature="));
}

bool form_separator(const struct malformed *m)
{
    return runs_on(m->credential) || runs_on(m->signed_headers) || runs_on(m->signature);
}

bool form_colon(const struct malformed *m)
{
    return contains(m->value, STR("Credential:")) || contains(m->value, STR("SignedHeaders:")) ||
           contains(m->value, STR("Signature:"));
}

bool form_case(const struct malformed *m)
{
    return (!m->credential.p && contains_nocase(m->value, STR("Credential="))) ||
           (!m->signed_headers.p && contains_nocase(m->value, STR("SignedHeaders="))) ||
           (!m->signature.p && contains_nocase(m->value, STR("Signature=")));
}

bool form_part_twice(const struct malformed *m)
{
    return m->repeated > 0;
}

/* --- Credential --- */

/* The n-th part of the credential; p == NULL when there are not that many. */
static struct str part(const struct malformed *m, size_t n)
{
    struct str rest = m->credential, found = {NULL, 0};
    for (size_t i = 0; i <= n; i++)
        if (!str_next(&rest, '/', &found))
            return (struct str){NULL, 0};
    return found;
}

static size_t parts(const struct malformed *m)
{
    size_t n = 0;
    while (part(m, n).p)
        n++;
    return n;
}

bool form_no_credential(const struct malformed *m)
{
    return m->credential.n == 0;
}

bool form_secret_id(const struct malformed *m)
{
    return part(m, 0).n == 0;
}

bool form_scope_region(const struct malformed *m)
{
    return parts(m) == 5 && str_ends(part(m, 4), STR("_request"));
}

bool form_scope_parts(const struct malformed *m)
{
    return parts(m) != 4;
}

bool form_date(const struct malformed *m)
{
    static const char shape[] = "dddd-dd-dd";
    const struct str date = part(m, 1);
    for (size_t i = 0; i < sizeof shape - 1 && i < date.n; i++)
        if (shape[i] == 'd' ? date.p[i] < '0' || date.p[i] > '9' : date.p[i] != '-')
            return true;
    return date.n != sizeof shape - 1;
}

bool form_terminator(const struct malformed *m)
{
    return !str_eq(part(m, 3), STR("tc3_request"));
}

bool form_service(const struct malformed *m)
{
    return !m->service_known;
}

/* --- SignedHeaders --- */

bool form_no_signed_headers(const struct malformed *m)
{
    return m->signed_headers.n == 0;
}

static size_t count(struct str names, struct str wanted)
{
    struct str name;
    size_t n = 0;
    while (str_next(&names, ';', &name))
        n += str_eq_nocase(name, wanted);
    return n;
}

/* Of "content-type,host" the second name stands alone between two commas. */
bool form_names_separator(const struct malformed *m)
{
    static const char others[] = ": &|";
    for (size_t i = 0; i < sizeof others - 1; i++)
        if (str_find(m->signed_headers, others[i]) < m->signed_headers.n)
            return true;
    return m->stray > 0;
}

bool form_names_missing(const struct malformed *m)
{
    return count(m->signed_headers, STR("content-type")) == 0 || count(m->signed_headers, STR("host")) == 0;
}

bool form_names_twice(const struct malformed *m)
{
    struct str names = m->signed_headers, name;
    while (str_next(&names, ';', &name))
        if (name.n == 0 || count(m->signed_headers, name) > 1)
            return true;
    return false;
}

/* --- Signature --- */

bool form_no_signature(const struct malformed *m)
{
    return m->signature.n == 0;
}

bool form_signature_sha1(const struct malformed *m)
{
    return m->signature.n == 2 * (size_t)SHA1_BYTES && hex_valid(m->signature);
}

/* 32 bytes in base64 are 44 characters with padding, 43 without. */
bool form_signature_base64(const struct malformed *m)
{
    const struct str s = m->signature;
    return (s.n == 44 && s.p[43] == '=') || (s.n == 43 && !hex_valid(s));
}

bool form_signature_form(const struct malformed *m)
{
    return m->signature.n != SHA256_HEX || !hex_valid(m->signature);
}
