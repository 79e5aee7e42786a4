/* The tags of instances: the hooks of core/product.h. */
#ifndef VIRGA_PRODUCT_SQLSERVER_TAGS_H
#define VIRGA_PRODUCT_SQLSERVER_TAGS_H

#include "core/product.h"

extern const struct tag_hooks instance_tag_hooks;

#endif
