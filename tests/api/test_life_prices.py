"""What is on sale has a price, and parameters and publications outlive a restart, a saved state and a reset."""
import json
import subprocess

import pytest
from control import ask, done
from harness import Virga, binary
from test_wire import HERE

CLOCK = "2022-06-19T11:41:24+08:00"
STATE = "/_virga/state"
PUBLISHER, SUBSCRIBER = "mssql-publish1", "mssql-subscr01"


def answer(virga, action, params):
    got = virga.call(action, params)
    assert got.code is None, got.body
    return got.response


@pytest.fixture
def virga():
    with Virga("--seed", "1", "--limit", "off", "--quiet", clock=CLOCK, world=HERE / "worlds" / "publications.json") as server:
        yield server


def advance(virga, seconds):
    done(virga, "POST", "/_virga/clock/advance", {"seconds": seconds})


def values(virga, instance):
    return {p["Name"]: p["CurrentValue"] for p in answer(virga, "DescribeInstanceParams", {"InstanceId": instance})["Items"]}


def pairs(virga):
    found = answer(virga, "DescribePublishSubscribe", {"InstanceId": PUBLISHER})["PublishSubscribeSet"]
    return [(p["PublishDatabase"], p["SubscribeDatabase"], p["Status"]) for one in found for p in one["DatabaseTupleSet"]]


def change_both(virga):
    """A change of a parameter and a publication, both running; the earlier change has ended."""
    answer(virga, "ModifyInstanceParam", {"InstanceIds": [SUBSCRIBER], "ParamList": [{"Name": "clr enabled", "CurrentValue": "1"}]})
    advance(virga, 2)
    answer(virga, "CreatePublishSubscribe", {"PublishInstanceId": PUBLISHER, "SubscribeInstanceId": SUBSCRIBER,
                                             "DatabaseTupleSet": [{"PublishDatabase": "db1", "SubscribeDatabase": "copy"}]})
    answer(virga, "ModifyInstanceParam", {"InstanceIds": [SUBSCRIBER], "ParamList": [{"Name": "clr enabled", "CurrentValue": "0"}]})


@pytest.mark.parametrize("type_", ["HA", "MultiHA", "RO", "SI", "BI", "cvmHA", "cvmMultiHA", "cvmRO"])
def test_every_size_on_sale_has_a_price(virga, type_):
    zone = "ap-guangzhou-3"
    sizes = answer(virga, "DescribeProductConfig", {"Zone": zone, "InstanceType": type_})["SpecInfoList"]
    others = ["ap-guangzhou-4", "ap-guangzhou-6"] if type_.endswith("MultiHA") or type_ == "MultiHA" else []
    sold = {(s["CPU"], s["Memory"], storage) for s in sizes for storage in (s["MinStorage"], s["MaxStorage"])}
    assert len(sizes) == 27 and len(sold) >= 12
    prices = {}
    for cpu, memory, storage in sorted(sold):
        params = {"Zone": zone, "InstanceType": type_, "Cpu": cpu, "Memory": memory, "Storage": storage, "DrZones": others}
        prices[cpu, memory, storage] = answer(virga, "InquiryPriceCreateDBInstances", params)["Price"]
    assert len(set(prices.values())) == len(sold), "a larger one costs more"


def test_the_zones_and_sizes_are_those_of_the_other_lists(virga):
    every = answer(virga, "DescribeProductConfig", {"Zone": "ap-guangzhou-3"})
    zones = answer(virga, "DescribeZones", {})["ZoneSet"]
    assert every["TotalCount"] == len(every["SpecInfoList"]) == 8 * 27
    assert {(s["SpecId"], s["Version"]) for s in every["SpecInfoList"]} == {(z["SpecId"], z["Version"]) for z in zones}
    products = answer(virga, "DescribeProductSpec", {})
    assert products["TotalCount"] == len(products["SpecInfoList"])
    assert {z["ZoneId"] for z in zones} <= {p["ZoneId"] for p in products["SpecInfoList"] if p["RegionId"] == 1}
    assert all([s["SpecId"] for s in p["Info"]] == sorted({z["SpecId"] for z in zones}) for p in products["SpecInfoList"])


def test_the_state_has_parameters_and_publications(virga):
    change_both(virga)
    document = ask(virga, "GET", STATE).body
    with Virga("--limit", "off", "--quiet", clock=CLOCK) as other:
        done(other, "PUT", STATE, document)
        assert ask(other, "GET", STATE).body == document
        assert (values(other, SUBSCRIBER)["clr enabled"], pairs(other)) == ("1", [("db1", "copy", "running")])
        advance(other, 4)
        assert (values(other, SUBSCRIBER)["clr enabled"], pairs(other)) == ("0", [("db1", "copy", "success")])


def test_a_reset_removes_them(virga):
    change_both(virga)
    done(virga, "POST", "/_virga/reset")
    tables = json.loads(ask(virga, "GET", STATE).body)["tables"]
    assert {name: tables[name]["rows"] for name in ("parameter", "parameter_change", "publication", "publication_pair", "flow")} == {
        "parameter": [], "parameter_change": [], "publication": [], "publication_pair": [], "flow": []}
    assert "copy" not in [row[1] for row in tables["database"]["rows"]]


def test_a_reset_of_flows_ends_them_as_failed(virga):
    change_both(virga)
    done(virga, "POST", "/_virga/reset?scope=flows")
    assert (values(virga, SUBSCRIBER)["clr enabled"], pairs(virga)) == ("1", [])
    records = answer(virga, "DescribeInstanceParamRecords", {"InstanceId": SUBSCRIBER})["Items"]
    assert [r["Status"] for r in records] == [2, 3]


def test_a_database_that_is_deleted_takes_its_pairs_along(virga):
    change_both(virga)
    advance(virga, 2)
    answer(virga, "DeleteDB", {"InstanceId": SUBSCRIBER, "Names": ["copy"]})
    advance(virga, 2)
    assert pairs(virga) == []


def test_the_record_keeps_the_last_thousand_changes(virga):
    names = [p["Name"] for p in answer(virga, "DescribeInstanceParams", {"InstanceId": SUBSCRIBER})["Items"] if not p["NeedReboot"]]
    wish = [{"Name": name, "CurrentValue": values(virga, SUBSCRIBER)[name]} for name in names]
    for _ in range(1000 // len(names) + 2):
        answer(virga, "ModifyInstanceParam", {"InstanceIds": [SUBSCRIBER], "ParamList": wish})
        advance(virga, 2)
    records = answer(virga, "DescribeInstanceParamRecords", {"InstanceId": SUBSCRIBER, "Limit": 1, "Offset": 999})
    assert records["TotalCount"] == 1000 and records["Items"][0]["ParamName"] == names[-1]


def test_long_tags_do_not_fit_into_a_trade_parameter(virga):
    params = {"Zone": "ap-guangzhou-3", "Cpu": 2, "Memory": 4, "Storage": 100, "InstanceType": "cvmHA", "MachineType": "CLOUD_SSD"}
    got = virga.call("DescribeInstanceTradeParameter", {**params, "ResourceTags": [{"TagKey": "k", "TagValue": "v" * 70000}]})
    assert got.code == "InvalidParameter.InputIllegal"
    json.loads(answer(virga, "DescribeInstanceTradeParameter", {**params, "ResourceTags": [{"TagKey": "k", "TagValue": "v" * 60000}]})["Parameter"])


def world(publisher, subscriber):
    """A world file with a publisher that has parameters and publications."""
    document = json.loads((HERE / "worlds" / "publications.json").read_text())
    first, second = document["accounts"][0]["regions"][0]["instances"][:2]
    first |= publisher
    second |= subscriber
    return document


PREPARED = {"parameters": [{"name": "fill factor(%)", "value": "60"}],
            "publications": [{"name": "orders", "subscriber": SUBSCRIBER, "pairs": [{"database": "db1", "subscriber_database": "old"}]}]}


def test_a_world_file_prepares_parameters_and_publications(tmp_path):
    (tmp_path / "world.json").write_text(json.dumps(world(PREPARED, {})))
    with Virga("--limit", "off", "--quiet", clock=CLOCK, world=tmp_path / "world.json", db=tmp_path / "virga.db") as virga:
        assert (values(virga, PUBLISHER)["fill factor(%)"], pairs(virga)) == ("60", [("db1", "old", "success")])
        answer(virga, "DeletePublishSubscribe", {"PublishSubscribeId": 1, "DatabaseTupleSet": [
            {"PublishDatabase": "db1", "SubscribeDatabase": "old"}]})
        virga.terminate()
        virga.restart()
        assert pairs(virga) == [], "what a client has deleted does not come back"
        done(virga, "POST", "/_virga/reset")
        assert pairs(virga) == [("db1", "old", "success")]


def refusal(publisher, subscriber, tmp_path):
    path = tmp_path / "world.json"
    path.write_text(json.dumps(world(publisher, subscriber)))
    ran = subprocess.run([binary(), "world", "check", path], capture_output=True, text=True, timeout=60)
    assert ran.returncode != 0
    return ran.stdout + ran.stderr


def publication(**more):
    return {"publications": [PREPARED["publications"][0] | more]}


@pytest.mark.parametrize("publisher,subscriber,words", [
    ({"parameters": [{"name": "fill factor", "value": "60"}]}, {}, "instances.0.parameters.0.name"),
    ({"parameters": [{"name": "fill factor(%)", "value": "101"}]}, {}, "instances.0.parameters.0.value: fill factor(%) cannot be 101"),
    (publication(subscriber="mssql-nothing1"), {}, "instances.0.publications.0.subscriber: mssql-nothing1 must be another instance"),
    (publication(subscriber=PUBLISHER), {}, "publications.0.subscriber"),
    (publication(subscriber="mssql-single01"), {}, "publications.0.subscriber"),
    (publication(), publication(subscriber="mssql-subscr02"), "publications.0.subscriber"),
    (publication(pairs=[{"database": "none", "subscriber_database": "old"}]), {}, "pairs.0: none is not a database of mssql-publish1"),
    (publication(pairs=[{"database": "db1", "subscriber_database": "db1"}]), {}, "pairs.0: db1 is not a database of mssql-subscr01"),
])
def test_a_world_file_with_wrong_ones_is_rejected(publisher, subscriber, words, tmp_path):
    assert words in refusal(publisher, subscriber, tmp_path)
