"""The address of the project is one constant: packaging/project.json has it, and the shapes take it from there."""
import json
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROJECT = json.loads((ROOT / "packaging/project.json").read_text())


def tracked_files(folder):
    names = subprocess.run(["git", "ls-files", "-z", folder], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [ROOT / name for name in names.split("\0") if name]


def test_no_other_file_of_packaging_has_the_address():
    host = PROJECT["repository"].split("/")[2]
    found = [str(file.relative_to(ROOT)) for file in tracked_files("packaging")
             if file.name != "project.json" and host in file.read_text(errors="replace")]
    assert found == []
