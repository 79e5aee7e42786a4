"""The rows of errors.json, and of a product's _errors.json: codes and their texts."""

import re

from .model import Error, PROVENANCES
from .names import error_enum

_KEYS = {"id": str, "code": str, "en": str, "zh": str, "zh_provenance": str, "retry": bool}
_MUST = ("id", "code", "en", "zh")


class _Seen:
    def __init__(self):
        self.ids, self.enums = set(), set()


def check(checker):
    """{id: Error} of all files: errors.json first, then each product's own, in the order of the products."""
    found, seen = {}, _Seen()
    keys = checker.PROVENANCE_KEYS | _KEYS
    for where, row in _rows(checker, "errors.json", checker.source.errors, keys | {"from": str}, _MUST + ("from",)):
        if row.get("from") not in ("gateway", "product"):
            checker.problems.add(f"{where}.from", "must be gateway or product")
        _add(checker, where, row, found, seen, row.get("from"), None)
    for product in checker.source.products:
        for where, row in _rows(checker, f"{product['folder']}/_errors.json", product["errors"], keys, _MUST):
            _add(checker, where, row, found, seen, "product", product["folder"])
    return found


def _rows(checker, file, raw, keys, must):
    """(where, row) of each row that has its four texts."""
    for i, value in enumerate(raw):
        where = f"{file}[{i}]"
        row = checker.keys(where, value, keys, must)
        if all(row.get(k) for k in _MUST):
            yield f"{file}: {row['id']}", row
        else:
            checker.problems.add(where, "id, code, en and zh must be texts that are not empty")


def _add(checker, where, row, found, seen, origin, product):
    checker.once(where, row["id"], seen.ids, "the id")
    checker.once(where, error_enum(row["id"]), seen.enums, "the C name")
    _check_texts(checker, where, row)
    kind, ground = checker.provenance(where, row)
    found[row["id"]] = Error(row["id"], row["code"], origin, row["en"], row["zh"], kind, ground,
                             row.get("zh_provenance", kind), row.get("retry", False), product)


def _check_texts(checker, where, row):
    if row.get("zh_provenance", "assumed") not in PROVENANCES:
        checker.problems.add(f"{where}.zh_provenance", f"must be one of {', '.join(PROVENANCES)}")
    if not (row["id"] == row["code"] or row["id"].startswith(row["code"] + ".")):
        checker.problems.add(f"{where}.id", f"must be the code {row['code']!r} or start with it and a dot")
    for key in ("en", "zh"):
        if set(re.findall(r"\{(.*?)\}", row[key])) - {"0", "1", "2"}:
            checker.problems.add(f"{where}.{key}", "arguments are {0}, {1} and {2}")
