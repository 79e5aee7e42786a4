/* Proves how the console's files are served: by which names, in which form, with which headers, and when not
 * at all. */
#include <stdio.h>

#include "support/texts.h"

#include "base/codec.h"
#include "server/console_files.h"
#include "wire/digest.h"

static struct exchange_pool pool;

static struct exchange *ask(const char *method, const char *path, const struct header *headers, size_t n)
{
    struct exchange *x = exchange_take(&pool, str_from(path));
    x->call.arena = &x->arena;
    x->call.request = (struct request){
        .method = str_from(method), .path = str_from(path), .headers = headers, .n_headers = n};
    return x;
}

/* Serves it when it is the console's; else false. */
static bool serve(struct exchange *x)
{
    if (!console_owns(&x->call.request))
        return false;
    console_serve(x);
    return true;
}

static void done(struct exchange *x)
{
    exchange_give_back(&pool, x);
}

static struct str header_of(const struct exchange *x, const char *name)
{
    for (size_t i = 0; i < x->n_response_headers; i++)
        if (str_eq(x->response_headers[i].name, str_from(name)))
            return x->response_headers[i].value;
    return (struct str){NULL, 0};
}

static int teardown(void **state)
{
    (void)state;
    exchange_pool_done(&pool);
    return 0;
}

static void the_page_is_served(void **state)
{
    (void)state;
    struct exchange *x = ask("GET", "/_virga/", NULL, 0);
    assert_true(serve(x));
    assert_int_equal(x->status, 200);
    assert_string_equal(x->content_type, "text/html; charset=utf-8");
    assert_true(str_starts(x->call.answer, STR("<!doctype html>")));
    assert_null(header_of(x, "Content-Encoding").p);
    assert_text(header_of(x, "Cache-Control"), "no-cache");
    assert_text(header_of(x, "X-Content-Type-Options"), "nosniff");
    assert_true(
        str_starts(header_of(x, "Content-Security-Policy"), STR("default-src 'none'; script-src 'self';")));
    done(x);
}

static void the_folder_redirects_to_the_page(void **state)
{
    (void)state;
    struct exchange *x = ask("GET", "/_virga", NULL, 0);
    assert_true(serve(x));
    assert_int_equal(x->status, 308);
    assert_text(header_of(x, "Location"), "/_virga/");
    done(x);
}

static void files_and_the_document_have_their_names(void **state)
{
    static const char *const paths[] = {"/_virga/console/app.js", "/_virga/console/views/explorer.js",
                                        "/_virga/schema.json", "/_virga/console/icon.svg"};
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct exchange *x = ask("HEAD", paths[i], NULL, 0);
        assert_true(serve(x));
        assert_true(x->call.answer.n > 0);
        done(x);
    }
}

static void other_paths_are_not_the_consoles(void **state)
{
    static const char *const paths[] = {"/",
                                        "/_virga/console/",
                                        "/_virga/console",
                                        "/_virga/console/../app.js",
                                        "/_virga/console/nothing.js",
                                        "/_virga/health",
                                        "/_virga/app.js"};
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct exchange *x = ask("GET", paths[i], NULL, 0);
        assert_false(serve(x));
        assert_int_equal(x->n_response_headers, 0);
        done(x);
    }
    struct exchange *x = ask("POST", "/_virga/", NULL, 0);
    assert_false(serve(x));
    done(x);
}

/* --- the compressed form --- */

static bool is_compressed(const char *accept)
{
    const struct header h = {STR("Accept-Encoding"), str_from(accept)};
    struct exchange *x = ask("GET", "/_virga/console/app.js", &h, 1);
    assert_true(serve(x));
    bool gzip = str_starts(x->call.answer, STR("\x1f\x8b"));
    assert_int_equal(gzip, str_eq(header_of(x, "Content-Encoding"), STR("gzip")));
    done(x);
    return gzip;
}

static void only_clients_that_accept_gzip_get_it(void **state)
{
    (void)state;
    assert_true(is_compressed("gzip"));
    assert_true(is_compressed("deflate, GZIP;q=0.5"));
    assert_false(is_compressed("gzip;q=0"));
    assert_false(is_compressed("br, gzip; q=0.0"));
    assert_false(is_compressed("x-gzip"));
    assert_false(is_compressed(""));
}

/* The ETag is the hash of the file, so it proves every byte. */
static void every_file_is_decompressed_as_it_was(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_console_files; i++) {
        const struct console_file *file = &console_files[i];
        char path[256], etag[2 + SHA256_HEX];
        uint8_t hash[SHA256_BYTES];
        (void)snprintf(path, sizeof path, "/_virga/console/%.*s", STR_ARG(file->name));
        struct exchange *x = ask("GET", path, NULL, 0);
        assert_true(serve(x));
        assert_int_equal(x->call.answer.n, file->n);
        sha256(x->call.answer, hash);
        hex_encode(hash, sizeof hash, etag + 1);
        etag[0] = etag[33] = '"';
        assert_text(header_of(x, "ETag"), arena_cstr(&x->arena, (struct str){etag, 34}));
        done(x);
    }
}

/* --- what the client has already --- */

static int status_with(const char *accept, struct str have)
{
    const struct header h[] = {{STR("Accept-Encoding"), str_from(accept)}, {STR("If-None-Match"), have}};
    struct exchange *x = ask("GET", "/_virga/console/app.js", h, 2);
    assert_true(serve(x));
    assert_int_equal(x->status == 304, x->call.answer.n == 0);
    int status = x->status;
    done(x);
    return status;
}

static void what_the_client_has_is_not_sent_again(void **state)
{
    char have[128];
    (void)state;
    struct exchange *x = ask("GET", "/_virga/console/app.js", NULL, 0);
    assert_true(serve(x));
    struct str etag = header_of(x, "ETag");
    assert_true(etag.n == 34 && etag.p[0] == '"');
    assert_int_equal(status_with("", etag), 304);
    assert_int_equal(status_with("gzip", etag), 200); /* other bytes have another ETag */
    (void)snprintf(have, sizeof have, "\"other\", W/%.*s", STR_ARG(etag));
    assert_int_equal(status_with("", str_from(have)), 304);
    assert_int_equal(status_with("", STR("*")), 304);
    assert_int_equal(status_with("", STR("\"other\"")), 200);
    assert_int_equal(status_with("", STR("")), 200);
    done(x);
}

static void all_of_it_is_small(void **state)
{
    enum { WIRE_MAX = 200 * 1024 };
    size_t n = 0;
    (void)state;
    for (size_t i = 0; i < n_console_files; i++)
        n += console_files[i].bytes.n;
    assert_true(n > 0 && n <= WIRE_MAX);
}

SUITE(console)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_is_served),
        cmocka_unit_test(the_folder_redirects_to_the_page),
        cmocka_unit_test(files_and_the_document_have_their_names),
        cmocka_unit_test(other_paths_are_not_the_consoles),
        cmocka_unit_test(only_clients_that_accept_gzip_get_it),
        cmocka_unit_test(every_file_is_decompressed_as_it_was),
        cmocka_unit_test(what_the_client_has_is_not_sent_again),
        cmocka_unit_test(all_of_it_is_small),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
