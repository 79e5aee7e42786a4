/*
 * Code samples: one call as a program for a client, from the templates of schema/clients.
 *
 * A template names values in braces. The values of the server are set once, those of the call for each call;
 * a value that was not set is empty.
 */
#ifndef VIRGA_CORE_TEMPLATE_H
#define VIRGA_CORE_TEMPLATE_H

#include "base/buf.h"
#include "core/product.h"
#include "core/quote.h"
#include "gen/clients.h"

struct template_values {
    struct str v[TEMPLATE_VALUES];
};

/* The template of that client, or NULL. */
const struct client_template *template_find(struct str client);

/* Sets the values that follow from the two endpoints ("http://127.0.0.1:8328"); without TLS the second is
 * absent. The values point into `a` and into the endpoints. */
void template_set_server(struct template_values *values, struct arena *a, struct str endpoint,
                         struct str tls_endpoint);

/* A call of a product's action; `params` is a JSON object. */
struct template_call {
    const struct product *product;
    struct str action, params;
};

/* Sets the names of the product, the action and its parameters in every form that a template uses. -1 when
 * the parameters are no JSON object. */
int template_set_call(struct template_values *values, struct arena *a, const struct template_call *call);

/* Appends `text` with the values in place of their names, unquoted. Braces around other words stay, and so do
 * those inside a value. */
void template_render(struct buf *b, struct str text, const struct template_values *values);

/* Appends the notes as comments, then the program with its values quoted by the rules of its language. Notes
 * about TLS are left out when the server has none. */
void template_render_sample(struct buf *b, const struct client_template *template,
                            const struct template_values *values, int lang);

#endif
