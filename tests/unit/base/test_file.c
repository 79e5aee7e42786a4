/* Proves that files are read whole or not at all, and replaced at once or not at all. */
#include "support/texts.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

/* Past the room that reading starts with, so that it grows; not a round number. */
enum { BIG = 200 * 1000 + 7 };

static struct arena arena;
static char folder[64];
static char path[96];

static int setup(void **state)
{
    (void)state;
    arena_init(&arena);
    (void)snprintf(folder, sizeof folder, "%s", P_tmpdir "/virga-file-" FILE_UNIQUE);
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(path, sizeof path, "%s/file", folder);
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
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static int files_in_folder(void)
{
    DIR *d = opendir(folder);
    int n = 0;
    for (struct dirent *e; (e = readdir(d));)
        n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

static void replace(struct str text)
{
    struct str problem;
    assert_int_equal(file_replace(&arena, path, text, &problem), 0);
}

static struct str read_back(size_t cap)
{
    struct str text, problem;
    assert_int_equal(file_read(&arena, path, cap, &text, &problem), 0);
    return text;
}

static void what_was_written_is_read(void **state)
{
    char *big = arena_alloc(&arena, BIG);
    (void)state;
    for (size_t i = 0; i < BIG; i++)
        big[i] = (char)(i % 251);
    replace(STR(""));
    assert_int_equal(read_back(10).n, 0);
    replace((struct str){big, BIG});
    struct str text = read_back(BIG);
    assert_int_equal(text.n, BIG);
    assert_memory_equal(text.p, big, BIG);
}

static void the_cap_is_the_last_size_that_fits(void **state)
{
    struct str text, problem;
    (void)state;
    replace(STR("12345"));
    assert_text(read_back(5), "12345");
    assert_int_equal(file_read(&arena, path, 4, &text, &problem), -1);
    assert_text(problem, arena_printf(&arena, "%s: too large", path).p);
}

static void what_cannot_be_read_is_named(void **state)
{
    struct str text, problem;
    (void)state;
    assert_int_equal(file_read(&arena, path, 10, &text, &problem), -1);
    assert_text(problem, arena_printf(&arena, "%s: No such file or directory", path).p);
    assert_int_equal(file_read(&arena, folder, 10, &text, &problem), -1);
    assert_text(problem, arena_printf(&arena, "%s: it is a directory, not a file", folder).p);
}

/* Process substitution of a shell: the writer may need some time, and pause. */
static void a_pipe_is_read_to_its_end(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    pid_t child = fork();
    if (child == 0) {
        usleep(100 * 1000);
        int fd = open(path, O_WRONLY);
        bool first = write(fd, "one ", 4) == 4;
        usleep(100 * 1000);
        _exit(first && write(fd, "two", 3) == 3 ? 0 : 1);
    }
    struct str text, problem;
    assert_int_equal(file_read(&arena, path, 10, &text, &problem), -1);
    assert_text(problem, arena_printf(&arena, "%s: it is a pipe, not a file", path).p);
    assert_int_equal(file_read_input(&arena, path, 10, &text, &problem), 0);
    assert_text(text, "one two");
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void a_new_file_is_the_owners_alone(void **state)
{
    struct stat st;
    (void)state;
    replace(STR("secret"));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(files_in_folder(), 1);
}

static void replacing_leaves_one_file_and_not_the_old_one(void **state)
{
    struct stat before, after;
    (void)state;
    replace(STR("old"));
    assert_int_equal(stat(path, &before), 0);
    replace(STR("new"));
    assert_int_equal(stat(path, &after), 0);
    assert_text(read_back(10), "new");
    assert_true(before.st_ino != after.st_ino);
    assert_int_equal(files_in_folder(), 1);
}

static void what_cannot_be_replaced_is_named_and_leaves_nothing(void **state)
{
    struct str problem;
    char missing[128];
    (void)state;
    (void)snprintf(missing, sizeof missing, "%s/none/file", folder);
    assert_int_equal(file_replace(&arena, missing, STR("x"), &problem), -1);
    assert_text(problem, arena_printf(&arena, "%s: there is no folder %s/none", missing, folder).p);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(file_replace(&arena, path, STR("x"), &problem), -1);
    assert_text(problem, arena_printf(&arena, "%s: it is a directory, not a file", path).p);
    assert_int_equal(files_in_folder(), 1);
}

SUITE(file)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_written_is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(the_cap_is_the_last_size_that_fits, setup, teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(a_pipe_is_read_to_its_end, setup, teardown),
        cmocka_unit_test_setup_teardown(a_new_file_is_the_owners_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(replacing_leaves_one_file_and_not_the_old_one, setup, teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_replaced_is_named_and_leaves_nothing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
