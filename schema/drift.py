#!/usr/bin/env python3
"""Compares the schema of a product with a newer definition of its API, and says what is new, gone or different.

    drift.py [DEFINITION]            prints the differences; exit code 1 when there are some
    drift.py DEFINITION --apply      also writes what is new into the schema

DEFINITION is tccli's api.json, a folder with one (an installed tccli), or left out: that of the tccli which this Python has. When the
SDK for Python is installed beside it, the error codes of its errorcodes.py are compared, too.

What --apply writes is a skeleton: names and types, marked "undocumented here, not reviewed". Nothing is removed or replaced.
"""

import argparse
import importlib.util
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
MARK = "undocumented here, not reviewed"
# Parts of the calls that every response has, or that the gateway reads.
COMMON = {"RequestId"}
# The definition's words for types, and the schema's.
WORDS = {"int": "int64", "integer": "int64", "boolean": "bool", "binary": "string"}
KINDS = ("new", "gone", "different")


# --- reading --------------------------------------------------------------------------------------------------------


def find(name, product):
    """The path of api.json: the argument, one below it, or the installed tccli's. None when there is none."""
    if name and pathlib.Path(name).is_file():
        return pathlib.Path(name)
    roots = [pathlib.Path(name)] if name else []
    spec = None if name else importlib.util.find_spec("tccli")
    roots += [pathlib.Path(spec.origin).parent] if spec and spec.origin else []
    folder = "v" + product["version"].replace("-", "")
    for root in roots:
        found = sorted(root.rglob(f"services/{product['name']}/{folder}/api.json"))
        if found:
            return found[0]
    return None


def field_type(member):
    """list + string -> list<string>; object + DBDetail -> DBDetail."""
    kind, inner = member["type"], member.get("member", "")
    inner = WORDS.get(inner, inner)
    if kind == "list":
        return f"list<{inner}>"
    return inner or WORDS.get(kind, kind)


class Fields(dict):
    """{field: (type, required, nullable)}; `disabled` has those that a definition still lists without offering them: neither new nor gone."""
    disabled = frozenset()


def fields_of(definition, name):
    members = [m for m in definition["objects"].get(name, {}).get("members", []) if m["name"] not in COMMON]
    fields = Fields({m["name"]: (field_type(m), bool(m.get("required")), bool(m.get("value_allowed_null"))) for m in members if not m.get("disabled")})
    fields.disabled = frozenset(m["name"] for m in members if m.get("disabled"))
    return fields


def newer(definition):
    """(actions, types) of the definition: {action: (inputs, outputs)} and {type: fields}."""
    own = {row[key] for row in definition["actions"].values() for key in ("input", "output")}
    actions = {name: tuple(fields_of(definition, row[key]) for key in ("input", "output")) for name, row in definition["actions"].items()}
    return actions, {name: fields_of(definition, name) for name in definition["objects"] if name not in own}


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def known(folder):
    """The same of the schema."""
    def fields(rows):
        return {row["name"]: (row["type"], bool(row.get("required")), bool(row.get("nullable"))) for row in rows}

    actions = {p.stem: tuple(fields(read(p)[key]) for key in ("in", "out")) for p in folder.glob("*.json") if not p.name.startswith("_")}
    return actions, {name: fields(rows) for name, rows in read(folder / "_types.json").items()}


def codes_of(path):
    """The codes of the SDK that is installed beside tccli; None without one."""
    for root in path.parents:
        found = sorted(root.glob(f"tencentcloud/{path.parents[1].name}/{path.parent.name}/errorcodes.py"))
        if found:
            return set(re.findall(r"^[A-Z0-9_]+ = '([^']+)'", found[0].read_text(encoding="utf-8"), re.M))
    return None


def known_codes(schema, folder):
    rows = read(schema / "errors.json") + read(folder / "_errors.json")
    return {row["code"] if "code" in row else row["id"] for row in rows}


# --- comparing ------------------------------------------------------------------------------------------------------


def compare_names(what, ours, theirs):
    """(kind, what, detail) for the names that only one has."""
    for name in sorted(theirs - ours):
        yield "new", f"{what} {name}", ""
    for name in sorted(ours - theirs):
        yield "gone", f"{what} {name}", ""


def compare_fields(what, ours, theirs, requires):
    yield from compare_names(what, ours.keys() - theirs.disabled, theirs.keys())
    for name in sorted(ours.keys() & theirs.keys()):
        (our_type, our_need, our_null), (their_type, their_need, their_null) = ours[name], theirs[name]
        if our_type != their_type:
            yield "different", f"{what} {name}", f"{our_type} here, {their_type} there"
        if requires and our_need != their_need:
            yield "different", f"{what} {name}", f"{'required' if our_need else 'optional'} here, the opposite there"
        if not requires and our_null != their_null:
            yield "different", f"{what} {name}", f"{'may be null' if our_null else 'never null'} here, the opposite there"


def compare(ours, theirs):
    """Every difference. Whether a result is required is no matter of the wire."""
    (our_actions, our_types), (their_actions, their_types) = ours, theirs
    yield from compare_names("action", our_actions.keys(), their_actions.keys())
    for action in sorted(our_actions.keys() & their_actions.keys()):
        for i, part in enumerate(("parameter", "result")):
            yield from compare_fields(f"{part} {action}", our_actions[action][i], their_actions[action][i], i == 0)
    yield from compare_names("type", our_types.keys(), their_types.keys())
    for name in sorted(our_types.keys() & their_types.keys()):
        yield from compare_fields(f"field {name}", our_types[name], their_types[name], False)


# --- applying -------------------------------------------------------------------------------------------------------


def skeleton_field(name, spec, needs):
    row = {"name": name, "type": spec[0]}
    return row | ({"required": True} if needs and spec[1] else {}) | ({"nullable": True} if not needs and spec[2] else {}) | {"summary": f"{name}: {MARK}."}


def skeleton(name, sides):
    """An action that is checked by its types and not emulated."""
    return {"action": name, "domain": None, "tier": 3, "summary": f"{name}: {MARK}.", "writes": not name.startswith(("Describe", "Inquiry", "Query")),
            "in": [skeleton_field(n, spec, True) for n, spec in sides[0].items()],
            "out": [skeleton_field(n, spec, False) for n, spec in sides[1].items()], "errors": []}


def add_missing(rows, theirs, needs):
    """Appends the fields that the rows lack; whether there were any."""
    names = {row["name"] for row in rows}
    rows += [skeleton_field(name, spec, needs) for name, spec in theirs.items() if name not in names]
    return len(rows) > len(names)


def write(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def apply(folder, theirs):
    """Adds new actions, types and fields. Returns the files that were written."""
    actions, types = theirs
    written = []
    own = read(folder / "_types.json")
    changed = [add_missing(own.setdefault(name, []), fields, False) for name, fields in types.items()]
    if any(changed):
        write(folder / "_types.json", own)
        written.append("_types.json")
    for name, sides in actions.items():
        path = folder / f"{name}.json"
        value = read(path) if path.exists() else skeleton(name, sides) | {"domain": read(folder / "_product.json")["domains"][0]}
        grown = [add_missing(value[key], side, key == "in") for key, side in zip(("in", "out"), sides)]
        if any(grown) or not path.exists():
            write(path, value)
            written.append(path.name)
    return written


# --- the command ----------------------------------------------------------------------------------------------------


def main(argv):
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("definition", nargs="?", help="tccli's api.json, or a folder with it")
    p.add_argument("--product", default=None, help="the product (the first of products.json)")
    p.add_argument("--schema", type=pathlib.Path, default=HERE, help="another schema folder, for tests")
    p.add_argument("--apply", action="store_true", help="write skeletons of what is new")
    args = p.parse_args(argv)
    folder = args.schema / (args.product or read(args.schema / "products.json")[0])
    path = find(args.definition, read(folder / "_product.json"))
    if not path:
        print("drift.py: there is no api.json of tccli; name one, or install tccli", file=sys.stderr)
        return 2
    theirs = newer(read(path))
    found = list(compare(known(folder), theirs))
    codes = codes_of(path)
    if codes is not None:
        found += [row for row in compare_names("code", known_codes(args.schema, folder), codes) if row[0] == "new"]
    for kind, what, detail in sorted(found, key=lambda row: KINDS.index(row[0])):
        print(f"{kind:9}  {what}{': ' + detail if detail else ''}")
    if args.apply:
        print("".join(f"wrote      {name}\n" for name in apply(folder, theirs)), end="")
    print(f"{len(found)} differences from {path.name}; {len(theirs[0])} actions, {len(theirs[1])} types"
          f"{', ' + str(len(codes)) + ' codes' if codes is not None else ''}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
