"""Makes harness.py importable from every test, and offers servers that tests may share."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import harness  # noqa: E402


@pytest.fixture(scope="module")
def virga():
    """A server in memory with the built-in world, no limits, and backups that are done at once."""
    with harness.Virga("--seed", "1", "--limit", "off", "--flow-seconds", "backup=0", "--quiet") as server:
        yield server
