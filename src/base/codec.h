/* Text encodings: hexadecimal, base64, percent, UTF-8; and a comparison that takes the same time for all. */
#ifndef VIRGA_BASE_CODEC_H
#define VIRGA_BASE_CODEC_H

#include "base/arena.h"

/* Lower-case hexadecimal into out[2 * n], no NUL. */
void hex_encode(const uint8_t *data, size_t n, char *out);

/* Standard base64 with padding (RFC 4648 section 4), in the arena. */
struct str base64_encode(struct arena *a, const uint8_t *data, size_t n);

/* Percent decoding of one form key or value: %XX to a byte, '+' to a space. An escape that is not two hex
 * digits stays as it is (what the gateway's Go-like parsers do with one is not known: assumed). Returns a
 * view into `s` itself when there is nothing to decode. */
struct str url_decode(struct arena *a, struct str s);

/* How many bytes from the start are well-formed UTF-8 (no overlong forms, no surrogates, nothing above
 * U+10FFFF): s.n, or the offset of the first character that is not. */
size_t utf8_prefix(struct str s);
bool utf8_valid(struct str s);
/* `s` itself when it is well-formed, else a copy in the arena with '?' for each byte that is not. */
struct str utf8_replace_invalid(struct arena *a, struct str s);
/* Puts '?' in the place of each byte of what is not to be shown: control characters, the marks that turn the
 * direction of writing, line separators, and what is not UTF-8. */
void utf8_mask_unprintable(char *p, size_t n);

/* Equal? Looks at every byte whatever the answer; only a difference in length is told early. */
bool equal_constant_time(struct str a, struct str b);

#endif
