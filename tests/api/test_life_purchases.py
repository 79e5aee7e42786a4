"""Purchases over more than one server: the state that they leave, a reset, and a world file that prepares the same."""
import json

import pytest
from control import ask, done
from harness import SECRET_ID, SECRET_KEY, Virga

CLOCK = "2022-06-19T11:41:24+08:00"
PRIMARY = "mssql-njj2mtpl"
STATE = "/_virga/state"
CLOUD = {"Zone": "ap-guangzhou-3", "Cpu": 2, "Memory": 4, "Storage": 100, "MachineType": "CLOUD_HSSD"}
COPY = {"InstanceId": PRIMARY, **CLOUD, "ReadOnlyGroupForcedUpgrade": 1}


def answer(virga, action, params):
    got = virga.call(action, params)
    assert got.code is None, got.body
    return got.response


def shown(virga, instance):
    [view] = answer(virga, "DescribeDBInstances", {"InstanceIdSet": [instance]})["DBInstances"]
    return view


def advance(virga, seconds):
    done(virga, "POST", "/_virga/clock/advance", {"seconds": seconds})


def instances_of(virga, deal):
    [order] = answer(virga, "DescribeInstanceByOrders", {"DealNames": [deal]})["DealInstance"]
    return order["InstanceId"]


def table(virga, name):
    """The rows of a table as objects, after a call has settled the flows that are due."""
    shown(virga, "mssql-i1z41iwd")
    found = done(virga, "GET", STATE)["tables"][name]
    return [dict(zip(found["columns"], row)) for row in found["rows"]]


@pytest.fixture
def virga():
    with Virga("--seed", "1", "--limit", "off", "--quiet", clock=CLOCK) as server:
        yield server


def test_the_state_has_orders_upgrades_and_groups(virga):
    deal = answer(virga, "CreateCloudDBInstances", {**CLOUD, "MultiZones": True})["DealName"]
    answer(virga, "UpgradeDBInstance", {"InstanceId": "mssql-i1z41iwd", "Memory": 8})
    copies = answer(virga, "CreateCloudReadOnlyDBInstances", {**COPY, "ReadOnlyGroupType": 1})["DealNames"]
    document = ask(virga, "GET", STATE).body
    with Virga("--limit", "off", "--quiet", clock=CLOCK) as other:
        done(other, "PUT", STATE, document)
        assert ask(other, "GET", STATE).body == document
        assert shown(other, PRIMARY)["Status"] == 17
        advance(other, 2)
        [bought] = instances_of(other, deal)
        assert (shown(other, bought)["Status"], shown(other, "mssql-i1z41iwd")["Memory"]) == (2, 8)
        assert shown(other, bought)["SlaveZones"]["SlaveZone"] == "ap-guangzhou-4"
        assert {shown(other, i)["ROFlag"] for i in instances_of(other, copies[0])} == {"RO"}
        assert shown(other, PRIMARY)["Status"] == 2


def test_a_reset_removes_what_was_bought(virga):
    before = json.loads(ask(virga, "GET", STATE).body)["tables"]
    answer(virga, "CreateCloudDBInstances", {**CLOUD, "GoodsNum": 3, "MultiZones": True})
    answer(virga, "CreateCloudReadOnlyDBInstances", {**COPY, "ReadOnlyGroupType": 1})
    answer(virga, "UpgradeDBInstance", {"InstanceId": "mssql-i1z41iwd", "Memory": 8})
    done(virga, "POST", "/_virga/reset")
    assert json.loads(ask(virga, "GET", STATE).body)["tables"] == before


def test_a_reset_of_flows_ends_what_is_being_bought(virga):
    deal = answer(virga, "CreateCloudDBInstances", CLOUD)["DealName"]
    answer(virga, "UpgradeDBInstance", {"InstanceId": PRIMARY, "Memory": 32, "WaitSwitch": 0})
    done(virga, "POST", "/_virga/reset?scope=flows")
    [order] = answer(virga, "DescribeOrders", {"DealNames": [deal]})["Deals"]
    assert (order["FlowId"], shown(virga, order["InstanceIdSet"][0])["Status"]) == (0, 8)
    assert (shown(virga, PRIMARY)["Status"], shown(virga, PRIMARY)["Memory"]) == (2, 16)
    assert table(virga, "upgrade") == []


def test_the_same_seed_buys_the_same_ids(virga):
    with Virga("--seed", "1", "--limit", "off", "--quiet", clock=CLOCK) as other:
        for server in (virga, other):
            answer(server, "CreateCloudDBInstances", {**CLOUD, "GoodsNum": 10})
        assert table(virga, "deal") == table(other, "deal")
        assert [i["instance_id"] for i in table(virga, "instance")] == [i["instance_id"] for i in table(other, "instance")]


def test_read_only_instances_join_a_group_that_exists(virga):
    group = {"ReadOnlyGroupType": 2, "ReadOnlyGroupName": "reports", "ReadOnlyGroupIsOfflineDelay": 1, "ReadOnlyGroupMaxDelayTime": 7,
             "ReadOnlyGroupMinInGroup": 2}
    answer(virga, "CreateCloudReadOnlyDBInstances", {**COPY, **group})
    advance(virga, 2)
    [row] = table(virga, "ro_group")
    assert (row["name"], row["status"], row["is_offline_delay"], row["max_delay_time"], row["min_in_group"]) == ("reports", 1, 1, 7, 2)
    answer(virga, "CreateCloudReadOnlyDBInstances",
           {**COPY, "ReadOnlyGroupType": 3, "ReadOnlyGroupId": row["ro_group_id"], "GoodsNum": 1})
    advance(virga, 2)
    assert [i["ro_group"] for i in table(virga, "instance") if i["master"] is not None] == [row["id"]] * 3
    assert len(table(virga, "ro_group")) == 1


def test_a_purchase_that_fails_leaves_no_group(virga):
    done(virga, "POST", "/_virga/faults", {"action": "CreateCloudReadOnlyDBInstances", "flow_outcome": "failure"})
    answer(virga, "CreateCloudReadOnlyDBInstances", {**COPY, "ReadOnlyGroupType": 1})
    assert [g["status"] for g in table(virga, "ro_group")] == [5, 5]
    advance(virga, 2)
    assert table(virga, "ro_group") == []
    assert (shown(virga, PRIMARY)["Status"], shown(virga, PRIMARY)["HAFlag"]) == (2, "MIRROR")


def test_an_upgrade_moves_replicas(virga):
    many = {**CLOUD, "MultiNodes": True, "MultiZones": True, "DrZones": ["ap-guangzhou-4", "ap-guangzhou-6"]}
    [instance] = instances_of(virga, answer(virga, "CreateCloudDBInstances", many)["DealName"])
    advance(virga, 2)
    first, second = shown(virga, instance)["MultiSlaveZones"]
    zones = {"DrZones": [{"DrInstanceId": second["DrInstanceId"], "Zone": "ap-guangzhou-7"}]}
    answer(virga, "UpgradeDBInstance", {"InstanceId": instance, **zones})
    advance(virga, 2)
    assert [z["SlaveZone"] for z in shown(virga, instance)["MultiSlaveZones"]] == [first["SlaveZone"], "ap-guangzhou-7"]


def test_nodes_that_are_being_switched_are_not_switched_again_by_the_window(virga):
    answer(virga, "UpgradeDBInstance", {"InstanceId": PRIMARY, "Memory": 32})
    advance(virga, 2)
    done(virga, "POST", "/_virga/faults", {"action": "CompleteExpansion", "flow_outcome": "failure", "flow_seconds": 86400})
    answer(virga, "CompleteExpansion", {"InstanceId": PRIMARY})
    advance(virga, 86399)
    assert (shown(virga, PRIMARY)["Status"], shown(virga, PRIMARY)["Memory"]) == (16, 16)
    advance(virga, 1)
    assert shown(virga, PRIMARY)["Status"] == 13
    advance(virga, 86400)
    assert (shown(virga, PRIMARY)["Status"], shown(virga, PRIMARY)["Memory"]) == (2, 32)


def test_a_jump_over_the_flow_and_the_window_ends_both(virga):
    answer(virga, "UpgradeDBInstance", {"InstanceId": PRIMARY, "Memory": 32})
    advance(virga, 86400)
    assert (shown(virga, PRIMARY)["Status"], shown(virga, PRIMARY)["Memory"]) == (2, 32)


def test_a_purchase_without_a_duration_is_over_at_once():
    options = [option for kind in ("createinstance", "upgrade", "expansion") for option in ("--flow-seconds", f"{kind}=0")]
    with Virga("--limit", "off", "--quiet", *options) as virga:
        [instance] = instances_of(virga, answer(virga, "CreateCloudDBInstances", CLOUD)["DealName"])
        assert shown(virga, instance)["Status"] == 2
        answer(virga, "UpgradeDBInstance", {"InstanceId": instance, "Memory": 8, "WaitSwitch": 0})
        assert (shown(virga, instance)["Status"], shown(virga, instance)["Memory"]) == (2, 8)
        answer(virga, "UpgradeDBInstance", {"InstanceId": instance, "Memory": 16})
        assert shown(virga, instance)["Status"] == 13
        answer(virga, "CompleteExpansion", {"InstanceId": instance})
        assert (shown(virga, instance)["Status"], shown(virga, instance)["Memory"]) == (2, 16)


def test_a_world_file_prepares_what_a_purchase_decides():
    instance = {"instance_id": "mssql-prepared", "version": "201902", "instance_type": "cvmMultiHA", "pay_mode": 1, "end_time": "2030-01-01 00:00:00",
                "renew_flag": 2, "collation": "Latin1_General_CI_AS", "time_zone": "UTC", "multi_zones": True, "disk_encrypted": True,
                "replica_zones": ["ap-guangzhou-4", "ap-guangzhou-6"], "throughput": 50, "maintenance_days": [6, 7],
                "maintenance_start": "02:30", "maintenance_span": 3, "order": "201806271245"}
    world = {"version": 1, "accounts": [{"uin": "100000000001", "credentials": [{"secret_id": SECRET_ID, "secret_key": SECRET_KEY}],
                                         "regions": [{"region": "ap-guangzhou", "instances": [instance]}]}]}
    with Virga("--limit", "off", "--quiet", clock=CLOCK, world=world) as virga:
        view = shown(virga, "mssql-prepared")
        assert view["VersionName"] == "SQL Server 2019 Standard"
        assert (view["EndTime"], view["RenewFlag"], view["Collation"], view["TimeZone"]) == ("2030-01-01 00:00:00", 2, "Latin1_General_CI_AS", "UTC")
        assert (view["IsDrZone"], view["Model"], view["ThroughputPerformance"]) == (True, 7, 50)
        assert [z["SlaveZone"] for z in view["MultiSlaveZones"]] == ["ap-guangzhou-4", "ap-guangzhou-6"]
        assert answer(virga, "DescribeDBInstancesAttribute", {"InstanceId": "mssql-prepared"})["IsDiskEncryptFlag"] == 1
        assert answer(virga, "DescribeOrders", {"DealNames": ["201806271245"]})["Deals"] == [
            {"DealName": "201806271245", "Count": 1, "FlowId": 0, "InstanceIdSet": ["mssql-prepared"], "OwnerUin": "100000000001",
             "InstanceChargeType": "PRE"}]
        document = done(virga, "GET", STATE)["tables"]["instance"]
        row = dict(zip(document["columns"], document["rows"][0]))
        assert (row["maintenance_days"], row["maintenance_start"], row["maintenance_span"]) == (0b1100000, "02:30", 3)
