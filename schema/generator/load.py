"""Reads the schema's files. It knows where they are and that they are JSON; the other modules check what they mean."""

import json

from . import words
from .sql import Migrations


class Problems:
    """Everything that is wrong, each with its file and key, so that one run shows all of it."""

    def __init__(self):
        self.found = []

    def add(self, where, message):
        self.found.append(f"{where}: {message}")


def _refuse_repeated(pairs):
    seen = {}
    for key, value in pairs:
        if key in seen:
            raise ValueError(f"the key {key!r} comes twice")
        seen[key] = value
    return seen


def read_json(path, root, problems, kind=dict):
    """The value in the file, or an empty one of `kind` after a problem."""
    where = path.relative_to(root).as_posix()
    try:
        value = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_refuse_repeated)
    except (OSError, ValueError) as e:
        problems.add(where, str(e))
        return kind()
    if not isinstance(value, kind):
        problems.add(where, f"must be a JSON {'object' if kind is dict else 'array'}")
        return kind()
    return value


class Source:
    """The raw schema, in an order that does not depend on the file system."""

    def __init__(self, root, problems):
        self.root = root
        self.problems = problems
        self.products = [self._product(name) for name in self._product_names()]
        self.words = words.of(self.products[0]["product"]) if self.products else {}
        self.errors = self._read("errors.json", list)
        self.causes = self._worded("causes.json")
        self.doctor = self._worded("doctor.json")
        self.texts = self._read("texts.json")
        self.world_types = self._read("world/_types.json")
        self.world_default = self._read("world/default.json")
        self.control_types = self._worded("control/_types.json")
        self.control_routes = self._worded("control/_routes.json", list)
        self.faults = self._worded("faults.json") if (self.root / "faults.json").exists() else {}
        owners = ["sql"] + [f"{p['folder']}/sql" for p in self.products]
        self.migrations = Migrations(root, owners, problems)
        self.journal_migrations = Migrations(root, [f"{owner}/journal" for owner in owners], problems)

    def _read(self, name, kind=dict):
        return read_json(self.root / name, self.root, self.problems, kind)

    def _optional(self, name, kind=dict):
        return self._read(name, kind) if (self.root / name).exists() else kind()

    def _worded(self, name, kind=dict):
        """A file in which {product.word} is a word of the first product."""
        return words.fill(self._read(name, kind), self.words, name, self.problems)

    def _product_names(self):
        """The folders of products.json, whose order is that of the generated list."""
        names = self._read("products.json", list)
        found = sorted(p.parent.name for p in self.root.glob("*/_product.json"))
        if sorted(map(str, names)) != found:
            self.problems.add("products.json", f"must name the folders with a _product.json: {', '.join(found)}")
        return [name for name in names if name in found]

    def _product(self, folder):
        actions = [p.name for p in sorted((self.root / folder).glob("*.json")) if not p.name.startswith("_")]
        return {"folder": folder, "product": self._read(f"{folder}/_product.json"), "types": self._read(f"{folder}/_types.json"),
                "errors": self._optional(f"{folder}/_errors.json", list), "magic": self._optional(f"{folder}/_magic.json", list),
                "enums": self._optional(f"{folder}/_enums.json"), "import": self._optional(f"{folder}/_import.json"), "tables": self._optional(f"{folder}/_tables.json"), "world": self._optional(f"{folder}/_world.json"),
                "actions": {name: self._read(f"{folder}/{name}") for name in actions}}


def inputs(root):
    """Every file that the output depends on, and their folders, so that a new file is noticed."""
    patterns = ("*.json", "*/*.json", "**/*.sql", "clients/*.md", "clients/*/*", "*/clients/*/*", "gen.py", "generator/*.py")
    files = [p for pattern in patterns for p in root.glob(pattern)]
    return sorted(set(files) | {p.parent for p in files})
