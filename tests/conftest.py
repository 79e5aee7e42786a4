"""Makes the modules in tests/ importable, offers a server that tests share, and says which tests one process takes together."""
import pathlib
import sys

import pytest
from xdist.scheduler import LoadScopeScheduling

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import harness  # noqa: E402

# The files that take longest, in this order: they start first, so that at the end no process works alone on one of them.
LONGEST = ["doctor/test_doctor.py", "sdk/test_java.py", "packaging/test_junit.py", "packaging/test_npm.py", "sdk/test_go.py",
           "packaging/test_go_module.py", "cli/test_faults_command.py", "faults/test_kill.py",
           "console/test_access.py", "faults/test_control_kill.py", "sdk/python/test_tccli.py", "console/test_frame.py", "console/test_requests.py",
           "sdk/test_client_programs.py", "packaging/test_python.py",
           "console/test_views.py", "console/test_explorer.py", "faults/test_lifecycle.py", "unit/test_gen.py",
           "console/test_races.py", "sdk/python/test_terraform.py", "api/test_precedence.py", "api/test_journal.py",
           "api/test_control_state.py", "cli/test_commands.py"]

# Files whose tests may go to different processes. The tests of every other file stay together: they share a server, and some of them
# follow one another.
DIVIDED = ["cli/test_documents.py", "cli/test_faults_command.py", "console/test_access.py", "console/test_explorer.py", "console/test_frame.py", "console/test_views.py",
           "doctor/test_doctor.py", "faults/test_control_kill.py", "faults/test_lifecycle.py"]

assert [name for name in LONGEST + DIVIDED if not (HERE / name).exists()] == []


def file_of(nodeid):
    """The file of a test, as a path below tests/."""
    return nodeid.partition("::")[0]


class Scheduler(LoadScopeScheduling):
    """Gives a file to one process, or, where its tests may be divided, each test to the process that is free."""

    def _split_scope(self, nodeid):
        return nodeid if file_of(nodeid) in DIVIDED else file_of(nodeid)


def pytest_xdist_make_scheduler(config, log):
    config.option.loadscopereorder = False  # the order is that of the collection, below
    return Scheduler(config, log)


def pytest_collection_modifyitems(items):
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(file_of(item.nodeid), len(place)))


@pytest.fixture(scope="module")
def virga():
    """A server in memory with the built-in world, no limits, and backups that are done at once."""
    with harness.Virga("--seed", "1", "--limit", "off", "--flow-seconds", "backup=0", "--quiet") as server:
        yield server
