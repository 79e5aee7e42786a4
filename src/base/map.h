/* A hash map from text to a pointer. Keys are copied into the map's arena; no entry is ever removed. */
#ifndef VIRGA_BASE_MAP_H
#define VIRGA_BASE_MAP_H

#include "base/arena.h"

struct map_slot {
    struct str key; /* p == NULL: empty */
    uint64_t hash;
    void *value;
};

struct map {
    struct arena *arena; /* for keys and slots; outlives the map */
    struct map_slot *slots;
    size_t room; /* a power of two, or 0 */
    size_t n;
};

/* Empty. Allocates nothing before the first key. */
void map_init(struct map *m, struct arena *a);
/* The value of the key, or NULL. */
void *map_get(const struct map *m, struct str key);
/* Adds the key, or replaces its value. */
void map_put(struct map *m, struct str key, void *value);

#endif
