"""Restore tasks and the strategy of copies are part of the state: saved, restored and reset with it."""
import pytest
from control import ask, done
from harness import Virga

STATE = "/_virga/state"
INSTANCE = {"InstanceId": "mssql-njj2mtpl"}
WINDOW = {"StartTime": "2026-01-01 00:00:00", "EndTime": "2026-01-03 00:00:00"}


@pytest.fixture
def virga():
    with Virga("--seed", "1", "--clock", "2026-01-01T00:00:00+08:00", "--limit", "off", "--flow-seconds", "backup=0",
               "--quiet") as server:
        yield server


def answer(virga, action, params):
    result = virga.call(action, params)
    assert result.code is None, result.body
    return result.response


def seen(virga):
    """What clients see: the ids of restore tasks, and the regions of copies."""
    tasks = answer(virga, "DescribeRestoreTask", {**INSTANCE, **WINDOW})["Tasks"]
    shown = answer(virga, "DescribeDBInstances", {"InstanceIdSet": [INSTANCE["InstanceId"]]})["DBInstances"][0]
    return [task["FlowId"] for task in tasks], shown["CrossRegions"]


def prepare(virga):
    """A restore, and copies to Shanghai."""
    answer(virga, "CreateBackup", INSTANCE)
    backups = answer(virga, "DescribeBackups", {**INSTANCE, **WINDOW, "BackupWay": 1})["Backups"]
    flow = answer(virga, "RestoreInstance", {**INSTANCE, "BackupId": backups[0]["Id"]})["FlowId"]
    answer(virga, "ModifyCrossBackupStrategy",
           {**INSTANCE, "CrossBackupEnabled": "enable", "CrossBackupRegion": ["ap-shanghai"]})
    assert seen(virga) == ([flow], ["ap-shanghai"])
    return flow


def test_they_are_saved_and_restored(virga):
    flow = prepare(virga)
    before = ask(virga, "GET", STATE).body
    answer(virga, "DeleteRestoreTask", {**INSTANCE, "RestoreIds": [flow]})
    answer(virga, "ModifyCrossBackupStrategy", {**INSTANCE, "CrossBackupEnabled": "disable", "CleanUpCrossBackup": 1})
    assert seen(virga) == ([], [])
    done(virga, "PUT", STATE, before)
    assert seen(virga) == ([flow], ["ap-shanghai"])


@pytest.mark.parametrize("scope, left", [("?scope=flows", ["ap-shanghai"]), ("", [])])
def test_they_are_reset(virga, scope, left):
    prepare(virga)
    done(virga, "POST", f"/_virga/reset{scope}")
    assert seen(virga) == ([], left)
