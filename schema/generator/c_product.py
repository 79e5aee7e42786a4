"""<product>.h and <product>.c: the actions' types, shapes and table (layer product)."""

from . import c_shapes, regions
from .c_errors import HEAD, prov
from .model import INJECTED
from .names import c_string, error_enum


def _prototype(action):
    return f"int {action.c_name}(struct call *c, const struct {action.c_name}_in *in, struct {action.c_name}_out *out);\n"


def header(product):
    guard = f"VIRGA_GEN_{product.name.upper()}_H"
    out = HEAD + f"\n/* The types of the product {product.name}, version {product.version}. */\n"
    out += f'#ifndef {guard}\n#define {guard}\n\n#include "core/registry.h"\n\n'
    out += c_shapes.records(product.types)
    for action in product.actions:
        out += f"\n/* {action.name}: {action.row['summary']} */\n"
        out += c_shapes.struct(action.c_name + "_in", action.inputs)
        out += c_shapes.struct(action.c_name + "_out", action.outputs)
        out += _prototype(action) if action.row.get("handler") else ""
    return out + f"\nextern const struct product product_{product.name};\n\n#endif\n"


def _cast(action):
    return (f"static int {action.c_name}_cast(struct call *c, const void *in, void *out)\n{{\n"
            f"    return {action.c_name}(c, in, out);\n}}\n\n")


def _errors(action):
    ids = "".join(f"    {error_enum(e['code'])},\n" for e in action.errors)
    return f"static const enum error_id {action.c_name}_errors[] = {{\n{ids}}};\n\n" if ids else ""


def _grounds(action):
    return [e for e in action.errors if e["cause"] != INJECTED]


def _ground_table(action):
    rows = "".join(f"    {{{error_enum(e['code'])}, {prov(e['provenance'])}, STR_INIT({c_string(e['cause'])}),\n"
                   f"     {c_string(e.get('source') or e.get('why') or '')}}},\n" for e in _grounds(action))
    return f"static const struct error_cause {action.c_name}_grounds[] = {{\n{rows}}};\n\n" if rows else ""


def _row(action):
    c = action.c_name
    parts = [f".name = STR_INIT({c_string(action.name)})", f".in = &{c}_in_shape", f".out = &{c}_out_shape",
             f".rate_per_second = {action.rate['per_second']}", f".rate_provenance = {prov(action.rate['provenance'])}"]
    if action.row.get("handler"):
        parts.append(f".handle = {c}_cast")
    if action.row["region"] == "required":
        parts.append(".region_required = true")
    if action.row.get("writes"):
        parts.append(".writes = true")
    if action.errors:
        parts += [f".errors = {c}_errors", f".n_errors = {len(action.errors)}"]
    if _grounds(action):
        parts += [f".causes = {c}_grounds", f".n_causes = {len(_grounds(action))}"]
    return "    {" + ",\n     ".join(parts) + "},\n"


def _table(product):
    """The actions, sorted by name for action_find, and the product."""
    rows = "".join(map(_row, product.actions))
    others = "".join(f"    STR_INIT({c_string(r)}),\n" for r in product.other_regions)
    out = f"static const struct action actions[] = {{\n{rows}}};\n\n" if rows else ""
    out += regions.tables(product)
    out += f"static const struct str other_regions[] = {{\n{others}}};\n\n" if others else ""
    tables = [("actions", product.actions), ("regions", product.regions), ("specs", product.specs),
              ("other_regions", product.other_regions)]
    members = "".join(f"    .{name} = {name if value else 'NULL'},\n    .n_{name} = {len(value)},\n" for name, value in tables)
    return out + (f"const struct product product_{product.name} = {{\n"
                  f"    .name = STR_INIT({c_string(product.name)}),\n"
                  f"    .version = STR_INIT({c_string(product.version)}),\n{members}}};\n")


def source(product):
    out = HEAD + f'#include "gen/{product.name}.h"\n\n' + c_shapes.record_shapes(product.types)
    for action in product.actions:
        out += c_shapes.shape(action.c_name + "_in", action.inputs)
        out += c_shapes.shape(action.c_name + "_out", action.outputs)
        out += _errors(action) + _ground_table(action) + (_cast(action) if action.row.get("handler") else "")
    return out + _table(product)
