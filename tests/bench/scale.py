#!/usr/bin/env python3
"""Measures what a large world costs: prints one markdown table, and exits with 1 when a goal is missed.

    python3 tests/bench/scale.py --virga build/release/src/virga   (a release build)

A large world has 1,000 instances with 1,000 backups each. A small one has ten instances, and as many backups on the one that the
calls are about. Both servers run at once and get calls in turn, over kept connections. The measure is the processor time of a
call, which hardly depends on the load of the machine. All calls of a round are about one instance and any of its flows, as from a
client that waits for a flow or reads pages; the next round takes another instance. With --wander every call takes another one.
Then SQLite's cache, which is small, has none of the pages, and each must come from the operating system.
"""
import argparse
import contextlib
import os
import pathlib
import random
import re
import sqlite3
import statistics
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness  # noqa: E402

BACKUPS = 1000  # of each instance that has any
GOAL = 1.2
NOW_MS = 1655610084000
CLOCK = "2022-06-19T11:41:24+08:00"
# The time between two backups of an instance. Those of different instances are mixed, as in reality.
APART_MS = 3_600_000
OLDEST_MS = NOW_MS - (BACKUPS + 1) * APART_MS
WINDOW = {"StartTime": "2022-01-01 00:00:00", "EndTime": "2022-12-31 23:59:59"}


def instance_ids(count):
    return [f"mssql-scale{i:04d}" for i in range(count)]


def world(count):
    """A world whose backups are kept for years, without scheduled backups meanwhile."""
    instances = [{"instance_id": name, "backup_save_days": 3650, "databases": [{"name": "db1"}, {"name": "db2"}]}
                 for name in instance_ids(count)]
    credential = {"secret_id": harness.SECRET_ID, "secret_key": harness.SECRET_KEY}
    return {"version": 1, "accounts": [{"uin": "100000000001", "credentials": [credential],
                                        "regions": [{"region": harness.REGION, "instances": instances}]}]}


def fill(path, with_backups):
    """Finished backups of the first `with_backups` instances, in the order of their starts."""
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TEMP TABLE made (flow INTEGER PRIMARY KEY, instance INTEGER, start_ms INTEGER)")
        db.execute("INSERT INTO made WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n LIMIT :rows)"
                   " SELECT 5293 + i, i % :instances + 1, :oldest + i / :instances * :apart + i % :instances FROM n",
                   {"rows": with_backups * BACKUPS, "instances": with_backups, "oldest": OLDEST_MS, "apart": APART_MS})
        db.execute("INSERT INTO flow (id, instance, kind, start_ms, due_ms, fails, outcome)"
                   " SELECT flow, instance, 'backup', start_ms, start_ms + 2000, 0, 'success' FROM made")
        db.execute("INSERT INTO flow_database (flow, name, ordinal) SELECT flow, 'db1', 0 FROM made")
        db.execute("INSERT INTO backup (flow, instance, name, strategy, storage_strategy, way, status, single, start_ms,"
                   " end_ms) SELECT flow, instance, 'nightly_' || flow, 1, 0, 1, 1, 0, start_ms, start_ms + 2000 FROM made")


class World:
    """A server on a filled file, and the calls to measure."""

    def __init__(self, scratch, binary, instances, with_backups):
        self.ids, self.with_backups = instance_ids(instances), with_backups
        db = os.path.join(scratch, f"{instances}.db")
        self.virga = harness.Virga("--seed", "1", "--limit", "off", "--flow-seconds", "backup=0", "--quiet", db=db,
                                   world=world(instances), clock=CLOCK, binary_path=binary)
        self.virga.start()
        self.virga.terminate()
        fill(db, with_backups)
        self.virga.restart()
        self.client = self.virga.client()
        self.random = random.Random(1)
        self.chosen = 0

    def status(self, name):
        return pathlib.Path(f"/proc/{self.virga.process.pid}/{name}").read_text(encoding="ascii")

    def cpu_ns(self):
        """Processor time of all threads."""
        tasks = pathlib.Path(f"/proc/{self.virga.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text(encoding="ascii").split()[0]) for task in tasks)

    def resident_mib(self):
        return int(re.search(r"VmRSS:\s+(\d+)", self.status("status")).group(1)) / 1024

    def choose(self):
        self.chosen = self.random.randrange(self.with_backups)

    def params(self, kind):
        """Parameters about the chosen instance, and any of its flows."""
        chosen = self.chosen
        flow = 5293 + chosen + self.with_backups * self.random.randrange(BACKUPS)
        return {"page": {**WINDOW, "InstanceId": self.ids[chosen]},
                "last page": {**WINDOW, "InstanceId": self.ids[chosen], "Offset": BACKUPS // 20 - 1},
                "named": {**WINDOW, "InstanceId": self.ids[chosen], "BackupId": (1 << 35) + flow * 1024},
                "flow": {"InstanceId": self.ids[chosen], "FlowId": str(flow)},
                "instances": {"Limit": 10},
                "one": {"InstanceIdSet": [self.ids[chosen]]},
                "create": {"InstanceId": self.ids[chosen], "Strategy": 1, "DBNames": ["db1"]}}[kind]

    def cost_us(self, action, kind, args):
        """Processor time of a call, or the code of the first error."""
        self.client.call(action, self.params(kind))
        before = self.cpu_ns()
        for _ in range(args.calls):
            if args.wander:
                self.choose()
            answer = self.client.call(action, self.params(kind))
            if answer.code is not None:
                return answer.code
        return (self.cpu_ns() - before) / args.calls / 1000


CASES = [("DescribeBackups, first page", "DescribeBackups", "page"),
         ("DescribeBackups, last page", "DescribeBackups", "last page"),
         ("DescribeBackups by BackupId", "DescribeBackups", "named"),
         ("DescribeBackupByFlowId", "DescribeBackupByFlowId", "flow"),
         ("DescribeDBInstances, ten of them", "DescribeDBInstances", "instances"),
         ("DescribeDBInstances, one by its id", "DescribeDBInstances", "one"),
         ("CreateBackup", "CreateBackup", "create")]


def compare(small, large, action, kind, args):
    """[(us in the small world, us in the large one)] of each round, or the code of an error."""
    pairs = []
    for _ in range(args.rounds + 1):
        large.choose()
        pair = [w.cost_us(action, kind, args) for w in (small, large)]
        if isinstance(pair[0], str) or isinstance(pair[1], str):
            return pair[0]
        pairs.append(pair)
    return pairs[1:]  # the first round warms up


def report_case(name, pairs):
    """Prints one line. True when the goal was missed."""
    if isinstance(pairs, str):
        print(f"| {name} | | | | {pairs} |")
        return False
    ratio = statistics.median(b / a for a, b in pairs)
    costs = [statistics.median(side) for side in zip(*pairs)]
    verdict = "met" if ratio <= GOAL else "MISSED"
    print(f"| {name} | {costs[0]:.0f} | {costs[1]:.0f} | {ratio:.2f} | <= {GOAL}: {verdict} |", flush=True)
    return ratio > GOAL


def report(args, scratch):
    with contextlib.ExitStack() as stack:
        small, large = World(scratch, args.virga, 10, 1), World(scratch, args.virga, 1000, 1000)
        stack.enter_context(contextlib.closing(small.client))
        for w in (small, large):
            stack.callback(w.virga.__exit__, None)
        before = large.resident_mib()
        print("| call | us, small world | us, large world | ratio | goal |\n|---|---:|---:|---:|---|")
        missed = [report_case(name, compare(small, large, action, kind, args)) for name, action, kind in CASES]
        print(f"\nResident: small {small.resident_mib():.1f} MiB; large {before:.1f} MiB at the start and "
              f"{large.resident_mib():.1f} MiB after all calls.")
    return any(missed)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--virga", default=harness.binary(), help="the program (or VIRGA_BIN)")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--calls", type=int, default=400, help="of each round")
    parser.add_argument("--wander", action="store_true", help="another instance at every call")
    parser.add_argument("--dir", help="where the files are kept meanwhile")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="virga-scale-", dir=args.dir) as scratch:
        sys.exit(1 if report(args, scratch) else 0)


if __name__ == "__main__":
    main()
