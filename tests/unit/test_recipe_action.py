"""Executes the recipes of docs/architecture.md, "Add an action" and "Add a product", in a copy of the tree: the files of each, then its
commands.

A block of code belongs to the file that the paragraph before it names last. "Add to" appends; "Write" writes the whole file.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
COPIED = ["docs", "meson.build", "meson_options.txt", "schema", "src", "tests", "tools"]
BLOCK = re.compile(r"(?P<paragraph>[^\n]+(?:\n[^\n]+)*)\n\n```(?P<language>\w+)\n(?P<text>.*?)^```$", re.M | re.S)


def recipe(title):
    """([(path, whether to append, text)], [command])."""
    page = (ROOT / "docs" / "architecture.md").read_text()
    section = re.search(rf"^### {title}\n(.*?)^##", page, re.M | re.S)[1]
    files, commands = [], []
    for block in BLOCK.finditer(section):
        if block["language"] == "sh":
            commands += block["text"].splitlines()
        else:
            path = re.findall(r"`([\w./]+/[\w./]+)`", block["paragraph"])[-1]
            files.append((path, "Add to" in block["paragraph"], block["text"]))
    return files, commands


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    copy = tmp_path_factory.mktemp("tree")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__", "build", "node_modules"))
        else:
            shutil.copy(source, copy / name)
    return copy


def run(tree, command, **variables):
    """The command as the page has it, with this Python, compiled without debugging data, which takes a third of the time."""
    env = {**os.environ, "CFLAGS": "-O0 -g0", "PYTHONDONTWRITEBYTECODE": "1", **variables}
    command = command.replace("python3 -m pytest", f"{sys.executable} -m pytest -p no:cacheprovider")
    return subprocess.run(command, shell=True, cwd=tree, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def write(tree, path, append, text):
    target = tree / path
    assert target.exists() == append or path.startswith("schema/"), path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text((target.read_text() + "\n" if append else "") + text)


def run_all(tree, commands):
    for command in commands:
        result = run(tree, command)
        assert result.returncode == 0, f"{command}\n{result.stdout[-3000:]}"
        assert "pytest" not in command or "1 passed" in result.stdout, result.stdout[-3000:]


def add_action(tree):
    files, commands = recipe("Add an action")
    assert [path.split("/")[0] for path, _, _ in files] == ["schema", "src", "tests"] and len(commands) == 4, "the page has another form"
    setup, build, *others = commands
    for path, append, text in files:
        if path.startswith("src/"):
            # Without the function, the program is not linked, and the linker names it.
            assert run(tree, setup).returncode == 0
            result = run(tree, build)
            assert result.returncode != 0 and re.search(r"undefined reference.*modify_db_instance_note", result.stdout), result.stdout[-3000:]
        write(tree, path, append, text)
    run_all(tree, [build, *others])
    assert "| [ModifyDBInstanceNote](#modifydbinstancenote) | yes |" in (tree / "docs" / "coverage.md").read_text()


def add_product(tree):
    files, commands = recipe("Add a product")
    folders = {"/".join(path.split("/")[:-1]) for path, _, _ in files}
    assert folders == {"schema", "schema/sts", "src/product/sts", "tests/api/wire"}, "beside its folders a product is a word in a list"
    for path, append, text in files:
        write(tree, path, append, text)
    run_all(tree, commands)


def test_the_recipes_work(tree):
    """One after the other in one tree, because the second then compiles less."""
    add_action(tree)
    add_product(tree)
