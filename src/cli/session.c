/* The beginning and end of a subcommand; see session.h. */
#include "cli/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "cli/main.h"
#include "cli/output.h"
#include "wire/encode.h"
#include "wire/json.h"

enum { TIMEOUT_DEFAULT_MS = 60 * 1000, TIMEOUT_MAX_SECONDS = 24 * 3600 };

/* --- options ------------------------------------------------------------------------------------------ */

int session_set_json(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    (void)a, (void)value, (void)ret_problem;
    ((struct session *)target)->json = true;
    return 0;
}

int session_set_endpoints_file(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct session *s = target;
    (void)ret_problem;
    s->endpoints_path = arena_cstr(a, value);
    s->endpoint = (struct str){NULL, 0};
    return 0;
}

int session_set_endpoint(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct session *s = target;
    struct client_address address;
    if (client_address_parse(a, value, &address) != 0) {
        *ret_problem = STR("must be http://HOST:PORT or unix:PATH");
        return -1;
    }
    s->endpoint = str_ends(value, STR("/")) ? str_head(value, value.n - 1) : value;
    return 0;
}

int session_set_token(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    (void)a, (void)ret_problem;
    ((struct session *)target)->control_token = value;
    return 0;
}

int session_set_timeout(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    int64_t seconds;
    (void)a;
    if (str_to_i64(value, &seconds) != 0 || seconds < 1 || seconds > TIMEOUT_MAX_SECONDS) {
        *ret_problem = STR("must be a number of seconds from 1 to a day");
        return -1;
    }
    ((struct session *)target)->timeout_ms = seconds * 1000;
    return 0;
}

int session_add_word(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    (void)ret_problem;
    str_list_add(a, &((struct session *)target)->words, value);
    return 0;
}

bool session_open(void *target, const struct option_table *t, char **argv)
{
    struct session *s = target;
    struct str problem;
    arena_init(&s->arena);
    s->timeout_ms = TIMEOUT_DEFAULT_MS;
    int rc = options_read(t, target, &s->arena, argv, &problem);
    if (rc < 0)
        die(EXIT_USAGE, "%.*s", STR_ARG(problem));
    if (rc == 1)
        options_print_help(t);
    return rc == 0;
}

void session_need_words(struct session *s, const struct option_table *t, size_t least, size_t most)
{
    if (s->words.n < least)
        die(EXIT_USAGE, "something is missing: %s", t->usage);
    if (s->words.n > most)
        die(EXIT_USAGE, "%.*s is one word too many: %s", STR_ARG(s->words.v[most]), t->usage);
}

/* --- the server --------------------------------------------------------------------------------------- */

static struct str variable(const char *name, struct str otherwise)
{
    const char *value = getenv(name);
    return value && *value ? str_from(value) : otherwise;
}

/* A server that was named by its address: the credential is the one that the official clients would take, or
 * that of the built-in world. */
static void assume_server(struct session *s)
{
    struct endpoints *e = &s->server;
    e->endpoint = s->endpoint;
    e->secret_id = variable("TENCENTCLOUD_SECRET_ID", STR("AKIDvirgaLocalEmulatorKeyEXAMPLE0001"));
    e->secret_key = variable("TENCENTCLOUD_SECRET_KEY", STR("virgaLocalEmulatorSecretEXAMPLE1"));
    e->region = variable("TENCENTCLOUD_REGION", STR("ap-guangzhou"));
    e->instance = variable("VIRGA_INSTANCE", STR("mssql-njj2mtpl"));
    e->tls_endpoint = variable("VIRGA_TLS_ENDPOINT", (struct str){NULL, 0});
    e->ca_file = variable("VIRGA_CA_FILE", (struct str){NULL, 0});
}

int session_try_find(struct session *s, struct str *ret_problem)
{
    struct str problem;
    if (s->endpoint.p) {
        assume_server(s);
        return 0;
    }
    if (!s->endpoints_path && !(s->endpoints_path = endpoints_default_path(&s->arena)))
        die(EXIT_USAGE, "neither HOME nor XDG_STATE_HOME is set: say --endpoints-file PATH");
    if (endpoints_read(&s->arena, s->endpoints_path, &s->server, &problem) != 0) {
        *ret_problem = arena_printf(&s->arena, "no server is running (%.*s); start one with virga serve",
                                    STR_ARG(problem));
        return -1;
    }
    if (endpoints_alive(&s->server))
        return 0;
    *ret_problem = arena_printf(
        &s->arena, "the server of %s is not running any more; start one with virga serve", s->endpoints_path);
    return -1;
}

void session_find(struct session *s)
{
    struct str problem;
    if (session_try_find(s, &problem) != 0)
        die(EXIT_NO_SERVER, "%.*s", STR_ARG(problem));
}

int session_try_send(struct session *s, const struct request *r, struct client_response *ret_answer,
                     struct str *ret_problem)
{
    struct client_address to;
    struct str problem;
    if (client_address_parse(&s->arena, s->server.endpoint, &to) != 0) {
        *ret_problem =
            arena_printf(&s->arena, "%.*s is no address to connect to", STR_ARG(s->server.endpoint));
        return -1;
    }
    if (client_send(&s->arena, &to, r, s->timeout_ms, ret_answer, &problem) == 0)
        return 0;
    *ret_problem = arena_printf(&s->arena, "%.*s: %.*s", STR_ARG(s->server.endpoint), STR_ARG(problem));
    return -1;
}

void session_send(struct session *s, const struct request *r, struct client_response *ret_answer)
{
    struct str problem;
    if (session_try_send(s, r, ret_answer, &problem) == 0)
        return;
    output_progress(STR(""));
    die(EXIT_NO_SERVER, "%.*s", STR_ARG(problem));
}

struct request session_control_request(struct session *s, const char *method, struct str path,
                                       struct str body)
{
    struct header *headers = ARENA_ARRAY(&s->arena, struct header, 2);
    headers[0] = (struct header){STR("Content-Type"), STR("application/json")};
    headers[1] = (struct header){STR("Authorization"), CONCAT(&s->arena, STR("Bearer "), s->control_token)};
    return (struct request){
        .method = str_from(method),
        .path = CONCAT(&s->arena, STR("/_virga"), path),
        .body = body,
        .headers = headers,
        .n_headers = s->control_token.n > 0 ? 2 : 1,
    };
}

struct str session_text(struct session *s, const struct node *object, struct str name)
{
    const struct node *n = object && object->kind == NODE_OBJECT ? node_find(object, name) : NULL;
    struct buf b;
    if (!n || n->kind == NODE_NULL)
        return STR("");
    if (n->kind == NODE_STRING)
        return n->text;
    buf_init(&b, &s->arena, 32, OUTPUT_MAX);
    encode_node(&b, n);
    return buf_str(&b);
}

int session_refused(struct session *s, const struct client_response *answer)
{
    struct node *root = NULL;
    const struct node *error = NULL;
    if (json_parse(&s->arena, answer->body, &root, NULL) == 0 && root->kind == NODE_OBJECT)
        error = node_find(root, STR("error"));
    struct str message = session_text(s, error, STR("message")), hint = session_text(s, error, STR("hint"));
    if (message.n == 0)
        message = arena_printf(&s->arena, "the server answered HTTP status %d", answer->status);
    if (s->json && root)
        (void)output_write(CONCAT(&s->arena, answer->body, STR("\n")));
    log_say(LOG_ERROR, "%.*s%s%.*s", STR_ARG(message), hint.n ? "; " : "", STR_ARG(hint));
    log_flush();
    return EXIT_REFUSED;
}

const struct node *session_judge(struct session *s, const struct client_response *answer)
{
    struct node *root;
    if (answer->status >= 200 && answer->status < 300 &&
        json_parse(&s->arena, answer->body, &root, NULL) == 0)
        return root;
    (void)session_refused(s, answer);
    return NULL;
}

const struct node *session_ask(struct session *s, const char *method, struct str path, struct str body,
                               struct client_response *ret_answer)
{
    struct request r = session_control_request(s, method, path, body);
    session_send(s, &r, ret_answer);
    return session_judge(s, ret_answer);
}

/* --- the end ------------------------------------------------------------------------------------------ */

int session_close(struct session *s, int code)
{
    arena_done(&s->arena);
    return code;
}

int session_print(struct session *s, struct str text, const struct client_response *answer)
{
    if (s->json)
        text = CONCAT(&s->arena, str_trim(answer->body), STR("\n"));
    return session_close(s, output_write(text) == 0 ? EXIT_OK : EXIT_UNEXPECTED);
}

static struct str read_input(struct session *s)
{
    char piece[4096];
    struct buf b;
    ssize_t n;
    buf_init(&b, &s->arena, sizeof piece, OUTPUT_MAX);
    while ((n = read(STDIN_FILENO, piece, sizeof piece)) > 0)
        buf_put(&b, (struct str){piece, (size_t)n});
    if (n < 0 || b.over)
        die(EXIT_USAGE, "standard input cannot be read, or is too long");
    return buf_str(&b);
}

struct str session_read_file(struct session *s, struct str path)
{
    struct str text, problem;
    if (str_eq(path, STR("-")))
        return read_input(s);
    if (file_read(&s->arena, arena_cstr(&s->arena, path), OUTPUT_MAX, &text, &problem) != 0)
        die(EXIT_USAGE, "%.*s", STR_ARG(problem));
    return text;
}
