/*
 * The schedule of automatic backups.
 *
 * Each instance stores the time of its next automatic backup. So an index gives the next one of all
 * instances, and a clock that passes several of these times makes the backups one after the other.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_SCHEDULE_H
#define VIRGA_PRODUCT_SQLSERVER_SCHEDULE_H

#include "core/world.h"

/* --- the hooks of the schedule (core/product.h) --- */

/* The earliest time at which an automatic backup is due; INT64_MAX for never. -1 when the store failed. */
int schedule_next(struct world *w, int64_t *ret_ms);

/* Makes the automatic backups that are due at exactly `at_ms`. A clock that was moved over many days makes
 * only those of the last year that retention would still keep. An instance whose last automatic backup still
 * runs makes none. -1 when the store failed. */
int schedule_run(struct world *w, int64_t at_ms);

/* To be called when the schedule of an instance (its row) has changed: its next backup is the first after
 * now. -1 when the store failed. */
int schedule_reset(struct world *w, int64_t instance);

#endif
