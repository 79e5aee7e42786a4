"""Enums: sets of values that a product stores and shows (_enums.json).

They are checked against the CHECKs of the columns that hold them, and written as <product>_enums.h/.c: a C enum, the text of
each value in SQL, and a table of names and meanings. enums.h has the type that these tables share.
"""

import re

from . import sql
from .c_errors import HEAD
from .model import Enum
from .names import c_string, snake

_KEYS = {"summary": str, "summary_zh": str, "columns": list, "each": bool, "values": list}
_VALUE_KEYS = {"name": str, "number": int, "text": str, "en": str, "zh": str, "title": str, "title_zh": str, "stored": bool, "default_ms": int, "settle": str}


def check(checker, file, raw):
    """The enums, after reporting everything that is wrong with them."""
    found, constants = [], set()
    keys = _KEYS | checker.PROVENANCE_KEYS
    for name, value in raw.items():
        where = f"{file}: {name}"
        row = checker.keys(where, value, keys, ("summary", "summary_zh", "values"))
        checker.provenance(where, row)
        if not re.fullmatch(r"[A-Z][A-Za-z]*", name):
            checker.problems.add(where, "an enum's name is CamelCase")
        values = [_value(checker, f"{where}.values[{i}]", v) for i, v in enumerate(row.get("values", []))]
        enum = Enum(name, snake(name), row, [v for v in values if v])
        _check_values(checker, where, enum, constants)
        found.append(enum)
        for column in row.get("columns", []):
            _check_column(checker, f"{where}.columns", enum, column)
    return found


def _value(checker, where, raw):
    row = checker.keys(where, raw, _VALUE_KEYS, ("name", "en", "zh"))
    if not re.fullmatch(r"[a-z][a-z_]*", row.get("name", "")):
        checker.problems.add(f"{where}.name", "must be small letters and underscores")
        return None
    if not re.fullmatch(r"[a-z][a-z0-9_]*", row.get("settle", "x")):
        checker.problems.add(f"{where}.settle", "must be the name of a C function")
    if row.get("stored", True) and not {"number", "text"} & row.keys():
        checker.problems.add(where, "a value that is stored has a number or a text")
    return row


def _check_values(checker, where, enum, constants):
    if not enum.values:
        checker.problems.add(where, "has no values")
    for value in enum.values:
        checker.once(f"{where}.values", constant(enum, value), constants, "the C name")
    for key in ("number", "text"):
        given = [v[key] for v in enum.values if key in v]
        if len(set(given)) != len(given):
            checker.problems.add(f"{where}.values", f"a {key} comes twice")
    if 0 < sum("number" in v for v in enum.values) < len(enum.values):
        checker.problems.add(f"{where}.values", "either all have a number or none")
    if 0 < sum("default_ms" in v for v in enum.values) < len(enum.values):
        checker.problems.add(f"{where}.values", "either all have default_ms or none")


def _stored(enum, key):
    return {v[key] for v in enum.values if v.get("stored", True) and key in v}


def _check_column(checker, where, enum, column):
    """The released steps of the state's file, and a new one too, must allow exactly what the enum has."""
    table, _, name = column.partition(".")
    allowed = sql.allowed(checker.source.migrations.text(), table, name)
    if allowed is None:
        checker.problems.add(where, f"there is no column {column} with a CHECK that lists its values")
        return
    key = "text" if any(isinstance(v, str) for v in allowed) else "number"
    if allowed != _stored(enum, key):
        checker.problems.add(where, f"{column} allows {sorted(allowed)}, the enum has {sorted(_stored(enum, key))};"
                             f" a new step needs CHECK ({check_text(enum, name, key)})")


def check_text(enum, column, key):
    """The condition that allows what is stored: OR, since SQLite makes a table for a long IN at each row."""
    return " OR ".join(f"{column} = {_literal(v[key])}" for v in enum.values if v.get("stored", True) and key in v)


def _literal(value):
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def literals(enums):
    """{"DatabaseStatus.normal": "2"}: how SQL writes each value that has a number or a text."""
    return {f"{e.name}.{v['name']}": _literal(v.get("number", v.get("text"))) for e in enums for v in e.values
            if {"number", "text"} & v.keys()}


# --- C ---

SHARED = HEAD + """
/* What the tables of enums share: a value with its name, and what it means in English and Chinese. */
#ifndef VIRGA_GEN_ENUMS_H
#define VIRGA_GEN_ENUMS_H

#include "base/str.h"

struct enum_value {
    int value;
    struct str text; /* as stored or shown; p == NULL: it has none */
    struct str meaning[2]; /* by LANG_EN, LANG_ZH */
};

#endif
"""


def constant(enum, value):
    return f"{enum.c_name}_{value['name']}".upper()


def _number(enum, i):
    return enum.values[i].get("number", i)


def _declaration(enum):
    out = f"\n/* {enum.row['summary']} */\nenum {enum.c_name} {{\n"
    for i, value in enumerate(enum.values):
        out += f"    {constant(enum, value)} = {_number(enum, i)}, /* {value['en']} */\n"
    out += "};\n" + f"enum {{ {enum.c_name.upper()}_COUNT = {len(enum.values)} }};\n"
    for value in enum.values:
        literal = value.get("number", value.get("text"))
        if value.get("stored", True):
            out += f"#define {enum.c_name.upper()}_SQL_{value['name'].upper()} {c_string(_literal(literal))}\n"
    out += f"#define {enum.c_name.upper()}_EACH(X) {' '.join(_each(enum, v) for v in enum.values)}\n" if enum.row.get("each") else ""
    return out + f"extern const struct enum_value {enum.c_name}_values[{enum.c_name.upper()}_COUNT];\n"


def _each(enum, value):
    """A use of X for one value: its constant and its text as a word of C."""
    return f"X({constant(enum, value)}, {value['text']})"


def header(product):
    guard = f"VIRGA_GEN_{product.name.upper()}_ENUMS_H"
    out = HEAD + f"\n/* The enums of the product {product.name} (schema/{product.name}/_enums.json). */\n"
    out += f'#ifndef {guard}\n#define {guard}\n\n#include "gen/enums.h"\n'
    return out + "".join(map(_declaration, product.enums)) + "\n#endif\n"


def text(value):
    return f"STR_INIT({c_string(value['text'])})" if "text" in value else "{NULL, 0}"


def _values(enum):
    rows = "".join(f"    {{{constant(enum, v)}, {text(v)}, {{STR_INIT({c_string(v['en'])}), STR_INIT({c_string(v['zh'])})}}}},\n"
                   for v in enum.values)
    return f"const struct enum_value {enum.c_name}_values[{enum.c_name.upper()}_COUNT] = {{\n{rows}}};\n"


def source(product):
    return HEAD + f'#include "gen/{product.name}_enums.h"\n\n' + "\n".join(map(_values, product.enums))
