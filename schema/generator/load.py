"""Reads the schema's files. Knows where they are and that they are JSON; what they mean is checked elsewhere."""

import json
import re


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
    """The file's value, or an empty one of `kind` after a problem."""
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
    """The raw schema: {file name: value}, in an order that does not depend on the file system."""

    def __init__(self, root, problems):
        self.root = root
        self.errors = read_json(root / "errors.json", root, problems, list)
        self.causes = read_json(root / "causes.json", root, problems) if (root / "causes.json").exists() else {}
        self.doctor = read_json(root / "doctor.json", root, problems)
        self.products = [self._product(p.parent, problems) for p in sorted(root.glob("*/_product.json"))]
        self.world_types = read_json(root / "world/_types.json", root, problems)
        self.world_default = read_json(root / "world/default.json", root, problems)
        self.world_text = _text(root / "world/default.json")
        self.control_types = read_json(root / "control/_types.json", root, problems)
        self.control_routes = read_json(root / "control/_routes.json", root, problems, list)
        self.faults = read_json(root / "faults.json", root, problems) if (root / "faults.json").exists() else {}
        self.magic = read_json(root / "magic.json", root, problems, list)
        self.migrations = self._migrations("sql", problems)
        self.journal_migrations = self._migrations("sql/journal", problems)

    def _migrations(self, folder, problems):
        """(name, SQL) of one file's history, in its order."""
        steps = [(p.name, _text(p)) for p in sorted(self.root.glob(f"{folder}/*.sql"))]
        for i, (name, _) in enumerate(steps, 1):
            if not re.fullmatch(rf"{i:03}_[a-z0-9_]+\.sql", name):
                problems.add(f"{folder}/{name}", f"the next file must be named {i:03}_<words>.sql")
        return steps

    def _product(self, folder, problems):
        def load(name):
            return read_json(folder / name, self.root, problems)

        actions = [p.name for p in sorted(folder.glob("*.json")) if not p.name.startswith("_")]
        return {"folder": folder.name, "product": load("_product.json"), "types": load("_types.json"),
                "actions": {name: load(name) for name in actions}}


def _text(path):
    return path.read_text(encoding="utf-8") if path.exists() else ""


def inputs(root):
    """Every file that has a say in the output, and the folders, so that a new file in one is noticed."""
    patterns = ("*.json", "*/*.json", "sql/*.sql", "sql/journal/*.sql", "clients/*.md", "clients/*/*", "gen.py", "generator/*.py")
    files = [p for pattern in patterns for p in root.glob(pattern)]
    return sorted(set(files) | {p.parent for p in files})
