"""The magic ids: checks a product's _magic.json, writes magic.c (its declaration is core/magic.h)."""

import re

from .c_errors import HEAD
from .names import c_string, error_enum

_KEYS = {"instance_id": str, "action": str, "code": str, "flow_outcome": str, "flow_seconds": int, "delay_ms": int,
         "close": str, "en": str, "zh": str}
# What a row may have in place of a code, and its form in C: {key: (value in the schema or None for any, member)}.
_EFFECTS = {
    "delay_ms": (None, ".delay_ms = {}"),
    "close": ("after_commit", ".close = FAULT_CLOSE_AFTER"),
    "flow_outcome": ("failure", ".flow_fails = true"),
    "flow_seconds": (None, ".flow_timed = true, .flow_ms = INT64_C({}000)"),
}


def check(checker, file, raw, product):
    """The rows, after reporting everything that is wrong with them."""
    rows, seen = [], set()
    for i, value in enumerate(raw):
        where = f"{file}[{i}]"
        row = checker.keys(where, value, _KEYS, ("instance_id", "en", "zh"))
        if not all(row.get(k) for k in ("instance_id", "en", "zh")):
            continue
        where = f"{file}: {row['instance_id']}"
        checker.once(where, row["instance_id"], seen, "the id")
        _check_row(checker, where, row, product)
        rows.append(row)
    return rows


def _check_row(checker, where, row, product):
    pattern = product.resource.get("id", "")
    if not re.fullmatch(pattern, row["instance_id"]):
        checker.problems.add(where, f"must look like an id of the product's resource: {pattern}")
    if "action" in row and row["action"] not in [a.name for a in product.actions]:
        checker.problems.add(f"{where}.action", f"there is no action {row['action']!r}")
    if "code" in row:
        checker.code(f"{where}.code", row["code"])
    effects = [key for key in _EFFECTS if key in row]
    if bool(effects) == ("code" in row):
        checker.problems.add(where, f"must have either a code or some of {', '.join(_EFFECTS)}")
    for key in effects:
        if _EFFECTS[key][0] not in (None, row[key]):
            checker.problems.add(f"{where}.{key}", f"can only be {_EFFECTS[key][0]!r}")


def _row(row):
    effect = [f".code = {error_enum(row['code'])}"] if "code" in row else []
    effect += [_EFFECTS[key][1].format(row[key]) for key in _EFFECTS if key in row]
    action = f"     .action = STR_INIT({c_string(row['action'])}),\n" if "action" in row else ""
    return (f"    {{.instance_id = STR_INIT({c_string(row['instance_id'])}),\n{action}"
            f"     .effect = {{{', '.join(effect)}}},\n"
            f"     .words = {{STR_INIT({c_string(row['en'])}), STR_INIT({c_string(row['zh'])})}}}},\n")


def source(model):
    rows = "".join(map(_row, model.magic))
    return (HEAD + f'#include "product/sqlserver/magic.h"\n\nconst struct magic magic_table[] = {{\n{rows}}};\n'
            f"const size_t n_magic = {len(model.magic)};\n")
