"""What the schema says of calls: which code a wrong value gets, and which members an answer has."""
import functools
import json
import pathlib
import re

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "schema"
GATEWAY = {row["code"] for row in json.loads((SCHEMA / "errors.json").read_text())}


@functools.lru_cache(None)
def types(product="sqlserver"):
    return json.loads((SCHEMA / product / "_types.json").read_text())


@functools.lru_cache(None)
def enums(product="sqlserver"):
    return json.loads((SCHEMA / product / "_enums.json").read_text())


@functools.lru_cache(None)
def actions(product="sqlserver"):
    """The emulated actions of a product."""
    found = (json.loads(p.read_text()) for p in sorted((SCHEMA / product).glob("[A-Z]*.json")))
    return {action["action"]: action for action in found if action.get("handler") or action.get("does")}


@functools.lru_cache(None)
def codes(product="sqlserver"):
    return {row["id"]: row["code"] for row in json.loads((SCHEMA / product / "_errors.json").read_text())}


@functools.lru_cache(None)
def declared(action, product="sqlserver"):
    """The codes that an action's description lists."""
    ids = [e if isinstance(e, str) else e["code"] for e in actions(product)[action]["errors"]]
    return [codes(product).get(i, i) for i in ids]


def first_declared(action, *wanted):
    """The first of the codes that the action declares, else the last one."""
    return next((code for code in wanted if code in declared(action)), wanted[-1])


def element(kind):
    """The type of a list's elements, or None."""
    return kind[5:-1] if kind.startswith("list<") else None


# --- rules --------------------------------------------------------------------------------------------------------------


def is_time(text, form):
    import datetime
    try:
        return len(text) == len(datetime.datetime(2000, 1, 1).strftime(form)) and bool(datetime.datetime.strptime(text, form))
    except ValueError:
        return False


def holds(rule, value):
    """Whether one value, which is not a list, follows a rule."""
    name = rule["rule"]
    if name == "int_range":
        return rule["min"] <= value <= rule["max"]
    if name == "one_of":
        return value in rule["values"]
    if name == "length":
        return rule["min"] <= len(value) <= rule["max"]
    if name == "chars":
        return re.fullmatch(f"[{re.escape(rule['chars']).replace(chr(92) + '-', '-')}]*", value) is not None
    if name in ("time", "date"):
        return is_time(value, "%Y-%m-%d %H:%M:%S" if name == "time" else "%Y-%m-%d")
    raise AssertionError(name)


def field_failure(field, value):
    """The code of the first rule of a field that its value does not follow, or None."""
    if value is None:
        value = field.get("default")
    for rule in field.get("rules", []):
        code = codes().get(rule["code"], rule["code"])
        if rule["rule"] == "present":
            if value is None or (rule.get("non_empty") and value in ("", [])):
                return code
        elif rule["rule"] == "count":
            if value is not None and not rule["min"] <= len(value) <= rule["max"]:
                return code
        elif value is not None and not all(holds(rule, v) for v in (value if isinstance(value, list) else [value])):
            return code
    inner = types().get(element(field["type"]) or field["type"])
    for each in (value if isinstance(value, list) else [value]) if inner and value is not None else []:
        code = fields_failure(inner, each)
        if code:
            return code
    return None


def fields_failure(fields, values):
    return next((code for f in fields if (code := field_failure(f, values.get(f["name"])))), None)


def rule_failure(action, params):
    """The code of the first rule that the parameters break, in the order of the description; None when they break none."""
    return fields_failure(actions()[action]["in"], params)


# --- answers ------------------------------------------------------------------------------------------------------------


def check_value(field, value, product, where):
    kind = element(field["type"]) if isinstance(value, list) else field["type"]
    if value is None:
        assert field.get("nullable"), f"{where} is null"
    elif isinstance(value, list):
        assert kind, f"{where} is a list"
        for i, v in enumerate(value):
            check_value({"type": kind}, v, product, f"{where}.{i}")
    elif kind in ("string", "datetime"):
        assert isinstance(value, str), f"{where} is {value!r}, not a text"
    elif kind == "bool":
        assert isinstance(value, bool), f"{where} is {value!r}, not a boolean"
    elif kind in ("int64", "uint64"):
        assert isinstance(value, int) and not isinstance(value, bool), f"{where} is {value!r}, not an integer"
        assert kind == "int64" or value >= 0, f"{where} is {value}"
    elif kind in ("double", "float"):
        assert isinstance(value, (int, float)) and not isinstance(value, bool), f"{where} is {value!r}, not a number"
    else:
        assert isinstance(value, dict), f"{where} is {value!r}, not an object"
        check_members(types(product)[kind], value, product, where)


def check_members(fields, value, product, where):
    names = {f["name"]: f for f in fields}
    assert set(value) <= set(names), f"{where} has undocumented members {sorted(set(value) - set(names))}"
    missing = [n for n, f in names.items() if n not in value and not f.get("omit")]
    assert not missing, f"{where} lacks {missing}"
    for name, v in value.items():
        check_value(names[name], v, product, f"{where}.{name}")


def check_answer(action, response, product="sqlserver"):
    """Asserts that a response is declared: the members of a success, or a code of the action or of the gateway."""
    error = response.get("Error")
    if error:
        assert error["Code"] in declared(action, product) or error["Code"] in GATEWAY, f"undeclared code {error['Code']}"
        assert not error["Code"].startswith("InternalError"), f"internal error {error}"
        return
    members = {k: v for k, v in response.items() if k != "RequestId"}
    check_members(actions(product)[action]["out"], members, product, action)
