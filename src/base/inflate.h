/* Decompression of a gzip member (RFC 1952) with DEFLATE (RFC 1951), for data that the program contains. */
#ifndef VIRGA_BASE_INFLATE_H
#define VIRGA_BASE_INFLATE_H

#include "base/str.h"

/* Writes the data of `member`, which are exactly `n` bytes, to `to`. The member has no optional fields. -1
 * when it is damaged or has another length; `to` is then undefined. Its checksum is not compared. */
int inflate_gzip(struct str member, char *to, size_t n);

#endif
