"""Files of logs: what an address serves and for how long, and that the state document, a restart and a reset know them."""
import csv
import io
import json
import re
import tarfile

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


def export(virga, instance, log, **fields):
    """(the item of a new export that has succeeded, its lines)."""
    name = call(virga, "CreateExportTask", instance, LogType=log, **EVER, **fields)["FileName"]
    done(virga, "POST", "/_virga/clock/advance", {"seconds": 2})
    item = call(virga, "DescribeExportTasks", instance, LogType=log, Limit=1, Offset=0)["Items"][0]
    assert (item["FileName"], item["Status"]) == (name, "success")
    return item, lines_of(virga, item)


def lines_of(virga, item):
    answer = get(virga, item["DownloadUrl"])
    assert answer.status == 200, answer.body
    assert item["FileSize"] == -(-len(answer.body) // 1024)
    with tarfile.open(fileobj=io.BytesIO(answer.body), mode="r:gz") as archive:  # which checks the sums of both forms
        member, = archive.getmembers()
        return list(csv.reader(io.StringIO(archive.extractfile(member).read().decode(), newline="")))


def test_an_export_of_the_audit_log_is_what_describe_logs_lists(logged):
    listed = call(logged, "DescribeLogs", "mssql-audited1", LogType="auditLog", **EVER, Order="ASC")
    head, *lines = export(logged, "mssql-audited1", "auditLog")[1]
    assert len(lines) == listed["TotalCount"] == 3
    for line, entry in zip(lines, listed["Items"]):
        assert dict(zip(head, line)) == {name: "" if entry[name] is None else str(entry[name]) for name in head}
    assert set(listed["Items"][0]) >= set(head)


def test_an_export_has_the_lines_and_columns_that_are_asked_for(logged):
    slow = {"LogFilter": [{"Type": "execTime", "Compare": "RA", "Value": ["100-1000"]}], "ColumnFilter": ["SqlText", "Duration"]}
    assert export(logged, "mssql-audited1", "auditLog", **slow)[1] == [["SqlText", "Duration"], ['SELECT a, "b" FROM t', "900"]]
    none = {"LogFilter": [{"Type": "sql", "Compare": "INC", "Value": ["DROP"]}], "ColumnFilter": ["SqlText"]}
    assert export(logged, "mssql-audited1", "auditLog", **none)[1] == [["SqlText"]]
    assert len(export(logged, "mssql-audited1", "errLog")[1]) == 1


def test_an_export_of_the_slow_log_has_its_files(logged):
    head, *lines = export(logged, "mssql-logged01", "slowLog")[1]
    files = call(logged, "DescribeSlowlogs", "mssql-logged01", **EVER)["SlowLogs"]
    assert [dict(zip(head, line)) for line in lines] == [{name: str(file[name]) for name in head} for file in reversed(files)]


def test_an_export_keeps_what_the_log_had(logged):
    item, lines = export(logged, "mssql-audited1", "auditLog")
    document = ask(logged, "GET", "/_virga/state").body
    call(logged, "CloseLog", "mssql-audited1", LogType="auditLog")
    assert call(logged, "DescribeLogs", "mssql-audited1", LogType="auditLog", **EVER)["TotalCount"] == 0
    assert lines_of(logged, item) == lines and len(lines) == 4
    call(logged, "DeleteExportTask", "mssql-audited1", LogType="auditLog", FileName=item["FileName"])
    assert get(logged, item["DownloadUrl"]).status == 404
    done(logged, "PUT", "/_virga/state", document)
    assert lines_of(logged, item) == lines
    done(logged, "POST", "/_virga/reset", {"scope": "all"})
    assert call(logged, "DescribeExportTasks", "mssql-audited1", LogType="auditLog", Limit=1, Offset=0)["TotalCount"] == 0


def test_a_running_export_has_no_file(logged):
    call(logged, "CreateExportTask", "mssql-audited1", LogType="auditLog", **EVER)
    done(logged, "POST", "/_virga/clock/advance", {"seconds": 2})
    item = call(logged, "DescribeExportTasks", "mssql-audited1", LogType="auditLog", Limit=1, Offset=0)["Items"][0]
    call(logged, "CreateExportTask", "mssql-audited1", LogType="auditLog", **EVER)
    assert get(logged, item["DownloadUrl"]).status == 200
    running = item["AsyncRequestId"] + 1
    assert get(logged, re.sub("id=[0-9]+$", f"id={running}", item["DownloadUrl"])).status == 404
    done(logged, "POST", "/_virga/clock/advance", {"seconds": 2})
    assert call(logged, "DescribeExportTasks", "mssql-audited1", LogType="auditLog", Limit=1, Offset=0)["Items"][0]["AsyncRequestId"] == running
    assert get(logged, re.sub("id=[0-9]+$", f"id={running}", item["DownloadUrl"])).status == 403


def test_a_long_log_is_cut_after_a_whole_line(tmp_path):
    entry = {"time": "2022-06-18 10:00:00", "sql": "x" * 8000, "thread": 7}
    path = tmp_path / "world.json"
    world = json.loads(WORLD.read_text())
    world["accounts"][0]["regions"][0]["instances"] = [{"instance_id": "mssql-audited1", "audit_days": 7, "audit_log": [entry] * 150}]
    path.write_text(json.dumps(world))
    with Virga("--seed", "1", "--quiet", "--limit", "off", clock=CLOCK, world=path) as virga:
        _, *lines = export(virga, "mssql-audited1", "auditLog", ColumnFilter=["SqlText", "SystemThreadId"])[1]
    assert len(lines) == (1024 * 1024 - len("SqlText,SystemThreadId\n")) // len("x" * 8000 + ",7\n") == 131
    assert all(line == [entry["sql"], "7"] for line in lines)
