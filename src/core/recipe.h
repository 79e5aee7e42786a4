/*
 * One call written as a client's program: the skeletons of schema/clients, filled in.
 *
 * A skeleton names values in braces. Those of the server are set once, those of the call for each call; a
 * value that was not set is empty. Nothing here knows a client by its name.
 */
#ifndef VIRGA_CORE_RECIPE_H
#define VIRGA_CORE_RECIPE_H

#include "base/buf.h"
#include "core/quote.h"
#include "gen/clients.h"

struct recipe_values {
    struct str v[RECIPE_VALUES];
};

/* The recipe of that client, or NULL. */
const struct client_recipe *recipe_find(struct str client);

/* Sets what follows from the two endpoints ("http://127.0.0.1:8328"); without TLS the second is absent. The
 * values point into `a` and into the endpoints. */
void recipe_set_server(struct recipe_values *values, struct arena *a, struct str endpoint,
                       struct str tls_endpoint);

/* Sets the action and its parameters, a JSON object, in every form that a skeleton may ask for. -1 when
 * `params` is no JSON object. */
int recipe_set_call(struct recipe_values *values, struct arena *a, struct str action, struct str params);

/* Puts `text` with every value in its place, as it is. Braces around other words stay as they are, and so do
 * those within a value. */
void recipe_fill(struct buf *b, struct str text, const struct recipe_values *values);

/* Puts the whole: the words as comments, then the program, with values by the rules of its language. Words
 * about TLS only if the server has it. */
void recipe_put(struct buf *b, const struct client_recipe *recipe, const struct recipe_values *values,
                int lang);

#endif
