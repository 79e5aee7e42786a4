"""products.h and products.c: the list of the products that are emulated (schema/products.json)."""

from .c_errors import HEAD

_HEADER = """
/* The products that are emulated, in the order of schema/products.json, with the tables of their state. */
#ifndef VIRGA_GEN_PRODUCTS_H
#define VIRGA_GEN_PRODUCTS_H

#include "core/registry.h"

extern const struct registry all_products;

#endif
"""


def header(_):
    return HEAD + _HEADER


def source(model):
    """Each product is declared here and not by its header: objects of two products may have one name."""
    declared = "".join(f"extern const struct product product_{p.name};\n" for p in model.products)
    rows = "".join(f"    &product_{p.name},\n" for p in model.products)
    source = model.source
    return (HEAD + f"""#include "gen/products.h"

#include "gen/migrations.h"

{declared}
static const struct product *const products[] = {{
{rows}}};

const struct registry all_products = {{
    .products = products,
    .n_products = {len(model.products)},
    .migrations = migrations,
    .n_migrations = {len(source.migrations.steps)},
    .journal_migrations = journal_migrations,
    .n_journal_migrations = {len(source.journal_migrations.steps)},
}};
""")
