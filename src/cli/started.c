/* `virga stop`, `virga status` and `virga logs`: what can be done with a server of `virga start`. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/output.h"
#include "cli/servers.h"
#include "gen/cli.h"

/* Between two looks at a process or a log. */
enum { LOOK_INTERVAL_MS = 20 };

/* --- stop --------------------------------------------------------------------------------------------- */

/* Returns when the process has ended; ends the program when it does not in time. */
static void await_end(struct session *s, int64_t timeout_ms)
{
    const int64_t until_ns = clock_mono_ns() + timeout_ms * NS_PER_MS;
    while (endpoints_alive(&s->server)) {
        if (clock_mono_ns() > until_ns)
            die(EXIT_SERVER_ERROR, "process %lld does not end", (long long)s->server.pid);
        (void)poll(NULL, 0, LOOK_INTERVAL_MS);
    }
}

/* Ends the server as Ctrl-C does: calls that were begun are answered. Also one of `virga serve`. */
int stop_main(struct session *s)
{
    const struct stop_options *o = (void *)s;
    session_find(s);
    if (!endpoints_taken(&s->server) || kill((pid_t)s->server.pid, SIGTERM) != 0)
        die(EXIT_NO_SERVER, "process %lld of %s is no server of this user", (long long)s->server.pid,
            s->endpoints_path);
    await_end(s, o->timeout);
    if (s->json)
        return session_write(s, arena_printf(&s->arena, "{\"pid\":%lld}\n", (long long)s->server.pid));
    return session_write(s, arena_printf(&s->arena, "stopped: process %lld\n", (long long)s->server.pid));
}

/* --- status ------------------------------------------------------------------------------------------- */

/* The lines that describe servers, as a table and as JSON. */
struct status {
    struct session *session;
    struct output_table table;
    struct buf json;
    size_t running;
};

/* A server without a file has not run, or was stopped. */
static void add_status(struct status *st, struct str name)
{
    struct session *s = st->session;
    struct server_files files;
    struct endpoints e = {.pid = 0};
    struct str problem;
    if (server_files_of(&s->arena, name, &files) != 0)
        return;
    bool runs = endpoints_read(&s->arena, files.endpoints, &e, &problem) == 0 && endpoints_alive(&e);
    if (!runs)
        e = (struct endpoints){.pid = 0};
    if (!runs && !name.p)
        return; /* nothing of it is left */
    st->running += runs;
    struct str cells[] = {name.p ? name : STR("-"), runs ? STR("running") : STR("stopped"),
                          runs ? arena_printf(&s->arena, "%lld", (long long)e.pid) : STR("-"),
                          runs ? e.endpoint : STR("-"), str_from(files.endpoints)};
    output_table_add(&st->table, cells);
    output_json_open(&st->json, NULL, '{');
    output_json_text(&st->json, "name", name);
    output_json_bool(&st->json, "running", runs);
    output_json_text(&st->json, "endpoint", e.endpoint);
    if (runs)
        output_json_number(&st->json, "pid", e.pid);
    output_json_text(&st->json, "endpoints_file", str_from(files.endpoints));
    output_json_text(&st->json, "log", str_from(files.log));
    output_json_close(&st->json, '}');
}

/* All servers, or the one that --name names. */
int status_main(struct session *s)
{
    static const struct str head[] = {STR_INIT("NAME"), STR_INIT("STATE"), STR_INIT("PID"),
                                      STR_INIT("ADDRESS"), STR_INIT("FILE")};
    struct status st = {.session = s};
    struct str_list names = server_names(&s->arena);
    struct buf text;
    output_table_init(&st.table, &s->arena, sizeof head / sizeof head[0]);
    output_table_add(&st.table, head);
    buf_init(&st.json, &s->arena, 512, LIMIT_CLI_TEXT);
    output_json_open(&st.json, NULL, '[');
    add_status(&st, s->name);
    for (size_t i = 0; !s->name.p && i < names.n; i++)
        add_status(&st, names.v[i]);
    output_json_end(&st.json, ']');
    buf_init(&text, &s->arena, 512, LIMIT_CLI_TEXT);
    output_put_table(&text, &st.table);
    int rc = session_write(s, s->json ? buf_str(&st.json) : buf_str(&text));
    return rc != EXIT_OK || st.running > 0 ? rc : EXIT_NO_SERVER;
}

/* --- logs --------------------------------------------------------------------------------------------- */

/* A log while it is printed. */
struct reading {
    struct session *session;
    int fd;
    char text[2 * LIMIT_LOG_LINE]; /* read and not printed yet; begins with a line */
    size_t n;
};

/* Each line as an object, so that a program finds where it ends. -1 when it cannot be printed. */
static int print_as_json(struct str lines)
{
    struct arena a;
    struct buf b;
    struct str line;
    arena_init(&a);
    buf_init(&b, &a, 2 * lines.n, LIMIT_CLI_TEXT);
    while (lines.n > 0 && str_next(&lines, '\n', &line)) {
        buf_put(&b, STR("{\"line\":"));
        buf_put_json_string(&b, utf8_replace_invalid(&a, line));
        buf_put(&b, STR("}\n"));
    }
    int rc = output_write_json(buf_str(&b));
    arena_done(&a);
    return rc;
}

static int print_text(const struct reading *r, size_t n)
{
    struct str text = {r->text, n};
    if (n == 0)
        return 0;
    return r->session->json ? print_as_json(text) : output_write(text);
}

/* Prints the whole lines; of a longer line than there is room for, a part. -1 when it cannot be printed. */
static int print_lines(struct reading *r)
{
    size_t n = r->n;
    while (n > 0 && r->text[n - 1] != '\n')
        n--;
    if (n == 0 && r->n == sizeof r->text)
        n = r->n;
    int rc = print_text(r, n);
    memmove(r->text, r->text + n, r->n - n);
    r->n -= n;
    return rc;
}

/* Prints what the file has by now. */
static int print_rest(struct reading *r)
{
    ssize_t got;
    while ((got = read(r->fd, r->text + r->n, sizeof r->text - r->n)) > 0) {
        r->n += (size_t)got;
        if (print_lines(r) != 0)
            return -1;
    }
    return got < 0 ? -1 : 0;
}

/* Until the server has ended: what it wrote last is printed after that. */
static int follow(struct reading *r, const char *endpoints_path)
{
    struct endpoints e;
    struct str problem;
    if (endpoints_read(&r->session->arena, endpoints_path, &e, &problem) != 0)
        return 0;
    while (endpoints_alive(&e)) {
        if (print_rest(r) != 0)
            return -1;
        (void)poll(NULL, 0, LOOK_INTERVAL_MS);
    }
    return 0;
}

int logs_main(struct session *s)
{
    const struct logs_options *o = (void *)s;
    struct reading r = {.session = s};
    struct server_files files;
    if (server_files_of(&s->arena, s->name, &files) != 0)
        die(EXIT_USAGE, "neither HOME nor XDG_STATE_HOME is set");
    const char *refusal = file_refusal(files.log);
    FD_SCOPE fd = refusal ? -1 : open(files.log, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        die(EXIT_NO_SERVER, "%s: %s; virga start writes it", files.log, refusal ? refusal : strerror(errno));
    r.fd = fd;
    if ((o->follow && follow(&r, files.endpoints) != 0) || print_rest(&r) != 0)
        return EXIT_UNEXPECTED;
    return print_text(&r, r.n) == 0 ? EXIT_OK : EXIT_UNEXPECTED;
}
