"""The official Python SDK under faults: what it tries again, and which error its user gets."""
import json
import pathlib
import sys
import urllib.request

import pytest
from tencentcloud.common import credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.common.retry import StandardRetryer
from tencentcloud.sqlserver.v20180328 import models, sqlserver_client

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import harness  # noqa: E402


@pytest.fixture
def server():
    with harness.Virga("--limit", "off", "--flow-seconds", "backup=0") as virga:
        yield virga


def client(virga, attempts=1, timeout=harness.ANSWER_SECONDS):
    http = HttpProfile(protocol="http", endpoint=f"{virga.host}:{virga.port}", reqTimeout=timeout)
    profile = ClientProfile(httpProfile=http, retryer=StandardRetryer(attempts, lambda n: 0.01))
    return sqlserver_client.SqlserverClient(credential.Credential(harness.SECRET_ID, harness.SECRET_KEY), harness.REGION,
                                            profile)


def back_up(c, instance="mssql-njj2mtpl"):
    """The FlowId, or the code of the SDK's exception."""
    request = models.CreateBackupRequest()
    request.InstanceId = instance
    try:
        return c.CreateBackup(request).FlowId
    except TencentCloudSDKException as e:
        return e.get_code()


def faults(virga, rule=None):
    """Adds a rule, if one is given. Returns all rules."""
    url = f"{virga.endpoint}/_virga/faults"
    if rule:
        urllib.request.urlopen(url, json.dumps(rule).encode()).close()
    with urllib.request.urlopen(url) as answer:
        return json.load(answer)["faults"]


def backups(virga, instance="mssql-njj2mtpl"):
    window = {"StartTime": "2000-01-01 00:00:00", "EndTime": "2099-01-01 00:00:00"}
    return virga.call("DescribeBackups", {"InstanceId": instance, **window}).json["Response"]["TotalCount"]


def test_other_codes_are_not_tried_again(server):
    faults(server, {"action": "CreateBackup", "code": "InternalError.DBError"})
    assert back_up(client(server, attempts=3)) == "InternalError.DBError"
    assert faults(server)[0]["hits"] == 1


def test_a_limit_is_tried_again(server):
    faults(server, {"action": "CreateBackup", "code": "RequestLimitExceeded"})
    assert back_up(client(server, attempts=3)) == "RequestLimitExceeded"
    assert faults(server)[0]["hits"] == 3
    assert backups(server) == 0


def test_the_retryer_does_not_see_that_it_has_succeeded(server):
    """The retryer of this SDK keeps the first error. After it, it goes on to its last attempt, makes a backup with each, and still
    raises the error."""
    faults(server, {"action": "CreateBackup", "code": "RequestLimitExceeded", "count": 1})
    assert back_up(client(server, attempts=3)) == "RequestLimitExceeded"
    rule = faults(server)[0]
    assert (rule["seen"], rule["hits"]) == (3, 1)
    assert backups(server) == 2


def test_a_lost_answer_makes_a_second_backup(server):
    faults(server, {"action": "CreateBackup", "close": "after_commit", "count": 2})
    assert back_up(client(server, attempts=2)) == "ClientNetworkError"
    assert backups(server) == 2


def test_an_answer_that_is_too_late(server):
    faults(server, {"action": "CreateBackup", "delay_ms": 60000})
    assert back_up(client(server, timeout=0.5)) == "ClientNetworkError"
    assert backups(server) == 1


@pytest.mark.parametrize("rule,code", [
    ({"close": "before"}, "ClientNetworkError"),
    ({"http_status": 502}, "ServerNetworkError"),
    ({"truncate": 20}, "ChunkedEncodingError"),  # no retryer of the SDK knows this one
], ids=str)
def test_what_happens_on_the_wire_has_a_code_of_the_sdk(server, rule, code):
    faults(server, {"action": "CreateBackup", **rule})
    assert back_up(client(server)) == code


def test_magic_needs_no_control(server):
    c = client(server)
    assert back_up(c, "mssql-dbbusy00") == "ResourceUnavailable.DBInvalidStatus"
    assert back_up(c, "mssql-dropconn") == "ClientNetworkError"
    assert back_up(c, "mssql-instant0") > 0
