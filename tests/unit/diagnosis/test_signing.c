/* Proves that the right signing gives the published texts, key and signature of TC3, and that each of its
 * members changes its own text only. */
#include "support/texts.h"

#include "base/codec.h"
#include "diagnosis/signing.h"

#define BODY "{\"InstanceId\":\"mssql-i1z41iwd\",\"Strategy\":1,\"DBNames\":[\"db1\",\"db2\"]}"
#define HASH "6b29f78f09b476a67744e3abe39ff1a0402cd667217a2308794a7dcf5a6aae00"
#define CANONICAL                                                                                            \
    "POST\n/\n\ncontent-type:application/"                                                                   \
    "json\nhost:sqlserver.tencentcloudapi.com\n\ncontent-type;host\n" HASH
#define STRING                                                                                               \
    "TC3-HMAC-SHA256\n1551113065\n2019-02-25/sqlserver/tc3_request\n"                                        \
    "df1e8e76231eb1967f8b2a1238e32fd7d1bb75dae6567df9377a316a7eb6b855"
#define SIGNATURE "c381d1e12284835878d03aa7b81c854bc59e861daffa27b31c654cec06111da6"

static struct arena arena;
static struct signing r;
static const struct header action = {STR_INIT("X-TC-Action"), STR_INIT(" CreateBackup ")};
static const struct request request = {.headers = &action, .n_headers = 1};

static int setup(void **state)
{
    const struct str none = STR(""), line = STR("\n"), names = STR("content-type;host");
    (void)state;
    arena_init(&arena);
    r = (struct signing){.method = STR("POST"), .host = STR("sqlserver.tencentcloudapi.com")};
    r.payload = (struct payload_part){.text = STR(BODY), .before = none, .after = none};
    r.canonical = (struct canonical_part){.uri = STR("/"),
                                          .query = none,
                                          .content_type = STR("application/json"),
                                          .lines = names,
                                          .listed = names,
                                          .colon = STR(":"),
                                          .value_end = none,
                                          .newline = line,
                                          .end = none,
                                          .blank_lines = 1};
    r.string = (struct string_part){.algorithm = STR("TC3-HMAC-SHA256"),
                                    .timestamp = STR("1551113065"),
                                    .newline = line,
                                    .end = none,
                                    .before = none,
                                    .date = STR("2019-02-25"),
                                    .region = none,
                                    .service = STR("sqlserver"),
                                    .terminator = STR("tc3_request")};
    r.key = (struct key_part){.secret = STR("Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"),
                              .prefix = STR("TC3"),
                              .before = none,
                              .after = none,
                              .date = STR("2019-02-25"),
                              .region = none,
                              .service = STR("sqlserver"),
                              .terminator = STR("tc3_request")};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct str canonical(void)
{
    return signing_canonical(&arena, &r, &request, signing_payload(&arena, &r));
}

static struct str string(void)
{
    return signing_string(&arena, &r, signing_digest(&arena, &r, canonical()));
}

static struct str signature(void)
{
    struct signing_key key;
    uint8_t mac[SHA256_BYTES];
    char hex[SHA256_HEX];
    signing_make_key(&arena, &r.key, &key);
    signing_sign(&r, &key, string(), mac);
    hex_encode(mac, sizeof mac, hex);
    return arena_dup(&arena, (struct str){hex, sizeof hex});
}

static void the_right_signing_gives_the_published_texts(void **state)
{
    (void)state;
    assert_text(canonical(), CANONICAL);
    assert_text(string(), STRING);
    assert_text(signature(), SIGNATURE);
}

static void the_canonical_request_takes_each_change(void **state)
{
    (void)state;
    r.canonical.query = STR("a=1");
    r.canonical.colon = STR(": ");
    r.canonical.value_end = STR(" ");
    r.canonical.blank_lines = 0;
    r.canonical.title_lines = r.canonical.title_listed = true;
    r.canonical.lines = STR("x-tc-action;host");
    r.canonical.lower_values = true;
    r.canonical.end = STR("\n");
    r.payload.form = DIGEST_PLAIN;
    assert_text(canonical(),
                "POST\n/\na=1\nX-TC-Action: createbackup \nHost: sqlserver.tencentcloudapi.com \n"
                "Content-Type;Host\n" BODY "\n");
}

static void lines_may_be_joined_by_any_text(void **state)
{
    (void)state;
    r.canonical.newline = r.string.newline = STR("\\n");
    assert_true(str_starts(canonical(), STR("POST\\n/\\n\\ncontent-type:application/json\\nhost:")));
    assert_true(str_starts(string(), STR("TC3-HMAC-SHA256\\n1551113065\\n2019-02-25/")));
}

static void digests_come_in_every_form(void **state)
{
    (void)state;
    assert_text(digest_text(&arena, DIGEST_HEX, STR(BODY)), HASH);
    assert_text(digest_text(&arena, DIGEST_UPPER, STR("")),
                "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855");
    assert_text(digest_text(&arena, DIGEST_BASE64, STR("")), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    assert_text(digest_text(&arena, DIGEST_SHA1, STR("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
    assert_text(digest_text(&arena, DIGEST_PLAIN, STR("abc")), "abc");
}

static void the_scope_may_have_more_parts(void **state)
{
    (void)state;
    r.string.before = STR("AKID/");
    r.string.region = STR("ap-guangzhou");
    r.string.end = STR("\n");
    r.canonical.form = DIGEST_PLAIN;
    assert_text(signing_string(&arena, &r, STR("x")),
                "TC3-HMAC-SHA256\n1551113065\nAKID/2019-02-25/ap-guangzhou/sqlserver/tc3_request\nx\n");
    r.string.dashless = true;
    assert_text(signing_string(&arena, &r, STR("x")),
                "TC3-HMAC-SHA256\n1551113065\nAKID/20190225/ap-guangzhou/sqlserver/tc3_request\nx\n");
}

/* Each way to derive the key gives a signature of its own. */
static void every_change_of_the_key_changes_the_signature(void **state)
{
    const struct key_part right = r.key;
    struct key_part keys[10];
    struct str made[11] = {signature()};
    (void)state;
    for (size_t i = 0; i < 10; i++)
        keys[i] = right;
    keys[0].prefix = STR("AWS4");
    keys[1].after = STR("\n");
    keys[2].before = STR("\"");
    keys[3].region = STR("ap-guangzhou");
    keys[4].ends_early = true;
    keys[5].chain = CHAIN_HEX;
    keys[6].chain = CHAIN_SWAPPED;
    keys[7].chain = CHAIN_NONE;
    keys[8].swap_last = true;
    keys[9].dashless = true;
    for (size_t i = 0; i < 10; i++) {
        r.key = keys[i];
        made[i + 1] = signature();
        for (size_t k = 0; k <= i; k++)
            assert_false(str_eq(made[k], made[i + 1]));
    }
}

static void the_payload_has_edges_and_a_style(void **state)
{
    struct node null = {.kind = NODE_NULL};
    (void)state;
    r.payload.form = DIGEST_PLAIN;
    r.payload.before = STR("<");
    r.payload.after = STR(">");
    assert_text(signing_payload(&arena, &r), "<" BODY ">");
    r.payload.json = &null;
    assert_text(signing_payload(&arena, &r), "<" BODY ">");
    r.payload.style.sorted = true;
    assert_text(signing_payload(&arena, &r), "<null>");
    r.payload.encoding = ENCODING_UTF16;
    assert_int_equal(signing_payload(&arena, &r).n, 12);
}

SUITE(signing)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_right_signing_gives_the_published_texts, setup, teardown),
        cmocka_unit_test_setup_teardown(the_canonical_request_takes_each_change, setup, teardown),
        cmocka_unit_test_setup_teardown(lines_may_be_joined_by_any_text, setup, teardown),
        cmocka_unit_test_setup_teardown(digests_come_in_every_form, setup, teardown),
        cmocka_unit_test_setup_teardown(the_scope_may_have_more_parts, setup, teardown),
        cmocka_unit_test_setup_teardown(every_change_of_the_key_changes_the_signature, setup, teardown),
        cmocka_unit_test_setup_teardown(the_payload_has_edges_and_a_style, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
