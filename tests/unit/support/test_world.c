#include "support/test_world.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "core/world_file.h"

struct settings test_world_settings(void)
{
    return (struct settings){.seeded = true,
                             .seed = 1,
                             .clock_frozen = true,
                             .clock_ms = TEST_NOW,
                             .limit_by_service_clock = true,
                             .flow_ms = {TEST_FLOW_MS}};
}

enum world_fault test_world_try_open(struct test_world *t, const struct settings *settings,
                                     struct str *ret_problem)
{
    return world_init(&t->world, settings, test_registry, ret_problem);
}

void test_world_open(struct test_world *t, const struct settings *settings)
{
    struct str problem = STR("");
    if (test_world_try_open(t, settings, &problem) != WORLD_OK)
        fail_msg("%.*s", STR_ARG(problem));
}

void test_world_reopen(struct test_world *t, const struct settings *settings)
{
    world_done(&t->world);
    test_world_open(t, settings);
}

int test_world_setup_folder(void **state)
{
    static struct test_world t;
    log_setup(LOG_TEXT, LOG_ERROR + 1); /* failures of the store are wanted here */
    t = (struct test_world){.folder = P_tmpdir "/virga-test-" FILE_UNIQUE};
    arena_init(&t.arena);
    *state = &t;
    if (!mkdtemp(t.folder))
        return -1;
    (void)snprintf(t.path, sizeof t.path, "%s/v.db", t.folder);
    return 0;
}

int test_world_setup(void **state)
{
    struct settings settings = test_world_settings();
    if (test_world_setup_folder(state) != 0)
        return -1;
    test_world_open(*state, &settings);
    return 0;
}

int test_world_setup_file(void **state)
{
    struct settings settings = test_world_settings();
    if (test_world_setup_folder(state) != 0)
        return -1;
    struct test_world *t = *state;
    settings.db_path = t->path;
    test_world_open(t, &settings);
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

int test_world_teardown(void **state)
{
    struct test_world *t = *state;
    world_done(&t->world);
    arena_done(&t->arena);
    return nftw(t->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *test_world_write(struct test_world *t, const char *name, const char *text)
{
    struct str problem;
    const char *path = arena_printf(&t->arena, "%s/%s", t->folder, name).p;
    assert_int_equal(file_replace(&t->arena, path, str_from(text), &problem), 0);
    return path;
}

const char *test_world_json(struct test_world *t, const char *text)
{
    char *json = memcpy(arena_alloc(&t->arena, strlen(text) + 1), text, strlen(text) + 1);
    for (char *p = json; (p = strchr(p, '\''));)
        *p = '"';
    return json;
}

void test_world_add_regions(struct test_world *t, const char *regions)
{
    struct world_file *file;
    struct str problem = {NULL, 0};
    const char *text =
        arena_printf(&t->arena, "{'version':1,'accounts':[{'uin':'" TEST_UIN "','regions':%s}]}", regions).p;
    if (world_file_parse(&t->arena, str_from(test_world_json(t, text)), &file, &problem) != 0)
        fail_msg("%.*s", STR_ARG(problem));
    assert_int_equal(world_file_apply(&t->world, file, &problem), 0);
    assert_int_equal(flow_reschedule(&t->world), 0); /* their automatic backups may be the next of all */
}

void test_world_add_instance(struct test_world *t, const char *instance_id, const char *databases)
{
    struct str list = STR(""), rest = str_from(databases), name;
    while (str_next(&rest, ',', &name))
        list =
            arena_printf(&t->arena, "%.*s%s{'name':'%.*s'}", STR_ARG(list), list.n ? "," : "", STR_ARG(name));
    test_world_add_regions(t, arena_printf(&t->arena,
                                           "[{'region':'" TEST_REGION "','instances':[{'instance_id':'%s',"
                                           "'databases':[%.*s]}]}]",
                                           instance_id, STR_ARG(list))
                                  .p);
}

int64_t test_world_count_of(struct stmt *s)
{
    assert_int_equal(stmt_step(s), 1);
    int64_t n = stmt_i64(s, "n");
    stmt_release(&s);
    return n;
}

struct str test_world_text(struct test_world *t, struct stream *stream)
{
    struct buf text, piece;
    enum stream_result result = STREAM_MORE;
    buf_init(&text, &t->arena, 0, LIMIT_STATE);
    while (result == STREAM_MORE) {
        buf_init(&piece, &t->arena, 0, LIMIT_STATE);
        result = stream->next(stream, &piece);
        buf_put(&text, buf_str(&piece));
    }
    assert_int_equal(result, STREAM_END);
    if (stream->done)
        stream->done(stream);
    return buf_str(&text);
}
