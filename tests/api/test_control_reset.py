"""A reset takes the world back to its beginning, all of it or a part, and reports what it removed."""
import pytest
from control import ask, done, refused
from harness import Virga

INSTANCE = {"InstanceId": "mssql-njj2mtpl"}
NOTHING = {"flows": 0, "backups": 0, "accounts": 0, "limiter": 0, "faults": 0, "journal": 0}


@pytest.fixture
def virga():
    with Virga("--seed", "1", "--clock", "2026-01-01T00:00:00+08:00", "--flow-seconds", "backup=10",
               "--flow-seconds", "createdb=10", "--quiet") as server:
        yield server


def backup(virga, **fields):
    answer = virga.call("CreateBackup", INSTANCE, **fields)
    assert answer.code is None, answer.body
    return answer.response["FlowId"]


def advance(virga, seconds):
    done(virga, "POST", "/_virga/clock/advance", {"seconds": seconds})


def reset(virga, query=""):
    return done(virga, "POST", "/_virga/reset" + query)


def state(virga):
    return done(virga, "GET", "/_virga/state")


def test_all_is_as_at_the_start(virga):
    before = state(virga)
    first = backup(virga)
    advance(virga, 60)
    done(virga, "POST", "/_virga/faults", {"action": "DescribeDBs", "code": "InternalError"})
    done(virga, "POST", "/_virga/accounts", {})
    assert backup(virga) == first + 1
    done(virga, "PUT", "/_virga/clock", {"mode": "frozen", "time": "2026-01-01T00:00:00+08:00"})
    assert reset(virga) == {"scopes": ["all", "flows", "backups", "limiter", "faults", "journal"],
                            "removed": {"flows": 2, "backups": 2, "accounts": 1, "limiter": 1, "faults": 1, "journal": 2}}
    assert state(virga) == before
    assert backup(virga) == first, "a seeded world gives the same ids again"


def test_a_second_time_removes_nothing(virga):
    backup(virga)
    reset(virga)
    after = state(virga)
    assert reset(virga)["removed"] == NOTHING
    assert state(virga) == after


def test_flows_leave_finished_backups(virga):
    kept = backup(virga)
    advance(virga, 60)
    gone = backup(virga)
    removed = reset(virga, "?scope=flows")["removed"]
    assert removed == {**NOTHING, "flows": 1, "backups": 1}
    assert virga.call("DescribeFlowStatus", {"FlowId": kept}).response["Status"] == 0
    assert virga.call("DescribeFlowStatus", {"FlowId": gone}).code is not None
    assert backup(virga) > gone, "ids continue"


def test_flows_give_databases_back(virga):
    before = state(virga)["tables"]["database"]
    made = virga.call("CreateDB", {**INSTANCE, "DBs": [{"DBName": "fresh"}]})
    assert made.code is None, made.body
    assert state(virga)["tables"]["database"] != before
    assert reset(virga, "?scope=flows")["removed"]["flows"] == 1
    assert state(virga)["tables"]["database"] == before


def test_backups_go_with_their_flows(virga):
    backup(virga)
    advance(virga, 60)
    backup(virga)
    assert reset(virga, "?scope=backups")["removed"] == {**NOTHING, "flows": 2, "backups": 2}
    tables = state(virga)["tables"]
    assert [tables[t]["rows"] for t in ("flow", "backup", "flow_database")] == [[], [], []]
    backup(virga)


def test_backups_give_a_database_back_that_was_being_deleted(virga):
    """DeleteDB makes a backup first, so its flow goes with the backup; the database must not stay in deletion for ever."""
    assert virga.call("DeleteDB", {**INSTANCE, "Names": ["db1"]}).code is None
    assert virga.call("CreateBackup", INSTANCE).code is not None
    assert reset(virga, "?scope=backups")["removed"] == {**NOTHING, "flows": 1, "backups": 1}
    databases = virga.call("DescribeDBs", {"InstanceIdSet": [INSTANCE["InstanceId"]]}).response["DBInstances"][0]["DBDetails"]
    assert [(d["Name"], d["Status"]) for d in databases] == [("db1", 2), ("db2", 2)]
    backup(virga)


def test_scopes_may_be_several(virga):
    backup(virga)
    answer = reset(virga, "?scope=limiter,flows")
    assert answer == {"scopes": ["flows", "limiter"], "removed": {**NOTHING, "flows": 1, "backups": 1, "limiter": 1}}


def test_an_account_alone(virga):
    account = done(virga, "POST", "/_virga/accounts", {})
    key = {"secret_id": account["secret_id"], "secret_key": account["secret_key"]}
    before = state(virga)
    mine, theirs = backup(virga), backup(virga, **key)
    assert reset(virga, f"?account={account['uin']}") == {
        "scopes": ["all", "flows", "backups"], "removed": {**NOTHING, "flows": 1, "backups": 1}}
    assert virga.call("DescribeFlowStatus", {"FlowId": mine}).response["Status"] == 2
    assert virga.call("DescribeFlowStatus", {"FlowId": theirs}, **key).code is not None
    assert virga.call("DescribeDBInstances", {}, **key).response["TotalCount"] == 2
    assert reset(virga, "?account=100000000001&scope=flows")["removed"] == {**NOTHING, "flows": 1, "backups": 1}
    now = state(virga)
    assert now["tables"]["flow"] == before["tables"]["flow"]
    assert {t: len(v["rows"]) for t, v in now["tables"].items()} == {t: len(v["rows"]) for t, v in
                                                                     before["tables"].items()}


@pytest.mark.parametrize("query,status,words", [
    ("?scope=flow", 400, "there is no scope flow"),
    ("?scope=", 400, "there is no scope"),
    ("?scope=flows,,backups", 400, "there is no scope"),
    ("?scope=flows&scope=backups", 400, ""),
    ("?what=all", 400, "what"),
    ("?account=1", 404, "there is no account 1"),
    ("?scope=limiter&account=100000000001", 400, "belongs to no account"),
])
def test_a_wrong_reset_changes_nothing(virga, query, status, words):
    backup(virga)
    before = ask(virga, "GET", "/_virga/state").body
    got, error = refused(virga, "POST", "/_virga/reset" + query)
    assert got == status and words in error["message"], error
    assert ask(virga, "GET", "/_virga/state").body == before


def test_an_answer_on_the_disk_stays(tmp_path):
    with Virga("--limit", "off", "--quiet", db=tmp_path / "virga.db") as virga:
        backup(virga)
        reset(virga)
        virga.kill()
        virga.restart()
        assert done(virga, "GET", "/_virga/state")["tables"]["flow"]["rows"] == []
