"""Causes that actions share: what the state's file can do to any call, an instance that does not exist, and the status that `does` needs.

_product.json has the sentences under `causes`, by the id of the error. They are for the emulated actions that declare the code
and say nothing of it themselves.
"""

from .does import REFUSE
from .model import INJECTED


def fill(checker, where, raw, product):
    """Gives the errors of the actions their shared causes."""
    for code, cause in raw.items():
        checker.code(f"{where}: {code}", code)
        if not isinstance(cause, str):
            checker.problems.add(f"{where}: {code}", "must be a sentence")
    for action in product.actions:
        if action.row.get("handler"):
            _fill_action(raw, action, product)


def _fill_action(raw, action, product):
    declared = [e["code"] for e in action.errors]
    possible = _of_store(declared, product) | _of_resource(action, product) | _of_status(action)
    for error in action.errors:
        if error["cause"] == INJECTED and error["code"] in possible and error["code"] in raw:
            error["cause"] = raw[error["code"]]


def _of_store(declared, product):
    """The code of each kind of failure of the store: the first that the action declares."""
    firsts = (next((i for i in ids if i in declared), None) for ids in product.store_errors.values())
    return {first for first in firsts if first}


def _of_resource(action, product):
    names = {f.name for f in action.inputs}
    return {product.resource.get("not_found")} if names & {product.resource.get("param"), product.resource.get("list_param")} else set()


def _of_status(action):
    does = action.row.get("does", {})
    return {does.get("refuse", REFUSE)} if does.get("status", "any") != "any" else set()
