/* Network addresses and the ranges that an account's lists name. */
#ifndef VIRGA_CORE_ADDRESS_H
#define VIRGA_CORE_ADDRESS_H

#include "base/str.h"

enum { ADDRESS_BYTES = 16 };

/* IPv4 stands as ::ffff:a.b.c.d, so that a client counts the same however it has reached us. */
struct address_range {
    uint8_t bytes[ADDRESS_BYTES];
    unsigned bits; /* how many from the start must be equal */
};

struct address_list {
    const struct address_range *v;
    size_t n;
};

/* "192.168.1.7", "10.0.0.0/8", "::1", "fd00::/8". Bits behind the prefix are ignored. -1 if it is none. */
int address_range_parse(struct str text, struct address_range *ret_range);

/* Is this address, 4 or 16 bytes in network order, in any of the ranges? False for one that is not known. */
bool address_in(const struct address_list *list, struct str address);

#endif
