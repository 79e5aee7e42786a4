/* The parameters of a call, from words to JSON: "InstanceId=mssql-1 Strategy=1 DBNames.0=db1". */
#ifndef VIRGA_CLI_CALL_PARAMS_H
#define VIRGA_CLI_CALL_PARAMS_H

#include "base/buf.h"
#include "wire/shape.h"

/* Appends the words as one JSON object. "Name=value" is written in the type that the shape has for it;
 * "Name:=JSON" as it stands, and so is a list or an object in JSON where one belongs. Dots lead into lists
 * and objects, and "DBNames=a,b" is a list of texts. Without a shape (NULL), or where a value is not of its
 * type, a text. -1 and a sentence about a word that is neither. */
int params_put(struct buf *b, const struct shape *shape, const struct str *words, size_t n,
               struct str *ret_problem);

/* The same, but each word is a member by its path: {"DBNames.0":"db1"}, for questions about parameters. */
int params_put_paths(struct buf *b, const struct shape *shape, const struct str *words, size_t n,
                     struct str *ret_problem);

#endif
