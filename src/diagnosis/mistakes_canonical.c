/* Mistakes in the canonical request: its lines, their order, the content type, the query. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/codec.h"
#include "base/limits.h"
#include "gen/doctor.h"

static bool is_get(const struct diagnosis_case *p)
{
    return str_eq(p->call->request.method, STR("GET"));
}

/* --- the content type --- */

static const struct str charsets[] = {STR_INIT("; charset=utf-8"), STR_INIT("; charset=UTF-8"),
                                      STR_INIT(";charset=utf-8"), STR_INIT(";charset=UTF-8")};

static struct str sent_type(const struct diagnosis_case *p)
{
    return request_header(&p->call->request, STR("Content-Type"));
}

static struct str bare_type(struct str type)
{
    return str_trim(str_head(type, str_find(type, ';')));
}

static bool other_type(const struct diagnosis_case *p, struct str type, struct signing *r)
{
    r->canonical.content_type = type;
    return !str_eq(type, sent_type(p));
}

/* Added when signing, or taken off when sending: requests and fetch do either. */
bool mistake_content_type_charset(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    const struct str type = sent_type(p);
    return str_find(type, ';') == type.n && other_type(p, JOINED(&p->scratch, type, charsets[variant]), r);
}

bool mistake_content_type_bare(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)variant;
    return other_type(p, bare_type(sent_type(p)), r);
}

bool mistake_content_type_spacing(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    const struct str type = sent_type(p);
    if (str_find(type, ';') == type.n)
        return false;
    return other_type(p, JOINED(&p->scratch, bare_type(type), charsets[variant]), r);
}

/* The source's or the machine's charset, or the right one misspelt. */
bool mistake_content_type_charset_other(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    static const struct str others[] = {STR_INIT("; charset=utf8"), STR_INIT("; charset=gbk"),
                                        STR_INIT("; charset=ISO-8859-1"), STR_INIT("; charset=\"utf-8\""),
                                        STR_INIT("; charset=gb2312")};
    return other_type(p, JOINED(&p->scratch, bare_type(sent_type(p)), others[variant]), r);
}

/* What libraries set by themselves when nobody sets it: curl sends a form. */
bool mistake_content_type_other(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    static const struct str types[] = {STR_INIT("application/json"),
                                       STR_INIT("application/x-www-form-urlencoded"),
                                       STR_INIT("text/plain"),
                                       STR_INIT("application/json; charset=utf-8"),
                                       STR_INIT("application/octet-stream"),
                                       STR_INIT("text/plain; charset=utf-8")};
    return !str_eq(bare_type(types[variant]), bare_type(sent_type(p))) && other_type(p, types[variant], r);
}

bool mistake_content_type_empty(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)variant;
    return other_type(p, STR(""), r);
}

/* --- the lines --- */

/* The headers end in a line feed of their own; those who join them without lose this line. */
bool mistake_blank_line(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    r->canonical.blank_lines = 0;
    return true;
}

bool mistake_blank_line_twice(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    r->canonical.blank_lines = 2;
    return true;
}

/* A join that ends every line, the last too. */
bool mistake_canonical_end(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    r->canonical.end = STR("\n");
    return true;
}

/* "name: value", copied from how headers look on the wire: in all lines, or in that of one header whose value
 * was put together with a space too many. */
bool mistake_values_space(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    struct arena *a = &p->scratch;
    struct str *value = variant < 5 ? &r->canonical.content_type : &r->host;
    if (variant < 3) {
        r->canonical.colon = variant != 1 ? STR(": ") : r->canonical.colon;
        r->canonical.value_end = variant != 0 ? STR(" ") : r->canonical.value_end;
        return true;
    }
    *value = variant % 2 == 1 ? JOINED(a, STR(" "), *value) : JOINED(a, *value, STR(" "));
    return true;
}

/* Nothing, the path as sent, the path with its query. */
bool mistake_uri(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    const struct request *request = &p->call->request;
    if (variant == 0)
        r->canonical.uri = STR("");
    else if (variant == 1)
        r->canonical.uri = request->path;
    else
        r->canonical.uri = JOINED(&p->scratch, request->path, STR("?"), request->query);
    return !str_eq(r->canonical.uri, STR("/"));
}

/* The other method, as in an example that was adapted, or the right one in small letters. */
bool mistake_method(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    if (variant == 0)
        r->method = is_get(p) ? STR("POST") : STR("GET");
    else
        r->method = is_get(p) ? STR("get") : STR("post");
    return true;
}

/* --- the names --- */

static int compare_texts(const void *left, const void *right)
{
    return str_cmp(*(const struct str *)left, *(const struct str *)right);
}

/* The list the other way round, or sorted. */
static struct str reordered(struct arena *a, struct str names, bool sorted)
{
    struct str list[LIMIT_HEADER_COUNT], name;
    struct buf b;
    size_t n = 0;
    while (n < LIMIT_HEADER_COUNT && str_next(&names, ';', &name))
        list[n++] = name;
    if (sorted)
        qsort(list, n, sizeof list[0], compare_texts);
    buf_init(&b, a, 64, LIMIT_HEADERS);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_putc(&b, ';');
        buf_put(&b, list[sorted ? i : n - 1 - i]);
    }
    return buf_str(&b);
}

bool mistake_headers_order(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    r->canonical.lines = reordered(&p->scratch, r->canonical.lines, variant == 1);
    return true;
}

/* On the line of SignedHeaders alone; or in all of the canonical request, while the header has another. */
bool mistake_names_order(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    r->canonical.listed = reordered(&p->scratch, r->canonical.listed, variant % 2 == 1);
    if (variant >= 2)
        r->canonical.lines = r->canonical.listed;
    return true;
}

/* In the lines alone, or in the list as well. The Authorization header is free to say either. */
bool mistake_names_case(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p;
    r->canonical.title_lines = true;
    r->canonical.title_listed = variant == 1;
    return true;
}

/* The action as sent, the action in lower case, and the three headers that every call has. */
bool mistake_names_missing(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    const struct str more =
        variant < 2 ? STR(";x-tc-action") : STR(";x-tc-action;x-tc-timestamp;x-tc-version");
    r->canonical.lines = JOINED(&p->scratch, r->canonical.lines, more);
    r->canonical.listed = JOINED(&p->scratch, r->canonical.listed, more);
    if (variant == 1)
        r->canonical.lower_values = true;
    return str_find(p->call->auth.signed_headers, 'x') == p->call->auth.signed_headers.n;
}

/* --- the query --- */

static bool other_query(const struct diagnosis_case *p, struct str query, struct signing *r)
{
    r->canonical.query = query;
    return !str_eq(query, p->right.canonical.query);
}

/* Right for a GET only. With `strict` off this one is let in, so it counts beside others. */
bool mistake_query_post(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)variant;
    return !is_get(p) && other_query(p, p->call->request.query, r);
}

/* As version 1 has it: the parameters' text on the line of the query. */
bool mistake_query_body(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)variant;
    return !is_get(p) && other_query(p, p->call->request.body, r);
}

bool mistake_query_empty(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)variant;
    return is_get(p) && other_query(p, STR(""), r);
}

bool mistake_query_mark(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)variant;
    return is_get(p) && other_query(p, JOINED(&p->scratch, STR("?"), p->call->request.query), r);
}

/* As another cloud wants it. */
bool mistake_query_sorted(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    struct str rest = p->call->request.query, part;
    size_t n = 0;
    (void)variant;
    if (!is_get(p) || rest.n == 0)
        return false;
    struct str *parts = ARENA_ARRAY(&p->scratch, struct str, rest.n + 1);
    while (str_next(&rest, '&', &part))
        parts[n++] = part;
    qsort(parts, n, sizeof parts[0], compare_texts);
    struct buf b;
    buf_init(&b, &p->scratch, p->call->request.query.n, LIMIT_TARGET_GET);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_putc(&b, '&');
        buf_put(&b, parts[i]);
    }
    return other_query(p, buf_str(&b), r);
}

/* The character `from` replaced by a text. */
static struct str replaced(struct arena *a, struct str s, struct str from, struct str to)
{
    struct buf b;
    buf_init(&b, a, s.n, 4 * (size_t)LIMIT_TARGET_GET);
    while (s.n > 0) {
        const bool here = str_starts(s, from);
        buf_put(&b, here ? to : str_head(s, 1));
        s = str_skip(s, here ? from.n : 1);
    }
    return buf_str(&b);
}

/* Decoded; "%20" for "+"; "+" for "%20"; escapes with small letters. */
bool mistake_query_encoded(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    struct arena *a = &p->scratch;
    const struct str query = p->call->request.query;
    if (!is_get(p))
        return false;
    if (variant == 0)
        return other_query(p, url_decode(a, query), r);
    if (variant == 1)
        return other_query(p, replaced(a, query, STR("+"), STR("%20")), r);
    if (variant == 2)
        return other_query(p, replaced(a, query, STR("%20"), STR("+")), r);
    struct str lower = arena_dup(a, query);
    char *c = (char *)(uintptr_t)lower.p; /* ours since the line above */
    for (size_t i = 0; i + 2 < lower.n; i++)
        for (size_t k = 1; c[i] == '%' && k <= 2; k++)
            if (c[i + k] >= 'A' && c[i + k] <= 'F')
                c[i + k] = (char)(c[i + k] + ('a' - 'A'));
    return other_query(p, lower, r);
}

/* --- its hash --- */

static bool canonical_form(enum digest_form form, struct signing *r)
{
    r->canonical.form = form;
    return true;
}

/* The step that everyone forgets once: the string to sign holds the hash of the text. */
bool mistake_canonical_plain(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    return canonical_form(DIGEST_PLAIN, r);
}

bool mistake_canonical_upper(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    return canonical_form(DIGEST_UPPER, r);
}

bool mistake_canonical_base64(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    return canonical_form(DIGEST_BASE64, r);
}

bool mistake_canonical_sha1(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    return canonical_form(DIGEST_SHA1, r);
}
