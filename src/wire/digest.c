/*
 * MD5, SHA-1, SHA-256, SHA-512 and their HMACs, by nettle.
 *
 * A prepared key is nettle's HMAC context stored as bytes. memcpy instead of a cast avoids aliasing, and the
 * copy is needed anyway, because nettle changes the context that it is given.
 */
#include "wire/digest.h"

#include <assert.h>
#include <nettle/hmac.h>
#include <nettle/md5.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>

#include "base/codec.h"

static_assert(SHA256_BYTES == SHA256_DIGEST_SIZE, "SHA-256's length");
static_assert(SHA512_BYTES == SHA512_DIGEST_SIZE, "SHA-512's length");
static_assert(SHA1_BYTES == SHA1_DIGEST_SIZE, "SHA-1's length");
static_assert(MD5_BYTES == MD5_DIGEST_SIZE, "MD5's length");
static_assert(sizeof(struct hmac_sha256_ctx) <= sizeof(struct hmac_key), "nettle's HMAC context must fit");
static_assert(sizeof(struct hmac_sha1_ctx) <= sizeof(struct hmac_key), "likewise");

/* Never NULL: nettle copies with memcpy, which must not get NULL even for no bytes. */
static const uint8_t *bytes_of(struct str s)
{
    return (const uint8_t *)(s.p ? s.p : "");
}

void sha256(struct str data, uint8_t out[SHA256_BYTES])
{
    struct sha256_ctx ctx;
    sha256_init(&ctx);
    sha256_update(&ctx, data.n, bytes_of(data));
    sha256_digest(&ctx, SHA256_BYTES, out);
}

void sha256_hex(struct str data, char out[SHA256_HEX])
{
    uint8_t digest[SHA256_BYTES];
    sha256(data, digest);
    hex_encode(digest, sizeof(digest), out);
}

void sha1(struct str data, uint8_t out[SHA1_BYTES])
{
    struct sha1_ctx ctx;
    sha1_init(&ctx);
    sha1_update(&ctx, data.n, bytes_of(data));
    sha1_digest(&ctx, SHA1_BYTES, out);
}

void sha512(struct str data, uint8_t out[SHA512_BYTES])
{
    struct sha512_ctx ctx;
    sha512_init(&ctx);
    sha512_update(&ctx, data.n, bytes_of(data));
    sha512_digest(&ctx, SHA512_BYTES, out);
}

void md5(struct str data, uint8_t out[MD5_BYTES])
{
    struct md5_ctx ctx;

    md5_init(&ctx);
    md5_update(&ctx, data.n, bytes_of(data));
    md5_digest(&ctx, MD5_BYTES, out);
}

void hmac_sha256(struct str key, struct str data, uint8_t out[SHA256_BYTES])
{
    struct hmac_sha256_ctx ctx;
    hmac_sha256_set_key(&ctx, key.n, bytes_of(key));
    hmac_sha256_update(&ctx, data.n, bytes_of(data));
    hmac_sha256_digest(&ctx, SHA256_BYTES, out);
}

void hmac_sha1(struct str key, struct str data, uint8_t out[SHA1_BYTES])
{
    struct hmac_sha1_ctx ctx;
    hmac_sha1_set_key(&ctx, key.n, bytes_of(key));
    hmac_sha1_update(&ctx, data.n, bytes_of(data));
    hmac_sha1_digest(&ctx, SHA1_BYTES, out);
}

void hmac_sha512(struct str key, struct str data, uint8_t out[SHA512_BYTES])
{
    struct hmac_sha512_ctx ctx;
    hmac_sha512_set_key(&ctx, key.n, bytes_of(key));
    hmac_sha512_update(&ctx, data.n, bytes_of(data));
    hmac_sha512_digest(&ctx, SHA512_BYTES, out);
}

/* Sets the whole union, so that a copy of a key has no undefined bytes. */
void hmac_key_init(struct hmac_key *k, struct str key)
{
    struct hmac_sha256_ctx ctx;
    hmac_sha256_set_key(&ctx, key.n, bytes_of(key));
    memset(k, 0, sizeof(*k));
    memcpy(k->state.bytes, &ctx, sizeof(ctx));
}

void hmac_key_sign(const struct hmac_key *k, struct str data, uint8_t out[SHA256_BYTES])
{
    struct hmac_sha256_ctx ctx;
    memcpy(&ctx, k->state.bytes, sizeof(ctx));
    hmac_sha256_update(&ctx, data.n, bytes_of(data));
    hmac_sha256_digest(&ctx, SHA256_BYTES, out);
}

void hmac_sha1_key_init(struct hmac_key *k, struct str key)
{
    struct hmac_sha1_ctx ctx;
    hmac_sha1_set_key(&ctx, key.n, bytes_of(key));
    memset(k, 0, sizeof(*k));
    memcpy(k->state.bytes, &ctx, sizeof(ctx));
}

void hmac_sha1_key_sign(const struct hmac_key *k, struct str data, uint8_t out[SHA1_BYTES])
{
    struct hmac_sha1_ctx ctx;
    memcpy(&ctx, k->state.bytes, sizeof(ctx));
    hmac_sha1_update(&ctx, data.n, bytes_of(data));
    hmac_sha1_digest(&ctx, SHA1_BYTES, out);
}
