/* Proves that secrets go and everything else stays, in right requests and in wrong ones. */
#include "support/texts.h"

#include "core/redact.h"

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
    static const char *const secret[] = {"Password", "NewPassword", "UrlPassword",  "password",
                                         "Passwd",   "SecretKey",   "TmpSecretKey", "X-TC-Token",
                                         "Token",    "Cookie",      "Signature",    "signature"};
    static const char *const open[] = {
        "SecretId", "SignatureMethod", "SignedHeaders", "Host", "InstanceId", "", "Pass",
        "toke",     "X-TC-TraceId"};
    (void)state;
    for (size_t i = 0; i < sizeof secret / sizeof secret[0]; i++)
        if (!redact_is_secret(str_from(secret[i])))
            fail_msg("%s is a secret", secret[i]);
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++)
        if (redact_is_secret(str_from(open[i])))
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
    };
    (void)state;
    CHECK(redact_form, samples);
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
        {"{\"b\":\"Password\\\":\\\"x\"}", "{\"b\":\"Password\\\":\\\"x\"}"},
        {"{\"b\\", "{\"b\\"},
        {"\"", "\""},
    };
    (void)state;
    CHECK(redact_json, samples);
}

static void bodies_and_targets(void **state)
{
    static const struct sample bodies[] = {
        {" {\"Token\":\"t\"}", " {\"Token\":\"***\"}"},
        {"[{\"Token\":\"t\"}]", "[{\"Token\":\"***\"}]"},
        {"Token=t", "Token=***"},
    };
    static const struct sample targets[] = {
        {"/", "/"},
        {"/?", "/?"},
        {"/a=Token?Token=t", "/a=Token?Token=***"},
    };
    static const struct sample canonical[] = {
        {"GET\n/\nPassword=p&a=1\nhost:h\nx-tc-token:t\n\nhost;x-tc-token\nff",
         "GET\n/\nPassword=***&a=1\nhost:h\nx-tc-token:***\n\nhost;x-tc-token\nff"},
        {"POST\n/\n\ncontent-type:a; charset=utf-8\n", "POST\n/\n\ncontent-type:a; charset=utf-8\n"},
    };
    (void)state;
    CHECK(redact_canonical, canonical);
    CHECK(redact_body, bodies);
    CHECK(redact_target, targets);
}

static void headers(void **state)
{
    static const struct {
        struct header h;
        const char *out;
    } samples[] = {
        {{STR_INIT("Host"), STR_INIT("a:1")}, "a:1"},
        {{STR_INIT("x-tc-token"), STR_INIT("t")}, "***"},
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
        cmocka_unit_test(names_of_secrets),   cmocka_unit_test(forms),   cmocka_unit_test(json),
        cmocka_unit_test(bodies_and_targets), cmocka_unit_test(headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
