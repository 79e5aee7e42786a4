/* Addresses as sixteen bytes whatever their family, so that a range is a number of leading bits and nothing
 * else. */
#include "core/address.h"

#include <arpa/inet.h>

enum { IPV4_BYTES = 4, IPV4_AT = ADDRESS_BYTES - IPV4_BYTES, TEXT_MAX = 46 };

static const uint8_t mapped_prefix[IPV4_AT] = {[10] = 0xff, [11] = 0xff};

/* 0 and how many bits of ret_bytes are not the address's own but the mapping's; -1 if it is no address. */
static int parse_address(struct str text, uint8_t ret_bytes[ADDRESS_BYTES], unsigned *ret_mapped)
{
    char copy[TEXT_MAX]; /* inet_pton wants a NUL; no address is longer */
    if (text.n >= sizeof copy || memchr(text.p ? text.p : "", '\0', text.n))
        return -1;
    memcpy(copy, text.p ? text.p : "", text.n);
    copy[text.n] = '\0';
    memcpy(ret_bytes, mapped_prefix, sizeof mapped_prefix);
    *ret_mapped = 8 * IPV4_AT;
    if (inet_pton(AF_INET, copy, ret_bytes + IPV4_AT) == 1)
        return 0;
    *ret_mapped = 0;
    return inet_pton(AF_INET6, copy, ret_bytes) == 1 ? 0 : -1;
}

/* A prefix counts bits of the address as it was written; of IPv4 the mapping's 96 are added. */
int address_range_parse(struct str text, struct address_range *ret_range)
{
    size_t slash = str_find(text, '/');
    unsigned mapped;
    uint64_t bits = 8 * ADDRESS_BYTES;
    struct address_range range = {.bits = 8 * ADDRESS_BYTES};
    if (parse_address(str_head(text, slash), range.bytes, &mapped) != 0)
        return -1;
    if (slash < text.n) {
        if (str_to_u64(str_skip(text, slash + 1), &bits) != 0 || bits > 8 * ADDRESS_BYTES - mapped)
            return -1;
        range.bits = (unsigned)bits + mapped;
    }
    *ret_range = range;
    return 0;
}

static bool range_has(const struct address_range *range, const uint8_t bytes[ADDRESS_BYTES])
{
    size_t whole = range->bits / 8;
    unsigned rest = range->bits % 8;
    if (memcmp(range->bytes, bytes, whole) != 0)
        return false;
    return rest == 0 || (range->bytes[whole] ^ bytes[whole]) >> (8 - rest) == 0;
}

bool address_in(const struct address_list *list, struct str address)
{
    uint8_t bytes[ADDRESS_BYTES];
    if (address.n != IPV4_BYTES && address.n != ADDRESS_BYTES)
        return false;
    memcpy(bytes, mapped_prefix, sizeof mapped_prefix);
    memcpy(bytes + ADDRESS_BYTES - address.n, address.p, address.n);
    for (size_t i = 0; i < list->n; i++)
        if (range_has(&list->v[i], bytes))
            return true;
    return false;
}
