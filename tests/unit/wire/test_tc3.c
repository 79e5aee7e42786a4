/* Proves that TC3's texts, keys and signatures come out as the documentation's and the real SDKs', byte for
 * byte. */
#include "support/suite.h"

#include "support/tc3_fixture.h"

/* --- The vectors --------------------------------------------------------------------------------------- */

/* Checked as a hash, over lower-case values, which is what the documentation says. */
static void every_vector_gives_its_canonical_request(void **state)
{
    (void)state;
    for (size_t i = 0; i < VECTORS; i++) {
        const struct tc3_fixture *t = tc3_fixture_new(&vectors[i]);
        const bool get = str_eq(t->request.method, STR("GET"));
        char hash[SHA256_HEX];

        sha256_hex(canonical_of(t, (struct tc3_variant){t->host, true, get}), hash);
        assert_text((struct str){hash, sizeof(hash)}, vectors[i].cr_hash);
    }
}

static void every_vector_gives_its_signature(void **state)
{
    (void)state;
    for (size_t i = 0; i < VECTORS; i++) {
        struct tc3_fixture *t = tc3_fixture_new(&vectors[i]);

        tc3_fixture_sign(t, (struct tc3_variant){t->host, true, str_eq(t->request.method, STR("GET"))});
        assert_text(t->auth.signature, vectors[i].signature);
    }
}

static void every_vector_verifies(void **state)
{
    (void)state;
    for (size_t i = 0; i < VECTORS; i++) {
        struct tc3_fixture *t = tc3_fixture_new(&vectors[i]);
        const bool lower = i == B || i == S2; /* only the action has capitals, and only where it is signed */

        assert_matched(t, (struct tc3_variant){t->host, lower, i == S3});
    }
}

static void the_texts_are_written_as_documented(void **state)
{
    const struct tc3_fixture *t = tc3_fixture_new(&vectors[S2]);
    const struct str text = canonical_of(t, (struct tc3_variant){t->host, true, false});

    (void)state;
    assert_text(text, "POST\n/\n\ncontent-type:" JSON_UTF8 "\nhost:" HOST
                      "\nx-tc-action:createbackup\n\n" THREE "\n"
                      "6b29f78f09b476a67744e3abe39ff1a0402cd667217a2308794a7dcf5a6aae00");
    assert_text(tc3_string_to_sign(&arena, t->timestamp, &t->auth, text),
                "TC3-HMAC-SHA256\n" TIMESTAMP "\n" DATE "/sqlserver/tc3_request\n"
                "ca6bd24244144adc7dab5a6463f76a7f1abaf147f6200d9ad3f1dc7d32c0deb8");
}

static void assert_hex(const uint8_t digest[SHA256_BYTES], const char *expected)
{
    char hex[SHA256_HEX];

    hex_encode(digest, SHA256_BYTES, hex);
    assert_text((struct str){hex, sizeof(hex)}, expected);
}

static const struct {
    const char *key, *service, *k_date, *k_service, *k_signing;
} chains[] = {
    {KEY, "cvm", "d1308c81fe71cfd4e06437bbc067b2b8a3d2d8c0e375d547f15c41d5214b395a",
     "3c7cb7c7795393edc14fd2e0e6434a518564b4504b88e94f5d11bf59ba3e7050",
     "ac658d5dde49e9bfdd14e04e062f66b05d9f637d44b8a8d845327d4a77f666b1"},
    {STARS, "cvm", "da98fb70dcf6b112dc21038d1eeeb3a95c74b4dcb12c1131f864f6066bd02be0",
     "8d70cbefb03939f929db64d32dc2ba89b1095620119fe3e050e2b18c5bd2752f",
     "b596b923aad85185e2d1f6659d2a062e0a86731226e021e61bfe06f7ed05f5af"},
    {KEY, "sqlserver", "d1308c81fe71cfd4e06437bbc067b2b8a3d2d8c0e375d547f15c41d5214b395a",
     "1c161548306912e4648cef7794307020c8b77cb6822ca4de18546674522d900e",
     "9f98b9b7e3ef3135c0b5cc9238ea76728b55edc159ada083a480abefb7e08b43"},
};

/* A ready key does not show its bytes, so it is compared with the published kSigning by what both sign. */
static void the_key_chain_gives_the_published_links(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(chains) / sizeof(chains[0]); i++) {
        const struct str secret = arena_printf(&arena, "TC3%s", chains[i].key);
        uint8_t link[SHA256_BYTES], expected[SHA256_BYTES], actual[SHA256_BYTES];
        const struct str link_text = {(const char *)link, sizeof(link)};
        struct hmac_key ready;

        hmac_sha256(secret, STR(DATE), link);
        assert_hex(link, chains[i].k_date);
        hmac_sha256(link_text, str_from(chains[i].service), link);
        assert_hex(link, chains[i].k_service);
        hmac_sha256(link_text, STR("tc3_request"), link);
        assert_hex(link, chains[i].k_signing);
        hmac_sha256(link_text, STR("text"), expected);
        tc3_signing_key(str_from(chains[i].key), STR(DATE), str_from(chains[i].service), &ready);
        hmac_key_sign(&ready, STR("text"), actual);
        assert_memory_equal(actual, expected, sizeof(actual));
    }
}

/* --- The payload --------------------------------------------------------------------------------------- */

static void the_payload_is_the_body_or_the_literal_or_empty(void **state)
{
    static const struct {
        const char *method, *mark, *hash;
    } cases[] = {
        {"POST", NULL, "6b29f78f09b476a67744e3abe39ff1a0402cd667217a2308794a7dcf5a6aae00"},
        {"POST", "UNSIGNED-PAYLOAD", "438d4109ef0d676b8c2c7ed13cdfcb418e494d53b843d4634ce3b1085f07bb96"},
        {"POST", "unsigned-payload", "6b29f78f09b476a67744e3abe39ff1a0402cd667217a2308794a7dcf5a6aae00"},
        {"POST", "", "6b29f78f09b476a67744e3abe39ff1a0402cd667217a2308794a7dcf5a6aae00"},
        {"GET", NULL, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"GET", "UNSIGNED-PAYLOAD", "438d4109ef0d676b8c2c7ed13cdfcb418e494d53b843d4634ce3b1085f07bb96"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct header mark = {STR("x-tc-content-sha256"), str_from(cases[i].mark)};
        const struct request r = {.method = str_from(cases[i].method),
                                  .body = STR(BODY),
                                  .headers = &mark,
                                  .n_headers = cases[i].mark ? 1 : 0};
        char hash[SHA256_HEX];

        tc3_payload_hash(&r, hash);
        assert_text((struct str){hash, sizeof(hash)}, cases[i].hash);
    }
}

static void an_unsigned_payload_may_be_anything(void **state)
{
    struct tc3_fixture *t = tc3_fixture_new(&vectors[S4]);

    (void)state;
    t->request.body = STR("{}");
    assert_int_equal(tc3_fixture_run(t), 0);
    t->request.n_headers = 3; /* without the mark the body counts */
    assert_int_equal(tc3_fixture_run(t), -1);
}

SUITE(tc3)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vector_gives_its_canonical_request),
        cmocka_unit_test(every_vector_gives_its_signature),
        cmocka_unit_test(every_vector_verifies),
        cmocka_unit_test(the_texts_are_written_as_documented),
        cmocka_unit_test(the_key_chain_gives_the_published_links),
        cmocka_unit_test(the_payload_is_the_body_or_the_literal_or_empty),
        cmocka_unit_test(an_unsigned_payload_may_be_anything),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
