"""An instance from its purchase to its end, with what a client makes in it, by the SDK for Python and by tccli."""
import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest
from tencentcloud.common import credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sqlserver.v20180328 import models, sqlserver_client
from tencentcloud.tag.v20180813 import models as tag_models
from tencentcloud.tag.v20180813 import tag_client

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[n]) for n in (1, 2)]
import harness  # noqa: E402
import suite  # noqa: E402

TCCLI = os.environ.get("VIRGA_TCCLI") or shutil.which("tccli")
AT_ONCE = ("createinstance", "createaccount", "createdb", "grant", "backup", "restore", "clone")
WINDOW = {"StartTime": "2000-01-01 00:00:00", "EndTime": "2099-01-01 00:00:00"}

# Runs the command lines that it reads, one after another, since a process for each would take a second to start.
COMMANDS = """
import contextlib, io, json, sys
from tccli.command import CLICommand
for line in sys.stdin:
    sys.argv, out = ["tccli", *json.loads(line)], io.BytesIO()
    with contextlib.redirect_stdout(io.TextIOWrapper(out, "utf-8")):
        CLICommand()()
        sys.stdout.flush()
        text = out.getvalue().decode()
    print(json.dumps(text), flush=True)
"""


class Sdk:
    """Calls actions by their names through the typed clients."""

    def __init__(self, virga):
        http = HttpProfile(protocol="http", endpoint=f"{virga.host}:{virga.port}")
        arguments = credential.Credential(harness.SECRET_ID, harness.SECRET_KEY), harness.REGION, ClientProfile(httpProfile=http)
        self.clients = {"sqlserver": (sqlserver_client.SqlserverClient(*arguments), models),
                        "tag": (tag_client.TagClient(*arguments), tag_models)}

    def __call__(self, action, product="sqlserver", **fields):
        client, own_models = self.clients[product]
        request = getattr(own_models, f"{action}Request")()
        request.from_json_string(json.dumps(fields))
        return json.loads(getattr(client, action)(request).to_json_string())

    def close(self):
        pass


class Tccli:
    """Calls actions by command lines of tccli."""

    def __init__(self, virga):
        env = {"HOME": str(virga.directory), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TENCENTCLOUD_REGION": harness.REGION,
               "TENCENTCLOUD_SECRET_ID": harness.SECRET_ID, "TENCENTCLOUD_SECRET_KEY": harness.SECRET_KEY}
        self.endpoint = virga.endpoint
        python = pathlib.Path(TCCLI).parent / "python3"
        self.process = subprocess.Popen([str(python), "-c", COMMANDS], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, action, product="sqlserver", **fields):
        words = [product, action, "--endpoint", self.endpoint]
        for name, value in fields.items():
            words += [f"--{name}", value if isinstance(value, str) else json.dumps(value)]
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "tccli has ended"
        text = json.loads(line)
        return json.loads(text) if text.strip() else {}

    def close(self):
        self.process.communicate(timeout=30)


CLIENTS = [Sdk, pytest.param(Tccli, marks=pytest.mark.skipif(not TCCLI, reason="no tccli"))]


@pytest.fixture(params=CLIENTS)
def call(request):
    durations = [word for kind in AT_ONCE for word in ("--flow-seconds", f"{kind}=0")]
    with harness.Virga("--limit", "off", *durations) as virga:
        client = request.param(virga)
        yield client
        client.close()


def run(call, action, **fields):
    flow = call(action, **fields)["FlowId"]
    assert call("DescribeFlowStatus", FlowId=flow)["Status"] == 0, (action, flow)


def buy(call):
    deal = call("CreateDBInstances", Zone=f"{harness.REGION}-3", Memory=4, Storage=20, InstanceChargeType="POSTPAID", DBVersion="2017",
                VpcId="vpc-aaaaaaaa", SubnetId="subnet-aaaaaaaa")["DealName"]
    return call("DescribeOrders", DealNames=[deal])["Deals"][0]["InstanceIdSet"][0]


def shown(call, instance):
    return call("DescribeDBInstances", InstanceIdSet=[instance])["DBInstances"][0]


def test_whole_instance(call):
    instance = buy(call)
    mine = {"InstanceId": instance}
    facts = {"status": shown(call, instance)["Status"]}
    call("AddResourceTag", product="tag", TagKey="made by", TagValue="python",
         Resource=f"qcs::sqlserver:{harness.REGION}:uin/100000000001:instance/{instance}")
    facts["tags"] = {tag["TagKey"]: tag["TagValue"] for tag in shown(call, instance)["ResourceTags"]}

    run(call, "CreateAccount", **mine, Accounts=[{"UserName": "app", "Password": "Secret_word_1"}])
    run(call, "CreateDB", **mine, DBs=[{"DBName": "shop", "Charset": "Chinese_PRC_CI_AS"}])
    run(call, "ModifyAccountPrivilege", **mine, Accounts=[
        {"UserName": "app", "DBPrivileges": [{"DBName": "shop", "Privilege": "ReadOnly"}]}])
    (account,) = call("DescribeAccounts", **mine)["Accounts"]
    facts["privilege"] = [account["Name"], account["Dbs"][0]["DBName"], account["Dbs"][0]["Privilege"]]

    run(call, "CreateBackup", **mine)
    backups = call("DescribeBackups", **mine, **WINDOW)
    facts["backups"] = backups["TotalCount"]
    run(call, "RestoreInstance", **mine, BackupId=backups["Backups"][0]["Id"],
        RenameRestore=[{"OldName": "shop", "NewName": "shop_back"}])
    run(call, "CloneDB", **mine, RenameRestore=[{"OldName": "shop", "NewName": "shop_copy"}])
    facts["databases"] = [row["Name"] for row in call("DescribeDBs", InstanceIdSet=[instance])["DBInstances"][0]["DBDetails"]]

    call("TerminateDBInstance", InstanceIdSet=[instance])
    facts["isolated"] = shown(call, instance)["Status"]
    call("DeleteDBInstance", **mine)
    facts["deleted"] = shown(call, instance)["Status"]
    suite.check_instance(facts)
