"""Files of logs: what an address serves and for how long, and that the state document, a restart and a reset know them."""
import re

import pytest
from control import ask, done
from harness import Virga

from test_wire import CLOCK, HERE

WORLD = HERE / "worlds" / "log_files.json"
EVER = {"StartTime": "2022-01-01 00:00:00", "EndTime": "2023-01-01 00:00:00"}


@pytest.fixture
def logged():
    with Virga("--seed", "1", "--quiet", "--limit", "off", clock=CLOCK, world=WORLD) as virga:
        yield virga


def call(virga, action, instance, **params):
    answer = virga.call(action, {"InstanceId": instance, **params})
    assert answer.code is None, answer.body
    return answer.response


def slow_logs(virga):
    return call(virga, "DescribeSlowlogs", "mssql-logged01", **EVER)["SlowLogs"]


def events(virga, instance, kind):
    return call(virga, "DescribeXEvents", instance, EventType=kind, **EVER)["Events"]


def get(virga, address):
    target = address.removeprefix(virga.endpoint)
    return virga.send(f"GET {target} HTTP/1.1\r\nHost: {virga.host}\r\nConnection: close\r\n\r\n".encode())


def test_an_address_serves_a_file_of_the_size_in_the_list(logged):
    files = [f for f in slow_logs(logged) if f["Status"] == 1] + events(logged, "mssql-logged01", "deadlock")
    assert len(files) == 3
    for file in files:
        assert file["InternalAddr"] == file["ExternalAddr"]
        answer = get(logged, file["ExternalAddr"])
        assert answer.status == 200 and len(answer.body) == file["Size"] * 1024, answer.body
        assert b"instance: mssql-logged01\n" in answer.body
        assert f"start: {file['StartTime']}\nend: {file['EndTime']}\n".encode() in answer.body
    assert b"\nentries: 5\n" in get(logged, files[1]["ExternalAddr"]).body
    assert b"\nfile: TRACE_20220618201005.trc\n" in get(logged, files[1]["ExternalAddr"]).body


def test_an_address_expires_after_fifteen_minutes(logged):
    address = slow_logs(logged)[0]["ExternalAddr"]
    done(logged, "POST", "/_virga/clock/advance", {"seconds": 900})
    assert get(logged, address).status == 200
    done(logged, "POST", "/_virga/clock/advance", {"seconds": 1})
    assert get(logged, address).status == 403
    assert get(logged, slow_logs(logged)[0]["ExternalAddr"]).status == 200


def test_an_address_is_for_one_file_of_one_kind(logged):
    address, event = slow_logs(logged)[0]["ExternalAddr"], events(logged, "mssql-logged01", "deadlock")[0]
    for wrong, status in [(address.replace("%2fslow%2f", "%2fxevent%2f"), 404), (address.replace("%2fslow%2f", "%2fbackup%2f"), 404),
                          (address.replace("%2fslow%2f", "%2flog%2f"), 403), (re.sub("id=[0-9]+$", f"id={event['Id']}", address), 404),
                          (re.sub("id=[0-9]+$", "id=1001", address), 403), (re.sub("id=[0-9]+$", "id=1002", address), 404)]:
        assert get(logged, wrong).status == status, wrong


def test_a_file_of_events_ends_with_its_days(logged):
    address = events(logged, "mssql-logged01", "slow")[0]["ExternalAddr"]
    assert get(logged, address).status == 200
    done(logged, "POST", "/_virga/clock/advance", {"seconds": 1})
    assert get(logged, address).status == 404


def test_the_state_has_the_files_and_the_recording(logged, tmp_path):
    call(logged, "StartInstanceXEvent", "mssql-silent01", EventConfig=[{"EventType": "blocked", "Threshold": 1}])
    call(logged, "CutXEvents", "mssql-silent01")
    document = ask(logged, "GET", "/_virga/state").body
    before = [slow_logs(logged)[2]["Count"], [f["Status"] for f in events(logged, "mssql-silent01", "deadlock")]]
    assert before == [5, [4, 1]]
    done(logged, "POST", "/_virga/reset", {"scope": "all"})
    assert events(logged, "mssql-silent01", "deadlock") == []
    assert len(slow_logs(logged)) == 3, "those of the world file come back"
    done(logged, "PUT", "/_virga/state", document)
    assert [slow_logs(logged)[2]["Count"], [f["Status"] for f in events(logged, "mssql-silent01", "deadlock")]] == before
    assert call(logged, "DescribeDBInstancesAttribute", "mssql-silent01")["BlockedThreshold"] == 1
    assert ask(logged, "GET", "/_virga/state").body == document
