"""Words of a product that examples and help texts name: {product.action} in a file of the schema becomes CreateBackup.

A text that no product owns (a cause of a gateway's code, a client's program) takes its examples from the first product's
_product.json this way, so that it holds no name of a product itself.
"""

import json
import re

_WORD = re.compile(r"\{product\.([a-z_]+)\}")


def _call(example):
    """An example as the arguments of `virga call`."""
    def value(v):
        return f"={v}" if isinstance(v, (str, int)) else ":=" + json.dumps(v, ensure_ascii=False, separators=(",", ":"))

    return " ".join([example.get("action", ""), *(name + value(v) for name, v in example.get("params", {}).items())])


def _flags(params):
    def value(v):
        return v if isinstance(v, str) else json.dumps(v, ensure_ascii=False, separators=(",", ":"))

    return "".join(f" --{name} {value(v)}" for name, v in params.items())


def _names(row):
    """The product's name and version in the forms that the packages of official clients use."""
    name, date = str(row.get("name", "")), str(row.get("version", "")).replace("-", "")
    return {"name": name, "class": name.capitalize(), "version": str(row.get("version", "")), "package": f"v{date}",
            "namespace": f"V{date}", "title": str(row.get("title", "")), "title_word": str(row.get("title", "")).replace(" ", "")}


def of(row):
    """{word: text} from a _product.json; a missing one is empty; the product's check reports it."""
    examples, resource = row.get("examples", {}), row.get("resource", {})
    write, read = examples.get("write", {}), examples.get("read", {})
    params = json.dumps(write.get("params", {}), ensure_ascii=False, separators=(",", ":"))
    found = _names(row) | {
        "resource_param": resource.get("param", ""), "resource": examples.get("resource", ""), "region": examples.get("region", ""),
        "action": write.get("action", ""), "read_action": read.get("action", ""), "call": _call(write), "read_call": _call(read),
        "params": params, "params_single": f"'{params}'",
        "params_double": json.dumps(params), "params_flags": _flags(write.get("params", {})), "path": examples.get("path", ""),
        "path_value": examples.get("path_value", ""), "flow_kind": examples.get("flow_kind", ""),
        "reset_scopes": ", ".join(scope["name"] for scope in row.get("reset_scopes", [])),
        "other_region": next(iter(row.get("other_regions", [])), "")}
    return {key: value for key, value in found.items() if isinstance(value, str)}


def fill_text(text, words, where, problems):
    for name in sorted(set(_WORD.findall(text)) - words.keys()):
        problems.add(where, f"there is no word {{product.{name}}}")
    return _WORD.sub(lambda m: words.get(m[1], m[0]), text)


def fill(value, words, where, problems):
    """The same JSON value with every text and key filled in; an example may be an object."""
    if isinstance(value, str):
        return fill_text(value, words, where, problems)
    if isinstance(value, list):
        return [fill(v, words, where, problems) for v in value]
    if isinstance(value, dict):
        return {fill_text(k, words, where, problems): fill(v, words, where, problems) for k, v in value.items()}
    return value
