/*
 * Files that were compiled in: nothing is read from the disk, and a name is only ever compared with those of
 * the table, so that no path can lead elsewhere.
 */
#include "server/console_files.h"

#define FOLDER "/_virga/console/"

/* Of the two trees of names one is enough: the page and the document that it is made of stand beside it. */
static struct str name_of(struct str path)
{
    if (str_eq(path, STR("/_virga/")))
        return STR("index.html");
    if (str_eq(path, STR("/_virga/schema.json")))
        return STR("schema.json");
    return str_starts(path, STR(FOLDER)) ? str_skip(path, sizeof FOLDER - 1) : (struct str){NULL, 0};
}

static const struct console_file *find_file(struct str name)
{
    for (size_t i = 0; i < n_console_files; i++)
        if (str_eq(console_files[i].name, name))
            return &console_files[i];
    return NULL;
}

/* One word of a list with commas, what stands behind a semicolon left out. */
static bool list_has(struct str list, struct str word)
{
    struct str part;
    while (str_next(&list, ',', &part))
        if (str_eq_nocase(str_trim(str_head(part, str_find(part, ';'))), word))
            return true;
    return false;
}

/* "gzip;q=0" is a refusal; any other weight is a yes (RFC 9110 section 12.5.3). */
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

/* A weak mark of the same bytes will do (RFC 9110 section 13.1.2). */
static bool client_has(const struct exchange *x, struct str etag)
{
    struct str list = request_header(&x->call.request, STR("If-None-Match"));
    return str_eq(list, STR("*")) || list_has(list, etag) ||
           list_has(list, CONCAT(x->call.arena, STR("W/"), etag));
}

static void put_header(struct exchange *x, struct str name, struct str value)
{
    x->answer_headers[x->n_answer_headers++] = (struct header){name, value};
}

/* no-cache has the browser ask each time, which the ETag then answers with 304: after an upgrade no page is
 * half old. The policy lets the page load and reach this server alone, and no other page frame it. */
static void serve(struct exchange *x, const struct console_file *file)
{
    bool short_form = file->gzip.bytes.p && accepts_gzip(&x->call.request);
    const struct console_body *body = short_form ? &file->gzip : &file->plain;
    bool known = client_has(x, body->etag);
    x->status = known ? 304 : 200;
    x->content_type = file->content_type;
    x->call.answer = known ? STR("") : body->bytes;
    put_header(x, STR("ETag"), body->etag);
    put_header(x, STR("Vary"), STR("Accept-Encoding"));
    put_header(x, STR("Cache-Control"), STR("no-cache"));
    put_header(x, STR("X-Content-Type-Options"), STR("nosniff"));
    put_header(x, STR("Referrer-Policy"), STR("no-referrer"));
    put_header(x, STR("Content-Security-Policy"),
               STR("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                   "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"));
    if (short_form)
        put_header(x, STR("Content-Encoding"), STR("gzip"));
}

static void redirect(struct exchange *x)
{
    x->status = 308;
    x->content_type = "text/plain";
    x->call.answer = STR("");
    put_header(x, STR("Location"), STR("/_virga/"));
}

bool console_serve(struct exchange *x)
{
    const struct request *r = &x->call.request;
    if (!str_eq(r->method, STR("GET")) && !str_eq(r->method, STR("HEAD")))
        return false;
    if (str_eq(r->path, STR("/_virga"))) {
        redirect(x);
        return true;
    }
    const struct console_file *file = find_file(name_of(r->path));
    if (file)
        serve(x, file);
    return file != NULL;
}
