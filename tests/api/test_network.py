"""Networks, security groups and read-only groups in the state as a whole: saved, restored, reset, and without durations."""
import pathlib

import pytest
from control import ask, done
from harness import Virga

WORLD = pathlib.Path(__file__).parent / "worlds" / "read_only.json"
STATE = "/_virga/state"
PRIMARY = {"InstanceId": "mssql-primary1"}
GROUP = {**PRIMARY, "ReadOnlyGroupId": "mssqlrg-empty001"}
NETWORK = {**PRIMARY, "NewVpcId": "vpc-bbbbbbbb", "NewSubnetId": "subnet-bbbbbbbb", "OldIpRetainTime": 5}


@pytest.fixture
def virga():
    with Virga("--seed", "1", "--limit", "off", "--quiet", world=WORLD, clock="2022-06-19T11:41:24+08:00") as server:
        yield server


@pytest.fixture
def at_once():
    """A server whose flows end when they start."""
    kinds = ("network", "readable", "openwan", "closewan", "openinter", "closeinter", "recyclegroup")
    options = [word for kind in kinds for word in ("--flow-seconds", f"{kind}=0")]
    with Virga("--seed", "1", "--limit", "off", "--quiet", *options, world=WORLD) as server:
        yield server


def ok(virga, action, params, **fields):
    answer = virga.call(action, params, **fields)
    assert answer.code is None, answer.body
    return answer.response


def instance(virga):
    return ok(virga, "DescribeDBInstances", {"InstanceIdSet": ["mssql-primary1"]})["DBInstances"][0]


def attribute(virga):
    return ok(virga, "DescribeDBInstancesAttribute", PRIMARY)


def advance(virga, seconds):
    done(virga, "POST", "/_virga/clock/advance", {"seconds": seconds})


def test_flows_without_a_duration_end_at_once(at_once):
    flow = ok(at_once, "ModifyDBInstanceNetwork", {**NETWORK, "Vip": "10.7.7.7"})["FlowId"]
    assert ok(at_once, "DescribeFlowStatus", {"FlowId": flow})["Status"] == 0
    assert (instance(at_once)["Vip"], instance(at_once)["UniqVpcId"]) == ("10.7.7.7", "vpc-bbbbbbbb")
    assert [old["OldIpRetainTime"] for old in attribute(at_once)["OldVipList"]] == [5]
    ok(at_once, "ModifyDReadable", {**PRIMARY, "Type": "enable"})
    assert attribute(at_once)["DrReadableInfo"]["ReadableStatus"] == "enable"
    ok(at_once, "ModifyCloseWanIp", PRIMARY)
    assert instance(at_once)["DnsPodDomain"] == ""
    ok(at_once, "ModifyCloseWanIp", {**PRIMARY, "RoGroupId": "mssqlrg-empty001"})
    ok(at_once, "OpenInterCommunication", {"InstanceIdSet": ["mssql-primary1"]})
    assert ok(at_once, "DescribeDBInstanceInter", {"Limit": 1})["InterInstanceSet"][0]["Status"] == 4
    assert [g["DnsPodDomain"] for g in ok(at_once, "DescribeReadOnlyGroupList", PRIMARY)["ReadOnlyGroupSet"]] == ["", ""]
    ok(at_once, "RecycleReadOnlyGroup", GROUP)
    assert len(ok(at_once, "DescribeReadOnlyGroupList", PRIMARY)["ReadOnlyGroupSet"]) == 1


def test_a_saved_state_goes_on_where_it_was(virga):
    """Flows that run when the state is saved have their effects after it is restored."""
    ok(virga, "AssociateSecurityGroups", {"SecurityGroupId": "sg-mine", "InstanceIdSet": ["mssql-primary1"]})
    ok(virga, "ModifyDBInstanceNetwork", NETWORK)
    ok(virga, "RecycleReadOnlyGroup", GROUP)
    ok(virga, "OpenInterCommunication", {"InstanceIdSet": ["mssql-nocopies"]})
    before = ask(virga, "GET", STATE).body
    done(virga, "POST", "/_virga/reset")
    assert ask(virga, "GET", STATE).body != before
    done(virga, "PUT", STATE, before)
    assert ask(virga, "GET", STATE).body == before
    advance(virga, 1)
    assert instance(virga)["UniqVpcId"] == "vpc-bbbbbbbb"
    assert attribute(virga)["OldVipList"][0]["OldIpRetainTime"] == 5
    assert len(ok(virga, "DescribeReadOnlyGroupList", PRIMARY)["ReadOnlyGroupSet"]) == 1
    assert ok(virga, "DescribeDBInstanceInter", {"Limit": 1})["TotalCount"] == 1
    groups = ok(virga, "DescribeDBSecurityGroups", PRIMARY)["SecurityGroupSet"]
    assert [g["SecurityGroupId"] for g in groups] == ["sg-mine"]


def test_a_reset_restores_the_world_file(virga):
    fresh = ask(virga, "GET", STATE).body
    ok(virga, "AssociateSecurityGroups", {"SecurityGroupId": "sg-mine", "InstanceIdSet": ["mssql-primary1"]})
    ok(virga, "ModifyDBInstanceNetwork", NETWORK)
    advance(virga, 1)
    ok(virga, "RecycleReadOnlyGroup", GROUP)
    done(virga, "POST", "/_virga/reset?account=100000000001")
    document = ask(virga, "GET", STATE).body
    assert instance(virga)["UniqVpcId"] == "vpc-aaaaaaaa"
    assert len(ok(virga, "DescribeReadOnlyGroupList", PRIMARY)["ReadOnlyGroupSet"]) == 2
    assert ok(virga, "DescribeProjectSecurityGroups", {"ProjectId": 0})["SecurityGroupSet"] == []
    assert document.count(b"mssqlrg-") == fresh.count(b"mssqlrg-")


def test_the_end_of_flows_alone_leaves_what_was(virga):
    """A reset of the flows ends those that run as failed."""
    ok(virga, "ModifyDBInstanceNetwork", NETWORK)
    ok(virga, "RecycleReadOnlyGroup", GROUP)
    done(virga, "POST", "/_virga/reset?scope=flows")
    advance(virga, 1)
    assert (instance(virga)["UniqVpcId"], attribute(virga)["OldVipList"]) == ("vpc-aaaaaaaa", [])
    ok(virga, "RecycleReadOnlyGroup", GROUP)


def test_a_test_account_has_its_own_groups(virga):
    account = done(virga, "POST", "/_virga/accounts", {})
    key = {"secret_id": account["secret_id"], "secret_key": account["secret_key"]}
    first = ok(virga, "DescribeDBInstances", {}, **key)["DBInstances"][0]["InstanceId"]
    ok(virga, "AssociateSecurityGroups", {"SecurityGroupId": "sg-mine", "InstanceIdSet": [first]}, **key)
    assert ok(virga, "DescribeProjectSecurityGroups", {"ProjectId": 0})["SecurityGroupSet"] == []
    groups = ok(virga, "DescribeProjectSecurityGroups", {"ProjectId": 0}, **key)["SecurityGroupSet"]
    assert "sg-mine" in [g["SecurityGroupId"] for g in groups]
    done(virga, "DELETE", f"/_virga/accounts/{account['uin']}")
    assert b"sg-mine" not in ask(virga, "GET", STATE).body
