"""Verification: whether calls were made, and if not, which call came nearest."""
import json

import pytest

import harness

BACKUP = {"InstanceId": "mssql-njj2mtpl", "Strategy": 1, "DBNames": ["db1", "db2"]}


@pytest.fixture(scope="module")
def called():
    """Three calls: a successful backup, a refused one, and a read."""
    with harness.Virga("--seed", "1", "--limit", "off") as virga:
        virga.call("CreateBackup", BACKUP, headers={"X-TC-TraceId": "suite-7"})
        virga.call("CreateBackup", BACKUP | {"InstanceId": "mssql-none"}, mode="v1")
        virga.call("DescribeFlowStatus", {"FlowId": 5293})
        yield virga


def verify(virga, **body):
    text = json.dumps(body).encode()
    head = f"POST /_virga/verify HTTP/1.1\r\nHost: {virga.host}:{virga.port}\r\nContent-Length: {len(text)}\r\n\r\n"
    return virga.send(head.encode() + text)


@pytest.mark.parametrize("body, matched", [
    ({"action": "CreateBackup"}, 2),
    ({}, 3),
    ({"action": "CreateBackup", "code": "ok"}, 1),
    ({"action": "CreateBackup", "code": "ResourceNotFound.InstanceNotFound"}, 1),
    ({"trace": "suite-7"}, 1),
    ({"secret_id": harness.SECRET_ID}, 3),
    ({"params": {"InstanceId": "mssql-njj2mtpl"}}, 1),
    ({"params": {"Strategy": 1}}, 2),
    ({"params": {"DBNames.1": "db2"}}, 2),
    ({"params": {"FlowId": 5293}, "count": {"min": 1, "max": 1}}, 1),
    ({"action": "RestoreInstance", "count": {"max": 0}}, 0),
    ({"action": "RestoreInstance", "count": {"min": 0}}, 0),
    ({"in_order": [{"action": "CreateBackup"}, {"action": "DescribeFlowStatus", "code": "ok"}]}, 2),
    ({"in_order": [{"code": "ok"}, {"code": "ok"}]}, 2),
    ({"in_order": [{"action": "CreateBackup"}, {"action": "CreateBackup"}]}, 2),
    ({"in_order": [{"code": "ok"}], "action": "CreateBackup"}, 2),
])
def test_what_was_done_is_found(called, body, matched):
    status, _, answer = verify(called, **body)
    assert (status, answer) == (200, {"matched": matched}), answer


@pytest.mark.parametrize("body, message, hint", [
    ({"action": "CreateBackup", "count": {"min": 3}}, "2 calls of CreateBackup, not at least 3",
     'the action was "DescribeFlowStatus", not "CreateBackup"'),
    ({"action": "CreateBackup", "count": {"max": 1}}, "2 calls of CreateBackup, not at most 1", "GET /_virga/requests"),
    ({"action": "DescribeFlowStatus", "count": {"max": 0}}, "1 call of DescribeFlowStatus, not at most 0", ""),
    ({"action": "CreateBackup", "code": "ok", "params": {"InstanceId": "mssql-other"}},
     'CreateBackup with code ok with params {"InstanceId":"mssql-other"}',
     'params.InstanceId was "mssql-njj2mtpl", not "mssql-other"'),
    ({"action": "CreateBackup", "params": {"Group": 1}}, "", "params.Group was absent, not 1"),
    ({"trace": "suite-8"}, "0 calls of any action with trace suite-8", "the trace was"),
    ({"in_order": [{"action": "DescribeFlowStatus"}, {"action": "CreateBackup"}]},
     "the first 1 were found in order; number 2, CreateBackup, was made, but too early", ""),
    ({"in_order": [{"action": "CreateBackup"}, {"action": "RemoveBackups"}]},
     "number 2, RemoveBackups, was not made after them", ""),
    ({"in_order": [{"action": "DescribeFlowStatus"}, {"action": "DescribeFlowStatus"}]},
     "the first 1 were found in order; number 2, DescribeFlowStatus, was made, but too early", ""),
])
def test_what_was_not_done_is_reported_with_the_nearest_call(called, body, message, hint):
    status, _, answer = verify(called, **body)
    assert (status, answer["error"]["code"]) == (409, "conflict")
    assert message in answer["error"]["message"]
    assert hint in answer["error"]["hint"]


def test_the_nearest_is_named(called):
    hint = verify(called, action="CreateBackup", code="ok", params={"Strategy": 0})[2]["error"]["hint"]
    assert hint.startswith("the nearest other call is ") and hint.endswith("params.Strategy was 1, not 0")


@pytest.mark.parametrize("body", [
    {"action": "CreateBackups"}, {"in_order": [{"action": "Nothing"}]}, {"params": [1]}, {"colour": "red"},
    {"count": {"least": 1}}, {"count": 1},
])
def test_a_question_that_makes_no_sense_is_rejected(called, body):
    assert verify(called, **body)[0] == 400


def test_dropped_calls_are_mentioned():
    with harness.Virga("--limit", "off", "--journal-calls", "1") as virga:
        for _ in range(3):
            virga.call("DescribeRegions")
        assert "dropped 2 older calls" in verify(virga, action="CreateBackup")[2]["error"]["hint"]


def test_nothing_at_all():
    with harness.Virga() as virga:
        status, _, answer = verify(virga, action="CreateBackup")
        assert (status, answer["error"]["hint"]) == (409, "no other call was made")


def test_a_trace_that_begins_as_expected_is_no_difference(called):
    hint = verify(called, trace="suite", code="InternalError")[2]["error"]["hint"]
    assert hint.endswith(': the code was "ok", not "InternalError"')
