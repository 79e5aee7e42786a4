"""The calls of the SQL Server resources of the Terraform provider, in its order and with its parameters, and what it needs from the answers.

Terraform itself does not run. After each change the provider reads the resource, and a plan shows every difference from what was given
as a change. It reads many fields without a check whether they are present. Its endpoint is a name below localhost that is not resolved,
since virga is its proxy.
"""
import json
import pathlib
import sys
import time

import pytest
from tencentcloud.common import credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sqlserver.v20180328 import models, sqlserver_client

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import harness  # noqa: E402

DONE_SECONDS = 30
INSTANCE = "mssql-njj2mtpl"
PAGE = 20  # of every list it asks for
SEPARATOR = "#"  # of the parts of a resource's id
GONE = (4, 6, 8)  # the provider ignores instances in these states
RETRIED = ("RequestLimitExceeded", "ResourceInUse", "ResourceUnavailable", "ResourceBusy")  # also with a subcode


class Provider:
    """Calls actions by name through the typed client, over a proxy as the provider does."""

    def __init__(self, virga):
        here = f"{virga.host}:{virga.port}"
        http = HttpProfile(protocol="http", endpoint=f"sqlserver.localhost:{virga.port}", proxy=here)
        key = credential.Credential(harness.SECRET_ID, harness.SECRET_KEY)
        profile = ClientProfile(httpProfile=http, language="en-US")
        self.client = sqlserver_client.SqlserverClient(key, harness.REGION, profile)

    def __call__(self, action, **fields):
        request = getattr(models, f"{action}Request")()
        request.from_json_string(json.dumps(fields))
        return getattr(self.client, action)(request)

    def refused(self, action, **fields):
        with pytest.raises(TencentCloudSDKException) as caught:
            self(action, **fields)
        return caught.value.get_code()

    def until(self, running, action, **fields):
        """Calls until the Status is another than `running`. Returns that answer."""
        deadline = time.monotonic() + DONE_SECONDS
        while (answer := self(action, **fields)).Status == running:
            assert time.monotonic() < deadline, (action, fields)
            time.sleep(0.1)
        return answer

    def done(self, flow_id):
        assert self.until(2, "DescribeFlowStatus", FlowId=flow_id).Status == 0


@pytest.fixture(scope="module")
def provider():
    kinds = ("backup=1", "createdb=0", "deletedb=0", "renamedb=0", "clone=1", "restore=1", "rollback=0")
    with harness.Virga("--limit", "off", *(word for kind in kinds for word in ("--flow-seconds", kind))) as virga:
        yield Provider(virga)


# --- general_backup, and the sources of backups -----------------------------------------------------------------------


def back_up(provider, **given):
    """The answer about the finished backup, and the parts of the resource's id."""
    flow = provider("CreateBackup", InstanceId=INSTANCE, **given).FlowId
    made = provider.until(0, "DescribeBackupByFlowId", InstanceId=INSTANCE, FlowId=str(flow))
    assert made.Status == 1
    parts = (INSTANCE, made.Id, flow, made.StartTime, made.EndTime, made.FileName)
    assert all(parts) and not any(SEPARATOR in str(part) for part in parts), parts
    return made, flow


def backups(provider, made):
    """Reads a backup as the resource does: by the times in its id."""
    return provider("DescribeBackups", InstanceId=INSTANCE, StartTime=made.StartTime, EndTime=made.EndTime, BackupId=made.Id,
                    Offset=0, Limit=PAGE).Backups


@pytest.mark.parametrize("given", [
    {}, {"BackupName": "from_terraform"}, {"BackupName": "two", "Strategy": 1, "DBNames": ["db2", "db1"]}], ids=json.dumps)
def test_general_backup(provider, given):
    made, flow = back_up(provider, **given)
    (row,) = backups(provider, made)
    assert row.Strategy == given.get("Strategy", 0)  # 0 is never sent
    assert row.BackupName == given.get("BackupName", made.BackupName) != ""
    assert "DBNames" not in given or set(row.DBs) == set(given["DBNames"])
    provider("ModifyBackupName", InstanceId=INSTANCE, BackupId=made.Id, BackupName="renamed")
    assert [b.BackupName for b in backups(provider, made)] == ["renamed"]
    provider("RemoveBackups", InstanceId=INSTANCE, BackupNames=[made.FileName])
    assert backups(provider, made) == []
    assert provider.refused("DescribeBackupByFlowId", InstanceId=INSTANCE, FlowId=str(flow)) == "ResourceNotFound.BackupNotFound"


def test_a_second_backup_of_a_busy_database_is_tried_again(provider):
    flow = provider("CreateBackup", InstanceId=INSTANCE).FlowId
    assert provider.refused("CreateBackup", InstanceId=INSTANCE).partition(".")[0] in RETRIED
    provider.done(flow)


def test_source_of_backups(provider):
    """Every row needs an Id. The provider asks for a second page by the number of its first row."""
    back_up(provider, BackupName="listed")
    rows = provider("DescribeBackups", InstanceId=INSTANCE, StartTime="2000-01-01 00:00:00", EndTime="2099-01-01 00:00:00",
                    BackupName="listed", Offset=0, Limit=PAGE).Backups
    assert [(b.BackupName, b.Id > 0) for b in rows] == [("listed", True)]
    assert None not in (rows[0].Size, rows[0].BackupWay, rows[0].Status, rows[0].ExternalAddr, rows[0].InternalAddr)


# --- db, general_clone, restore_instance, rollback_instance -----------------------------------------------------------


def databases(provider, **page):
    """The provider accepts only a list of one instance."""
    answer = provider("DescribeDBs", InstanceIdSet=[INSTANCE], **page)
    assert answer.TotalCount > 0 and [i.InstanceId for i in answer.DBInstances] == [INSTANCE]
    return {d.Name: d for d in answer.DBInstances[0].DBDetails}


def drop(provider, *names):
    provider.done(provider("DeleteDB", InstanceId=INSTANCE, Names=names).FlowId)
    assert not set(names) & set(databases(provider))


@pytest.mark.parametrize("remark,shown", [("made by terraform", "made by terraform"), ("", "--")])
def test_db(provider, remark, shown):
    """Without a remark the documented -- is returned, which every plan then wants to change."""
    (instance,) = provider("DescribeDBInstances", InstanceIdSet=[INSTANCE], Offset=0, Limit=PAGE).DBInstances
    assert instance.Status not in GONE
    provider.done(provider("CreateDB", InstanceId=INSTANCE, DBs=[
        {"DBName": "app", "Charset": "SQL_Latin1_General_CP1_CI_AS", "Remark": remark}]).FlowId)
    row = databases(provider, Offset=0, Limit=PAGE)["app"]
    assert (row.Charset, row.Remark, row.Status) == ("SQL_Latin1_General_CP1_CI_AS", shown, 2) and row.CreateTime
    drop(provider, "app")


def test_db_with_another_remark(provider):
    """The provider does not read after the change. The next plan reads, and must find what was given."""
    others = {name: row.Remark for name, row in databases(provider).items()}
    provider.done(provider("CreateDB", InstanceId=INSTANCE, DBs=[{"DBName": "app", "Remark": "first"}]).FlowId)
    assert provider("ModifyDBRemark", InstanceId=INSTANCE, DBRemarks=[{"Name": "app", "Remark": "second"}]).RequestId
    assert {name: row.Remark for name, row in databases(provider).items()} == {**others, "app": "second"}
    drop(provider, "app")


def clones(provider):
    """Reads as the resource does: all databases of the instance, of which it selects its own by the name."""
    answer = provider("DescribeDBsNormal", InstanceId=INSTANCE)
    assert answer.TotalCount == len(answer.DBList) > 0
    return [row.Name for row in answer.DBList]


def test_general_clone(provider):
    """A new name of the copy renames it. Then the id of the resource has the new name."""
    provider.done(provider("CloneDB", InstanceId=INSTANCE, RenameRestore=[{"OldName": "db1", "NewName": "db1_clone"}]).FlowId)
    assert {"db1", "db1_clone"} <= set(clones(provider))
    provider.done(provider("ModifyDBName", InstanceId=INSTANCE, OldDBName="db1_clone", NewDBName="db1_copy").FlowId)
    assert "db1_copy" in clones(provider) and "db1_clone" not in clones(provider)
    drop(provider, "db1_copy")
    assert "db1_copy" not in clones(provider)


def test_restore_instance(provider):
    made, _ = back_up(provider)
    names = [{"OldName": old, "NewName": f"{old}_restored"} for old in ("db1", "db2")]
    provider.done(provider("RestoreInstance", InstanceId=INSTANCE, BackupId=made.Id, RenameRestore=names).FlowId)
    rows = databases(provider)
    assert {rows[n].Encryption for n in ("db1", "db2", "db1_restored", "db2_restored")} == {"disable"}
    drop(provider, "db1_restored", "db2_restored")


def test_rollback_instance(provider):
    """The time comes from the data source of rollback times. The databases are those of RenameRestore, since DBs is not sent."""
    times = provider("DescribeRollbackTime", InstanceId=INSTANCE, DBs=["db1"]).Details
    assert [(t.DBName, t.StartTime <= t.EndTime) for t in times] == [("db1", True)]
    provider.done(provider("RollbackInstance", InstanceId=INSTANCE, Type=1, Time=times[0].EndTime,
                           RenameRestore=[{"OldName": "db1", "NewName": "db1_back"}]).FlowId)
    assert {"db1", "db1_back"} <= set(databases(provider))
    drop(provider, "db1_back")


# --- config_backup_strategy, and the sources of the rest --------------------------------------------------------------


@pytest.mark.parametrize("given", [
    {"BackupType": "weekly", "BackupTime": 0, "BackupCycle": [1, 3, 5]},
    {"BackupType": "daily", "BackupTime": 0, "BackupDay": 1, "BackupCycle": [1]}], ids=json.dumps)
def test_config_backup_strategy(provider, given):
    """The provider compares the cycle also in a daily strategy, where it means nothing. It can read only the hour 0."""
    provider("ModifyBackupStrategy", InstanceId=INSTANCE, BackupModel="master_pkg", BackupSaveDays=7, **given)
    (row,) = provider("DescribeDBInstances", InstanceIdSet=[INSTANCE]).DBInstances
    assert (row.InstanceId, row.BackupModel, row.BackupSaveDays) == (INSTANCE, "master_pkg", 7)
    assert (row.BackupCycleType, row.BackupCycle, row.BackupTime) == (given["BackupType"], given["BackupCycle"], "00:00")


def test_sources_without_a_resource(provider):
    regions = provider("DescribeRegions")
    assert regions.TotalCount == len(regions.RegionSet) > 0 and all(r.Region for r in regions.RegionSet)
    shown = provider("DescribeDBInstancesAttribute", InstanceId=INSTANCE)
    assert (shown.InstanceId, shown.RegularBackupEnable, shown.TDEConfig.Encryption) == (INSTANCE, "disable", "disable")
