"""reference.md: a section per action, written from the schema alone."""

import json

from .markdown import codes, ground, known, link, rule_text, table
from .model import INJECTED

_INTRO = """# Reference

Generated from `schema/` by `gen.py`. Do not edit. How well something is known: *documented* (in the vendor's
documentation, by page number or file), *observed* (seen in a response of the service), *assumed* (with the reason).
"""


def _meaning(field):
    text = field.row.get("summary", "")
    if field.row.get("deprecated"):
        text = f"{text} Deprecated.".strip()
    if "provenance" in field.row:
        text += f" ({known(field.row['provenance'], ground(field.row))})"
    return text


def _fields_in(fields):
    rows = [(f"`{f.name}`", f"`{f.type_text}`", "yes" if f.row.get("required") else "no",
             f"`{json.dumps(f.row['default'])}`" if "default" in f.row else "", _meaning(f)) for f in fields]
    return table(("parameter", "type", "required", "default", "meaning"), rows)


def _fields_out(fields):
    rows = [(f"`{f.name}`", f"`{f.type_text}`",
             "null" if f.row.get("nullable") else "left out" if f.row.get("omit") else "", _meaning(f)) for f in fields]
    return table(("field", "type", "when absent", "meaning"), rows)


def _rules(fields):
    rows = [(f"`{f.name}`", rule_text(r), f"`{r.code}`" if r.code else "", known(r.provenance, r.ground))
            for f in fields for r in f.rules]
    return table(("parameter", "must be", "else", "how it is known"), rows)


def _errors(action):
    """Codes with a cause in a table; the others, which are many, in one line per source."""
    rows = [(f"`{e['code']}`", e["cause"], known(e["provenance"], ground(e)))
            for e in action.errors if e["cause"] != INJECTED]
    parts = [table(("code", "cause here", "listed by"), rows)] if rows else []
    others = {}
    for e in action.errors:
        if e["cause"] == INJECTED:
            others.setdefault(known(e["provenance"], ground(e)), []).append(e["code"])
    parts += [f"By fault injection only: {codes(names)} ({how}).\n" for how, names in others.items()]
    return "\n".join(parts) or "none\n"


def _example(product, action, example):
    body = json.dumps(example["in"], ensure_ascii=False)
    answer = json.dumps({"Response": example["out"] | {"RequestId": "4be5990d-a4b5-49dc-b2b4-e713b6aa7ba3"}},
                        ensure_ascii=False, separators=(",", ":"))
    return (f"{example['title']}:\n\n```http\nPOST / HTTP/1.1\nHost: {product.name}.tencentcloudapi.com\n"
            f"Content-Type: application/json\nX-TC-Action: {action.name}\nX-TC-Version: {product.version}\n"
            f"X-TC-Region: {product.regions[0].name}\nX-TC-Timestamp: ...\nAuthorization: TC3-HMAC-SHA256 ...\n\n{body}\n```\n\n"
            f"```json\n{answer}\n```\n\n")


def _action(product, action):
    row, rate = action.row, action.rate
    state = " May change state." if row["writes"] else " Changes nothing."
    emulated = "" if row.get("handler") else " Known, not emulated."
    out = f"## {action.name}\n\n{row['summary']}{state}{emulated} Source: {row['source']}.\n\n"
    out += f"Region: {row['region']}. Rate: {rate['per_second']} a second ({known(rate['provenance'], rate['ground'])}).\n\n"
    out += f"### Parameters of {action.name}\n\n{_fields_in(action.inputs)}\n"
    if any(f.rules for f in action.inputs):
        out += f"### Rules of {action.name}\n\nIn the order in which they are checked.\n\n{_rules(action.inputs)}\n"
    out += f"### Answer of {action.name}\n\n{_fields_out(action.outputs)}\n"
    out += f"### Errors of {action.name}\n\n{_errors(action)}\n"
    if row.get("examples"):
        out += f"### Examples of {action.name}\n\n"
        out += "".join(_example(product, action, e) for e in row["examples"])
    return out


def _index(product):
    out = "Actions in bold are emulated; the others are known: their parameters are checked.\n\n"
    for domain in product.domains:
        names = [f"**{link(a.name)}**" if a.row.get("handler") else link(a.name) for a in product.actions
                 if a.row["domain"] == domain]
        out += f"- **{domain}**: {', '.join(names) or 'none'}\n"
    return out + f"- **Objects**: {', '.join(f'[{t}](#object-{t.lower()})' for t in product.types)}\n\n"


def _product(product):
    out = f"# {product.title}: `{product.name}`, version {product.version}\n\n"
    out += f"Served in {', '.join(r.name for r in product.regions)}.\n\n"
    out += _index(product)
    out += "".join(_action(product, a) for a in product.actions)
    for t in product.types.values():
        out += f"## Object {t.name}\n\n{_fields_out(t.fields)}\n"
        if any(f.rules for f in t.fields):
            out += f"As a parameter:\n\n{_rules(t.fields)}\n"
    return out + "".join(map(_enum, product.enums))


def _enum(enum):
    """`1` (`success`): succeeded."""
    rows = [(f"`{v['number']}`" if "number" in v else "", f"`{v['text']}`" if "text" in v else "", v["en"], v["zh"])
            for v in enum.values]
    how = known(enum.row["provenance"], ground(enum.row))
    return f"## Enum {enum.name}\n\n{enum.row['summary']} ({how})\n\n" + table(("number", "text", "meaning", "Chinese"), rows) + "\n"


def _world(types):
    out = "# The world file\n\nJSON; the first object is WorldFile.\n\n"
    for t in reversed(types.values()):
        out += f"## {t.name}\n\n{_fields_in(t.fields)}\n{_rules(t.fields)}\n"
    return out


def _texts(errors):
    out = "# Error texts\n\n`{0}`, `{1}` and `{2}` are arguments.\n\n"
    rows = []
    for e in errors:
        how = e.provenance if e.zh_provenance == e.provenance else f"{e.provenance}; Chinese {e.zh_provenance}"
        rows.append((f"`{e.code}`", e.origin, e.en, e.zh, "yes" if e.retry else "", known(how, e.ground)))
    return out + table(("code", "from", "English", "Chinese", "clients retry", "how it is known"), rows)


def page(model):
    return "\n".join([_INTRO, *map(_product, model.products), _world(model.world), _texts(model.errors)])
