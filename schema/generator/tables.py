"""<product>_tables.h/.c (layer product): data of a product that its functions look things up in (_tables.json).

A table has columns, each a member of a C struct, and rows of values in their order. The first column is the key: no value of
it comes twice, unless the table has another.
"""

import re

from .c_errors import HEAD
from .names import c_string, snake

_KEYS = {"summary": str, "key": list, "columns": list, "rows": list}
_COLUMN_KEYS = {"name": str, "type": str, "summary": str}
# By the type of a column: the type of its values, its declaration and its initializer in C.
_TYPES = {
    "string": (str, "struct str {}", lambda v: f"STR_INIT({c_string(v)})"),
    "int64": (int, "int64_t {}", str),
    "bool": (bool, "bool {}", lambda v: "true" if v else "false"),
}


def check(checker, file, raw):
    """{name: table}, after reporting everything that is wrong with them."""
    found = {}
    for name, value in raw.items():
        where = f"{file}: {name}"
        table = checker.keys(where, value, _KEYS | checker.PROVENANCE_KEYS, ("summary", "columns", "rows"))
        checker.provenance(where, table)
        if not re.fullmatch(r"[A-Z][A-Za-z]*", name):
            checker.problems.add(where, "a table's name is CamelCase")
        table["columns"] = [c for i, c in enumerate(table.get("columns", [])) if _check_column(checker, f"{where}.columns[{i}]", c)]
        if _check_rows(checker, where, table):
            found[name] = table
    return found


def _check_column(checker, where, raw):
    column = checker.keys(where, raw, _COLUMN_KEYS, _COLUMN_KEYS)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", column.get("name", "")):
        checker.problems.add(f"{where}.name", "must be small letters, digits and underscores")
    if column.get("type") not in _TYPES:
        checker.problems.add(f"{where}.type", f"must be one of {', '.join(_TYPES)}")
    return column.get("type") in _TYPES and "name" in column


def _check_rows(checker, where, table):
    """Whether each row has a value of the right type for each column."""
    columns, sound = table["columns"], True
    names = [c["name"] for c in columns]
    key = [names.index(n) for n in table.get("key", names[:1]) if n in names]
    seen = set()
    for i, row in enumerate(table.get("rows", [])):
        if not isinstance(row, list) or [type(v) for v in row] != [_TYPES[c["type"]][0] for c in columns]:
            checker.problems.add(f"{where}.rows[{i}]", f"must be {', '.join(c['type'] + ' ' + c['name'] for c in columns)}")
            sound = False
        else:
            checker.once(f"{where}.rows[{i}]", tuple(row[k] for k in key), seen, "the key")
    if not columns or not table.get("rows"):
        checker.problems.add(where, "must have columns and rows")
    return sound and bool(columns)


# --- C ---


def _declaration(name, table):
    c_name = snake(name)
    members = "".join(f"    {_TYPES[c['type']][1].format(c['name'])}; /* {c['summary']} */\n" for c in table["columns"])
    return (f"\n/* {table['summary']} */\nstruct {c_name}_row {{\n{members}}};\n"
            f"enum {{ {c_name.upper()}_ROWS = {len(table['rows'])} }};\nextern const struct {c_name}_row {c_name}_rows[{c_name.upper()}_ROWS];\n")


def header(product):
    guard = f"VIRGA_GEN_{product.name.upper()}_TABLES_H"
    out = HEAD + f"\n/* The tables of the product {product.name} (schema/{product.name}/_tables.json). */\n"
    out += f'#ifndef {guard}\n#define {guard}\n\n#include "base/str.h"\n'
    return out + "".join(_declaration(name, table) for name, table in product.tables.items()) + "\n#endif\n"


def _definition(name, table):
    rows = "".join("    {" + ", ".join(_TYPES[c["type"]][2](v) for c, v in zip(table["columns"], row)) + "},\n" for row in table["rows"])
    c_name = snake(name)
    return f"\nconst struct {c_name}_row {c_name}_rows[{c_name.upper()}_ROWS] = {{\n{rows}}};\n"


def source(product):
    return HEAD + f'#include "gen/{product.name}_tables.h"\n' + "".join(_definition(n, t) for n, t in product.tables.items())
