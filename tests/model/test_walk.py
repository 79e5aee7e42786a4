"""A short walk of model/walk.py, and that a walk finds a mistake and shortens what shows it."""
import contextlib

import pytest
from model import state, walk

STEPS, SEED, STATE_EVERY = 2000, 1, 25


@pytest.fixture(scope="module")
def server():
    with contextlib.ExitStack() as stack:
        yield walk.Server(stack)


def test_every_answer_of_a_walk_agrees_with_the_model(server):
    server.restart()
    steps, error, counts = walk.run(server, SEED, STEPS, STATE_EVERY)
    assert error is None, f"{error}\nrun: tests/model/walk.py --calls {STEPS} --seed {SEED} --state-every {STATE_EVERY}"
    assert len(steps) == STEPS and counts["done"] > 500 and counts["refused"] > 500, counts


def test_a_mistake_is_found_and_shortened(server, monkeypatch):
    """A model in which the creation of a database takes longer than it does."""
    monkeypatch.setitem(state.DURATION_MS, "createdb", 1400)
    server.restart()
    steps, error, _ = walk.run(server, SEED, STEPS, 0)
    assert error is not None
    fewer = walk.shrink(server, steps, error.kind)
    assert len(fewer) <= 4 and any(step.get("action") == "CreateDB" for step in fewer), fewer
    again = walk.replay(server, fewer)
    assert again is not None and again.kind == error.kind
