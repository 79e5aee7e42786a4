"""Rows of schema/ as the generator sees them: the emulator's own files and those of the products together."""
import json
import pathlib

SCHEMA = pathlib.Path(__file__).resolve().parent.parent / "schema"


def _read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def error_rows():
    """Those of errors.json say where they are from; a product's file has its own only."""
    own = [row | {"from": "product"} for path in sorted(SCHEMA.glob("*/_errors.json")) for row in _read(path)]
    return _read(SCHEMA / "errors.json") + own


def magic_rows():
    return [row for path in sorted(SCHEMA.glob("*/_magic.json")) for row in _read(path)]


def actions():
    """The file of each action, by its name."""
    return {path.stem: _read(path) for path in SCHEMA.glob("*/[A-Z]*.json")}


def is_emulated(action):
    return bool(action.get("handler") or "does" in action)


def default_world():
    """The world that is built in."""
    world, regions = _read(SCHEMA / "world/default.json"), {}
    for path in sorted(SCHEMA.glob("*/_world.json")):
        for row in _read(path)["default"]:
            regions.setdefault(row["region"], {}).update(row)
    world["accounts"][0]["regions"] = list(regions.values())
    return world


def sql_steps(journal=False):
    """The texts of the files of the steps, of the state's file or of the journal's, in the order in which they run."""
    sub = "sql/journal" if journal else "sql"
    folders = [SCHEMA / sub] + [SCHEMA / name / sub for name in _read(SCHEMA / "products.json")]
    files = sorted((p.name[:3], i, p) for i, folder in enumerate(folders) for p in folder.glob("*.sql"))
    return [path.read_text(encoding="utf-8") for _, _, path in files]


# The version of the state's file that the steps lead to.
SCHEMA_VERSION = max(int(path.name[:3]) for path in SCHEMA.glob("*/sql/*.sql"))
