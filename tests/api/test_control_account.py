"""Test accounts: tests that run side by side share nothing."""
import threading

import pytest
from control import ask, done, refused
from harness import SECRET_ID, SECRET_KEY, Virga

INSTANCE = {"InstanceId": "mssql-njj2mtpl"}


def make(virga, **world):
    return done(virga, "POST", "/_virga/accounts", {"world": world} if world else {})


def key(account):
    return {"secret_id": account["secret_id"], "secret_key": account["secret_key"]}


def test_it_has_a_copy_of_the_fixtures(virga):
    account = make(virga)
    assert account["uin"].isdigit() and account["secret_id"].startswith("AKID")
    assert (account["region"], account["instance_id"]) == ("ap-guangzhou", "mssql-njj2mtpl")
    own = virga.call("DescribeDBInstances", {}, **key(account)).response
    assert own["TotalCount"] == virga.call("DescribeDBInstances", {}).response["TotalCount"] == 2


def test_one_does_not_see_the_other(virga):
    one, two = make(virga), make(virga)
    assert one["uin"] != two["uin"] and one["secret_id"] != two["secret_id"]
    flow = virga.call("CreateBackup", INSTANCE, **key(one)).response["FlowId"]
    assert virga.call("DescribeFlowStatus", {"FlowId": flow}, **key(one)).response["Status"] == 0
    assert virga.call("DescribeFlowStatus", {"FlowId": flow}, **key(two)).code is not None
    assert virga.call("DescribeFlowStatus", {"FlowId": flow}).code is not None


def test_a_key_is_its_own(virga):
    account = make(virga)
    answer = virga.call("DescribeDBInstances", {}, secret_id=account["secret_id"], secret_key=SECRET_KEY)
    assert answer.code == "AuthFailure.SignatureFailure"


def test_the_flow_ids_of_a_removed_one_are_not_given_again(virga):
    mine, account = virga.call("CreateBackup", INSTANCE).response["FlowId"], make(virga)
    theirs = virga.call("CreateBackup", INSTANCE, **key(account)).response["FlowId"]
    assert theirs == mine + 1
    done(virga, "DELETE", f"/_virga/accounts/{account['uin']}")
    assert virga.call("CreateBackup", {"InstanceId": "mssql-i1z41iwd"}).response["FlowId"] == theirs + 1


def test_its_automatic_backups_are_made():
    """Also when they are due before all others of the world."""
    with Virga("--limit", "off", "--quiet", clock="2026-06-19T12:00:00+08:00") as virga:
        account = make(virga, regions=[{"region": "ap-guangzhou", "instances": [
            {"instance_id": "mssql-aaaaaaaa", "backup_hour": 13, "databases": [{"name": "a"}]}]}])
        done(virga, "POST", "/_virga/clock/advance", {"seconds": 2 * 3600})
        window = {"InstanceId": "mssql-aaaaaaaa", "StartTime": "2026-06-19 00:00:00", "EndTime": "2026-06-20 00:00:00"}
        (backup,) = virga.call("DescribeBackups", window, **key(account)).response["Backups"]
        assert backup["StartTime"] == "2026-06-19 13:00:00"


def test_side_by_side():
    """Two test accounts at the same time, each with its own client and its own reset."""
    with Virga("--limit", "off", "--flow-seconds", "backup=0", "--quiet") as virga:
        wrong = []

        def work(account, resets):
            client = virga.client()
            for _ in range(40):
                flow = client.call("CreateBackup", INSTANCE, **key(account)).response["FlowId"]
                found = client.call("DescribeFlowStatus", {"FlowId": flow}, **key(account))
                if found.code is not None or found.response["Status"] != 0:
                    wrong.append(found.body)
                if resets:
                    done(virga, "POST", f"/_virga/reset?account={account['uin']}")

        threads = [threading.Thread(target=work, args=(make(virga), i == 0)) for i in range(2)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert wrong == []
        flows = done(virga, "GET", "/_virga/state")["tables"]["flow"]["rows"]
        assert len(flows) == 40


def test_a_given_world(virga):
    account = make(virga, regions=[{"region": "ap-shanghai", "instances": [{"instance_id": "mssql-mine0001"}]}],
                   limits={"uin": 1})
    assert (account["region"], account["instance_id"]) == ("ap-shanghai", "mssql-mine0001")
    got = virga.call("DescribeDBInstances", {}, region="ap-shanghai", **key(account)).response
    assert [i["InstanceId"] for i in got["DBInstances"]] == ["mssql-mine0001"]
    assert virga.call("DescribeDBInstances", {}, **key(account)).response["TotalCount"] == 0


def test_an_empty_world(virga):
    account = done(virga, "POST", "/_virga/accounts", {"world": {}})
    assert set(account) == {"uin", "secret_id", "secret_key"}
    assert virga.call("DescribeDBInstances", {}, **key(account)).response["TotalCount"] == 0


@pytest.mark.parametrize("body,words", [
    ({"world": 1}, "world is not an object"),
    ({"world": []}, "world is not an object"),
    ({"worlds": {}}, "worlds"),
    ({"world": {"uin": "1"}}, "accounts.0.uin is there twice"),
    ({"world": {"credentials": []}}, "accounts.0.credentials is there twice"),
    ({"world": {"region": []}}, "unknown key accounts.0.region"),
    ({"world": {"regions": [{"region": "ap-guangzhou", "instances": [{}]}]}}, "instance_id is missing"),
    ({"world": {"regions": [{"region": "ap-guangzhou", "instances": [
        {"instance_id": "mssql-a", "status": 7}]}]}}, "status 7"),
    ({"world": {"ip_deny": ["nonsense"]}}, "nonsense"),
    (b"[1]", "not a JSON object"),
])
def test_a_wrong_world_makes_nothing(virga, body, words):
    before = ask(virga, "GET", "/_virga/state").body
    status, error = refused(virga, "POST", "/_virga/accounts", body)
    assert status == 400 and words in error["message"], error
    assert ask(virga, "GET", "/_virga/state").body == before


def test_a_file_keeps_it(tmp_path):
    with Virga("--seed", "7", "--limit", "off", "--quiet", db=tmp_path / "virga.db") as virga:
        account = make(virga)
        virga.kill()
        virga.restart()
        assert virga.call("DescribeDBInstances", {}, **key(account)).response["TotalCount"] == 2
        again = make(virga)
        assert again["uin"] != account["uin"], "the same seed, but that one is taken"
        done(virga, "POST", "/_virga/reset")
        for gone in (account, again):
            assert virga.call("DescribeDBInstances", {}, **key(gone)).code == "AuthFailure.SecretIdNotFound"
        assert virga.call("DescribeDBInstances", {}, secret_id=SECRET_ID).code is None


def test_a_seed_gives_the_same_account():
    made = []
    for _ in range(2):
        with Virga("--seed", "7", "--quiet") as virga:
            made.append(make(virga))
    assert made[0] == made[1]
