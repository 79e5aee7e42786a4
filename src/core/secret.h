/*
 * The world's own secret: what virga signs for itself, so that nobody makes by himself what only an answer
 * may give him (the address of another account's file).
 *
 * It is kept in the store, so that an address outlives a restart, and is no part of the state's document: who
 * may see the state need not be able to sign.
 */
#ifndef VIRGA_CORE_SECRET_H
#define VIRGA_CORE_SECRET_H

#include "core/world.h"

/* Reads w->secret from the store; one that has none gets it: random, or from the seed of a seeded world. -1
 * when the store failed. */
int secret_load(struct world *w);

#endif
