/*
 * Calls to the real cloud, or to whatever stands for it: signed with TC3, over TLS with the certificate
 * checked.
 *
 * Nothing is sent unless a subcommand that has --upstream is run. Calls keep to the documented rates of their
 * actions: each waits until its second has room, so an account's other clients notice them little.
 */
#ifndef VIRGA_CLI_UPSTREAM_H
#define VIRGA_CLI_UPSTREAM_H

#include "cli/client.h"
#include "cli/credential.h"
#include "core/registry.h"
#include "wire/json.h"

/* What the options of a subcommand say. */
struct upstream_options {
    struct str url;                          /* p == NULL: the product's own host */
    struct str secret_id, secret_key, token; /* p == NULL: as credential_find finds them */
    const char *ca;                          /* NULL: the system's authorities */
};

struct upstream {
    struct client_address address;
    struct str url; /* as it is shown */
    struct credential_found credential;
    const struct product *product;
    int64_t *next_ms; /* when an action may be called again, by its place in the product's table */
    int64_t timeout_ms;
    size_t calls; /* sent so far, with those that were tried again */
};

/* Finds the credential and reads the address. -1 and a sentence; then nothing may be sent. */
int upstream_init(struct upstream *u, struct arena *a, const struct upstream_options *options,
                  const struct product *product, int64_t timeout_ms, struct str *ret_problem);

/* One call, as a client makes it. */
struct upstream_call {
    struct str action; /* need not be one that virga knows */
    struct str region; /* p == NULL: none */
    struct str language;
    struct str body; /* JSON */
    /* What a call that must be refused has wrong; absent or 0: nothing. */
    struct str version, secret_id, secret_key, service, content_type;
    int64_t late_seconds; /* how old its signature is */
};

struct upstream_answer {
    int status;
    struct str body, content_type;
    int64_t took_ms;
    const struct node *response; /* the object Response; NULL when the body has none */
    struct str code;             /* of its error; p == NULL: none */
    struct str message;
};

/* Signs, waits for the action's rate, sends. A throttled call is tried again after a second, one without an
 * answer at once, LIMIT_UPSTREAM_TRIES times together. -1 and a sentence when no answer came. */
int upstream_send(struct upstream *u, struct arena *a, const struct upstream_call *call,
                  struct upstream_answer *ret_answer, struct str *ret_problem);

/* The parts of an answer in the body. */
void upstream_read(struct arena *a, struct upstream_answer *answer);

#endif
