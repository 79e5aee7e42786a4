"""The store fails during each action on backups: the answer has the code that docs/coverage.md lists, and no change is made in part."""
import os
import resource
import sqlite3

import pytest

from control import done
from harness import Virga

INSTANCE = {"InstanceId": "mssql-njj2mtpl"}
WINDOW = {"StartTime": "2022-01-01 00:00:00", "EndTime": "2022-12-31 23:59:59"}
CLOCK = "2022-06-19T11:41:24+08:00"
FIRST_FILE = (1 << 35) + 5293 * 1024

READS = {
    "DescribeBackups": WINDOW,
    "DescribeBackupByFlowId": {"FlowId": "5293"},
    "DescribeBackupFiles": {"GroupId": "10000000005293"},
}
WRITES = {
    "ModifyBackupName": {"BackupName": "renamed", "BackupId": FIRST_FILE},
    "RemoveBackups": WINDOW,
    "ModifyBackupStrategy": {"BackupSaveDays": 30},
}
# Of the codes for a failing store, the first that the action declares.
BUSY = {"ModifyBackupName": "InternalError.DBError", "RemoveBackups": "InternalError.DBError",
        "ModifyBackupStrategy": "InternalError.SystemError"}
LOCKED = {"DescribeBackups": "FailedOperation.DBError", "DescribeBackupByFlowId": "InternalError.DBError",
          "DescribeBackupFiles": "InternalError.DBError"}
# The file is gone or damaged.
GONE = {action: "InternalError.SystemError" for action in (*READS, *WRITES)} | \
    {"DescribeBackupByFlowId": "FailedOperation.DBError"}


@pytest.fixture
def served(tmp_path):
    """A server on a file, with one finished backup of single files."""
    db = tmp_path / "state.db"
    options = ("--seed", "1", "--limit", "off", "--flow-seconds", "backup=0", "--quiet")
    with Virga(*options, db=db, clock=CLOCK) as virga:
        assert ask(virga, "ModifyBackupStrategy", {"BackupModel": "master_no_pkg"}) is None
        assert ask(virga, "CreateBackup", {}) is None
        yield virga, db


def ask(virga, action, params):
    """The code of the error, or None."""
    return virga.call(action, {**INSTANCE, **params}).code


def is_as_before(virga):
    listed = virga.call("DescribeBackups", {**INSTANCE, **WINDOW, "Group": 1}).response
    assert [b["BackupName"] for b in listed["Backups"]] == ["mssql-njj2mtpl_20220619114124"]


@pytest.mark.parametrize("action", WRITES)
def test_locked_by_another_program(served, action):
    virga, db = served
    other = sqlite3.connect(db, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert ask(virga, action, WRITES[action]) == BUSY[action]
    assert done(virga, "GET", "/_virga/why/last")["why"] == "store.locked"
    other.execute("ROLLBACK")
    other.close()
    is_as_before(virga)
    assert ask(virga, action, WRITES[action]) is None


@pytest.mark.parametrize("action", READS)
def test_reading_does_not_wait_for_another_program(served, action):
    virga, db = served
    other = sqlite3.connect(db, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert ask(virga, action, READS[action]) is None
    other.execute("ROLLBACK")
    other.close()


@pytest.mark.parametrize("action", WRITES)
def test_full_disk(served, action):
    virga, db = served
    resource.prlimit(virga.process.pid, resource.RLIMIT_FSIZE, (os.path.getsize(f"{db}-wal"), resource.RLIM_INFINITY))
    assert ask(virga, action, WRITES[action]) == BUSY[action]
    assert done(virga, "GET", "/_virga/why/last")["why"] == "store.full"
    is_as_before(virga)
    resource.prlimit(virga.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert ask(virga, action, WRITES[action]) is None


@pytest.mark.parametrize("action", WRITES)
def test_removed_file(served, action):
    virga, db = served
    os.rename(db, f"{db}.elsewhere")
    assert ask(virga, action, WRITES[action]) == GONE[action]
    os.rename(f"{db}.elsewhere", db)
    assert ask(virga, action, WRITES[action]) is None


# --- a call that only reads writes all the same when a flow is due ---------------------------------------------------


@pytest.fixture
def due(tmp_path):
    """A server on a file, with a backup that has become due since the last call."""
    db = tmp_path / "state.db"
    with Virga("--seed", "1", "--limit", "off", "--flow-seconds", "backup=60", "--quiet", db=db, clock=CLOCK) as virga:
        assert ask(virga, "ModifyBackupStrategy", {"BackupModel": "master_no_pkg"}) is None
        assert ask(virga, "CreateBackup", {}) is None
        body = b'{"seconds":60}'
        head = f"POST /_virga/clock/advance HTTP/1.1\r\nHost: {virga.host}\r\nContent-Length: {len(body)}\r\n\r\n"
        assert virga.send(head.encode() + body).status == 200
        yield virga, db


@pytest.mark.parametrize("action", READS)
def test_locked_when_a_flow_is_due(due, action):
    virga, db = due
    other = sqlite3.connect(db, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert ask(virga, action, READS[action]) == LOCKED[action]
    other.execute("ROLLBACK")
    other.close()
    assert ask(virga, action, READS[action]) is None
    is_as_before(virga)


@pytest.mark.parametrize("action", READS)
def test_damaged_file(tmp_path, action):
    """A page of a table is overwritten while no server runs. The server finds it when it reads the page."""
    db = tmp_path / "state.db"
    with Virga("--seed", "1", "--limit", "off", "--flow-seconds", "backup=0", "--quiet", db=db, clock=CLOCK) as virga:
        assert ask(virga, "ModifyBackupStrategy", {"BackupModel": "master_no_pkg"}) is None
        assert ask(virga, "CreateBackup", {}) is None
        virga.terminate()
        overwrite_table(db, "backup")
        virga.restart()
        assert ask(virga, action, READS[action]) == GONE[action]


def overwrite_table(db, table):
    with sqlite3.connect(db) as connection:
        root, = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
        size, = connection.execute("PRAGMA page_size").fetchone()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with open(db, "r+b") as f:
        f.seek((root - 1) * size)
        f.write(b"\xff" * size)
