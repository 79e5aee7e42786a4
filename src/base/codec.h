/* Text encodings (hexadecimal, base64, percent, UTF-8), and a comparison in constant time. None depends on
 * the locale. */
#ifndef VIRGA_BASE_CODEC_H
#define VIRGA_BASE_CODEC_H

#include "base/arena.h"

/* Lower-case hexadecimal into out[2 * n], no NUL. */
void hex_encode(const uint8_t *data, size_t n, char *out);

/* Are all characters hexadecimal digits, of either case? True for the empty text. */
bool hex_valid(struct str s);

/* Two digits of either case for each byte of out[s.n / 2]. 0, or -1 for any other character or an odd length;
 * `out` is then undefined. */
int hex_decode(struct str s, uint8_t *out);

/* Standard base64 with padding (RFC 4648 section 4), in the arena. */
struct str base64_encode(struct arena *a, const uint8_t *data, size_t n);

/* Percent decoding of one form key or value: %XX to a byte, '+' to a space. An escape without two hex digits
 * stays as it is (assumed: what the gateway does with one is not known). Returns a view into `s` itself when
 * there is nothing to decode. */
struct str url_decode(struct arena *a, struct str s);

/* How many bytes from the start are well-formed UTF-8 (no overlong forms, no surrogates, nothing above
 * U+10FFFF): s.n, or the offset of the first character that is not. */
size_t utf8_prefix(struct str s);
bool utf8_valid(struct str s);
/* At most `most` bytes of the text, without a part of a character at the end. */
struct str utf8_cut(struct str s, size_t most);
/* `s` itself when it is well-formed, else a copy in the arena with '?' for each invalid byte. */
struct str utf8_replace_invalid(struct arena *a, struct str s);
/* Writes '?' over each byte of what a terminal or a reader could misinterpret: control characters,
 * bidirectional controls, line separators, and what is not UTF-8. */
void utf8_mask_unprintable(char *p, size_t n);
/* JSON text with \u escapes for what utf8_mask_unprintable masks and JSON allows: DEL, C1, bidirectional
 * controls and separators. The values stay the same. Returns `json` itself when it has none, else a copy in
 * the arena. */
struct str json_escape_unprintable(struct arena *a, struct str json);

/* Are the texts equal? The time depends on their lengths only, not on where they differ. */
bool equal_constant_time(struct str a, struct str b);

#endif
