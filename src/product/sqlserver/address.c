#include "product/sqlserver/address.h"

/* --- networks --- */

int address_check_network(struct call *c, struct str vpc_id, struct str subnet_id)
{
    const struct str vpc = STR("vpc-"), subnet = STR("subnet-");
    if (str_starts(vpc_id, vpc) && vpc_id.n > vpc.n && str_starts(subnet_id, subnet) &&
        subnet_id.n > subnet.n)
        return 0;
    enum { SHOWN_ID = 64 };
    return call_fail_explained(c, ERR_RESOURCE_NOT_FOUND_VPC_NOT_EXIST, "network.unknown",
                               "\"%.*s\" and \"%.*s\" are not ids like vpc-... and subnet-...",
                               STR_ARG(str_head(vpc_id, SHOWN_ID)), STR_ARG(str_head(subnet_id, SHOWN_ID)));
}

/* --- addresses --- */

/* "10.0.0.16": four numbers up to 255, without a zero before another digit. */
static bool is_ipv4(struct str text)
{
    enum { PARTS = 4, DIGITS_MAX = 3, BYTE_MAX = 255 };
    size_t n = 0;
    struct str part;
    while (str_next(&text, '.', &part)) {
        uint64_t number;
        bool padded = part.n > 1 && part.p[0] == '0';
        if (++n > PARTS || part.n > DIGITS_MAX || padded || str_to_u64(part, &number) != 0 ||
            number > BYTE_MAX)
            return false;
    }
    return n == PARTS;
}

/* 1 when another instance of the caller has the address in the VPC, for itself or for its replica, or one
 * keeps it; 0 when not, -1 when the store failed. */
static int in_use(struct call *c, const struct instance *instance, struct str vpc_id, struct str vip)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT 1 FROM instance WHERE account = :account AND region = :region"
                " AND ((vip = :vip AND vpc_id = :vpc AND id <> :own)"
                " OR (read_vip = :vip AND read_vpc_id = :vpc AND id <> :own)"
                " OR EXISTS (SELECT 1 FROM old_vip WHERE old_vip.instance = instance.id"
                " AND old_vip.vip = :vip AND coalesce(until_ms > :now, 1))) LIMIT 1");
    call_bind_owner(c, s);
    stmt_bind_str(s, ":vip", vip);
    stmt_bind_str(s, ":vpc", vpc_id);
    stmt_bind_i64(s, ":own", instance->row);
    stmt_bind_i64(s, ":now", world_now_ms(c->world));
    return stmt_step(s);
}

static int reject_form(struct call *c, struct str vip)
{
    enum { SHOWN_TEXT = 64 };
    static const enum error_id codes[] = {ERR_INVALID_PARAMETER_VALUE,
                                          ERR_RESOURCE_NOT_FOUND_PARAMS_NOT_FOUND};
    return call_fail_explained(c, call_first_declared(c, codes, sizeof codes / sizeof codes[0]),
                               "address.form", "\"%.*s\" is not an IPv4 address",
                               STR_ARG(str_head(vip, SHOWN_TEXT)));
}

static int reject_in_use(struct call *c, struct str vpc_id, struct str vip)
{
    static const enum error_id codes[] = {ERR_FAILED_OPERATION_VPC_ERROR, ERR_FAILED_OPERATION_NOT_SUPPORT};
    return call_fail_explained(c, call_first_declared(c, codes, sizeof codes / sizeof codes[0]),
                               "address.in-use", "another instance has or keeps %.*s in %.*s", STR_ARG(vip),
                               STR_ARG(vpc_id));
}

static int check_wanted(struct call *c, const struct instance *instance, struct str vpc_id, struct str vip)
{
    if (!is_ipv4(vip))
        return reject_form(c, vip);
    int used = in_use(c, instance, vpc_id, vip);
    if (used < 0)
        return call_fail_store(c);
    return used == 0 ? 0 : reject_in_use(c, vpc_id, vip);
}

/* From 10.64.0.1 to 10.127.255.200: no address of the world file's default, and some are left after each for
 * several replicas. */
static struct str random_address(struct call *c)
{
    enum { FIRST_NET = 64, NETS = 64, HOSTS = 200 };
    uint64_t random = rng_next(&c->world->rng);
    return arena_printf(c->arena, "10.%d.%d.%d", (int)(FIRST_NET + random % NETS), (int)(random >> 8 & 255),
                        (int)((random >> 16) % HOSTS + 1));
}

/* Nearly all of the 800,000 addresses are free, so one of a few attempts is. */
static int find_free(struct call *c, const struct instance *instance, struct str vpc_id, struct str *ret_vip)
{
    enum { ATTEMPTS = 16 };
    int used = 1;
    struct str vip = STR("");
    for (int i = 0; i < ATTEMPTS && used == 1; i++) {
        vip = random_address(c);
        used = in_use(c, instance, vpc_id, vip);
    }
    if (used < 0)
        return call_fail_store(c);
    if (used == 1)
        return reject_in_use(c, vpc_id, vip);
    *ret_vip = vip;
    return 0;
}

int address_choose(struct call *c, const struct instance *instance, struct str vpc_id, struct str wanted,
                   struct str *ret_vip)
{
    if (wanted.n == 0)
        return find_free(c, instance, vpc_id, ret_vip);
    if (check_wanted(c, instance, vpc_id, wanted) != 0)
        return -1;
    *ret_vip = wanted;
    return 0;
}
