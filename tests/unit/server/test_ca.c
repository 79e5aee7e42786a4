/* Proves that the authority and the server's certificate are made once and used again, and when each of them
 * is made again. */
#include "support/texts.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "server/tls.h"

static struct arena arena;
static char root[64];
static const char *folder;

static const struct str names[] = {STR_INIT("localhost"), STR_INIT("127.0.0.1"), STR_INIT("::1"),
                                   STR_INIT("*.example.com")};
static const struct san_list all = {names, 4};

static int setup(void **state)
{
    (void)state;
    arena_init(&arena);
    (void)snprintf(root, sizeof root, "%s", P_tmpdir "/virga-ca-" FILE_UNIQUE);
    if (!mkdtemp(root))
        return -1;
    folder = arena_printf(&arena, "%s/state/ca", root).p;
    return 0;
}

static int remove_one(const char *name, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(name);
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* What a start of the server would get. */
struct got {
    struct ca ca;
    struct pem_pair server;
};

static struct got start_with(struct san_list list)
{
    struct got g = {.ca = {.arena = &arena, .folder = folder}};
    struct str problem;
    if (ca_certificate(&g.ca, list, &g.server, &problem) != 0)
        fail_msg("%.*s", STR_ARG(problem));
    return g;
}

static const char *path_of(const char *name)
{
    return arena_printf(&arena, "%s/%s", folder, name).p;
}

static void overwrite(const char *name, struct str text)
{
    struct str problem;
    assert_int_equal(file_replace(&arena, path_of(name), text, &problem), 0);
}

static void assert_same_authority(struct got a, struct got b)
{
    assert_true(str_eq(a.ca.authority.certificate, b.ca.authority.certificate));
    assert_true(str_eq(a.ca.authority.key, b.ca.authority.key));
    assert_false(b.ca.replaced);
}

static void assert_works(struct got g, struct san_list list)
{
    struct x509_server wanted = {&g.ca.authority, list, clock_real_ms() / 1000};
    assert_true(x509_authority_is_good(&g.ca.authority, wanted.now_s));
    assert_true(x509_server_is_good(&g.server, &wanted));
}

static void files_are_private_and_used_again(void **state)
{
    static const char *const files[] = {"ca.pem", "ca.key", "leaf.pem", "leaf.key", "lock"};
    struct stat st;
    (void)state;
    struct got first = start_with(all), second = start_with(all);
    assert_works(first, all);
    assert_false(first.ca.replaced);
    assert_same_authority(first, second);
    assert_true(str_eq(first.server.certificate, second.server.certificate));
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        assert_int_equal(stat(path_of(files[i]), &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
    assert_int_equal(stat(folder, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
}

static void only_the_authority_is_made_when_only_that_is_asked_for(void **state)
{
    struct ca ca = {.arena = &arena, .folder = folder};
    struct str problem;
    (void)state;
    assert_int_equal(ca_open(&ca, &problem), 0);
    assert_string_equal(ca.path, path_of("ca.pem"));
    assert_int_equal(access(path_of("leaf.pem"), F_OK), -1);
    struct got later = start_with(all);
    assert_true(str_eq(ca.authority.certificate, later.ca.authority.certificate));
}

static void a_key_that_others_may_read_is_closed_again(void **state)
{
    struct stat st;
    (void)state;
    (void)start_with(all);
    assert_int_equal(chmod(path_of("ca.key"), 0644), 0);
    (void)start_with(all);
    assert_int_equal(stat(path_of("ca.key"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void a_damaged_leaf_is_made_anew_by_the_same_authority(void **state)
{
    static const char *const files[] = {"leaf.pem", "leaf.key"};
    (void)state;
    struct got before = start_with(all);
    for (size_t i = 0; i < 2; i++) {
        overwrite(files[i], STR("-----BEGIN RUBBISH-----\n"));
        struct got after = start_with(all);
        assert_same_authority(before, after);
        assert_works(after, all);
        assert_false(str_eq(before.server.key, after.server.key));
        overwrite(files[i], STR(""));
        assert_works(start_with(all), all);
    }
}

static void a_damaged_authority_is_replaced_and_so_is_the_leaf(void **state)
{
    (void)state;
    struct got before = start_with(all);
    overwrite("ca.key", str_head(before.ca.authority.key, before.ca.authority.key.n / 2));
    struct got after = start_with(all);
    assert_true(after.ca.replaced);
    assert_false(str_eq(before.ca.authority.certificate, after.ca.authority.certificate));
    assert_works(after, all);
    assert_false(str_eq(before.server.certificate, after.server.certificate));
    assert_same_authority(after, start_with(all));
}

static void a_key_of_another_certificate_is_damage(void **state)
{
    (void)state;
    struct got g = start_with(all);
    overwrite("leaf.key", g.ca.authority.key);
    struct got after = start_with(all);
    assert_works(after, all);
    assert_same_authority(g, after);
}

static void other_names_make_another_leaf(void **state)
{
    static const struct san_list lists[] = {{names, 3}, {names + 1, 3}, {names, 4}};
    (void)state;
    struct got before = start_with(all);
    for (size_t i = 0; i < 3; i++) {
        struct got after = start_with(lists[i]);
        assert_same_authority(before, after);
        assert_works(after, lists[i]);
    }
    struct x509_server fewer = {&before.ca.authority, {names, 3}, clock_real_ms() / 1000};
    assert_false(x509_server_is_good(&before.server, &fewer));
}

static void both_end(void **state)
{
    const int64_t day = 24 * 3600, now = clock_real_ms() / 1000;
    (void)state;
    struct got g = start_with(all);
    struct x509_server later = {&g.ca.authority, all, now + 360 * day};
    assert_true(x509_authority_is_good(&g.ca.authority, now + 9 * 365 * day));
    assert_true(x509_server_is_good(&g.server, &(struct x509_server){&g.ca.authority, all, now + 360 * day}));
    later.now_s = now + 370 * day; /* within a month of its end */
    assert_false(x509_server_is_good(&g.server, &later));
    assert_false(x509_authority_is_good(&g.ca.authority, now + 10 * 365 * day - 29 * day));
    assert_false(x509_authority_is_good(&g.ca.authority, now - 2 * day));
    assert_false(x509_authority_is_good(&g.server, now)); /* a server's certificate signs nothing */
}

static void a_folder_that_cannot_be_made_is_named(void **state)
{
    struct ca ca = {.arena = &arena, .folder = arena_printf(&arena, "%s/file/ca", root).p};
    struct str problem;
    (void)state;
    assert_int_equal(file_replace(&arena, arena_printf(&arena, "%s/file", root).p, STR(""), &problem), 0);
    assert_int_equal(ca_open(&ca, &problem), -1);
    assert_true(str_starts(problem, str_from(ca.folder)));
}

static void those_that_start_together_agree(void **state)
{
    enum { STARTS = 8 };
    (void)state;
    for (int i = 0; i < STARTS; i++)
        if (fork() == 0)
            _exit(start_with(all).ca.replaced);
    for (int i = 0, status; i < STARTS; i++) {
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    assert_works(start_with(all), all);
}

/* The user keeps the certificate elsewhere, readable by all. */
static void what_a_link_leads_to_keeps_its_mode(void **state)
{
    struct stat st;
    (void)state;
    struct got first = start_with(all);
    const char *elsewhere = arena_printf(&arena, "%s/elsewhere.pem", root).p;
    assert_int_equal(rename(path_of("ca.pem"), elsewhere), 0);
    assert_int_equal(chmod(elsewhere, 0644), 0);
    assert_int_equal(symlink(elsewhere, path_of("ca.pem")), 0);
    assert_same_authority(first, start_with(all));
    assert_int_equal(stat(elsewhere, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644);
}

SUITE(ca)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_are_private_and_used_again, setup, teardown),
        cmocka_unit_test_setup_teardown(only_the_authority_is_made_when_only_that_is_asked_for, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_key_that_others_may_read_is_closed_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_damaged_leaf_is_made_anew_by_the_same_authority, setup, teardown),
        cmocka_unit_test_setup_teardown(a_damaged_authority_is_replaced_and_so_is_the_leaf, setup, teardown),
        cmocka_unit_test_setup_teardown(a_key_of_another_certificate_is_damage, setup, teardown),
        cmocka_unit_test_setup_teardown(other_names_make_another_leaf, setup, teardown),
        cmocka_unit_test_setup_teardown(both_end, setup, teardown),
        cmocka_unit_test_setup_teardown(a_folder_that_cannot_be_made_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(those_that_start_together_agree, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_link_leads_to_keeps_its_mode, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
