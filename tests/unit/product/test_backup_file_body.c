/* Proves that a file has exactly the size in the answers and the same bytes every time, and that tar reads an
 * archive. */
#include "support/backup_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "product/sqlserver/backup_file.h"

enum { BLOCK = 512 };

static bool contains(struct str text, struct str part)
{
    return memmem(text.p, text.n, part.p, part.n) != NULL;
}

static void a_single_file_is_text_about_itself(void **state)
{
    struct test_world *t = *state;
    struct instance m = backup_fixture(t, "master_no_pkg");
    struct backup_row row = backup_fixture_file(t, &m, 1);
    struct str body = backup_file_body(&t->arena, &m, &row);
    assert_int_equal(body.n, backup_file_kb(&row) * 1024);
    assert_true(str_starts(body, STR("virga backup file; there is no data in it\n"
                                     "instance: m\nregion: ap-guangzhou\ndatabase: orders\n"
                                     "backup id: 34365158401\nflow id: 5293\nbackup name: mine\n"
                                     "start: 2026-01-01 00:00:00\n\nvirga 00000001\n")));
    assert_null(memchr(body.p, '\0', body.n));
}

static void the_same_file_has_the_same_bytes(void **state)
{
    struct test_world *t = *state;
    struct instance m = backup_fixture(t, "master_no_pkg");
    struct backup_row one = backup_fixture_file(t, &m, 0), two = backup_fixture_file(t, &m, 1);
    struct str first = backup_file_body(&t->arena, &m, &one);
    clock_advance(&t->world.clock, 86400000);
    assert_true(str_eq(first, backup_file_body(&t->arena, &m, &one)));
    assert_false(str_eq(first, backup_file_body(&t->arena, &m, &two)));
}

/* --- archives --- */

static unsigned long octal(const char *field)
{
    return strtoul(field, NULL, 8);
}

static void check_head(const char *head, const char *name)
{
    unsigned long sum = 0;
    for (size_t i = 0; i < BLOCK; i++)
        sum += i >= 148 && i < 156 ? ' ' : (unsigned char)head[i];
    assert_string_equal(head, name);
    assert_int_equal(octal(head + 148), sum);
    assert_int_equal(octal(head + 136), TEST_NOW / 1000);
    assert_int_equal(head[156], '0');
    assert_memory_equal(head + 257, "ustar\00000", 8);
}

static void an_archive_has_a_member_for_each_database(void **state)
{
    static const char *const names[] = {"db1.bak", "orders.bak"};
    struct test_world *t = *state;
    struct instance m = backup_fixture(t, "master_pkg");
    struct backup_row row = backup_fixture_file(t, &m, 0);
    struct str rest = backup_file_body(&t->arena, &m, &row);
    assert_int_equal(rest.n, backup_file_kb(&row) * 1024);
    for (size_t i = 0; i < 2; i++) {
        check_head(rest.p, names[i]);
        size_t size = octal(rest.p + 124);
        assert_int_equal(size % BLOCK, 0);
        rest = str_skip(rest, BLOCK);
        assert_true(str_starts(rest, STR("virga backup file; ")));
        assert_true(contains(str_head(rest, size),
                             arena_printf(&t->arena, "database: %.*s\n", STR_ARG(row.databases.v[i]))));
        rest = str_skip(rest, size);
    }
    assert_true(rest.n >= 2 * BLOCK && rest.n % BLOCK == 0);
    for (size_t i = 0; i < rest.n; i++)
        assert_int_equal(rest.p[i], 0);
}

/* What a shell command prints, in the arena. */
static struct str output_of(struct test_world *t, const char *command)
{
    char *text = arena_zalloc(&t->arena, 4096);
    FILE *f = popen(command, "r");
    assert_non_null(f);
    size_t n = fread(text, 1, 4095, f);
    assert_int_equal(pclose(f), 0);
    return (struct str){text, n};
}

static void the_tar_of_the_system_reads_it(void **state)
{
    struct test_world *t = *state;
    struct instance m = backup_fixture(t, "master_pkg");
    struct backup_row row = backup_fixture_file(t, &m, 0);
    struct str problem;
    const char *path = arena_printf(&t->arena, "%s/b.tar", t->folder).p;
    assert_int_equal(file_replace(&t->arena, path, backup_file_body(&t->arena, &m, &row), &problem), 0);
    assert_text(output_of(t, arena_printf(&t->arena, "tar -tf %s 2>&1", path).p), "db1.bak\norders.bak\n");
    assert_text(output_of(t, arena_printf(&t->arena, "tar -xOf %s orders.bak 2>&1 | sed -n 4p", path).p),
                "database: orders\n");
}

/* From one member to many small ones: the sizes must be right for each number. */
static void any_number_of_databases_fits(void **state)
{
    struct test_world *t = *state;
    struct instance m = {.instance_id = STR("m"), .region = STR("r"), .port = 1};
    struct backup_row row = {.flow = 1, .name = STR("n"), .databases = {.set = true}};
    for (size_t n = 1; n <= 64; n++) {
        str_list_add(&t->arena, &row.databases, arena_printf(&t->arena, "d%zu", n));
        struct str body = backup_file_body(&t->arena, &m, &row);
        size_t at = 0;
        assert_int_equal(body.n, backup_file_kb(&row) * 1024);
        for (size_t i = 0; i < n; i++)
            at += BLOCK + octal(body.p + at + 124);
        assert_true(at + 2 * BLOCK <= body.n);
        assert_int_equal(body.p[at], 0);
    }
}

/* Names that are equal up to the longest name of a member: one has a character of two bytes at the cut, one
 * just fits, and one looks like a cut one. */
static void long_names_stay_different(void **state)
{
    static const char *const members[] = {"7", "7~0001", "7~0002", "\xc3\xa4~0003", "7~0002"};
    struct test_world *t = *state;
    struct instance m = {.instance_id = STR("m"), .region = STR("r"), .port = 1};
    struct backup_row row = {.flow = 1, .start_ms = TEST_NOW, .databases = {.set = true}};
    const char *zeros = arena_printf(&t->arena, "%089d", 0).p;
    const struct str names[] = {
        arena_printf(&t->arena, "%s7", zeros),
        arena_printf(&t->arena, "%s7a", zeros),
        arena_printf(&t->arena, "%s7b", zeros),
        arena_printf(&t->arena, "%s\xc3\xa4\xc3\xa4", zeros + 2),
        arena_printf(&t->arena, "%s7~0002", zeros + 5),
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        str_list_add(&t->arena, &row.databases, names[i]);
    struct str body = backup_file_body(&t->arena, &m, &row);
    for (size_t i = 0, at = 0; i < sizeof names / sizeof *names; i++) {
        size_t cut = (size_t[]){0, 0, 0, 2, 5}[i];
        check_head(body.p + at, arena_printf(&t->arena, "%s%s.bak", zeros + cut, members[i]).p);
        at += BLOCK + octal(body.p + at + 124);
    }
}

/* From a state file that was edited by hand: no database, and a name as long as the whole file. The content
 * ends within the size. */
static void impossible_backups_have_finite_files(void **state)
{
    struct test_world *t = *state;
    struct instance m = {.instance_id = STR("m"), .region = STR("r"), .port = 1};
    struct backup_row row = {.flow = INT64_MAX, .name = STR("n"), .start_ms = INT64_MAX};
    assert_int_equal(backup_file_body(&t->arena, &m, &row).n, 0);
    str_list_add(&t->arena, &row.databases, arena_printf(&t->arena, "%0100000d", 0));
    assert_true(backup_file_body(&t->arena, &m, &row).n <= (size_t)backup_file_kb(&row) * 1024);
    row.database = row.databases.v[0];
    assert_true(backup_file_body(&t->arena, &m, &row).n <= (size_t)backup_file_kb(&row) * 1024);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, test_world_setup, test_world_teardown)

SUITE(backup_file_body)
{
    const struct CMUnitTest tests[] = {
        CASE(a_single_file_is_text_about_itself),
        CASE(the_same_file_has_the_same_bytes),
        CASE(an_archive_has_a_member_for_each_database),
        CASE(the_tar_of_the_system_reads_it),
        CASE(any_number_of_databases_fits),
        CASE(long_names_stay_different),
        CASE(impossible_backups_have_finite_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
