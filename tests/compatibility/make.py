"""Makes the files of a version that every later version must open: make.py FOLDER, with VIRGA_BIN naming that version's program.

The folder holds world.json. state.sql, journal.sql and state.json are made from it: the state's database and the journal's as SQL dumps, and
the state as the control API gives it. The clock is frozen and the seed is fixed, so a second run differs in the ids of requests, in the
time of the machine's clock and in signatures alone.
"""
import contextlib
import pathlib
import sqlite3
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import control  # noqa: E402
import harness  # noqa: E402

CLOCK = "2022-06-19T11:41:24+08:00"
KEY = {"secret_id": "AKIDmain", "secret_key": "mainKey"}
ARCHIVES, WEEKLY, SLOW = "mssql-archives", "mssql-weekly01", "mssql-slowback"
SECONDS = {"backup": "60", "autobackup": "60", "restore": "60", "clone": "3600", "createdb": "60", "renamedb": "60", "deletedb": "manual"}
OPTIONS = ["--seed", "1", "--quiet", "--limit", "off", *(word for kind, n in SECONDS.items() for word in ("--flow-seconds", f"{kind}={n}"))]
PRAGMAS = ("application_id", "user_version", "page_size", "encoding")


def call(virga, action, instance, **params):
    answer = virga.call(action, {"InstanceId": instance, **params}, **KEY)
    assert answer.code is None, (action, answer.body)
    return answer.response


def advance(virga, seconds):
    control.done(virga, "POST", "/_virga/clock/advance", {"seconds": seconds})
    call(virga, "DescribeBackups", ARCHIVES, StartTime="2022-06-01 00:00:00", EndTime="2022-07-01 00:00:00")  # applies the flows that are due


def finished_work(virga):
    """Backups of each kind, one of them renamed; databases that were made, restored, renamed and noted; one flow that failed."""
    flow = call(virga, "CreateBackup", ARCHIVES, Strategy=1, DBNames=["db1"], BackupName="first")["FlowId"]
    call(virga, "CreateBackup", WEEKLY, StorageStrategy=1)
    call(virga, "CreateBackup", "mssql-failback")
    advance(virga, 60)
    backup = call(virga, "DescribeBackupByFlowId", ARCHIVES, FlowId=str(flow))["Id"]
    call(virga, "ModifyBackupName", ARCHIVES, BackupId=backup, BackupName="before_upgrade")
    call(virga, "RestoreInstance", ARCHIVES, BackupId=backup, RenameRestore=[{"OldName": "db1", "NewName": "db1_restored"}])
    call(virga, "ModifyDBName", ARCHIVES, OldDBName="db2", NewDBName="db2_renamed")
    call(virga, "CreateDB", ARCHIVES, DBs=[{"DBName": "made", "Remark": "first", "Accounts": [{"UserName": "app", "Privilege": "ReadOnly"}]}])
    advance(virga, 60)
    call(virga, "ModifyDBRemark", ARCHIVES, DBRemarks=[{"Name": "made", "Remark": "second"}])
    call(virga, "ModifyBackupStrategy", WEEKLY, BackupType="weekly", BackupCycle=[1, 5], BackupTime=3, BackupModel="master_no_pkg", BackupSaveDays=9)
    advance(virga, 3 * 86400)  # the schedules make backups


def running_work(virga):
    """Flows of four kinds that run, one of them without a time at which it ends, and one of an instance that exists for its id alone."""
    call(virga, "CreateBackup", WEEKLY, Strategy=1, DBNames=["db1"], BackupName="running")
    call(virga, "CloneDB", ARCHIVES, RenameRestore=[{"OldName": "made", "NewName": "made_clone"}])
    call(virga, "ModifyDBName", ARCHIVES, OldDBName="db3", NewDBName="db3_renamed")
    call(virga, "DeleteDB", ARCHIVES, Names=["db4"])
    call(virga, "CreateBackup", SLOW)


def test_account(virga):
    """An account that a test asked for, with a backup that runs."""
    key = control.done(virga, "POST", "/_virga/accounts", {})
    own = {"secret_id": key["secret_id"], "secret_key": key["secret_key"]}
    assert virga.call("CreateBackup", {"InstanceId": WEEKLY}, **own).code is None


def refused_calls(virga):
    """What a journal keeps of calls that fail: by their signature, by a fault, by a lost answer, without parameters that can be read."""
    for effect in ({"code": "InternalError.SystemError"}, {"close": "before"}):
        control.done(virga, "POST", "/_virga/faults", {"action": "DescribeDBs", "count": 1, **effect})
        virga.call("DescribeDBs", {"InstanceIdSet": [ARCHIVES]}, **KEY)
    virga.call("CreateBackup", {"InstanceId": ARCHIVES}, secret_id="AKIDmain", secret_key="wrong", headers={"X-TC-TraceId": "suite-1"})
    virga.call("CreateBackup", {"InstanceId": "mssql-nowhere1"}, mode="v1", language="zh-CN", **KEY)
    virga.call("CreateBackup", '{"InstanceId"', **KEY)


def dump(path):
    """The file as SQL: what the dump of SQLite leaves out is written first."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        lines = []
        for name in PRAGMAS:
            value = db.execute(f"PRAGMA {name}").fetchone()[0]
            lines.append(f"PRAGMA {name} = '{value}';" if isinstance(value, str) else f"PRAGMA {name} = {value};")
        return "\n".join([*lines, *db.iterdump()]) + "\n"


def make(folder):
    with tempfile.TemporaryDirectory() as name:
        state, journal = pathlib.Path(name, "state.db"), pathlib.Path(name, "journal.db")
        with harness.Virga(*OPTIONS, "--journal", str(journal), db=state, clock=CLOCK, world=folder / "world.json") as virga:
            finished_work(virga)
            running_work(virga)
            test_account(virga)
            refused_calls(virga)
            (folder / "state.json").write_bytes(control.ask(virga, "GET", "/_virga/state").body)
        (folder / "state.sql").write_text(dump(state))
        (folder / "journal.sql").write_text(dump(journal))


if __name__ == "__main__":
    make(pathlib.Path(sys.argv[1]).resolve())
