/* Authentication: the checks of the Authorization header, the expiry, the SecretId, the payload and the
 * signature. */
#include "gateway/authenticate.h"

#include <assert.h>

#include "base/limits.h"
#include "base/log.h"
#include "gateway/pipeline.h"
#include "gateway/route.h"
#include "wire/v1.h"

/* The message names the part of the header (observed for the service in the scope; the other names are
 * assumed). */
static const struct str part_names[] = {
    [TC3_ALGORITHM] = STR_INIT("Algorithm"),
    [TC3_CREDENTIAL] = STR_INIT("Credential"),
    [TC3_SIGNED_HEADERS] = STR_INIT("SignedHeaders"),
    [TC3_SIGNATURE] = STR_INIT("Signature"),
};

/* Version 1 has no such header. The text about another service was observed. */
int step_authorization(struct call *c)
{
    if (c->v1)
        return 0;
    enum tc3_part part = tc3_parse(request_header(&c->request, STR("Authorization")), &c->auth);
    if (part != TC3_NOTHING)
        return call_fail_with(c, ERR_AUTH_FAILURE_INVALID_AUTHORIZATION_PART, ARGS(part_names[part]));
    if (!hosts_allow_service(c, c->auth.service))
        return call_fail_with(c, ERR_AUTH_FAILURE_INVALID_AUTHORIZATION, ARGS(STR("Service")));
    if (!str_eq(c->auth.service, c->product->name) && !hosts_name_other_product(c))
        c->leniencies |= LENIENT_SERVICE;
    return 0;
}

int64_t authenticate_now(const struct world *w)
{
    return (w->settings.auth_by_service_clock ? world_now_ms(w) : clock_real_ms()) / 1000;
}

/* Documented: before the SecretId is looked up (that order is assumed). */
int step_expiry(struct call *c)
{
    int64_t now = authenticate_now(c->world);
    if (c->timestamp >= now - SIGNATURE_LIFE_SECONDS && c->timestamp <= now + SIGNATURE_LIFE_SECONDS)
        return 0;
    return call_fail(c, ERR_AUTH_FAILURE_SIGNATURE_EXPIRE);
}

/* Warns once in a run. Test accounts of this server have ids of the same form. The log must not have the
 * whole id: four characters are enough to recognize it. */
static void warn_of_real_key(struct call *c, struct str secret_id)
{
    if (c->world->warned_of_key || (c->credential && c->credential->test_account) ||
        !secret_id_looks_real(secret_id))
        return;
    c->world->warned_of_key = true;
    log_say(LOG_WARN,
            "a call has a SecretId that looks like a real one, AKID%.4s...: tests need no key of the cloud; "
            "virga env prints one of this server",
            secret_id.p + strlen("AKID"));
}

/* A SecretKey that is sent as the SecretId is remembered, so that the journal and the log mask it. */
int step_credential(struct call *c)
{
    const struct str secret_id = call_secret_id(c);
    c->credential = accounts_find_credential(&c->world->accounts, secret_id);
    warn_of_real_key(c, secret_id);
    const struct access *access = c->credential ? c->credential->access : NULL;
    if (!c->credential)
        c->key_as_id = accounts_key_in(&c->world->accounts, secret_id);
    /* Deleted and disabled keys get the same code (documented). */
    if (!c->credential || (access && !access->enabled))
        return call_fail(c, ERR_AUTH_FAILURE_SECRET_ID_NOT_FOUND);
    return access && !access->api_key ? call_fail(c, ERR_AUTH_FAILURE_INVALID_SECRET_ID) : 0;
}

/* A client may send the hash of its payload. The signature then covers that hash, so it is checked first. */
int step_payload(struct call *c)
{
    char hash[SHA256_HEX];
    struct str said = request_header(&c->request, STR("X-TC-Content-SHA256"));
    if (c->v1 || !said.p || str_eq(said, STR("UNSIGNED-PAYLOAD")))
        return 0;
    tc3_payload_hash(&c->request, hash);
    return str_eq(said, (struct str){hash, sizeof hash})
               ? 0
               : call_fail(c, ERR_INVALID_PARAMETER_VALUE_CONTENT_SHA256);
}

/* The date of the scope must be the UTC date of the timestamp (the answer otherwise is assumed). */
static bool date_matches(const struct call *c)
{
    char date[11];
    time_utc_date(c->timestamp, date);
    return str_eq(c->auth.date, str_from(date));
}

/* A client that signed another host than the one it sent would be rejected by the real gateway. */
static void note_host(struct call *c, struct str signed_host)
{
    if (str_eq(signed_host, request_header(&c->request, STR("Host"))))
        return;
    c->leniencies |= LENIENT_HOST;
    log_say(LOG_DEBUG, "leniency: signed host `%.*s` is not the Host header", STR_ARG(signed_host));
}

/* Computes the hash once for all variants that are tried, because a body can have 10 MB. */
static void hash_payload(struct call *c)
{
    char *hash = arena_alloc(c->arena, SHA256_HEX);
    tc3_payload_hash(&c->request, hash);
    c->auth.payload_hash = (struct str){hash, SHA256_HEX};
}

/* Tries each host, with and without the query: some clients sign the query of a POST, which the real gateway
 * does not. */
static int verify_v3(struct call *c, const struct hosts *hosts)
{
    const struct hmac_key *key = accounts_signing_key(&c->world->accounts, c->credential, &c->auth, c->arena);
    const struct tc3_claim claim = {&c->request, &c->auth, c->common.timestamp, key};
    const struct host_names names = {hosts->name, hosts->n};
    struct tc3_variant variant;
    if (!date_matches(c) || tc3_verify(c->arena, &claim, &names, &variant) != 0)
        return -1;
    note_host(c, variant.host);
    if (!variant.query || !str_eq(c->request.method, STR("POST")))
        return 0;
    c->leniencies |= LENIENT_QUERY;
    log_say(LOG_DEBUG, "leniency: a POST signed with its query string");
    return c->world->settings.strict ? -1 : 0;
}

/* The string to sign has the host, but no other header. */
static int verify_v1(struct call *c, const struct hosts *hosts)
{
    const struct v1_claim claim = {&c->request, &c->form, c->credential->secret_key};
    const struct host_names names = {hosts->name, hosts->n};
    size_t matched;
    if (v1_verify(c->arena, &claim, &names, &matched) != 0)
        return -1;
    note_host(c, hosts->name[matched]);
    return 0;
}

static int verify(struct call *c, const struct hosts *hosts)
{
    return c->v1 ? verify_v1(c, hosts) : verify_v3(c, hosts);
}

/* A version 1 body above its limit gets the error of a signature that cannot be checked (observed). */
int step_signature(struct call *c)
{
    assert(c->credential);
    struct hosts hosts;
    if (c->v1 && c->request.body.n > LIMIT_BODY_V1)
        return call_fail(c, ERR_AUTH_FAILURE_SIGNATURE_FAILURE_SIZE);
    if (!c->v1)
        hash_payload(c);
    hosts_sent(c, &hosts);
    if (verify(c, &hosts) == 0)
        return 0;
    hosts_candidates(c, &hosts);
    if (hosts.n > 1 && verify(c, &hosts) == 0)
        return 0;
    return call_fail(c, ERR_AUTH_FAILURE_SIGNATURE_FAILURE);
}
