"""Coverage: which documented codes the calls have met, by counters that do not depend on the limits of the journal."""
import http.client
import json

import harness
import schema_files
from schema_files import error_rows

BACKUP = {"InstanceId": "mssql-njj2mtpl", "Strategy": 1, "DBNames": ["db1"]}
ACTIONS = schema_files.actions()


def coverage(virga, which="emulated", method="GET"):
    c = http.client.HTTPConnection(virga.host, virga.port, timeout=30)
    try:
        c.request(method, "/_virga/coverage" + (f"?actions={which}" if method == "GET" else ""))
        answer = c.getresponse()
        assert answer.status == 200
        page = json.loads(answer.read())
    finally:
        c.close()
    return page, {a["action"]: a for a in page["actions"]}


def documented(action):
    """The codes that its schema lists; ids of errors begin with their code."""
    ids = [e if isinstance(e, str) else e["code"] for e in ACTIONS[action]["errors"]]
    codes = {e["id"]: e["code"] for e in error_rows()}
    return {codes[i] for i in ids}


def test_before_any_call_all_is_never():
    with harness.Virga() as virga:
        page, actions = coverage(virga)
        assert set(actions) == {name for name, action in ACTIONS.items() if schema_files.is_emulated(action)}
        assert (page["documented"], page["seen"], page["percent"]) == (0, 0, 0)
        for name, action in actions.items():
            assert {c["code"] for c in action["codes"]} == set(action["never"]) == documented(name)
        assert coverage(virga, "called")[1] == {}
        assert len(coverage(virga, "all")[1]) == len(ACTIONS)


def test_counters_are_by_action_and_code_and_outlive_the_journal():
    with harness.Virga("--limit", "off", "--journal-calls", "2") as virga:
        for _ in range(4):
            virga.call("CreateBackup", BACKUP | {"InstanceId": "mssql-none"})
        virga.call("CreateBackup", BACKUP)
        virga.call("CreateBackup", BACKUP, signature="0" * 64)
        virga.call("NoSuchAction")
        page, actions = coverage(virga, "called")
        assert set(actions) == {"CreateBackup", ""}
        backup = actions["CreateBackup"]
        codes = {c["code"]: (c["natural"], c["injected"]) for c in backup["codes"]}
        assert codes["ResourceNotFound.InstanceNotFound"] == (4, 0) and codes["InternalError.GcsError"] == (0, 0)
        assert backup["done"] == 1 and backup["emulated"] is True
        assert "ResourceNotFound.InstanceNotFound" not in backup["never"] and "InternalError.GcsError" in backup["never"]
        assert page["documented"] == len(backup["codes"]) + 1 and page["seen"] == 2
        assert abs(page["percent"] - 100 * 2 / page["documented"]) < 1e-9
        # The signature is checked before the action is looked up, so this call counts for no action.
        others = {c["code"]: c["natural"] for c in actions[""]["others"]}
        assert others == {"AuthFailure.SignatureFailure": 1, "InvalidAction": 1}


def test_a_delete_starts_it_again():
    with harness.Virga("--limit", "off") as virga:
        virga.call("DescribeRegions")
        assert set(coverage(virga, "called")[1]) == {"DescribeRegions"}
        assert coverage(virga, method="DELETE")[1] == {}
        assert coverage(virga, "called")[1] == {}
