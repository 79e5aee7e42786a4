#include "product/sqlserver/download.h"

#include "base/buf.h"
#include "base/codec.h"
#include "product/sqlserver/backup.h"
#include "product/sqlserver/filebody.h"
#include "wire/digest.h"
#include "wire/form.h"

/* Documented: an address is valid for 15 minutes. */
enum { ADDRESS_SECONDS = 900 };

/* --- making one --- */

static struct str path_of(struct call *c, struct str uin, const struct instance *instance,
                          const struct backup_row *row)
{
    struct str file = backup_file_name(c->arena, instance, row);
    return arena_printf(c->arena, "/%.*s%%2fsqlserver%%2f%.*s%%2fbackup%%2f%.*s", STR_ARG(uin),
                        STR_ARG(instance->instance_id), STR_ARG(file));
}

/* No secret: it only tells addresses that virga made from others. */
static struct str signature_of(struct call *c, struct str path, struct str window)
{
    uint8_t mac[SHA1_BYTES];
    char *hex = arena_alloc(c->arena, 2 * SHA1_BYTES);
    hmac_sha1(STR("virga download"), arena_printf(c->arena, "%.*s\n%.*s", STR_ARG(path), STR_ARG(window)),
              mac);
    hex_encode(mac, sizeof mac, hex);
    return (struct str){hex, 2 * SHA1_BYTES};
}

struct str download_address(struct call *c, const struct instance *instance, const struct backup_row *row)
{
    struct str uin = c->credential->account->uin;
    struct str path = path_of(c, uin, instance, row);
    long long from = (long long)(world_now_ms(c->world) / 1000), to = from + ADDRESS_SECONDS;
    struct str window = arena_printf(c->arena, "%lld;%lld", from, to);
    struct str signature = signature_of(c, path, window);
    int64_t id = backup_file_id((struct backup_file_ref){row->flow, row->ordinal});
    return arena_printf(
        c->arena,
        "%.*s%.*s?sign=q-sign-algorithm%%3dsha1%%26q-ak%%3d%.*s%%26q-sign-time%%3d%lld%%3b%lld"
        "%%26q-key-time%%3d%lld%%3b%lld%%26q-header-list%%3d%%26q-url-param-list%%3d%%26q-signature%%3d%.*s"
        "&id=%lld",
        STR_ARG(c->world->endpoint), STR_ARG(path), STR_ARG(c->credential->secret_id), from, to, from, to,
        STR_ARG(signature), (long long)id);
}

/* --- serving one --- */

/* What the query of an address says. */
struct claim {
    struct str window, signature; /* "from;to" */
    int64_t to;                   /* seconds */
    int64_t file_id;
};

static struct str part_of(struct call *c, struct str sign, struct str key)
{
    struct form parts;
    if (form_parse(c->arena, sign, &parts) != FORM_OK)
        return STR("");
    const struct form_field *f = form_find(&parts, key);
    return f ? f->value : STR("");
}

static int read_claim(struct call *c, struct claim *ret_claim)
{
    struct form query;
    if (form_parse(c->arena, c->request.query, &query) != FORM_OK)
        return -1;
    const struct form_field *sign = form_find(&query, STR("sign")), *id = form_find(&query, STR("id"));
    if (!sign || !id || str_to_i64(id->value, &ret_claim->file_id) != 0)
        return -1;
    ret_claim->window = part_of(c, sign->value, STR("q-sign-time"));
    ret_claim->signature = part_of(c, sign->value, STR("q-signature"));
    struct str to = str_skip(ret_claim->window, str_find(ret_claim->window, ';') + 1);
    return str_to_i64(to, &ret_claim->to);
}

/* The instance of a flow and the account it belongs to: a download comes without credential or region. 1, 0,
 * -1 when the store failed. */
static int owner_of(struct call *c, int64_t flow, struct instance *ret_instance, struct str *ret_uin)
{
    DB_STMT(s, c->world->db,
            "SELECT instance.id, instance.account, instance.instance_id, instance.region, instance.port,"
            " instance.backup_save_days * 86400000 AS keep_ms FROM flow JOIN instance ON instance.id = "
            "flow.instance"
            " WHERE flow.id = :flow");
    stmt_bind_i64(s, ":flow", flow);
    int rc = stmt_step(s);
    if (rc != 1)
        return rc;
    *ret_instance = (struct instance){.row = stmt_i64(s, "id"),
                                      .instance_id = stmt_str(s, c->arena, "instance_id"),
                                      .region = stmt_str(s, c->arena, "region"),
                                      .port = stmt_i64(s, "port"),
                                      .keep_ms = stmt_i64(s, "keep_ms")};
    *ret_uin = stmt_str(s, c->arena, "account");
    return 1;
}

static int refuse(struct call *c, int status, struct str code, struct str message)
{
    c->answer = arena_printf(c->arena,
                             "<?xml version='1.0' encoding='utf-8' "
                             "?>\n<Error>\n\t<Code>%.*s</Code>\n\t<Message>%.*s</Message>\n</Error>\n",
                             STR_ARG(code), STR_ARG(message));
    return status;
}

/* The path with its escapes in small letters, as an address is made: clients write them in capitals, the
 * normal form of a URL (urllib3 does). */
static struct str small_escapes(struct arena *a, struct str path)
{
    char *small = memcpy(arena_alloc(a, path.n + 1), path.p, path.n);
    for (size_t i = 0; i < path.n; i++)
        if ((i >= 1 && path.p[i - 1] == '%') || (i >= 2 && path.p[i - 2] == '%'))
            small[i] = path.p[i] >= 'A' && path.p[i] <= 'F' ? (char)(path.p[i] + ('a' - 'A')) : path.p[i];
    return (struct str){small, path.n};
}

static int serve_file(struct call *c, const struct claim *claim)
{
    struct backup_file_ref ref;
    struct instance instance;
    struct backup_row row;
    struct str uin;
    if (!backup_file_ref(claim->file_id, &ref) || owner_of(c, ref.flow, &instance, &uin) != 1 ||
        backup_find_file(c, &instance, claim->file_id, &row) != 1)
        return refuse(c, 404, STR("NoSuchKey"), STR("The specified key does not exist."));
    struct str path = path_of(c, uin, &instance, &row);
    if (!str_eq(path, small_escapes(c->arena, c->request.path)) ||
        !equal_constant_time(claim->signature, signature_of(c, path, claim->window)))
        return refuse(c, 403, STR("SignatureDoesNotMatch"),
                      STR("The signature in the request does not match."));
    c->answer = filebody_make(c->arena, &instance, &row);
    return 200;
}

static bool is_address(struct str path)
{
    struct str rest = str_skip(path, 1);
    size_t digits = 0;
    while (digits < rest.n && rest.p[digits] >= '0' && rest.p[digits] <= '9')
        digits++;
    const struct str product = STR("%2fsqlserver%2f");
    return digits > 0 && str_eq_nocase(str_head(str_skip(rest, digits), product.n), product);
}

int download_serve(struct call *c)
{
    struct claim claim;
    if (!str_eq(c->request.method, STR("GET")) || !is_address(c->request.path))
        return 0;
    if (read_claim(c, &claim) != 0)
        return refuse(c, 403, STR("AccessDenied"), STR("The address has no signature."));
    if (world_now_ms(c->world) / 1000 > claim.to)
        return refuse(c, 403, STR("AccessDenied"), STR("Request has expired"));
    return serve_file(c, &claim);
}
