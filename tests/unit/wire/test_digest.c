/* Proves that the digests are the published ones: FIPS 180-4's examples, RFC 2202, RFC 4231, and prepared
 * keys. */
#include "support/suite.h"

#include "base/codec.h"
#include "wire/digest.h"

/* Compares as hexadecimal, so that a failure shows both digests in the form that the standards print. */
static void assert_digest(const uint8_t *digest, size_t n, const char *expected)
{
    char hex[2 * SHA256_BYTES + 1];

    hex_encode(digest, n, hex);
    hex[2 * n] = '\0';
    assert_string_equal(hex, expected);
}

static const struct {
    const char *text, *digest;
} hashes[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    /* 56 bytes: the length no longer fits into the same block. */
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    /* The payload that means "not signed". */
    {"UNSIGNED-PAYLOAD", "438d4109ef0d676b8c2c7ed13cdfcb418e494d53b843d4634ce3b1085f07bb96"},
};

static void sha256_gives_the_published_digests(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
        uint8_t digest[SHA256_BYTES];

        sha256(str_from(hashes[i].text), digest);
        assert_digest(digest, sizeof(digest), hashes[i].digest);
    }
}

static void sha1_gives_the_published_digests(void **state)
{
    uint8_t digest[SHA1_BYTES];

    (void)state;
    sha1(STR("abc"), digest);
    assert_digest(digest, sizeof(digest), "a9993e364706816aba3e25717850c26c9cd0d89d");
    sha1((struct str){NULL, 0}, digest);
    assert_digest(digest, sizeof(digest), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

static void sha256_hex_is_lower_case_and_writes_no_nul(void **state)
{
    char out[SHA256_HEX + 1];

    (void)state;
    memset(out, '#', sizeof(out));
    sha256_hex(STR("abc"), out);
    assert_memory_equal(out, hashes[1].digest, SHA256_HEX);
    assert_int_equal(out[SHA256_HEX], '#');
}

static void a_text_that_is_absent_hashes_like_an_empty_one(void **state)
{
    const struct str absent = {NULL, 0};
    uint8_t digest[SHA256_BYTES];

    (void)state;
    sha256(absent, digest);
    assert_digest(digest, sizeof(digest), hashes[0].digest);
    hmac_sha256(absent, absent, digest);
    assert_digest(digest, sizeof(digest), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void a_million_bytes_hash_right(void **state)
{
    static char million[1000 * 1000];
    uint8_t digest[SHA256_BYTES];

    (void)state;
    memset(million, 'a', sizeof(million));
    sha256((struct str){million, sizeof(million)}, digest);
    assert_digest(digest, sizeof(digest), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

struct mac {
    uint8_t key_byte; /* the key is this byte key_n times, unless `key` is given */
    size_t key_n;
    const char *key, *text, *digest;
};

#define LONG_KEY_TEXT "Test Using Larger Than Block-Size Key - Hash Key First"
#define LONG_BOTH_TEXT                                                                                       \
    "This is a test using a larger than block-size key and a larger than block-size data. The key needs to " \
    "be hashed before being used by the HMAC algorithm."

/* RFC 4231, cases 1, 2, 6 and 7: a short key, a text key, and the two whose key is longer than a block. */
static const struct mac macs_sha256[] = {
    {0x0b, 20, NULL, "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {0, 0, "Jefe", "what do ya want for nothing?",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {0xaa, 131, NULL, LONG_KEY_TEXT, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {0xaa, 131, NULL, LONG_BOTH_TEXT, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};

/* RFC 2202, cases 1, 2 and 6. */
static const struct mac macs_sha1[] = {
    {0x0b, 20, NULL, "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"},
    {0, 0, "Jefe", "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
    {0xaa, 80, NULL, LONG_KEY_TEXT, "aa4ae5e15272d00e95705637ce8a3b55ed402112"},
};

static struct str key_of(const struct mac *m, char room[131])
{
    if (m->key)
        return str_from(m->key);
    memset(room, m->key_byte, m->key_n);
    return (struct str){room, m->key_n};
}

static void hmac_sha256_gives_the_published_codes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(macs_sha256) / sizeof(macs_sha256[0]); i++) {
        char room[131];
        uint8_t mac[SHA256_BYTES];

        hmac_sha256(key_of(&macs_sha256[i], room), str_from(macs_sha256[i].text), mac);
        assert_digest(mac, sizeof(mac), macs_sha256[i].digest);
    }
}

static void hmac_sha1_gives_the_published_codes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(macs_sha1) / sizeof(macs_sha1[0]); i++) {
        char room[131];
        uint8_t mac[SHA1_BYTES];

        hmac_sha1(key_of(&macs_sha1[i], room), str_from(macs_sha1[i].text), mac);
        assert_digest(mac, sizeof(mac), macs_sha1[i].digest);
    }
}

static void a_prepared_key_signs_again_and_again_and_may_be_copied(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(macs_sha256) / sizeof(macs_sha256[0]); i++) {
        char room[131];
        uint8_t mac[SHA256_BYTES];
        struct hmac_key key, copy;

        hmac_key_init(&key, key_of(&macs_sha256[i], room));
        hmac_key_sign(&key, STR("another message, which must leave no trace in the key"), mac);
        copy = key;
        hmac_key_sign(&key, str_from(macs_sha256[i].text), mac);
        assert_digest(mac, sizeof(mac), macs_sha256[i].digest);
        hmac_key_sign(&copy, str_from(macs_sha256[i].text), mac);
        assert_digest(mac, sizeof(mac), macs_sha256[i].digest);
    }
}

SUITE(digest)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_gives_the_published_digests),
        cmocka_unit_test(sha1_gives_the_published_digests),
        cmocka_unit_test(sha256_hex_is_lower_case_and_writes_no_nul),
        cmocka_unit_test(a_text_that_is_absent_hashes_like_an_empty_one),
        cmocka_unit_test(a_million_bytes_hash_right),
        cmocka_unit_test(hmac_sha256_gives_the_published_codes),
        cmocka_unit_test(hmac_sha1_gives_the_published_codes),
        cmocka_unit_test(a_prepared_key_signs_again_and_again_and_may_be_copied),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
