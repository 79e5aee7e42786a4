"""The whole lifecycle of a backup through the official Python SDK, printed as a transcript, which pytest -s shows."""
import hashlib
import json
import pathlib
import re
import sys
import time
import urllib.request

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


class Transcript:
    """Calls actions by name through the typed client, and prints each call with its answer."""

    def __init__(self, virga):
        http = HttpProfile(protocol="http", endpoint=f"{virga.host}:{virga.port}")
        key = credential.Credential(harness.SECRET_ID, harness.SECRET_KEY)
        self.client = sqlserver_client.SqlserverClient(key, harness.REGION, ClientProfile(httpProfile=http, language="en-US"))

    def __call__(self, action, **fields):
        request = getattr(models, f"{action}Request")()
        request.from_json_string(json.dumps(fields))
        print(f"> {action} {json.dumps(fields)}")
        try:
            answer = getattr(self.client, action)(request)
        except TencentCloudSDKException as error:
            print(f"< {error.get_code()}: {error.get_message()}")
            raise
        print(f"< {answer.to_json_string()}")
        return answer

    def wait(self, flow_id):
        """The states that DescribeFlowStatus has returned, each once."""
        states, deadline = [], time.monotonic() + DONE_SECONDS
        while not states or states[-1] == 2:
            assert time.monotonic() < deadline, f"flow {flow_id} does not end"
            state = self("DescribeFlowStatus", FlowId=flow_id).Status
            states += [state] if state not in states else []
            time.sleep(0.2)
        return states


@pytest.fixture
def sdk():
    with harness.Virga("--flow-seconds", "backup=1", "--flow-seconds", "restore=1") as virga:
        yield Transcript(virga)


def day_of(moment):
    return {"StartTime": f"{moment[:10]} 00:00:00", "EndTime": f"{moment[:10]} 23:59:59"}


def database_names(sdk):
    lists = sdk("DescribeDBs", InstanceIdSet=[INSTANCE]).DBInstances
    assert [i.InstanceId for i in lists] == [INSTANCE]
    return {d.Name: d.Status for d in lists[0].DBDetails}


def make_backup(sdk):
    """Backs up db1 and waits. Returns the FlowId and the answer of DescribeBackupByFlowId."""
    found = sdk("DescribeDBInstances", InstanceIdSet=[INSTANCE])
    assert (found.TotalCount, found.DBInstances[0].Status) == (1, 2)
    flow_id = sdk("CreateBackup", InstanceId=INSTANCE, Strategy=1, DBNames=["db1"]).FlowId
    running = sdk("DescribeBackupByFlowId", InstanceId=INSTANCE, FlowId=str(flow_id))
    assert (running.Status, running.Id, running.FileName, running.EndTime) == (0, 0, "", "0000-00-00 00:00:00")
    assert sdk("DescribeDBInstances", InstanceIdSet=[INSTANCE]).DBInstances[0].Status == 7
    assert sdk.wait(flow_id) == [2, 0]
    made = sdk("DescribeBackupByFlowId", InstanceId=INSTANCE, FlowId=str(flow_id))
    assert (made.Status, made.DBs, made.BackupWay, made.Id > 2 ** 32) == (1, ["db1"], 1, True)
    assert re.fullmatch(r"manual_specific_1433_\d{14}\.bak\.tar", made.FileName)
    assert sdk("DescribeDBInstances", InstanceIdSet=[INSTANCE]).DBInstances[0].Status == 2
    return flow_id, made


def list_and_rename(sdk, made):
    sdk("ModifyBackupName", InstanceId=INSTANCE, BackupId=made.Id, BackupName="before_upgrade")
    listed = sdk("DescribeBackups", InstanceId=INSTANCE, BackupName="before_upgrade", **day_of(made.StartTime))
    assert (listed.TotalCount, [b.Id for b in listed.Backups]) == (1, [made.Id])
    return listed.Backups[0]


def load(backup):
    with urllib.request.urlopen(backup.ExternalAddr, timeout=10) as answer:
        data = answer.read()
    print(f"> GET {backup.ExternalAddr}\n< {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}")
    return data


def test_the_life_of_a_backup(sdk):
    flow_id, made = make_backup(sdk)
    backup = list_and_rename(sdk, made)
    assert len(load(backup)) == backup.Size * 1024
    assert load(backup) == load(backup)
    restored = sdk("RestoreInstance", InstanceId=INSTANCE, BackupId=made.Id,
                   RenameRestore=[{"OldName": "db1", "NewName": "db1_again"}])
    assert sdk.wait(restored.FlowId) == [2, 0]
    assert database_names(sdk) == {"db1": 2, "db2": 2, "db1_again": 2}
    sdk("RemoveBackups", InstanceId=INSTANCE, BackupNames=[made.FileName])
    with pytest.raises(TencentCloudSDKException) as caught:
        sdk("DescribeBackupByFlowId", InstanceId=INSTANCE, FlowId=str(flow_id))
    assert caught.value.get_code() == "ResourceNotFound.BackupNotFound"
    assert sdk("DescribeBackups", InstanceId=INSTANCE, BackupWay=1, **day_of(made.StartTime)).TotalCount == 0
