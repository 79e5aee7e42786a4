"""The official Python SDK, unmodified, against the running program."""
import json
import pathlib
import re
import sys
import time

import pytest
from tencentcloud.common import credential
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.common.retry import StandardRetryer
from tencentcloud.sqlserver.v20180328 import models, sqlserver_client

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[n]) for n in (1, 2)]
import harness  # noqa: E402
import suite  # noqa: E402

DONE_SECONDS = 30


@pytest.fixture(scope="module", params=suite.SCHEMES)
def server(request):
    """Backups take a second, so that a client sees one run and then end."""
    with suite.Served(request.param, "--limit", "off", "--flow-seconds", "backup=1") as virga:
        yield virga


@pytest.fixture(scope="module", params=suite.SCHEMES)
def quick(request):
    with suite.Served(request.param, "--limit", "off", "--flow-seconds", "backup=0") as virga:
        yield virga


def http_profile(virga, **more):
    """The SDK has its own list of authorities and reads no environment variable for it, so the profile names ours."""
    return HttpProfile(protocol=virga.scheme, endpoint=virga.address, certification=suite.ca_file(virga), **more)


def client(virga, method="POST", sign="TC3-HMAC-SHA256", key=harness.SECRET_KEY, secret_id=harness.SECRET_ID,
           region=harness.REGION, **profile):
    profile = ClientProfile(signMethod=sign, httpProfile=http_profile(virga, reqMethod=method), **profile)
    return sqlserver_client.SqlserverClient(credential.Credential(secret_id, key), region, profile)


def request(cls, **fields):
    r = cls()
    r.from_json_string(json.dumps(fields))
    return r


def backup(**fields):
    return request(models.CreateBackupRequest, **{"InstanceId": "mssql-njj2mtpl", **fields})


def flow(flow_id):
    return request(models.DescribeFlowStatusRequest, FlowId=flow_id)


def fails(call, *arguments):
    with pytest.raises(TencentCloudSDKException) as caught:
        call(*arguments)
    assert re.fullmatch(r"[0-9a-f-]{36}", caught.value.get_request_id())
    return caught.value


def test_create_then_poll_until_done(server):
    c = client(server)
    created = c.CreateBackup(backup(Strategy=1, DBNames=["db1", "db2"], BackupName="nightly_1", StorageStrategy=1))
    assert isinstance(created.FlowId, int) and created.FlowId > 0
    assert re.fullmatch(r"[0-9a-f-]{36}", created.RequestId)
    states, deadline = [], time.monotonic() + DONE_SECONDS
    while not states or states[-1] == 2:
        assert time.monotonic() < deadline, "the flow does not end"
        states.append(c.DescribeFlowStatus(flow(created.FlowId)).Status)
        time.sleep(0.1)
    assert states[0] == 2 and states[-1] == 0


SIGNING = [("POST", "TC3-HMAC-SHA256"), ("GET", "TC3-HMAC-SHA256"), ("POST", "HmacSHA1"), ("GET", "HmacSHA1"),
           ("POST", "HmacSHA256"), ("GET", "HmacSHA256")]


@pytest.mark.parametrize("method,sign", SIGNING)
def test_signing_method(quick, method, sign):
    c = client(quick, method, sign)
    created = c.CreateBackup(backup(Strategy=1, DBNames=["db1", "db2"], BackupName="a_b"))
    assert c.DescribeFlowStatus(flow(created.FlowId)).Status == 0


@pytest.mark.parametrize("method,sign", SIGNING)
def test_wrong_key(quick, method, sign):
    error = fails(client(quick, method, sign, key="wrong").CreateBackup, backup())
    assert error.get_code() == "AuthFailure.SignatureFailure"
    assert error.get_message() == "请求签名验证失败，请检查您的签名计算是否正确。"


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_unsigned_payload(quick, method):
    c = client(quick, method)
    c.profile.unsignedPayload = True
    assert c.CreateBackup(backup()).FlowId > 0


@pytest.mark.parametrize("sign", ["TC3-HMAC-SHA256", "HmacSHA1"])
@pytest.mark.parametrize("language,message", [("zh-CN", "实例不存在。"), ("en-US", "The instance does not exist.")])
def test_instance_not_found_in_both_languages(quick, sign, language, message):
    error = fails(client(quick, sign=sign, language=language).CreateBackup, backup(InstanceId="mssql-nowhere0"))
    assert (error.get_code(), error.get_message()) == ("ResourceNotFound.InstanceNotFound", message)


@pytest.mark.parametrize("sign", ["TC3-HMAC-SHA256", "HmacSHA256"])
def test_text_outside_ascii_is_signed_and_read(quick, sign):
    """The SDK escapes such text in JSON, and signs the plain characters in version 1."""
    error = fails(client(quick, sign=sign, language="en-US").CreateBackup, backup(BackupName="备份 a&b=c+d%"))
    assert error.get_code() == "InvalidParameterValue.BackupNameIsIllegal"


def test_unknown_secret_id(quick):
    error = fails(client(quick, secret_id="AKIDnobody").CreateBackup, backup())
    assert error.get_code() == "AuthFailure.SecretIdNotFound"


def test_no_region(quick):
    error = fails(client(quick, region="", language="en-US").CreateBackup, backup())
    assert (error.get_code(), error.get_message()) == \
        ("MissingParameter", "The request is missing a required parameter `Region`.")


def test_unknown_action_through_the_common_client(quick):
    common = CommonClient("sqlserver", "2018-03-28", credential.Credential(harness.SECRET_ID, harness.SECRET_KEY),
                          harness.REGION, ClientProfile(httpProfile=http_profile(quick), language="en-US"))
    assert common.call_json("CreateBackup", {"InstanceId": "mssql-njj2mtpl"})["Response"]["FlowId"] > 0
    assert fails(common.call_json, "NoSuchThing", {}).get_code() == "InvalidAction"


def exhaust(c, calls):
    """(number of successful calls, the error of the first refused one), of at most `calls` calls."""
    for done in range(calls):
        try:
            c.CreateBackup(backup())
        except TencentCloudSDKException as error:
            return done, error
    return calls, None


@pytest.mark.parametrize("language,message", [
    ("en-US", "Your current request times equals to `21` in a second, which exceeds the frequency limit `20` for a second. "
              "Please reduce the frequency of calls."),
    ("zh-CN", "您当前每秒请求 `21` 次，超过了每秒频率上限 `20`，请稍后重试。")])
def test_request_limit_at_the_21st(language, message):
    """The clock of the service stands still, so all 21 calls are in one second, however slow the machine is."""
    with suite.Served("http", "--flow-seconds", "backup=0", clock="2022-06-19T11:41:24+08:00") as virga:
        done, error = exhaust(client(virga, language=language), 21)
    assert (done, error.get_code(), error.get_message()) == (20, "RequestLimitExceeded", message)


def test_request_limit_is_over_in_the_next_second():
    """With a running clock and a limit of two, which fast calls exceed in some second."""
    with suite.Served("http", "--flow-seconds", "backup=0", "--limit", "CreateBackup=2") as virga:
        c = client(virga)
        done, error = exhaust(c, 30)
        assert error is not None and error.get_code() == "RequestLimitExceeded"
        time.sleep(1.0 - time.time() % 1.0 + 0.05)
        assert c.CreateBackup(backup()).FlowId > 0


def test_keep_alive_client(quick):
    c = client(quick)
    c.request.set_keep_alive()
    flows = [c.CreateBackup(backup()).FlowId for _ in range(20)]
    assert len(set(flows)) == 20 and flows == sorted(flows)


def test_retryer_gives_up_with_the_servers_error():
    """The retryer of the SDK repeats calls over the limit. It ends with the error of the server."""
    with suite.Served("http", "--limit", "CreateBackup=1", "--limit-clock", "service", "--flow-seconds", "backup=0",
                      clock="2022-06-19T11:41:24Z") as virga:
        retryer = StandardRetryer(max_attempts=2, backoff_fn=lambda n: 0.01)
        c = client(virga, retryer=retryer, language="en-US")
        assert c.CreateBackup(backup()).FlowId > 0
        error = fails(c.CreateBackup, backup())
    assert error.get_code() == "RequestLimitExceeded"
    assert "equals to `3` in a second" in error.get_message()
