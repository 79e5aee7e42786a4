#include "image.h"

#include "demand.h"
#include "sample_world.h"

#include "base/file.h"

#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHANGES_MAX = 8, PAGE = 4096, SQL_STEPS_MAX = 100 * 1000 };

static char folder[64], path[96];
static char *good;
static size_t good_bytes;

/* --- the folder --- */

static void empty_folder(void)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    char name[sizeof folder + sizeof entry->d_name + 2];
    while (dir && (entry = readdir(dir))) {
        (void)snprintf(name, sizeof name, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.')
            (void)unlink(name);
    }
    if (dir)
        (void)closedir(dir);
}

static void remove_folder(void)
{
    empty_folder();
    (void)rmdir(folder);
    free(good);
}

/* In memory where the system has such a folder: a disk would make most of the time. */
const char *image_path(void)
{
    if (path[0])
        return path;
    (void)snprintf(folder, sizeof folder, "/dev/shm/virga-fuzz-" FILE_UNIQUE);
    if (!mkdtemp(folder)) {
        (void)snprintf(folder, sizeof folder, "/tmp/virga-fuzz-" FILE_UNIQUE);
        demand(mkdtemp(folder) != NULL, "a folder can be made");
    }
    atexit(remove_folder);
    (void)snprintf(path, sizeof path, "%s/v.db", folder);
    return path;
}

static void write_file(const char *text, size_t n)
{
    FILE *f = fopen(path, "we");
    demand(f && fwrite(text, 1, n, f) == n && fclose(f) == 0, "a file is written");
}

static void image_keep(void)
{
    FILE *f = fopen(path, "re");
    struct stat st;
    demand(f && fstat(fileno(f), &st) == 0 && st.st_size > PAGE, "the good file is there");
    good_bytes = (size_t)st.st_size;
    good = malloc(good_bytes);
    demand(good && fread(good, 1, good_bytes, f) == good_bytes, "and can be read");
    (void)fclose(f);
}

/* --- changes of bytes --- */

static void change_bytes(struct arena *a, struct input *in, char *p, size_t n)
{
    const size_t at = input_below(in, n / PAGE) * PAGE + input_below(in, PAGE);
    const struct str bytes = str_head(input_text(a, in), n - at);
    if (bytes.n)
        memcpy(p + at, bytes.p, bytes.n);
}

static void copy_page(struct input *in, char *p, size_t n)
{
    const size_t from = input_below(in, n / PAGE), to = input_below(in, n / PAGE);
    memmove(p + to * PAGE, p + from * PAGE, PAGE);
}

/* --- changes of rows --- */

static sqlite3 *open_unchecked(void)
{
    sqlite3 *db = NULL;
    demand(sqlite3_open(path, &db) == SQLITE_OK, "SQLite opens a file");
    (void)sqlite3_exec(
        db, "PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF; PRAGMA writable_schema = ON",
        NULL, NULL, NULL);
    return db;
}

/* The one text that a query gives, in the arena. */
static struct str query(struct arena *a, sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s = NULL;
    struct str text = STR("");
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
        text = arena_dup(a, str_from((const char *)sqlite3_column_text(s, 0)));
    (void)sqlite3_finalize(s);
    return text;
}

static struct str make_value(struct arena *a, struct input *in)
{
    const uint8_t kind = input_byte(in) % 5;
    if (kind == 0)
        return arena_printf(a, "%lld", (long long)input_number(in));
    if (kind == 1)
        return arena_printf(a, "'%.*s'", STR_ARG(sample_words.v[input_byte(in) % sample_words.n].text));
    if (kind == 2)
        return STR("NULL");
    return kind == 3 ? STR("1.5") : STR("x'00ff'");
}

/* One value in one row of one table. */
static void change_row(struct arena *a, struct input *in, sqlite3 *db)
{
    const struct str table =
        query(a, db,
              arena_printf(a, "SELECT name FROM sqlite_schema WHERE type = 'table' LIMIT 1 OFFSET %u",
                           input_byte(in) % 32u)
                  .p);
    const struct str column =
        query(a, db,
              arena_printf(a, "SELECT name FROM pragma_table_info('%.*s') LIMIT 1 OFFSET %u", STR_ARG(table),
                           input_byte(in) % 32u)
                  .p);
    const struct str sql =
        arena_printf(a, "UPDATE \"%.*s\" SET \"%.*s\" = %.*s WHERE _rowid_ %% 4 = %u", STR_ARG(table),
                     STR_ARG(column), STR_ARG(make_value(a, in)), input_byte(in) % 4u);
    (void)sqlite3_exec(db, sql.p, NULL, NULL, NULL);
}

/* Ends a statement that would run for ever. */
static int stop(void *unused)
{
    (void)unused;
    return 1;
}

static void change_by_sql(struct arena *a, struct input *in, bool rows)
{
    sqlite3 *db = open_unchecked();
    sqlite3_progress_handler(db, SQL_STEPS_MAX, stop, NULL);
    if (!rows)
        (void)sqlite3_exec(db, arena_cstr(a, input_rest(a, in)), NULL, NULL, NULL);
    for (int i = 0; rows && i < CHANGES_MAX && in->n > 0; i++)
        change_row(a, in, db);
    (void)sqlite3_close(db);
}

/* --- the whole --- */

static void write_changed(struct arena *a, struct input *in)
{
    char *p = arena_alloc(a, good_bytes);
    size_t n = good_bytes;
    memcpy(p, good, n);
    for (int i = 0; i < CHANGES_MAX && in->n > 0; i++) {
        const uint8_t kind = input_byte(in) % 8;
        if (kind == 7)
            n = input_below(in, n);
        else if (kind == 6 && n >= PAGE)
            copy_page(in, p, n);
        else if (n >= PAGE)
            change_bytes(a, in, p, n);
    }
    write_file(p, n);
}

static void image_write(struct arena *a, struct input *in)
{
    const uint8_t kind = input_byte(in) % 8;
    empty_folder();
    if (kind == 0) {
        const struct str all = input_rest(a, in);
        write_file(all.p, all.n);
    } else if (kind < 4) {
        write_changed(a, in);
    } else {
        write_file(good, good_bytes);
        change_by_sql(a, in, kind < 7);
    }
}

/* --- one input --- */

static void make_good(void (*use_file)(struct arena *a))
{
    static bool made;
    struct arena a;
    if (made)
        return;
    arena_init(&a);
    (void)image_path();
    use_file(&a);
    image_keep();
    arena_done(&a);
    made = true;
}

int image_fuzz(const uint8_t *data, size_t size, void (*use_file)(struct arena *a))
{
    struct input in = {data, size};
    struct arena a;
    make_good(use_file);
    arena_init(&a);
    image_write(&a, &in);
    use_file(&a);
    arena_done(&a);
    return 0;
}
