/* Mistakes in what was hashed as the payload, and how. */

#include "base/limits.h"
#include "gen/doctor.h"

#define UNSIGNED "UNSIGNED-PAYLOAD"

/* A text that has nothing to do with the body, so that there is no JSON in it to write anew. */
static bool instead(struct signing *r, struct str text)
{
    const bool other = !str_eq(text, r->payload.text);
    r->payload.text = text;
    r->payload.json = NULL;
    return other;
}

/* The body was not there yet, or had been read already, when it was hashed. */
bool mistake_payload_empty(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    return instead(r, STR(""));
}

/* A signer that was made for calls without parameters; PHP writes an empty array as []. */
bool mistake_payload_object(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    static const struct str texts[] = {STR_INIT("{}"), STR_INIT("[]"), STR_INIT("null")};
    (void)p;
    return instead(r, texts[variant]);
}

/* A GET's parameters are signed on the line of the query, and its payload is empty. */
bool mistake_payload_query(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)variant;
    return instead(r, p->call->request.query);
}

static bool says_unsigned(const struct diagnosis_case *p)
{
    return str_eq(request_header(&p->call->request, STR("X-TC-Content-SHA256")), STR(UNSIGNED));
}

/* Its hash, or as another cloud has it the words themselves. */
bool mistake_payload_unsigned(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    if (variant == 1)
        r->payload.form = DIGEST_PLAIN;
    return (instead(r, STR(UNSIGNED)) && !says_unsigned(p)) || variant == 1;
}

bool mistake_payload_signed(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)variant;
    return says_unsigned(p) && instead(r, p->call->request.body);
}

/* --- JSON that was serialised twice --- */

static bool spaced(struct signing *r, enum json_space space)
{
    const bool other = r->payload.json && r->payload.style.space != space;
    r->payload.style.space = space;
    r->payload.style.anew = true;
    return other;
}

/* JSON.stringify signed, json.dumps sent, and so on: each serialiser has spaces of its own. */
bool mistake_payload_compact(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    return spaced(r, SPACE_NONE);
}

bool mistake_payload_spaced(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    return spaced(r, SPACE_INLINE);
}

bool mistake_payload_pretty(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    static const enum json_space spaces[] = {SPACE_TWO, SPACE_FOUR, SPACE_TAB};
    (void)p;
    return spaced(r, spaces[variant]);
}

/* Signed from a sorted map, sent from another, or sort_keys in one place of two. */
bool mistake_payload_sorted(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    r->payload.style.sorted = r->payload.style.anew = true;
    return r->payload.json != NULL;
}

static bool escaped(struct signing *r, enum json_escape escape)
{
    const bool other = r->payload.json && r->payload.style.escape != escape;
    r->payload.style.escape = escape;
    r->payload.style.anew = true;
    return other;
}

/* ASCII only (Python), slashes too (PHP), or what HTML would read (Go). */
bool mistake_payload_escaped(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    static const enum json_escape escapes[] = {ESCAPE_ASCII, ESCAPE_SLASH, ESCAPE_HTML};
    (void)p;
    return escaped(r, escapes[variant]);
}

bool mistake_payload_unescaped(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    return escaped(r, ESCAPE_NONE);
}

/* --- its bytes --- */

static bool is_ascii(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] >= 0x80)
            return false;
    return true;
}

/* UTF-16, with its mark and without, changes every text; the others only what is not ASCII. */
bool mistake_payload_encoding(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    static const enum encoding encodings[] = {ENCODING_UTF16,  ENCODING_UTF16_MARK, ENCODING_GBK,
                                              ENCODING_LATIN1, ENCODING_TWICE,      ENCODING_ASCII};
    const struct str body = p->call->request.body;
    r->payload.encoding = encodings[variant];
    if (body.n == 0 || body.n > LIMIT_DOCTOR_BODY)
        return false;
    return variant < 2 || !is_ascii(body);
}

/* Hashed from a file or a pipe; the body was sent without its last line end. */
bool mistake_payload_newline(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p;
    r->payload.after = variant == 0 ? STR("\n") : STR("\r\n");
    return true;
}

bool mistake_payload_bom(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    r->payload.before = STR("\xef\xbb\xbf");
    return true;
}

/* The reverse: the text was trimmed for the hash alone. */
bool mistake_payload_trimmed(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    const struct str body = str_trim(p->call->request.body);
    (void)variant;
    r->payload.text = body;
    return body.n < p->call->request.body.n;
}

/* --- its hash --- */

static bool payload_form(enum digest_form form, struct signing *r)
{
    r->payload.form = form;
    return true;
}

/* Forgotten like the canonical request's own hash. */
bool mistake_payload_plain(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    return payload_form(DIGEST_PLAIN, r);
}

bool mistake_payload_upper(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    return payload_form(DIGEST_UPPER, r);
}

bool mistake_payload_base64(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    return payload_form(DIGEST_BASE64, r);
}

bool mistake_payload_sha1(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    return payload_form(DIGEST_SHA1, r);
}
