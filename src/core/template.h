/*
 * One call written as a client's program: the skeletons of schema/clients, filled in.
 *
 * A skeleton names values in braces. Those of the server are set once, those of the call for each call; a
 * value that was not set is empty. Nothing here knows a client by its name.
 */
#ifndef VIRGA_CORE_TEMPLATE_H
#define VIRGA_CORE_TEMPLATE_H

#include "base/buf.h"
#include "core/quote.h"
#include "gen/clients.h"

struct template_values {
    struct str v[TEMPLATE_VALUES];
};

/* The recipe of that client, or NULL. */
const struct client_template *template_find(struct str client);

/* Sets what follows from the two endpoints ("http://127.0.0.1:8328"); without TLS the second is absent. The
 * values point into `a` and into the endpoints. */
void template_set_server(struct template_values *values, struct arena *a, struct str endpoint,
                         struct str tls_endpoint);

/* Sets the action and its parameters, a JSON object, in every form that a skeleton may ask for. -1 when
 * `params` is no JSON object. */
int template_set_call(struct template_values *values, struct arena *a, struct str action, struct str params);

/* Puts `text` with every value in its place, as it is. Braces around other words stay as they are, and so do
 * those within a value. */
void template_render(struct buf *b, struct str text, const struct template_values *values);

/* Puts the whole: the words as comments, then the program, with values by the rules of its language. Words
 * about TLS only if the server has it. */
void template_render_sample(struct buf *b, const struct client_template *template,
                            const struct template_values *values, int lang);

#endif
