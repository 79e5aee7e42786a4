/* What a client may ask about a flow. */
#include "core/flow.h"
#include "core/call.h"
#include "gen/sqlserver.h"

/* The action has no "not found" among its codes; that an unknown FlowId gets InvalidParameter is assumed. */
int describe_flow_status(struct call *c, const struct describe_flow_status_in *in,
                         struct describe_flow_status_out *out)
{
    enum flow_state state;
    int rc = flow_find(c->world, c->credential->account->uin, c->common.region, in->flow_id.v, &state);
    if (rc < 0)
        return call_fail_store(c);
    if (rc == 0)
        return call_refuse(c, ERR_INVALID_PARAMETER, "flow.not-found",
                           "no flow %lld was begun in %.*s by account %.*s", (long long)in->flow_id.v,
                           STR_ARG(c->common.region), STR_ARG(c->credential->account->uin));
    out->status = I64(state);
    return 0;
}
