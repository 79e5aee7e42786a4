"""`virga start`, `stop`, `status` and `logs`: servers that go on running, several at once."""
import json
import os
import re
import signal
import socket
import subprocess

import command
import harness
import pytest
from command import NO_SERVER, USAGE

LISTEN, SERVER_FAILED = 3, 7


class User:
    """A user with a state folder, whose servers end with the test."""

    def __init__(self, folder):
        self.state = folder / "virga"
        self.env = {"XDG_STATE_HOME": str(folder)}

    def run(self, *words, code=0, **env):
        return command.run(*words, code=code, **{**self.env, **env})

    def folder(self, name):
        return self.state / "servers" / name if name else self.state

    def file(self, name=None):
        return json.loads((self.folder(name) / "endpoints.json").read_text())

    def pids(self):
        return [json.loads(file.read_text())["pid"] for file in self.state.rglob("endpoints.json")]


@pytest.fixture
def user(tmp_path):
    user = User(tmp_path)
    yield user
    for pid in user.pids():
        os.kill(pid, signal.SIGKILL)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return str(s.getsockname()[1])


def exports(text):
    return dict(re.fullmatch(r"export (\w+)=(.*)", line).groups() for line in text.splitlines())


def test_a_server_outlives_its_start(user):
    """Standard output is for the shell alone, and nothing holds it open."""
    done = user.run("start", "--port", free_port(), "--memory")
    server = user.file()
    assert exports(done.stdout) == {
        "TENCENTCLOUD_SECRET_ID": harness.SECRET_ID, "TENCENTCLOUD_SECRET_KEY": harness.SECRET_KEY, "TENCENTCLOUD_REGION": harness.REGION,
        "TENCENTCLOUD_PROTOCOL": "HTTP", "TENCENTCLOUD_DOMAIN": server["endpoint"].replace("http://127.0.0.1", "localhost")}
    assert done.stderr == (f"virga: info: process {server['pid']} serves at {server['endpoint']}; its log is {user.state}/virga.log\n")
    assert user.run("health").stdout == f"ok {server['endpoint']}\n"
    assert os.getsid(server["pid"]) == server["pid"]
    assert user.run("stop").stdout == f"stopped: process {server['pid']}\n"
    user.run("health", code=NO_SERVER)
    user.run("stop", code=NO_SERVER)


def test_several_servers_by_name(user):
    for name in ("b", "a"):
        assert f"export VIRGA_NAME={name}\n" in user.run("start", "--name", name).stdout
    user.run("call", "CreateBackup", "InstanceId=mssql-njj2mtpl", "--name", "a")
    counts = [len(json.loads(user.run("requests", "--name", name, "--json").stdout)["requests"]) for name in ("a", "b")]
    assert counts == [1, 0]
    user.run("health", code=NO_SERVER)
    assert user.run("health", VIRGA_NAME="a").stdout == f"ok {user.file('a')['endpoint']}\n"
    assert user.run("health", "--name", "b", VIRGA_NAME="a").stdout == f"ok {user.file('b')['endpoint']}\n"
    rows = [re.split(r"  +", line) for line in user.run("status").stdout.splitlines()]
    assert [row[:3] for row in rows] == [["NAME", "STATE", "PID"], *([n, "running", str(user.file(n)["pid"])] for n in ("a", "b"))]
    user.run("stop", "--name", "a")
    shown = json.loads(user.run("status", "--json").stdout)
    assert [(row["name"], row["running"]) for row in shown] == [("a", False), ("b", True)]
    user.run("status", "--name", "a", code=NO_SERVER)


def test_the_state_of_a_name_stays(user):
    user.run("start", "--name", "a")
    user.run("call", "ModifyDBRemark", "InstanceId=mssql-njj2mtpl", "DBRemarks.0.Name=db1", "DBRemarks.0.Remark=kept", "--name", "a")
    user.run("stop", "--name", "a")
    user.run("start", "--name", "a")
    assert "kept" in user.run("call", "DescribeDBs", "InstanceIdSet.0=mssql-njj2mtpl", "--name", "a").stdout


def test_a_name_is_taken_while_its_server_runs(user):
    user.run("start", "--name", "a")
    before = user.file("a")
    done = user.run("start", "--name", "a", code=LISTEN)
    assert done.stdout == "" and str(before["pid"]) in done.stderr and user.file("a") == before
    os.kill(before["pid"], signal.SIGKILL)
    command.run("wait", "--timeout", "1", "--name", "a", code=NO_SERVER, **user.env)
    user.run("start", "--name", "a")
    assert user.file("a")["pid"] != before["pid"]


def test_a_server_that_does_not_start_says_why(user):
    done = user.run("start", "--name", "a", "--world", str(harness.IMPOSSIBLE), code=SERVER_FAILED)
    assert done.stdout == "" and done.stderr == f"virga: error: {harness.IMPOSSIBLE}: Not a directory\n"
    assert [row["running"] for row in json.loads(user.run("status", "--json", code=NO_SERVER).stdout)] == [False]


def test_the_log(user):
    user.run("logs", code=NO_SERVER)
    user.run("start", "--name", "a")
    user.run("call", "DescribeRegions", "--name", "a")
    text = user.run("logs", "--name", "a").stdout
    assert "\nReady.\n" in text and text.count("DescribeRegions =>") == 1
    lines = [json.loads(line)["line"] for line in user.run("logs", "--name", "a", "--json").stdout.splitlines()]
    assert lines == text.splitlines()
    follower = subprocess.Popen([harness.binary(), "logs", "-f", "--name", "a"], env=command.clean_env(**user.env), stdout=subprocess.PIPE, text=True)
    try:
        assert "Ready.\n" in iter(follower.stdout.readline, "")
        user.run("call", "DescribeZones", "--name", "a")
        assert any("DescribeZones =>" in line for line in iter(follower.stdout.readline, ""))
        user.run("stop", "--name", "a")
        assert follower.wait(timeout=harness.ANSWER_SECONDS) == 0
    finally:
        follower.kill()
        follower.communicate()
    user.run("start", "--name", "a")
    assert "DescribeRegions" not in user.run("logs", "--name", "a").stdout


def test_as_json(user):
    server = json.loads(user.run("start", "--name", "a", "--json").stdout)
    assert server == user.file("a")
    assert json.loads(user.run("stop", "--name", "a", "--json").stdout) == {"pid": server["pid"]}


def test_a_server_of_virga_serve_is_stopped_too(user):
    with harness.Virga("--quiet") as virga:
        command.of(virga)("stop")
        assert virga.process.wait(timeout=harness.READY_SECONDS) == 0


def test_another_program_is_not_stopped(tmp_path):
    """A process number of an old file may belong to another program by now."""
    file = tmp_path / "endpoints.json"
    with subprocess.Popen(["sleep", "60"]) as other:
        file.write_text(json.dumps({"endpoint": "http://127.0.0.1:1", "pid": other.pid}))
        try:
            assert "no server of this user" in command.run("stop", "--endpoints-file", str(file), code=NO_SERVER).stderr
            assert other.poll() is None
        finally:
            other.kill()


@pytest.mark.parametrize("words, said", [
    (["start", "--endpoints-file", "x"], "--name NAME chooses it"), (["start", "--name", "../x"], "expects letters"),
    (["start", "--name", ".x"], "expects letters"), (["start", "--name", "x" * 65], "expects letters"), (["start", "--format", "cmd"], "expects sh"),
    (["start", "x"], "not an option"), (["stop", "--follow"], "not an option"), (["logs", "-g"], "not an option")])
def test_words_that_make_no_sense(user, words, said):
    assert said in user.run(*words, code=USAGE).stderr


def test_without_a_home():
    env = {"HOME": "", "XDG_STATE_HOME": ""}
    for words in (["start"], ["start", "--name", "a"], ["logs"], ["stop", "--name", "a"]):
        assert "neither HOME nor XDG_STATE_HOME" in command.run(*words, code=USAGE, **env).stderr
