"""The machine's clock is set while virga runs, or between two runs: flows keep their duration. The clock is that of clockshift.c."""
import os
import pathlib
import subprocess
import time

import control
import harness
import pytest

DAY = 24 * 3600
BACKUP = {"InstanceId": "mssql-njj2mtpl"}
RUNNING, DONE = 2, 0


class Machine(harness.Virga):
    """A server on a machine whose clock a test sets, by its difference to the right time in seconds."""

    def __init__(self, library, folder, *options, **more):
        self.file = folder / "shift"
        self.shift = 0
        # A sanitizer must be the first library, but the preloaded one is. Both work all the same.
        sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
        env = {"VIRGA_TEST_SHIFT": str(self.file), "LD_PRELOAD": str(library), "ASAN_OPTIONS": sanitizer}
        super().__init__("--limit", "off", *options, env=env, **more)

    def set_clock(self, seconds):
        self.shift = seconds
        temporary = self.file.with_suffix(".new")
        temporary.write_text(str(seconds * 1000))
        temporary.replace(self.file)

    def now(self):
        return int(time.time()) + self.shift

    def clock(self):
        return control.done(self, "GET", "/_virga/clock")

    def status(self, flow):
        return self.call("DescribeFlowStatus", {"FlowId": flow}).response["Status"]

    def backup(self):
        return self.call("CreateBackup", BACKUP).response["FlowId"]

    def await_end(self, flow):
        deadline = time.monotonic() + harness.READY_SECONDS
        while (status := self.status(flow)) == RUNNING:
            assert time.monotonic() < deadline, "the flow does not end"
            time.sleep(0.02)
        assert status == DONE


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    source = pathlib.Path(__file__).with_name("clockshift.c")
    target = tmp_path_factory.mktemp("clockshift") / "clockshift.so"
    subprocess.run([os.environ.get("CC", "cc"), "-std=c17", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", target,
                    source], check=True)
    return target


def test_the_clock_can_be_set(library, tmp_path):
    """Else the tests below would prove nothing: the server that starts then has that time."""
    with Machine(library, tmp_path, "--quiet") as virga:
        assert abs(virga.clock()["unix_ms"] / 1000 - time.time()) < DAY / 2
        virga.terminate()
        virga.set_clock(-30 * DAY)
        virga.restart()
        assert abs(virga.clock()["unix_ms"] / 1000 - time.time() + 30 * DAY) < DAY / 2
        assert virga.call("DescribeRegions").code is None, "a signature of that time is good"


@pytest.mark.parametrize("mode", [None, {"mode": "moved", "time": "2031-01-01T00:00:00Z"}, {"mode": "scaled", "scale": 2}],
                         ids=["real", "moved", "scaled"])
def test_a_clock_set_back(library, tmp_path, mode):
    """The service's clock runs on from where it was; the next flow has its duration as well."""
    with Machine(library, tmp_path, "--flow-seconds", "backup=1", "--quiet") as virga:
        if mode:
            control.done(virga, "PUT", "/_virga/clock", mode)
        flow = virga.backup()
        before = virga.clock()["unix_ms"]
        virga.set_clock(-400 * DAY)
        after = virga.clock()["unix_ms"]
        assert before <= after < before + 2 * harness.READY_SECONDS * 1000
        virga.await_end(flow)
        virga.await_end(virga.backup())


def test_a_clock_set_forward_is_followed(library, tmp_path):
    with Machine(library, tmp_path, "--flow-seconds", "backup=3600", "--quiet") as virga:
        flow = virga.backup()
        assert virga.status(flow) == RUNNING
        virga.set_clock(DAY)
        assert virga.status(flow) == DONE
        virga.set_clock(0)
        assert virga.clock()["unix_ms"] / 1000 > time.time() + DAY - harness.READY_SECONDS, "it does not go back with it"
        assert control.done(virga, "PUT", "/_virga/clock", {"mode": "real"})["unix_ms"] / 1000 < time.time() + DAY / 2


def test_a_clock_set_back_between_two_runs(library, tmp_path):
    with Machine(library, tmp_path, "--flow-seconds", "backup=3", db=tmp_path / "virga.db") as virga:
        flow = virga.backup()
        virga.kill()
        virga.set_clock(-400 * DAY)
        virga.restart()
        assert virga.clock()["mode"] == "moved" and "virga: warning: a running flow began at " in virga.stderr()
        virga.await_end(flow)
        virga.await_end(virga.backup())
        assert control.done(virga, "PUT", "/_virga/clock", {"mode": "real"})["unix_ms"] / 1000 < time.time() - 399 * DAY
        virga.await_end(virga.backup())
        virga.terminate()
        virga.restart()
        assert virga.clock()["mode"] == "real", "no flow is running, so the machine's time is as good as any"


def test_a_frozen_clock_stays(library, tmp_path):
    """The time that a user gives is not changed."""
    with Machine(library, tmp_path, "--flow-seconds", "backup=3", "--quiet", db=tmp_path / "virga.db") as virga:
        flow = virga.backup()
        virga.terminate()
        virga.command += ["--clock", "2020-01-01T00:00:00+08:00"]
        virga.restart()
        assert virga.clock()["time"] == "2020-01-01T00:00:00+08:00" and virga.status(flow) == RUNNING
