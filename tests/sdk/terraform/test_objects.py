"""The recorded calls of the Terraform provider for each of its objects, made again: each is answered as it was, what is created is read
as it was given, and what is deleted is not found."""
import json
import pathlib
import re
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]
import harness  # noqa: E402
import objects  # noqa: E402
import recorded  # noqa: E402
import table  # noqa: E402
from control import done  # noqa: E402

CALLS = json.loads((HERE / "calls.json").read_text())
NAMES = [f"resource.{name}" for name in objects.RESOURCES] + [f"data.{name}" for name in objects.SOURCES]
REFERENCE = re.compile(r"\$([sn])(\d+)\.([^}]+)")
GONE = (4, 6, 8)  # the provider does not see instances in these states
HIDDEN, PASSWORD = "***", "Secret_word_1"  # the journal has no passwords
SERVICES = {"sqlserver": "2018-03-28", "tag": "2018-08-13"}


class Anywhere(str):
    """A path in which one place of a list is as good as another: the order of databases depends on the second of their creation."""

    def __new__(cls, path):
        return super().__new__(cls, re.sub(r"\.\d+(?=\.|$)", ".*", path))


def seen(answer):
    """(path, value) of all that an answer shows."""
    return {(Anywhere(path), value) for path, value in recorded.leaves(answer)}


def wanted(call):
    return {(Anywhere(path), value) for path, value in call.get("shows", {}).items()}


class Player:
    """Makes recorded calls as one account."""

    def __init__(self, virga):
        self.virga, self.answers = virga, []
        account = done(virga, "POST", "/_virga/accounts", {"world": objects.WORLD})
        self.uin, self.key = account["uin"], {"secret_id": account["secret_id"], "secret_key": account["secret_key"]}

    def found(self, reference):
        """The value that an earlier answer has, in the type of the parameter."""
        value = recorded.at(self.answers[int(reference[2])], reference[3])
        assert value is not None, reference[0]
        return str(value) if reference[1] == "s" else int(value)

    def value(self, value):
        """A parameter as it is sent: with what earlier answers have in place of references."""
        if not isinstance(value, str):
            return value
        if reference := REFERENCE.fullmatch(value):
            return self.found(reference)
        return PASSWORD if value == HIDDEN else re.sub(r"\{(\$[^}]+)\}", lambda text: self.found(REFERENCE.fullmatch(text[1])), value)

    def send(self, call):
        product = call["product"]
        return self.virga.call(call["action"], recorded.replaced(call["params"], self.value), version=SERVICES[product], service=product,
                               **self.key)

    def play(self, call):
        got = self.send(call)
        assert got.code == call.get("code"), (call["action"], got.body)
        self.answers.append(got.response)
        assert (missing := wanted(call) - seen(got.response)) == set(), (call["action"], missing)


@pytest.fixture(scope="module")
def server():
    with harness.Virga("--seed", "1", "--limit", "off", "--quiet", *recorded.AT_ONCE) as virga:
        yield virga


def is_gone(player, call):
    """Whether a call that has read the resource finds it no longer."""
    got = player.send(call)
    if got.code is None and call["action"] == "DescribeDBInstances":
        return all(row["Status"] in GONE for row in got.response["DBInstances"])
    return got.code is not None or wanted(call) - seen(got.response) != set()


@pytest.mark.parametrize("name", [name for name in NAMES if name in CALLS])
def test_object(server, name):
    calls, player = CALLS[name]["calls"], Player(server)
    for call in calls:
        player.play(call)
    read = [call for call in calls if call["phase"] in ("read", "reread") and call["shows"]]
    last = [call for call in read if call["phase"] == read[-1]["phase"]]
    if name.startswith("resource.") and is_removed(calls):
        assert any(is_gone(player, call) for call in last), "it is read after its end"
    done(server, "DELETE", f"/_virga/accounts/{player.uin}")


def is_removed(calls):
    """Whether its end makes calls: most settings of an instance stay."""
    return any(call["phase"] == "delete" and not call["action"].startswith("Describe") for call in calls)


def test_every_object_is_recorded():
    assert set(CALLS) == set(NAMES)


def test_the_page_has_the_table():
    text = table.PAGE.read_text()
    assert text == table.page(text), "tests/sdk/terraform/table.py writes it"
