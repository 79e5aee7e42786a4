/*
 * TC3-HMAC-SHA256: the Authorization header taken apart.
 *
 * Only its form is judged here. Whether the date is the timestamp's, the credential known and the service
 * ours are questions of later steps, each with an answer of its own.
 */
#include "wire/tc3.h"

#include "base/ascii.h"
#include "base/limits.h"

/* The form only; whether it is the timestamp's day shows in the signature. */
static bool date_shaped(struct str s)
{
    static const char form[] = "dddd-dd-dd";

    if (s.n != sizeof(form) - 1)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (form[i] == 'd' ? !ascii_is_digit(s.p[i]) : s.p[i] != form[i])
            return false;
    }
    return true;
}

/* <SecretId>/<Date>/<service>/tc3_request, nothing of it empty. */
static bool take_credential(struct str value, struct tc3_authorization *auth)
{
    struct str end;

    if (!str_next(&value, '/', &auth->secret_id) || !str_next(&value, '/', &auth->date) ||
        !str_next(&value, '/', &auth->service) || !str_next(&value, '/', &end))
        return false;
    return value.p == NULL && auth->secret_id.n > 0 && date_shaped(auth->date) && auth->service.n > 0 &&
           str_eq(end, STR(TC3_TERMINATOR));
}

/* Whether `name` is among the first `n` names of the list. */
static bool listed(struct str names, size_t n, struct str name)
{
    struct str other;

    while (n-- > 0 && str_next(&names, ';', &other)) {
        if (str_eq_nocase(other, name))
            return true;
    }
    return false;
}

/* An empty or a repeated name is refused (assumed). For repeats there is a reason of our own: each occurrence
 * would copy the header's value, so a small request could ask for a very large canonical request. */
static bool take_signed_headers(struct str value, struct tc3_authorization *auth)
{
    struct str rest = value, name;
    size_t n = 0;

    while (str_next(&rest, ';', &name)) {
        if (name.n == 0 || n == LIMIT_HEADER_COUNT || listed(value, n, name))
            return false;
        n++;
    }
    auth->signed_headers = value;
    return listed(value, n, STR("content-type")) && listed(value, n, STR("host"));
}

static bool take_signature(struct str value, struct tc3_authorization *auth)
{
    if (value.n != SHA256_HEX)
        return false;
    for (size_t i = 0; i < value.n; i++) {
        if (ascii_hex_value(value.p[i]) < 0)
            return false;
    }
    auth->signature = value;
    return true;
}

/* In the order in which a fault is reported. */
static const struct part {
    struct str key;
    enum tc3_part fault;
    bool (*take)(struct str value, struct tc3_authorization *auth);
} parts[] = {
    {STR_INIT("Credential="), TC3_CREDENTIAL, take_credential},
    {STR_INIT("SignedHeaders="), TC3_SIGNED_HEADERS, take_signed_headers},
    {STR_INIT("Signature="), TC3_SIGNATURE, take_signature},
};

/* The value of the one part that starts with `key`; p == NULL when there is none, or two, which might
 * disagree. */
static struct str find_part(struct str rest, struct str key)
{
    struct str found = {NULL, 0}, part;

    while (str_next(&rest, ',', &part)) {
        part = str_trim(part);
        if (!str_starts(part, key))
            continue;
        if (found.p)
            return (struct str){NULL, 0};
        found = str_skip(part, key.n);
    }
    return found;
}

/* By the order of the table and not of the header, so that of several faults the same one is told whatever
 * order a client has. */
enum tc3_part tc3_parse(struct str value, struct tc3_authorization *ret_auth)
{
    struct tc3_authorization auth = {0};
    struct str rest = str_trim(value), word;

    if (!str_next(&rest, ' ', &word) || !str_eq(word, STR(TC3_ALGORITHM_NAME)))
        return TC3_ALGORITHM;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        const struct str text = find_part(rest, parts[i].key);

        if (!text.p || !parts[i].take(text, &auth))
            return parts[i].fault;
    }
    *ret_auth = auth;
    return TC3_NOTHING;
}
