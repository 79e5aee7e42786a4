"""Checks the raw schema and makes the model that the writers use. Nothing wrong passes this module."""

import re

from . import control, errors, explain, import_plan, product, rows, texts, values, world
from .model import Field, Model, PROVENANCES, Record, RULES, Rule, scalar_kind, split_list, TYPES
from .names import field_name, struct_name

_ANY = object

_FIELD_KEYS = {"name": str, "type": str, "summary": str, "example": _ANY, "deprecated": bool, "provenance": str,
               "source": str, "why": str}
_IN_KEYS = _FIELD_KEYS | {"required": bool, "default": _ANY, "rules": list, "read_only": bool}
_OUT_KEYS = _FIELD_KEYS | {"nullable": bool, "omit": bool} | rows.KEYS
_PROVENANCE_KEYS = {"provenance": str, "source": str, "why": str}


class Checker:
    IN_KEYS, OUT_KEYS, PROVENANCE_KEYS = _IN_KEYS, _OUT_KEYS, _PROVENANCE_KEYS

    def __init__(self, source, problems):
        self.source = source
        self.problems = problems
        self.errors = {}
        self.product = None  # the name of the product that is being checked: it may use its own codes

    def run(self):
        self.errors = errors.check(self)
        products = product.check_all(self)
        world_types = world.check(self)
        faults = self.types(self.source.faults, "faults.json", own_format=True)
        types, routes = control.check(self, self.source.control_types, self.source.control_routes, faults)
        model = Model(list(self.errors.values()), products, world_types, types, routes, self.source, faults=faults,
                      causes=explain.check(self, self.source.causes, self.errors), texts=texts.check(self, self.source.texts))
        import_plan.check(model, self.problems)
        return model

    # --- pieces that everything uses ---

    def keys(self, where, value, allowed, required=()):
        """The object without the keys that are unknown or of the wrong type; {} when it is no object."""
        if not isinstance(value, dict):
            self.problems.add(where, "must be an object")
            return {}
        for key in required:
            if key not in value:
                self.problems.add(where, f"the key {key!r} is missing")
        good = {}
        for key, v in value.items():
            if key not in allowed:
                self.problems.add(where, f"unknown key {key!r}; known are {', '.join(sorted(allowed))}")
            elif not values.is_json_type(v, allowed[key]):
                self.problems.add(f"{where}.{key}", f"must be {values.JSON_WORDS[allowed[key]]}")
            else:
                good[key] = v
        return good

    def once(self, where, key, seen, what):
        if key in seen:
            self.problems.add(where, f"{what} {key!r} comes twice")
        seen.add(key)

    def provenance(self, where, value):
        """provenance and its ground: a source for what was read or seen, a reason for what is assumed."""
        kind = value.get("provenance")
        if kind not in PROVENANCES:
            self.problems.add(f"{where}.provenance", f"must be one of {', '.join(PROVENANCES)}, is {kind!r}")
            return "assumed", ""
        ground = "why" if kind == "assumed" else "source"
        if not value.get(ground):
            self.problems.add(where, f"{kind} needs the key {ground!r}")
        return kind, value.get(ground, "")

    def code(self, where, code):
        """The id of an error: one of errors.json, or of the product that is being checked."""
        error = self.errors.get(code)
        if error is None:
            self.problems.add(where, f"{code!r} is not an id of errors.json")
        elif error.product not in (None, self.product):
            self.problems.add(where, f"{code!r} belongs to the product {error.product}; errors.json has those of several")
        else:
            return code
        return None

    # --- fields, types and rules ---

    def fields(self, where, raw, allowed, types, own_format=False, summaries=True):
        fields, names, members = [], set(), set()
        for i, value in enumerate(raw):
            at = f"{where}[{i}]"
            row = self.keys(at, value, allowed, ("name", "type"))
            if "name" not in row or "type" not in row:
                continue
            at = f"{where}.{row['name']}"
            self.once(at, row["name"], names, "the name")
            self.once(at, field_name(row["name"]), members, "the C name")
            if summaries or "summary" in row:
                self.check_summary(at, row.get("summary"))
            field = self._field(at, row, types, own_format)
            if field:
                fields.append(field)
        rows.check_columns(self, where, fields)
        return fields

    def _field(self, where, row, types, own_format):
        is_list, word = split_list(row["type"])
        kind = scalar_kind(word)
        if not kind and word not in types:
            self.problems.add(f"{where}.type", f"unknown type {row['type']!r}; known are {', '.join(TYPES)}, the names"
                              " in _types.json, and list<...> of each but bool")
            return None
        if kind == "json" and (is_list or not own_format):
            self.problems.add(f"{where}.type", "only the control API has single values of type json")
            return None
        if is_list and kind == "bool":
            self.problems.add(f"{where}.type", "a list of bool has no C type; no documented parameter is one")
            return None
        if "provenance" in row:
            self.provenance(where, row)
        field = Field(row["name"], field_name(row["name"]), word, kind or "object", is_list, row)
        field.rules = [r for i, raw in enumerate(row.get("rules", []))
                       if (r := self._rule(f"{where}.rules[{i}]", raw, field, own_format))]
        self._check_default(where, row, field)
        rows.check_field(self, where, row, field, own_format)
        return field

    def check_summary(self, where, text):
        """It becomes a comment in C."""
        if not text:
            self.problems.add(where, "the key 'summary' is missing or empty")
        elif "*/" in text or "/*" in text or "\n" in text:
            self.problems.add(f"{where}.summary", "must be one line without comment marks")

    def _check_default(self, where, row, field):
        if "default" not in row:
            return
        if row.get("required"):
            self.problems.add(f"{where}.default", "a required parameter has no default")
        if field.is_list or field.kind == "object":
            self.problems.add(f"{where}.default", "only a single value has a default")
        elif not values.fits(row["default"], field):
            self.problems.add(f"{where}.default", f"{row['default']!r} is not of type {field.word}")

    def _rule(self, where, raw, field, own_format):
        name = raw.get("rule") if isinstance(raw, dict) else None
        if name not in RULES:
            self.problems.add(where, f"unknown rule {name!r}; known are {', '.join(RULES)}")
            return None
        spec = RULES[name]
        keys = {"rule": str, "code": str} | _PROVENANCE_KEYS | spec.keys
        required = [k for k in spec.keys if k != "non_empty"] + ([] if own_format else ["code"])
        row = self.keys(where, raw, keys, required)
        if not spec.applies(field):
            self.problems.add(where, f"the rule {name} does not fit the type {field.type_text}")
        problem = spec.problem(row)
        if name == "one_of" and not problem and not all(values.fits(v, field) for v in row.get("values", [])):
            problem = f"the values do not fit the type {field.type_text}"
        if problem:
            self.problems.add(where, problem)
        kind, ground = ("assumed", "") if own_format else self.provenance(where, row)
        code = self.code(f"{where}.code", row["code"]) if "code" in row else None
        return Rule(name, row.get("min", int(row.get("non_empty", False))), row.get("max", 0), spec.text(row), code, kind,
                    ground)

    def types(self, raw, where, own_format=False, shared=None):
        """The records of a file of types; its fields may also be of the types in `shared`."""
        records, structs = {}, set()
        known = raw | (shared or {})
        for name in raw:
            self.once(f"{where}: {name}", struct_name(name), structs, "the C name")
            if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name):
                self.problems.add(f"{where}: {name}", "a type's name is CamelCase")
        for name, fields in raw.items():
            if not isinstance(fields, list) or not fields:
                self.problems.add(f"{where}: {name}", "must be an array of fields that is not empty")
                fields = []
            records[name] = Record(name, struct_name(name),
                                   self.fields(f"{where}: {name}", fields, _IN_KEYS | _OUT_KEYS, known, own_format,
                                                summaries=own_format))
        for name in raw:
            if struct_name(name).endswith("_list") and struct_name(name)[:-5] in structs:
                self.problems.add(f"{where}: {name}", "its C name is that of another type's list")
            self._check_cycle(f"{where}: {name}", records, name, ())
        return records

    def _check_cycle(self, where, records, name, above):
        """An absent object is written as an object of zeros; a type that contains itself would never end."""
        if name in above:
            self.problems.add(where, "holds itself outside a list")
            return
        for field in records[name].fields if name in records else ():
            if field.kind == "object" and not field.is_list:
                self._check_cycle(where, records, field.word, above + (name,))
