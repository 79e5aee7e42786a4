/* Names and versions are read from the names of folders and from files that package managers write. */
#include "cli/sdk_versions.h"

#include <glob.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "wire/json.h"

static void add(struct buf *b, struct str name, struct str version)
{
    const struct str text = CONCAT(b->arena, name, STR(" "), version);
    if (name.n == 0 || version.n == 0 || (b->n > 0 && memmem(b->p, b->n, text.p, text.n)))
        return;
    if (b->n > 0)
        buf_put(b, STR(", "));
    buf_put(b, text);
}

static struct str last_part(struct str path)
{
    while (str_find(path, '/') < path.n)
        path = str_skip(path, str_find(path, '/') + 1);
    return path;
}

/* --- Python --- */

/* "tencentcloud_sdk_python_common-3.1.195.dist-info" */
static void add_dist_info(struct buf *b, struct str path)
{
    struct str folder = last_part(path);
    folder = str_head(folder, folder.n - strlen(".dist-info"));
    const size_t dash = str_find(folder, '-');
    struct str name = arena_dup(b->arena, str_head(folder, dash));
    char *p = (char *)(uintptr_t)name.p; /* the copy is writable */
    for (size_t i = 0; i < name.n; i++)
        p[i] = p[i] == '_' ? '-' : p[i];
    add(b, name, str_skip(folder, dash + 1));
}

/* --- Node.js --- */

static void add_package_json(struct buf *b, struct str path)
{
    struct str text, problem;
    struct node *tree;
    if (file_read(b->arena, path.p, LIMIT_SDK_FILE, &text, &problem) != 0 ||
        json_parse(b->arena, text, &tree, NULL) != 0)
        return;
    const struct node *name = node_find(tree, STR("name")), *version = node_find(tree, STR("version"));
    if (name && version && name->kind == NODE_STRING && version->kind == NODE_STRING)
        add(b, name->text, version->text);
}

/* --- Go --- */

/* Lines such as "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common v1.0.900". */
static void add_go_mod(struct buf *b, struct str path)
{
    struct str text, problem, line;
    const struct str mark = STR("github.com/tencentcloud/tencentcloud-sdk-go");
    if (file_read(b->arena, path.p, LIMIT_SDK_FILE, &text, &problem) != 0)
        return;
    while (str_next(&text, '\n', &line)) {
        const char *at = memmem(line.p, line.n, mark.p, mark.n);
        if (!at)
            continue;
        struct str rest = str_trim(str_skip(line, (size_t)(at - line.p))), name;
        (void)str_next(&rest, ' ', &name);
        add(b, str_skip(name, strlen("github.com/tencentcloud/")), str_head(rest, str_find(rest, ' ')));
    }
}

/* --- the places --- */

/* `base` is a variable with a folder, or NULL. */
static const struct {
    const char *base, *pattern;
    void (*add)(struct buf *b, struct str path);
} places[] = {
    {"VIRTUAL_ENV", "/lib/python3*/site-packages/tencentcloud_sdk_python*.dist-info", add_dist_info},
    {"VIRTUAL_ENV", "/lib/python3*/site-packages/tccli-*.dist-info", add_dist_info},
    {NULL, ".venv/lib/python3*/site-packages/tencentcloud_sdk_python*.dist-info", add_dist_info},
    {NULL, "venv/lib/python3*/site-packages/tencentcloud_sdk_python*.dist-info", add_dist_info},
    {"HOME", "/.local/lib/python3*/site-packages/tencentcloud_sdk_python*.dist-info", add_dist_info},
    {NULL, "/usr/local/lib/python3*/*-packages/tencentcloud_sdk_python*.dist-info", add_dist_info},
    {NULL, "/usr/local/lib/python3*/*-packages/tccli-*.dist-info", add_dist_info},
    {NULL, "/usr/lib/python3*/*-packages/tencentcloud_sdk_python*.dist-info", add_dist_info},
    {NULL, "node_modules/tencentcloud-sdk-nodejs*/package.json", add_package_json},
    {NULL, "go.mod", add_go_mod},
};

struct str sdk_versions(struct arena *a)
{
    struct buf b;
    buf_init(&b, a, 256, LIMIT_SDK_VERSIONS);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const char *base = places[i].base ? getenv(places[i].base) : "";
        glob_t found;
        if (!base || (places[i].base && !*base) ||
            glob(CONCAT(a, str_from(base), str_from(places[i].pattern)).p, 0, NULL, &found) != 0)
            continue;
        for (size_t k = 0; k < found.gl_pathc; k++)
            places[i].add(&b, str_from(found.gl_pathv[k]));
        globfree(&found);
    }
    return buf_str(&b);
}
