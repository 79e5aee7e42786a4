"""tccli, unmodified, against the running program. It runs as for a user: as a process, with its own home folder."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

import pytest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[n]) for n in (1, 2)]
import harness  # noqa: E402
import suite  # noqa: E402

# It has its own Python environment (tests/requirements-tccli.txt), whose path tools/test gives.
TCCLI = os.environ.get("VIRGA_TCCLI") or shutil.which("tccli")
DONE_SECONDS = 60  # a start of tccli takes about a second

pytestmark = pytest.mark.skipif(not TCCLI, reason="no tccli")


@pytest.fixture(scope="module", params=suite.SCHEMES)
def server(request):
    with suite.Served(request.param, "--limit", "off", "--flow-seconds", "backup=2") as virga:
        yield virga


def trust(virga, folder):
    """tccli trusts the authorities that its package certifi lists, and has no option and no variable for another one. So a module of
    ours replaces that package."""
    if not suite.ca_file(virga):
        return {}
    (folder / "certifi.py").write_text(f"def where():\n    return {suite.ca_file(virga)!r}\n")
    return {"PYTHONPATH": str(folder)}


@pytest.fixture
def tccli(server, tmp_path):
    def run(*arguments, key=harness.SECRET_KEY):
        env = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "LANG": "C.UTF-8",
               "TENCENTCLOUD_SECRET_ID": harness.SECRET_ID, "TENCENTCLOUD_SECRET_KEY": key,
               "TENCENTCLOUD_REGION": harness.REGION, **trust(server, tmp_path)}
        # Only an endpoint with its scheme makes it speak http.
        command = [TCCLI, "sqlserver", *arguments, "--endpoint", server.endpoint]
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)

    return run


def test_create_then_poll_until_done(tccli):
    created = tccli("CreateBackup", "--InstanceId", "mssql-njj2mtpl", "--Strategy", "1", "--DBNames", '["db1","db2"]',
                    "--BackupName", "from_tccli", "--StorageStrategy", "1")
    assert created.returncode == 0, created.stderr
    flow = json.loads(created.stdout)["FlowId"]
    deadline, states = time.monotonic() + DONE_SECONDS, []
    while not states or states[-1] == 2:
        assert time.monotonic() < deadline, "the flow does not end"
        asked = tccli("DescribeFlowStatus", "--FlowId", str(flow))
        assert asked.returncode == 0, asked.stderr
        states.append(json.loads(asked.stdout)["Status"])
    assert states[-1] == 0


def test_waiter(tccli):
    created = json.loads(tccli("CreateBackup", "--InstanceId", "mssql-i1z41iwd").stdout)
    waited = tccli("DescribeFlowStatus", "--FlowId", str(created["FlowId"]), "--waiter",
                   "{'expr':'Status','to':0,'timeout':30,'interval':1}")
    assert waited.returncode == 0, waited.stderr
    assert '"Status": 0' in waited.stdout


@pytest.mark.parametrize("language,message", [("zh-CN", "实例不存在。"), ("en-US", "The instance does not exist.")])
def test_instance_not_found(tccli, language, message):
    failed = tccli("CreateBackup", "--InstanceId", "mssql-nowhere0", "--language", language)
    assert failed.returncode == 255
    assert f"code:ResourceNotFound.InstanceNotFound message:{message}" in failed.stderr


def test_wrong_key(tccli):
    failed = tccli("CreateBackup", "--InstanceId", "mssql-njj2mtpl", key="wrong")
    assert failed.returncode == 255
    assert "code:AuthFailure.SignatureFailure" in failed.stderr
