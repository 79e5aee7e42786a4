"""schema/drift.py: what it finds in a definition of the API, what it writes, and that the schema has all of the pinned tccli."""
import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TCCLI = os.environ.get("VIRGA_TCCLI") or shutil.which("tccli")
# Differences from the pinned tccli that are meant, each with its reason: "new parameter X Y": "why".
MEANT = {}


def drift(*words, code):
    done = subprocess.run([sys.executable, str(ROOT / "schema" / "drift.py"), *map(str, words)], capture_output=True, text=True)
    assert done.returncode == code, done
    return [" ".join(line.split()) for line in done.stdout.splitlines()], done.stderr


def definition_of(schema):
    """What tccli's api.json would be if the schema were the API."""
    def member(row):
        word, is_list = row["type"].removeprefix("list<").removesuffix(">"), row["type"].startswith("list<")
        return {"name": row["name"], "type": "list" if is_list else "object" if word[0].isupper() else word, "member": word,
                "required": row.get("required", False), "value_allowed_null": row.get("nullable", False), "disabled": False}

    folder = schema / "sqlserver"
    read = {p.stem: json.loads(p.read_text()) for p in folder.glob("*.json") if not p.name.startswith("_")}
    objects = {name: {"members": [member(row) for row in rows]} for name, rows in json.loads((folder / "_types.json").read_text()).items()}
    for name, action in read.items():
        objects[name + "Request"] = {"members": [member(row) for row in action["in"]]}
        objects[name + "Response"] = {"members": [member(row) for row in action["out"]] + [{"name": "RequestId", "type": "string"}]}
    actions = {name: {"input": name + "Request", "output": name + "Response"} for name in read}
    return {"actions": actions, "objects": objects}


@pytest.fixture
def schema(tmp_path):
    return pathlib.Path(shutil.copytree(ROOT / "schema", tmp_path / "schema", ignore=shutil.ignore_patterns("__pycache__")))


@pytest.fixture
def definition(tmp_path):
    """A function that writes the definition after a change."""
    def write(change=lambda d: None):
        value = definition_of(ROOT / "schema")
        change(value)
        (tmp_path / "api.json").write_text(json.dumps(value))
        return tmp_path / "api.json"
    return write


def members(d, name):
    return {m["name"]: m for m in d["objects"][name]["members"]}


def test_the_same_has_no_difference(definition):
    lines, _ = drift(definition(), code=0)
    assert lines == ["0 differences from api.json; 156 actions, " + str(len(json.loads((ROOT / "schema/sqlserver/_types.json").read_text()))) + " types"]


CHANGES = {
    "new action Fly": lambda d: d["actions"].update(Fly={"input": "FlyRequest", "output": "FlyResponse"}),
    "gone action CreateBackup": lambda d: [d["actions"].pop("CreateBackup"), d["objects"].pop("CreateBackupRequest"), d["objects"].pop("CreateBackupResponse")],
    "new parameter CreateBackup Speed": lambda d: d["objects"]["CreateBackupRequest"]["members"].append({"name": "Speed", "type": "int", "member": "int64"}),
    "gone parameter CreateBackup Strategy": lambda d: d["objects"]["CreateBackupRequest"]["members"].remove(members(d, "CreateBackupRequest")["Strategy"]),
    "different parameter CreateBackup InstanceId: optional here, the opposite there":
        lambda d: members(d, "CreateBackupRequest")["InstanceId"].update(required=True),
    "different result CreateBackup FlowId: int64 here, string there": lambda d: members(d, "CreateBackupResponse")["FlowId"].update(member="string"),
    "different field Backup FileName: never null here, the opposite there": lambda d: members(d, "Backup")["FileName"].update(value_allowed_null=True),
    "new type Plane": lambda d: d["objects"].update(Plane={"members": []}),
    "gone type Backup": lambda d: d["objects"].pop("Backup"),
}


@pytest.mark.parametrize("wanted", CHANGES)
def test_a_difference_is_found(wanted, definition):
    lines, _ = drift(definition(CHANGES[wanted]), code=1)
    assert lines[:-1] == [wanted]


def test_a_field_that_is_listed_and_not_offered_is_neither_new_nor_gone(definition):
    def disable(d):
        members(d, "Backup")["FileName"]["disabled"] = True
        d["objects"]["Backup"]["members"].append({"name": "Old", "type": "string", "disabled": True})
    drift(definition(disable), code=0)


def test_apply_writes_skeletons_that_the_generator_takes(definition, schema):
    def grow(d):
        CHANGES["new action Fly"](d)
        d["objects"]["FlyRequest"] = {"members": [{"name": "To", "type": "string", "member": "string", "required": True}]}
        d["objects"]["FlyResponse"] = {"members": [{"name": "Planes", "type": "list", "member": "Plane", "value_allowed_null": True}]}
        d["objects"]["Plane"] = {"members": [{"name": "Id", "type": "int", "member": "int64"}]}
        CHANGES["new parameter CreateBackup Speed"](d)
    path = definition(grow)
    lines, _ = drift(path, "--schema", schema, "--apply", code=1)
    assert [line for line in lines if line.startswith("wrote")] == ["wrote _types.json", "wrote CreateBackup.json", "wrote Fly.json"]
    fly = json.loads((schema / "sqlserver/Fly.json").read_text())
    assert "undocumented here, not reviewed" in fly["summary"] and fly["in"][0]["required"] and "handler" not in fly
    assert [row["type"] for row in fly["out"]] == ["list<Plane>"] and fly["out"][0]["nullable"]
    drift(path, "--schema", schema, code=0)
    subprocess.run([sys.executable, str(schema / "gen.py"), "--check"], check=True)


def test_without_a_definition(tmp_path):
    assert "there is no api.json" in drift(tmp_path, code=2)[1]


def tccli_packages():
    """The folder of the packages beside the program."""
    return next(pathlib.Path(TCCLI).resolve().parents[1].glob("lib/python3*/site-packages/tccli"))


@pytest.mark.skipif(not TCCLI, reason="no tccli")
def test_the_schema_has_all_of_the_pinned_tccli():
    lines, _ = drift(tccli_packages(), code=1 if MEANT else 0)
    assert sorted(lines[:-1]) == sorted(MEANT)
    assert lines[-1].endswith("codes"), "the SDK beside it has been read, too"
