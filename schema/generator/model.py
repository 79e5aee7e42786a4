"""The schema after its check, and the tables of types and rules."""

import re
from dataclasses import dataclass, field as dataclass_field

PROVENANCES = ("documented", "observed", "assumed")

# The cause of a code that nothing in the state causes.
INJECTED = "declared; by fault injection only"

# The schema's types and their kinds in C (src/wire/shape.h). A datetime is a text in the product's own format.
# json is any value, kept as a tree; only the control API has such.
TYPES = {"string": "string", "datetime": "string", "int64": "int64", "uint64": "uint64", "bool": "bool",
         "double": "double", "float": "double", "json": "json"}


def split_list(type_text):
    """list<X> -> (True, X); X -> (False, X)."""
    m = re.fullmatch(r"list<(.*)>", type_text)
    return (True, m[1]) if m else (False, type_text)


def scalar_kind(word):
    """The kind of a type, or None for an object's name."""
    return TYPES.get(word)


@dataclass
class Error:
    id: str
    code: str
    origin: str
    en: str
    zh: str
    provenance: str
    ground: str
    zh_provenance: str
    retry: bool
    product: str = None  # the only product that has it; None: the gateway, or several


@dataclass
class Rule:
    name: str
    min: int
    max: int
    text: str
    code: str
    provenance: str
    ground: str


@dataclass
class Field:
    name: str
    c_name: str
    word: str
    kind: str
    is_list: bool
    row: dict
    rules: list = dataclass_field(default_factory=list)

    @property
    def type_text(self):
        return f"list<{self.word}>" if self.is_list else self.word


@dataclass
class Record:
    name: str
    c_name: str
    fields: list


@dataclass
class Action:
    name: str
    c_name: str
    row: dict
    rate: dict
    inputs: list = dataclass_field(default_factory=list)
    outputs: list = dataclass_field(default_factory=list)
    errors: list = dataclass_field(default_factory=list)


@dataclass
class Product:
    name: str
    version: str
    row: dict  # _product.json
    regions: list = dataclass_field(default_factory=list)
    other_regions: list = dataclass_field(default_factory=list)
    specs: list = dataclass_field(default_factory=list)
    domains: list = dataclass_field(default_factory=list)
    domains_zh: list = dataclass_field(default_factory=list)
    types: dict = dataclass_field(default_factory=dict)
    actions: list = dataclass_field(default_factory=list)
    enums: list = dataclass_field(default_factory=list)
    tables: dict = dataclass_field(default_factory=dict)
    magic: list = dataclass_field(default_factory=list)
    import_plan: dict = dataclass_field(default_factory=dict)   # empty: it has none
    resource: dict = dataclass_field(default_factory=dict)      # empty: it has none
    store_errors: dict = dataclass_field(default_factory=dict)

    @property
    def title(self):
        return self.row.get("title", "")


@dataclass
class Enum:
    """A set of values that the product stores or shows. A value has a number, a text or both."""
    name: str
    c_name: str
    row: dict
    values: list


@dataclass
class Model:
    errors: list
    products: list
    world: dict
    control_types: dict
    control_routes: list
    source: object
    causes: dict = dataclass_field(default_factory=dict)  # of the gateway's codes, for virga explain
    texts: list = dataclass_field(default_factory=list)   # sentences in both languages
    faults: dict = dataclass_field(default_factory=dict)  # the rule of a fault: asked for by control, stored by core
    clients: object = None  # clients.Clients, read beside the rest

    @property
    def magic(self):
        return [row for product in self.products for row in product.magic]


def _is_text(f):
    return f.kind == "string"


def _is_number(f):
    return f.kind in ("int64", "uint64")


def _bounds(row):
    return "min is above max" if row.get("min", 0) > row.get("max", 0) else None


def _sizes(row):
    return "min is below 0" if row.get("min", 0) < 0 else _bounds(row)


def _choices(row):
    choices = row.get("values", ["-"])
    texts = all(isinstance(v, str) and v and "|" not in v for v in choices)
    if not choices or not (texts or all(type(v) is int for v in choices)):
        return "values must be texts without '|', or numbers"
    return None


def _classes(row):
    ok = row.get("chars", "-") and row.get("chars", "-").isascii()
    return None if ok else "chars must be an ASCII class such as A-Za-z0-9_"


@dataclass
class RuleSpec:
    """One kind of rule: its keys, the fields that may have it, its check, and its text in C."""
    keys: dict
    applies: object
    problem: object = lambda row: None
    text: object = lambda row: None


RULES = {
    "present": RuleSpec({"non_empty": bool}, lambda f: True),
    "int_range": RuleSpec({"min": int, "max": int}, _is_number, _bounds),
    "one_of": RuleSpec({"values": list}, lambda f: _is_text(f) or _is_number(f), _choices, lambda row: "|".join(map(str, row.get("values", [])))),
    "length": RuleSpec({"min": int, "max": int}, _is_text, _sizes),
    "chars": RuleSpec({"chars": str}, _is_text, _classes, lambda row: row.get("chars", "")),
    "count": RuleSpec({"min": int, "max": int}, lambda f: f.is_list, _sizes),
    "time": RuleSpec({}, _is_text),
    "date": RuleSpec({}, _is_text),
}
