"""What each list costs with 1,000 instances and with ten: at most 1.2 times as many instructions of SQLite's machine.

The instructions of two equal calls are equal, however busy the machine is. Every instance has the same things, and the calls are about
one of them. Both worlds have as many migrations: DescribeMigrations sorts all of an account, whatever instances there are.
"""
import contextlib
import functools
import json
import pathlib
import re

import pytest

import harness
SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "schema" / "sqlserver"
SMALL, LARGE, MOST = 10, 1000, 1.2
BACKED_UP = 200
CLOCK = "2026-03-02T10:00:00+08:00"

# The lists that add up all backups of an account, or count all its instances that a filter leaves. They cost the same for each instance, which the last test checks.
SUMS = {"DescribeBackupStatistical", "DescribeCrossBackupStatistical", "DescribeBackupMonitor", "DescribeBackupSummary",
        "DescribeLogInstanceList"}

# What a call needs beside the parameters that are required.
MORE = {"DescribeDBRestoreTime": {"Time": "2026-03-02 10:00:00"}, "DescribeDBInstances": {"Limit": SMALL},
        "DescribeMigrations": {"Limit": SMALL}, "DescribeLogInstanceList": {"Limit": SMALL}}


@functools.lru_cache(None)
def lists():
    """The emulated actions that read and return a list, with their descriptions."""
    rows = [json.loads(path.read_text()) for path in sorted(SCHEMA.glob("[A-Z]*.json"))]
    return {row["action"]: row for row in rows
            if row.get("handler") and not row["writes"] and any(f["type"].startswith("list") for f in row["out"])}


def instance(n, count):
    name = f"{n:04}"
    return {"instance_id": f"mssql-scale{name}", "vpc_id": "vpc-1", "subnet_id": "subnet-1", "backup_model": "master_no_pkg",
            "high_availability": "ALWAYSON", "audit_days": 30, "order": f"2026{name}", "security_groups": ["sg-scale"], "logins": [{"name": "app"}],
            "databases": [{"name": "db1", "grants": [{"login": "app"}]}, {"name": "db2"}],
            "read_only_groups": [{"read_only_group_id": f"mssqlrg-{name}"}], "tags": [{"key": "team", "value": "games"}],
            "parameters": [{"name": "max degree of parallelism", "value": "2"}],
            "imports": [{"migration_id": f"mssql-backup-migration-{name}", "recovery_type": "FULL_LOG",
                         "incremental": [{"migration_id": f"mssql-incremental-migration-{name}"}]}],
            "migrations": [{"migrate_id": n + 1, "source_instance": f"mssql-scale{(n + 1) % count:04}"}] if n < SMALL else []}


class World:
    """A server with some instances, up to BACKED_UP of them with a backup, and the parameters of calls about the first."""

    def __init__(self, stack, count):
        credential = {"secret_id": harness.SECRET_ID, "secret_key": harness.SECRET_KEY}
        regions = [{"region": harness.REGION, "instances": [instance(n, count) for n in range(count)]}]
        world = {"version": 1, "accounts": [{"uin": "100000000001", "credentials": [credential], "regions": regions}]}
        self.virga = stack.enter_context(harness.Virga("--seed", "1", "--limit", "off", "--flow-seconds", "backup=0", "--quiet",
                                                       world=world, clock=CLOCK))
        self.client = stack.enter_context(contextlib.closing(self.virga.client()))
        flows = [self.client.call("CreateBackup", {"InstanceId": f"mssql-scale{n:04}"}).response["FlowId"] for n in range(min(count, BACKED_UP))]
        day = {"StartTime": "2026-03-02 00:00:00", "EndTime": "2026-03-02 23:00:00", "RegularBackupStartTime": "2026-03-03"}
        self.values = {**day, "InstanceId": "mssql-scale0000", "InstanceIdSet": ["mssql-scale0000"], "DBName": "db1", "DBs": ["db1"],
                       "AccountName": "app", "UserName": "app", "Password": "Passw0rd1", "FlowId": str(flows[0]),
                       "GroupId": str(10_000_000_000_000 + flows[0]), "BackupMigrationId": "mssql-backup-migration-0000", "MigrateId": 1,
                       "DealNames": ["20260000"], "ReadOnlyGroupId": "mssqlrg-0000", "Limit": 20, "Offset": 0, "ProjectId": 0,
                       "Zone": "ap-guangzhou-3", "SpecIdSet": [1], "DBVersion": "2017", "Pid": 1, "PayMode": "POST", "Currency": "CNY",
                       "RegularBackupSaveDays": 365, "RegularBackupStrategy": "months", "RegularBackupCounts": 1, "BackupCycle": [1],
                       "DealInstance": ["20260000"], "Type": "local", "LogType": "auditLog", "EventType": "slow"}
        assert self.client.call("StartMigrationCheck", {"MigrateId": 1}).code is None
        self.idle = self.between(lambda: None)

    def instructions(self):
        message = harness.Message("GET", "/_virga/metrics", [("Host", f"{self.virga.host}:{self.virga.port}")], b"")
        text = self.client.send(message).body.decode()
        return int(re.search(r"^virga_store_instructions_total (\d+)$", text, re.M)[1])

    def between(self, act):
        before = self.instructions()
        act()
        return self.instructions() - before

    def cost(self, action):
        """The instructions of a call, without those of the metrics."""
        params = {f["name"]: self.values[f["name"]] for f in lists()[action]["in"] if f.get("required")}
        params.update(MORE.get(action, {}))
        answers = []
        cost = self.between(lambda: answers.append(self.client.call(action, params))) - self.idle
        return cost if answers[0].code is None else answers[0].code


@pytest.fixture(scope="module")
def worlds():
    with contextlib.ExitStack() as stack:
        yield World(stack, SMALL), World(stack, LARGE)


def test_every_list_costs_the_same_in_a_large_world(worlds):
    small, large = worlds
    costs = {action: (small.cost(action), large.cost(action)) for action in lists() if action not in SUMS}
    refused = {a: c for a, c in costs.items() if not all(isinstance(v, int) for v in c)}
    assert len(costs) > 40 and not refused, refused
    assert sum(c[1] > 20 for c in costs.values()) > 30, "the instructions are not counted"
    assert not {a: c for a, c in costs.items() if c[1] > MOST * c[0] + 10}


def test_a_sum_costs_the_same_for_each_instance(worlds):
    small, large = worlds
    costs = {action: (small.cost(action), large.cost(action)) for action in SUMS & set(lists())}
    assert len(costs) == 4
    assert not {a: c for a, c in costs.items() if c[1] > MOST * c[0] * LARGE / SMALL}, costs
