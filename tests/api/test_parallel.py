"""Two test processes against one server at the same time, each with a test account of its own: they share nothing."""
import os
import subprocess
import sys

import harness
from control import done

# A suite as a user writes it: the official SDK, the control API by urllib, and no knowledge of the other process.
SUITE = '''
import json, os, urllib.request, uuid
import pytest
from tencentcloud.common import credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sqlserver.v20180328 import models, sqlserver_client

END = os.environ["SERVER"]


def virga(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{END}/_virga/{path}", data, method=method), timeout=60) as answer:
        return json.load(answer)


@pytest.fixture(scope="module")
def account():
    return virga("POST", "accounts", {})


@pytest.fixture(scope="module")
def client(account):
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=END.partition("//")[2]), language="en-US")
    who = credential.Credential(account["secret_id"], account["secret_key"])
    return sqlserver_client.SqlserverClient(who, account["region"], profile)


def backup(client, account):
    request = models.CreateBackupRequest()
    request.InstanceId = account["instance_id"]
    try:
        return client.CreateBackup(request).FlowId, "ok"
    except TencentCloudSDKException as error:
        return None, error.code


def test_the_limit_is_its_own(client, account):
    """Twenty calls in a second that does not end. Those of the other process are not counted."""
    codes = [backup(client, account)[1] for _ in range(22)]
    assert codes == ["ok"] * 20 + ["RequestLimitExceeded"] * 2
    [counter] = [c for c in virga("GET", "limiter")["counters"] if c.get("secret_id") == account["secret_id"]]
    assert (counter["action"], counter["calls"]) == ("CreateBackup", 22)


def test_the_fault_is_its_own(client, account):
    own = virga("POST", "faults", {"code": "InternalError.DBError", "secret_id": account["secret_id"], "action": "DescribeRegions"})
    request = models.DescribeRegionsRequest()
    for _ in range(5):
        with pytest.raises(TencentCloudSDKException) as error:
            client.DescribeRegions(request)
        assert error.value.code == "InternalError.DBError"
    assert virga("GET", f"faults/{own['id']}")["hits"] == virga("GET", f"faults/{own['id']}")["seen"] == 5


def test_the_journal_is_its_own(client, account):
    calls = virga("GET", f"requests?limit=1000&secret_id={account['secret_id']}")["requests"]
    assert len(calls) == 22 + 5 and {c["secret_id"] for c in calls} == {account["secret_id"]}
    count = {"min": 20, "max": 20}
    virga("POST", "verify", {"action": "CreateBackup", "code": "ok", "secret_id": account["secret_id"], "count": count})


def test_the_coverage_is_its_own(client, account):
    report = virga("GET", f"coverage?actions=called&secret_id={account['secret_id']}")
    seen = {a["action"]: (a["done"], {c["code"]: c["natural"] + c["injected"] for c in a["codes"] + a["others"] if c["natural"] + c["injected"]})
            for a in report["actions"]}
    assert seen == {"CreateBackup": (20, {"RequestLimitExceeded": 2}), "DescribeRegions": (0, {"InternalError.DBError": 5})}


def test_the_state_is_its_own(client, account):
    removed = virga("POST", f"reset?account={account['uin']}")["removed"]
    assert (removed["flows"], removed["backups"], removed["accounts"]) == (20, 20, 0)
'''


def run_at_once(virga, folder, n):
    (folder / "test_suite.py").write_text(SUITE)
    env = {k: v for k, v in os.environ.items() if not k.startswith(("VIRGA_", "TENCENTCLOUD_", "PYTEST_"))}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", str(folder / "test_suite.py")]
    running = [subprocess.Popen(command, cwd=folder, env={**env, "SERVER": virga.endpoint}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True) for _ in range(n)]
    return [(process.communicate(timeout=harness.READY_SECONDS)[0], process.returncode) for process in running]


def test_two_processes_share_nothing(tmp_path):
    with harness.Virga("--quiet", "--flow-seconds", "backup=0", clock="2026-01-01T00:00:00+08:00") as virga:
        for said, code in run_at_once(virga, tmp_path, 2):
            assert code == 0, said
        whole = done(virga, "GET", "/_virga/coverage?actions=called")
        assert {a["action"]: a["done"] for a in whole["actions"]} == {"CreateBackup": 40, "DescribeRegions": 0}
        assert len(done(virga, "GET", "/_virga/faults")["faults"]) == 2
