/*
 * What is wrong with a malformed Authorization header: one check for each row of the second table.
 *
 * The checks run in the order of the table, from the whole header to its parts. So each may assume that those
 * before it have not fitted: form_scope_parts, for example, has a credential that is not empty.
 */
#include "base/codec.h"
#include "gateway/route.h"
#include "gen/doctor.h"

/* --- the parts of the header --- */

/* Keeps the last part of a name that comes twice, and counts that. */
static void take_part(struct str part, struct str key, struct str *value, size_t *repeated)
{
    if (!str_starts(part, key))
        return;
    *repeated += value->p != NULL;
    *value = str_skip(part, key.n);
}

void malformed_parse(const struct call *c, struct malformed *ret_malformed)
{
    struct malformed m = {.value = str_trim(request_header(&c->request, STR("Authorization")))};
    struct str rest = m.value, part;
    (void)str_next(&rest, ' ', &m.algorithm);
    while (str_next(&rest, ',', &part)) {
        part = str_trim(part);
        m.stray += part.n > 0 && str_find(part, '=') == part.n;
        take_part(part, STR("Credential="), &m.credential, &m.repeated);
        take_part(part, STR("SignedHeaders="), &m.signed_headers, &m.repeated);
        take_part(part, STR("Signature="), &m.signature, &m.repeated);
    }
    /* The step that failed splits the header before it looks at the service. */
    m.service_known = c->auth.service.n == 0 || hosts_allow_service(c, c->auth.service);
    *ret_malformed = m;
}

static bool contains(struct str text, const char *what)
{
    return text.n > 0 && memmem(text.p, text.n, what, strlen(what)) != NULL;
}

static bool contains_nocase(struct str text, struct str what)
{
    for (size_t i = 0; i + what.n <= text.n; i++)
        if (str_eq_nocase(str_head(str_skip(text, i), what.n), what))
            return true;
    return false;
}

/* --- the whole header --- */

static const struct str right_algorithm = STR_INIT("TC3-HMAC-SHA256");

bool form_empty(const struct malformed *m)
{
    return m->value.n == 0;
}

/* What the SDKs send when they are set to skip the signature. */
bool form_skip(const struct malformed *m)
{
    return str_eq(m->value, STR("SKIP"));
}

/* A client of another API, or a proxy that adds a header of its own. */
bool form_bearer(const struct malformed *m)
{
    return str_eq_nocase(m->algorithm, STR("Bearer")) || str_eq_nocase(m->algorithm, STR("Basic"));
}

/* A signing library of another cloud: the chain of keys is similar. */
bool form_aws4(const struct malformed *m)
{
    return str_eq_nocase(str_head(m->algorithm, 4), STR("AWS4"));
}

/* As RFC 7616 has them around values. */
bool form_quotes(const struct malformed *m)
{
    return contains(m->value, "\"") || contains(m->value, "'");
}

/* A constant in lower case, or a template that changes the case. */
bool form_algorithm_case(const struct malformed *m)
{
    return str_eq_nocase(m->algorithm, right_algorithm) && !str_eq(m->algorithm, right_algorithm);
}

/* Another algorithm, or none in front of the parts. */
bool form_algorithm(const struct malformed *m)
{
    return !str_eq(m->algorithm, right_algorithm);
}

/* Two parts in one: the value of the first continues with the name of another. */
static bool runs_on(struct str value)
{
    return contains(value, "Credential=") || contains(value, "SignedHeaders=") ||
           contains(value, "Signature=");
}

bool form_separator(const struct malformed *m)
{
    return runs_on(m->credential) || runs_on(m->signed_headers) || runs_on(m->signature);
}

/* The parts written as in a header or in JSON. */
bool form_colon(const struct malformed *m)
{
    return contains(m->value, "Credential:") || contains(m->value, "SignedHeaders:") ||
           contains(m->value, "Signature:");
}

/* A part that is there, but under a name in another case, which the gateway does not know. */
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

/* The n-th part of the credential, from 0; p == NULL when it has fewer. */
static struct str credential_part(const struct malformed *m, size_t n)
{
    struct str rest = m->credential, found = {NULL, 0};
    for (size_t i = 0; i <= n; i++)
        if (!str_next(&rest, '/', &found))
            return (struct str){NULL, 0};
    return found;
}

static size_t credential_parts(const struct malformed *m)
{
    size_t n = 0;
    while (credential_part(m, n).p)
        n++;
    return n;
}

bool form_no_credential(const struct malformed *m)
{
    return m->credential.n == 0;
}

/* A variable that was not set. */
bool form_secret_id(const struct malformed *m)
{
    return credential_part(m, 0).n == 0;
}

/* The scope of another cloud: date, region, service, terminator. */
bool form_scope_region(const struct malformed *m)
{
    return credential_parts(m) == 5 && str_ends(credential_part(m, 4), STR("_request"));
}

bool form_scope_parts(const struct malformed *m)
{
    return credential_parts(m) != 4;
}

/* A date without dashes, in another order, or a whole timestamp. */
bool form_date(const struct malformed *m)
{
    static const struct str shape = STR_INIT("dddd-dd-dd");
    const struct str date = credential_part(m, 1);
    for (size_t i = 0; i < shape.n && i < date.n; i++)
        if (shape.p[i] == 'd' ? !ascii_is_digit(date.p[i]) : date.p[i] != '-')
            return true;
    return date.n != shape.n;
}

bool form_terminator(const struct malformed *m)
{
    return !str_eq(credential_part(m, 3), STR("tc3_request"));
}

/* A service of the cloud that the emulator does not have, or what an SDK makes of an address. */
bool form_service(const struct malformed *m)
{
    return !m->service_known;
}

/* --- SignedHeaders --- */

/* How often a name is in the list, without regard to case. */
static size_t count_name(struct str names, struct str wanted)
{
    struct str name;
    size_t n = 0;
    while (str_next(&names, ';', &name))
        n += str_eq_nocase(name, wanted);
    return n;
}

bool form_no_signed_headers(const struct malformed *m)
{
    return m->signed_headers.n == 0;
}

/* The second name of "content-type,host" is a part of the header on its own, without '='. */
bool form_names_separator(const struct malformed *m)
{
    for (const char *other = ": &|"; *other; other++)
        if (str_find(m->signed_headers, *other) < m->signed_headers.n)
            return true;
    return m->stray > 0;
}

/* The protocol requires these two. */
bool form_names_missing(const struct malformed *m)
{
    return count_name(m->signed_headers, STR("content-type")) == 0 ||
           count_name(m->signed_headers, STR("host")) == 0;
}

bool form_names_twice(const struct malformed *m)
{
    struct str names = m->signed_headers, name;
    while (str_next(&names, ';', &name))
        if (name.n == 0 || count_name(m->signed_headers, name) > 1)
            return true;
    return false;
}

/* --- Signature --- */

bool form_no_signature(const struct malformed *m)
{
    return m->signature.n == 0;
}

/* The length of SHA-1, which version 1 has by default. */
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
