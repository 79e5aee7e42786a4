/*
 * The files are compiled in: nothing is read from the disk, and a name is only compared with those of the
 * table, so that no path can lead elsewhere. They are compressed once, and decompressed for the rare client
 * that does not accept gzip.
 */
#include "server/console_files.h"

#include <assert.h>

#include "base/inflate.h"

#define FOLDER "/_virga/console/"

/* The name of the file that a path means; p == NULL outside the console's paths. The page and the document
 * that it is made of are beside the folder. */
static struct str name_of(struct str path)
{
    if (str_eq(path, STR("/_virga/")))
        return STR("index.html");
    if (str_eq(path, STR("/_virga/schema.json")))
        return STR("schema.json");
    return str_starts(path, STR(FOLDER)) ? str_skip(path, sizeof FOLDER - 1) : (struct str){NULL, 0};
}

/* NULL for an unknown name. */
static const struct console_file *find_file(struct str name)
{
    for (size_t i = 0; i < n_console_files; i++)
        if (str_eq(console_files[i].name, name))
            return &console_files[i];
    return NULL;
}

/* Is the word an element of a comma-separated list? What follows a semicolon is not compared. */
static bool list_has(struct str list, struct str word)
{
    struct str part;
    while (str_next(&list, ',', &part))
        if (str_eq_nocase(str_trim(str_head(part, str_find(part, ';'))), word))
            return true;
    return false;
}

/* "gzip;q=0" means no; any other weight means yes (RFC 9110 section 12.5.3). */
static bool accepts_gzip(const struct request *r)
{
    struct str list = request_header(r, STR("Accept-Encoding")), part;
    while (str_next(&list, ',', &part)) {
        size_t end = str_find(part, ';');
        struct str weight = str_trim(str_skip(part, end + 1));
        if (str_eq_nocase(str_trim(str_head(part, end)), STR("gzip")))
            return !str_eq(weight, STR("q=0")) && !str_starts(weight, STR("q=0.0"));
    }
    return false;
}

/* If-None-Match compares weakly: W/ does not matter (RFC 9110 section 13.1.2). */
static bool client_has(const struct exchange *x, struct str etag)
{
    struct str list = request_header(&x->call.request, STR("If-None-Match"));
    return str_eq(list, STR("*")) || list_has(list, etag) ||
           list_has(list, CONCAT(x->call.arena, STR("W/"), etag));
}

/* The file as it is in src/console. */
static struct str plain_bytes(struct arena *a, const struct console_file *file)
{
    if (!file->compressed)
        return file->bytes;
    char *plain = arena_alloc(a, file->n);
    int rc = inflate_gzip(file->bytes, plain, file->n);
    assert(rc == 0); /* the build has made it */
    (void)rc;
    return (struct str){plain, file->n};
}

/* With no-cache the browser asks each time, and 304 answers it when the ETag is the same: after an upgrade no
 * page is half old. The policy lets the page load from this server alone and forbids frames. */
static void serve_file(struct exchange *x, const struct console_file *file)
{
    bool compressed = file->compressed && accepts_gzip(&x->call.request);
    struct str etag = compressed ? file->gzip_etag : file->etag;
    bool known = client_has(x, etag);
    x->status = known ? 304 : 200;
    x->content_type = file->content_type;
    x->call.answer = known ? STR("") : compressed ? file->bytes : plain_bytes(&x->arena, file);
    exchange_add_header(x, STR("ETag"), etag);
    exchange_add_header(x, STR("Vary"), STR("Accept-Encoding"));
    exchange_add_header(x, STR("Cache-Control"), STR("no-cache"));
    exchange_add_header(x, STR("X-Content-Type-Options"), STR("nosniff"));
    exchange_add_header(x, STR("Referrer-Policy"), STR("no-referrer"));
    exchange_add_header(
        x, STR("Content-Security-Policy"),
        STR("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
            "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"));
    if (compressed)
        exchange_add_header(x, STR("Content-Encoding"), STR("gzip"));
}

static void redirect(struct exchange *x)
{
    x->status = 308; /* keeps the method */
    x->content_type = "text/plain";
    x->call.answer = STR("");
    exchange_add_header(x, STR("Location"), STR("/_virga/"));
}

static bool is_folder(struct str path)
{
    return str_eq(path, STR("/_virga"));
}

bool console_owns(const struct request *r)
{
    if (!str_eq(r->method, STR("GET")) && !str_eq(r->method, STR("HEAD")))
        return false;
    return is_folder(r->path) || find_file(name_of(r->path));
}

void console_serve(struct exchange *x)
{
    const struct request *r = &x->call.request;
    assert(console_owns(r));
    if (is_folder(r->path))
        redirect(x);
    else
        serve_file(x, find_file(name_of(r->path)));
}
