/* Flows and backups as the views v_flows and v_backups show them, a row at a time, for a copy of them. */
#ifndef VIRGA_CORE_FLOW_VIEW_H
#define VIRGA_CORE_FLOW_VIEW_H

#include "store/db.h"

/* Rows as JSON arrays, in the order of the views' columns; p == NULL: there is none. */
struct flow_view {
    struct str flow, backup;
};

/* -1 when the store failed. */
int flow_view_read(struct db *db, struct arena *a, int64_t flow_id, struct flow_view *ret_view);

/* 1 and the first flow behind `after`, 0 when there is none, -1. */
int flow_view_next(struct db *db, int64_t after, int64_t *ret_flow_id);

/* The newest flow, 0 when there is none. -1 when the store failed. */
int flow_view_last(struct db *db, int64_t *ret_flow_id);

#endif
