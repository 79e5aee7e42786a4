/* Proves that decoding accepts exactly the documented types, names what is wrong, and checks names before
 * types before what is missing. */
#include "support/suite.h"

#include "base/limits.h"
#include "wire/decode.h"
#include "wire/json.h"

struct user {
    struct str name;
    struct opt_bool admin;
};
struct user_list {
    struct user *v;
    size_t n;
    bool set;
};
struct order {
    struct str id;
    struct opt_i64 size;
    struct opt_u64 count;
    struct opt_f64 price;
    struct opt_bool paid;
    struct str_list tags;
    struct i64_list ports;
    struct user *owner;
    struct user_list users;
    struct opt_i64 limit;
    struct str kind;
};

static const struct shape_field user_fields[] = {
    {.name = STR_INIT("Name"), .type = SHAPE_STRING, .required = true, .offset = offsetof(struct user, name)},
    {.name = STR_INIT("Admin"), .type = SHAPE_BOOL, .offset = offsetof(struct user, admin)},
};
static const struct shape user_shape = {"user", sizeof(struct user), user_fields, 2};

#define FIELD(wire, kind, member)                                                                            \
    .name = STR_INIT(wire), .type = kind, .offset = offsetof(struct order, member)
static const struct shape_field order_fields[] = {
    {FIELD("Id", SHAPE_STRING, id), .required = true},
    {FIELD("Size", SHAPE_INT64, size)},
    {FIELD("Count", SHAPE_UINT64, count)},
    {FIELD("Price", SHAPE_DOUBLE, price)},
    {FIELD("Paid", SHAPE_BOOL, paid)},
    {FIELD("Tags", SHAPE_STRING, tags), .list = true},
    {FIELD("Ports", SHAPE_INT64, ports), .list = true},
    {FIELD("Owner", SHAPE_OBJECT, owner), .object = &user_shape},
    {FIELD("Users", SHAPE_OBJECT, users), .object = &user_shape, .list = true},
    {FIELD("Limit", SHAPE_INT64, limit), .fallback = STR_INIT("20")},
    {FIELD("Kind", SHAPE_STRING, kind), .fallback = STR_INIT("data")},
};
static const struct shape order_shape = {"order", sizeof(struct order), order_fields, 11};

struct fixture {
    struct arena arena;
    struct order order;
    struct decode_error error;
};

static int setup(void **state)
{
    static struct fixture f;
    arena_init(&f.arena);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    arena_done(&((struct fixture *)*state)->arena);
    return 0;
}

static int decode_tree(struct fixture *f, const struct node *tree)
{
    f->order = (struct order){0};
    f->error = (struct decode_error){0};
    return decode(&f->arena, &order_shape, tree, &f->order, &f->error);
}

static int decode_text(struct fixture *f, const char *json)
{
    struct node *tree;
    assert_int_equal(json_parse(&f->arena, str_from(json), &tree, NULL), 0);
    return decode_tree(f, tree);
}

/* {"Id":"a", name: text} as a query would give it. */
static int decode_query(struct fixture *f, const char *name, const char *text)
{
    struct node *tree = node_new(&f->arena, NODE_OBJECT);
    struct node *id = node_new(&f->arena, NODE_TEXT), *n = node_new(&f->arena, NODE_TEXT);
    id->text = STR("a");
    n->text = str_from(text);
    node_add(tree, STR("Id"), id);
    node_add(tree, str_from(name), n);
    return decode_tree(f, tree);
}

static void assert_str(struct str got, const char *wanted)
{
    assert_non_null(got.p);
    assert_int_equal(got.n, strlen(wanted));
    assert_memory_equal(got.p, wanted, strlen(wanted));
}

static void assert_fault(struct fixture *f, const char *json, enum decode_fault fault, const char *path)
{
    assert_int_equal(decode_text(f, json), -1);
    assert_int_equal(f->error.fault, fault);
    assert_str(f->error.path, path);
}

static void assert_type(struct fixture *f, const char *json, const char *path, const char *expected)
{
    assert_fault(f, json, DECODE_TYPE, path);
    assert_string_equal(f->error.expected, expected);
}

static void test_takes_every_type(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(
        decode_text(f,
                    "{\"Id\":\"a\",\"Size\":-7,\"Count\":8,\"Price\":0.5,\"Paid\":true,\"Tags\":[\"x\",\"\"],"
                    "\"Ports\":[1,2,3],\"Owner\":{\"Name\":\"o\"},"
                    "\"Users\":[{\"Name\":\"u\",\"Admin\":false},{\"Name\":\"w\"}]}"),
        0);
    const struct order *o = &f->order;
    assert_str(o->id, "a");
    assert_true(o->size.set && o->size.v == -7);
    assert_true(o->count.set && o->count.v == 8);
    assert_true(o->price.set && o->price.v == 0.5);
    assert_true(o->paid.set && o->paid.v);
    assert_true(o->tags.set);
    assert_int_equal(o->tags.n, 2);
    assert_str(o->tags.v[0], "x");
    assert_str(o->tags.v[1], "");
    assert_int_equal(o->ports.n, 3);
    assert_int_equal(o->ports.v[2], 3);
    assert_str(o->owner->name, "o");
    assert_false(o->owner->admin.set);
    assert_int_equal(o->users.n, 2);
    assert_true(o->users.v[0].admin.set && !o->users.v[0].admin.v);
    assert_str(o->users.v[1].name, "w");
}

static void test_absent_values_stay_unset(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(decode_text(f, "{\"Id\":\"\",\"Size\":null,\"Owner\":null,\"Tags\":null}"), 0);
    assert_str(f->order.id, "");
    assert_false(f->order.size.set);
    assert_null(f->order.owner);
    assert_false(f->order.tags.set);
    assert_false(f->order.paid.set);
}

static void test_empty_list_is_given(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(decode_text(f, "{\"Id\":\"a\",\"Tags\":[],\"Users\":[]}"), 0);
    assert_true(f->order.tags.set && f->order.tags.n == 0);
    assert_true(f->order.users.set && f->order.users.n == 0);
}

static void test_fallback_only_when_absent(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(decode_text(f, "{\"Id\":\"a\",\"Kind\":null}"), 0);
    assert_true(f->order.limit.set && f->order.limit.v == 20);
    assert_str(f->order.kind, "data");
    assert_int_equal(decode_text(f, "{\"Id\":\"a\",\"Limit\":0,\"Kind\":\"\"}"), 0);
    assert_true(f->order.limit.set && f->order.limit.v == 0);
    assert_str(f->order.kind, "");
}

static void test_wrong_types_are_named(void **state)
{
    struct fixture *f = *state;
    assert_type(f, "{\"Id\":1}", "Id", "string");
    assert_type(f, "{\"Id\":true}", "Id", "string");
    assert_type(f, "{\"Id\":\"a\",\"Size\":\"1\"}", "Size", "integer");
    assert_type(f, "{\"Id\":\"a\",\"Size\":true}", "Size", "integer");
    assert_type(f, "{\"Id\":\"a\",\"Price\":\"1\"}", "Price", "float");
    assert_type(f, "{\"Id\":\"a\",\"Paid\":1}", "Paid", "boolean");
    assert_type(f, "{\"Id\":\"a\",\"Paid\":\"true\"}", "Paid", "boolean");
    assert_type(f, "{\"Id\":\"a\",\"Tags\":\"x\"}", "Tags", "array");
    assert_type(f, "{\"Id\":\"a\",\"Tags\":{}}", "Tags", "array");
    assert_type(f, "{\"Id\":\"a\",\"Tags\":[\"x\",2]}", "Tags.1", "string");
    assert_type(f, "{\"Id\":\"a\",\"Tags\":[null]}", "Tags.0", "string");
    assert_type(f, "{\"Id\":\"a\",\"Owner\":[]}", "Owner", "object");
    assert_type(f, "{\"Id\":\"a\",\"Users\":[7]}", "Users.0", "object");
    assert_type(f, "{\"Id\":\"a\",\"Users\":[{\"Name\":\"u\"},{\"Name\":2}]}", "Users.1.Name", "string");
    assert_type(f, "[]", "", "object");
}

static void test_integers_are_exact(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(decode_text(f, "{\"Id\":\"a\",\"Size\":9007199254740991,\"Count\":9007199254740991}"),
                     0);
    assert_true(f->order.size.v == LIMIT_JSON_INTEGER && f->order.count.v == (uint64_t)LIMIT_JSON_INTEGER);
    assert_int_equal(decode_text(f, "{\"Id\":\"a\",\"Size\":-9007199254740991}"), 0);
    assert_int_equal(decode_text(f, "{\"Id\":\"a\",\"Size\":1e3}"), 0);
    assert_true(f->order.size.v == 1000);
    assert_type(f, "{\"Id\":\"a\",\"Size\":9007199254740992}", "Size", "integer");
    assert_type(f, "{\"Id\":\"a\",\"Size\":9007199254740993}", "Size", "integer");
    assert_type(f, "{\"Id\":\"a\",\"Size\":1.5}", "Size", "integer");
    assert_type(f, "{\"Id\":\"a\",\"Size\":1e300}", "Size", "integer");
    assert_type(f, "{\"Id\":\"a\",\"Count\":-1}", "Count", "integer");
    assert_type(f, "{\"Id\":\"a\",\"Count\":9007199254740992}", "Count", "integer");
    assert_type(f, "{\"Id\":\"a\",\"Ports\":[1,0.5]}", "Ports.1", "integer");
}

static void test_text_is_converted(void **state)
{
    static const char *const yes[] = {"true", "True", "TRUE", "1"}, *const no[] = {"false", "False", "0"};
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++) {
        assert_int_equal(decode_query(f, "Paid", yes[i]), 0);
        assert_true(f->order.paid.set && f->order.paid.v);
    }
    for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++) {
        assert_int_equal(decode_query(f, "Paid", no[i]), 0);
        assert_true(f->order.paid.set && !f->order.paid.v);
    }
    assert_int_equal(decode_query(f, "Size", "-12"), 0);
    assert_true(f->order.size.v == -12);
    assert_int_equal(decode_query(f, "Price", "-2.5e1"), 0);
    assert_true(f->order.price.v == -25.0);
    assert_int_equal(decode_query(f, "Kind", "1"), 0);
    assert_str(f->order.kind, "1");
}

static void test_text_that_does_not_convert(void **state)
{
    static const char *const bad[][2] = {
        {"Size", ""},
        {"Size", "1.0"},
        {"Size", " 1"},
        {"Size", "9007199254740992"},
        {"Count", "-1"},
        {"Count", "1x"},
        {"Count", "9007199254740992"},
        {"Paid", "yes"},
        {"Paid", ""},
        {"Size", "-9007199254740992"},
        {"Paid", "2"},
        {"Price", ""},
        {"Price", "1e999"},
        {"Price", "nan"},
        {"Price", "inf"},
        {"Price", "0x10"},
        {"Price", "1 "},
        {"Price", "1.2.3"},
        {"Tags", "x"},
        {"Owner", "x"},
        {"Price", "-"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        assert_int_equal(decode_query(f, bad[i][0], bad[i][1]), -1);
        assert_int_equal(f->error.fault, DECODE_TYPE);
        assert_str(f->error.path, bad[i][0]);
    }
}

static void test_unknown_and_repeated_names(void **state)
{
    struct fixture *f = *state;
    assert_fault(f, "{\"Id\":\"a\",\"id\":\"a\"}", DECODE_UNKNOWN, "id");
    assert_fault(f, "{\"Id\":\"a\",\"\":1}", DECODE_UNKNOWN, "");
    assert_fault(f, "{\"Id\":\"a\",\"Owner\":{\"Name\":\"o\",\"Age\":1}}", DECODE_UNKNOWN, "Owner.Age");
    assert_fault(f, "{\"Id\":\"a\",\"Users\":[{\"Name\":\"o\"},{\"Age\":1}]}", DECODE_UNKNOWN, "Users.1.Age");
    assert_fault(f, "{\"Id\":\"a\",\"Size\":1,\"Id\":\"a\"}", DECODE_REPEATED, "Id");
    assert_fault(f, "{\"Id\":\"a\",\"Id\":null}", DECODE_REPEATED, "Id");
    assert_fault(f, "{\"Id\":\"a\",\"Owner\":{\"Name\":\"o\",\"Name\":\"o\"}}", DECODE_REPEATED,
                 "Owner.Name");
}

static void test_missing_is_named(void **state)
{
    struct fixture *f = *state;
    assert_fault(f, "{}", DECODE_MISSING, "Id");
    assert_fault(f, "{\"Id\":null}", DECODE_MISSING, "Id");
    assert_fault(f, "{\"Id\":\"a\",\"Owner\":{}}", DECODE_MISSING, "Owner.Name");
    assert_fault(f, "{\"Id\":\"a\",\"Users\":[{\"Name\":\"u\"},{}]}", DECODE_MISSING, "Users.1.Name");
}

/* Each neighbouring pair, the later fault placed first in the text. */
static void test_order_of_faults(void **state)
{
    struct fixture *f = *state;
    assert_fault(f, "{\"Id\":1,\"X\":1}", DECODE_UNKNOWN, "X");
    assert_fault(f, "{\"Id\":1,\"Users\":[{\"X\":1}]}", DECODE_UNKNOWN, "Users.0.X");
    assert_fault(f, "{\"Users\":[{}],\"Size\":\"1\"}", DECODE_TYPE, "Size");
    assert_fault(f, "{\"Users\":[{\"Name\":1}],\"Size\":\"1\"}", DECODE_TYPE, "Size");
}

/* A client's name of any size does not become an answer of that size, nor half a character. */
static void test_long_names_are_cut(void **state)
{
    struct fixture *f = *state;
    char json[2048] = "{\"Id\":\"a\",\"x";
    for (size_t i = 0; i < 400; i++)
        memcpy(json + 12 + 2 * i, "\xc3\xa9", 2);
    memcpy(json + 812, "\":1}", 5);
    assert_int_equal(decode_text(f, json), -1);
    assert_int_equal(f->error.fault, DECODE_UNKNOWN);
    assert_int_equal(f->error.path.n, 255);
}

SUITE(decode)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_takes_every_type, setup, teardown),
        cmocka_unit_test_setup_teardown(test_absent_values_stay_unset, setup, teardown),
        cmocka_unit_test_setup_teardown(test_empty_list_is_given, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fallback_only_when_absent, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wrong_types_are_named, setup, teardown),
        cmocka_unit_test_setup_teardown(test_integers_are_exact, setup, teardown),
        cmocka_unit_test_setup_teardown(test_text_is_converted, setup, teardown),
        cmocka_unit_test_setup_teardown(test_text_that_does_not_convert, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown_and_repeated_names, setup, teardown),
        cmocka_unit_test_setup_teardown(test_missing_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(test_order_of_faults, setup, teardown),
        cmocka_unit_test_setup_teardown(test_long_names_are_cut, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
