/* Proves that a kept request is a copy of its own, and that only the last ones are kept. */
#include "support/texts.h"

#include <stdio.h>

#include "core/kept_request.h"

static struct kept_requests kept;

static int teardown(void **state)
{
    (void)state;
    kept_requests_clear(&kept);
    return 0;
}

static const char *id_of(int i)
{
    static char id[KEPT_ID_CHARS + 1];
    (void)snprintf(id, sizeof id, "%0*d", KEPT_ID_CHARS, i);
    return id;
}

static void a_request_is_copied(void **state)
{
    char body[] = "{}";
    struct header header = {STR("Host"), STR("localhost")};
    struct request r = {
        .method = STR("POST"), .path = STR("/"), .body = {body, 2}, .headers = &header, .n_headers = 1};
    (void)state;
    kept_requests_add(&kept, id_of(1), "signature", &r);
    body[0] = 'x';
    header.value = STR("elsewhere");
    const struct kept_request *found = kept_requests_find(&kept, str_from(id_of(1)));
    assert_non_null(found);
    assert_string_equal(found->failed_step, "signature");
    assert_text(found->request.body, "{}");
    assert_text(request_header(&found->request, STR("host")), "localhost");
    assert_null(found->request.authority.p);
    assert_null(kept_requests_find(&kept, str_from(id_of(2))));
}

static void the_oldest_makes_room(void **state)
{
    const struct request r = {.method = STR("GET")};
    (void)state;
    for (int i = 0; i <= LIMIT_KEPT_REQUESTS; i++)
        kept_requests_add(&kept, id_of(i), "signature", &r);
    assert_null(kept_requests_find(&kept, str_from(id_of(0))));
    assert_non_null(kept_requests_find(&kept, str_from(id_of(1))));
    assert_non_null(kept_requests_find(&kept, str_from(id_of(LIMIT_KEPT_REQUESTS))));
    kept_requests_clear(&kept);
    assert_null(kept_requests_find(&kept, str_from(id_of(1))));
}

static void a_large_request_is_not_kept(void **state)
{
    static char text[LIMIT_KEPT_REQUEST + 1];
    struct request r = {.body = {text, sizeof text}};
    (void)state;
    kept_requests_add(&kept, id_of(1), "signature", &r);
    r = (struct request){.body_cut = true};
    kept_requests_add(&kept, id_of(1), "size", &r);
    assert_null(kept_requests_find(&kept, str_from(id_of(1))));
    r = (struct request){.body = {text, sizeof text - 1}};
    kept_requests_add(&kept, id_of(1), "signature", &r);
    assert_non_null(kept_requests_find(&kept, str_from(id_of(1))));
}

SUITE(kept_request)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_request_is_copied, NULL, teardown),
        cmocka_unit_test_setup_teardown(the_oldest_makes_room, NULL, teardown),
        cmocka_unit_test_setup_teardown(a_large_request_is_not_kept, NULL, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
