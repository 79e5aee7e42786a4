"""A power cut at any moment loses no FlowId that a client was given: each was on the disk before it was answered.

powerloss.c keeps a copy of each file as of the server's last sync of it. After a kill, each file either becomes this copy (the system
had written nothing more) or stays as it is (the system had written everything). Both can happen, to each file separately.
"""
import contextlib
import os
import pathlib
import random
import shutil
import sqlite3
import subprocess

import pytest

from harness import Virga
from test_kill import load_and_kill

ROUNDS = 12
BINARY = os.environ.get("VIRGA_RELEASE_BIN")
OPTIONS = ("--limit", "off", "--flow-seconds", "backup=0", "--quiet")
FILES = ("", "-wal")  # a rollback journal is removed for good by the sync of the folder before the log is first used


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    source = pathlib.Path(__file__).with_name("powerloss.c")
    target = tmp_path_factory.mktemp("powerloss") / "powerloss.so"
    subprocess.run([os.environ.get("CC", "cc"), "-std=c17", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Werror", "-shared",
                    "-fPIC", "-o", target, source, "-ldl", "-lpthread"], check=True)
    return target


class Disk:
    """A database whose files can be set back to what was synced."""

    def __init__(self, folder, library):
        self.safe = folder / "safe"
        self.safe.mkdir()
        self.db = folder / "virga.db"
        # A sanitizer must be the first library, but the preloaded one is. Both work all the same.
        sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
        self.env = dict(os.environ, VIRGA_TEST_DISK=str(self.safe), LD_PRELOAD=str(library), ASAN_OPTIONS=sanitizer)

    def virga(self):
        return Virga(*OPTIONS, db=self.db, env=self.env, binary_path=BINARY)

    def cut_power(self, early):
        """Sets the files back to their last sync, but keeps those whose suffix is in `early` as they were written."""
        for suffix in FILES:
            live, safe = pathlib.Path(f"{self.db}{suffix}"), self.safe / f"{self.db.name}{suffix}"
            live.unlink() if suffix not in early and live.exists() else None
            if suffix not in early and safe.exists():
                shutil.copyfile(safe, live)
            safe.unlink(missing_ok=True)
            if live.exists():
                shutil.copyfile(live, safe)  # what is left is on the disk from now on
        pathlib.Path(f"{self.db}-shm").unlink(missing_ok=True)


def look(db):
    """The flows in the file, after an integrity check.

    The connection is closed explicitly. Otherwise it would keep the -shm file that the next power cut removes, and the next connection
    of this process would share it and read old pages.
    """
    with contextlib.closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        halves = "SELECT id FROM flow WHERE (SELECT count(*) FROM flow_database WHERE flow = id) <> 2"
        assert connection.execute(halves).fetchall() == []
        return {row[0] for row in connection.execute("SELECT id FROM flow")}


def assert_known(virga, flows):
    client = virga.client()
    for flow in flows:
        assert client.call("DescribeFlowStatus", {"FlowId": flow}).response.get("Status") == 0, flow
    client.close()


def test_every_answered_flow_is_on_the_disk(tmp_path, library):
    rng = random.Random(20180328)
    disk = Disk(tmp_path, library)
    given = set()
    with disk.virga() as virga:
        for number in range(ROUNDS):
            flows = load_and_kill(virga, rng.uniform(0.05, 0.6))
            given |= set(flows)
            early = [(), ("",), ("-wal",)][number % 3]
            disk.cut_power(early)
            virga.restart()
            assert_known(virga, flows)
            assert given <= look(disk.db), "a FlowId that a client was given is gone"
    print(f"{ROUNDS} power cuts, {len(given)} flows given")
    assert len(given) > ROUNDS, "the load was too small to prove anything"


def test_a_disk_that_lies_is_noticed(tmp_path, library):
    """Shows that the test above can fail: with syncs that do nothing, a power cut loses flows that were given.

    A cut right after a checkpoint loses none, so there can be several cuts.
    """
    disk = Disk(tmp_path, library)
    disk.env["VIRGA_TEST_DISK_LIES"] = "1"
    given = set()
    with disk.virga() as virga:
        for _ in range(ROUNDS):
            given |= set(load_and_kill(virga, 0.3))
            assert given
            disk.cut_power(early=())
            virga.restart()
            if not given <= look(disk.db):
                return
    pytest.fail("nothing was lost: the cut does not cut")
