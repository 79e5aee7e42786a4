/* Every option that is not set keeps libcurl's default: no redirects, no cookies. */
#include "cli/client.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "cli/curl_library.h"

/* --- addresses ---------------------------------------------------------------------------------------- */

/* Zero is a port to listen on, not one to connect to. */
static bool is_port(struct str text)
{
    int64_t port;
    return str_to_i64(text, &port) == 0 && port >= 1 && port <= 65535;
}

/* "host", "host:port" or the same with an address of IPv6 in brackets. */
static bool is_authority(struct str authority)
{
    bool six = str_starts(authority, STR("["));
    size_t end = six ? str_find(authority, ']') : str_find(authority, ':');
    struct str rest = str_skip(authority, end + six);
    if (end <= six || end + six > authority.n || str_find(authority, '/') < authority.n)
        return false;
    return rest.n == 0 || (rest.p[0] == ':' && is_port(str_skip(rest, 1)));
}

/* The authority after the scheme; a slash may follow it. */
static int parse_url(struct arena *a, struct str url, struct str scheme, struct client_address *ret_address)
{
    struct str authority = str_skip(url, scheme.n);
    if (str_ends(authority, STR("/")))
        authority.n--;
    if (!str_starts(url, scheme) || !is_authority(authority))
        return -1;
    *ret_address = (struct client_address){.authority = arena_dup(a, authority)};
    return 0;
}

int client_address_parse(struct arena *a, struct str endpoint, struct client_address *ret_address)
{
    if (str_starts(endpoint, STR("unix:")) && endpoint.n > strlen("unix:")) {
        const char *path = arena_cstr(a, str_skip(endpoint, strlen("unix:")));
        *ret_address = (struct client_address){.socket = path, .authority = STR("localhost")};
        return 0;
    }
    return parse_url(a, endpoint, STR("http://"), ret_address);
}

/* An address of this machine never needs a proxy. */
static bool is_local(struct str authority)
{
    struct str host = str_head(authority, str_find(authority, ':'));
    return str_starts(authority, STR("127.")) || str_starts(authority, STR("[::1]")) ||
           str_eq(host, STR("localhost"));
}

int client_upstream_parse(struct arena *a, struct str url, struct client_address *ret_address)
{
    bool tls = str_starts(url, STR("https://"));
    if (parse_url(a, url, tls ? STR("https://") : STR("http://"), ret_address) != 0)
        return -1;
    ret_address->tls = tls;
    ret_address->kept = ret_address->proxied = true;
    return 0;
}

/* --- one exchange ------------------------------------------------------------------------------------- */

struct exchange {
    struct arena *arena;
    const struct curl_library *curl;
    CURL *handle;
    bool tls;
    struct curl_slist *headers;
    struct buf body; /* of the response, so far */
};

/* libcurl's callback for each piece of the response's body. Taking less than the piece ends the exchange
 * with CURLE_WRITE_ERROR, which here means that the response is longer than the limit. */
static size_t receive(char *piece, size_t size, size_t n, void *to)
{
    struct exchange *x = to;
    assert(size == 1); /* so libcurl promises */
    buf_put(&x->body, (struct str){piece, n * size});
    return x->body.over ? 0 : n * size;
}

/* libcurl takes "Name;" for a header without a value. */
static void add_header(struct exchange *x, struct str name, struct str value)
{
    struct str line =
        value.n > 0 ? CONCAT(x->arena, name, STR(": "), value) : CONCAT(x->arena, name, STR(";"));
    x->headers = x->curl->append(x->headers, arena_cstr(x->arena, line));
}

/* The headers of the request in its own order, after those that switch off libcurl's additions. The list
 * must live until the exchange has ended. */
static void set_headers(struct exchange *x, struct str authority, const struct request *r)
{
    /* libcurl adds these by itself. With the second it would also wait before it sends a long body. */
    static const char *const without[] = {"Accept:", "Expect:"};
    for (size_t i = 0; i < sizeof without / sizeof without[0]; i++)
        x->headers = x->curl->append(x->headers, without[i]);
    add_header(x, STR("Host"), authority);
    for (size_t i = 0; i < r->n_headers; i++)
        add_header(x, r->headers[i].name, r->headers[i].value);
    x->curl->setopt(x->handle, CURLOPT_HTTPHEADER, x->headers);
}

/* Everything that the request itself decides. PATH_AS_IS keeps the path's bytes, since the signature of a
 * call and the ids in a path depend on them; an empty proxy overrides the environment's. */
static void set_request(struct exchange *x, const struct client_address *to, const struct request *r)
{
    struct str url = CONCAT(x->arena, to->tls ? STR("https://") : STR("http://"), to->authority, r->path);
    x->curl->setopt(x->handle, CURLOPT_URL, arena_cstr(x->arena, url));
    x->curl->setopt(x->handle, CURLOPT_PATH_AS_IS, 1L);
    if (!to->proxied || is_local(to->authority))
        x->curl->setopt(x->handle, CURLOPT_PROXY, "");
    if (to->ca)
        x->curl->setopt(x->handle, CURLOPT_CAINFO, to->ca);
    if (to->socket)
        x->curl->setopt(x->handle, CURLOPT_UNIX_SOCKET_PATH, to->socket);
    if (r->body.n > 0 || !str_eq(r->method, STR("GET"))) {
        x->curl->setopt(x->handle, CURLOPT_POSTFIELDS, r->body.p ? r->body.p : "");
        x->curl->setopt(x->handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.n);
    }
    x->curl->setopt(x->handle, CURLOPT_CUSTOMREQUEST, arena_cstr(x->arena, r->method));
    x->curl->setopt(x->handle, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    set_headers(x, to->authority, r);
}

/* What went wrong, in one sentence. Errors of the operating system have their own text, the others
 * libcurl's. */
static struct str problem_of(struct exchange *x, CURLcode code)
{
    long error = 0;
    x->curl->getinfo(x->handle, CURLINFO_OS_ERRNO, &error);
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        return STR("it did not answer in time");
    case CURLE_GOT_NOTHING:
        return STR("it closed the connection without an answer");
    case CURLE_UNSUPPORTED_PROTOCOL:
        if (x->tls)
            return STR("this program's libcurl has no TLS (docs/bridge.md)");
        return STR("the answer is not complete, or is not HTTP"); /* no line of HTTP at its start */
    case CURLE_PARTIAL_FILE:
    case CURLE_WEIRD_SERVER_REPLY:
        return STR("the answer is not complete, or is not HTTP");
    case CURLE_WRITE_ERROR:
        return STR("the answer is too long");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        return arena_printf(x->arena, "its certificate is not trusted: %s", x->curl->strerror(code));
    case CURLE_COULDNT_CONNECT:
        return arena_printf(x->arena, "connect: %s", error ? strerror((int)error) : x->curl->strerror(code));
    default:
        return arena_printf(x->arena, "%s%s%s", x->curl->strerror(code), error ? ": " : "",
                            error ? strerror((int)error) : "");
    }
}

/* The handle of the last exchange with an address that is kept, which has its connection. */
static CURL *kept;

/* A handle without options. */
static CURL *new_handle(const struct curl_library *curl, bool keep)
{
    CURL *handle = keep && kept ? kept : curl->init();
    if (!handle)
        memory_out();
    if (keep && kept)
        curl->reset(handle);
    kept = keep ? handle : kept;
    return handle;
}

static struct client_response response_of(struct exchange *x)
{
    struct client_response response = {.body = buf_str(&x->body)};
    long status = 0;
    char *type = NULL;
    x->curl->getinfo(x->handle, CURLINFO_RESPONSE_CODE, &status);
    x->curl->getinfo(x->handle, CURLINFO_CONTENT_TYPE, &type);
    response.status = (int)status;
    if (type)
        response.content_type = arena_dup(x->arena, str_from(type));
    return response;
}

int client_send(struct arena *a, const struct client_address *to, const struct request *r, int64_t timeout_ms,
                struct client_response *ret_response, struct str *ret_problem)
{
    struct exchange x = {.arena = a, .tls = to->tls};
    assert(timeout_ms > 0 && str_starts(r->path, STR("/")));
    if (!(x.curl = curl_library_load(ret_problem)))
        return -1;
    x.handle = new_handle(x.curl, to->kept);
    buf_init(&x.body, a, 0, LIMIT_CLI_TEXT);
    set_request(&x, to, r);
    x.curl->setopt(x.handle, CURLOPT_NOSIGNAL, 1L);
    x.curl->setopt(x.handle, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    x.curl->setopt(x.handle, CURLOPT_WRITEFUNCTION, receive);
    x.curl->setopt(x.handle, CURLOPT_WRITEDATA, &x);
    CURLcode code = x.curl->perform(x.handle);
    if (code != CURLE_OK)
        *ret_problem = problem_of(&x, code);
    else
        *ret_response = response_of(&x);
    if (!to->kept)
        x.curl->cleanup(x.handle);
    x.curl->free_all(x.headers);
    return code == CURLE_OK ? 0 : -1;
}
