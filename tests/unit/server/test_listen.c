/* Proves where sockets listen, and that a path is taken from a dead server only. */
#include "support/texts.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "server/socket.h"

static struct arena arena;
static char root[64];
static const char *path;
static struct str problem;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena);
    problem = STR("");
    (void)snprintf(root, sizeof root, "%s", P_tmpdir "/virga-listen-" FILE_UNIQUE);
    if (!mkdtemp(root))
        return -1;
    path = arena_printf(&arena, "%s/socket", root).p;
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

static int open_at(const char *host, uint16_t port, struct listen_sockets *l)
{
    return listen_tcp(&arena, &(struct listen_address){host, port, "--x"}, l, &problem);
}

static void close_all(const struct listen_sockets *l)
{
    for (size_t i = 0; i < l->n; i++)
        close(l->fd[i]);
}

static void an_address_is_one_socket(void **state)
{
    struct listen_sockets l;
    (void)state;
    assert_int_equal(open_at("127.0.0.1", 0, &l), 0);
    assert_int_equal(l.n, 1);
    assert_true(l.port > 0 && l.loopback);
    close_all(&l);
}

static void localhost_has_one_port_for_all_its_addresses(void **state)
{
    struct listen_sockets l;
    (void)state;
    assert_int_equal(open_at("localhost", 0, &l), 0);
    assert_true(l.n >= 1 && l.loopback);
    for (size_t i = 0; i < l.n; i++) {
        struct sockaddr_storage a;
        socklen_t n = sizeof a;
        assert_int_equal(getsockname(l.fd[i], (struct sockaddr *)&a, &n), 0);
        assert_int_equal(a.ss_family, i ? AF_INET6 : AF_INET);
    }
    close_all(&l);
}

static void all_addresses_are_not_private(void **state)
{
    struct listen_sockets l;
    (void)state;
    assert_int_equal(open_at("0.0.0.0", 0, &l), 0);
    assert_false(l.loopback);
    close_all(&l);
}

static void a_taken_port_is_named(void **state)
{
    struct listen_sockets l, second;
    (void)state;
    assert_int_equal(open_at("127.0.0.1", 0, &l), 0);
    assert_int_equal(open_at("127.0.0.1", l.port, &second), -1);
    assert_text(
        problem,
        arena_printf(&arena,
                     "cannot listen on 127.0.0.1 port %u: Address already in use; --x 0 takes a free one",
                     l.port)
            .p);
    close_all(&l);
}

static void names_are_not_looked_up(void **state)
{
    struct listen_sockets l;
    (void)state;
    assert_int_equal(open_at("example.com", 0, &l), -1);
    assert_text(problem, "example.com is not an address to listen on");
}

static int open_path(struct unix_socket *l)
{
    return listen_unix(&arena, path, l, &problem);
}

static bool exists(const char *suffix)
{
    struct stat st;
    return lstat(arena_printf(&arena, "%s%s", path, suffix).p, &st) == 0;
}

static void a_path_is_private_and_removed_with_its_server(void **state)
{
    struct unix_socket l;
    struct stat st;
    (void)state;
    assert_int_equal(open_path(&l), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_true(S_ISSOCK(st.st_mode));
    close(l.fd);
    listen_unix_done(&l);
    assert_false(exists("") || exists(".lock"));
}

static void a_path_in_use_is_rejected(void **state)
{
    struct unix_socket l, second;
    (void)state;
    assert_int_equal(open_path(&l), 0);
    assert_int_equal(open_path(&second), -1);
    assert_text(problem, arena_printf(&arena, "cannot listen on %s: another virga serves it", path).p);
    assert_true(exists(""));
    close(l.fd);
    listen_unix_done(&l);
}

/* As another program leaves it: without a lock file. */
static int foreign_socket(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    memcpy(address.sun_path, path, strlen(path));
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 1), 0);
    return fd;
}

static void anothers_socket_is_taken_only_when_no_server_answers(void **state)
{
    struct unix_socket l;
    int fd = foreign_socket();
    (void)state;
    assert_int_equal(open_path(&l), -1);
    assert_text(problem, arena_printf(&arena, "cannot listen on %s: Address already in use", path).p);
    assert_true(exists("") && !exists(".lock"));
    close(fd);
    assert_int_equal(open_path(&l), 0);
    close(l.fd);
    listen_unix_done(&l);
}

static void a_file_is_never_taken(void **state)
{
    struct unix_socket l;
    FILE *f = fopen(path, "w");
    (void)state;
    assert_non_null(f);
    fclose(f);
    assert_int_equal(open_path(&l), -1);
    assert_text(problem, arena_printf(&arena, "cannot listen on %s: File exists", path).p);
    assert_true(exists(""));
}

static void a_path_too_long_for_a_socket_is_rejected(void **state)
{
    struct unix_socket l;
    (void)state;
    path = arena_printf(&arena, "%s/%0120d", root, 0).p;
    assert_int_equal(open_path(&l), -1);
    assert_true(str_ends(problem, STR("the path is too long for a socket")));
}

SUITE(listen)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_address_is_one_socket, setup, teardown),
        cmocka_unit_test_setup_teardown(localhost_has_one_port_for_all_its_addresses, setup, teardown),
        cmocka_unit_test_setup_teardown(all_addresses_are_not_private, setup, teardown),
        cmocka_unit_test_setup_teardown(a_taken_port_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(names_are_not_looked_up, setup, teardown),
        cmocka_unit_test_setup_teardown(a_path_is_private_and_removed_with_its_server, setup, teardown),
        cmocka_unit_test_setup_teardown(a_path_in_use_is_rejected, setup, teardown),
        cmocka_unit_test_setup_teardown(anothers_socket_is_taken_only_when_no_server_answers, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_file_is_never_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(a_path_too_long_for_a_socket_is_rejected, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
