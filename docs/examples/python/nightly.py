"""Backs up an instance and waits until the backup is finished: a typical user's script, with the cloud's own SDK.

    nightly.py INSTANCE

The script retries temporary errors. `careful` decides what it does after a lost response. The service may have executed
a call whose response was lost, so that a second call would make a second backup. With `careful` the script looks for
the backup first.
"""
import os
import sys
import time
import uuid
from typing import Any, Callable, List, Optional

from tencentcloud.common import credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sqlserver.v20180328 import models, sqlserver_client

ATTEMPTS = 4
SUCCESS, FAILURE = 0, 1  # of a flow's Status; 2 is running
# The SDK's codes for a broken connection: it is unknown whether the service has executed the call.
LOST = ("ClientNetworkError", "ServerNetworkError")

Sleep = Callable[[float], None]


class BackupFailed(Exception):
    """The backup was started and failed, or could not be started."""


def connect() -> Any:
    profile = ClientProfile(httpProfile=HttpProfile(protocol=os.environ.get("TENCENTCLOUD_PROTOCOL", "https").lower(),
                                                    endpoint=os.environ.get("TENCENTCLOUD_DOMAIN"), reqTimeout=10))
    key = credential.Credential(os.environ["TENCENTCLOUD_SECRET_ID"], os.environ["TENCENTCLOUD_SECRET_KEY"])
    return sqlserver_client.SqlserverClient(key, os.environ["TENCENTCLOUD_REGION"], profile)


def is_temporary(code: str) -> bool:
    return code in LOST or code.startswith(("RequestLimitExceeded", "InternalError"))


def find_backups(client: Any, instance: str, name: str) -> List[Any]:
    """Returns the backups of the instance that have this name."""
    request = models.DescribeBackupsRequest()
    request.InstanceId, request.BackupName = instance, name
    request.StartTime, request.EndTime = "2000-01-01 00:00:00", "2099-12-31 00:00:00"
    return [b for b in client.DescribeBackups(request).Backups if b.BackupName == name]


def start(client: Any, instance: str, name: str, careful: bool, sleep: Sleep) -> Optional[int]:
    """Starts the backup. Returns the id of its flow, or None when the backup exists already."""
    request = models.CreateBackupRequest()
    request.InstanceId, request.BackupName = instance, name
    for attempt in range(ATTEMPTS):
        try:
            return int(client.CreateBackup(request).FlowId)
        except TencentCloudSDKException as error:
            if not is_temporary(error.code) or attempt == ATTEMPTS - 1:
                raise BackupFailed(error.code) from error
            if careful and error.code in LOST and find_backups(client, instance, name):
                return None
        sleep(2 ** attempt)
    raise AssertionError("the last attempt returns or raises")


def finish(client: Any, flow: int, sleep: Sleep) -> None:
    """Waits until the flow has ended."""
    request = models.DescribeFlowStatusRequest()
    request.FlowId = flow
    while True:
        try:
            status = client.DescribeFlowStatus(request).Status
        except TencentCloudSDKException as error:
            if not is_temporary(error.code):
                raise
            status = None  # unknown; ask again
        if status == FAILURE:
            raise BackupFailed(f"flow {flow} failed")
        if status == SUCCESS:
            return
        sleep(1)


def backup(client: Any, instance: str, careful: bool = True, sleep: Sleep = time.sleep) -> str:
    """Makes a backup and returns its name."""
    name = "nightly_" + uuid.uuid4().hex[:12]
    flow = start(client, instance, name, careful, sleep)
    if flow is not None:
        finish(client, flow, sleep)
    return name


if __name__ == "__main__":
    print(backup(connect(), sys.argv[1]))
