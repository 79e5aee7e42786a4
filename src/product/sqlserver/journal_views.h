/* The copies of flows and backups in the journal's file, for its views v_flows and v_backups: the hooks of
 * core/product.h. */
#ifndef VIRGA_PRODUCT_SQLSERVER_JOURNAL_VIEWS_H
#define VIRGA_PRODUCT_SQLSERVER_JOURNAL_VIEWS_H

#include "core/product.h"

enum { JOURNAL_VIEWS_TABLES = 3 };
extern const struct tracked_table journal_views_tables[JOURNAL_VIEWS_TABLES];

int journal_views_copy(struct db *state, struct db *file, struct arena *a, int64_t flow_id);
int journal_views_remove_up_to(struct db *file, int64_t flow_id);

#endif
