"""The wheel: built from the program under test, installed into an environment of its own, and used by docs/examples/python."""
import ast
import importlib.util
import json
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import sysconfig
import time
import venv
import zipfile

import pytest

import command
import control
import harness

FOLDER = harness.ROOT / "packaging/python"
EXAMPLE = harness.ROOT / "docs/examples/python"
PROGRAM = os.environ.get("VIRGA_RELEASE_BIN") or harness.binary()
TESTS_OF_EXAMPLE = 12
SECONDS, TRACEBACK_SECONDS = 300, 100  # generous: a busy machine; a test that hangs shows where


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


builder, hatch_build = load(FOLDER / "build.py"), load(FOLDER / "hatch_build.py")


class Environment:
    """A Python environment with the wheel, which also has the packages of the environment of these tests."""

    def __init__(self, folder, wheels):
        venv.create(folder)
        self.python = folder / "bin/python"
        packages = pathlib.Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
        (packages / "tests.pth").write_text(sysconfig.get_path("purelib") + "\n")
        subprocess.run([sys.executable, "-m", "pip", "--python", self.python, "--disable-pip-version-check", "install", "-q", "--no-index",
                        "--no-deps", "--no-compile", "--find-links", wheels, "virga"], check=True)

    def run(self, *words, cwd, code=0, **env):
        done = subprocess.run([self.python, *words], cwd=cwd, capture_output=True, text=True, timeout=SECONDS,
                              env=command.clean_env(**env))
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def pytest(self, *words, cwd, **more):
        return self.run("-m", "pytest", "-p", "no:cacheprovider", "-o", f"faulthandler_timeout={TRACEBACK_SECONDS}", *words, cwd=cwd, **more)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return pathlib.Path(builder.build(tmp_path_factory.mktemp("wheels"), PROGRAM))


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory):
    return Environment(tmp_path_factory.mktemp("environment"), wheel.parent)


@pytest.fixture
def write_tests(environment, tmp_path):
    """Runs the text of a test file, with a world file beside it, and returns what pytest printed."""
    shutil.copy(EXAMPLE / "operators.json", tmp_path / "world.json")

    def write_tests(text, *words, ini="", **more):
        (tmp_path / "pytest.ini").write_text("[pytest]\n" + ini)
        (tmp_path / "test_it.py").write_text(text)
        return environment.pytest(*words, cwd=tmp_path, **more)
    return write_tests


# --- the wheel ------------------------------------------------------------------------------------------------------


def elf(machine, interpreter):
    """The head of a program with one segment: the loader, or code."""
    return struct.pack("<4s12xHHIQQQIHHHHHH", b"\x7fELF", 2, machine, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0) + struct.pack("<I52x", 3 if interpreter else 1)


def macho(cpu, name, version):
    """The head of a program with a command to skip and one that has the version."""
    commands = struct.pack("<II8x", 0x19, 16) + struct.pack("<IIII8x", name, 24, *((1, version) if name == 0x32 else (version, 1)))
    return struct.pack("<IIIIIIII", 0xFEEDFACF, cpu, 0, 2, 2, len(commands), 0, 0) + commands


@pytest.mark.parametrize("program, platform", [
    (elf(62, False), "manylinux2014_x86_64.manylinux_2_17_x86_64.musllinux_1_1_x86_64"),
    (elf(183, False), "manylinux2014_aarch64.manylinux_2_17_aarch64.musllinux_1_1_aarch64"),
    (elf(62, True), "linux_x86_64"),
    (macho(0x0100000C, 0x32, 0x0B0300), "macosx_11_0_arm64"),
    (macho(0x01000007, 0x24, 0x0A0F00), "macosx_10_15_x86_64")])
def test_the_platform_is_that_of_the_program(program, platform):
    assert hatch_build.platform_of(program) == platform


def test_a_script_is_no_program():
    with pytest.raises(ValueError, match="neither ELF nor"):
        hatch_build.platform_of(b"#!/bin/sh\n")


def test_the_wheel_has_the_program_and_its_licence(wheel):
    with zipfile.ZipFile(wheel) as archive:
        name, = [n for n in archive.namelist() if n.endswith(".data/scripts/virga")]
        assert archive.read(name) == pathlib.Path(PROGRAM).read_bytes()
        assert archive.getinfo(name).external_attr >> 16 & 0o111 == 0o111
        assert archive.read("virga/licences/virga.txt") == (harness.ROOT / "LICENSE").read_bytes()
        assert "virga/py.typed" in archive.namelist()


def test_two_builds_are_the_same(wheel, tmp_path):
    again = pathlib.Path(builder.build(tmp_path, PROGRAM))
    assert again.name == wheel.name
    assert again.read_bytes() == wheel.read_bytes()


def test_licences_of_the_libraries(tmp_path):
    (tmp_path / "licences").mkdir()
    (tmp_path / "licences/sqlite.txt").write_text("public domain")
    with zipfile.ZipFile(builder.build(tmp_path, PROGRAM, tmp_path / "licences")) as archive:
        assert archive.read("virga/licences/sqlite.txt") == b"public domain"


def test_without_a_program_it_uses_that_of_the_variable_or_the_path(tmp_path):
    wheel = builder.build(tmp_path)
    assert wheel.endswith("-py3-none-any.whl")

    def run(*words, **env):
        return subprocess.run([sys.executable, *words], cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS, check=True,
                              env=command.clean_env(PYTHONPATH=wheel, **env)).stdout

    code = "import virga; print(virga.find_program())"
    assert run("-c", code, VIRGA_BIN="/some/virga") == "/some/virga\n"
    (tmp_path / "virga").symlink_to(PROGRAM)
    assert run("-c", code, PATH=str(tmp_path)) == f"{tmp_path}/virga\n"
    assert run("-m", "virga", "version", PATH=str(tmp_path)).startswith("virga ")
    none = "import virga\ntry: virga.start()\nexcept virga.StartError as error: print(error)"
    assert "set VIRGA_BIN" in run("-c", none, PATH="/nowhere")


def test_it_is_text_of_python_3_8():
    for file in FOLDER.glob("src/virga/*.py"):
        ast.parse(file.read_text(), feature_version=(3, 8))


# Of pytest 7.0.0, the oldest that the package takes. check_python.py runs the plugin with it; look a new name up in its manual.
PYTEST_7 = {"Config", "FixtureRequest", "Item", "Parser", "StashKey", "TestReport", "UsageError", "fixture", "hookimpl"}


def test_the_plugin_evaluates_only_names_of_the_oldest_pytest():
    tree = ast.parse((FOLDER / "src/virga/plugin.py").read_text())
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "pytest"}
    assert used - PYTEST_7 == set()


# --- the example ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    return pathlib.Path(shutil.copytree(EXAMPLE, tmp_path_factory.mktemp("example") / "python"))


def test_the_example_in_two_processes(environment, example):
    printed = environment.pytest("-q", "--virga-coverage", "-n", "2", cwd=example)
    assert f"{TESTS_OF_EXAMPLE} passed" in printed
    assert "CreateBackup: 3 of 19\n    returned ok 11, InternalError 1, InternalError.SystemError 4, RequestLimitExceeded 2" in printed
    assert "virga: 3 actions called, 13 % of their documented outcomes returned" in printed


def test_the_example_with_unittest(environment, example):
    environment.run("-m", "unittest", cwd=example)


def test_the_types(environment, example, tmp_path):
    kept = os.environ.get("VIRGA_TEST_BUILD")  # what mypy knows of pytest from an earlier run
    words = ["-m", "mypy", "--strict", "--cache-dir", f"{kept}/mypy" if kept else str(tmp_path)]
    environment.run(*words, "-p", "virga", cwd=tmp_path)
    environment.run(*words, ".", cwd=example)


def test_the_blocks_of_the_readme_run(environment, write_tests, tmp_path):
    page = (FOLDER / "README.md").read_text()
    first, marked, plain = re.findall(r"```python\n(.*?)```", page, re.S)
    ini = re.search(r"```ini\n\[pytest\]\n(.*?)```", page, re.S).group(1)
    assert "2 passed" in write_tests(first + marked, "-q", ini=ini)
    assert environment.run("-c", plain, cwd=tmp_path).startswith("http://127.0.0.1:")


# --- the plugin -----------------------------------------------------------------------------------------------------

CREATE = """
from tencentcloud.sqlserver.v20180328 import models, sqlserver_client

def create(account, **parameters):
    request = models.CreateBackupRequest()
    request.InstanceId = account.instance_id
    for name, value in parameters.items():
        setattr(request, name, value)
    return account.client(sqlserver_client.SqlserverClient).CreateBackup(request).FlowId
"""


def test_a_failed_test_shows_its_calls(write_tests):
    printed = write_tests(CREATE + """
def test_rejected(virga_account):
    virga_account.faults.add("CreateBackup", close="before", count=1)
    try:
        create(virga_account)
    except Exception:
        pass
    create(virga_account)
    create(virga_account, InstanceId="mssql-unknown")

def test_verify(virga):
    virga.verify("CreateBackup", times=2)

def test_that_passes(virga_account):
    create(virga_account)
""", "-q", code=1)
    section, following = printed.split("virga: the calls of this test")[1:3]
    assert re.findall(r"^CreateBackup (\S+)|    (?:injected by|why) +(.*)", section, re.M) == [
        ("the", ""), ("", "fault 1"), ("ok", ""), ("ResourceNotFound.InstanceNotFound:", ""),
        ("", "no account has an instance mssql-unknown; the world's first is mssql-njj2mtpl in ap-guangzhou")]
    assert "step      handle\n" in section and "(documented)" in section
    assert "AssertionError: 0 calls of CreateBackup, not at least 2; no other call was made" in section
    assert following.startswith(" ---") and "\nnone\n" in following
    assert "virga/calls.py" not in printed  # verify fails where the test calls it


def test_a_test_leaves_nothing_to_the_next(write_tests):
    assert "4 passed" in write_tests(CREATE + """
import pytest

@pytest.fixture(scope="session")
def address(virga_server):
    return virga_server.endpoint

FIRST = []

def test_changes(virga, virga_account, virga_clock):
    FIRST.append(create(virga_account))
    virga.faults.add(code="InternalError")
    virga.set_limit("CreateBackup", 0)
    virga_clock.move("2040-01-01T00:00:00+08:00")
    assert virga_clock.now().year == 2040

def test_sees_nothing(virga, virga_account, virga_clock, address):
    assert address == virga.endpoint
    assert virga.requests() == [] and virga.faults.list() == [] and virga_clock.describe()["mode"] == "real"
    assert [create(virga_account)] == FIRST  # the same seed, the same state

@pytest.mark.virga_world("world.json")
def test_another_world(virga, virga_account, address):
    assert address != virga.endpoint and virga.account.region == virga_account.region == "ap-shanghai"
    assert virga_account.instance_id == "mssql-shop0001"

def test_accounts_share_nothing(virga):
    one, other = virga.new_account(), virga.new_account("world.json")
    one.faults.add(code="InternalError")
    assert other.faults.list() == [] and len(virga.faults.list()) == 1
    virga.finish_flow(create(other))
    assert one.requests() == [] and [call.code for call in other.requests()] == ["ok"]
    other.verify_in_order({"action": "CreateBackup", "code": "ok"})
    with pytest.raises(AssertionError, match="0 calls"):
        one.verify(code="ok")
    with pytest.raises(AssertionError, match="1 call"):
        other.verify("CreateBackup", times=0)
    one.remove()
    assert virga.faults.list() == []
""", "-q", ini="virga_options = --seed 1\n")


def test_a_server_that_runs_already(write_tests):
    with harness.Virga("--quiet") as server:
        server.call("CreateBackup", {"InstanceId": "mssql-njj2mtpl"})
        printed = write_tests(CREATE + """
def test_a_call(virga, virga_account):
    virga_account.faults.add(action="DescribeDBs", code="InternalError")
    create(virga_account)
    assert len(virga.requests()) == 2 and len(virga_account.requests()) == 1
    assert False
""", "-q", "--virga-coverage", "--virga-endpoint", server.endpoint, code=1)
        assert printed.count("CreateBackup ok [") == 1 and "    returned ok 1\n" in printed
        document = control.done(server, "GET", "/_virga/state")
        assert len(document["tables"]["flow"]["rows"]) == 1  # that of the first call; the account of the test is gone


# --- the library ----------------------------------------------------------------------------------------------------


def test_a_rule_takes_all_that_the_control_api_takes(environment, tmp_path):
    code = "import inspect, json, virga; print(json.dumps(list(inspect.signature(virga.Faults.add).parameters)))"
    own = set(json.loads(environment.run("-c", code, cwd=tmp_path))) - {"self"}
    with harness.Virga("--quiet") as server:
        rule = control.done(server, "GET", "/_virga/openapi.json")["components"]["schemas"]["FaultRule"]["properties"]
    assert own == set(rule) - {"id", "seen", "hits", "secret_id"}


def test_the_clock_and_the_accounts(environment, tmp_path):
    shutil.copy(EXAMPLE / "operators.json", tmp_path / "world.json")
    environment.run("-c", """
import datetime, virga
with virga.start(world="world.json") as server:
    clock = server.clock
    clock.freeze(datetime.datetime(2030, 1, 1, tzinfo=datetime.timezone.utc))
    clock.advance(datetime.timedelta(hours=1))
    assert clock.now() == datetime.datetime(2030, 1, 1, 1, tzinfo=datetime.timezone.utc), clock.now()
    clock.scale(60)
    assert clock.describe()["scale"] == 60
    clock.real()
    server.set_limit("CreateBackup", 1)
    server.set_limit("CreateBackup", None)
    with server.account.faults.add(code="InternalError") as fault:
        assert fault.hits == 0
    assert server.faults.list() == []
    assert server.credential("AKIDreader").environment["TENCENTCLOUD_REGION"] == "ap-shanghai"
    inline = server.new_account({"uin": "1", "regions": [{"region": "ap-beijing", "instances": [{"instance_id": "mssql-one"}]}]})
    assert (inline.region, inline.instance_id) == ("ap-beijing", "mssql-one")
with virga.start("--clock", "2026-01-01T00:00:00+08:00") as server:
    server.clock.advance(60)
    server.reset()
    assert server.clock.describe()["mode"] == "frozen" and server.clock.now().minute == 0
    try:
        server.clock.freeze("yesterday")
    except virga.ControlError as error:
        assert error.status == 400 and "yesterday" in str(error) or error.hint, error
    else:
        raise AssertionError("a time that is none")
""", cwd=tmp_path, VIRGA_FLOW_SECONDS="of another server", http_proxy="http://127.0.0.1:1")


def test_a_start_that_fails_says_why(environment, tmp_path):
    code = "import virga\ntry: virga.start('--prot', '1')\nexcept virga.StartError as error: print(error)"
    printed = environment.run("-c", code, cwd=tmp_path, TMPDIR=str(tmp_path))
    assert "ended with status 2 before it was ready" in printed and "--port" in printed
    assert list(tmp_path.iterdir()) == []


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_server_ends_with_its_process(environment, tmp_path):
    code = "import virga; server = virga.start(); print(server.control.request('GET', 'info')['pid'])"
    pid = int(environment.run("-c", code, cwd=tmp_path, TMPDIR=str(tmp_path)))
    assert not is_alive(pid) and list(tmp_path.iterdir()) == []


def test_the_server_ends_when_its_process_is_killed(environment, tmp_path):
    code = """import os, virga
server = virga.start()
print(server.control.request("GET", "info")["pid"], flush=True)
os.kill(os.getpid(), 9)"""
    pid = int(environment.run("-c", code, cwd=tmp_path, code=-signal.SIGKILL, TMPDIR=str(tmp_path)))
    deadline = time.monotonic() + harness.READY_SECONDS
    while is_alive(pid) or list(tmp_path.iterdir()):
        assert time.monotonic() < deadline, "the server still runs"
        time.sleep(0.002)


def test_an_interrupt_of_the_terminal_does_not_reach_the_server(environment, tmp_path):
    """A terminal sends SIGINT to a group of processes, and the tests still use the server when they end."""
    code = """import os, virga
with virga.start() as server:
    print(os.getpgid(server.control.request("GET", "info")["pid"]) == os.getpgid(0))"""
    assert environment.run("-c", code, cwd=tmp_path) == "False\n"
