"""<product>_does.c (layer product): the handlers of actions whose file says what they do (`does`).

Such an action finds an instance, checks its status, sets columns of it or of its databases, and may start a flow. The handler
calls the functions of product/<product>/change.h, as one that is written by hand would.
"""

import re

from . import enums
from .c_errors import HEAD
from .names import c_string, error_enum, field_name

_KEYS = {"on": str, "status": (str, list), "refuse": str, "databases": str, "set": dict, "during": dict, "then": dict,
         "set_databases": dict, "then_databases": dict, "flow": str, "repeat": str, "needs": dict}
_ACCEPT = {"task": "ACCEPT_TASK", "sole_task": "ACCEPT_SOLE_TASK", "change": "ACCEPT_CHANGE", "any": "ACCEPT_ANY"}
REFUSE = "ResourceUnavailable.InstanceStatusInvalid"
_READ_ONLY = "ResourceUnavailable.NotSupportRoInstance"
_WITH_FLOW = ("during", "then", "then_databases")
_OF_DATABASES = ("set_databases", "then_databases")


def actions(product):
    return [a for a in product.actions if "does" in a.row]


# --- checks ---

def check(checker, product):
    for action in actions(product):
        _check_action(checker, f"{product.name}/{action.name}.json: does", action, product)


def _check_action(checker, where, action, product):
    raw = action.row["does"]
    for key in sorted(raw.keys() - _KEYS.keys()):
        checker.problems.add(where, f"unknown key {key!r}; known are {', '.join(_KEYS)}")
    inputs = {f.name: f for f in action.inputs}
    on = inputs.get(raw.get("on"))
    if not on or on.kind != "string":
        checker.problems.add(f"{where}.on", "must name the parameter that has the instance, or the list of them")
    status, declared = raw.get("status"), {e["code"] for e in action.errors}
    names = {v["name"] for v in _enum(product, "InstanceStatus")}
    if not (status in _ACCEPT if isinstance(status, str) else isinstance(status, list) and status and set(status) <= names):
        checker.problems.add(f"{where}.status", f"must be one of {', '.join(_ACCEPT)}, or a list of values of InstanceStatus")
    if status != "any" and raw.get("refuse", REFUSE) not in declared:
        checker.problems.add(f"{where}.refuse", f"{raw.get('refuse', REFUSE)} is not declared by the action")
    if "flow" in raw and raw["flow"] not in {v["name"] for v in _enum(product, "FlowKind")}:
        checker.problems.add(f"{where}.flow", "must be a value of FlowKind")
    if "flow" in raw and on and on.is_list:
        checker.problems.add(f"{where}.flow", "an action on a list starts no flow")
    if "repeat" in raw and ("flow" not in raw or raw["repeat"] not in declared):
        checker.problems.add(f"{where}.repeat", "must be a code that the action declares, and needs a flow")
    if "needs" in raw:
        _check_needs(checker, f"{where}.needs", raw["needs"], declared, product)
    if "databases" in raw and not (inputs.get(raw["databases"]) and inputs[raw["databases"]].is_list):
        checker.problems.add(f"{where}.databases", "must name a list of databases")
    for key in ("set", *_WITH_FLOW, "set_databases"):
        if key in raw and ((key in _WITH_FLOW and "flow" not in raw) or (key in _OF_DATABASES and "databases" not in raw)):
            checker.problems.add(f"{where}.{key}", "needs a flow, or databases")
        columns = {v["text"] for v in _enum(product, "DatabaseField" if key in _OF_DATABASES else "InstanceField")}
        for column, value in raw.get(key, {}).items():
            if column not in columns:
                checker.problems.add(f"{where}.{key}", f"{column!r} is no value of the enum of columns")
            _check_value(checker, f"{where}.{key}.{column}", value, inputs, product)


def _check_needs(checker, where, needs, declared, product):
    columns = {v["text"] for v in _enum(product, "InstanceField")}
    if needs.keys() != {"column", "value", "code"} or needs["column"] not in columns or type(needs["value"]) is not int:
        checker.problems.add(where, "must have a column of the instance, a number as its value, and a code")
    elif needs["code"] not in declared:
        checker.problems.add(where, f"{needs['code']} is not declared by the action")


def _check_value(checker, where, value, inputs, product):
    param = value if isinstance(value, str) else value.get("param") if isinstance(value, dict) else None
    if param is None:
        ok = isinstance(value, dict) and value.keys() == {"value"} and _constant(value["value"], product)
        if not ok:
            checker.problems.add(where, "must be a parameter, {\"value\": ...} or {\"param\": ..., \"map\": {...}}")
        return
    field = inputs.get(param)
    if not field or field.is_list or field.kind not in ("string", "int64", "uint64"):
        checker.problems.add(where, f"{param!r} is no text or number among the parameters")
    elif isinstance(value, dict) and field.kind != "string":
        checker.problems.add(where, "only a text has a map")
    elif isinstance(value, dict):
        allowed = {v for r in field.rules if r.name == "one_of" for v in r.text.split("|")}
        if value.keys() != {"param", "map"} or set(value["map"]) != allowed:
            checker.problems.add(where, "the keys of map must be the values that a rule one_of allows")


def _enum(product, name):
    return next((e.values for e in product.enums if e.name == name), [])


# --- C ---

def _constant(value, product):
    """The C of a fixed value; None when it is not one."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return f"FIELD_NUMBER({value})"
    if not isinstance(value, str):
        return None
    if value == "{now}":
        return "FIELD_NUMBER(world_now_ms(c->world))"
    if match := re.fullmatch(r"\{([A-Za-z]+)\.([a-z_]+)\}", value):
        enum = next((e for e in product.enums if e.name == match[1]), None)
        known = enum and next((v for v in enum.values if v["name"] == match[2]), None)
        if not known:
            return None
        name = enums.constant(enum, known)
        return f"FIELD_NUMBER({name})" if "number" in known else f"FIELD_TEXT({enum.c_name}_values[{name}].text)"
    return f"FIELD_TEXT(STR({c_string(value)}))"


def _mapped(member, mapping, product):
    """A choice by the parameter's text; the last value needs no test, since a rule allows no other text."""
    *first, (_, last) = mapping.items()
    out = _constant(last, product)
    for text, value in reversed(first):
        out = f"str_eq({member}, STR({c_string(text)})) ? {_constant(value, product)} : {out}"
    return out


def _value(value, inputs, product):
    """(the test that the parameter is there or None, the value)."""
    if isinstance(value, dict) and "value" in value:
        return None, _constant(value["value"], product)
    field = inputs[value if isinstance(value, str) else value["param"]]
    member = f"in->{field.c_name}"
    if isinstance(value, dict):
        return _given(field, member), _mapped(member, value["map"], product)
    if field.kind == "string":
        return _given(field, member), f"FIELD_TEXT({member})"
    return _given(field, member), f"FIELD_NUMBER((int64_t){member}.v)"


def _given(field, member):
    if field.row.get("required") or "default" in field.row:
        return None
    return f"{member}.p" if field.kind == "string" else f"{member}.set"


def _statements(raw, key, form, action, product):
    """A statement for each column under the key; `form` has the places {constant} and {value}."""
    inputs = {f.name: f for f in action.inputs}
    enum = "DATABASE_FIELD_" if key in _OF_DATABASES else "INSTANCE_FIELD_"
    names = {v["text"]: v["name"] for v in _enum(product, "DatabaseField" if key in _OF_DATABASES else "InstanceField")}
    out = ""
    for column, value in raw.get(key, {}).items():
        test, text = _value(value, inputs, product)
        out += (f"    if ({test})\n    " if test else "") + form.format(constant=enum + names[column].upper(), value=text)
    return out


def _set_all(raw, action, product):
    """The instance's columns that change at once."""
    inputs = {f.name: f for f in action.inputs}
    names = {v["text"]: v["name"] for v in _enum(product, "InstanceField")}
    out = ""
    for column, value in raw.get("set", {}).items():
        test, text = _value(value, inputs, product)
        call = f"instance_set(c, &instance, INSTANCE_FIELD_{names[column].upper()}, {text}) != 0"
        out += f"    if ({test} && {call})\n        return -1;\n" if test else f"    if ({call})\n        return -1;\n"
    return out


def _set_databases(raw, action, product):
    out = ""
    inputs = {f.name: f for f in action.inputs}
    names = {v["text"]: v["name"] for v in _enum(product, "DatabaseField")}
    for column, value in raw.get("set_databases", {}).items():
        test, text = _value(value, inputs, product)
        out += (f"    for (size_t i = 0; {test + ' && ' if test else ''}i < plan.databases.n; i++)\n"
                f"        if (database_set_field(c, &instance, plan.databases.v[i].name,"
                f" DATABASE_FIELD_{names[column].upper()}, {text}) != 0)\n            return -1;\n")
    return out


def _accept(raw, product):
    code, status = error_enum(raw.get("refuse", REFUSE)), raw["status"]
    if status == "any":
        return ""
    if isinstance(status, str):
        return f" ||\n        instance_accept(c, &instance, {_ACCEPT[status]}, {code}) != 0"
    enum = next(e for e in product.enums if e.name == "InstanceStatus")
    bits = " | ".join(f"1u << {enums.constant(enum, v)}" for v in enum.values if v["name"] in status)
    return f" ||\n        instance_accept_statuses(c, &instance, {bits}, {code}) != 0"


def _flow(raw, action):
    if "flow" not in raw:
        return ""
    out = (f"    if (change_check_repeat(&plan, {error_enum(raw['repeat'])}) != 0)\n        return -1;\n" if "repeat" in raw else "")
    out += (f"    if (change_start(&plan, FLOW_KIND_{raw['flow'].upper()}, &flow) != 0)\n        return -1;\n")
    shown = next((f for f in action.outputs if f.name == "FlowId"), None)
    if shown:
        value = "U64((uint64_t)flow.id)" if shown.kind == "uint64" else "I64(flow.id)"
        out += f"    out->{shown.c_name} = {value};\n"
    return out


def _body(action, product, instance_id):
    raw = action.row["does"]
    plan = "flow" in raw or "databases" in raw
    out = "    struct instance instance;\n"
    out += "    struct change_plan plan = {.c = c, .instance = &instance};\n" if plan else ""
    out += "    struct flow flow;\n" if "flow" in raw else ""
    writable = " ||\n        instance_accept_writable(c, &instance) != 0" if _READ_ONLY in [e["code"] for e in action.errors] else ""
    out += f"    if (instance_get(c, {instance_id}, &instance) != 0{_accept(raw, product)}{writable})\n        return -1;\n"
    if "needs" in raw:
        names = {v["text"]: v["name"] for v in _enum(product, "InstanceField")}
        out += (f"    if (instance_needs(c, &instance, INSTANCE_FIELD_{names[raw['needs']['column']].upper()}, {raw['needs']['value']}, "
                f"{error_enum(raw['needs']['code'])}) != 0)\n        return -1;\n")
    if "databases" in raw:
        out += (f"    if (database_choose(c, &instance, &in->{field_name(raw['databases'])}, DATABASE_EFFECT_"
                f"{'CHANGE' if 'flow' in raw else 'HOLD'}, &plan.databases) != 0)\n        return -1;\n")
    out += _set_all(raw, action, product) + _set_databases(raw, action, product)
    for key, form in (("during", "    change_during(&plan, {constant}, {value});\n"), ("then", "    change_then(&plan, {constant}, {value});\n"),
                      ("then_databases", "    change_databases_then(&plan, {constant}, {value});\n")):
        out += _statements(raw, key, form, action, product)
    return out + _flow(raw, action)


def _handler(action, product):
    c, raw = action.c_name, action.row["does"]
    on = next(f for f in action.inputs if f.name == raw["on"])
    types = f"const struct {c}_in *in, struct {c}_out *out"
    head = f"\n/* {action.name}: {action.row['summary']} */\n"
    if not on.is_list:
        body = _body(action, product, f"in->{on.c_name}")
        unused = "" if "out->" in body else "    (void)out;\n"
        return f"{head}int {c}(struct call *c, {types})\n{{\n{unused}{body}    return 0;\n}}\n"
    body = _body(action, product, "id")
    count = next((f for f in action.outputs if f.name == "Count"), None)
    unused = "" if "in->" in body else "    (void)in;\n"
    end = f"    out->{count.c_name} = I64((int64_t)in->{on.c_name}.n);\n" if count else "    (void)out;\n"
    return (f"{head}static int {c}_one(struct call *c, const struct {c}_in *in, struct str id)\n{{\n{unused}{body}    return 0;\n}}\n\n"
            f"int {c}(struct call *c, {types})\n{{\n"
            f"    for (size_t i = 0; i < in->{on.c_name}.n; i++)\n        if ({c}_one(c, in, in->{on.c_name}.v[i]) != 0)\n"
            f"            return -1;\n{end}    return 0;\n}}\n")


def source(product):
    out = HEAD + f'#include "gen/{product.name}.h"\n#include "product/{product.name}/change.h"\n'
    return out + "".join(_handler(a, product) for a in actions(product))
