/* Walks through the head: `at` is where the next part must begin. Nothing is read at an address that was not
 * found to be there. */
#include "server/request_head.h"

enum {
    AFTER_WORD = 1, /* the NUL in the place of a blank or a colon */
    AFTER_LINE = 2  /* the NULs in the place of CR and LF */
};

/* Blanks may surround a value; a line of its own may not. */
static const char *skip_blanks(const char *p)
{
    while (*p == ' ' || *p == '\t')
        p++;
    return p;
}

static bool has(struct str text, char c)
{
    return str_find(text, c) < text.n;
}

/* Where the line after the request line begins; NULL when the request line is malformed. */
static const char *after_request_line(const struct request_head *h)
{
    const char *at = h->method.p + h->method.n + AFTER_WORD;
    if (h->target_at != at || has(h->target, ' ') || has(h->target, '\r'))
        return NULL;
    at += h->target.n + AFTER_WORD;
    if (h->version.p != at)
        return NULL;
    return at + h->version.n + AFTER_LINE;
}

/* Where the line after a header begins; NULL when the header, which must begin at `at`, is malformed. */
static const char *after_header(const struct header *h, const char *at)
{
    if (h->name.p != at || has(h->value, '\r'))
        return NULL;
    at = skip_blanks(at + h->name.n + AFTER_WORD);
    if (h->value.n > 0 && h->value.p != at)
        return NULL;
    at = skip_blanks(at + h->value.n);
    return *at == '\0' ? at + AFTER_LINE : NULL;
}

static bool is_well_formed(const struct request_head *h)
{
    const char *at = after_request_line(h);
    for (size_t i = 0; at && i < h->n_headers; i++)
        at = after_header(&h->headers[i], at);
    return at && at + AFTER_LINE == h->method.p + h->bytes;
}

const struct rejection *request_head_check(const struct request_head *head)
{
    static const struct rejection malformed = {
        400, STR_INIT("the request line or a header is malformed: a line that is folded or does not end with "
                      "CR LF, or a NUL, CR or blank where none may be")};
    return is_well_formed(head) ? NULL : &malformed;
}
