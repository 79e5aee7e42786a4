/* Archives in memory: tar (POSIX ustar), and gzip without compression. */
#ifndef VIRGA_BASE_ARCHIVE_H
#define VIRGA_BASE_ARCHIVE_H

#include "base/buf.h"

/* Members of a tar file fill whole blocks, and two blocks of zeros end it. */
enum { TAR_BLOCK = 512, TAR_NAME_MAX = 100 };

/* The header of a member of `size` bytes, which follow it. The name has at most TAR_NAME_MAX bytes. */
void tar_put_header(struct buf *b, struct str name, size_t size, int64_t at_ms);

/* How long a tar file is that has one member of `size` bytes, and how long such a file is after gzip. */
size_t tar_size(size_t size);
size_t gzip_size(size_t size);

/* A gzip file (RFC 1952) whose blocks are stored, not compressed, in the arena. */
struct str gzip_stored(struct arena *a, struct str data);

#endif
