/* Proves which texts are addresses or networks, and which addresses a network holds. */
#include "support/texts.h"

#include <arpa/inet.h>

#include "core/account.h"

static struct str raw(const char *text, uint8_t bytes[ADDRESS_BYTES])
{
    bool six = strchr(text, ':') != NULL;
    assert_int_equal(inet_pton(six ? AF_INET6 : AF_INET, text, bytes), 1);
    return (struct str){(const char *)bytes, six ? 16 : 4};
}

static bool has(const char *range_text, const char *address)
{
    struct address_range range;
    uint8_t bytes[ADDRESS_BYTES];
    assert_int_equal(address_range_parse(str_from(range_text), &range), 0);
    return address_in(&(struct address_list){&range, 1}, raw(address, bytes));
}

static void an_address_is_itself_alone(void **state)
{
    (void)state;
    assert_true(has("127.0.0.1", "127.0.0.1"));
    assert_false(has("127.0.0.1", "127.0.0.2"));
    assert_true(has("::1", "::1"));
    assert_false(has("::1", "::2"));
    assert_false(has("::1", "127.0.0.1"));
}

static void a_network_holds_what_begins_with_it(void **state)
{
    (void)state;
    assert_true(has("10.0.0.0/8", "10.255.255.255"));
    assert_false(has("10.0.0.0/8", "11.0.0.0"));
    assert_true(has("10.1.2.128/25", "10.1.2.128"));
    assert_true(has("10.1.2.128/25", "10.1.2.255"));
    assert_false(has("10.1.2.128/25", "10.1.2.127"));
    assert_true(has("10.1.2.3/32", "10.1.2.3"));
    assert_false(has("10.1.2.3/32", "10.1.2.2"));
    assert_true(has("fd00::/7", "fcff::1"));
    assert_false(has("fd00::/7", "fe00::1"));
    assert_true(has("::/0", "2001:db8::1"));
    assert_true(has("0.0.0.0/0", "255.255.255.255"));
    assert_false(has("0.0.0.0/0", "2001:db8::1"));
}

static void bits_after_the_prefix_are_ignored(void **state)
{
    (void)state;
    assert_true(has("10.9.8.7/8", "10.1.1.1"));
}

/* A listener for IPv6 sees an IPv4 client under a mapped address. */
static void a_mapped_address_is_the_ipv4_address(void **state)
{
    (void)state;
    assert_true(has("127.0.0.0/8", "::ffff:127.0.0.1"));
    assert_true(has("::ffff:127.0.0.1", "127.0.0.1"));
}

static void other_texts_are_no_range(void **state)
{
    static const char *const texts[] = {
        "",
        "localhost",
        "127.0.0",
        "127.0.0.256",
        "127.0.0.1/33",
        "127.0.0.1/",
        "127.0.0.1/-1",
        "10.0.0.0/8/8",
        "::1/129",
        "::g",
        " 127.0.0.1",
        "127.0.0.1 ",
        "/8",
        "127.0.0.1/x",
        "1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111",
    };
    struct address_range range;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(address_range_parse(str_from(texts[i]), &range), -1);
    assert_int_equal(address_range_parse((struct str){NULL, 0}, &range), -1);
    assert_int_equal(address_range_parse(STR("127.0.0.1\0"), &range), -1);
}

static void an_unknown_address_is_in_no_list(void **state)
{
    struct address_range all;
    (void)state;
    assert_int_equal(address_range_parse(STR("::/0"), &all), 0);
    assert_false(address_in(&(struct address_list){&all, 1}, (struct str){NULL, 0}));
    assert_false(address_in(&(struct address_list){&all, 1}, STR("12345")));
    assert_false(address_in(&(struct address_list){NULL, 0}, STR("1234")));
}

static void any_range_of_a_list_will_do(void **state)
{
    struct address_range ranges[2];
    uint8_t bytes[ADDRESS_BYTES];
    (void)state;
    assert_int_equal(address_range_parse(STR("10.0.0.0/8"), &ranges[0]), 0);
    assert_int_equal(address_range_parse(STR("127.0.0.1"), &ranges[1]), 0);
    assert_true(address_in(&(struct address_list){ranges, 2}, raw("127.0.0.1", bytes)));
    assert_false(address_in(&(struct address_list){ranges, 1}, raw("127.0.0.1", bytes)));
}

SUITE(address)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_itself_alone),
        cmocka_unit_test(a_network_holds_what_begins_with_it),
        cmocka_unit_test(bits_after_the_prefix_are_ignored),
        cmocka_unit_test(a_mapped_address_is_the_ipv4_address),
        cmocka_unit_test(other_texts_are_no_range),
        cmocka_unit_test(an_unknown_address_is_in_no_list),
        cmocka_unit_test(any_range_of_a_list_will_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
