/* One table of ranges. Documented by example: 10 to 3000 GB on local disks, 1 core for 2 GB as well as for 8
 * GB, 16 cores for 128 GB (tencentcloud-cli, DescribeProductConfig). Assumed: the steps, the largest sizes,
 * and the most memory of a core. */
#include "product/sqlserver/spec.h"

#include <assert.h>

#define STORAGE_LOCAL                                                                                        \
    {                                                                                                        \
        10, 3000, 10                                                                                         \
    }
#define STORAGE_CLOUD                                                                                        \
    {                                                                                                        \
        10, 32000, 10                                                                                        \
    }
#define MEMORY                                                                                               \
    {                                                                                                        \
        2, 1024, 1                                                                                           \
    }
#define CPU                                                                                                  \
    {                                                                                                        \
        1, 128, 1                                                                                            \
    }

const struct spec_type spec_types[] = {
    {STR_INIT("HA"), true, CPU, MEMORY, STORAGE_LOCAL},
    {STR_INIT("MultiHA"), true, CPU, MEMORY, STORAGE_LOCAL},
    {STR_INIT("RO"), true, CPU, MEMORY, STORAGE_LOCAL},
    {STR_INIT("SI"), false, CPU, MEMORY, STORAGE_CLOUD},
    {STR_INIT("BI"), false, CPU, MEMORY, STORAGE_CLOUD},
    {STR_INIT("cvmHA"), false, CPU, MEMORY, STORAGE_CLOUD},
    {STR_INIT("cvmMultiHA"), false, CPU, MEMORY, STORAGE_CLOUD},
    {STR_INIT("cvmRO"), false, CPU, MEMORY, STORAGE_CLOUD},
};
const size_t spec_types_n = sizeof spec_types / sizeof spec_types[0];

/* No core has less memory than this, and none more. */
enum { MEMORY_OF_CORE_LEAST = 1, MEMORY_OF_CORE_MOST = 16 };

const struct spec_type *spec_type_find(struct str instance_type)
{
    for (size_t i = 0; i < spec_types_n; i++)
        if (str_eq(spec_types[i].instance_type, instance_type))
            return &spec_types[i];
    return NULL;
}

int64_t spec_local_cores(int64_t memory_gb)
{
    enum { MEMORY_OF_CORE = 8 };
    return memory_gb <= MEMORY_OF_CORE ? 1 : memory_gb / MEMORY_OF_CORE;
}

/* IllegalSpec, or InputIllegal of an action that does not declare that (assumed). */
static enum error_id illegal_spec(const struct call *c)
{
    static const enum error_id codes[] = {ERR_INVALID_PARAMETER_VALUE_ILLEGAL_SPEC,
                                          ERR_INVALID_PARAMETER_INPUT_ILLEGAL};
    return call_first_declared(c, codes, sizeof codes / sizeof codes[0]);
}

static int check_range(struct call *c, const char *what, int64_t value, const struct spec_range *range)
{
    if (value >= range->least && value <= range->most && value % range->step == 0)
        return 0;
    return call_fail_explained(c, illegal_spec(c), "spec.range",
                               "%s %lld is not one of %lld to %lld in steps of %lld", what, (long long)value,
                               (long long)range->least, (long long)range->most, (long long)range->step);
}

int instance_spec_check(struct call *c, const struct instance_spec *spec)
{
    const struct spec_type *type = spec_type_find(spec->instance_type);
    assert(type);
    if (check_range(c, "Cpu", spec->cpu, &type->cpu) != 0 ||
        check_range(c, "Memory", spec->memory_gb, &type->memory_gb) != 0 ||
        check_range(c, "Storage", spec->storage_gb, &type->storage_gb) != 0)
        return -1;
    if (spec->memory_gb >= spec->cpu * MEMORY_OF_CORE_LEAST &&
        spec->memory_gb <= spec->cpu * MEMORY_OF_CORE_MOST)
        return 0;
    return call_fail_explained(
        c, illegal_spec(c), "spec.memory-of-core", "%lld GB for %lld cores is not %d to %d GB for each",
        (long long)spec->memory_gb, (long long)spec->cpu, MEMORY_OF_CORE_LEAST, MEMORY_OF_CORE_MOST);
}
