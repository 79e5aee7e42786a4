/*
 * Memory from the heap that must be there.
 *
 * Nobody above tests for NULL: an emulator without memory has no answer left to give, and half an answer
 * would be worse. What belongs to one call comes from its arena (base/arena.h); this is for what outlives
 * calls and is given back one by one, with free.
 */
#ifndef VIRGA_BASE_MEMORY_H
#define VIRGA_BASE_MEMORY_H

#include <stddef.h>

/* Zeroed; never NULL. */
void *memory_new(size_t size);

/* As realloc; never NULL for a size above 0. */
void *memory_resize(void *p, size_t size);

/* Says so and ends the program with status 1. Allocates nothing on the way. */
_Noreturn void memory_out(void);

#endif
