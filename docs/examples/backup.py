"""Backs up an instance and waits for the end: a script as a user would write it, with the cloud's own SDK.

    backup.py INSTANCE

It retries what may pass. `careful` says what it does after a lost answer: a call that was not answered may have been carried
out, so that a second one would make a second backup.
"""
import os
import sys
import time
import uuid

from tencentcloud.common import credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sqlserver.v20180328 import models, sqlserver_client

ATTEMPTS = 4
SUCCESS, FAILURE = 0, 1  # of a flow's Status; 2 is running
# What the SDK calls an exchange that broke: whether the service has carried the call out is not known.
LOST = ("ClientNetworkError", "ServerNetworkError")


class BackupFailed(Exception):
    """The backup was begun and failed, or could not be begun."""


def connect():
    profile = ClientProfile(httpProfile=HttpProfile(protocol=os.environ.get("TENCENTCLOUD_PROTOCOL", "https").lower(),
                                                    endpoint=os.environ.get("TENCENTCLOUD_DOMAIN"), reqTimeout=10))
    key = credential.Credential(os.environ["TENCENTCLOUD_SECRET_ID"], os.environ["TENCENTCLOUD_SECRET_KEY"])
    return sqlserver_client.SqlserverClient(key, os.environ["TENCENTCLOUD_REGION"], profile)


def may_pass(error):
    return error.code in LOST or error.code.startswith(("RequestLimitExceeded", "InternalError"))


def is_there(client, instance, name):
    """Is there a backup of that name already?"""
    request = models.DescribeBackupsRequest()
    request.InstanceId, request.BackupName = instance, name
    request.StartTime, request.EndTime = "2000-01-01 00:00:00", "2099-12-31 00:00:00"
    return any(b.BackupName == name for b in client.DescribeBackups(request).Backups)


def start(client, instance, name, careful, pause):
    """Begins the backup: its flow's id, or None when it was found to be there already."""
    request = models.CreateBackupRequest()
    request.InstanceId, request.BackupName = instance, name
    for attempt in range(ATTEMPTS):
        try:
            return client.CreateBackup(request).FlowId
        except TencentCloudSDKException as error:
            if not may_pass(error) or attempt == ATTEMPTS - 1:
                raise BackupFailed(error.code) from error
            if careful and error.code in LOST and is_there(client, instance, name):
                return None
        time.sleep(pause * 2 ** attempt)


def finish(client, flow, pause):
    request = models.DescribeFlowStatusRequest()
    request.FlowId = flow
    while True:
        try:
            status = client.DescribeFlowStatus(request).Status
        except TencentCloudSDKException as error:
            if not may_pass(error):
                raise
            status = None  # not known this time
        if status == FAILURE:
            raise BackupFailed(f"flow {flow} failed")
        if status == SUCCESS:
            return
        time.sleep(pause)


def backup(client, instance, careful=True, pause=1.0):
    """The name of the finished backup."""
    name = "nightly_" + uuid.uuid4().hex[:12]
    flow = start(client, instance, name, careful, pause)
    if flow is not None:
        finish(client, flow, pause)
    return name


if __name__ == "__main__":
    print(backup(connect(), sys.argv[1]))
