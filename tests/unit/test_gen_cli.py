"""Proves that gen_cli.py rejects mistakes in cli.json by their place, and that its texts keep to their form."""
import json
import pathlib
import shutil
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "schema"))

from generator import cli, cli_texts  # noqa: E402


@pytest.fixture
def schema(tmp_path):
    """A copy of the description and of what it needs, to be changed."""
    for name in ("cli.json", "products.json"):
        shutil.copy(ROOT / "schema" / name, tmp_path)
    for name in json.loads((ROOT / "schema" / "products.json").read_text()):
        (tmp_path / name).mkdir()
        shutil.copy(ROOT / "schema" / name / "_product.json", tmp_path / name)
    return tmp_path


def loaded(schema, change=None):
    """(the model, the problems) after a change of one subcommand, clock."""
    path = schema / "cli.json"
    raw = json.loads(path.read_text())
    if change:
        change(next(c for c in raw["subcommands"] if c["name"] == "clock"))
        path.write_text(json.dumps(raw))
    problems = []
    return cli.load(schema, "1.2.3", problems), problems


def option(**keys):
    return lambda c: c["options"].append({"name": "--x", "help": "x", **keys})


def request(**keys):
    return lambda c: c["requests"][0].update(keys)


@pytest.mark.parametrize("change, problem", [
    (lambda c: c.update(usages="x"), "clock: there is no key usages"),
    (lambda c: c["options"].append("servers"), "clock: there is no group of options servers"),
    (option(value="X", type="word"), "clock: --x: type must be one of switch, text"),
    (option(value="X", type="switch"), "clock: --x: a switch takes no value"),
    (option(type="text"), "clock: --x: a switch takes no value, every other option takes one"),
    (option(value="X", sent="json"), "clock: --x: sent must be text or number"),
    (option(value="X", sent="text", type="text"), "clock: --x: sent must be text or number, without a type"),
    (option(value="X", type="parsed"), "clock: --x: parse names the function of the type parsed"),
    (option(value="X", colour="red"), "clock: --x: there is no key colour"),
    (request(fields=[{"name": "time", "kind": "date"}]), "clock: requests: kind must be one of text, number"),
    (request(columns=[["TIME"]]), "clock: requests: a column is a title, a member"),
    (request(options="all"), "clock: requests: options must be one of unused"),
    (request(rejected="nothing"), "clock: requests: options must be one of"),
    (request(verb="GET"), "clock: requests: there is no key verb")])
def test_a_mistake_is_named(schema, change, problem):
    model, problems = loaded(schema, change)
    assert model is None and len(problems) == 1 and problems[0].startswith("cli.json: " + problem), problems


def test_the_output_depends_on_the_description_alone(schema):
    model, problems = loaded(schema)
    assert problems == [] and cli.files(model) == cli.files(loaded(schema)[0])
    assert "virga 1.2.3" in cli.files(model)["virga.1"]


def test_help_is_at_most_100_columns(schema):
    for command in loaded(schema)[0].commands:
        lines = cli_texts.help_page(command).splitlines()
        assert max(map(len, lines[2:])) <= 100, command.name  # the first line is the usage


def test_the_page_is_up_to_date():
    problems = []
    page = cli_texts.markdown(cli.load(ROOT / "schema", "", problems))
    assert (ROOT / "docs/cli.md").read_text(encoding="utf-8") == page, \
        "docs/cli.md is out of date; renew it with: python3 schema/gen_cli.py --page docs/cli.md"
