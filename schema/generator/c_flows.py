"""<product>_flows.h/.c (layer product): the kinds of flow with their durations and settle functions.

They are the enum of the product whose values have default_ms.
"""

from .c_errors import HEAD
from .enums import constant, text


def kinds(product):
    """The enum, or None for a product that starts no flows."""
    return next((e for e in product.enums if e.values and "default_ms" in e.values[0]), None)


def _declaration(product, enum):
    return f"const struct flow_type {product.name}_{enum.c_name}s[{enum.c_name.upper()}_COUNT]"


def header(product):
    guard, enum = f"VIRGA_GEN_{product.name.upper()}_FLOWS_H", kinds(product)
    settles = dict.fromkeys(v["settle"] for v in enum.values if "settle" in v)
    out = HEAD + f"\n/* {enum.row['summary']} Each settle function is the product's. */\n"
    out += f'#ifndef {guard}\n#define {guard}\n\n#include "core/flow.h"\n#include "gen/{product.name}_enums.h"\n\n'
    out += "".join(f"int {name}(struct world *w, const struct flow *f);\n" for name in settles)
    return out + f"\n/* By enum {enum.c_name}. */\nextern {_declaration(product, enum)};\n\n#endif\n"


def source(product):
    enum = kinds(product)
    rows = "".join(f"    [{constant(enum, v)}] = {{{text(v)}, {v['default_ms']}, {v.get('settle', 'NULL')}}},\n" for v in enum.values)
    return HEAD + f'#include "gen/{product.name}_flows.h"\n\n{_declaration(product, enum)} = {{\n{rows}}};\n'
