"""Imports of backups and migrations in the state document, over a reset, and in the journal, which has no secret of theirs."""
import pathlib
import sqlite3

import pytest
from control import ask, done
from harness import Virga

TARGET, SOURCE = "mssql-i1z41iwd", "mssql-njj2mtpl"
PASSWORD = "hunter2hunter2"
CLOCK = "2022-06-19T11:41:24+08:00"
WORLD = pathlib.Path(__file__).parent / "worlds" / "migrations.json"
STATE = "/_virga/state"


@pytest.fixture
def virga():
    with Virga("--seed", "1", "--limit", "off", "--quiet", clock=CLOCK) as server:
        yield server


def call(virga, action, **params):
    answer = virga.call(action, params)
    assert answer.code is None, answer.body
    return answer.response


def refused(virga, action, **params):
    return virga.call(action, params).code


def databases(virga, instance=TARGET):
    rows = call(virga, "DescribeDBs", InstanceIdSet=[instance])["DBInstances"][0]["DBDetails"]
    return {row["Name"]: row["Status"] for row in rows}


def advance(virga, seconds):
    done(virga, "POST", "/_virga/clock/advance", {"seconds": seconds})


def started_import(virga):
    full = call(virga, "CreateBackupMigration", InstanceId=TARGET, RecoveryType="FULL_LOG", UploadType="COS_UPLOAD", MigrationName="a",
                BackupFiles=["shop_1_2full2_2noreconvery2.bak"])["BackupMigrationId"]
    call(virga, "ModifyBackupMigration", InstanceId=TARGET, BackupMigrationId=full, DBRename=[{"OldName": "shop", "NewName": "shop2"}])
    call(virga, "StartBackupMigration", InstanceId=TARGET, BackupMigrationId=full)
    return full


def running_migration(virga):
    number = call(virga, "CreateMigration", MigrateName="b", MigrateType=3, SourceType=1, Target={"InstanceId": TARGET, "Password": PASSWORD},
                  Source={"InstanceId": SOURCE, "UserName": "admin", "Password": PASSWORD, "UrlPassword": PASSWORD},
                  MigrateDBSet=[{"DBName": "db1"}])["MigrateId"]
    call(virga, "RunMigration", MigrateId=number)
    return number


def status_of(virga, full):
    return call(virga, "DescribeBackupMigration", InstanceId=TARGET, BackupMigrationId=full)["BackupMigrationSet"][0]["Status"]


def test_a_document_has_what_runs(virga):
    full, number = started_import(virga), running_migration(virga)
    document = ask(virga, "GET", STATE).body
    done(virga, "POST", "/_virga/reset")
    assert call(virga, "DescribeBackupMigration", InstanceId=TARGET)["TotalCount"] == 0
    assert call(virga, "DescribeMigrations")["TotalCount"] == 0
    assert "shop2" not in databases(virga)
    done(virga, "PUT", STATE, document)
    assert ask(virga, "GET", STATE).body == document
    assert (databases(virga)["shop2"], databases(virga)["db1"]) == (1, 1)
    advance(virga, 2)
    assert status_of(virga, full) == 8
    assert call(virga, "DescribeMigrationDetail", MigrateId=number)["Progress"] == 100


def test_a_reset_of_flows_fails_them(virga):
    full, number = started_import(virga), running_migration(virga)
    done(virga, "POST", "/_virga/reset?scope=flows")
    assert status_of(virga, full) == 10
    assert call(virga, "DescribeMigrationDetail", MigrateId=number)["Status"] == 5
    assert databases(virga) == {"orders": 2, "billing": 2}
    call(virga, "StartBackupMigration", InstanceId=TARGET, BackupMigrationId=full)
    call(virga, "RunMigration", MigrateId=number)
    advance(virga, 2)
    assert status_of(virga, full) == 8


def test_what_waits_outlives_a_reset_of_flows(virga):
    full, number = started_import(virga), running_migration(virga)
    advance(virga, 2)
    assert status_of(virga, full) == 8
    done(virga, "POST", "/_virga/reset?scope=flows")
    assert status_of(virga, full) == 8
    last = call(virga, "CreateIncrementalMigration", InstanceId=TARGET, BackupMigrationId=full, IsRecovery="YES",
                BackupFiles=["shop_2_2log2_2reconvery2.bak"])["IncrementalMigrationId"]
    call(virga, "StartIncrementalMigration", InstanceId=TARGET, BackupMigrationId=full, IncrementalMigrationId=last)
    call(virga, "CompleteMigration", MigrateId=number)
    advance(virga, 1)
    assert (databases(virga)["shop2"], databases(virga)["db1"]) == (2, 2)


def test_flows_without_a_duration_end_at_once():
    kinds = ("coldmigration", "incrementalmigration", "migrationcheck", "migration", "stopmigration", "completemigration")
    with Virga("--limit", "off", "--quiet", *[f"--flow-seconds={kind}=0" for kind in kinds]) as virga:
        full = started_import(virga)
        assert status_of(virga, full) == 8
        number = running_migration(virga)
        assert databases(virga)["db1"] == 1
        call(virga, "CompleteMigration", MigrateId=number)
        assert databases(virga)["db1"] == 2
        stopped = call(virga, "CreateMigration", MigrateName="c", MigrateType=3, SourceType=1, Source={"InstanceId": SOURCE},
                       Target={"InstanceId": TARGET}, MigrateDBSet=[{"DBName": "db2"}])["MigrateId"]
        call(virga, "StartMigrationCheck", MigrateId=stopped)
        assert call(virga, "QueryMigrationCheckProcess", MigrateId=stopped)["CurrentStep"] == 8
        call(virga, "RunMigration", MigrateId=stopped)
        call(virga, "StopMigration", MigrateId=stopped)
        assert "db2" not in databases(virga)
        assert refused(virga, "StopMigration", MigrateId=stopped) == "ResourceUnavailable.DBInvalidStatus"


def test_no_secret_is_kept(virga):
    running_migration(virga)
    full = call(virga, "CreateBackupMigration", InstanceId=TARGET, RecoveryType="FULL", UploadType="COS_UPLOAD",
                MigrationName="a")["BackupMigrationId"]
    shown = call(virga, "DescribeUploadBackupInfo", InstanceId=TARGET, BackupMigrationId=full)
    assert shown["TmpSecretKey"] == "virga-no-real-secret-key"
    calls = ask(virga, "GET", "/_virga/requests").body.decode()
    assert "CreateMigration" in calls and "DescribeUploadBackupInfo" in calls
    for secret in (PASSWORD, "no-real-secret-key", "no-real-token"):
        assert secret not in calls
    assert PASSWORD not in ask(virga, "GET", STATE).body.decode()


def test_a_new_start_does_not_repeat_the_world_file(tmp_path):
    with Virga("--limit", "off", "--quiet", world=WORLD, db=tmp_path / "virga.db") as virga:
        call(virga, "DeleteMigration", MigrateId=2728)
        call(virga, "DeleteBackupMigration", InstanceId="mssql-rdc0gajn", BackupMigrationId="mssql-backup-migration-cg0ffgqt")
        virga.terminate()
        virga.restart()
        assert {row["MigrateId"] for row in call(virga, "DescribeMigrations")["MigrateTaskSet"]} == {1066, 2729}
        assert call(virga, "DescribeBackupMigration", InstanceId="mssql-rdc0gajn")["TotalCount"] == 1
        assert databases(virga, "mssql-rdc0gajn") == {"orders": 2}


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    """A server with the world file's migrations, whose state file is locked by another program."""
    db = tmp_path_factory.mktemp("locked") / "virga.db"
    with Virga("--limit", "off", "--quiet", world=WORLD, db=db) as virga:
        other = sqlite3.connect(db, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        yield virga
        other.close()


@pytest.mark.parametrize("action,params", [
    ("CreateMigration", {"MigrateName": "a", "MigrateType": 2, "SourceType": 5, "Source": {"Url": ["http://x/a.bak"]},
                         "Target": {"InstanceId": "mssql-source01"}}),
    ("ModifyMigration", {"MigrateId": 2728, "MigrateName": "a"}), ("StartMigrationCheck", {"MigrateId": 1066}),
    ("StopMigration", {"MigrateId": 2729}), ("CompleteMigration", {"MigrateId": 2729})])
def test_a_state_file_that_is_locked(locked, action, params):
    assert refused(locked, action, **params) == "InternalError.CreateFlowFailed"
