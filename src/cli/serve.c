#include "cli/serve.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/version.h"
#include "cli/endpoints.h"
#include "cli/main.h"
#include "cli/serve_options.h"
#include "core/quote.h"
#include "core/world.h"
#include "gen/sqlserver.h"
#include "product/sqlserver/download.h"
#include "product/sqlserver/sqlserver.h"
#include "server/loop.h"
#include "server/tls.h"

struct served {
    struct arena arena;
    struct serve_options options;
    struct world world;
    struct http *http;
    struct str endpoint, tls_endpoint; /* p == NULL without TLS */
    struct str unix_socket;            /* likewise */
    const char *ca_file;               /* likewise NULL */
    struct pem_pair certificate;
    const char *told_endpoints; /* the file that says where this server is; NULL: none */
};

/* Keys of a user's own world are not printed; the built-in one is no secret. */
static bool is_key_secret(const struct served *s)
{
    return s->options.settings.world_path != NULL;
}

static struct str shown_key(struct served *s)
{
    struct str key = s->world.accounts.first->secret_key;
    if (!is_key_secret(s))
        return key;
    return arena_printf(&s->arena, "%.*s...", (int)(key.n > 8 ? 4 : 0), key.p);
}

static struct str shell_word(struct served *s, const char *text)
{
    struct buf b;
    buf_init(&b, &s->arena, 64, 4 * PATH_MAX + 2); /* a quote in it takes four bytes */
    quote_put_word(&b, str_from(text));
    return buf_str(&b);
}

/* A command to copy. With a secret key that is the one which prints it to whoever may read the endpoints
 * file; when there is no such file, none. */
static void say_try(struct served *s)
{
    const struct credential *cred = s->world.accounts.first;
    const char *asked = s->options.endpoints_path;
    if (!is_key_secret(s))
        printf(
            "Try: tccli sqlserver CreateBackup --endpoint %.*s --secretId %.*s --secretKey %.*s --region %.*s"
            " --InstanceId %.*s\n",
            STR_ARG(s->endpoint), STR_ARG(cred->secret_id), STR_ARG(cred->secret_key),
            STR_ARG(s->world.example_region), STR_ARG(s->world.example_instance));
    else if (asked)
        printf("Try: virga env --client tccli --endpoints-file %.*s\n", STR_ARG(shell_word(s, asked)));
    else if (s->told_endpoints)
        printf("Try: virga env --client tccli\n");
}

static void say_ready(struct served *s)
{
    const struct credential *cred = s->world.accounts.first;
    const char *db = s->options.settings.db_path;
    struct str key = shown_key(s);
    printf("virga " VIRGA_VERSION ", state %s%s\n", db ? "in " : "",
           db ? db : "in memory, forgotten at the end");
    printf("Listening for HTTP at address: %.*s", STR_ARG(s->endpoint));
    if (s->tls_endpoint.p)
        printf(" and %.*s (CA: %s)", STR_ARG(s->tls_endpoint), s->ca_file);
    if (s->unix_socket.p)
        printf(" and %.*s", STR_ARG(s->unix_socket));
    putchar('\n');
    printf("Credential: %.*s %.*s\n", STR_ARG(cred->secret_id), STR_ARG(key));
    say_try(s);
    printf("Console: %.*s\n", STR_ARG(endpoints_console(&s->arena, s->endpoint)));
    printf("Ready.\n");
    (void)fflush(stdout);
}

static struct endpoints endpoints_of(struct served *s)
{
    const struct credential *cred = s->world.accounts.first;
    return (struct endpoints){
        .endpoint = s->endpoint,
        .control = arena_printf(&s->arena, "%.*s/_virga", STR_ARG(s->endpoint)),
        .secret_id = cred->secret_id,
        .secret_key = cred->secret_key,
        .region = s->world.example_region,
        .instance = s->world.example_instance,
        .tls_endpoint = s->tls_endpoint,
        .ca_file = str_from(s->ca_file),
        .unix_socket = s->unix_socket,
        .db = str_from(s->options.settings.db_path),
        .pid = getpid(),
    };
}

/* What the endpoints file says, but a key that is secret: standard output is often a log. */
static void say_ready_json(struct served *s)
{
    struct endpoints e = endpoints_of(s);
    if (is_key_secret(s))
        e.secret_key = (struct str){NULL, 0};
    struct str text = endpoints_text(&s->arena, &e);
    (void)fwrite(text.p, 1, text.n, stdout);
    (void)fflush(stdout);
}

static int write_endpoints(struct served *s, const char *path, struct str *ret_problem)
{
    struct endpoints e = endpoints_of(s);
    return endpoints_write(&s->arena, path, &e, ret_problem);
}

/* The default file leads to the server that was first. */
static bool is_anothers(struct served *s, const char *path)
{
    struct endpoints e;
    struct str problem;
    if (endpoints_read(&s->arena, path, &e, &problem) != 0 || !endpoints_taken(&e))
        return false;
    log_say(
        LOG_WARN,
        "virga env finds process %lld at %.*s, not this server; --endpoints-file PATH names a file for it",
        (long long)e.pid, STR_ARG(e.endpoint));
    return true;
}

/* The file that was asked for must come to be. The one in the user's own folder is a convenience for virga
 * env: a server without a home, or with a full disk, serves all the same. */
static void tell_endpoints(struct served *s)
{
    const char *path = s->options.endpoints_path;
    struct str problem;
    if (path && write_endpoints(s, path, &problem) != 0)
        die(EXIT_USAGE, "--endpoints-file: %.*s", STR_ARG(problem));
    s->told_endpoints = path;
    if (path)
        return;
    path = endpoints_default_path(&s->arena);
    if (!path || is_anothers(s, path))
        return;
    if (write_endpoints(s, path, &problem) == 0)
        s->told_endpoints = path;
    else
        log_say(LOG_WARN, "virga env will not find this server: %.*s", STR_ARG(problem));
}

/* For readers with another working directory. */
static struct str absolute(struct served *s, const char *path)
{
    char real[PATH_MAX];
    return arena_dup(&s->arena, str_from(realpath(path, real) ? real : path));
}

/* An address of IPv6 stands in brackets. */
static struct str endpoint_of(struct served *s, const char *scheme, uint16_t port)
{
    const char *host = s->options.http.host;
    bool six = strchr(host, ':') != NULL;
    return arena_printf(&s->arena, "%s://%s%s%s:%u", scheme, six ? "[" : "", host, six ? "]" : "", port);
}

static enum log_level log_level_of(const struct serve_options *o)
{
    if (o->log_level_given)
        return o->log_level;
    return o->quiet ? LOG_WARN : LOG_INFO;
}

/* A variable may be an option of any subcommand, or come from virga run. */
static void warn_variables(struct served *s)
{
    const struct option_table **tables = ARENA_ARRAY(&s->arena, const struct option_table *, n_commands + 1);
    for (size_t i = 0; i < n_commands; i++)
        tables[i] = commands[i].options;
    tables[n_commands] = &run_variables;
    options_warn_unknown_variables(tables, n_commands + 1);
}

static int read_options(struct served *s, char **argv)
{
    struct str problem;
    serve_options_init(&s->options);
    int rc = options_read(&serve_option_table, &s->options, &s->arena, argv, &problem);
    if (rc < 0)
        die(EXIT_USAGE, "%.*s", STR_ARG(problem));
    log_setup(s->options.log_format, log_level_of(&s->options));
    warn_variables(s);
    if (s->options.memory)
        s->options.settings.db_path = NULL;
    else if (!s->options.settings.db_path && !(s->options.settings.db_path = serve_default_db(&s->arena)))
        die(EXIT_USAGE, "neither HOME nor XDG_STATE_HOME is set: say --db PATH or --memory");
    return rc;
}

static void open_world(struct served *s)
{
    static const int codes[] = {
        [WORLD_FILE_BAD] = EXIT_WORLD,      [WORLD_DB_LOCKED] = EXIT_DB_LOCKED,
        [WORLD_DB_NEWER] = EXIT_DB_NEWER,   [WORLD_DB_FOREIGN] = EXIT_DB_FAILED,
        [WORLD_DB_FAILED] = EXIT_DB_FAILED,
    };
    static const struct emulation emulation = {&product_sqlserver,  sqlserver_flow_types, FLOW_TYPES,
                                               &sqlserver_schedule, download_owns,        download_serve};
    struct str problem;
    enum world_fault fault = world_init(&s->world, &s->options.settings, &emulation, &problem);
    if (fault != WORLD_OK)
        die(codes[fault], "%.*s%s", STR_ARG(problem),
            fault == WORLD_DB_LOCKED ? "; --memory or --db PATH for another" : "");
}

/* The address that the user chose, if it is none of them; names has room for it. */
static struct san_list with_host(struct san_list list, struct str *names, struct str host)
{
    for (size_t i = 0; i < list.n; i++)
        if (str_eq(names[i], host))
            return list;
    names[list.n++] = host;
    return list;
}

/* Every name under which a client may come: this machine's, and the cloud's, which a hosts file or a proxy
 * may lead here. A wildcard stands for one label, so that each region needs its own. */
static struct san_list certificate_names(struct served *s)
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
    const struct product *p = &product_sqlserver;
    struct str *names = ARENA_ARRAY(&s->arena, struct str, FIXED + p->n_regions + 2);
    struct san_list list = {names, FIXED};
    memcpy(names, fixed, sizeof fixed);
    names[list.n++] = arena_printf(&s->arena, "%.*s.localhost", STR_ARG(p->name));
    for (size_t i = 0; i < p->n_regions; i++)
        names[list.n++] = arena_printf(&s->arena, "*.%.*s.tencentcloudapi.com", STR_ARG(p->regions[i].name));
    return with_host(list, names, str_from(s->options.http.host));
}

/* Without --tls-port nothing of this is touched. */
static void open_certificate(struct served *s)
{
    struct ca ca = {.arena = &s->arena, .folder = s->options.ca_dir};
    struct str problem;
    if (!s->options.tls)
        return;
    if (!ca.folder && !(ca.folder = serve_default_ca_dir(&s->arena)))
        die(EXIT_USAGE, "neither HOME nor XDG_STATE_HOME is set: say --ca-dir PATH");
    if (ca_certificate(&ca, certificate_names(s), &s->certificate, &problem) != 0)
        die(EXIT_LISTEN, "%.*s", STR_ARG(problem));
    if (ca.replaced)
        log_say(LOG_WARN, "%s was damaged or had expired and is a new one: clients must trust it anew",
                ca.path);
    s->ca_file = ca.path;
    s->options.http.certificate = &s->certificate;
}

static void listen_on_all(struct served *s)
{
    struct str problem;
    s->http = http_new(&s->world, &s->options.http, &problem);
    if (!s->http) {
        world_done(&s->world);
        die(EXIT_LISTEN, "%.*s", STR_ARG(problem));
    }
    s->endpoint = endpoint_of(s, "http", http_port(s->http));
    s->world.endpoint = s->endpoint;
    s->world.port = http_port(s->http);
    s->world.exposed = !http_is_private(s->http);
    if (s->options.tls)
        s->tls_endpoint = endpoint_of(s, "https", http_tls_port(s->http));
    s->unix_socket =
        s->options.http.unix_path ? absolute(s, s->options.http.unix_path) : (struct str){NULL, 0};
    if (!http_is_private(s->http))
        log_say(LOG_WARN, "%s is not only this machine's: whoever reaches it can call it; its control API %s",
                s->options.http.host,
                s->options.settings.control_token.p ? "demands the token"
                                                    : "is closed without --control-token");
    s->world.tls_endpoint = s->tls_endpoint;
    s->world.unix_socket = s->unix_socket;
}

static void open_listeners(struct served *s)
{
    listen_on_all(s);
    tell_endpoints(s);
    if (!s->options.quiet)
        (s->options.json ? say_ready_json : say_ready)(s);
}

int serve_main(char **argv)
{
    static struct served s;
    static const int codes[] = {
        [LOOP_STOPPED] = EXIT_OK, [LOOP_DISK_FAILED] = EXIT_DISK, [LOOP_CANNOT_START] = EXIT_UNEXPECTED};
    arena_init(&s.arena);
    if (read_options(&s, argv) == 1) {
        serve_options_print_help();
        return EXIT_OK;
    }
    loop_block_signals();
    open_certificate(&s);
    open_world(&s);
    open_listeners(&s);
    enum loop_end end = loop_run(&s.world, s.http);
    if (s.told_endpoints)
        endpoints_withdraw(&s.arena, s.told_endpoints);
    http_free(s.http);
    world_done(&s.world);
    arena_done(&s.arena);
    return codes[end];
}
