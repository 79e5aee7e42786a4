/* Parameters of a call on the command line: "Name=value List.0=a Other:=[1]" as JSON. */
#ifndef VIRGA_CLI_CALL_PARAMS_H
#define VIRGA_CLI_CALL_PARAMS_H

#include "base/buf.h"
#include "wire/shape.h"

/* Appends the words as one JSON object. "Name=value" is written in the type that the shape gives it;
 * "Name:=JSON" as it is, and so is a list or an object in JSON where the shape has one. Dots lead into lists
 * and objects, and "Names=a,b" is a list of texts. Without a shape (NULL), or where a value is not of its
 * type, it is a text. Returns -1 and a sentence about a word of neither form. */
int call_params_put(struct buf *b, const struct shape *shape, const struct str *words, size_t n,
                    struct str *ret_problem);

/* The same, but each word is a member by its path: {"Names.0":"a"}, for questions about parameters. */
int call_params_put_paths(struct buf *b, const struct shape *shape, const struct str *words, size_t n,
                          struct str *ret_problem);

#endif
