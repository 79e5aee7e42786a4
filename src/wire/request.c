/* Looking things up in a request. */
#include "wire/request.h"

struct str request_header(const struct request *r, struct str name)
{
    for (size_t i = 0; i < r->n_headers; i++) {
        if (str_eq_nocase(r->headers[i].name, name))
            return r->headers[i].value;
    }
    return (struct str){NULL, 0};
}
