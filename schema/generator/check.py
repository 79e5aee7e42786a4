"""Checks the raw schema and makes the model that the writers use. Nothing wrong gets past here."""

import re

from . import control, explain, lookups, magic, regions, values
from .model import (Action, Error, Field, INJECTED, Model, Product, PROVENANCES, Record, RULES, Rule, scalar_kind, split_list,
                    TYPES)
from .names import error_enum, field_name, snake, struct_name

_ANY = object

_FIELD_KEYS = {"name": str, "type": str, "summary": str, "example": _ANY, "deprecated": bool, "provenance": str,
               "source": str, "why": str}
_IN_KEYS = _FIELD_KEYS | {"required": bool, "default": _ANY, "rules": list, "read_only": bool}
_OUT_KEYS = _FIELD_KEYS | {"nullable": bool, "omit": bool}
_PROVENANCE_KEYS = {"provenance": str, "source": str, "why": str}
_ERROR_KEYS = {"id": str, "code": str, "from": str, "en": str, "zh": str, "zh_provenance": str, "retry": bool}
_ACTION_KEYS = {"action": str, "domain": str, "tier": int, "summary": str, "source": str, "handler": bool, "writes": bool,
                "rate": dict, "region": str, "in": list, "out": list, "errors": list, "examples": list}
_ACTION_MUST = ("action", "domain", "tier", "summary", "writes", "region", "in", "out", "errors")
_PRODUCT_KEYS = {"name": str, "version": str, "title": str, "source": str, "regions": list, "specs": list,
                 "other_regions": list, "domains": list, "domains_zh": list, "defaults": dict, "lookups": list}
_DEFAULT_KEYS = {"action_source": str, "error_source": str, "rate": dict}


class Checker:
    IN_KEYS = _IN_KEYS

    def __init__(self, source, problems):
        self.source = source
        self.problems = problems
        self.errors = {}

    def run(self):
        self.errors = self._errors()
        products = [self._product(p) for p in self.source.products]
        world = self.types(self.source.world_types, "world/_types.json", own_format=True)
        self._check_world(world)
        faults = self.types(self.source.faults, "faults.json", own_format=True)
        types, routes = control.check(self, self.source.control_types, self.source.control_routes, faults)
        rows = magic.check(self, self.source.magic, products)
        causes = explain.check(self, self.source.causes, self.errors)
        return Model(list(self.errors.values()), products, world, types, routes, rows, self.source,
                     causes=causes, faults=faults)

    # --- pieces that everything uses ---

    def keys(self, where, value, allowed, required=()):
        """The object if it is one, without the keys that are unknown or of the wrong type; {} after that."""
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

    def _provenance(self, where, value):
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
        if code not in self.errors:
            self.problems.add(where, f"{code!r} is not an id of errors.json")
            return None
        return code

    # --- errors.json ---

    def _errors(self):
        found, ids, enums = {}, set(), set()
        for i, raw in enumerate(self.source.errors):
            where = f"errors.json[{i}]"
            row = self.keys(where, raw, _ERROR_KEYS | _PROVENANCE_KEYS, ("id", "code", "from", "en", "zh"))
            if not all(row.get(k) for k in ("id", "code", "en", "zh")):
                self.problems.add(where, "id, code, en and zh must be texts that are not empty")
                continue
            where = f"errors.json: {row['id']}"
            self.once(where, row["id"], ids, "the id")
            self.once(where, error_enum(row["id"]), enums, "the C name")
            self._check_error(where, row)
            kind, ground = self._provenance(where, row)
            found[row["id"]] = Error(row["id"], row["code"], row.get("from"), row["en"], row["zh"], kind, ground,
                                     row.get("zh_provenance", kind), row.get("retry", False))
        return found

    def _check_error(self, where, row):
        if row.get("from") not in ("gateway", "product"):
            self.problems.add(f"{where}.from", "must be gateway or product")
        if row.get("zh_provenance", "assumed") not in PROVENANCES:
            self.problems.add(f"{where}.zh_provenance", f"must be one of {', '.join(PROVENANCES)}")
        if not (row["id"] == row["code"] or row["id"].startswith(row["code"] + ".")):
            self.problems.add(f"{where}.id", f"must be the code {row['code']!r} or start with it and a dot")
        for key in ("en", "zh"):
            if set(re.findall(r"\{(.*?)\}", row[key])) - {"0", "1", "2"}:
                self.problems.add(f"{where}.{key}", "arguments are {0}, {1} and {2}")

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
                self._check_summary(at, row.get("summary"))
            field = self._field(at, row, types, own_format)
            if field:
                fields.append(field)
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
            self._provenance(where, row)
        field = Field(row["name"], field_name(row["name"]), word, kind or "object", is_list, row)
        field.rules = [r for i, raw in enumerate(row.get("rules", []))
                       if (r := self._rule(f"{where}.rules[{i}]", raw, field, own_format))]
        self._check_default(where, row, field)
        return field

    def _check_summary(self, where, text):
        """It goes into C as a comment."""
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
        if problem:
            self.problems.add(where, problem)
        kind, ground = ("assumed", "") if own_format else self._provenance(where, row)
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
        """An absent object is written as an object of zeros, which would never end in a type that holds itself."""
        if name in above:
            self.problems.add(where, "holds itself outside a list")
            return
        for field in records[name].fields if name in records else ():
            if field.kind == "object" and not field.is_list:
                self._check_cycle(where, records, field.word, above + (name,))

    # --- products and actions ---

    def _rows(self, where, row, key, keys, read):
        """What `read` makes of each object under `key`, with its provenance checked; without those that are wrong."""
        found = []
        for i, raw in enumerate(row.get(key, [])):
            at = f"{where}.{key}[{i}]"
            value = self.keys(at, raw, keys, keys.keys() - _PROVENANCE_KEYS.keys())
            self._provenance(at, value)
            found.append(read(value, at, self.problems))
        return [value for value in found if value]

    def _product(self, raw):
        folder = raw["folder"]
        where = f"{folder}/_product.json"
        row = self.keys(where, raw["product"], _PRODUCT_KEYS,
                         ("name", "version", "title", "source", "regions", "specs", "domains", "defaults"))
        if row.get("name") != folder:
            self.problems.add(f"{where}.name", f"must be the folder's name {folder!r}")
        served, others = self._product_regions(row, where)
        specs = self._rows(where, row, "specs", regions.SPEC_KEYS, regions.specs)
        domains, domains_zh = [[d for d in row.get(key, []) if isinstance(d, str)] for key in ("domains", "domains_zh")]
        if len(domains_zh) != len(domains):
            self.problems.add(f"{where}: domains_zh", f"must have a title for each of the {len(domains)} domains, and has {len(domains_zh)}")
        defaults = self._defaults(f"{where}: defaults", row.get("defaults", {}))
        types = self.types(raw["types"], f"{folder}/_types.json")
        actions = [self._action(f"{folder}/{name}", name[:-5], value, types, defaults)
                   for name, value in raw["actions"].items()]
        for action in actions:
            if action.row.get("domain") not in domains:
                self.problems.add(f"{folder}/{action.name}.json: domain", f"must be one of {', '.join(domains)}")
        self._check_struct_names(folder, types, actions)
        lookups.check(row.get("lookups", []), actions, types, lambda where_, text: self.problems.add(f"{where}: {where_}", text))
        return Product(folder, row.get("version", ""), row.get("title", ""), served, others,
                       sorted(pair for pairs in specs for pair in pairs), domains, domains_zh, types, sorted(actions, key=lambda a: a.name),
                       row.get("lookups", []))

    def _product_regions(self, row, where):
        """Where the product is served, in the order of the regions' numbers, and the names of the others, sorted."""
        served = self._rows(where, row, "regions", regions.REGION_KEYS, regions.region)
        others = [r for r in row.get("other_regions", []) if regions.is_name(r)]
        names = [r.name for r in served] + others
        if not served or len(others) != len(row.get("other_regions", [])):
            self.problems.add(f"{where}.regions", "must name regions such as ap-guangzhou")
        if len(set(names)) != len(names) or len({r.id for r in served}) != len(served):
            self.problems.add(f"{where}.regions", "a region comes twice")
        return sorted(served, key=lambda r: r.id), sorted(others)

    def _defaults(self, where, raw):
        """What an action's file need not repeat."""
        row = self.keys(where, raw, _DEFAULT_KEYS, tuple(_DEFAULT_KEYS))
        return {"action_source": row.get("action_source", ""), "error_source": row.get("error_source", ""),
                "rate": row.get("rate", {})}

    def _check_struct_names(self, folder, types, actions):
        seen = {t.c_name for t in types.values()} | {t.c_name + "_list" for t in types.values()}
        for action in actions:
            for c_name in (action.c_name + "_in", action.c_name + "_out"):
                self.once(f"{folder}/{action.name}.json", c_name, seen, "the C name")

    def _action(self, where, name, raw, types, defaults):
        row = {"source": defaults["action_source"]} | self.keys(where, raw, _ACTION_KEYS, _ACTION_MUST)
        if row.get("action") != name:
            self.problems.add(f"{where}: action", f"must be the file's name {name!r}")
        if row.get("region", "none") not in ("required", "none"):
            self.problems.add(f"{where}: region", "must be required or none")
        if row.get("tier", 1) not in (1, 2, 3):
            self.problems.add(f"{where}: tier", "must be 1, 2 or 3")
        self._check_summary(where, row.get("summary"))
        action = Action(name, snake(name), row, self._rate(f"{where}: rate", row.get("rate", defaults["rate"])))
        summaries = row.get("handler", False)
        action.inputs = self.fields(f"{where}: in", row.get("in", []), _IN_KEYS, types, summaries=summaries)
        action.outputs = self.fields(f"{where}: out", row.get("out", []), _OUT_KEYS, types, summaries=summaries)
        action.errors = self._action_errors(where, row.get("errors", []), defaults["error_source"])
        self._check_rule_codes(f"{where}: in", action, action.inputs, types)
        self._check_examples(where, row.get("examples", []), action, types)
        return action

    def _rate(self, where, raw):
        rate = self.keys(where, raw, {"per_second": int} | _PROVENANCE_KEYS, ("per_second",))
        if rate.get("per_second", 1) <= 0:
            self.problems.add(f"{where}.per_second", "must be above 0")
        rate["provenance"], rate["ground"] = self._provenance(where, rate)
        return rate

    def _action_errors(self, where, raw, source):
        """Each as an object with its provenance; a bare code is documented and has no cause in the state."""
        rows, seen = [], set()
        for i, value in enumerate(raw):
            at = f"{where}: errors[{i}]"
            if isinstance(value, str):
                value = {"code": value}
            row = self.keys(at, value, {"code": str, "cause": str} | _PROVENANCE_KEYS, ("code",))
            if "code" not in row or not self.code(f"{at}.code", row["code"]):
                continue
            self.once(f"{at}.code", row["code"], seen, "the code")
            row = {"cause": INJECTED} | row
            if "provenance" not in row:
                row |= {"provenance": "documented", "source": source}
            self._provenance(at, row)
            rows.append(row)
        return rows

    def _check_rule_codes(self, where, action, fields, types, above=()):
        """A rule may only answer what the action declares; the rules of its objects are rules of the action, too."""
        declared = {e["code"] for e in action.errors}
        for field in fields:
            for rule in field.rules:
                if rule.code and rule.code not in declared:
                    self.problems.add(f"{where}.{field.name}", f"a rule answers {rule.code}, which {action.name} does not"
                                      " declare")
            if field.kind == "object" and field.word not in above:
                self._check_rule_codes(f"{where}.{field.name}", action, types[field.word].fields, types,
                                       above + (field.word,))

    def _check_examples(self, where, raw, action, types):
        for i, value in enumerate(raw):
            at = f"{where}: examples[{i}]"
            row = self.keys(at, value, {"title": str, "in": dict, "out": dict}, ("title", "in", "out"))
            for key, fields in (("in", action.inputs), ("out", action.outputs)):
                for problem in values.check_object(row.get(key, {}), fields, types):
                    self.problems.add(f"{at}.{key}", problem)

    def _check_world(self, types):
        if "WorldFile" not in types:
            self.problems.add("world/_types.json", "the type 'WorldFile' is missing")
            return
        for problem in values.check_object(self.source.world_default, types["WorldFile"].fields, types):
            self.problems.add("world/default.json", problem)
