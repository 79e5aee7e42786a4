/*
 * The toy product, for tests of the core without any product of the program.
 *
 * Its resources are things: rows with an id and a count. The instances of a world file are its things. It has
 * two actions, two kinds of flow, and scheduled work at one time that a test sets.
 */
#ifndef VIRGA_TESTS_TOY_PRODUCT_H
#define VIRGA_TESTS_TOY_PRODUCT_H

#include "core/flow.h"

/* Rows of toy_flow_types, and of the registry. */
enum { TOY_SLOW, TOY_QUICK, TOY_FLOW_TYPES };
enum { TOY_SLOW_MS = 2000, TOY_QUICK_MS = 500, TOY_SETTLED_MAX = 16 };

extern const struct flow_type toy_flow_types[TOY_FLOW_TYPES];
extern const struct product toy_product;

/* What the hooks did since toy_reset. */
struct toy {
    int64_t settled[TOY_SETTLED_MAX]; /* ids of flows, in order */
    size_t n_settled;
    int64_t settle_fails; /* the flow whose settle function returns -1; -1: none */
    int64_t scheduled_ms; /* when work is scheduled; INT64_MAX: never */
    size_t n_scheduled;   /* how often it ran */
};
extern struct toy toy;

void toy_reset(void);

#endif
