"""Allocations, writes and SQLite steps fail by a seeded plan (hostile.c): no crash and no leak, and each call gets an error that its
action declares, or the program ends and names the cause. Afterwards an ordinary virga finds every FlowId that a client was given."""
import http.client
import os
import random
import signal
import time

import pytest

import soak_checks as checks
from control import ask
from harness import Call, Virga
from soak_ledger import Ledger

BINARY = os.environ.get("VIRGA_HOSTILE_BIN")
OPTIONS = ("--limit", "off", "--flow-seconds", "backup=0", "--quiet")
CREATED, OTHER = "mssql-njj2mtpl", "mssql-i1z41iwd"
CALLS = 120
# Of a user's error, of the listener, of the state's file (6), of the world, of a sync that failed; 1: out of memory.
DISK_FAILED = 8
CAUSES = {1: "out of memory", 3: "cannot start", 6: "", 7: "", DISK_FAILED: "the disk refused to keep the state"}

# One in how many fails: allocations, writes and syncs, steps of statements. A start alone needs some thousands of allocations.
PLANS = [(3000, 0, 0), (60000, 0, 0), (0, 60, 0), (0, 600, 0), (0, 0, 60), (0, 0, 600), (100000, 2000, 500)]
SEEDS = range(1, 1 + int(os.environ.get("VIRGA_HOSTILE_SEEDS", 2)))

pytestmark = pytest.mark.skipif(not BINARY, reason="VIRGA_HOSTILE_BIN does not name a build with -Dhostile=true")


def one_call(virga, ledger, rng, number):
    name = f"h{number}"
    action, params = rng.choice([
        ("CreateBackup", {"InstanceId": CREATED, "BackupName": name}), ("CreateBackup", {"InstanceId": CREATED, "BackupName": name}),
        ("DescribeBackups", {"InstanceId": CREATED, "StartTime": "2000-01-01 00:00:00", "EndTime": "2099-01-01 00:00:00"}),
        ("CreateDB", {"InstanceId": OTHER, "DBs": [{"DBName": name}]}), ("DeleteDB", {"InstanceId": OTHER, "Names": ["orders"]}),
        ("DescribeDBInstances", {}), ("DescribeFlowStatus", {"FlowId": 1}),
    ])
    sent = time.monotonic()
    fields = {"secret_key": "wrong"} if rng.random() < 0.1 else {}
    answer = virga.call(action, params, mode=rng.choice(Call.MODES), **fields)
    if answer is not None:  # None: the server has ended
        ledger.answered(sent, action, answer, name if action == "CreateBackup" else None)


def one_request(virga, rng):
    method, path, body = rng.choice([
        ("GET", "requests", None), ("GET", "requests.har", None), ("GET", "ready", None), ("GET", "state", None), ("GET", "metrics", None),
        ("POST", "faults", {"trace": "t", "delay_ms": 1}), ("POST", "accounts", {}), ("POST", "clock/advance", {"seconds": 1}),
        ("GET", "why/last", None), ("GET", "coverage", None), ("POST", "reset?scope=limiter", None),
    ])
    answer = ask(virga, method, f"/_virga/{path}", body)
    assert answer is None or answer.status < 600


def drive(virga, ledger, rng):
    """Calls until all are made or the program has ended."""
    for number in range(CALLS):
        try:
            one_request(virga, rng) if rng.random() < 0.2 else one_call(virga, ledger, rng, number)
        except (OSError, http.client.HTTPException, AssertionError):
            if virga.process.wait(timeout=20) == 0:
                raise
        if virga.process.poll() is not None:
            return


def assert_end(virga):
    """It ended because it was asked to, was killed, or said why."""
    code, said = virga.process.wait(timeout=20), virga.stderr()
    assert "Sanitizer" not in said and "runtime error" not in said and "ssert" not in said, said
    assert code in (0, -signal.SIGKILL) or (code in CAUSES and CAUSES[code] in said and "virga: error: " in said), (code, said)
    return code


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: "-".join(map(str, plan)))
@pytest.mark.parametrize("seed", SEEDS)
def test_seed(tmp_path, plan, seed):
    db, ledger, rng = tmp_path / "virga.db", Ledger(), random.Random(seed)
    ledger.open_window("hostile")
    env = {"HOSTILE_PLAN": f"{seed} {' '.join(map(str, plan))}"}
    virga = Virga(*OPTIONS, "--journal", str(tmp_path / "journal.db"), db=db, binary_path=BINARY, env=env)
    try:
        virga.start()
    except RuntimeError:
        assert_end(virga)
    else:
        drive(virga, ledger, rng)
        virga.process.send_signal(signal.SIGKILL if seed % 2 else signal.SIGTERM)
        if assert_end(virga) == DISK_FAILED:
            ledger.refused.clear()  # what a sync that failed has kept is unknown, so a refused call may be there
    with Virga(*OPTIONS, db=db) as after:
        checks.check_state(ledger, db)
        checks.check_flows(ledger, db)
        checks.check_unique(ledger)
        checks.check_by_calls(ledger, after, rng)
    assert ledger.violations == []
