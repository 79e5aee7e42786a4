/* Proves that an address returns its file for fifteen minutes, to the second, and that no part of it can be
 * changed. */
#include "support/backup_fixture.h"

#include "product/sqlserver/backup_file.h"
#include "product/sqlserver/download.h"

#define ENDPOINT "http://127.0.0.1:8328"

enum { VALID_MS = 900 * 1000 };

static struct instance m;

static int setup_with(void **state, const char *model)
{
    if (test_world_setup(state) != 0)
        return -1;
    struct test_world *t = *state;
    t->world.endpoint = STR(ENDPOINT);
    m = backup_fixture(t, model);
    clock_freeze(&t->world.clock, TEST_NOW + 60500);
    return 0;
}

static int setup(void **state)
{
    return setup_with(state, "master_pkg");
}

static int setup_single(void **state)
{
    return setup_with(state, "master_no_pkg");
}

/* The address of the file of that ordinal, without the endpoint. */
static struct str address(struct test_world *t, int64_t ordinal)
{
    struct backup_row row = backup_fixture_file(t, &m, ordinal);
    struct str url = backup_file_address(&t->call, &m, &row);
    assert_true(str_starts(url, STR(ENDPOINT "/")));
    return str_skip(url, sizeof ENDPOINT - 1);
}

static int send(struct test_world *t, const char *method, struct str target)
{
    size_t mark = str_find(target, '?');
    call_init(&t->call, &t->world, &t->arena);
    t->call.request = (struct request){
        .method = str_from(method), .path = str_head(target, mark), .query = str_skip(target, mark + 1)};
    return download_owns(&t->call.request) ? download_serve(&t->call) : 0;
}

static int get(struct test_world *t, struct str target)
{
    return send(t, "GET", target);
}

/* The target with the first `from` turned into `to`. */
static struct str with(struct test_world *t, struct str target, const char *from, const char *to)
{
    const char *at = memmem(target.p, target.n, from, strlen(from));
    assert_non_null(at);
    size_t before = (size_t)(at - target.p);
    struct str after = str_skip(target, before + strlen(from));
    return arena_printf(&t->arena, "%.*s%s%.*s", STR_ARG(str_head(target, before)), to, STR_ARG(after));
}

static void an_address_has_the_form_of_the_service(void **state)
{
    struct test_world *t = *state;
    struct str a = address(t, 0);
    assert_true(str_starts(
        a, STR("/" TEST_UIN "%2fsqlserver%2fm%2fbackup%2fmanual_instance_58001_20260101000000.bak.tar"
               "?sign=q-sign-algorithm%3dsha1%26q-ak%3d" TEST_ID "%26q-sign-time%3d1767196860%3b1767197760"
               "%26q-key-time%3d1767196860%3b1767197760%26q-header-list%3d%26q-url-param-list%3d"
               "%26q-signature%3d")));
    assert_true(str_ends(a, STR("&id=34365158400")));
}

static void it_returns_the_file(void **state)
{
    struct test_world *t = *state;
    struct backup_row row = backup_fixture_file(t, &m, 0);
    assert_int_equal(get(t, address(t, 0)), 200);
    assert_true(str_eq(t->call.answer, backup_file_body(&t->arena, &m, &row)));
}

static void each_single_file_has_its_own_address(void **state)
{
    struct test_world *t = *state;
    const struct backup_row rows[] = {backup_fixture_file(t, &m, 0), backup_fixture_file(t, &m, 1)};
    const struct str addresses[] = {address(t, 0), address(t, 1)};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(get(t, addresses[i]), 200);
        assert_true(str_eq(t->call.answer, backup_file_body(&t->arena, &m, &rows[i])));
    }
}

/* As Python's requests and others send it: escapes in upper case. */
static void escapes_may_be_in_upper_case(void **state)
{
    struct test_world *t = *state;
    struct str a = address(t, 0);
    char *upper = memcpy(arena_alloc(&t->arena, a.n), a.p, a.n);
    for (size_t i = 0; i + 2 < a.n; i++)
        if (upper[i] == '%' && upper[i + 2] >= 'a')
            upper[i + 2] = (char)(upper[i + 2] - 'a' + 'A');
    assert_int_equal(get(t, (struct str){upper, a.n}), 200);
}

/* A GET with one more header. */
static int get_with(struct test_world *t, struct str target, const char *header, const char *value)
{
    const struct header headers[] = {{str_from(header), str_from(value)}};
    size_t mark = str_find(target, '?');
    call_init(&t->call, &t->world, &t->arena);
    t->call.request = (struct request){.method = STR("GET"),
                                       .path = str_head(target, mark),
                                       .query = str_skip(target, mark + 1),
                                       .headers = headers,
                                       .n_headers = 1};
    return download_owns(&t->call.request) ? download_serve(&t->call) : 0;
}

static void a_download_continues_where_it_stopped(void **state)
{
    struct test_world *t = *state;
    struct str a = address(t, 0);
    assert_int_equal(get(t, a), 200);
    struct str whole = t->call.answer;
    assert_null(t->call.file_range.p);
    assert_int_equal(get_with(t, a, "Range", "bytes=100-"), 206);
    assert_true(str_eq(t->call.answer, str_skip(whole, 100)));
    assert_text(t->call.file_range, arena_printf(&t->arena, "bytes 100-%zu/%zu", whole.n - 1, whole.n).p);
    assert_int_equal(get_with(t, a, "Range", "bytes=5-9"), 206);
    assert_true(str_eq(t->call.answer, str_head(str_skip(whole, 5), 5)));
    assert_text(t->call.file_range, arena_printf(&t->arena, "bytes 5-9/%zu", whole.n).p);
}

static void a_range_after_the_end_is_rejected(void **state)
{
    struct test_world *t = *state;
    struct str a = address(t, 0);
    assert_int_equal(get(t, a), 200);
    size_t n = t->call.answer.n;
    assert_int_equal(get_with(t, a, "Range", arena_printf(&t->arena, "bytes=%zu-", n).p), 416);
    assert_text(t->call.file_range, arena_printf(&t->arena, "bytes */%zu", n).p);
    assert_int_equal(get_with(t, a, "Range", "bytes=9-8"), 200);
}

static void head_is_answered_like_get(void **state)
{
    struct test_world *t = *state;
    assert_int_equal(send(t, "HEAD", address(t, 0)), 200);
    assert_text(t->call.file_name, "manual_instance_58001_20260101000000.bak.tar");
    assert_int_equal(send(t, "HEAD", STR("/")), 0);
}

/* In the user's own world a database may have any name, and so may a key. */
static void odd_names_have_addresses_too(void **state)
{
    struct test_world *t = *state;
    struct account account = *t->call.credential->account;
    struct credential odd = {.secret_id = STR("a&b=%41+;"), .account = &account};
    struct backup_row row = backup_fixture_file(t, &m, 0);
    t->call.credential = &odd;
    struct str url = backup_file_address(&t->call, &m, &row);
    assert_int_equal(get(t, str_skip(url, sizeof ENDPOINT - 1)), 200);
}

#define XML(code, text)                                                                                      \
    "<?xml version='1.0' encoding='utf-8' ?>\n<Error>\n\t<Code>" code "</Code>\n\t<Message>" text            \
    "</Message>\n</Error>\n"

static void it_expires_to_the_second(void **state)
{
    struct test_world *t = *state;
    struct str a = address(t, 0); /* made half a second after a whole one, from which it counts */
    clock_freeze(&t->world.clock, TEST_NOW + 60000 + VALID_MS + 999);
    assert_int_equal(get(t, a), 200);
    clock_advance(&t->world.clock, 1);
    assert_int_equal(get(t, a), 403);
    assert_text(t->call.answer, XML("AccessDenied", "Request has expired"));
    clock_freeze(&t->world.clock, TEST_NOW);
    assert_int_equal(get(t, a), 200); /* made before the clock was moved back */
}

static void every_answer_has_a_new_address(void **state)
{
    struct test_world *t = *state;
    struct str first = address(t, 0);
    clock_advance(&t->world.clock, 1000);
    assert_false(str_eq(first, address(t, 0)));
}

static void no_part_of_it_can_be_changed(void **state)
{
    static const char *const changes[][2] = {
        {"1767197760", "1767197761"},           /* a longer window */
        {"1767196860", "1767196859"},           /* an earlier one */
        {"signature%3d", "signature%3d0"},      /* another signature */
        {"manual_instance", "autoed_instance"}, /* another file */
        {"%2fm%2f", "%2fn%2f"},                 /* another instance */
        {TEST_UIN, "100000000002"},             /* another account */
        {"%2fbackup%2f", "%2fBackup%2f"},
        {"%2fbackup%2f", "%2fbackups%2f"},
        {"%2fbackup%2fmanual", "%2fbackup"}, /* no part after the kind */
        {"%2fsqlserver%2fm%2fbackup%2f", "%2fsqlserver%2fbackup%2fm%2f"},
        {"q-signature", "q-signatur"},
        {"q-signature%3d", "q-signature%3d%26x%3d"},
        {"sign=q-", "sign=x-q-"}, /* every part is checked */
        {"q-sign-algorithm%3dsha1", "q-sign-algorithm%3dmd5"},
        {"q-ak%3dAKID", "q-ak%3dAKIE"},
        {"q-key-time%3d1767196860", "q-key-time%3d1767196861"},
        {"q-header-list%3d", "q-header-list%3dhost"},
        {"q-url-param-list%3d", "q-url-param-list%3d%26q-more%3d"},
    };
    struct test_world *t = *state;
    struct str a = address(t, 0);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        assert_int_equal(get(t, with(t, a, changes[i][0], changes[i][1])), 403);
        assert_text(t->call.answer,
                    XML("SignatureDoesNotMatch", "The signature in the request does not match."));
    }
}

static void an_id_belongs_to_its_address(void **state)
{
    struct test_world *t = *state;
    struct str a = address(t, 0);
    assert_int_equal(get(t, with(t, a, "id=34365158400", "id=34365158401")), 403); /* the other database's */
    static const char *const gone[] = {"id=34365158402", "id=34365159424", "id=5293", "id=-1", "id=0"};
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++) {
        assert_int_equal(get(t, with(t, a, "id=34365158400", gone[i])), 404);
        assert_text(t->call.answer, XML("NoSuchKey", "The specified key does not exist."));
    }
}

static void an_incomplete_address_is_denied(void **state)
{
    static const char *const changes[][2] = {{"?sign=", "?sing="},
                                             {"&id=", "&di="},
                                             {"&id=", "&id=x"},
                                             {"sign-time%3d1767196860%3b", "sign-time%3d1767196860%2c"},
                                             {"q-sign-time", "q-sine-time"}};
    struct test_world *t = *state;
    struct str a = address(t, 0);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        assert_int_equal(get(t, with(t, a, changes[i][0], changes[i][1])), 403);
        assert_text(t->call.answer, XML("AccessDenied", "The address has no signature."));
    }
    assert_int_equal(get(t, str_head(a, str_find(a, '?'))), 403);
}

static void a_removed_backup_has_no_file(void **state)
{
    struct test_world *t = *state;
    clock_freeze(&t->world.clock, TEST_NOW + m.keep_ms - 1);
    struct str a = address(t, 0);
    assert_int_equal(get(t, a), 200);
    clock_advance(&t->world.clock, 1);
    assert_int_equal(get(t, a), 404);
}

static void other_requests_are_not_downloads(void **state)
{
    static const char *const targets[] = {"/",
                                          "",
                                          "/?sign=x",
                                          "/1",
                                          "/x%2fsqlserver%2f",
                                          "/1/sqlserver/",
                                          "/%2fsqlserver%2fm",
                                          "/_virga/health",
                                          "/1%2fcvm%2fm"};
    struct test_world *t = *state;
    struct str a = address(t, 0);
    assert_int_equal(send(t, "POST", a), 0);
    assert_int_equal(send(t, "get", a), 0);
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        assert_int_equal(get(t, str_from(targets[i])), 0);
}

/* Two worlds that differ only in their secret. */
static void only_the_world_that_made_it_accepts_it(void **state)
{
    struct test_world *t = *state;
    struct str ours = address(t, 0);
    assert_int_equal(t->world.secret.n, 64);
    t->world.secret = STR("virga download");
    assert_false(str_eq(ours, address(t, 0)));
    assert_int_equal(get(t, ours), 403);
}

#define CASE(test, with) cmocka_unit_test_setup_teardown(test, with, test_world_teardown)

SUITE(download)
{
    const struct CMUnitTest tests[] = {
        CASE(an_address_has_the_form_of_the_service, setup),
        CASE(it_returns_the_file, setup),
        CASE(each_single_file_has_its_own_address, setup_single),
        CASE(escapes_may_be_in_upper_case, setup),
        CASE(a_download_continues_where_it_stopped, setup),
        CASE(a_range_after_the_end_is_rejected, setup),
        CASE(head_is_answered_like_get, setup),
        CASE(odd_names_have_addresses_too, setup),
        CASE(it_expires_to_the_second, setup),
        CASE(every_answer_has_a_new_address, setup),
        CASE(no_part_of_it_can_be_changed, setup),
        CASE(an_id_belongs_to_its_address, setup_single),
        CASE(an_incomplete_address_is_denied, setup),
        CASE(a_removed_backup_has_no_file, setup),
        CASE(other_requests_are_not_downloads, setup),
        CASE(only_the_world_that_made_it_accepts_it, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
