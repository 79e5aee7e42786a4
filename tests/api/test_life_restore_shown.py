"""Databases that tasks work on, in DescribeDBs, and the status 7 of their instance meanwhile."""
import pytest

from test_life_restore import KINDS, SOURCE, World, renamed, serve

DATABASES = ("db1", "db2")


def shown(world, instance=SOURCE):
    """name -> row of DescribeDBs, without the databases that have another status than 2 in the world file."""
    rows = world.call("DescribeDBs", InstanceIdSet=[instance], Limit=100)["DBInstances"][0]["DBDetails"]
    return {row["Name"]: row for row in rows if row["Name"] not in ("creating", "modified", "deleting")}


def statuses(world):
    return {name: row["Status"] for name, row in shown(world).items()}


def instance_status(world):
    return world.call("DescribeDBInstances", InstanceIdSet=[SOURCE])["DBInstances"][0]["Status"]


# What is started, the statuses while it runs, and the databases after success. After a failure they are as before.
TASKS = {
    "createdb": ("CreateDB", {"DBs": [{"DBName": "new"}]}, {"db1": 2, "db2": 2, "new": 1}, ["db1", "db2", "new"]),
    "deletedb": ("DeleteDB", {"Names": ["db1"]}, {"db1": -1, "db2": 2}, ["db2"]),
    "renamedb": ("ModifyDBName", {"OldDBName": "db1", "NewDBName": "new"}, {"db1": 3, "db2": 2}, ["db2", "new"]),
    "clone": ("CloneDB", {"RenameRestore": renamed("new")}, {"db1": 2, "db2": 2, "new": 1}, ["db1", "db2", "new"]),
    "rollback": ("RollbackInstance", {"Type": 0, "Time": "2022-06-19 11:41:24", "DBs": ["db1"]}, {"db1": 3, "db2": 2},
                 ["db1", "db2"]),
}


@pytest.mark.parametrize("outcome", ["success", "failure"])
@pytest.mark.parametrize("kind", TASKS)
def test_the_statuses_of_a_task(kind, outcome):
    action, params, meanwhile, after = TASKS[kind]
    with serve(*KINDS) as virga:
        world = World(virga)
        assert instance_status(world) == 2
        flow = world.start(action, **params)
        assert (statuses(world), instance_status(world)) == (meanwhile, 7)
        world.finish(flow, outcome)
        expected = after if outcome == "success" else DATABASES
        assert (statuses(world), instance_status(world)) == ({name: 2 for name in expected}, 2)


def test_what_a_new_database_has():
    with serve() as virga:
        world = World(virga)
        accounts = [{"UserName": "reader", "Privilege": "ReadOnly"}, {"UserName": "owner", "Privilege": "DBOwner"}]
        world.start("CreateDB", DBs=[{"DBName": "new", "Charset": "Chinese_PRC_BIN", "Remark": "notes", "Accounts": accounts},
                                     {"DBName": "bare"}])
        new, bare = shown(world)["new"], shown(world)["bare"]
        assert (new["Charset"], new["Remark"], new["CreateTime"]) == ("Chinese_PRC_BIN", "notes", "2022-06-19 11:41:24")
        assert sorted((a["UserName"], a["Privilege"]) for a in new["Accounts"]) == [("owner", "DBOwner"), ("reader", "ReadOnly")]
        assert (bare["Charset"], bare["Remark"], bare["Accounts"]) == ("Chinese_PRC_CI_AS", "--", [])


def test_a_renamed_database_keeps_the_rest():
    with serve() as virga:
        world = World(virga)
        world.start("CreateDB", DBs=[{"DBName": "new", "Charset": "Chinese_PRC_BIN", "Remark": "notes",
                                      "Accounts": [{"UserName": "reader", "Privilege": "ReadOnly"}]}])
        before = shown(world)["new"]
        world.advance(60)
        world.start("ModifyDBName", OldDBName="new", NewDBName="newer")
        assert shown(world)["newer"] == {**before, "Name": "newer"}


def test_a_copy_has_the_collation_but_not_the_remark():
    with serve() as virga:
        world = World(virga)
        backup = world.back_up("db1")
        world.start("CloneDB", RenameRestore=renamed("cloned"))
        world.start("RestoreInstance", BackupId=backup, RenameRestore=renamed("restored"))
        for name in ("cloned", "restored"):
            row = shown(world)[name]
            assert (row["Charset"], row["Remark"]) == ("Chinese_PRC_CS_AS", "--")


def test_what_terraform_does_to_restore():
    """Backs up, restores under a new name, drops the copy, and reads DescribeDBs after each."""
    with serve() as virga:
        world = World(virga)
        backup = world.back_up("db1")
        flow = world.start("RestoreInstance", BackupId=backup, RenameRestore=renamed("restored"))
        assert world.flow(flow) == 0 and {"db1", "restored"} <= set(shown(world))
        flow = world.start("DeleteDB", Names=["restored"])
        assert world.flow(flow) == 0 and set(shown(world)) == set(DATABASES)
