/* Open addressing with linear probing, at most half full, so that every search ends at an empty slot. The
 * hash is stored with the key, so most wrong slots are skipped without a comparison of texts. */
#include "base/map.h"

#include <assert.h>

/* Most maps belong to one call and have few keys. */
enum { MAP_FIRST_ROOM = 16 };

/* FNV-1a without a secret: a client that sends colliding keys slows down its own calls only, and maps with
 * keys from clients are bounded. */
static uint64_t hash_of(struct str key)
{
    uint64_t h = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < key.n; i++)
        h = (h ^ (uint8_t)key.p[i]) * UINT64_C(1099511628211);
    return h;
}

/* The slot with the key, or the empty slot where it belongs. */
static struct map_slot *slot_of(const struct map *m, struct str key, uint64_t hash)
{
    assert(m->room && (m->room & (m->room - 1)) == 0 && m->n < m->room);
    size_t i = hash & (m->room - 1);
    while (m->slots[i].key.p && !(m->slots[i].hash == hash && str_eq(m->slots[i].key, key)))
        i = (i + 1) & (m->room - 1);
    return &m->slots[i];
}

/* The old slots stay in the arena; with doubling they are together smaller than the new ones. */
static void grow(struct map *m)
{
    struct map old = *m;
    m->room = old.room ? old.room * 2 : MAP_FIRST_ROOM;
    m->slots = ARENA_ARRAY(m->arena, struct map_slot, m->room);
    for (size_t i = 0; i < old.room; i++)
        if (old.slots[i].key.p)
            *slot_of(m, old.slots[i].key, old.slots[i].hash) = old.slots[i];
}

void map_init(struct map *m, struct arena *a)
{
    assert(a);
    *m = (struct map){.arena = a};
}

void *map_get(const struct map *m, struct str key)
{
    if (m->room == 0)
        return NULL;
    return slot_of(m, key, hash_of(key))->value;
}

void map_put(struct map *m, struct str key, void *value)
{
    if (m->n * 2 >= m->room)
        grow(m);
    uint64_t hash = hash_of(key);
    struct map_slot *slot = slot_of(m, key, hash);
    if (!slot->key.p) {
        *slot = (struct map_slot){.key = arena_dup(m->arena, key), .hash = hash};
        m->n++;
    }
    slot->value = value;
}
