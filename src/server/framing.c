/* The headers are looked at once for all of the questions, and the answer to the first that is a yes is the
 * refusal. */
#include "server/framing.h"

/* What the headers say about the body. */
struct framing {
    struct str length, coding; /* p == NULL where absent */
    bool lengths_differ, codings, blank_names;
};

static bool has_blank(struct str name)
{
    return str_find(name, ' ') < name.n || str_find(name, '\t') < name.n;
}

static void look_at(const struct header *h, struct framing *f)
{
    f->blank_names |= has_blank(h->name);
    if (str_eq_nocase(h->name, STR("Content-Length"))) {
        f->lengths_differ |= f->length.p && !str_eq(f->length, h->value);
        f->length = h->value;
    } else if (str_eq_nocase(h->name, STR("Transfer-Encoding"))) {
        f->codings |= f->coding.p != NULL;
        f->coding = h->value;
    }
}

static int refuse(int status, struct str why, struct framing_fault *ret_fault)
{
    *ret_fault = (struct framing_fault){status, why};
    return -1;
}

/* RFC 9112 lets two equal lengths pass as one; so do we. */
int framing_check(struct str method, const struct header *headers, size_t n_headers,
                  struct framing_fault *ret_fault)
{
    struct framing f = {0};
    for (size_t i = 0; i < n_headers; i++)
        look_at(&headers[i], &f);
    if (str_eq(method, STR("CONNECT")))
        return refuse(405, STR("no tunnels; a proxy for http is possible, one for https is not"), ret_fault);
    if (f.blank_names)
        return refuse(400, STR("a blank in the name of a header"), ret_fault);
    if (f.lengths_differ)
        return refuse(400, STR("two different Content-Length headers"), ret_fault);
    if (f.length.p && f.coding.p)
        return refuse(400, STR("Content-Length beside Transfer-Encoding"), ret_fault);
    if (f.codings || (f.coding.p && !str_eq_nocase(f.coding, STR("chunked"))))
        return refuse(501, STR("a transfer coding other than chunked"), ret_fault);
    return 0;
}
