"""A short walk of model/walk.py, and that a walk finds a mistake and shortens what shows it."""
import contextlib

import pytest
from model import state, walk

STEPS, SEED, STATE_EVERY = 2000, 1, 50


@pytest.fixture(scope="module")
def server():
    with contextlib.ExitStack() as stack:
        yield walk.Server(stack)


def test_every_answer_of_a_walk_agrees_with_the_model(server):
    server.restart()
    steps, error, counts = walk.run(server, SEED, STEPS, STATE_EVERY)
    assert error is None, f"{error}\nrun: tests/model/walk.py --calls {STEPS} --seed {SEED} --state-every {STATE_EVERY}"
    assert len(steps) == STEPS and counts["done"] > 500 and counts["refused"] > 500, counts


def call(action, **params):
    return {"who": "model", "action": action, "params": {"InstanceId": "mssql-walkaaaa", **params}}


def test_a_mistake_is_found_and_shortened(server, monkeypatch):
    """A model in which the creation of a database takes longer than it does. Three of the steps are enough to show it."""
    other = [call("ModifyDBInstanceNote", InstanceNote="x"), call("DescribeAccounts"), {"move": 10}]
    seen = {"who": "model", "action": "DescribeDBs", "params": {"InstanceIdSet": ["mssql-walkaaaa"]}}
    steps = [*other, call("CreateDB", DBs=[{"DBName": "delta"}]), *other, {"move": 1000}, *other, seen, *other]
    steps = [{"n": n, **step} for n, step in enumerate(steps)]
    assert walk.replay(server, steps) is None
    monkeypatch.setitem(state.DURATION_MS, "createdb", 1400)
    error = walk.replay(server, steps)
    assert error is not None and error.kind == ("DescribeDBs", "answer")
    fewer = walk.shrink(server, steps, error.kind)
    assert [step.get("action", "move") for step in fewer] == ["CreateDB", "move", "DescribeDBs"]
