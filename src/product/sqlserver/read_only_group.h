/*
 * Read-only groups: the instances that copy a primary one and share its load at one address.
 *
 * At most one flow works on a group: it opens or closes the group's public address, or frees the group.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_READ_ONLY_GROUP_H
#define VIRGA_PRODUCT_SQLSERVER_READ_ONLY_GROUP_H

#include "core/flow.h"
#include "product/sqlserver/instance.h"

struct ro_group {
    int64_t row;
    struct str id;
    enum ro_group_status status;
    bool has_flow; /* a running flow works on it */
    bool is_public;
};

/* The group of the primary instance with that id. -1 after failing the call: InputIllegal, or of an action
 * that does not declare it ParamsAssertFailed or InstanceNotFound (assumed). */
int read_only_group_get(struct call *c, const struct instance *primary, struct str id,
                        struct ro_group *ret_group);

/* Records that the flow works on the group. -1 after failing the call. */
int read_only_group_set_flow(struct call *c, const struct ro_group *group, const struct flow *flow);

#endif
