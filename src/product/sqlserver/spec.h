/*
 * Sizes on sale: which cores, memory and storage an instance of a type may be bought with, or changed to.
 *
 * The ranges are those of the documented examples where there are some (src/product/sqlserver/spec.c names
 * them), so whatever the documentation buys can be bought.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_SPEC_H
#define VIRGA_PRODUCT_SQLSERVER_SPEC_H

#include "core/call.h"

/* The least and the most of a size, and the step between its values. */
struct spec_range {
    int64_t least, most, step;
};

/* What a type of instance is sold with. */
struct spec_type {
    struct str instance_type; /* HA, RO, SI, BI, cvmHA, cvmRO, MultiHA, cvmMultiHA */
    bool local_disk;          /* then the cores follow from the memory */
    struct spec_range cpu, memory_gb, storage_gb;
};

/* The type of that name, or NULL. */
const struct spec_type *spec_type_find(struct str instance_type);

/* All types, for lists. */
extern const struct spec_type spec_types[];
extern const size_t spec_types_n;

/* The cores of an instance on local disks with this memory (documented by example: 8 GB 1 core, 128 GB 16
 * cores). At least 1. */
int64_t spec_local_cores(int64_t memory_gb);

/* The size of an instance. */
struct instance_spec {
    struct str instance_type;
    int64_t cpu, memory_gb, storage_gb;
};

/* -1 after failing the call with IllegalSpec, or InputIllegal where the action does not declare that, because
 * the type is not sold in that size. */
int instance_spec_check(struct call *c, const struct instance_spec *spec);

#endif
