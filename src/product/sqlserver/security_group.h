/*
 * Security groups: which of them are bound to an instance.
 *
 * They belong to another service, which is not emulated. So every id of the right form names a group: one
 * that the world file does not have is inserted, with rules that accept everything, when it is bound first.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_SECURITY_GROUP_H
#define VIRGA_PRODUCT_SQLSERVER_SECURITY_GROUP_H

#include "gen/world.h"
#include "product/sqlserver/instance.h"

/* Whether the text has the form of an id: sg- and small letters or digits. */
bool security_group_is_id(struct str id);

/* Fails with SecurityGroupIdIsIllegal when an id has not the form sg-... */
int security_groups_check(struct call *c, const struct str_list *ids);

/* Binds the groups, whose ids have passed the check, to the instance with that row, and no others. An id that
 * occurs twice counts once. -1 after failing the call. */
int security_groups_set(struct call *c, int64_t instance, const struct str_list *ids);

/* --- the world file; -1 when the store failed --- */

/* Inserts a group, unless the owner has one of that id. */
int security_group_put(struct world *w, const struct resource_owner *owner,
                       const struct world_security_group *from);

/* Binds a group to the owner's instance. */
int security_group_bind(struct world *w, const struct resource_owner *owner, int64_t instance, struct str id);

#endif
