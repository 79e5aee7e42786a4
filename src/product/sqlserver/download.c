/* Download addresses. An address contains everything that its check needs: the account that received it, the
 * end of its validity, and the file. So nothing is stored for it, and it stays valid after a restart. */
#include "product/sqlserver/download.h"

#include <assert.h>

#include "base/buf.h"
#include "base/codec.h"
#include "base/str.h"
#include "core/base_url.h"
#include "product/sqlserver/backup.h"
#include "wire/digest.h"
#include "wire/form.h"
#include "wire/request.h"

/* --- making an address --- */

static bool is_unreserved(char ch)
{
    return ascii_is_letter(ch) || ascii_is_digit(ch) || (ch && strchr("-._~", ch));
}

/* Percent-encodes with lower-case digits, as the service does. */
static struct str escaped(struct arena *a, struct str text)
{
    struct buf b;
    buf_init(&b, a, text.n + 1, 3 * text.n + 1);
    for (size_t i = 0; i < text.n; i++)
        if (is_unreserved(text.p[i]))
            buf_putc(&b, text.p[i]);
        else
            buf_printf(&b, "%%%02x", (unsigned char)text.p[i]);
    return buf_str(&b);
}

/* "/<uin>%2fsqlserver%2f<instance>%2fbackup%2f<file>" */
static struct str path_of(struct call *c, struct str uin, const struct instance *instance,
                          const struct backup_row *row)
{
    struct str file = backup_file_name(c->arena, instance, row);
    return arena_printf(c->arena, "/%.*s%%2fsqlserver%%2f%.*s%%2fbackup%%2f%.*s", STR_ARG(uin),
                        STR_ARG(instance->instance_id), STR_ARG(escaped(c->arena, file)));
}

/* What the parameter `sign` contains besides its signature. */
struct claim {
    struct str secret_id; /* of the call whose answer had the address */
    struct str window;    /* "from;to", seconds */
};

/* Signs with the world's secret and not with a credential: a client can guess the ids of other accounts'
 * backups, and must not be able to make an address for one. */
static struct str signature_of(struct call *c, struct str path, const struct claim *claim)
{
    uint8_t mac[SHA1_BYTES];
    char *hex = arena_alloc(c->arena, 2 * SHA1_BYTES);
    struct str text = arena_printf(c->arena, "%.*s\n%.*s\n%.*s", STR_ARG(path), STR_ARG(claim->window),
                                   STR_ARG(claim->secret_id));
    assert(c->world->secret.n > 0);
    hmac_sha1(c->world->secret, text, mac);
    hex_encode(mac, sizeof mac, hex);
    return (struct str){hex, 2 * SHA1_BYTES};
}

/* The whole parameter `sign`, not encoded. */
static struct str sign_of(struct call *c, struct str path, const struct claim *claim)
{
    struct str signature = signature_of(c, path, claim), id = escaped(c->arena, claim->secret_id);
    return arena_printf(c->arena,
                        "q-sign-algorithm=sha1&q-ak=%.*s&q-sign-time=%.*s&q-key-time=%.*s"
                        "&q-header-list=&q-url-param-list=&q-signature=%.*s",
                        STR_ARG(id), STR_ARG(claim->window), STR_ARG(claim->window), STR_ARG(signature));
}

struct str download_address(struct call *c, const struct instance *instance, const struct backup_row *row)
{
    enum { VALID_SECONDS = 900 }; /* documented */
    struct str path = path_of(c, c->credential->account->uin, instance, row);
    long long from = (long long)(world_now_ms(c->world) / 1000), to = from + VALID_SECONDS;
    struct claim claim = {c->credential->secret_id, arena_printf(c->arena, "%lld;%lld", from, to)};
    struct str sign = escaped(c->arena, sign_of(c, path, &claim));
    return arena_printf(c->arena, "%.*s%.*s?sign=%.*s&id=%lld", STR_ARG(base_url_of(c)), STR_ARG(path),
                        STR_ARG(sign), (long long)backup_row_file_id(row));
}

/* --- checking an address --- */

/* The query of an address. */
struct address_query {
    struct str sign; /* the whole parameter, decoded */
    struct claim claim;
    int64_t to; /* of the window, seconds */
    int64_t file_id;
};

/* A part of the parameter `sign`, which is a query string itself; empty when it is missing. */
static struct str part_of(struct call *c, struct str sign, struct str key)
{
    struct form parts;
    if (form_parse(c->arena, sign, &parts) != FORM_OK)
        return STR("");
    const struct form_field *f = form_find(&parts, key);
    return f ? f->value : STR("");
}

static int read_query(struct call *c, struct address_query *ret_query)
{
    struct form query;
    if (form_parse(c->arena, c->request.query, &query) != FORM_OK)
        return -1;
    const struct form_field *sign = form_find(&query, STR("sign")), *id = form_find(&query, STR("id"));
    if (!sign || !id || str_to_i64(id->value, &ret_query->file_id) != 0)
        return -1;
    struct str window = part_of(c, sign->value, STR("q-sign-time"));
    ret_query->sign = sign->value;
    ret_query->claim = (struct claim){part_of(c, sign->value, STR("q-ak")), window};
    return str_to_i64(str_skip(window, str_find(window, ';') + 1), &ret_query->to);
}

/* The path with its escapes in lower case, as addresses are made: clients write them in upper case, the
 * normal form of a URL (urllib3 does). */
static struct str lower_escapes(struct arena *a, struct str path)
{
    char *lower = memcpy(arena_alloc(a, path.n + 1), path.p, path.n);
    for (size_t i = 0; i < path.n; i++)
        if ((i >= 1 && path.p[i - 1] == '%') || (i >= 2 && path.p[i - 2] == '%'))
            lower[i] = ascii_hex_value(path.p[i]) >= 0 ? ascii_lower(path.p[i]) : path.p[i];
    return (struct str){lower, path.n};
}

static bool is_address(struct str path)
{
    const struct str product = STR("%2fsqlserver%2f");
    struct str rest = str_skip(path, 1);
    size_t digits = 0;
    while (digits < rest.n && ascii_is_digit(rest.p[digits]))
        digits++;
    return digits > 0 && str_eq_nocase(str_head(str_skip(rest, digits), product.n), product);
}

bool download_owns(const struct request *r)
{
    return (str_eq(r->method, STR("GET")) || str_eq(r->method, STR("HEAD"))) && is_address(r->path);
}

/* --- serving a file --- */

/* Finds the instance of a flow and its account, because a download has no credential or region. 1, 0 when
 * there is none, -1 when the store failed. */
static int find_owner(struct call *c, int64_t flow, struct instance *ret_instance, struct str *ret_uin)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT instance.id, instance.account, instance.instance_id, instance.region, instance.port,"
                " instance.backup_save_days FROM flow JOIN instance ON instance.id = flow.instance"
                " WHERE flow.id = :flow");
    stmt_bind_i64(s, ":flow", flow);
    int rc = stmt_step(s);
    if (rc != 1)
        return rc;
    *ret_instance = (struct instance){.row = stmt_i64(s, "id"),
                                      .instance_id = stmt_str(s, c->arena, "instance_id"),
                                      .region = stmt_str(s, c->arena, "region"),
                                      .port = stmt_i64(s, "port"),
                                      .keep_ms = instance_keep_ms(stmt_i64(s, "backup_save_days"))};
    *ret_uin = stmt_str(s, c->arena, "account");
    return 1;
}

/* Answers with an error in the form of the object storage that the service uses: an XML document. */
static int reject(struct call *c, int status, struct str code, struct str message)
{
    c->message = message;
    c->answer = arena_printf(c->arena,
                             "<?xml version='1.0' encoding='utf-8' "
                             "?>\n<Error>\n\t<Code>%.*s</Code>\n\t<Message>%.*s</Message>\n</Error>\n",
                             STR_ARG(code), STR_ARG(message));
    return status;
}

/* Reduces c->answer, which has the whole file, to the part that the request asks for. */
static int cut_to_range(struct call *c)
{
    struct byte_range part;
    unsigned long long size = c->answer.n;
    switch (range_of(&c->request, c->answer.n, &part)) {
    case RANGE_OUTSIDE:
        c->file_range = arena_printf(c->arena, "bytes */%llu", size);
        return reject(c, 416, STR("InvalidRange"), STR("The requested range cannot be satisfied."));
    case RANGE_PART:
        assert(part.n > 0 && part.from + part.n <= c->answer.n);
        c->answer = str_head(str_skip(c->answer, part.from), part.n);
        c->file_range = arena_printf(c->arena, "bytes %llu-%llu/%llu", (unsigned long long)part.from,
                                     (unsigned long long)(part.from + part.n - 1), size);
        return 206;
    case RANGE_WHOLE:
        break;
    }
    return 200;
}

/* Reports a missing file before it checks the signature, because the address may have been valid once. A
 * client with a wrong signature learns only that an id is not used. */
static int serve_file(struct call *c, const struct address_query *query)
{
    struct backup_file_ref ref;
    struct instance instance;
    struct backup_row row;
    struct str uin;
    int rc = backup_file_ref(query->file_id, &ref) ? find_owner(c, ref.flow, &instance, &uin) : 0;
    if (rc == 1 && (rc = backup_find_file(c, &instance, query->file_id, &row)) == 0)
        rc = backup_find_log(c, &instance, query->file_id, &row);
    if (rc != 1)
        return reject(c, 404, STR("NoSuchKey"), STR("The specified key does not exist."));
    struct str path = path_of(c, uin, &instance, &row);
    if (!str_eq(path, lower_escapes(c->arena, c->request.path)) ||
        !equal_constant_time(query->sign, sign_of(c, path, &query->claim)))
        return reject(c, 403, STR("SignatureDoesNotMatch"),
                      STR("The signature in the request does not match."));
    c->file_name = backup_file_name(c->arena, &instance, &row);
    c->answer = backup_file_body(c->arena, &instance, &row);
    return cut_to_range(c);
}

int download_serve(struct call *c)
{
    struct address_query query;
    assert(download_owns(&c->request));
    if (read_query(c, &query) != 0)
        return reject(c, 403, STR("AccessDenied"), STR("The address has no signature."));
    if (world_now_ms(c->world) / 1000 > query.to)
        return reject(c, 403, STR("AccessDenied"), STR("Request has expired"));
    return serve_file(c, &query);
}
