"""<product>.h and <product>.c: the actions' types, shapes and table (layer product)."""

import json

from . import c_flows, c_shapes, import_plan, magic, regions
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
    out += regions.spec_declaration(product)
    return out + (f"\nextern const struct product product_{product.name};\n\n"
                  f"/* The product's functions, in src/product/{product.name}. */\n"
                  f"extern const struct product_hooks {product.name}_hooks;\n\n#endif\n")


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


def _actions(product):
    """The actions, sorted by name for action_find."""
    rows = "".join(map(_row, product.actions))
    return f"static const struct action actions[] = {{\n{rows}}};\n\n" if rows else ""


def _other_regions(product):
    rows = "".join(f"    STR_INIT({c_string(r)}),\n" for r in product.other_regions)
    return f"static const struct str other_regions[] = {{\n{rows}}};\n\n" if rows else ""


def _store_errors(product):
    """A table of codes for each kind of failure, and the table of these."""
    out, rows = "", ""
    for fault, ids in product.store_errors.items():
        out += f"static const enum error_id {fault}_errors[] = {{{', '.join(map(error_enum, ids))}}};\n"
        rows += f"    {{DB_{fault.upper()}, {fault}_errors, {len(ids)}}},\n"
    return out + (f"static const struct store_errors store_errors[] = {{\n{rows}}};\n\n" if rows else "")


def _text(value):
    return f"STR_INIT({c_string(value)})" if value else "{NULL, 0}"


def _texts(row, pairs):
    """The members of a struct, without those that the schema leaves out."""
    return [f".{member} = {_text(row[key])}" for member, key in pairs if row.get(key)]


def id_prefix(pattern):
    """The literal text at the start of an id's pattern: mssql-[a-z0-9]{8} -> mssql-."""
    return pattern.split("[")[0]


def _resource(product):
    row = product.resource | {"prefix": id_prefix(product.resource.get("id", ""))}
    return _texts(row, [("kind", "kind"), ("param", "param"), ("list_param", "list_param"), ("id_prefix", "prefix")])


def _call(call):
    params = json.dumps(call["params"], ensure_ascii=False, separators=(",", ":")) if "params" in call else ""
    return f"{{{_text(call['action'])}, {_text(params)}}}"


def _examples(product):
    row = product.row.get("examples", {})
    return (_texts(row, [(key, key) for key in ("region", "resource", "flow_kind", "path", "path_value")]) +
            [f".{key} = {_call(row[key])}" for key in ("write", "read") if key in row])


def _members(product):
    row, kinds = product.row, c_flows.kinds(product)
    members = [("name", _text(product.name)), ("version", _text(product.version)),
               ("title", f"{{{_text(row.get('title'))}, {_text(row.get('title_zh'))}}}")]
    tables = [("actions", "actions", product.actions), ("regions", "regions", product.regions),
              ("other_regions", "other_regions", product.other_regions), ("store_errors", "store_errors", product.store_errors),
              ("flow_types", f"{product.name}_flow_kinds", kinds.values if kinds else []), ("magic", "magic_ids", product.magic)]
    for member, table, rows in tables:
        members += [(member, table), ("n_" + member, len(rows))] if rows else []
    nested = [("resource", _resource(product)), ("examples", _examples(product))]
    members += [(key, "{" + ",\n        ".join(parts) + "}") for key, parts in nested if parts]
    members += [("flow_field", _text(row["flow_field"]))] if "flow_field" in row else []
    members += [("import_plan", "{import_plan, sizeof(import_plan) - 1}")] if product.import_plan else []
    return "".join(f"    .{key} = {value},\n" for key, value in members + [("hooks", f"&{product.name}_hooks")])


def _table(product):
    return (_actions(product) + regions.tables(product) + _other_regions(product) + _store_errors(product) + magic.table(product) +
            import_plan.definition(product) +
            f"const struct product product_{product.name} = {{\n{_members(product)}}};\n")


def source(product):
    flows = f'#include "gen/{product.name}_flows.h"\n' if c_flows.kinds(product) else ""
    out = HEAD + f'#include "gen/{product.name}.h"\n\n#include "core/magic.h"\n{flows}\n' + c_shapes.record_shapes(product.types)
    for action in product.actions:
        out += c_shapes.shape(action.c_name + "_in", action.inputs)
        out += c_shapes.shape(action.c_name + "_out", action.outputs)
        out += _errors(action) + _ground_table(action) + (_cast(action) if action.row.get("handler") else "")
    return out + _table(product)
