"""docs/protocol.md is what the helpers rely on: the ready line, the endpoints file, the end, and the requests that it names."""
import contextlib
import json
import re
import signal
import subprocess
import sys
import time
import urllib.request

import examples
import pytest
import suite

PAGE = (examples.ROOT / "docs/protocol.md").read_text()


def command():
    """The documented command, with the program under test."""
    words = re.search(r"^```text\nvirga (.*) \[further options\]\n```$", PAGE, re.M)[1].split()
    return [examples.server(), *words]


def table(head):
    """The rows of the table with that first heading."""
    rows = re.search(rf"^ *\| {head} \|.*\n *\| --- \|.*\n((?: *\|.*\n)+)", PAGE, re.M)[1]
    return [line.strip().strip("|").split("|") for line in rows.splitlines()]


@contextlib.contextmanager
def served(*options):
    """A server, and what its ready line says. It ends with SIGTERM and the exit code 0."""
    with subprocess.Popen([*command(), *options], env=examples.environment(), stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        yield process, json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == b""
        assert process.wait(timeout=suite.RUN_SECONDS) == 0


def test_ready_line_has_the_documented_members():
    documented = [name for row in table("member") for name in re.findall(r"`(\w+)`", row[0])]
    with served() as (process, ready):
        assert sorted(ready) == sorted(documented)
        assert ready["control"] == ready["endpoint"] + "/_virga" and ready["pid"] == process.pid


def test_endpoints_file_has_the_same_object(tmp_path):
    file = tmp_path / "endpoints.json"
    with served("--endpoints-file", str(file)) as (_, ready):
        assert json.loads(file.read_text()) == ready
    assert not file.exists()


def test_requests_exist():
    named = [match for row in table("a helper needs") for match in re.findall(r"`(GET|POST|PUT|DELETE) ([^`?]+)", row[1])]
    with served() as (_, ready):
        with urllib.request.urlopen(f"{ready['control']}/openapi.json", timeout=suite.RUN_SECONDS) as answer:
            paths = json.load(answer)["paths"]
    routes = {(method.upper(), re.sub(r"\{\w+\}", "{}", path)) for path, methods in paths.items() for method in methods}
    for method, path in named:
        route = re.sub(r"\{\w+\}", "{}", f"/_virga{path}").replace("/why/last", "/why/{}")
        assert (method, route) in routes, f"{method} {path}"
    assert len(named) > 10


def test_server_ends_with_its_parent():
    """A parent that is killed closes the pipe to the server. Nothing that it would have to do itself is needed."""
    parent = ("import subprocess, sys; child = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE); "
              "sys.stdout.buffer.write(child.stdout.readline()); sys.stdout.flush(); child.wait()")
    with subprocess.Popen([sys.executable, "-c", parent, *command()], env=examples.environment(), stdout=subprocess.PIPE) as process:
        ready = json.loads(process.stdout.readline())
        process.kill()
    deadline = time.monotonic() + suite.RUN_SECONDS
    with pytest.raises(OSError):
        while time.monotonic() < deadline:
            urllib.request.urlopen(f"{ready['control']}/health", timeout=suite.RUN_SECONDS).close()


def test_what_the_parent_writes_is_ignored():
    with served() as (process, ready):
        process.stdin.write(b"ignored" * 1000)
        process.stdin.flush()
        urllib.request.urlopen(f"{ready['control']}/ready", timeout=suite.RUN_SECONDS).close()
