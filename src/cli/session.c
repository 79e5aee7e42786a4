#include "cli/session.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/control_request.h"
#include "cli/output.h"
#include "cli/servers.h"
#include "gen/cli.h"
#include "gen/products.h"
#include "wire/encode.h"

/* --- options and words -------------------------------------------------------------------------------- */

int session_parse_name(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct session *s = target;
    struct server_files files;
    if (!server_name_is_valid(value)) {
        *ret_problem = STR("expects letters, digits, '.', '_' or '-', and no dot at the start");
        return -1;
    }
    s->name = arena_dup(a, value);
    s->endpoint = (struct str){NULL, 0};
    s->endpoints_path = server_files_of(a, s->name, &files) == 0 ? files.endpoints : NULL;
    return 0;
}

int session_parse_endpoints_file(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct session *s = target;
    (void)ret_problem;
    s->endpoints_path = arena_cstr(a, value);
    s->name = (struct str){NULL, 0};
    s->endpoint = (struct str){NULL, 0};
    return 0;
}

int session_parse_endpoint(void *target, struct arena *a, struct str value, struct str *ret_problem)
{
    struct session *s = target;
    struct client_address address;
    if (client_address_parse(a, value, &address) != 0) {
        *ret_problem = STR("expects http://HOST:PORT or unix:PATH");
        return -1;
    }
    s->endpoint = str_ends(value, STR("/")) ? str_head(value, value.n - 1) : value;
    s->endpoints_path = NULL;
    s->name = (struct str){NULL, 0};
    return 0;
}

void session_need_words(struct session *s, size_t min, size_t max)
{
    assert(min <= max);
    if (s->words.n < min)
        die(EXIT_USAGE, "a word is missing: %s", s->command->usage);
    if (s->words.n > max)
        die(EXIT_USAGE, "%.*s is one word too many: %s", STR_ARG(s->words.v[max]), s->command->usage);
}

void session_reject_word(struct session *s, struct str word)
{
    struct str known = options_alternatives(&s->arena, s->command->words, ' ');
    die(EXIT_USAGE, "%.*s is not a word of virga %s, which expects %.*s", STR_ARG(word), s->command->name,
        STR_ARG(known));
}

/* --- the server --------------------------------------------------------------------------------------- */

/* Fills in the server when the user gives only its address (--endpoint). Without an endpoints file there is
 * no credential, which calls need: takes the one that the official clients would use, else that of the
 * built-in world. */
static void assume_server(struct session *s)
{
    const struct product_examples *examples = &registry_default(&all_products)->examples;
    struct endpoints *e = &s->server;
    e->endpoint = s->endpoint;
    e->secret_id =
        str_or(variable_text("TENCENTCLOUD_SECRET_ID"), STR("AKIDvirgaLocalEmulatorKeyEXAMPLE0001"));
    e->secret_key = str_or(variable_text("TENCENTCLOUD_SECRET_KEY"), STR("virgaLocalEmulatorSecretEXAMPLE1"));
    e->region = str_or(variable_text("TENCENTCLOUD_REGION"), examples->region);
    e->instance = str_or(variable_text("VIRGA_INSTANCE"), examples->resource);
    e->tls_endpoint = variable_text("VIRGA_TLS_ENDPOINT");
    e->ca_file = variable_text("VIRGA_CA_FILE");
}

int session_try_find(struct session *s, struct str *ret_problem)
{
    struct str problem;
    if (s->endpoint.p) {
        assume_server(s);
        return 0;
    }
    if (!s->endpoints_path && !(s->endpoints_path = endpoints_default_path(&s->arena)))
        die(EXIT_USAGE, "neither HOME nor XDG_STATE_HOME is set: use --endpoints-file PATH");
    if (endpoints_read(&s->arena, s->endpoints_path, &s->server, &problem) != 0) {
        *ret_problem = arena_printf(&s->arena, "no server is running (%.*s); start one with virga serve",
                                    STR_ARG(problem));
        return -1;
    }
    if (endpoints_alive(&s->server))
        return 0;
    *ret_problem = arena_printf(
        &s->arena, "the server of %s is no longer running; start one with virga serve", s->endpoints_path);
    return -1;
}

void session_find(struct session *s)
{
    struct str problem;
    if (session_try_find(s, &problem) != 0)
        die(EXIT_NO_SERVER, "%.*s", STR_ARG(problem));
}

int session_try_send(struct session *s, const struct request *r, struct client_response *ret_response,
                     struct str *ret_problem)
{
    struct client_address to;
    struct str problem, endpoint = endpoints_local(&s->server);
    if (client_address_parse(&s->arena, endpoint, &to) != 0) {
        *ret_problem = arena_printf(&s->arena, "%.*s is not an address to connect to", STR_ARG(endpoint));
        return -1;
    }
    if (client_send(&s->arena, &to, r, s->timeout_ms, ret_response, &problem) == 0)
        return 0;
    *ret_problem = arena_printf(&s->arena, "%.*s: %.*s", STR_ARG(endpoint), STR_ARG(problem));
    return -1;
}

void session_send(struct session *s, const struct request *r, struct client_response *ret_response)
{
    struct str problem;
    if (session_try_send(s, r, ret_response, &problem) == 0)
        return;
    output_progress(STR(""));
    die(EXIT_NO_SERVER, "%.*s", STR_ARG(problem));
}

struct request session_control_request(struct session *s, const char *method, struct str path,
                                       struct str body)
{
    assert(str_starts(path, STR("/")));
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

/* --- responses ---------------------------------------------------------------------------------------- */

struct str session_text(struct session *s, const struct node *object, struct str name)
{
    const struct node *n = object && object->kind == NODE_OBJECT ? node_find(object, name) : NULL;
    struct buf b;
    if (!n || n->kind == NODE_NULL)
        return STR("");
    if (n->kind == NODE_STRING)
        return n->text;
    buf_init(&b, &s->arena, 32, LIMIT_CLI_TEXT);
    encode_node(&b, n);
    return buf_str(&b);
}

/* --- errors of the control API --- */

/* True when the request of the row is that one; the path may go on with the id of a resource or a query. */
static bool is_request(const struct control_row *row, struct str method, struct str path)
{
    struct str own = str_from(row->path), rest = str_skip(path, own.n);
    return str_eq(str_from(row->method), method) && str_starts(path, own) &&
           (rest.n == 0 || rest.p[0] == '/' || rest.p[0] == '?');
}

/* The subcommand that sends that request: "virga faults list"; p == NULL when none does. */
static struct str subcommand_for(struct session *s, struct str method, struct str path)
{
    for (size_t i = 0; i < COMMANDS; i++)
        for (size_t k = 0; k < commands[i].n_requests; k++) {
            const struct control_row *row = &commands[i].requests[k];
            if (is_request(row, method, path))
                return arena_printf(&s->arena, "virga %s%s%s", commands[i].name, row->word ? " " : "",
                                    row->word ? row->word : "");
        }
    if (str_starts(path, STR("/schema.json")))
        return STR("virga actions");
    return str_starts(path, STR("/openapi.json"))
               ? arena_printf(&s->arena, "virga %s --help", s->command->name)
               : (struct str){NULL, 0};
}

/* The server's hint names a request, "GET /_virga/faults lists them"; here it names the subcommand that sends
 * it. */
static struct str hint_for_users(struct session *s, struct str hint)
{
    struct str rest = hint, method, path;
    if (!str_next(&rest, ' ', &method) || !str_starts(rest, STR("/_virga/")) || !str_next(&rest, ' ', &path))
        return hint;
    struct str words = subcommand_for(s, method, str_skip(path, strlen("/_virga")));
    return words.p ? CONCAT(&s->arena, words, rest.n ? STR(" ") : STR(""), rest) : hint;
}

void session_print_error(struct session *s, const struct client_response *response)
{
    struct node *root = NULL;
    const struct node *error = NULL;
    if (json_parse(&s->arena, response->body, &root, NULL) == 0 && root->kind == NODE_OBJECT)
        error = node_find(root, STR("error"));
    struct str message = session_text(s, error, STR("message")),
               hint = hint_for_users(s, session_text(s, error, STR("hint")));
    if (message.n == 0)
        message = arena_printf(&s->arena, "the server answered HTTP status %d", response->status);
    if (s->json && root)
        (void)output_write_json(CONCAT(&s->arena, response->body, STR("\n")));
    log_say(LOG_ERROR, "%.*s%s%.*s", STR_ARG(message), hint.n ? "; " : "", STR_ARG(hint));
    log_flush();
}

const struct node *session_answer(struct session *s, const struct client_response *response)
{
    struct node *root;
    if (response->status >= 200 && response->status < 300 &&
        json_parse(&s->arena, response->body, &root, NULL) == 0)
        return root;
    session_print_error(s, response);
    return NULL;
}

const struct node *session_ask(struct session *s, const char *method, struct str path, struct str body,
                               struct client_response *ret_response)
{
    struct request r = session_control_request(s, method, path, body);
    session_send(s, &r, ret_response);
    return session_answer(s, ret_response);
}

int session_write(const struct session *s, struct str text)
{
    return (s->json ? output_write_json : output_write)(text) == 0 ? EXIT_OK : EXIT_UNEXPECTED;
}

int session_print(struct session *s, struct str text, const struct client_response *response)
{
    return session_write(s, s->json ? CONCAT(&s->arena, str_trim(response->body), STR("\n")) : text);
}

int session_print_names(struct session *s, struct str lines)
{
    struct buf b;
    if (!s->json)
        return session_write(s, lines);
    buf_init(&b, &s->arena, 2 * lines.n, LIMIT_CLI_TEXT);
    output_put_json_lines(&b, lines);
    return session_write(s, buf_str(&b));
}

/* --- files -------------------------------------------------------------------------------------------- */

/* Standard input to its end, within the limit for texts. */
static struct str read_input(struct session *s)
{
    char piece[4096];
    struct buf b;
    ssize_t n;
    buf_init(&b, &s->arena, sizeof piece, LIMIT_CLI_TEXT);
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
    if (file_read_input(&s->arena, arena_cstr(&s->arena, path), LIMIT_CLI_TEXT, &text, &problem) != 0)
        die(EXIT_USAGE, "%.*s", STR_ARG(problem));
    return text;
}
