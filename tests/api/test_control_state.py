"""The state as one document: it is restored byte for byte, and a document is accepted as a whole or not at all."""
import copy
import json

import pytest
from control import ask, done, refused
from harness import SECRET_ID, Virga
from schema_files import SCHEMA_VERSION

INSTANCE = {"InstanceId": "mssql-njj2mtpl"}
STATE = "/_virga/state"


@pytest.fixture
def manual():
    """A server whose backups run until they are finished by hand: their due time is a number that a double cannot hold."""
    with Virga("--seed", "1", "--limit", "off", "--flow-seconds", "backup=manual", "--quiet") as server:
        yield server


def backup(virga, **fields):
    answer = virga.call("CreateBackup", INSTANCE, **fields)
    assert answer.code is None, answer.body
    return answer.response["FlowId"]


def test_a_document_names_its_versions(virga):
    state = done(virga, "GET", STATE)
    assert list(state) == ["format", "version", "schema", "next_flow_id", "tables"]
    assert (state["format"], state["version"], state["schema"]) == ("virga-state", 1, SCHEMA_VERSION)
    assert state["tables"]["account"] == {"columns": ["uin"], "rows": [["100000000001"]]}


def test_it_comes_back_byte_for_byte(manual):
    flow = backup(manual)
    done(manual, "POST", "/_virga/accounts", {})
    before = ask(manual, "GET", STATE).body
    assert b"9223372036854775807" in before, "the due time of a flow that waits"
    done(manual, "POST", f"/_virga/flows/{flow}/finish", {"outcome": "failure"})
    assert ask(manual, "GET", STATE).body != before
    done(manual, "PUT", STATE, before)
    assert ask(manual, "GET", STATE).body == before
    assert manual.call("DescribeFlowStatus", {"FlowId": flow}).response["Status"] == 2


def test_another_server_takes_it(manual, tmp_path):
    backup(manual)
    account = done(manual, "POST", "/_virga/accounts", {})
    document = ask(manual, "GET", STATE).body
    with Virga("--limit", "off", "--quiet", db=tmp_path / "virga.db") as other:
        rows = done(other, "PUT", STATE, document)["rows"]
        assert rows == sum(len(t["rows"]) for t in json.loads(document)["tables"].values())
        assert ask(other, "GET", STATE).body == document
        key = {"secret_id": account["secret_id"], "secret_key": account["secret_key"]}
        assert other.call("DescribeDBInstances", {}, **key).response["TotalCount"] == 2
        other.terminate()
        other.restart()
        assert ask(other, "GET", STATE).body == document


def test_the_next_flow_id_goes_along(manual):
    flow = backup(manual)
    state = done(manual, "GET", STATE)
    assert state["next_flow_id"] == flow + 1
    state["next_flow_id"] = 900001
    done(manual, "PUT", STATE, state)
    done(manual, "POST", f"/_virga/flows/{flow}/finish", {"outcome": "success"})
    assert backup(manual) == 900001


def test_columns_that_have_a_default_may_lack(virga):
    state = done(virga, "GET", STATE)
    table = state["tables"]["instance"]
    at = table["columns"].index("note")
    table["columns"].pop(at)
    for row in table["rows"]:
        row.pop(at)
    done(virga, "PUT", STATE, state)
    assert {row[at] for row in done(virga, "GET", STATE)["tables"]["instance"]["rows"]} == {""}
    done(virga, "POST", "/_virga/reset")


def _set(path, value):
    def corrupt(state):
        at = state
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = value
    return corrupt


CORRUPT = {
    "newer_version": (_set(["version"], 2), "newer"),
    "newer_schema": (_set(["schema"], 99), "newer"),
    "version_0": (_set(["version"], 0), "never"),
    "version_text": (_set(["version"], "1"), "must have"),
    "format": (_set(["format"], "virga"), "format"),
    "more": (_set(["extra"], 1), "must have"),
    "tables": (_set(["tables"], []), "must have"),
    "table_unknown": (_set(["tables", "nothing"], {"columns": ["a"], "rows": []}), "there is no table nothing"),
    "table_number": (_set(["tables", "tag"], 1), "tag is not an object"),
    "table_form": (_set(["tables", "tag"], {"rows": []}), "table tag"),
    "column_unknown": (_set(["tables", "account"], {"columns": ["uin\""], "rows": [["1"]]}), "no column uin\""),
    "column_twice": (_set(["tables", "account"], {"columns": ["uin", "uin"], "rows": []}), "twice"),
    "no_columns": (_set(["tables", "account"], {"columns": [], "rows": [[]]}), "no columns"),
    "row_short": (_set(["tables", "tag", "rows"], [["1"]]), "a value for each"),
    "row_no_list": (_set(["tables", "tag", "rows"], ["[1,2,3]"]), "a value for each"),
    "row_null": (_set(["tables", "account", "rows"], [[None]]), "NOT NULL"),
    "row_check": (_set(["tables", "account", "rows"], [[""]]), "CHECK"),
    "row_twice": (_set(["tables", "account", "rows"], [["1"], ["1"]]), "UNIQUE"),
    "row_type": (_set(["tables", "instance", "rows", 0, 0], "one"), "instance"),
    "reference": (_set(["tables", "account", "rows"], []), "refer to others"),
    "next_flow_id": (_set(["next_flow_id"], 0), "must have"),
    "next_flow_id_large": (_set(["next_flow_id"], 2**42 + 1), "next_flow_id must be at most 4398046511104"),
    "next_flow_id_largest": (_set(["next_flow_id"], 2**63 - 1), "next_flow_id must be at most"),
    "next_flow_id_beyond": (_set(["next_flow_id"], 2**64), "next_flow_id must be at most"),
    "counter": (_set(["tables", "instance", "rows", 0, 0], 2**63 - 1), "table instance: an integer is beyond 2^53"),
    "counter_as_text": (_set(["tables", "instance", "rows", 0, 0], str(2**63 - 1)), "table instance: an integer is beyond 2^53"),
    "counter_below": (_set(["tables", "instance", "rows", 0, 0], -2**53), "table instance: an integer is beyond 2^53"),
    "test_account": (_set(["tables", "guest"], {"columns": ["account", "document"], "rows": [["100000000001", "{}"]]}),
              "guest"),
    "test_account_key": (_set(["tables", "guest"], {"columns": ["account", "document"], "rows": [["100000000001", json.dumps(
        {"version": 1, "accounts": [{"uin": "100000000001", "credentials": [
            {"secret_id": SECRET_ID, "secret_key": "x"}]}]})]]}), "belongs to the server's world"),
}


@pytest.mark.parametrize("name", CORRUPT)
def test_a_wrong_document_changes_nothing(virga, name):
    corrupt, words = CORRUPT[name]
    before = ask(virga, "GET", STATE).body
    state = copy.deepcopy(json.loads(before))
    corrupt(state)
    status, error = refused(virga, "PUT", STATE, state)
    assert (status, error["code"]) == (400, "bad_request")
    assert words in error["message"], error
    assert ask(virga, "GET", STATE).body == before
    assert virga.call("DescribeDBs", {"InstanceIdSet": [INSTANCE["InstanceId"]], "Limit": 1, "Offset": 0}).code is None


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"1", b"\xff", b'{"format":"\xc3"}', b"null", b"{}\0"])
def test_what_is_no_document_is_rejected(virga, body):
    status, error = refused(virga, "PUT", STATE, body)
    assert status == 400, error


def test_flows_must_lie_below_the_next(manual):
    flow = backup(manual)
    state = done(manual, "GET", STATE)
    state["next_flow_id"] = flow
    status, error = refused(manual, "PUT", STATE, state)
    assert status == 400 and "above every flow's" in error["message"]


def test_the_largest_next_flow_id(manual):
    """The one beyond it could not be used."""
    before = done(manual, "GET", STATE)
    state = dict(before, next_flow_id=2**42)
    done(manual, "PUT", STATE, state)
    assert done(manual, "GET", STATE)["next_flow_id"] == 2**42 == backup(manual)
    done(manual, "PUT", STATE, before)


def test_a_large_state_is_saved_and_loaded(virga):
    """More bytes than the body of a call may have (10 MiB), and more values than a tree of parameters may (250,000)."""
    state = done(virga, "GET", STATE)
    logins = state["tables"]["login"]
    instance = logins["rows"][0][logins["columns"].index("instance")]
    full = dict(zip(logins["columns"], logins["rows"][0])) | {"instance": instance, "account_type": "L3", "remark": "x" * 200}
    logins["rows"] += [list((full | {"name": f"login-{i:06}"}).values()) for i in range(70_000)]
    logins["rows"].sort()  # in the order of the primary key
    body = json.dumps(state, separators=(",", ":")).encode()
    assert 11 << 20 < len(body) < 64 << 20
    assert done(virga, "PUT", STATE, body)["rows"] > 70_000
    assert ask(virga, "GET", STATE).body == body
    done(virga, "POST", "/_virga/reset")


def test_past_the_cap_it_is_rejected(virga):
    before = ask(virga, "GET", STATE).body
    status, error = refused(virga, "PUT", STATE, b" " * ((64 << 20) + 1))
    assert (status, error["code"]) == (413, "too_large")
    assert ask(virga, "GET", STATE).body == before
