/* Fuzzes the world file: one that is accepted can be applied twice, and the second time it changes nothing.
 * The document is any text, or one that is made from the shape of the file. */
#include "demand.h"
#include "sample_world.h"

#include "core/snapshot.h"
#include "core/world_check.h"
#include "core/world_file.h"
#include "wire/encode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 64 * 1024 * 1024 };

static struct str make_text(struct arena *a, struct input *in)
{
    struct buf b;
    if (input_byte(in) & 1)
        return input_rest(a, in);
    buf_init(&b, a, 1024, ROOM);
    encode_node(&b, input_object(a, in, &world_file_shape, &sample_words));
    return buf_str(&b);
}

static int put_owned(struct world *w, void *arg)
{
    const struct world_file *file = arg;
    for (size_t i = 0; i < file->accounts.n; i++)
        if (world_file_put_owned(w, &file->accounts.v[i]) != 0) {
            demand(db_fault(w->db) != DB_OK, "a failure has a cause");
            return -1;
        }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    struct world *w = sample_world();
    struct arena a;
    struct world_file *file;
    struct str problem = {NULL, 0};
    arena_init(&a);
    if (world_file_parse(&a, make_text(&a, &in), &file, &problem) != 0 ||
        world_check(w->registry, &a, file, &problem) != 0) {
        demand(problem.p != NULL, "a rejected file has a problem");
    } else if (world_attempt(w, put_owned, file) == 0) {
        const struct str once = sample_state(w, &a);
        demand(world_attempt(w, put_owned, file) == 0, "an accepted file is accepted again");
        demand(str_eq(once, sample_state(w, &a)), "and changes nothing then");
    }
    arena_done(&a);
    return 0;
}
