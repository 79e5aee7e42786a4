/* MD5, SHA-1, SHA-256, SHA-512 and their HMACs, by nettle. */
#ifndef VIRGA_WIRE_DIGEST_H
#define VIRGA_WIRE_DIGEST_H

#include "base/str.h"

enum { SHA256_BYTES = 32, SHA512_BYTES = 64, SHA1_BYTES = 20, MD5_BYTES = 16, SHA256_HEX = 64 };

/* Each digests a whole text. An absent text counts as empty. */
void sha256(struct str data, uint8_t out[SHA256_BYTES]);
/* Lower-case hexadecimal, no NUL. */
void sha256_hex(struct str data, char out[SHA256_HEX]);
void sha1(struct str data, uint8_t out[SHA1_BYTES]);
void sha512(struct str data, uint8_t out[SHA512_BYTES]);
/* For values that the service shows as MD5, never for security. */
void md5(struct str data, uint8_t out[MD5_BYTES]);
void hmac_sha256(struct str key, struct str data, uint8_t out[SHA256_BYTES]);
void hmac_sha1(struct str key, struct str data, uint8_t out[SHA1_BYTES]);
void hmac_sha512(struct str key, struct str data, uint8_t out[SHA512_BYTES]);

/* A key for HMAC-SHA256, or HMAC-SHA1, that is prepared once and used many times: no message hashes the
 * padded key again. Plain data; may be copied. */
struct hmac_key {
    union {
        uint64_t align;
        uint8_t bytes[384];
    } state;
};
/* The text of the key is not needed afterwards. */
void hmac_key_init(struct hmac_key *k, struct str key);
/* The same bytes as hmac_sha256 with that key. */
void hmac_key_sign(const struct hmac_key *k, struct str data, uint8_t out[SHA256_BYTES]);
/* The same for HMAC-SHA1; a key is for one of the two. */
void hmac_sha1_key_init(struct hmac_key *k, struct str key);
void hmac_sha1_key_sign(const struct hmac_key *k, struct str data, uint8_t out[SHA1_BYTES]);

#endif
