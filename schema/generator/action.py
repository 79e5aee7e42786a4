"""Checks an action's file: its parameters and results, its rate, its errors and its examples."""

from . import values
from .model import Action, INJECTED
from .names import snake

_KEYS = {"action": str, "domain": str, "tier": int, "summary": str, "source": str, "handler": bool, "does": dict, "writes": bool,
         "rate": dict, "region": str, "in": list, "out": list, "errors": list, "examples": list}
_MUST = ("action", "domain", "tier", "summary", "writes", "in", "out", "errors")
_DEFAULT_KEYS = {"action_source": str, "error_source": str, "region": str, "rate": dict}


def defaults(checker, where, raw):
    """What an action's file may leave out."""
    row = checker.keys(where, raw, _DEFAULT_KEYS, tuple(_DEFAULT_KEYS))
    return {"action_source": "", "error_source": "", "region": "none", "rate": {}} | row


def check(checker, where, name, raw, product, defaults):
    row = {"source": defaults["action_source"], "region": defaults["region"]} | checker.keys(where, raw, _KEYS, _MUST)
    row |= {"handler": True} if "does" in row else {}
    _check_words(checker, where, name, row, product)
    action = Action(name, snake(name), row, _rate(checker, f"{where}: rate", row.get("rate", defaults["rate"])))
    summaries = row.get("handler", False)
    action.inputs = checker.fields(f"{where}: in", row.get("in", []), checker.IN_KEYS, product.types, summaries=summaries)
    action.outputs = checker.fields(f"{where}: out", row.get("out", []), checker.OUT_KEYS, product.types, summaries=summaries)
    action.errors = _errors(checker, where, row.get("errors", []), defaults["error_source"])
    _check_rule_codes(checker, f"{where}: in", action, action.inputs, product.types)
    _check_examples(checker, where, row.get("examples", []), action, product.types)
    return action


def _check_words(checker, where, name, row, product):
    if row.get("action") != name:
        checker.problems.add(f"{where}: action", f"must be the file's name {name!r}")
    if row["region"] not in ("required", "none"):
        checker.problems.add(f"{where}: region", "must be required or none")
    if row.get("tier", 1) not in (1, 2, 3):
        checker.problems.add(f"{where}: tier", "must be 1, 2 or 3")
    if row.get("domain") not in product.domains:
        checker.problems.add(f"{where}: domain", f"must be one of {', '.join(product.domains)}")
    checker.check_summary(where, row.get("summary"))


def _rate(checker, where, raw):
    rate = checker.keys(where, raw, {"per_second": int} | checker.PROVENANCE_KEYS, ("per_second",))
    if rate.get("per_second", 1) <= 0:
        checker.problems.add(f"{where}.per_second", "must be above 0")
    rate["provenance"], rate["ground"] = checker.provenance(where, rate)
    return rate


def _errors(checker, where, raw, source):
    """Each as an object with its provenance; a bare code is documented and has no cause in the state."""
    rows, seen = [], set()
    for i, value in enumerate(raw):
        at = f"{where}: errors[{i}]"
        if isinstance(value, str):
            value = {"code": value}
        row = checker.keys(at, value, {"code": str, "cause": str} | checker.PROVENANCE_KEYS, ("code",))
        if "code" not in row or not checker.code(f"{at}.code", row["code"]):
            continue
        checker.once(f"{at}.code", row["code"], seen, "the code")
        row = {"cause": INJECTED} | row
        if "provenance" not in row:
            row |= {"provenance": "documented", "source": source}
        checker.provenance(at, row)
        rows.append(row)
    return rows


def _check_rule_codes(checker, where, action, fields, types, above=()):
    """A rule may only answer what the action declares; the rules of its objects are rules of the action, too."""
    declared = {e["code"] for e in action.errors}
    for field in fields:
        for rule in field.rules:
            if rule.code and rule.code not in declared:
                checker.problems.add(f"{where}.{field.name}", f"a rule answers {rule.code}, which {action.name} does not"
                                     " declare")
        if field.kind == "object" and field.word not in above:
            _check_rule_codes(checker, f"{where}.{field.name}", action, types[field.word].fields, types,
                              above + (field.word,))


def _check_examples(checker, where, raw, action, types):
    for i, value in enumerate(raw):
        at = f"{where}: examples[{i}]"
        row = checker.keys(at, value, {"title": str, "in": dict, "out": dict}, ("title", "in", "out"))
        for key, fields in (("in", action.inputs), ("out", action.outputs)):
            for problem in values.check_object(row.get(key, {}), fields, types):
                checker.problems.add(f"{at}.{key}", problem)
