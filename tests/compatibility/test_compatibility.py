"""What an earlier version has written opens with today's program: its state as a file and as a document, its journal, its world file.

The folder of each version holds them; make.py made them. The clock begins where that of the earlier run ended.
"""
import contextlib
import json
import pathlib
import sqlite3

import control
import harness
import pytest

HERE = pathlib.Path(__file__).resolve().parent
VERSIONS = ["0.1.0"]
CLOCK = "2022-06-22T11:43:24+08:00"
KEY = {"secret_id": "AKIDmain", "secret_key": "mainKey"}
ARCHIVES, WEEKLY, SLOW = "mssql-archives", "mssql-weekly01", "mssql-slowback"
MONTH = {"StartTime": "2022-06-01 00:00:00", "EndTime": "2022-07-01 00:00:00"}
OPTIONS = ("--seed", "1", "--quiet", "--limit", "off", "--flow-seconds", "backup=60", "--flow-seconds", "autobackup=60")


@pytest.fixture(params=VERSIONS)
def folder(request):
    return HERE / request.param


def load(dump, path):
    """Makes the database file that was dumped."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.executescript(dump.read_text())
    return path


def read(path, sql):
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute(sql)]


def serve(folder, *options, **fields):
    return harness.Virga(*OPTIONS, *options, clock=CLOCK, world=folder / "world.json", **fields)


@pytest.fixture(params=["file", "document"])
def virga(request, folder, tmp_path):
    """A server with the earlier state, which is in its file from the start, or was put as a document."""
    if request.param == "file":
        with serve(folder, db=load(folder / "state.sql", tmp_path / "state.db")) as server:
            yield server
    else:
        with serve(folder) as server:
            assert control.done(server, "PUT", "/_virga/state", (folder / "state.json").read_bytes())["rows"] > 100
            yield server


def schema_of(path):
    return {row["name"]: row["sql"] for row in read(path, "SELECT name, sql FROM sqlite_schema")}


def test_an_earlier_file_gets_the_schema_of_a_new_one(folder, tmp_path):
    old, new = load(folder / "state.sql", tmp_path / "old.db"), tmp_path / "new.db"
    for path in (old, new):
        with serve(folder, db=path):
            pass
    assert schema_of(old) == schema_of(new) and len(schema_of(new)) > 20


def call(virga, action, key=None, **params):
    answer = virga.call(action, params, **(key or KEY))
    assert answer.code is None, (action, answer.body)
    return answer.response


def flow_status(virga, flow, key=None):
    return call(virga, "DescribeFlowStatus", key, FlowId=flow)["Status"]


def backups(virga, instance, **filters):
    """(name, status, way) of each, newest first."""
    rows = call(virga, "DescribeBackups", InstanceId=instance, **MONTH, Group=1, **filters)["Backups"]
    return [(row["BackupName"], row["Status"], row["BackupWay"]) for row in rows]


def databases(virga):
    (instance,) = call(virga, "DescribeDBs", InstanceIdSet=[ARCHIVES])["DBInstances"]
    return {row["Name"]: row["Status"] for row in instance["DBDetails"]}


# --- the state ------------------------------------------------------------------------------------------------------


def columns_of(table, names):
    at = [table["columns"].index(name) for name in names]
    return [[row[i] for i in at] for row in table["rows"]]


def test_the_state_is_as_it_was_saved(virga, folder):
    """Every row of every table; a later version may have more tables and columns."""
    saved, now = json.loads((folder / "state.json").read_text()), control.done(virga, "GET", "/_virga/state")
    assert (now["format"], now["next_flow_id"]) == (saved["format"], saved["next_flow_id"])
    for name, table in saved["tables"].items():
        assert columns_of(now["tables"][name], table["columns"]) == table["rows"], name


def test_backups_are_listed(virga):
    assert backups(virga, ARCHIVES, BackupName="before_upgrade") == [("before_upgrade", 1, 1)]
    assert [way for _, _, way in backups(virga, ARCHIVES)] == [1, 0, 0, 0, 1], "three that the schedule made, between two others"
    assert backups(virga, WEEKLY)[0] == ("running", 0, 1)
    assert [status for _, status, _ in backups(virga, "mssql-failback")] == [2]
    made = call(virga, "DescribeBackupByFlowId", InstanceId=ARCHIVES, FlowId="5293")
    assert (made["Status"], made["DBs"], made["BackupName"]) == (1, ["db1"], "before_upgrade")
    assert virga.send(f"GET {made['ExternalAddr'][len(virga.endpoint):]} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()).status == 200


def test_databases_are_as_the_flows_left_them(virga):
    """Restored, renamed, made with a remark and a grant; and those that a running flow makes, renames and drops."""
    assert databases(virga) == {"db1": 2, "db1_restored": 2, "db2_renamed": 2, "made": 2, "db3": 3, "db4": -1, "made_clone": 1}
    (instance,) = call(virga, "DescribeDBs", InstanceIdSet=[ARCHIVES], Name="made")["DBInstances"]
    (made,) = [row for row in instance["DBDetails"] if row["Name"] == "made"]
    assert (made["Remark"], made["Accounts"]) == ("second", [{"UserName": "app", "Privilege": "ReadOnly", "AccountType": "L3"}])


def test_running_flows_end(virga):
    running = {5303: 0, 5304: 0, 5305: 0, 5306: 0, 5307: 0}
    assert {flow: flow_status(virga, flow) for flow in running} == dict.fromkeys(running, 2)
    control.done(virga, "POST", "/_virga/clock/advance", {"seconds": 3600})
    assert flow_status(virga, 5306) == 2, "it has no time at which it ends"
    control.done(virga, "POST", "/_virga/flows/5306/finish", {"outcome": "success"})
    assert {flow: flow_status(virga, flow) for flow in running} == running
    assert databases(virga) == {"db1": 2, "db1_restored": 2, "db2_renamed": 2, "made": 2, "db3_renamed": 2, "made_clone": 2}
    assert backups(virga, WEEKLY)[0] == ("running", 1, 1)


def test_the_next_flow_has_the_next_id(virga):
    assert call(virga, "CreateBackup", InstanceId=ARCHIVES, Strategy=1, DBNames=["db1"])["FlowId"] == 5309


def test_the_schedule_goes_on(virga):
    (row,) = call(virga, "DescribeDBInstances", InstanceIdSet=[WEEKLY])["DBInstances"]
    assert (row["BackupCycleType"], row["BackupCycle"], row["BackupTime"], row["BackupSaveDays"]) == ("weekly", [1, 5], "03:00", 9)
    control.done(virga, "POST", "/_virga/clock/advance", {"seconds": 2 * 86400})
    assert backups(virga, WEEKLY)[0] == (f"{WEEKLY}_20220624030000", 1, 0), "a Friday"


def test_the_test_account_has_its_key_and_its_flow(virga, folder):
    tables = json.loads((folder / "state.json").read_text())["tables"]
    ((uin, document),) = tables["guest"]["rows"]
    (key,) = json.loads(document)["accounts"][0]["credentials"]
    assert call(virga, "DescribeDBInstances", key)["TotalCount"] == 3
    assert flow_status(virga, 5308, key) == 2
    assert virga.call("DescribeFlowStatus", {"FlowId": 5303}, **key).code is not None, "another account's"
    assert control.done(virga, "POST", f"/_virga/reset?account={uin}")["removed"]["flows"] == 1


def test_an_instance_that_is_there_by_its_id_alone_stays_so(virga):
    assert SLOW not in [row["InstanceId"] for row in call(virga, "DescribeDBInstances", Limit=100)["DBInstances"]]
    (row,) = call(virga, "DescribeDBInstances", InstanceIdSet=[SLOW])["DBInstances"]
    assert row["Status"] == 7, "its flow runs"


def test_a_reset_takes_the_state_to_the_world_file(virga):
    assert control.done(virga, "POST", "/_virga/reset")["removed"]["flows"] == 16
    assert databases(virga) == dict.fromkeys(["db1", "db2", "db3", "db4"], 2)
    assert call(virga, "CreateBackup", InstanceId=ARCHIVES)["FlowId"] == 5293


def test_the_file_stays_one_that_the_views_describe(folder, tmp_path):
    file = load(folder / "state.sql", tmp_path / "state.db")
    with serve(folder, db=file) as virga:
        call(virga, "CreateBackup", InstanceId=ARCHIVES, Strategy=1, DBNames=["db1"])
    assert [row["status"] for row in read(file, "SELECT status FROM v_flows WHERE flow_id IN (5293, 5295, 5303, 5309) ORDER BY flow_id")] == [
        "success", "failure", "running", "running"]
    assert read(file, "SELECT name FROM v_backups WHERE flow_id = 5293") == [{"name": "before_upgrade"}]
    assert read(file, "PRAGMA integrity_check") == [{"integrity_check": "ok"}] and read(file, "PRAGMA foreign_key_check") == []


# --- the journal's file ---------------------------------------------------------------------------------------------


def test_the_journal_goes_on(folder, tmp_path):
    """The rows stay as they are; new calls come after them, and the flows and backups are those of today's state."""
    file = load(folder / "journal.sql", tmp_path / "journal.db")
    queries = [f"SELECT * FROM {view}" for view in ("v_requests ORDER BY serial", "v_flows ORDER BY flow_id", "v_backups ORDER BY flow_id")]
    before = [read(file, sql) for sql in queries]
    with serve(folder, "--journal", str(file), db=load(folder / "state.sql", tmp_path / "state.db")) as virga:
        call(virga, "CreateBackup", InstanceId=ARCHIVES, Strategy=1, DBNames=["db1"])
    requests, flows, saved = (read(file, sql) for sql in queries)
    old = len(before[0])
    assert [{name: row[name] for name in before[0][0]} for row in requests[:old]] == before[0]
    assert [(row["action"], row["code"], row["flow_id"]) for row in requests[old:]] == [("CreateBackup", "ok", 5309)]
    assert requests[old]["serial"] > requests[old - 1]["serial"]
    assert flows[:-1] == before[1] and (flows[-1]["flow_id"], flows[-1]["status"]) == (5309, "running")
    assert saved[:-1] == before[2] and saved[-1]["flow_id"] == 5309


def test_the_kept_journal_has_calls_of_each_kind(folder, tmp_path):
    """So that the test above compares something: calls that were done, and that failed by a signature, a fault and their parameters."""
    rows = read(load(folder / "journal.sql", tmp_path / "journal.db"), "SELECT * FROM v_requests ORDER BY serial")
    assert [row["code"] for row in rows[-5:]] == ["InternalError.SystemError", "", "AuthFailure.SignatureFailure",
                                                  "ResourceNotFound.InstanceNotFound", "InvalidParameter"]
    assert [row["injected"] for row in rows[-5:]] == ["fault 1", "fault 2", None, None, None]
    assert (rows[-4]["http_status"], rows[-3]["trace"], rows[-2]["language"], rows[-1]["params"]) == (0, "suite-1", "zh-CN", None)


# --- the world file -------------------------------------------------------------------------------------------------


@pytest.fixture
def world(folder):
    with serve(folder) as server:
        yield server


def test_the_instances_of_the_world_file(world):
    rows = {row["InstanceId"]: row for row in call(world, "DescribeDBInstances")["DBInstances"]}
    one, two, three = (rows.pop(name) for name in ("mssql-isolated", ARCHIVES, WEEKLY))
    assert rows == {}
    assert (one["Status"], two["Status"]) == (4, 2)
    shown = [two[name] for name in ("Name", "ProjectId", "Cpu", "Memory", "Storage", "Vip", "Vport", "UniqVpcId", "UniqSubnetId", "PayMode", "Zone")]
    assert shown == ["archives", 7, 4, 16, 200, "10.1.2.3", 58001, "vpc-idmq8dwn", "subnet-1qz3tgim", 1, "ap-guangzhou-6"]
    assert {tag["TagKey"]: tag["TagValue"] for tag in two["ResourceTags"]} == {"team": "games", "empty": ""}
    assert (three["BackupCycleType"], three["BackupCycle"], three["BackupTime"]) == ("weekly", [1, 4], "02:00")
    (row,) = call(world, "DescribeDBs", InstanceIdSet=[ARCHIVES], Name="db1")["DBInstances"][0]["DBDetails"]
    assert (row["Charset"], row["Remark"], row["Encryption"]) == ("SQL_Latin1_General_CP1_CI_AS", "备注", "enable")
    assert {(grant["UserName"], grant["Privilege"]) for grant in row["Accounts"]} == {("admin", "DBOwner"), ("app", "ReadWrite")}


@pytest.mark.parametrize("key, more, code", [
    ("reader", {}, "UnauthorizedOperation"), ("temporary", {}, "AuthFailure.TokenFailure"), ("temporary", {"token": "right-token"}, None),
    ("disabled", {}, "AuthFailure.SecretIdNotFound"), ("other", {}, "AuthFailure.InvalidSecretId"), ("mfa", {}, "AuthFailure.MFAFailure"),
    ("second", {}, "ResourceNotFound.InstanceNotFound")])
def test_the_credentials_of_the_world_file(world, key, more, code):
    assert world.call("CreateBackup", {"InstanceId": ARCHIVES}, secret_id=f"AKID{key}", secret_key=f"{key}Key", **more).code == code


def test_an_action_that_the_world_file_takes_offline(world):
    assert world.call("DescribeZones", {}, **KEY).code == "ActionOffline"


def names_in(value):
    if isinstance(value, list):
        return set().union(*map(names_in, value))
    return set(value).union(*map(names_in, value.values())) if isinstance(value, dict) else set()


def test_the_kept_world_file_has_every_key_of_its_version():
    """Those that a world file of 0.1.0 could have."""
    assert names_in(json.loads((HERE / "0.1.0" / "world.json").read_text())) == set("""
        version accounts offline_actions unavailable uin credentials regions ip_deny ip_allow limits global_region_uin ip secret_id secret_key kind
        enabled token expires mfa_required policy deny_actions deny_regions region instances instance_id name status project_id zone cpu memory
        storage instance_type machine_type pay_mode vip port vpc_id subnet_id note tags backup_model backup_type backup_hour backup_cycle
        backup_save_days logins databases key value account_type charset remark simple_recovery encrypted grants login privilege""".split())
