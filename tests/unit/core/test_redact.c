/* Proves that secrets go and everything else stays, in right requests and in wrong ones. */
#include "support/texts.h"

#include "core/redact.h"
#include "core/secret_name.h"
#include "wire/digest.h"

struct sample {
    const char *in, *out;
};

static void check(void (*redact)(struct buf *b, struct str text), const struct sample *v, size_t n)
{
    struct arena a;
    struct buf b;
    arena_init(&a);
    for (size_t i = 0; i < n; i++) {
        buf_init(&b, &a, 0, 4096);
        redact(&b, str_from(v[i].in));
        assert_text(buf_str(&b), v[i].out);
    }
    arena_done(&a);
}

#define CHECK(redact, samples) check(redact, samples, sizeof(samples) / sizeof(samples)[0])

static void names_of_secrets(void **state)
{
    static const char *const secret[] = {"Password",
                                         "NewPassword",
                                         "UrlPassword",
                                         "password",
                                         "Passwd",
                                         "SecretKey",
                                         "TmpSecretKey",
                                         "X-TC-Token",
                                         "Token",
                                         "Cookie",
                                         "Signature",
                                         "signature",
                                         "X-Signature",
                                         "u1TturSignature",
                                         "X-Secret-Key",
                                         "secret_key",
                                         "SECRET-KEY",
                                         "X-Api-Key",
                                         "apikey",
                                         "api.key",
                                         "Access-Key",
                                         "SecretAccessKey",
                                         "private_key",
                                         "pass_word",
                                         "Pass Phrase",
                                         "pwd",
                                         "client_secret",
                                         "X-Authorization",
                                         "Proxy-Authorization"};
    static const char *const open[] = {"SecretId",
                                       "secret_id",
                                       "TmpSecretId",
                                       "AccessKeyId",
                                       "access-key-id",
                                       "SignatureMethod",
                                       "SignedHeaders",
                                       "Host",
                                       "InstanceId",
                                       "",
                                       "Pass",
                                       "toke",
                                       "X-TC-TraceId",
                                       "TagKey",
                                       "Key"};
    (void)state;
    for (size_t i = 0; i < sizeof secret / sizeof secret[0]; i++)
        if (!names_secret(str_from(secret[i])) || secret_is_excluded(str_from(secret[i])))
            fail_msg("%s is a secret", secret[i]);
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++)
        if (names_secret(str_from(open[i])))
            fail_msg("%s is none", open[i]);
}

static void forms(void **state)
{
    static const struct sample samples[] = {
        {"", ""},
        {"a=1&Signature=x%2By%3D&b=2", "a=1&Signature=***&b=2"},
        {"Token=t", "Token=***"},
        {"Accounts.0.Password=p&Accounts.0.UserName=u", "Accounts.0.Password=***&Accounts.0.UserName=u"},
        {"Pass%77ord=p", "Pass%77ord=***"},
        {"Password", "Password"},
        {"Password=", "Password=***"},
        {"=&&a", "=&&a"},
        {"SignatureMethod=HmacSHA256", "SignatureMethod=HmacSHA256"},
        {"Password=a=b", "Password=***"},
        {"a=%7B%22Password%22%3A%22p%22%7D&b=2", "a=***&b=2"},
        {"a=%257B%2522Password%2522%253A%2522p%2522%257D", "a=***"},
        {"Password%3Dp", "***"},
        {"Password:p=1", "***"},
        {"a={\"Password\":\"p\"}", "a=***"},
        {"a=Password", "a=Password"},
    };
    (void)state;
    CHECK(redact_form, samples);
}

static void prose(void **state)
{
    static const struct sample samples[] = {
        {"the string to sign is GETvirga.test/?Nonce=1&SignatureMethod=HmacSHA256",
         "the string to sign is GETvirga.test/?Nonce=1&SignatureMethod=HmacSHA256"},
        {"the client sent Signature=abc", "***"},
        {"Password=x is not a known parameter", "***"},
    };
    (void)state;
    CHECK(redact_prose, samples);
}

static void json(void **state)
{
    static const struct sample samples[] = {
        {"{}", "{}"},
        {"{\"Password\":\"p\"}", "{\"Password\":\"***\"}"},
        {"{\"a\":[{\"Password\" : \"p\\\"q\",\"b\":1}]}", "{\"a\":[{\"Password\" : \"***\",\"b\":1}]}"},
        {"{\"Pass\\u0077ord\":\"p\"}", "{\"Pass\\u0077ord\":\"***\"}"},
        {"{\"Password\":123}", "{\"Password\":\"***\"}"},
        {"{\"Password\":[\"p\",{\"x\":\"]\"}],\"b\":2}", "{\"Password\":\"***\",\"b\":2}"},
        {"{\"Password\":\"cut off", "{\"Password\":\"***\""},
        {"{\"Password\":[\"cut", "{\"Password\":\"***\""},
        {"{\"Password\":", "{\"Password\":\"***\""},
        {"{\"b\":\"Password\"}", "{\"b\":\"Password\"}"},
        {"{\"b\":\"Password\\\":\\\"x\"}", "{\"b\":\"***\"}"},
        {"{\"b\":\"{\\\"Password\\\":\\\"p\\\"}\",\"c\":1}", "{\"b\":\"***\",\"c\":1}"},
        {"{\"b\":\"{\\u0022Pass\\\\u0077ord\\u0022:1}\"}", "{\"b\":\"***\"}"},
        {"\"{\\\"Password\\\":\\\"p\\\"}\"", "\"***\""},
        {"{\"b\":\"<Password>p</Password>\"}", "{\"b\":\"***\"}"},
        {"{\"b\":\"Password&quot;:&quot;p\"}", "{\"b\":\"***\"}"},
        {"{\"b\":\"Password\357\274\232p\"}", "{\"b\":\"***\"}"},
        {"{\"Password=p\":1,\"c\":2}", "{\"***\":\"***\",\"c\":2}"},
        {"[{\"Name\":\"Password\",\"a\":[],\"Value\":\"p\"}]", "\"***\""},
        {"[{\"TagValue\":\"p\",\"TagKey\":\"token\"}]", "\"***\""},
        {"[{\"Name\":\"token\"},{\"Value\":\"v\"}]", "[{\"Name\":\"token\"},{\"Value\":\"v\"}]"},
        {"{\"b\\", "{\"b\\"},
        {"\"", "\""},
    };
    (void)state;
    CHECK(redact_json, samples);
}

static void targets_and_canonical_requests(void **state)
{
    static const struct sample targets[] = {
        {"/", "/"},
        {"/?", "/?"},
        {"/a=Token?Token=t", "/a=Token?Token=***"},
        {"/Token=t?a=1", "/***?a=1"},
    };
    static const struct sample canonical[] = {
        {"GET\n/\nPassword=p&a=1\nhost:h\nx-tc-token:t\n\nhost;x-tc-token\nff",
         "GET\n/\nPassword=***&a=1\nhost:h\nx-tc-token:***\n\nhost;x-tc-token\nff"},
        {"POST\n/\n\ncontent-type:a; charset=utf-8\n", "POST\n/\n\ncontent-type:a; charset=utf-8\n"},
    };
    (void)state;
    CHECK(redact_canonical, canonical);
    CHECK(redact_target, targets);
}

enum { BODY_MOST = 64 };

/* A text that is neither JSON nor a form, and one that is cut. */
static void bodies(void **state)
{
    static const struct sample understood[] = {
        {"", ""},
        {" {\"Token\":\"t\"}", " {\"Token\":\"***\"}"},
        {"[{\"Token\":\"t\"}]", "[{\"Token\":\"***\"}]"},
        {"{\"Token\":\"t", "{\"Token\":\"***\""},
        {"Token=t", "Token=***"},
        {"{'a':'b'}", "{'a':'b'}"},
        {"\013{\"a\":1}", "\013{\"a\":1}"},
        {"{\"a\":\"0123456789012345678901234567890123456789\",\"Token\":\"0123456789\"}",
         "{\"a\":\"0123456789012345678901234567890123456789\",\"Token\":\"***\""},
    };
    static const char *const hidden[] = {"\357\273\277{\"Password\":\"p\"}",
                                         "{'Password':'p'}",
                                         "{Password:\"p\"}",
                                         "\013{\"Password\":\"p\"}",
                                         "{\"a\":1,}{\"Password\":\"p\"}",
                                         "--b\r\nname=\"Password\"\r\n\r\np\r\n--b--",
                                         "Password: p",
                                         "<Password>p</Password>",
                                         "{\"Password\":'p'}",
                                         "Password=p q",
                                         "Password=p\n",
                                         "password p",
                                         "{\"Name\":\"Password\",\"Value\":\"p\"}",
                                         "{\"Password\":\"p\377\"}",
                                         "{\"Pass\\u0077ord\":p}",
                                         "\037\213\010\001\002\003",
                                         "// {\"Password\":\"p\"}",

                                         "Secret-Key p",
                                         "%p%61ssword: p"};
    struct arena a;
    struct buf b;
    (void)state;
    arena_init(&a);
    for (size_t i = 0; i < sizeof understood / sizeof understood[0]; i++) {
        buf_init(&b, &a, 0, 4096);
        assert_true(redact_body(&b, str_from(understood[i].in), BODY_MOST));
        assert_text(buf_str(&b), understood[i].out);
    }
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
        buf_init(&b, &a, 0, 4096);
        buf_put(&b, STR("before"));
        if (redact_body(&b, str_from(hidden[i]), BODY_MOST))
            fail_msg("%s is kept as %.*s", hidden[i], STR_ARG(buf_str(&b)));
        char hash[SHA256_HEX];
        sha256_hex(str_from(hidden[i]), hash);
        assert_text(
            buf_str(&b),
            arena_printf(&a, "before*** %zu bytes, SHA-256 %.*s", strlen(hidden[i]), SHA256_HEX, hash).p);
    }
    arena_done(&a);
}

/* The quick look at two letters finds each name in each case, and leaves escapes to the other functions. */
static void quick_look(void **state)
{
    static const char *const found[] = {"access_key",
                                        "api key",
                                        "authorization",
                                        "cookie",
                                        "passwd",
                                        "pass phrase",
                                        "password",
                                        "private.key",
                                        "pwd",
                                        "secret",
                                        "signature",
                                        "token",
                                        "ACCESSKEY",
                                        "APIKEY",
                                        "AUTHORIZATION",
                                        "COOKIE",
                                        "PASSWD",
                                        "PASSPHRASE",
                                        "PASS-WORD",
                                        "PRIVATE KEY",
                                        "PWD",
                                        "SECRET",
                                        "SIGNATURE",
                                        "TOKEN",
                                        "{\"a\":\"mytoken\"}",
                                        "x\\u0050",
                                        "100%",
                                        "a&b"};
    static const char *const excluded[] = {
        "",         "t",           "to",     "s",           "{\"Response\":{\"FlowId\":5293}}",
        "SecretId", "accept: */*", "tok en", "p\xc3\xa4ss", "toke"};
    (void)state;
    for (size_t i = 0; i < sizeof found / sizeof found[0]; i++)
        if (secret_is_excluded(str_from(found[i])))
            fail_msg("%s is found", found[i]);
    for (size_t i = 0; i < sizeof excluded / sizeof excluded[0]; i++)
        if (!secret_is_excluded(str_from(excluded[i])))
            fail_msg("%s is excluded", excluded[i]);
}

static void headers(void **state)
{
    static const struct {
        struct header h;
        const char *out;
    } samples[] = {
        {{STR_INIT("Host"), STR_INIT("a:1")}, "a:1"},
        {{STR_INIT("x-tc-token"), STR_INIT("t")}, "***"},
        {{STR_INIT("X-Secret-Key"), STR_INIT("t")}, "***"},
        {{STR_INIT("x_api_key"), STR_INIT("t")}, "***"},
        {{STR_INIT("Referer"), STR_INIT("http://h/?Token=t")}, "***"},
        {{STR_INIT("X-Debug"), STR_INIT("{\"password\": \"t\"}")}, "***"},
        {{STR_INIT("Accept"), STR_INIT("application/json, text/token")}, "application/json, text/token"},
        {{STR_INIT("Proxy-Authorization"), STR_INIT("Basic abc")}, "***"},
        {{STR_INIT("Authorization"),
          STR_INIT("TC3-HMAC-SHA256 Credential=A/b, SignedHeaders=c;d, Signature=e")},
         "TC3-HMAC-SHA256 Credential=A/b, SignedHeaders=c;d, Signature=***"},
        {{STR_INIT("authorization"), STR_INIT("TC3-HMAC-SHA256 Signatur=e,Credential=A")},
         "TC3-HMAC-SHA256 Signatur=***,Credential=A"},
        {{STR_INIT("Authorization"), STR_INIT("TC3-HMAC-SHA256 Credential=A; Signature=e")},
         "TC3-HMAC-SHA256 Credential=A; ***"},
        {{STR_INIT("Authorization"), STR_INIT("Bearer e")}, "Bearer ***"},
        {{STR_INIT("Authorization"), STR_INIT("e")}, "***"},
        {{STR_INIT("Authorization"), STR_INIT("")}, "***"},
    };
    struct arena a;
    struct buf b;
    (void)state;
    arena_init(&a);
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        buf_init(&b, &a, 0, 4096);
        redact_header(&b, &samples[i].h);
        assert_text(buf_str(&b), samples[i].out);
    }
    arena_done(&a);
}

SUITE(redact)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_secrets),
        cmocka_unit_test(forms),
        cmocka_unit_test(prose),
        cmocka_unit_test(json),
        cmocka_unit_test(targets_and_canonical_requests),
        cmocka_unit_test(quick_look),
        cmocka_unit_test(headers),
        cmocka_unit_test(bodies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
