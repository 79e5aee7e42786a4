"""The lifecycle of backups where a test needs code: each filter of the list, downloads, a restart, the status of the instance."""
import hashlib
import http.client
import io
import json
import pathlib
import tarfile

import pytest

from harness import ANSWER_SECONDS, Virga

WORLD = pathlib.Path(__file__).resolve().parent / "worlds" / "backups.json"
CLOCK = "2022-06-19T11:41:24+08:00"
ARCHIVES, SINGLE = "mssql-archives", "mssql-single01"
EVER = {"StartTime": "2022-01-01 00:00:00", "EndTime": "2023-01-01 00:00:00"}
FIRST_FILE = (1 << 35) + 5293 * 1024  # the id of the first flow's first file in a seeded world


def server(*options, **fields):
    return Virga("--seed", "1", "--quiet", "--limit", "off", *options, clock=CLOCK, world=WORLD, **fields)


@pytest.fixture
def quick():
    """Backups end at once; the clock is frozen."""
    with server("--flow-seconds", "backup=0") as virga:
        yield virga


def control(virga, path, **body):
    data = json.dumps(body).encode()
    head = f"POST /_virga/{path} HTTP/1.1\r\nHost: {virga.host}\r\nContent-Length: {len(data)}\r\n\r\n"
    answer = virga.send(head.encode() + data)
    assert answer.status == 200, answer.body
    return answer.json


def advance(virga, seconds):
    control(virga, "clock/advance", seconds=seconds)


def ask(virga, action, instance, **params):
    answer = virga.call(action, {"InstanceId": instance, **params})
    assert answer.code is None, answer.json
    return answer.response


def create(virga, instance, **params):
    return ask(virga, "CreateBackup", instance, **params)["FlowId"]


def listed(virga, instance, **filters):
    return ask(virga, "DescribeBackups", instance, **EVER, **filters)


def by_flow(virga, instance, flow):
    return ask(virga, "DescribeBackupByFlowId", instance, FlowId=str(flow))


# --- the filters of DescribeBackups ---------------------------------------------------------------------------------

# Names of backups, newest first, one for each row. `both_forms` makes the manual ones.
MANUAL = ["single_kept", "pkg_db2", "pkg_all"]
FILTERS = [
    ({}, ["single_kept", "single_kept", "pkg_db2", "pkg_all"]),
    ({"Group": 0}, ["single_kept", "single_kept", "pkg_db2", "pkg_all"]),
    ({"Group": 1}, MANUAL),
    ({"BackupName": "pkg_all"}, ["pkg_all"]),
    ({"BackupName": "pkg"}, []),
    ({"BackupName": ""}, ["single_kept", "single_kept", "pkg_db2", "pkg_all"]),
    ({"Strategy": 0}, ["single_kept", "single_kept", "pkg_all"]),
    ({"Strategy": 1}, ["pkg_db2"]),
    ({"BackupWay": 1, "Group": 1}, MANUAL),
    ({"BackupWay": 2}, []),
    ({"DatabaseName": "db1"}, ["single_kept", "pkg_all"]),
    ({"DatabaseName": "db1", "Group": 1}, ["single_kept", "pkg_all"]),
    ({"DatabaseName": "db9"}, []),
    ({"Type": 1, "Group": 1}, MANUAL),
    ({"Type": 2}, []),
    ({"BackupFormat": "pkg"}, ["pkg_db2", "pkg_all"]),
    ({"BackupFormat": "single"}, ["single_kept", "single_kept"]),
    ({"StorageStrategy": 0}, ["pkg_db2", "pkg_all"]),
    ({"StorageStrategy": 1, "Group": 1}, ["single_kept"]),
    ({"BackupId": FIRST_FILE}, ["pkg_all"]),
    ({"BackupId": FIRST_FILE + 1}, []),
    ({"BackupId": FIRST_FILE + 2 * 1024 + 1}, ["single_kept"]),
    ({"BackupId": 0}, []),
    ({"BackupId": 2 ** 53 - 1}, []),
    ({"BackupFormat": "single", "DatabaseName": "db2", "Strategy": 0, "BackupWay": 1, "StorageStrategy": 1}, ["single_kept"]),
    ({"BackupFormat": "single", "DatabaseName": "db2", "Strategy": 1}, []),
]


@pytest.fixture(scope="module")
def both_forms():
    """An instance with archives and, after a change of its backup model, single files."""
    with server("--flow-seconds", "backup=0") as virga:
        create(virga, ARCHIVES, BackupName="pkg_all")
        create(virga, ARCHIVES, BackupName="pkg_db2", Strategy=1, DBNames=["db2"])
        ask(virga, "ModifyBackupStrategy", ARCHIVES, BackupModel="master_no_pkg")
        create(virga, ARCHIVES, BackupName="single_kept", StorageStrategy=1)
        yield virga


@pytest.mark.parametrize("filters,names", FILTERS, ids=[json.dumps(f) for f, _ in FILTERS])
def test_filter(both_forms, filters, names):
    answer = listed(both_forms, ARCHIVES, **filters)
    assert ([b["BackupName"] for b in answer["Backups"]], answer["TotalCount"]) == (names, len(names))


def test_each_page_follows_the_one_before(quick):
    for i in range(7):
        create(quick, ARCHIVES, BackupName=f"n{i}")
        advance(quick, 1)
    pages = [[b["BackupName"] for b in listed(quick, ARCHIVES, Limit=3, Offset=page)["Backups"]] for page in range(4)]
    assert pages == [["n6", "n5", "n4"], ["n3", "n2", "n1"], ["n0"], []]


def test_a_backup_is_found_by_its_own_times(quick):
    """As Terraform reads one: both bounds are those of the backup, and BackupId is its first file."""
    flow = create(quick, SINGLE)
    made = by_flow(quick, SINGLE, flow)
    found = ask(quick, "DescribeBackups", SINGLE, StartTime=made["StartTime"], EndTime=made["EndTime"], BackupId=made["Id"])
    assert [b["FileName"] for b in found["Backups"]] == [made["FileName"]]


# --- files ----------------------------------------------------------------------------------------------------------


def load(virga, address):
    assert address.startswith(virga.endpoint + "/"), address
    return virga.send(f"GET {address[len(virga.endpoint):]} HTTP/1.1\r\nHost: {virga.host}:{virga.port}\r\n\r\n".encode())


def test_an_archive_has_a_file_of_each_database(quick):
    made = by_flow(quick, ARCHIVES, create(quick, ARCHIVES))
    answer = load(quick, made["ExternalAddr"])
    assert (answer.status, len(answer.body)) == (200, made["Size"] * 1024)
    with tarfile.open(fileobj=io.BytesIO(answer.body)) as archive:
        assert archive.getnames() == ["db1.bak", "db2.bak"]
        assert b"database: db2\n" in archive.extractfile("db2.bak").read()
    assert load(quick, made["InternalAddr"]).body == answer.body


def test_a_log_backup_can_be_downloaded():
    with server("--flow-seconds", "autobackup=0") as virga:
        advance(virga, 86400)
        log = listed(virga, ARCHIVES, Type=2)["Backups"][0]
        answer = load(virga, log["ExternalAddr"])
        with tarfile.open(fileobj=io.BytesIO(answer.body)) as archive:
            assert archive.getnames() == [f"{name}.bak" for name in log["DBs"]]
        assert (answer.status, len(answer.body)) == (200, 1024 * log["Size"])
        assert load(virga, log["ExternalAddr"].replace(f"id={log['Id']}", f"id={log['Id'] - 1}")).status == 404


def test_single_files_are_different(quick):
    flow = create(quick, SINGLE)
    group = by_flow(quick, SINGLE, flow)["GroupId"]
    files = ask(quick, "DescribeBackupFiles", SINGLE, GroupId=group)["BackupFiles"]
    bodies = [load(quick, f["DownloadLink"]).body for f in files]
    assert [len(b) for b in bodies] == [f["Size"] * 1024 for f in files]
    assert len({hashlib.sha256(b).hexdigest() for b in bodies}) == 3
    assert all(f"database: {f['DBs'][0]}\n".encode() in b for f, b in zip(files, bodies))


def partly(virga, address, method="GET", **headers):
    """The status, the headers and the body of one request by curl."""
    connection = http.client.HTTPConnection(virga.host, virga.port, timeout=ANSWER_SECONDS)
    connection.request(method, address[len(virga.endpoint):], headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.headers, body


def test_a_download_can_continue(quick):
    """HEAD returns the size, a range the rest, and a range after the end is rejected with the size."""
    address = by_flow(quick, ARCHIVES, create(quick, ARCHIVES))["ExternalAddr"]
    whole = load(quick, address).body
    status, headers, body = partly(quick, address, "HEAD")
    assert (status, headers["Accept-Ranges"], int(headers["Content-Length"]), body) == (200, "bytes", len(whole), b"")
    status, headers, body = partly(quick, address, Range="bytes=1000-")
    assert (status, headers["Content-Range"], body) == (206, f"bytes 1000-{len(whole) - 1}/{len(whole)}", whole[1000:])
    assert partly(quick, address, Range="bytes=-10")[2] == whole[-10:]
    status, headers, body = partly(quick, address, Range=f"bytes={len(whole)}-")
    assert (status, headers["Content-Range"]) == (416, f"bytes */{len(whole)}") and b"InvalidRange" in body
    assert partly(quick, address, **{"Range": "bytes=0-1", "If-Range": '"v1"'})[::2] == (200, whole)


def test_an_address_is_valid_for_fifteen_minutes(quick):
    made = by_flow(quick, ARCHIVES, create(quick, ARCHIVES))
    first = load(quick, made["ExternalAddr"])
    advance(quick, 900)
    assert load(quick, made["ExternalAddr"]).body == first.body
    advance(quick, 1)
    late = load(quick, made["ExternalAddr"])
    assert (late.status, b"Request has expired" in late.body) == (403, True)
    fresh = listed(quick, ARCHIVES)["Backups"][0]["ExternalAddr"]
    assert load(quick, fresh).body == first.body


def test_a_changed_address_is_rejected(quick):
    """A longer time, the path of another file, no signature: 403."""
    made = by_flow(quick, ARCHIVES, create(quick, ARCHIVES))
    address, now = made["ExternalAddr"], 1655610084
    longer = address.replace(f"3b{now + 900}", f"3b{now + 9000}")
    assert longer != address
    for changed in (longer, address.replace("mssql-archives", "mssql-archiver"), address.split("?")[0],
                    address.replace("q-signature%3d", "q-signature%3d0")):
        assert load(quick, changed).status == 403, changed


def test_the_file_of_a_removed_or_expired_backup_is_gone(quick):
    removed = by_flow(quick, ARCHIVES, create(quick, ARCHIVES))
    ask(quick, "RemoveBackups", ARCHIVES, BackupNames=[removed["FileName"]])
    assert load(quick, removed["ExternalAddr"]).status == 404
    create(quick, ARCHIVES)
    advance(quick, 7 * 86400 - 60)
    aging = listed(quick, ARCHIVES, BackupWay=1)["Backups"][0]["ExternalAddr"]
    assert load(quick, aging).status == 200
    advance(quick, 60)
    assert load(quick, aging).status == 404


# --- the flow -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("restarted", [False, True])
def test_a_flow_that_is_due_is_applied_once(tmp_path, restarted):
    """Also when virga did not run at its due time: after the restart the frozen clock starts at --clock."""
    with server(db=tmp_path / "state.db") as virga:
        flow = create(virga, ARCHIVES)
        if restarted:
            virga.terminate()
            virga.command[virga.command.index(CLOCK)] = "2022-06-19T12:00:00+08:00"
            virga.restart()
        else:
            advance(virga, 3600)
        for _ in range(2):
            made = by_flow(virga, ARCHIVES, flow)
            assert (made["Status"], made["EndTime"]) == (1, "2022-06-19 11:41:26")
        assert listed(virga, ARCHIVES)["TotalCount"] == 1


def test_flows_end_in_the_order_of_their_times():
    """An hour passes at once; each flow ends at its own time, and the two databases are free again."""
    with server() as virga:
        flows = []
        for database in ("db1", "db2"):
            flows.append(create(virga, ARCHIVES, Strategy=1, DBNames=[database]))
            advance(virga, 1)
        advance(virga, 3600)
        assert [by_flow(virga, ARCHIVES, f)["EndTime"] for f in flows] == ["2022-06-19 11:41:26", "2022-06-19 11:41:27"]
        assert create(virga, ARCHIVES) > flows[-1]


def test_many_flows_that_end_together_end_quickly():
    """A thousand instances, each with a running backup: the first call after their end applies all of them."""
    instances = [{"instance_id": f"mssql-many{i:04d}", "databases": [{"name": "db1"}]} for i in range(1000)]
    world = json.loads(WORLD.read_text())
    world["accounts"][0]["regions"][0]["instances"] = instances
    with Virga("--seed", "1", "--quiet", "--limit", "off", "--flow-seconds", "backup=60", clock=CLOCK, world=world) as virga:
        client = virga.client()
        flows = [client.call("CreateBackup", {"InstanceId": i["instance_id"]}).response["FlowId"] for i in instances]
        advance(virga, 60)
        assert {client.call("DescribeFlowStatus", {"FlowId": f}).response["Status"] for f in flows} == {0}


def instance_status(virga, instance):
    answer = virga.call("DescribeDBInstances", {"InstanceIdSet": [instance]})
    assert answer.code is None, answer.body
    return answer.response["DBInstances"][0]["Status"]


def test_an_instance_is_in_status_7_while_a_backup_runs():
    with server() as virga:
        assert instance_status(virga, ARCHIVES) == 2
        create(virga, ARCHIVES, Strategy=1, DBNames=["db1"])
        advance(virga, 1)
        create(virga, ARCHIVES, Strategy=1, DBNames=["db2"])
        assert (instance_status(virga, ARCHIVES), instance_status(virga, SINGLE)) == (7, 2)
        advance(virga, 1)
        assert instance_status(virga, ARCHIVES) == 7, "the second still runs"
        advance(virga, 1)
        assert instance_status(virga, ARCHIVES) == 2
