"""The world file: the emulator's own form (schema/world/) with what each product adds to a region (_world.json).

world.h/.c (layer core): struct world_file, its shape, and the text of the world that is built in.
"""

import json

from . import c_shapes, values
from .c_errors import HEAD
from .markdown import rule_text, table
from .names import c_chars

_PRODUCT_KEYS = {"types": dict, "region": list, "default": list}


def compose_types(source):
    """The raw types: each product's, then the emulator's, whose WorldRegion has the products' fields."""
    types = {}
    for product in source.products:
        types |= product["world"].get("types", {})
    types |= source.world_types
    fields = [f for p in source.products for f in p["world"].get("region", [])]
    if isinstance(types.get("WorldRegion"), list):
        types["WorldRegion"] = types["WorldRegion"] + fields
    return types


def compose_default(source):
    """The built-in world: the first account gets what the products put into its regions."""
    regions = {}
    for product in source.products:
        for row in product["world"].get("default", []):
            regions.setdefault(row.get("region"), {}).update(row)
    world = json.loads(json.dumps(source.world_default))
    accounts = world.get("accounts")
    if regions and isinstance(accounts, list) and accounts and isinstance(accounts[0], dict):
        accounts[0]["regions"] = list(regions.values())
    return world


def check(checker):
    """The types, after reporting everything that is wrong in the form and in the built-in world."""
    source = checker.source
    for product in source.products:
        checker.keys(f"{product['folder']}/_world.json", product["world"], _PRODUCT_KEYS)
    types = checker.types(compose_types(source), "world/_types.json", own_format=True)
    for name in ("WorldFile", "WorldRegion"):
        if name not in types:
            checker.problems.add("world/_types.json", f"the type {name!r} is missing")
            return types
    _check_default(checker, types)
    return types


def _check_default(checker, types):
    source = checker.source
    for problem in values.check_object(source.world_default, types["WorldFile"].fields, types):
        checker.problems.add("world/default.json", problem)
    for product in source.products:
        for i, row in enumerate(product["world"].get("default", [])):
            for problem in values.check_object(row, types["WorldRegion"].fields, types):
                checker.problems.add(f"{product['folder']}/_world.json: default[{i}]", problem)


def default_text(source):
    return json.dumps(compose_default(source), ensure_ascii=False, indent=2) + "\n"


def header(model):
    return (HEAD + "\n/* The world file: accounts, credentials and what the products keep for them, to start with. */\n"
            '#ifndef VIRGA_GEN_WORLD_H\n#define VIRGA_GEN_WORLD_H\n\n#include "wire/shape.h"\n\n' +
            c_shapes.records(model.world) +
            "\nextern const struct shape world_file_shape;\n\n"
            "/* The text of the world that is built in. */\nextern const struct str world_default;\n\n#endif\n")


def source(model):
    return (HEAD + '#include "gen/world.h"\n\n' + c_shapes.record_shapes(model.world, public=("WorldFile",)) +
            f"static const char default_text[] = {{\n{c_chars(default_text(model.source))}}};\n\n"
            "const struct str world_default = {default_text, sizeof(default_text) - 1};\n")


# --- docs/world.md --------------------------------------------------------------------------------------------------

_INTRODUCTION = """# The world file

<!-- Generated from schema/world/_types.json and the _world.json of the products; do not edit. -->

What a server starts with: accounts with their credentials, and what they own in each region. `virga serve --world
FILE` reads it, `virga world check FILE` only checks it, `virga world example` prints the built-in one
([examples/world.json](examples/world.json)). The file is JSON. A key that is not listed here is an error, and so is a
name that does not exist: the message has the place, `accounts.0.regions.1.region`, and the nearest name.
"""


def _type_link(field):
    inner = field.type_text.removeprefix("list<").removesuffix(">")
    if not inner.startswith("World"):
        return f"`{field.type_text}`"
    link = f"[{inner}](#{inner.lower()})"
    return f"list of {link}" if field.type_text.startswith("list<") else link


def _default(field):
    if field.row.get("required"):
        return "required"
    return f"`{json.dumps(field.row['default'], ensure_ascii=False)}`" if "default" in field.row else ""


def page(model):
    """docs/world.md: a table for each object of the file, the file itself first."""
    parts = [_INTRODUCTION]
    for name in sorted(model.world, key=lambda n: (n != "WorldFile", n)):
        rows = [(f"`{f.name}`", _type_link(f), _default(f), "; ".join(map(rule_text, f.rules)), f.row["summary"])
                for f in model.world[name].fields]
        parts.append(f"## {name}\n\n" + table(("key", "type", "default", "must be", "meaning"), rows))
    return "\n".join(parts)
