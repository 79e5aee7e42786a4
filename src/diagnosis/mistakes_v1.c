/* Mistakes of version 1: the parameters' order, keys and values, and the signature's form. */

#include "gen/doctor.h"

static bool order(struct signing *r, enum v1_order as)
{
    r->v1.order = as;
    return true;
}

/* A map that keeps the order of insertion looks sorted as long as the keys are few. */
bool mistake_v1_unsorted(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    return order(r, V1_AS_SENT);
}

/* Natural sorting: "apple" before "Nonce", where bytes have it the other way. */
bool mistake_v1_nocase(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    return order(r, V1_NOCASE);
}

/* Signing the query string as it goes out. Three encoders: RFC 3986, forms, and small hexadecimal digits. */
bool mistake_v1_encoded(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    static const enum v1_value values[] = {V1_PERCENT, V1_FORM, V1_PERCENT_LOWER};
    (void)p;
    r->v1.value = values[variant];
    return true;
}

bool mistake_v1_spaces(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    static const enum v1_value values[] = {V1_SPACE_PLUS, V1_SPACE_PERCENT, V1_PLUS_SPACE};
    (void)p;
    r->v1.value = values[variant];
    return true;
}

/* No path, the path as sent, and the address of the interface before this one. */
bool mistake_v1_path(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    if (variant == 0)
        r->v1.path = STR("?");
    else if (variant == 1)
        r->v1.path = JOINED(&p->scratch, p->call->request.path, STR("?"));
    else
        r->v1.path = STR("/v2/index.php?");
    return !str_eq(r->v1.path, STR("/?"));
}

/* The path and the parameters joined without what stands between them. */
bool mistake_v1_mark(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    r->v1.path = STR("/");
    return true;
}

/* SignatureMethod sent and HMAC-SHA1 used, or not sent and HMAC-SHA256 used. */
bool mistake_v1_digest(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    r->v1.sha256 = !r->v1.sha256;
    return true;
}

/* Counted from one; PHP's brackets; underscores, which some SDKs turn back into dots; no index. */
bool mistake_v1_arrays(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    static const enum v1_keys keys[] = {V1_FROM_ONE, V1_BRACKETS, V1_UNDERSCORE, V1_NO_INDEX};
    (void)p;
    r->v1.keys = keys[variant];
    return true;
}

static bool form(struct signing *r, enum v1_form as)
{
    r->v1.form = as;
    return true;
}

/* Only a signature that has lost one: without a '+' in it the form is the right one. */
bool mistake_v1_signature_plus(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)variant;
    return str_find(p->sent, ' ') < p->sent.n && form(r, V1_PLUS_LOST);
}

/* Encoded by hand, and again by the library. */
bool mistake_v1_signature_twice(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)variant;
    return str_find(p->sent, '%') < p->sent.n && form(r, V1_ENCODED);
}

/* The form of version 3. */
bool mistake_v1_hex(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p;
    return form(r, variant == 0 ? V1_HEX : V1_HEX_UPPER);
}

bool mistake_v1_base64_of_hex(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    return form(r, V1_BASE64_OF_HEX);
}

/* Added to the request after it was signed. */
bool mistake_v1_method_left_out(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)variant;
    r->v1.without_method = true;
    return form_find(&p->call->form, STR("SignatureMethod")) != NULL;
}

/* Parameters without a value are sent all the same, and count. */
bool mistake_v1_empty_dropped(struct diagnosis_case *p, size_t variant, struct signing *r)
{
    (void)p, (void)variant;
    r->v1.without_empty = true;
    return true;
}
