"""The plan of an import: which Describe action makes which part of a world file. Checks a product's _import.json.

Every name in it is one of the product's actions, parameters and results, or one of the world file's members.
"""

import json

from .names import c_chars, struct_name

_KEYS = {"steps": list, "anonymize": dict}
_STEP_KEYS = {"action": str, "params": dict, "page": str, "chosen": bool, "rows": str, "into": str, "into_region": str,
              "members": dict, "value": str, "when": dict, "where": dict, "differs": list, "steps": list}
_MEMBER_KEYS = {"from": str, "as": str, "values": dict, "rows": object, "members": dict, "value": str}


def check(model, problems):
    """Reports everything in the plans that names something that does not exist."""
    for product in model.products:
        if product.import_plan:
            _Plan(model, product, problems).check()


def text(product):
    """The plan as the program reads it, in which a type has the name of its struct."""
    forms = {f"{struct_name(name.partition('.')[0])}.{name.partition('.')[2]}": form
             for name, form in product.import_plan.get("anonymize", {}).items()}
    return json.dumps(product.import_plan | {"anonymize": forms}, ensure_ascii=False, separators=(",", ":"))


def definition(product):
    """The C array with the plan; empty for a product without one."""
    if not product.import_plan:
        return ""
    return f"static const char import_plan[] = {{\n{c_chars(text(product))}}};\n\n"


class _Plan:
    def __init__(self, model, product, problems):
        self.world, self.product, self.problems = model.world, product, problems
        self.actions = {a.name: a for a in product.actions}
        self.file = f"{product.name}/_import.json"

    def check(self):
        plan = self.product.import_plan
        self._keys(self.file, plan, _KEYS)
        for i, step in enumerate(plan.get("steps", [])):
            self._step(f"steps[{i}]", step, "WorldRegion")
        for name, form in plan.get("anonymize", {}).items():
            type_name, _, member = name.partition(".")
            field = self._world_field(f"anonymize.{name}", type_name, member)
            if field and form == "" and field.row.get("required"):
                self._problem(f"anonymize.{name}", "is required, so its form cannot be empty")

    def _problem(self, at, sentence):
        self.problems.add(self.file, f"{at}: {sentence}")

    def _keys(self, at, value, keys):
        for key in value:
            if key not in keys or not isinstance(value[key], keys[key]):
                self._problem(at, f"{key!r} is no key, or not of its type")

    def _world_field(self, at, type_name, member):
        fields = self.world[type_name].fields if type_name in self.world else []
        found = [f for f in fields if f.name == member]
        if not found:
            self._problem(at, f"{type_name} has no member {member!r}")
        return found[0] if found else None

    def _step(self, at, step, owner):
        self._keys(at, step, _STEP_KEYS)
        action = self.actions.get(step.get("action"))
        if not action or action.row.get("writes"):
            self._problem(at, f"{step.get('action')!r} is no action that only reads")
            return
        at = f"{at} {action.name}"
        inputs = {f.name for f in action.inputs}
        for name in [*step.get("params", {}), *([step["page"]] if "page" in step else [])]:
            if name not in inputs:
                self._problem(at, f"there is no parameter {name!r}")
        row = self._row(at, action.outputs, step.get("rows", ""))
        target = self._target(at, step, owner)
        if row is None or target is None:
            return
        for path in [*step.get("where", {}), *step.get("differs", []), *([step["value"]] if "value" in step else [])]:
            self._row(at, row, path)
        self._members(at, step.get("members", {}), row, target)
        for i, inner in enumerate(step.get("steps", [])):
            self._step(f"{at}.steps[{i}]", inner, target)

    def _target(self, at, step, owner):
        """The type of the world file that the step makes or adds to."""
        member = step.get("into") or step.get("into_region")
        if not member:
            return owner
        field = self._world_field(at, "WorldRegion" if "into_region" in step else owner, member)
        return field.word if field and not step.get("value") else owner if field else None

    def _row(self, at, fields, path):
        """The fields at the path; [] where it ends at a value, None where it leads nowhere."""
        for part in [p for p in path.split(".") if p and not p.isdigit()]:
            found = [f for f in fields if f.name == part]
            if not found:
                self._problem(at, f"there is no result {part!r}")
                return None
            inner = self.product.types.get(found[0].word)
            fields = inner.fields if inner else []
        return fields

    def _members(self, at, members, row, target):
        for name, spec in members.items():
            where = f"{at}: {name}"
            field = self._world_field(where, target, name)
            if isinstance(spec, str):
                self._row(where, row, spec)
                continue
            self._keys(where, spec, _MEMBER_KEYS)
            if spec.get("as", "given") not in ("given", "number"):
                self._problem(where, "'as' must be 'given' or 'number'")
            if "from" in spec:
                self._row(where, row, spec["from"])
            paths = spec.get("rows", [])
            for path in [paths] if isinstance(paths, str) else paths:
                inner = self._row(where, row, path)
                if inner is not None and field and "members" in spec:
                    self._members(where, spec["members"], inner, field.word)
                elif inner is not None and "value" in spec:
                    self._row(where, inner, spec["value"])
