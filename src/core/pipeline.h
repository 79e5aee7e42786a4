/*
 * The pipeline: the table of steps that every call walks. The order of its rows is behaviour: it decides
 * which error wins when several things are wrong. docs/fidelity.md says what is known about that order; tests
 * pin each neighbouring pair.
 */
#ifndef VIRGA_CORE_PIPELINE_H
#define VIRGA_CORE_PIPELINE_H

#include "core/call.h"

struct step {
    const char *name;
    int (*run)(struct call *c); /* 0 on to the next row, -1 after call_fail */
    enum provenance place;      /* how sure we are of this row's place */
};

extern const struct step pipeline[];
extern const size_t pipeline_steps;

/* Runs the steps until one fails, then makes the answer. */
void pipeline_run(struct call *c);

/* The state that a call changed could not be made durable: its answer becomes the store's error. */
void pipeline_lost(struct call *c, enum db_fault fault, const char *why);

#endif
