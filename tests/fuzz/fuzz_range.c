/* Fuzzes the header Range: a part lies inside the file and is not empty. */
#include "demand.h"
#include "input.h"

#include "wire/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    struct arena a;
    struct byte_range part = {UINT64_MAX, 0};
    arena_init(&a);
    const uint8_t head = input_byte(&in);
    const uint64_t bytes = (uint64_t)input_number(&in);
    const struct header headers[] = {{STR("Range"), input_rest(&a, &in)}, {STR("If-Range"), STR("\"x\"")}};
    const struct request r = {
        .method = head & 1 ? STR("POST") : STR("GET"), .headers = headers, .n_headers = head & 2 ? 2 : 1};
    const enum range_kind kind = range_of(&r, bytes, &part);
    demand(kind == RANGE_WHOLE || head % 4 == 0, "only a GET without If-Range asks for a part");
    if (kind == RANGE_PART)
        demand(part.n > 0 && part.from < bytes && part.n <= bytes - part.from, "a part is inside the file");
    arena_done(&a);
    return 0;
}
