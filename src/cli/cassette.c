#include "cli/cassette.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "core/redact.h"

enum { CASSETTE_VERSION = 1 };

/* --- reading ------------------------------------------------------------------------------------------ */

static int64_t number_of(const struct node *object, struct str name)
{
    const struct node *n = node_find(object, name);
    return n && n->kind == NODE_NUMBER ? (int64_t)n->number : 0;
}

/* The line as an exchange: one without an action or a body is none. */
static int take_entry(struct cassette *c, const struct node *line)
{
    struct cassette_entry e = {.action = node_text(line, STR("action")),
                               .version = node_text(line, STR("version")),
                               .region = node_text(line, STR("region")),
                               .language = node_text(line, STR("language")),
                               .params = node_text(line, STR("params")),
                               .status = (int)number_of(line, STR("status")),
                               .content_type = node_text(line, STR("content_type")),
                               .body = node_text(line, STR("body")),
                               .took_ms = number_of(line, STR("took_ms"))};
    if (!e.action.p || !e.params.p || !e.body.p)
        return -1;
    c->entries = arena_grow(c->arena, c->entries, c->n, sizeof *c->entries);
    c->entries[c->n++] = e;
    return 0;
}

/* The first line: {"cassette":1,"upstream":"https://..."}. */
static int take_head(struct cassette *c, const struct node *line)
{
    c->upstream = node_text(line, STR("upstream"));
    return number_of(line, STR("cassette")) == CASSETTE_VERSION ? 0 : -1;
}

int cassette_read(struct cassette *c, struct arena *a, const char *path, struct str *ret_problem)
{
    struct str text, line;
    *c = (struct cassette){.arena = a};
    if (file_read(a, path, LIMIT_CLI_TEXT, &text, ret_problem) != 0)
        return -1;
    bool cut = text.n > 0 && text.p[text.n - 1] != '\n';
    for (size_t i = 1; str_next(&text, '\n', &line); i++) {
        struct node *tree;
        bool last = cut && !text.p;
        if (line.n == 0 && i > 1)
            continue;
        if (json_parse(a, line, &tree, NULL) == 0 && tree->kind == NODE_OBJECT &&
            (i == 1 ? take_head(c, tree) : take_entry(c, tree)) == 0)
            continue;
        if (last && i > 1)
            break;
        *ret_problem =
            arena_printf(a, "%s: line %zu is no line of a cassette of version %d", path, i, CASSETTE_VERSION);
        return -1;
    }
    return 0;
}

/* --- writing ------------------------------------------------------------------------------------------ */

/* Ends the file behind its last whole line; the new size, or -1 with errno. */
static int64_t drop_cut_line(int fd, int64_t size)
{
    char last = '\0';
    int64_t end = size;
    while (end > 0 && last != '\n')
        if (pread(fd, &last, 1, (off_t)--end) != 1)
            return -1;
    end += last == '\n';
    return end == size || ftruncate(fd, (off_t)end) == 0 ? end : -1;
}

/* Closes what was opened, if anything was, with the reason in errno. */
static int fail_open(struct arena *a, const char *path, int fd, struct str *ret_problem)
{
    *ret_problem = arena_printf(a, "%s: %s", path, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

int cassette_open(struct arena *a, const char *path, struct str upstream, int *ret_fd,
                  struct str *ret_problem)
{
    struct stat st;
    struct buf b;
    int64_t size = -1;
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 || fstat(fd, &st) != 0 || (size = drop_cut_line(fd, st.st_size)) < 0)
        return fail_open(a, path, fd, ret_problem);
    buf_init(&b, a, 128, LIMIT_CLI_TEXT);
    buf_printf(&b, "{\"cassette\":%d,\"upstream\":", CASSETTE_VERSION);
    buf_put_json_string(&b, upstream);
    buf_put(&b, STR("}\n"));
    if (size == 0 && file_write_all(fd, buf_str(&b)) != 0)
        return fail_open(a, path, fd, ret_problem);
    *ret_fd = fd;
    return 0;
}

static void put_text(struct buf *b, const char *key, struct str value)
{
    if (!value.p)
        return;
    buf_printf(b, ",\"%s\":", key);
    buf_put_json_string(b, value);
}

/* The text with secrets replaced. */
static struct str redacted(struct arena *a, struct str json)
{
    struct buf b;
    buf_init(&b, a, json.n + 64, LIMIT_CLI_TEXT);
    redact_json(&b, json);
    return buf_str(&b);
}

int cassette_append(int fd, struct arena *a, const struct cassette_entry *e)
{
    struct buf b;
    buf_init(&b, a, e->body.n + 1024, LIMIT_CLI_TEXT);
    buf_put(&b, STR("{\"action\":"));
    buf_put_json_string(&b, e->action);
    put_text(&b, "version", e->version);
    put_text(&b, "region", e->region);
    put_text(&b, "language", e->language);
    put_text(&b, "params", redacted(a, e->params));
    buf_printf(&b, ",\"status\":%d", e->status);
    put_text(&b, "content_type", e->content_type);
    buf_printf(&b, ",\"took_ms\":%lld", (long long)e->took_ms);
    put_text(&b, "body", redacted(a, e->body));
    buf_put(&b, STR("}\n"));
    return b.over ? -1 : file_write_all(fd, buf_str(&b));
}
