/* Authorization of a client with a valid signature: the checks of token, second factor, address and
 * policy. */
#include <assert.h>

#include "base/codec.h"
#include "gateway/pipeline.h"

/* A temporary credential needs its token, before it expires. A permanent key must come without a token
 * (observed: an SDK's test of a bad token). That all of this has one code is assumed. */
int step_token(struct call *c)
{
    assert(c->credential);
    const struct access *access = c->credential->access;
    struct str token = c->common.token;
    if (!access || !access->token.p)
        return token.n == 0 ? 0 : call_fail(c, ERR_AUTH_FAILURE_TOKEN_FAILURE);
    if (equal_constant_time(token, access->token) && world_now_ms(c->world) < access->expires_ms)
        return 0;
    return call_fail(c, ERR_AUTH_FAILURE_TOKEN_FAILURE);
}

/* Rejects every call with a credential that needs a second factor, because a program cannot have one. */
int step_mfa(struct call *c)
{
    const struct access *access = c->credential->access;
    return access && access->mfa_required ? call_fail(c, ERR_AUTH_FAILURE_MFA_FAILURE) : 0;
}

/* The deny list comes first: an address on both lists is rejected (assumed). */
int step_address(struct call *c)
{
    const struct account_rules *rules = c->credential->account->rules;
    if (!rules)
        return 0;
    if (address_in(&rules->deny, c->request.peer))
        return call_fail(c, ERR_IP_IN_BLACKLIST);
    if (rules->allow_given && !address_in(&rules->allow, c->request.peer))
        return call_fail(c, ERR_IP_NOT_IN_WHITELIST);
    return 0;
}

/* "instance/ID" for the resource that the call names, or "*" (documented form of a resource; that the main
 * resource names the call is assumed). */
static struct str resource_path(const struct call *c)
{
    const struct resource_names *names = &c->product->resource;
    struct str id;
    if (!names->param.p || !shape_pick(c->arena, c->action->in, c->in, names->param, &id) || id.n == 0)
        return STR("*");
    return CONCAT(c->arena, names->kind, STR("/"), id);
}

/* The full name of the resource in the message of a policy (documented, 598/10606). */
static struct str resource(const struct call *c)
{
    return arena_printf(c->arena, "qcs::%.*s:%.*s:uin/%.*s:%.*s", STR_ARG(c->product->name),
                        STR_ARG(c->common.region), STR_ARG(c->credential->account->uin),
                        STR_ARG(resource_path(c)));
}

int permission_fail(struct call *c)
{
    assert(c->action && c->in);
    struct str operation =
        arena_printf(c->arena, "%.*s:%.*s", STR_ARG(c->product->name), STR_ARG(c->action->name));
    return call_fail_with(c, ERR_UNAUTHORIZED_OPERATION_CAM,
                          ARGS((struct str){c->request_id, REQUEST_ID_CHARS}, operation, resource(c)));
}

/* A denied action or region is enough; a policy of the world file allows everything else. */
int step_permission(struct call *c)
{
    const struct access *access = c->credential->access;
    if (!access || !(access_matches(&access->deny_actions, c->action->name) ||
                     access_matches(&access->deny_regions, c->common.region)))
        return 0;
    return permission_fail(c);
}
