#include "cli/upstream.h"

#include <poll.h>

#include "base/clock.h"
#include "base/limits.h"
#include "cli/signed_call.h"

enum { MS_PER_SECOND = 1000 };

int upstream_init(struct upstream *u, struct arena *a, const struct upstream_options *options,
                  const struct product *product, int64_t timeout_ms, struct str *ret_problem)
{
    struct credential_found given = {
        options->secret_id, options->secret_key, options->token, {NULL, 0}, NULL};
    struct str own = CONCAT(a, STR("https://"), product->name, STR(".tencentcloudapi.com"));
    *u = (struct upstream){
        .url = options->url.p ? options->url : own, .product = product, .timeout_ms = timeout_ms};
    u->next_ms = ARENA_ARRAY(a, int64_t, product->n_actions);
    if (client_upstream_parse(a, u->url, &u->address) != 0) {
        *ret_problem = STR("--upstream expects https://HOST or https://HOST:PORT");
        return -1;
    }
    u->address.ca = options->ca;
    return credential_find(a, &given, &u->credential, ret_problem);
}

/* --- the rate ----------------------------------------------------------------------------------------- */

static int64_t now_ms(void)
{
    return clock_mono_ns() / NS_PER_MS;
}

static void pause_ms(int64_t ms)
{
    if (ms > 0)
        (void)poll(NULL, 0, (int)ms);
}

/* Waits until the action may be called: evenly spaced calls never exceed the rate of any second. */
static void wait_for_rate(struct upstream *u, const struct action *action)
{
    if (!action || action->rate_per_second <= 0)
        return;
    int64_t *next = &u->next_ms[action - u->product->actions], now = now_ms();
    pause_ms(*next - now);
    *next =
        (*next > now ? *next : now) + (MS_PER_SECOND + action->rate_per_second - 1) / action->rate_per_second;
}

/* --- one call ----------------------------------------------------------------------------------------- */

static int send_once(struct upstream *u, struct arena *a, const struct upstream_call *call,
                     struct client_response *ret_response, struct str *ret_problem)
{
    const struct signed_call signed_call = {
        .action = call->action,
        .version = str_or(call->version, u->product->version),
        .region = call->region,
        .language = call->language,
        .token = u->credential.token,
        .content_type = str_or(call->content_type, STR("application/json")),
        .body = call->body,
        .authority = u->address.authority,
        .key = {str_or(call->secret_id, u->credential.secret_id),
                str_or(call->secret_key, u->credential.secret_key), str_or(call->service, u->product->name)},
        .seconds = clock_real_ms() / MS_PER_SECOND - call->late_seconds};
    struct header headers[SIGNED_CALL_HEADERS];
    struct request r;
    signed_call_make(a, &signed_call, headers, &r);
    u->calls++;
    return client_send(a, &u->address, &r, u->timeout_ms, ret_response, ret_problem);
}

void upstream_read(struct arena *a, struct upstream_answer *answer)
{
    struct node *root;
    const struct node *response, *error;
    if (json_parse(a, answer->body, &root, NULL) != 0 || root->kind != NODE_OBJECT ||
        !(response = node_find(root, STR("Response"))) || response->kind != NODE_OBJECT)
        return;
    answer->response = response;
    error = node_find(response, STR("Error"));
    if (!error || error->kind != NODE_OBJECT)
        return;
    answer->code = node_text(error, STR("Code"));
    answer->message = node_text(error, STR("Message"));
}

/* 0 and the answer, -1 and a sentence. */
static int try_once(struct upstream *u, struct arena *a, const struct upstream_call *call,
                    struct upstream_answer *ret_answer, struct str *ret_problem)
{
    struct client_response http;
    int64_t began = now_ms();
    if (send_once(u, a, call, &http, ret_problem) != 0)
        return -1;
    *ret_answer = (struct upstream_answer){.status = http.status,
                                           .body = http.body,
                                           .content_type = http.content_type,
                                           .took_ms = now_ms() - began};
    upstream_read(a, ret_answer);
    return 0;
}

int upstream_send(struct upstream *u, struct arena *a, const struct upstream_call *call,
                  struct upstream_answer *ret_answer, struct str *ret_problem)
{
    const struct action *action = action_find(u->product, call->action);
    int rc = -1;
    for (int i = 0; i < LIMIT_UPSTREAM_TRIES; i++) {
        wait_for_rate(u, action);
        rc = try_once(u, a, call, ret_answer, ret_problem);
        bool throttled = rc == 0 && str_starts(ret_answer->code, STR("RequestLimitExceeded"));
        if (rc == 0 && !throttled)
            return 0;
        if (throttled && i + 1 < LIMIT_UPSTREAM_TRIES)
            pause_ms(MS_PER_SECOND);
    }
    if (rc != 0)
        *ret_problem = CONCAT(a, u->url, STR(": "), *ret_problem);
    return rc;
}
