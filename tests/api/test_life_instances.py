"""Instances while tasks run on them, and after a restart."""
from harness import REGION, SECRET_ID, SECRET_KEY, Virga

CLOCK = "2022-06-19T11:41:24+08:00"
INSTANCE = "mssql-njj2mtpl"


def answer(virga, action, params):
    got = virga.call(action, params)
    assert got.code is None, got.body
    return got.response


def listed(virga, **filters):
    """{id: status} of the instances that a filter finds."""
    got = answer(virga, "DescribeDBInstances", filters)
    assert got["TotalCount"] == len(got["DBInstances"]), got
    return {i["InstanceId"]: i["Status"] for i in got["DBInstances"]}


def test_status_7_while_a_backup_runs_and_back():
    with Virga("--flow-seconds", "backup=1", "--limit", "off") as virga:
        flow = answer(virga, "CreateBackup", {"InstanceId": INSTANCE})["FlowId"]
        assert listed(virga) == {INSTANCE: 7, "mssql-i1z41iwd": 2}
        assert listed(virga, Status=7) == {INSTANCE: 7}
        assert listed(virga, Status=2, InstanceIdSet=[INSTANCE]) == {}
        while answer(virga, "DescribeFlowStatus", {"FlowId": flow})["Status"] == 2:
            pass
        assert listed(virga) == {INSTANCE: 2, "mssql-i1z41iwd": 2}
        assert listed(virga, Status=7) == {}


def test_an_instance_with_two_tasks_is_listed_once():
    with Virga("--flow-seconds", "backup=100", clock=CLOCK) as virga:
        for database in ("db1", "db2"):
            answer(virga, "CreateBackup", {"InstanceId": INSTANCE, "Strategy": 1, "DBNames": [database]})
        assert listed(virga, Status=7) == {INSTANCE: 7}


def test_databases_keep_their_status_during_a_backup():
    with Virga("--flow-seconds", "backup=100", clock=CLOCK) as virga:
        answer(virga, "CreateBackup", {"InstanceId": INSTANCE})
        details = answer(virga, "DescribeDBs", {"InstanceIdSet": [INSTANCE]})["DBInstances"][0]["DBDetails"]
        assert [(d["Name"], d["Status"]) for d in details] == [("db1", 2), ("db2", 2)]


def test_what_is_listed_survives_a_restart(tmp_path):
    with Virga("--flow-seconds", "backup=100", db=tmp_path / "v.db", clock=CLOCK) as virga:
        answer(virga, "CreateBackup", {"InstanceId": INSTANCE})
        before = answer(virga, "DescribeDBInstances", {})["DBInstances"]
        virga.terminate()
        virga.restart()
        assert answer(virga, "DescribeDBInstances", {})["DBInstances"] == before
        assert [i["Status"] for i in before] == [7, 2]


def test_the_limit_is_seventy_a_second():
    with Virga(clock=CLOCK) as virga:
        for _ in range(70):
            assert virga.call("DescribeDBInstances", {}).code is None
        refused = virga.call("DescribeDBInstances", {})
        assert refused.code == "RequestLimitExceeded" and "`70`" in refused.message


def test_a_world_that_contradicts_itself_is_rejected():
    instance = {"instance_id": "m", "databases": [{"name": "d", "grants": [{"login": "unknown"}]}]}
    account = {"uin": "1", "credentials": [{"secret_id": "a", "secret_key": "b"}]}
    world = {"version": 1, "accounts": [account | {"regions": [{"region": "ap-guangzhou", "instances": [instance]}]}]}
    try:
        with Virga(world=world):
            raise AssertionError("it has started")
    except RuntimeError as e:
        assert "accounts.0.regions.0.instances.0.databases.0.grants.0.login: unknown is not a login of the instance" in str(e)


def test_lists_have_the_order_of_the_world_file():
    """Without a frozen clock: what a file lists is equally old, however long it takes to read."""
    names = [f"mssql-order{n:04}" for n in range(400)]
    world = {"version": 1, "accounts": [{
        "uin": "100000000001", "credentials": [{"secret_id": SECRET_ID, "secret_key": SECRET_KEY}],
        "regions": [{"region": REGION, "instances": [{"instance_id": name, "databases": [{"name": "db1"}]} for name in names]}]}]}
    with Virga("--limit", "off", "--quiet", world=world) as virga:
        pages = [virga.call("DescribeDBInstances", {"Limit": 100, "Offset": n}).response["DBInstances"] for n in range(4)]
    assert [i["InstanceId"] for page in pages for i in page] == names
