"""All documented examples of the installed tccli: each request is answered, and each answer has the members of the example's."""
import json
import os
import pathlib
import shutil
import sys

import pytest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[n]) for n in (0, 2)]
import documented  # noqa: E402
import harness  # noqa: E402
from control import done  # noqa: E402

TCCLI = os.environ.get("VIRGA_TCCLI") or shutil.which("tccli")
FOLDERS = sorted(pathlib.Path(TCCLI).resolve().parent.parent.glob("lib/*/site-packages/tccli/services/sqlserver/v20180328")) if TCCLI else []
EXAMPLES = documented.read(FOLDERS[0] / "examples.json") if FOLDERS else []
MODEL = json.loads((FOLDERS[0] / "api.json").read_text())["objects"] if FOLDERS else {}
COUNT = 162  # so that a file that is read wrongly does not pass

pytestmark = pytest.mark.skipif(not TCCLI, reason="no tccli")

# Examples that the documentation of their own parameters contradicts: the code, and values that it allows.
REFUSED = {
    # A password has two kinds of characters.
    "CreateAccount": ("InvalidParameterValue.PasswordIsIllegal", {"Password": "Testpassword1"}),
    # A region has its full name.
    "DescribeCrossBackupStatistical": ("InvalidParameterValue.IllegalRegion", {"CrossRegion": "ap-shanghai"}),
    # A time has no colon after the date.
    "DescribeRestoreTask": ("InvalidParameter.InputIllegal", {
        "StartTime": "2023-04-12 00:00:00", "EndTime": "2023-04-12 23:59:59", "TargetRegion": documented.REGION, "TargetType": 0,
        "Status": 2}),
    # Backups are copied to other regions.
    "ModifyCrossBackupStrategy": ("InvalidParameterValue.IllegalRegion", {"CrossBackupRegion": "ap-shanghai"}),
    # Ids of networks have eight characters, and an address is one of the network.
    "ModifyDReadable": ("ResourceNotFound.VpcNotExist", {"VpcId": "vpc-aaaaaaaa", "SubnetId": "subnet-aaaaaaaa", "Vip": "10.0.0.200"}),
}

# Examples in JSON with numbers as texts, which the gateway refuses.
QUOTED = {"CreateReadOnlyDBInstances-0", "DescribeBackupMigration-0", "DescribeBackups-0", "DescribeDBInstances-0",
          "DescribeRegularBackupPlan-0", "ModifyBackupStrategy-0", "ModifyDBInstanceNetwork-0"}

# Where the answer is another than the example's. That examples are older than the model, and so lack members of it, is none.
DIFFERENCES = {
    "DescribeDBInstancesAttribute SlowLogThreshold is null",
    "ModifyDatabasePrivilege FlowId is number",  # the reference of the action says so
}


# --- the call -------------------------------------------------------------------------------------------------------


class Caller:
    """Calls as the account of one example."""

    def __init__(self, virga, example, account):
        self.virga, self.example = virga, example
        self.key = {"secret_id": account["secret_id"], "secret_key": account["secret_key"]}

    def advance(self, seconds):
        done(self.virga, "POST", "/_virga/clock/advance", {"seconds": seconds})

    def filled(self, _, value):
        """The value of a text with $ in BEFORE."""
        if not isinstance(value, str) or not value.startswith("$"):
            return value
        if value == "$now":
            return done(self.virga, "GET", "/_virga/clock")["time"][:19].replace("T", " ")
        if value.startswith("$instance"):
            named = documented.ids(self.example) or ["mssql-njj2mtpl"]
            return named if value == "$instances" else named[0]
        (found,) = documented.values(self.example, value[1:])
        return int(found) if found.isdigit() else found

    def prepare(self):
        """Makes the calls before the example, and gives it what they found."""
        for step in documented.BEFORE.get(self.example.action, []):
            if isinstance(step, int):
                self.advance(step)
                continue
            action, params, *wanted = step
            answer = self.virga.call(action, documented.replaced(params, self.filled), **self.key)
            assert answer.code is None, (action, answer.body)
            found = dict(documented.leaves(answer.response))
            self.example.put({name: found[member] for names in wanted for name, member in names.items()})
            self.advance(0 if wanted else 60)

    def send(self):
        if self.example.pairs is None:
            return self.virga.call(self.example.action, self.example.params, **self.key)
        return self.virga.call(self.example.action, harness.encode_form(self.example.pairs), mode="v1", **self.key)

    def answer(self):
        """The answer to the example, or to what is right in its place."""
        if self.example.action == "DescribeBusinessIntelligenceFile":  # of files that wait; here each is deployed at once
            self.example.put({"StatusSet": 2})
        got = self.send()
        code, corrected = REFUSED.get(self.example.action, (None, {}))
        if str(self.example) in QUOTED:
            code = "InvalidParameter"
        assert got.code == code, got.body
        if code is None:
            return got
        self.example.put(corrected)
        self.example.unquote()
        if self.example.action == "DescribeDBInstances":  # its SearchKey and its VipSet have no address in common
            self.example.put({"SearchKey": documented.values(self.example, "VipSet")[0]})
        return self.send()


@pytest.fixture(scope="module")
def server():
    with harness.Virga("--seed", "1", "--limit", "off", "--quiet", clock=documented.CLOCK) as virga:
        yield virga


@pytest.fixture
def caller(server, request):
    example = request.param
    done(server, "PUT", "/_virga/clock", {"mode": "frozen", "time": documented.CLOCKS.get(example.action, documented.CLOCK)})
    account = done(server, "POST", "/_virga/accounts", {"world": documented.world(example)})
    yield Caller(server, example, account)
    done(server, "DELETE", f"/_virga/accounts/{account['uin']}")


# --- the comparison -------------------------------------------------------------------------------------------------


def kind(value):
    """The type of a value in JSON."""
    kinds = {str: "text", int: "number", float: "number", bool: "boolean", dict: "object", list: "list"}
    return kinds.get(type(value), "null")


def members(model):
    """{name: model} of the members of an object of the reference."""
    return {member["name"]: member["member"] for member in MODEL.get(model, {}).get("members", [])}


def differences(examples, value, name, model):
    """How a value differs from those that the example has at its place, and from its model. An empty list and a null of an example say
    nothing of what might be there."""
    kinds = {kind(example) for example in examples}
    if not examples or kinds == {"null"}:
        return
    if kind(value) not in kinds:
        yield f"{name} is {kind(value)}"
    elif isinstance(value, list):
        if not value and all(examples):
            yield f"{name} is empty"
        for element in value:
            yield from differences([e for example in examples for e in example], element, name, model)
    elif isinstance(value, dict):
        known = members(model)
        shown = dict.fromkeys(member for example in examples for member in example)
        yield from (f"{name}.{member} is missing" for member in shown if member not in value)
        yield from (f"{name}.{member} is unknown" for member in value if member not in shown and member not in known)
        for member in shown:
            if member in value:
                inner = [example[member] for example in examples if member in example]
                yield from differences(inner, value[member], member, known.get(member))


@pytest.mark.parametrize("caller", EXAMPLES, ids=str, indirect=True)
def test_example(caller):
    example = caller.example
    caller.prepare()
    got = caller.answer()
    assert got.code is None, got.body
    found = {f"{example.action} {line}" for line in differences([example.response], got.response, "Response", f"{example.action}Response")}
    assert found == {line for line in DIFFERENCES if line.startswith(f"{example.action} ")}


def test_there_are_examples():
    assert len(EXAMPLES) >= COUNT
    assert len(DIFFERENCES) <= 10
