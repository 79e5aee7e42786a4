"""Tasks where time passes or one fails: restores, rollbacks, and databases created, dropped and renamed.

DescribeRollbackTime shows which databases exist: it leaves out those that do not exist, or not yet.
"""
import http.client
import json
import pathlib

import pytest

from harness import Virga

WORLD = pathlib.Path(__file__).resolve().parent / "worlds" / "recovery.json"
CLOCK = "2022-06-19T11:41:24+08:00"
SOURCE, SIMPLE = "mssql-source01", "mssql-simple01"
KINDS = ["restore", "rollback", "clone", "createdb", "deletedb", "renamedb"]
DAY = 24 * 3600


class World:
    """Calls on a server with a frozen clock. The result is a code where the answer is an error."""

    def __init__(self, virga):
        self.virga = virga

    def call(self, action, **params):
        answer = json.loads(self.virga.call(action, params).body)["Response"]
        return answer["Error"]["Code"] if "Error" in answer else answer

    def start(self, action, instance=SOURCE, **params):
        answer = self.call(action, InstanceId=instance, **params)
        assert isinstance(answer, dict), answer
        return answer["FlowId"]

    def back_up(self, *names, instance=SOURCE):
        """The id of the archive."""
        flow = self.start("CreateBackup", instance, Strategy=1, DBNames=list(names))
        return self.call("DescribeBackupByFlowId", InstanceId=instance, FlowId=str(flow))["Id"]

    def control(self, method, path, body):
        connection = http.client.HTTPConnection(self.virga.host, self.virga.port, timeout=20)
        connection.request(method, path, json.dumps(body))
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        connection.close()

    def finish(self, flow, outcome):
        self.control("POST", f"/_virga/flows/{flow}/finish", {"outcome": outcome})

    def advance(self, seconds):
        self.control("POST", "/_virga/clock/advance", {"seconds": seconds})

    def flow(self, flow):
        return self.call("DescribeFlowStatus", FlowId=flow)["Status"]

    def windows(self, *names, instance=SOURCE):
        details = self.call("DescribeRollbackTime", InstanceId=instance, DBs=list(names))["Details"]
        return {d["DBName"]: (d["StartTime"], d["EndTime"]) for d in details}

    def there(self, *names):
        return sorted(self.windows(*names)) if names else []

    def is_free(self, name):
        """Whether a task accepts it. The unknown name in the same call prevents the start of the task."""
        code = self.call("CreateBackup", InstanceId=SOURCE, Strategy=1, DBNames=[name, "nothing"])
        return {"ResourceNotFound.DBNotFound": True, "ResourceUnavailable.DBInvalidStatus": False}[code]


def serve(*kinds, **options):
    """Flows of these kinds wait until they are ended by hand, all others end at once."""
    seconds = {kind: "manual" if kind in kinds else "0" for kind in KINDS + ["backup", "autobackup"]}
    words = [word for kind, n in seconds.items() for word in ("--flow-seconds", f"{kind}={n}")]
    options.setdefault("world", WORLD)
    return Virga("--seed", "1", "--limit", "off", "--quiet", *words, clock=CLOCK, **options)


def renamed(new, old="db1"):
    return [{"OldName": old, "NewName": new}]


def start_each(world):
    """One flow of each kind that may run with others: kind -> (flow, what success drops, what it creates)."""
    backup = world.back_up("db1")
    return {
        "createdb": (world.start("CreateDB", DBs=[{"DBName": "made"}]), [], ["made"]),
        "restore": (world.start("RestoreInstance", BackupId=backup, RenameRestore=renamed("restored")), [], ["restored"]),
        "clone": (world.start("CloneDB", RenameRestore=renamed("copied")), [], ["copied"]),
        "deletedb": (world.start("DeleteDB", Names=["db2"]), ["db2"], []),
    }


@pytest.mark.parametrize("outcome", ["success", "failure"])
def test_the_end_of_each_task(outcome):
    with serve(*KINDS) as virga:
        world = World(virga)
        flows = start_each(world)
        assert world.there("made", "restored", "copied", "db2") == []
        for flow, dropped, made in flows.values():
            world.finish(flow, outcome)
            assert world.flow(flow) == (0 if outcome == "success" else 1)
            assert world.there(*made) == (made if outcome == "success" else [])
            assert world.there(*dropped) == ([] if outcome == "success" else dropped)
        assert world.is_free("db1")


@pytest.mark.parametrize("outcome", ["success", "failure"])
def test_the_end_of_a_rollback(outcome):
    with serve("rollback") as virga:
        world = World(virga)
        over = world.start("RollbackInstance", Type=0, Time="2022-06-19 11:41:24", DBs=["db1"])
        assert not world.is_free("db1") and world.is_free("db2")
        world.finish(over, outcome)
        assert world.is_free("db1")
        beside = world.start("RollbackInstance", Type=1, Time="2022-06-19 11:41:24", RenameRestore=renamed("back"))
        world.finish(beside, outcome)
        assert world.there("db1", "back") == (["back", "db1"] if outcome == "success" else ["db1"])


@pytest.mark.parametrize("outcome, name", [("success", "new"), ("failure", "db1")])
def test_the_end_of_a_renaming(outcome, name):
    with serve("renamedb") as virga:
        world = World(virga)
        flow = world.start("ModifyDBName", OldDBName="db1", NewDBName="new")
        assert world.there("db1", "new") == ["db1"] and not world.is_free("db1")
        world.finish(flow, outcome)
        assert world.there("db1", "new") == [name] and world.is_free(name)


@pytest.mark.parametrize("outcome", ["success", "failure"])
def test_the_end_of_an_overwriting(outcome):
    with serve("restore") as virga:
        world = World(virga)
        backup = world.back_up("db1", "db2")
        world.start("DeleteDB", Names=["db2"], NoDoBackup=1)
        flow = world.start("RestoreInstance", BackupId=backup, Type=0, DBList=["db1", "db2"])
        world.finish(flow, outcome)
        assert world.is_free("db1"), "it was only written over"
        assert world.there("db1", "db2") == (["db1", "db2"] if outcome == "success" else ["db1"])


def test_a_restart_ends_a_task_once(tmp_path):
    with serve("renamedb", "createdb", db=tmp_path / "state.db") as virga:
        world = World(virga)
        renaming = world.start("ModifyDBName", OldDBName="db1", NewDBName="new")
        making = world.start("CreateDB", DBs=[{"DBName": "db3"}])
        virga.kill()
        virga.restart()
        assert world.flow(renaming) == world.flow(making) == 2
        world.finish(renaming, "success")
        assert world.start("CreateDB", DBs=[{"DBName": "db1"}]), "the old name is free"
        virga.kill()
        virga.restart()
        assert world.there("new", "db3") == ["new"] and world.flow(renaming) == 0
        world.finish(making, "failure")
        assert world.there("new", "db3") == ["new"]


def test_a_task_that_ends_at_its_time():
    with Virga("--seed", "1", "--quiet", "--flow-seconds", "createdb=60", clock=CLOCK, world=WORLD) as virga:
        world = World(virga)
        flow = world.start("CreateDB", DBs=[{"DBName": "db3"}])
        world.advance(59)
        assert world.flow(flow) == 2 and world.there("db3") == []
        world.advance(1)
        assert world.flow(flow) == 0 and world.there("db3") == ["db3"]


# --- the backup before a database is dropped ---


def test_a_dropped_database_was_backed_up():
    with serve("deletedb") as virga:
        world = World(virga)
        flow = world.start("DeleteDB", Names=["db2", "db1"])
        shown = world.call("DescribeBackupByFlowId", InstanceId=SOURCE, FlowId=str(flow))
        assert (shown["Status"], shown["Id"], shown["EndTime"]) == (0, 0, "0000-00-00 00:00:00")
        world.finish(flow, "success")
        shown = world.call("DescribeBackupByFlowId", InstanceId=SOURCE, FlowId=str(flow))
        assert (shown["Status"], shown["Strategy"], shown["BackupWay"]) == (1, 1, 1)
        assert sorted(shown["DBs"]) == ["db1", "db2"] and shown["BackupName"] == "mssql-source01_20220619114124"
        assert world.start("RestoreInstance", BackupId=shown["Id"], Type=0, DBList=["db1", "db2"])
        assert world.there("db1", "db2") == ["db1", "db2"]


def test_a_drop_that_fails_leaves_a_failed_backup():
    with serve("deletedb") as virga:
        world = World(virga)
        flow = world.start("DeleteDB", Names=["db2"], NoDoBackup=0)
        world.finish(flow, "failure")
        assert world.call("DescribeBackupByFlowId", InstanceId=SOURCE, FlowId=str(flow))["Status"] == 2
        assert world.is_free("db2")


@pytest.mark.parametrize("instance, name, params", [(SOURCE, "db1", {"NoDoBackup": 1}), (SIMPLE, "plain", {})])
def test_dropped_without_a_backup(instance, name, params):
    """Because the caller asks for it, or because a database in the simple recovery model cannot be backed up."""
    with serve() as virga:
        world = World(virga)
        flow = world.start("DeleteDB", instance, Names=[name], **params)
        assert world.flow(flow) == 0 and world.windows(name, instance=instance) == {}
        shown = world.call("DescribeBackups", InstanceId=instance, StartTime="2022-01-01 00:00:00",
                           EndTime="2023-01-01 00:00:00")
        assert shown["TotalCount"] == 0


def test_a_copy_of_a_simple_database_is_simple():
    with serve() as virga:
        world = World(virga)
        world.start("CloneDB", SIMPLE, RenameRestore=renamed("copy", "plain"))
        assert world.flow(world.start("CreateBackup", SIMPLE, Strategy=1, DBNames=["copy"])) == 1


# --- the window ---


def test_the_window_moves_with_the_retention():
    """At first from the creation on; seven days later from the first automatic backup that is still kept, at midnight."""
    with serve() as virga:
        world = World(virga)
        assert world.windows("db1") == {"db1": ("2022-06-19 11:41:24", "2022-06-19 11:41:24")}
        world.advance(7 * DAY)
        assert world.windows("db1") == {"db1": ("2022-06-19 11:41:24", "2022-06-26 11:41:24")}
        world.advance(1)
        assert world.windows("db1") == {"db1": ("2022-06-20 00:00:00", "2022-06-26 11:41:25")}
        world.advance(2 * DAY)
        assert world.windows("db1") == {"db1": ("2022-06-22 00:00:00", "2022-06-28 11:41:25")}


@pytest.mark.parametrize("time, taken", [("2022-06-21 23:59:59", False), ("2022-06-22 00:00:00", True),
                                         ("2022-06-28 11:41:25", True), ("2022-06-28 11:41:26", False)])
def test_the_window_includes_both_ends(time, taken):
    with serve() as virga:
        world = World(virga)
        world.advance(9 * DAY + 1)
        answer = world.call("RollbackInstance", InstanceId=SOURCE, Type=0, Time=time, DBs=["db1"])
        assert isinstance(answer, dict) == taken, answer
        assert taken or answer == "InvalidParameter.InputIllegal"


def test_without_a_backup_there_is_no_rollback():
    """Automatic backups of an instance with a database in the simple model fail."""
    with serve() as virga:
        world = World(virga)
        world.advance(8 * DAY)
        assert world.windows("plain", instance=SIMPLE) == {}
        assert world.call("RollbackInstance", InstanceId=SIMPLE, Type=0, Time="2022-06-27 11:41:24",
                          DBs=["plain"]) == "InvalidParameter.InputIllegal"


def test_default_names_contain_the_time_of_the_data():
    with serve() as virga:
        world = World(virga)
        backup = world.back_up("db1")
        world.advance(DAY)
        world.start("RestoreInstance", BackupId=backup)
        world.start("RollbackInstance", Type=1, Time="2022-06-20 01:02:03", DBs=["db1"])
        assert world.there("db1_20220619114124", "db1_20220620010203") == ["db1_20220619114124", "db1_20220620010203"]


def test_an_expired_backup_cannot_be_restored():
    with serve() as virga:
        world = World(virga)
        backup = world.back_up("db1")
        world.advance(7 * DAY - 1)
        assert world.start("RestoreInstance", BackupId=backup, Type=0, DBList=["db1"])
        world.advance(1)
        assert world.call("RestoreInstance", InstanceId=SOURCE, BackupId=backup) == "InvalidParameter.InputIllegal"


# --- how many databases ---


def full_world():
    """An instance of 2008 R2, which can have 70 databases and has 69."""
    world = json.loads(WORLD.read_text())
    world["accounts"][0]["regions"][0]["instances"] = [
        {"instance_id": SOURCE, "version": "2008R2", "cpu": 8, "databases": [{"name": f"db{i}"} for i in range(1, 70)]}]
    return world


def test_the_number_of_databases_is_limited():
    with serve(world=full_world()) as virga:
        world = World(virga)
        backup = world.back_up("db1", "db2")
        many, names = "LimitExceeded.TooManyDB", renamed("x") + renamed("y", "db2")
        assert world.call("CreateDB", InstanceId=SOURCE, DBs=[{"DBName": "x"}, {"DBName": "y"}]) == many
        assert world.call("CloneDB", InstanceId=SOURCE, RenameRestore=names) == many
        assert world.call("RestoreInstance", InstanceId=SOURCE, BackupId=backup) == many
        assert world.call("RollbackInstance", InstanceId=SOURCE, Type=1, Time="2022-06-19 11:41:24",
                          RenameRestore=names) == "InvalidParameter.InputIllegal"
        world.start("CreateDB", DBs=[{"DBName": "x"}])
        assert world.call("CloneDB", InstanceId=SOURCE, RenameRestore=renamed("y")) == many
        assert world.start("RestoreInstance", BackupId=backup, Type=0, DBList=["db1"]), "nothing is added"
        world.start("DeleteDB", Names=["x"])
        assert world.start("CloneDB", RenameRestore=renamed("y"))
