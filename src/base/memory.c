/* The heap, with one end for lack of it; see memory.h. */
#include "base/memory.h"

#include <stdlib.h>

#include "base/sink.h"

void memory_out(void)
{
    sink_put(STR("virga: error: out of memory\n"));
    sink_flush();
    exit(EXIT_FAILURE);
}

void *memory_new(size_t size)
{
    void *p = calloc(1, size);
    if (!p)
        memory_out();
    return p;
}

void *memory_resize(void *p, size_t size)
{
    void *moved = realloc(p, size);
    if (!moved)
        memory_out();
    return moved;
}
