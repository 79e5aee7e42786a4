/* Databases of an instance, as the objects of a task. */
#ifndef VIRGA_PRODUCT_SQLSERVER_DATABASE_H
#define VIRGA_PRODUCT_SQLSERVER_DATABASE_H

#include "core/call.h"
#include "product/sqlserver/instance.h"

/* All databases of the instance that work, by name. -1 after failing the call: DBNotFound when there is none.
 */
int database_all(struct call *c, const struct instance *instance, struct str_list *ret_names);

/* The databases named, each once, in the order named. -1 after failing the call: DBNotFound for a name that
 * the instance does not have (system databases are never among its databases), DBInvalidStatus for one that
 * does not work or that a running flow holds. */
int database_choose(struct call *c, const struct instance *instance, const struct str_list *names,
                    struct str_list *ret_names);

#endif
