/* Mistakes in what signs: the secret, the chain of keys, and the scope's parts that go into it. */

#include "base/codec.h"
#include "gen/doctor.h"

/* --- the secret --- */

static bool edge(struct signing *r, struct str before, struct str after)
{
    r->key.before = before;
    r->key.after = after;
    return true;
}

/* A key from a file: what `echo` and editors put behind it on Unix, Windows and old Macs. */
bool mistake_secret_line_end(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    static const struct str ends[] = {STR_INIT("\n"), STR_INIT("\r\n"), STR_INIT("\r")};
    (void)p;
    return edge(r, STR(""), ends[variant]);
}

/* A key from a web page or a spreadsheet, where a space may be one that does not break, or has no width. */
bool mistake_secret_space(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    static const struct str edges[][2] = {
        {STR_INIT(""), STR_INIT(" ")},           {STR_INIT(" "), STR_INIT("")},
        {STR_INIT(" "), STR_INIT(" ")},          {STR_INIT(""), STR_INIT("\t")},
        {STR_INIT("\t"), STR_INIT("")},          {STR_INIT(""), STR_INIT("\xc2\xa0")},
        {STR_INIT(""), STR_INIT("\xe2\x80\x8b")}};
    (void)p;
    return edge(r, edges[variant][0], edges[variant][1]);
}

/* A key from an .env file whose reader keeps the quotes, or from a page that has made them typographic. */
bool mistake_secret_quotes(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    static const struct str quotes[][2] = {{STR_INIT("\""), STR_INIT("\"")},
                                           {STR_INIT("'"), STR_INIT("'")},
                                           {STR_INIT("`"), STR_INIT("`")},
                                           {STR_INIT("\xe2\x80\x9c"), STR_INIT("\xe2\x80\x9d")}};
    (void)p;
    return edge(r, quotes[variant][0], quotes[variant][1]);
}

/* A key from a file that an editor saved as "UTF-8 with BOM". */
bool mistake_secret_bom(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    return edge(r, STR("\xef\xbb\xbf"), STR(""));
}

/* OAuth 1 and the signatures that come from it end the key so. */
bool mistake_v1_key_mark(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    return edge(r, STR(""), STR("&"));
}

/* The two arguments of a constructor exchanged, or one of them given twice. */
bool mistake_secret_id(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)variant;
    r->key.secret = p->call->credential->secret_id;
    return true;
}

/* The map has no order of its own, but the same one in every run of the same world. */
bool mistake_secret_other(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    const struct map *all = &p->call->world->accounts.credentials;
    for (size_t i = 0, n = 0; i < all->room; i++) {
        const struct credential *cred = all->slots[i].value;
        if (!cred || cred == p->call->credential || n++ != variant)
            continue;
        r->key.secret = cred->secret_key;
        return true;
    }
    return false;
}

/* A double click or a column that is too narrow loses the last, a hurried selection the first. */
bool mistake_secret_cut(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    const struct str key = p->call->credential->secret_key;
    if (key.n < 2)
        return false;
    r->key.secret = variant == 0 ? str_head(key, key.n - 1) : str_skip(key, 1);
    return true;
}

/* Some configuration readers change the case of all values. */
bool mistake_secret_case(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    struct str key = arena_dup(&p->scratch, p->call->credential->secret_key);
    char *c = (char *)(uintptr_t)key.p; /* ours since the line above */
    for (size_t i = 0; i < key.n; i++) {
        if (variant == 0 && c[i] >= 'A' && c[i] <= 'Z')
            c[i] = (char)(c[i] + ('a' - 'A'));
        else if (variant == 1 && c[i] >= 'a' && c[i] <= 'z')
            c[i] = (char)(c[i] - ('a' - 'A'));
    }
    r->key.secret = key;
    return true;
}

static bool prefix(struct signing *r, struct str text)
{
    r->key.prefix = text;
    return true;
}

bool mistake_prefix_missing(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    return prefix(r, STR(""));
}

bool mistake_prefix_aws4(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    return prefix(r, STR("AWS4"));
}

bool mistake_prefix_lower(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    return prefix(r, STR("tc3"));
}

/* --- the chain --- */

/* hexdigest() for digest(), and its like in every language. */
bool mistake_chain_hex(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    r->key.chain = CHAIN_HEX;
    return true;
}

/* The signature itself has the length of SHA-256, or its form would have been refused. */
bool mistake_chain_sha1(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    r->key.chain = CHAIN_SHA1;
    return true;
}

/* In all HMACs, in the chain alone, in the last alone: libraries disagree on which argument is the key. */
bool mistake_chain_swapped(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p;
    if (variant != 2)
        r->key.chain = CHAIN_SWAPPED;
    r->key.swap_last = variant != 1;
    return true;
}

/* With its prefix, or without. */
bool mistake_chain_none(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p;
    r->key.chain = CHAIN_NONE;
    if (variant == 1)
        r->key.prefix = STR("");
    return true;
}

/* kService taken for kSigning. */
bool mistake_chain_short(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    r->key.terminator = STR("");
    return true;
}

/* --- the parts of the scope: in both places, in the string to sign, in the chain --- */

bool mistake_terminator_aws4(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    const struct str other = STR("aws4_request");
    (void)p;
    if (variant != 2)
        r->string.terminator = other;
    if (variant != 1 && r->key.terminator.n > 0)
        r->key.terminator = other;
    return true;
}

bool mistake_scope_region(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    const struct str region = p->call->common.region;
    if (variant != 2)
        r->string.region = region;
    if (variant != 1)
        r->key.region = region;
    return region.n > 0;
}

/* The whole of Credential= taken for the scope. */
bool mistake_scope_credential(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)variant;
    r->string.before = JOINED(&p->scratch, p->call->auth.secret_id, STR("/"));
    return true;
}

/* The product's English title without spaces. */
static struct str title_word(struct diagnosis_case *p)
{
    struct str rest = p->call->product->title[LANG_EN], word = STR(""), part;
    while (str_next(&rest, ' ', &part))
        word = CONCAT(&p->scratch, word, part);
    return word;
}

/* What clients take for the service. p == NULL where it is no other than the one sent. */
static struct str other_service(struct diagnosis_case *p, size_t variant)
{
    const struct str host = request_header(&p->call->request, STR("Host"));
    const struct str names[] = {STR("cvm"), p->call->product->name, str_head(host, str_find(host, '.')),
                                host,       title_word(p),          STR("tc3")};
    return str_eq(names[variant], p->call->auth.service) ? (struct str){NULL, 0} : names[variant];
}

/* In both places. */
bool mistake_service(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    r->string.service = r->key.service = other_service(p, variant);
    return r->key.service.p != NULL;
}

bool mistake_service_key(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    r->key.service = other_service(p, variant);
    return r->key.service.p != NULL;
}
