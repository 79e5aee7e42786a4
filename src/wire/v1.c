/* Version 1 signatures, over the decoded parameters. */
#include "wire/v1.h"

#include <assert.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/codec.h"
#include "wire/digest.h"

static const struct str signature_key = STR_INIT("Signature");

enum v1_method v1_method_of(const struct form *f)
{
    const struct form_field *field = form_find(f, STR("SignatureMethod"));
    return field && str_eq(field->value, STR("HmacSHA256")) ? V1_HMAC_SHA256 : V1_HMAC_SHA1;
}

/* Repeated keys keep the order sent, so that the text does not depend on the implementation of qsort. */
static int compare_fields(const void *left, const void *right)
{
    const struct form_field *a = *(const struct form_field *const *)left;
    const struct form_field *b = *(const struct form_field *const *)right;
    int order = str_cmp(a->key, b->key);
    return order ? order : (a > b) - (a < b);
}

/* The signed fields in their order. */
static const struct form_field **sort_fields(struct arena *a, const struct form *f, size_t *ret_n)
{
    const struct form_field **sorted = ARENA_ARRAY(a, const struct form_field *, f->n);
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++) {
        if (!str_eq(f->fields[i].key, signature_key))
            sorted[n++] = &f->fields[i];
    }
    qsort(sorted, n, sizeof(sorted[0]), compare_fields);
    *ret_n = n;
    return sorted;
}

/* "k=v&k=v". It is the same for every host, so that a megabyte of parameters is sorted once. */
static struct str signed_parameters(struct arena *a, const struct form *f)
{
    size_t n, size = 0;
    const struct form_field **sorted = sort_fields(a, f, &n);
    struct buf b;
    for (size_t i = 0; i < n; i++)
        size += sorted[i]->key.n + sorted[i]->value.n + 2;
    buf_init(&b, a, size, size);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_putc(&b, '&');
        buf_put(&b, sorted[i]->key);
        buf_putc(&b, '=');
        buf_put(&b, sorted[i]->value);
    }
    assert(!b.over);
    return buf_str(&b);
}

static struct str string_to_sign(struct arena *a, struct str method, struct str host, struct str parameters)
{
    return CONCAT(a, method, host, STR("/?"), parameters);
}

struct str v1_string_to_sign(struct arena *a, struct str method, struct str host, const struct form *f)
{
    return string_to_sign(a, method, host, signed_parameters(a, f));
}

/* Base64, not hexadecimal as in version 3 (documented). */
struct str v1_sign(struct arena *a, enum v1_method method, struct str secret_key, struct str text)
{
    uint8_t mac[SHA256_BYTES];
    if (method == V1_HMAC_SHA256) {
        hmac_sha256(secret_key, text, mac);
        return base64_encode(a, mac, SHA256_BYTES);
    }
    hmac_sha1(secret_key, text, mac);
    return base64_encode(a, mac, SHA1_BYTES);
}

int v1_verify(struct arena *a, const struct v1_claim *claim, const struct host_names *hosts, size_t *ret_host)
{
    const struct form_field *signature = form_find(claim->form, signature_key);
    enum v1_method method = v1_method_of(claim->form);
    if (!signature)
        return -1;
    struct str sent = str_trim(signature->value);
    struct str parameters = signed_parameters(a, claim->form);
    for (size_t i = 0; i < hosts->n; i++) {
        struct str text = string_to_sign(a, claim->request->method, hosts->v[i], parameters);
        if (equal_constant_time(v1_sign(a, method, claim->secret_key, text), sent)) {
            *ret_host = i;
            return 0;
        }
    }
    return -1;
}
