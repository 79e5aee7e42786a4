/*
 * The right signing of a call, and the texts of its request that mistakes are made from.
 *
 * The texts are prepared once per case, because a search uses each of them in many attempts. Long ones are
 * views into the request; only the query of a GET is copied, in the forms that clients give it.
 */
#include "diagnosis/case.h"

#include <assert.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/codec.h"
#include "base/limits.h"
#include "diagnosis/body_variants.h"
#include "diagnosis/field_orders.h"
#include "wire/v1.h"

enum { DAY_SECONDS = 24 * 3600, DATE_SIZE = sizeof "YYYY-MM-DD" };

static const struct str absent = {NULL, 0};

static bool is_get(const struct call *c)
{
    return str_eq(c->request.method, STR("GET"));
}

static bool says_unsigned(const struct call *c)
{
    return str_eq(request_header(&c->request, STR("X-TC-Content-SHA256")), STR("UNSIGNED-PAYLOAD"));
}

/* A text under a condition, so that mistakes which need it depend on the condition. */
static struct str present_if(bool condition, struct str text)
{
    return condition ? text : absent;
}

/* --- texts of the request --- */

/* Where the port begins, with its colon; the length when there is none. */
static size_t port_at(struct str host)
{
    size_t at = host.n;
    while (at > 0 && ascii_is_digit(host.p[at - 1]))
        at--;
    return at > 0 && at < host.n && host.p[at - 1] == ':' ? at - 1 : host.n;
}

/* "for=192.0.2.1;host=example.com;proto=https" (RFC 7239), possibly in quotes; p == NULL without a host. */
static struct str forwarded_host(struct str value)
{
    struct str part;
    value = str_head(value, str_find(value, ','));
    while (str_next(&value, ';', &part)) {
        part = str_trim(part);
        if (!str_eq_nocase(str_head(part, 5), STR("host=")))
            continue;
        part = str_skip(part, 5);
        return part.n > 1 && part.p[0] == '"' ? str_head(str_skip(part, 1), part.n - 2) : part;
    }
    return absent;
}

/* A client may take a host from its endpoint, the request target or a proxy. What proxies report is in the
 * two headers that they usually add. */
static void set_hosts(struct diagnosis_case *dc, const struct call *c)
{
    const struct request *request = &c->request;
    const struct str host = request_header(request, STR("Host"));
    const size_t port = port_at(host);
    const struct str forwarded = str_trim(request_header(request, STR("X-Forwarded-Host")));
    const struct str original = str_trim(request_header(request, STR("X-Original-Host")));
    struct str *source = dc->source;
    source[SOURCE_HOST] = host;
    source[SOURCE_HOST_NAME] = str_head(host, port);
    source[SOURCE_HOST_LABEL] = str_head(host, str_find(host, '.'));
    source[SOURCE_HOST_WITHOUT_PORT] = present_if(port == host.n, host);
    source[SOURCE_HOST_OF_PORT] = present_if(port < host.n, str_head(host, port));
    source[SOURCE_HOST_LOWER] = lower_case(dc->arena, host);
    source[SOURCE_HOST_UPPER] = upper_case(dc->arena, host);
    source[SOURCE_PORT] = present_if(port < host.n, str_skip(host, port));
    source[SOURCE_FORWARDED] = forwarded_host(request_header(request, STR("Forwarded")));
    source[SOURCE_TARGET_HOST] = request->authority;
    source[SOURCE_FORWARDED_HOST] = present_if(forwarded.n > 0, forwarded);
    source[SOURCE_ORIGINAL_HOST] = present_if(original.n > 0, original);
    source[SOURCE_PRODUCT] = c->product->name;
    source[SOURCE_REGION] = present_if(c->common.region.n > 0, c->common.region);
}

static int compare_texts(const void *left, const void *right)
{
    return str_cmp(*(const struct str *)left, *(const struct str *)right);
}

/* The parts of a list, sorted or in reverse order. */
static struct str reordered(struct arena *a, struct str list, char separator, bool sorted)
{
    struct str *parts = ARENA_ARRAY(a, struct str, list.n + 1), rest = list;
    struct buf b;
    size_t n = 0;
    while (str_next(&rest, separator, &parts[n]))
        n++;
    if (sorted)
        qsort(parts, n, sizeof parts[0], compare_texts);
    buf_init(&b, a, list.n, list.n);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_putc(&b, separator);
        buf_put(&b, parts[sorted ? i : n - 1 - i]);
    }
    return buf_str(&b);
}

/* Each `from` becomes `to`, which is at most as long as the whole text for each byte of it. */
static struct str replaced(struct arena *a, struct str s, struct str from, struct str to)
{
    struct buf b;
    buf_init(&b, a, s.n, to.n * s.n);
    while (s.n > 0) {
        const bool here = str_starts(s, from);
        buf_put(&b, here ? to : str_head(s, 1));
        s = str_skip(s, here ? from.n : 1);
    }
    return buf_str(&b);
}

/* The two digits after each '%' in lower case. */
static struct str lower_escapes(struct arena *a, struct str s)
{
    char *p = arena_alloc(a, s.n);
    for (size_t i = 0; i < s.n; i++)
        p[i] = (i > 0 && s.p[i - 1] == '%') || (i > 1 && s.p[i - 2] == '%') ? ascii_lower(s.p[i]) : s.p[i];
    return (struct str){p, s.n};
}

/* Encoders and decoders disagree about a space and about the case of digits; some clients sort the query. */
static void set_query_of_get(struct diagnosis_case *dc, struct str query)
{
    struct str *source = dc->source;
    source[SOURCE_QUERY_OF_GET] = query;
    source[SOURCE_QUERY_SORTED] = reordered(dc->arena, query, '&', true);
    source[SOURCE_QUERY_DECODED] = url_decode(dc->arena, query);
    source[SOURCE_QUERY_SPACES_PERCENT] = replaced(dc->arena, query, STR("+"), STR("%20"));
    source[SOURCE_QUERY_SPACES_PLUS] = replaced(dc->arena, query, STR("%20"), STR("+"));
    source[SOURCE_QUERY_LOWER] = lower_escapes(dc->arena, query);
    source[SOURCE_QUERY_TWICE] = replaced(dc->arena, query, STR("%"), STR("%25"));
    source[SOURCE_QUERY_SLASHES] = replaced(dc->arena, query, STR("%2F"), STR("/"));
}

/* The common parameters as version 1 has them in its query; clients of version 3 sign them there, too. */
static void set_common(struct diagnosis_case *dc, const struct call *c)
{
    struct arena *a = dc->arena;
    const struct common *common = &c->common;
    const struct str query = c->request.query, separator = query.n > 0 ? STR("&") : STR("");
    const struct str few = CONCAT(a, STR("Action="), common->action, STR("&Version="), common->version);
    const struct str all = CONCAT(a, STR("Action="), common->action, STR("&Region="), common->region,
                                  STR("&Timestamp="), common->timestamp, STR("&Version="), common->version);
    const bool get = is_get(c);
    dc->source[SOURCE_QUERY_AFTER_COMMON] = present_if(get, CONCAT(a, few, separator, query));
    dc->source[SOURCE_QUERY_WITH_COMMON] =
        get ? reordered(a, CONCAT(a, all, separator, query), '&', true) : absent;
    dc->source[SOURCE_COMMON_OF_POST] = present_if(!get, few);
    dc->source[SOURCE_ALL_COMMON_OF_POST] = present_if(!get, all);
}

/* The protocol signs the query of a GET and the body of a POST; clients confuse the two. Version 1 signs its
 * fields one by one, so there the forms of the query do not matter. */
static void set_target(struct diagnosis_case *dc, const struct call *c)
{
    const struct request *request = &c->request;
    const bool get = is_get(c);
    struct str *source = dc->source;
    source[SOURCE_OTHER_METHOD] = get ? STR("POST") : STR("GET");
    source[SOURCE_METHOD_LOWER] = get ? STR("get") : STR("post");
    source[SOURCE_PATH] = request->path;
    source[SOURCE_TARGET] = CONCAT(dc->arena, request->path, STR("?"), request->query);
    source[SOURCE_QUERY] = request->query;
    source[SOURCE_QUERY_OF_POST] = present_if(!get, request->query);
    source[SOURCE_BODY_OF_POST] = present_if(!get, request->body);
    if (get && !c->v1)
        set_query_of_get(dc, request->query);
    if (!c->v1)
        set_common(dc, c);
}

static bool has_name(struct str names, struct str wanted)
{
    struct str name;
    while (str_next(&names, ';', &name))
        if (str_eq_nocase(name, wanted))
            return true;
    return false;
}

/* HTTP libraries add and remove the charset. The order of SignedHeaders is the client's own, but must be the
 * same in all places. */
static void set_headers(struct diagnosis_case *dc, const struct call *c)
{
    const struct str type = request_header(&c->request, STR("Content-Type")), names = c->auth.signed_headers;
    const size_t parameters = str_find(type, ';');
    const struct str bare = str_trim(str_head(type, parameters));
    struct str *source = dc->source;
    source[SOURCE_TYPE] = bare;
    source[SOURCE_TYPE_OF_CHARSET] = present_if(parameters < type.n, bare);
    source[SOURCE_TYPE_WITHOUT_CHARSET] = present_if(parameters == type.n, type);
    source[SOURCE_NAMES_REVERSED] = reordered(dc->arena, names, ';', false);
    source[SOURCE_NAMES_SORTED] = reordered(dc->arena, names, ';', true);
    source[SOURCE_SHORT_NAMES] = present_if(str_find(names, 'x') == names.n, names);
    source[SOURCE_LONG_NAMES] = present_if(names.n > strlen("content-type;host"), names);
    source[SOURCE_LENGTH_NAMED] = present_if(has_name(names, STR("content-length")), names);
}

static void set_body_variants(struct diagnosis_case *dc, struct str body)
{
    struct arena *a = dc->arena;
    const struct node *json = dc->right.payload.json;
    struct str *source = dc->source;
    source[SOURCE_BODY_UNZIPPED] = body_unzipped(a, body);
    source[SOURCE_BODY_INNER] = body_inner(json);
    source[SOURCE_BODY_QUOTED] = body_quoted(a, body);
    source[SOURCE_BODY_CRLF] = body_with_crlf(a, body);
    source[SOURCE_BODY_LF] = body_with_lf(a, body);
    source[SOURCE_BODY_FORM] = body_as_form(a, json);
    source[SOURCE_BODY_CHARACTERS] = arena_printf(a, "%zu", body_characters(body));
}

/* UTF-16 changes every text, other encodings only text that is not ASCII. */
static void set_body(struct diagnosis_case *dc, const struct call *c)
{
    const struct str body = c->request.body, trimmed = str_trim(body);
    const bool small = body.n > 0 && body.n <= LIMIT_DOCTOR_BODY;
    struct str *source = dc->source;
    source[SOURCE_JSON] = present_if(dc->right.payload.json != NULL, body);
    source[SOURCE_TRIMMED_BODY] = present_if(trimmed.n < body.n, trimmed);
    source[says_unsigned(c) ? SOURCE_UNSIGNED_BODY : SOURCE_SIGNED_BODY] = body.p ? body : STR("");
    source[SOURCE_SMALL_BODY] = present_if(small, body);
    source[SOURCE_FOREIGN_BODY] = present_if(small && !str_is_ascii(body), body);
    source[SOURCE_BODY_BYTES] = arena_printf(dc->arena, "%zu", body.n);
    if (small && !c->v1)
        set_body_variants(dc, body);
}

/* What copying and configuration files do to a key. */
static void set_secrets(struct diagnosis_case *dc, const struct call *c)
{
    const struct str key = c->credential->secret_key;
    struct str *source = dc->source;
    source[SOURCE_SECRET_ID] = c->credential->secret_id;
    source[SOURCE_SECRET_WITHOUT_LAST] = present_if(key.n > 1, str_head(key, key.n - (key.n > 0)));
    source[SOURCE_SECRET_WITHOUT_FIRST] = present_if(key.n > 1, str_skip(key, 1));
    source[SOURCE_SECRET_LOWER] = lower_case(dc->arena, key);
    source[SOURCE_SECRET_UPPER] = upper_case(dc->arena, key);
}

/* The day of the week of a date, Thursday as 0: that of 1970-01-01. */
static int64_t days_from_thursday(int64_t timestamp)
{
    const int64_t day = timestamp / DAY_SECONDS % 7;
    return day < 0 ? day + 7 : day;
}

/* A week belongs to the year of its Thursday. */
static struct str with_week_year(struct arena *a, int64_t timestamp, struct str date)
{
    enum { MONDAY = 4 };
    const int64_t day = days_from_thursday(timestamp), back = day >= MONDAY ? day - 7 : day;
    char thursday[DATE_SIZE];
    time_utc_date(timestamp - back * DAY_SECONDS, thursday);
    return arena_printf(a, "%.4s%.*s", thursday, STR_ARG(str_skip(date, 4)));
}

/* Formats of other countries and libraries. */
static void set_date_forms(struct diagnosis_case *dc, struct str date)
{
    struct arena *a = dc->arena;
    const char *year = date.p, *month = date.p + 5, *day = date.p + 8;
    struct str *source = dc->source;
    source[SOURCE_TODAY_SLASHES] = arena_printf(a, "%.4s/%.2s/%.2s", year, month, day);
    source[SOURCE_TODAY_SHORT] =
        arena_printf(a, "%.4s-%.*s-%.*s", year, month[0] == '0' ? 1 : 2, month + (month[0] == '0'),
                     day[0] == '0' ? 1 : 2, day + (day[0] == '0'));
    source[SOURCE_TODAY_DAY_FIRST] = arena_printf(a, "%.2s-%.2s-%.4s", day, month, year);
    source[SOURCE_TODAY_MONTH_FIRST] = arena_printf(a, "%.2s-%.2s-%.4s", month, day, year);
    source[SOURCE_TODAY_WEEK_YEAR] = with_week_year(a, dc->call->timestamp, date);
}

/* Zones reach from UTC-12 to UTC+14, so a local date is at most one day from the right one. */
static void set_dates(struct diagnosis_case *dc, const struct call *c)
{
    const struct str sent = c->auth.date;
    struct str *date = &dc->source[SOURCE_YESTERDAY];
    bool other = true;
    for (int i = 0; i < 3; i++) {
        char *text = arena_alloc(dc->arena, DATE_SIZE);
        time_utc_date(c->timestamp + (i - 1) * (int64_t)DAY_SECONDS, text);
        date[i] = (struct str){text, DATE_SIZE - 1};
        other = other && !str_eq(sent, date[i]);
    }
    set_date_forms(dc, dc->source[SOURCE_TODAY]);
    dc->source[SOURCE_TIMESTAMP] = arena_printf(dc->arena, "%lld", (long long)c->timestamp);
    dc->source[SOURCE_WRONG_DATE] = present_if(!str_eq(sent, dc->source[SOURCE_TODAY]), sent);
    dc->source[SOURCE_OTHER_DATE] = present_if(other, sent);
}

/* --- version 3 --- */

/* The body of a POST; nothing for a GET, whose parameters are in the query; or the words of an unsigned
 * payload. Of a small body the JSON value is kept too, so that it can be written in other styles. */
static struct payload_part right_payload(struct call *c)
{
    struct payload_part p = {
        .text = is_get(c) ? STR("") : c->request.body, .before = STR(""), .after = STR("")};
    struct node *tree;
    if (says_unsigned(c)) {
        p.text = STR("UNSIGNED-PAYLOAD");
        return p;
    }
    if (p.text.n == 0 || p.text.n > LIMIT_DOCTOR_BODY || json_parse(c->arena, p.text, &tree, NULL) != 0)
        return p;
    p.json = tree;
    p.style = p.sent_style = json_style_of(p.text);
    return p;
}

/* As the TC3 documentation has it, with the names of the headers in the order that the client declared. */
static void set_v3(struct diagnosis_case *dc, struct call *c)
{
    const struct str date = dc->source[SOURCE_TODAY], none = STR(""), terminator = STR("tc3_request");
    struct signing *r = &dc->right;
    r->canonical =
        (struct canonical_part){.uri = STR("/"),
                                .query = is_get(c) ? c->request.query : none,
                                .content_type = str_trim(request_header(&c->request, STR("Content-Type"))),
                                .lines = c->auth.signed_headers,
                                .listed = c->auth.signed_headers,
                                .colon = STR(":"),
                                .value_end = none,
                                .newline = STR("\n"),
                                .end = none,
                                .blank_lines = 1};
    r->string = (struct string_part){.algorithm = STR("TC3-HMAC-SHA256"),
                                     .timestamp = c->common.timestamp,
                                     .newline = STR("\n"),
                                     .end = none,
                                     .before = none,
                                     .date = date,
                                     .region = none,
                                     .service = c->auth.service,
                                     .terminator = terminator};
    r->key.prefix = STR("TC3");
    r->key.date = date;
    r->key.service = c->auth.service;
    r->key.terminator = terminator;
}

/* The step that splits the header has checked that these are 64 hexadecimal digits. */
static void read_signature(struct diagnosis_case *dc)
{
    const int rc = hex_decode(dc->sent, dc->mac);
    assert(rc == 0 && dc->sent.n == SHA256_HEX);
    (void)rc;
    for (size_t i = 0; i < dc->sent.n; i++)
        dc->upper |= ascii_is_upper(dc->sent.p[i]);
}

/* --- version 1 --- */

/* White space at the end is ignored, as the signature's check does; at the start it may have been a '+'. */
static struct str without_end(struct str s)
{
    const struct str trimmed = str_trim(s);
    return trimmed.n == 0 ? trimmed : str_head(s, (size_t)(trimmed.p - s.p) + trimmed.n);
}

static bool has_foreign_value(const struct form *form)
{
    for (size_t i = 0; i < form->n; i++)
        if (!str_is_ascii(form->fields[i].value))
            return true;
    return false;
}

static void set_v1(struct diagnosis_case *dc, struct call *c)
{
    const struct form_field *method = form_find(&c->form, STR("SignatureMethod"));
    struct str *source = dc->source, sent = without_end(c->common.signature);
    field_orders(c->arena, &c->form, dc->order);
    dc->right.v1 = (struct v1_part){
        .path = STR("/?"), .end = STR(""), .sha256 = v1_method_of(&c->form) == V1_HMAC_SHA256};
    dc->sent = sent;
    source[SOURCE_SIGNATURE_WITH_SPACE] = present_if(str_find(sent, ' ') < sent.n, sent);
    source[SOURCE_SIGNATURE_WITH_PERCENT] = present_if(str_find(sent, '%') < sent.n, sent);
    source[SOURCE_SIGNATURE_METHOD] = method ? method->value : absent;
    source[SOURCE_ARRAYS] = present_if(field_orders_has_arrays(&c->form), STR(""));
    source[SOURCE_FOREIGN_FORM] = present_if(has_foreign_value(&c->form), STR(""));
}

/* --- the whole --- */

static void set_sources(struct diagnosis_case *dc, const struct call *c)
{
    dc->source[SOURCE_NONE] = STR("");
    set_hosts(dc, c);
    set_target(dc, c);
    set_headers(dc, c);
    set_secrets(dc, c);
    set_body(dc, c);
    set_dates(dc, c);
}

int case_init(struct diagnosis_case *dc, struct call *c)
{
    const struct str none = STR("");
    assert(c->credential);
    *dc = (struct diagnosis_case){.arena = c->arena, .call = c};
    if (c->v1 && (c->request.body.n > LIMIT_DOCTOR_BODY || c->request.query.n > LIMIT_DOCTOR_BODY))
        return -1;
    arena_init(&dc->scratch);
    dc->right.method = c->request.method;
    dc->right.host = request_header(&c->request, STR("Host"));
    dc->right.key = (struct key_part){
        .secret = c->credential->secret_key, .prefix = none, .before = none, .after = none, .region = none};
    if (!c->v1)
        dc->right.payload = right_payload(c);
    set_sources(dc, c);
    if (c->v1) {
        set_v1(dc, c);
        return 0;
    }
    dc->sent = c->auth.signature;
    set_v3(dc, c);
    read_signature(dc);
    return 0;
}

void case_done(struct diagnosis_case *dc)
{
    arena_done(&dc->scratch);
}
