/*
 * `virga serve`: opens the world and the listeners, prints where they are, and runs the loop.
 *
 * The order matters. The certificate and the world are opened before any listener, so that a server that
 * cannot serve never accepts a connection; the endpoints file is written after the listeners, since their
 * ports are known only then; and Ready is printed last.
 */
#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/os.h"
#include "base/version.h"
#include "cli/output.h"
#include "cli/serve_options.h"
#include "core/quote.h"
#include "core/world.h"
#include "gen/cli.h"
#include "gen/products.h"
#include "server/loop.h"
#include "server/tls.h"

/* The server while it runs. Zeroed at the start; each step below fills in what the next ones need. */
struct server {
    struct serve_options *options;
    struct arena *arena; /* of the options' session */
    struct world world;
    struct http *http;
    const char *host; /* of the addresses for clients */
    struct str endpoint, local;
    struct str tls_endpoint, unix_socket; /* p == NULL: none */
    const char *ca_file;                  /* NULL without TLS */
    struct pem_pair certificate;
    const char *endpoints_file; /* the file that was written; NULL: none */
};

/* The keys of a user's own world are not printed; those of the built-in one are public. */
static bool is_key_secret(const struct server *s)
{
    return s->options->settings.world_path != NULL;
}

/* The key as it is printed: a secret one is cut to its first four characters, and shown without any when
 * it is so short that four would give much of it away. */
static struct str shown_key(struct server *s)
{
    struct str key = s->world.accounts.first->secret_key;
    if (!is_key_secret(s))
        return key;
    return arena_printf(s->arena, "%.*s...", (int)(key.n > 8 ? 4 : 0), key.p);
}

/* The path quoted, so that the printed command can be copied into a shell. */
static struct str shell_word(struct server *s, const char *text)
{
    struct buf b;
    buf_init(&b, s->arena, 64, 4 * PATH_MAX + 2); /* a quote in it takes four bytes */
    quote_put_word(&b, str_from(text));
    return buf_str(&b);
}

/* Writes a command for the user to copy. When the key is secret, the command is one that prints the key to
 * users who may read the endpoints file; without such a file there is no command. */
static void put_example(struct buf *b, struct server *s)
{
    const struct credential *cred = s->world.accounts.first;
    const struct product *p = registry_default(&all_products);
    const char *file = s->options->session.endpoints_path;
    if (!is_key_secret(s))
        buf_printf(b,
                   "Try: tccli %.*s %.*s --endpoint %.*s --secretId %.*s --secretKey %.*s --region %.*s"
                   " --%.*s %.*s\n",
                   STR_ARG(p->name), STR_ARG(p->examples.write.action), STR_ARG(s->endpoint),
                   STR_ARG(cred->secret_id), STR_ARG(cred->secret_key), STR_ARG(s->world.example_region),
                   STR_ARG(p->resource.param), STR_ARG(s->world.example_resource));
    else if (file)
        buf_printf(b, "Try: virga env --client tccli --endpoints-file %.*s\n", STR_ARG(shell_word(s, file)));
    else if (s->endpoints_file)
        buf_put(b, STR("Try: virga env --client tccli\n"));
}

/* The lines that end with Ready. Programs wait for that word, so it must stay the last one. */
static void put_ready(struct buf *b, struct server *s)
{
    const struct credential *cred = s->world.accounts.first;
    const char *db = s->options->settings.db_path;
    struct str key = shown_key(s);
    buf_printf(b, "virga " VIRGA_VERSION ", state %s%s\n", db ? "in " : "",
               db ? db : "in memory, forgotten at the end");
    buf_printf(b, "Listening for HTTP at address: %.*s", STR_ARG(s->endpoint));
    if (s->options->settings.public_url.p)
        buf_printf(b, " (%.*s here)", STR_ARG(s->local));
    if (s->tls_endpoint.p)
        buf_printf(b, " and %.*s (CA: %s)", STR_ARG(s->tls_endpoint), s->ca_file);
    if (s->unix_socket.p)
        buf_printf(b, " and %.*s", STR_ARG(s->unix_socket));
    buf_printf(b, "\nCredential: %.*s %.*s\n", STR_ARG(cred->secret_id), STR_ARG(key));
    put_example(b, s);
    buf_printf(b, "Console: %.*s\nReady.\n", STR_ARG(endpoints_console(s->arena, s->local)));
}

/* What the endpoints file and `virga serve --json` contain. The credential is the first of the world. */
static struct endpoints endpoints_of(struct server *s)
{
    const struct credential *cred = s->world.accounts.first;
    return (struct endpoints){
        .endpoint = s->endpoint,
        .control = arena_printf(s->arena, "%.*s/_virga", STR_ARG(s->endpoint)),
        .local = s->local,
        .secret_id = cred->secret_id,
        .secret_key = cred->secret_key,
        .region = s->world.example_region,
        .instance = s->world.example_resource,
        .tls_endpoint = s->tls_endpoint,
        .ca_file = str_from(s->ca_file),
        .unix_socket = s->unix_socket,
        .db = str_from(s->options->settings.db_path),
        .pid = getpid(),
    };
}

/* What the endpoints file has, except a secret key: standard output is often a log. */
static void put_ready_json(struct buf *b, struct server *s)
{
    struct endpoints e = endpoints_of(s);
    if (is_key_secret(s))
        e.secret_key = (struct str){NULL, 0};
    buf_put(b, endpoints_text(s->arena, &e));
}

/* With --json the line comes also after --quiet, since programs wait for it. Printed after the endpoints file
 * exists, so that a program that reads Ready can use the file. */
static void print_ready(struct server *s)
{
    struct buf b;
    if (s->options->quiet && !s->options->session.json)
        return;
    buf_init(&b, s->arena, 1024, LIMIT_CLI_TEXT);
    (s->options->session.json ? put_ready_json : put_ready)(&b, s);
    (void)session_write(&s->options->session, buf_str(&b)); /* the server serves without a reader, too */
}

/* The file may already exist, from a server that was killed: it is replaced. */
static int write_endpoints(struct server *s, const char *path, struct str *ret_problem)
{
    struct endpoints e = endpoints_of(s);
    return endpoints_write(s->arena, path, &e, ret_problem);
}

/* True when the default file names another server that runs: then it is not replaced. */
static bool belongs_to_other(struct server *s, const char *path)
{
    struct endpoints e;
    struct str problem;
    if (endpoints_read(s->arena, path, &e, &problem) != 0 || !endpoints_taken(&e))
        return false;
    log_say(
        LOG_WARN,
        "virga env finds process %lld at %.*s, not this server; --endpoints-file PATH names a file for it",
        (long long)e.pid, STR_ARG(e.endpoint));
    return true;
}

/* A file that was asked for must be written. The default one is a convenience for virga env: a server without
 * a home folder, or with a full disk, serves without it. */
static void report_endpoints(struct server *s)
{
    const char *path = s->options->session.endpoints_path;
    struct str problem;
    if (path && write_endpoints(s, path, &problem) != 0)
        die(EXIT_USAGE, "--endpoints-file: %.*s", STR_ARG(problem));
    s->endpoints_file = path;
    if (path)
        return;
    path = endpoints_default_path(s->arena);
    if (!path || belongs_to_other(s, path))
        return;
    (void)file_make_parents(s->arena, path); /* the next call reports why they are missing */
    if (write_endpoints(s, path, &problem) == 0)
        s->endpoints_file = path;
    else
        log_say(LOG_WARN, "virga env will not find this server: %.*s", STR_ARG(problem));
}

/* For readers with another working directory. */
static struct str absolute(struct server *s, const char *path)
{
    char real[PATH_MAX];
    return arena_dup(s->arena, str_from(realpath(path, real) ? real : path));
}

/* An address of IPv6 is written in brackets. */
static struct str url_of(struct server *s, const char *scheme, const char *host, uint16_t port)
{
    bool six = strchr(host, ':') != NULL;
    return arena_printf(s->arena, "%s://%s%s%s:%u", scheme, six ? "[" : "", host, six ? "]" : "", port);
}

/* The host by which programs on this machine reach the server. */
static const char *local_host(const struct server *s)
{
    const char *host = s->options->http.host;
    if (strcmp(host, s->host) == 0)
        return host;
    return strchr(host, ':') ? "::1" : "127.0.0.1"; /* of every address, that is one */
}

/* The URLs that the world and the endpoints file contain. */
static void set_urls(struct server *s)
{
    const struct str public_url = s->options->settings.public_url;
    s->local = url_of(s, "http", local_host(s), http_port(s->http));
    s->endpoint = public_url.p ? public_url : url_of(s, "http", s->host, http_port(s->http));
    if (s->options->tls)
        s->tls_endpoint = url_of(s, "https", s->host, http_tls_port(s->http));
    s->unix_socket =
        s->options->http.unix_path ? absolute(s, s->options->http.unix_path) : (struct str){NULL, 0};
}

/* A variable may belong to any subcommand, or come from virga run. */
static void warn_variable(struct str name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (options_know(&commands[i].options, name))
            return;
    for (size_t i = 0; i < RUN_VARIABLES; i++)
        if (str_eq(run_variables[i], name))
            return;
    log_say(LOG_WARN, "the variable %.*s is not known and not used", STR_ARG(name));
}

/* The log comes first: the warnings about variables must have its format. */
static void apply_options(struct server *s)
{
    int rc = serve_options_finish(s->options);
    log_setup(s->options->log_format, s->options->log_level);
    log_with_time(true);
    for (char **e = environ; *e; e++)
        if (strncmp(*e, "VIRGA_", strlen("VIRGA_")) == 0)
            warn_variable(str_head(str_from(*e), str_find(str_from(*e), '=')));
    if (rc != 0)
        die(EXIT_USAGE, "neither HOME nor XDG_STATE_HOME is set: use --db PATH or --memory");
}

/* Ends the program with the exit code that the failure has of its own. */
static void open_world(struct server *s)
{
    static const int codes[] = {
        [WORLD_FILE_BAD] = EXIT_WORLD,      [WORLD_DB_LOCKED] = EXIT_DB_LOCKED,
        [WORLD_DB_NEWER] = EXIT_DB_NEWER,   [WORLD_DB_FOREIGN] = EXIT_DB_FAILED,
        [WORLD_DB_FAILED] = EXIT_DB_FAILED, [WORLD_JOURNAL_LOCKED] = EXIT_DB_LOCKED,
    };
    static const char *const hints[] = {[WORLD_DB_LOCKED] = "; --memory or --db PATH for another",
                                        [WORLD_JOURNAL_LOCKED] = "; --journal PATH for another"};
    struct str problem;
    enum world_fault fault = world_init(&s->world, &s->options->settings, &all_products, &problem);
    if (fault != WORLD_OK)
        die(codes[fault], "%.*s%s", STR_ARG(problem),
            fault < sizeof hints / sizeof hints[0] && hints[fault] ? hints[fault] : "");
}

/* Adds the address that the user chose unless it is among them; `names` has room for it. */
static struct san_list with_host(struct san_list list, struct str *names, struct str host)
{
    for (size_t i = 0; i < list.n; i++)
        if (str_eq(names[i], host))
            return list;
    names[list.n++] = host;
    return list;
}

/* Every name that a client may use: this machine's, and the cloud's, which a hosts file or a proxy may point
 * here. A wildcard matches one label, so each region needs its own. */
static struct san_list certificate_names(struct server *s)
{
    static const struct str fixed[] = {
        STR_INIT("localhost"),
        STR_INIT("127.0.0.1"),
        STR_INIT("::1"),
        STR_INIT("*.tencentcloudapi.com"),
        STR_INIT("*.intl.tencentcloudapi.com"),
        STR_INIT("*.internal.tencentcloudapi.com"),
    };
    enum { FIXED = sizeof fixed / sizeof fixed[0] };
    const struct product *p = registry_default(&all_products);
    size_t room = FIXED + all_products.n_products + p->n_regions + 2;
    struct str *names = ARENA_ARRAY(s->arena, struct str, room);
    struct san_list list = {names, FIXED};
    memcpy(names, fixed, sizeof fixed);
    for (size_t i = 0; i < all_products.n_products; i++)
        names[list.n++] = arena_printf(s->arena, "%.*s.localhost", STR_ARG(all_products.products[i]->name));
    for (size_t i = 0; i < p->n_regions; i++)
        names[list.n++] = arena_printf(s->arena, "*.%.*s.tencentcloudapi.com", STR_ARG(p->regions[i].name));
    list = with_host(list, names, str_from(s->options->http.host));
    return with_host(list, names, str_from(s->host));
}

/* Only for --tls-port. Creates the authority and the certificate when they are missing; clients trust the
 * authority, so a new certificate needs no new trust. */
static void open_certificate(struct server *s)
{
    struct ca ca = {.arena = s->arena, .folder = s->options->ca_dir};
    struct str problem;
    if (!s->options->tls)
        return;
    if (!ca.folder && !(ca.folder = serve_default_ca_dir(s->arena)))
        die(EXIT_USAGE, "neither HOME nor XDG_STATE_HOME is set: use --ca-dir PATH");
    if (ca_certificate(&ca, certificate_names(s), &s->certificate, &problem) != 0)
        die(EXIT_LISTEN, "%.*s", STR_ARG(problem));
    if (ca.replaced)
        log_say(LOG_WARN,
                "%s was damaged or had expired and has been replaced: clients must trust the new one",
                ca.path);
    s->ca_file = ca.path;
    s->options->http.certificate = &s->certificate;
}

/* Opens every listener and tells the world its addresses, which answers contain. A port of 0 has its
 * number only after this. */
static void listen_on_all(struct server *s)
{
    struct str problem;
    s->http = http_new(&s->world, &s->options->http, &problem);
    if (!s->http) {
        problem = arena_dup(s->arena, problem); /* it is the world's */
        world_done(&s->world);
        die(EXIT_LISTEN, "%.*s", STR_ARG(problem));
    }
    set_urls(s);
    s->world.endpoint = s->endpoint;
    s->world.port = http_port(s->http);
    s->world.exposed = !http_is_private(s->http);
    if (!http_is_private(s->http))
        log_say(LOG_WARN, "%s is not only this machine's: other machines can call it; its control API %s",
                s->options->http.host,
                s->options->settings.control_token.p ? "requires the token"
                                                     : "is closed without --control-token");
    s->world.tls_endpoint = s->tls_endpoint;
    s->world.unix_socket = s->unix_socket;
}

/* Each step shows the next where the server is: the file, then the printed lines. */
static void open_listeners(struct server *s)
{
    listen_on_all(s);
    report_endpoints(s);
    print_ready(s);
}

/* Signals are blocked before anything can start a thread, so that the loop alone receives them. */
int serve_main(struct session *session)
{
    static struct server s;
    static const int codes[] = {
        [LOOP_STOPPED] = EXIT_OK, [LOOP_DISK_FAILED] = EXIT_DISK, [LOOP_CANNOT_START] = EXIT_UNEXPECTED};
    s.options = (void *)session;
    s.arena = &session->arena;
    os_heap_setup();
    apply_options(&s);
    s.host = listen_reachable_host(s.arena, s.options->http.host);
    loop_block_signals();
    open_certificate(&s);
    open_world(&s);
    open_listeners(&s);
    enum loop_end end = loop_run(&s.world, s.http);
    assert((size_t)end < sizeof codes / sizeof codes[0]);
    if (s.endpoints_file)
        endpoints_withdraw(s.arena, s.endpoints_file);
    http_free(s.http);
    world_done(&s.world);
    return codes[end];
}
