"""`virga run` with coverage. Whatever happens to its server, it returns the exit code of the command and leaves no folder."""
import json
import os
import signal
import subprocess
import time

import command
import harness
import pytest
from command import LOW_COVERAGE, NO_SERVER, USAGE

CALL = f'"{harness.binary()}" call CreateBackup InstanceId=mssql-njj2mtpl >/dev/null'


@pytest.fixture
def run(tmp_path):
    """`virga run` with a folder for temporary files, which must be empty again at the end."""
    def run(*words, **more):
        return command.run("run", *words, TMPDIR=str(tmp_path), timeout=harness.READY_SECONDS, **more)
    yield run
    assert list(tmp_path.iterdir()) == []


def shell(script):
    return ["--", "sh", "-c", script]


# The server ends by `kill` or by the control API, while the command still runs.
SHUTDOWN = ("import os, urllib.request; urllib.request.urlopen(urllib.request.Request(os.environ['VIRGA_CONTROL'] + '/shutdown', "
            "method='POST')).read()")


def test_the_report_comes_after_the_commands_output(run):
    done = run("--coverage", *shell(CALL + "; echo said"))
    lines = done.stderr.splitlines()
    assert done.stdout == "said\n"
    assert lines[0].split() == ["ACTION", "CODE", "NATURAL", "INJECTED"] and lines[1].split() == ["CreateBackup", "(done)", "1"]
    assert lines[-1].startswith("Seen: 1 of ")


def test_the_report_as_json(run):
    done = run("--json", *shell(CALL))
    report = json.loads(done.stderr)
    assert done.stdout == "" and (report["command_exit_code"], report["exit_code"]) == (0, 0)
    assert [a["action"] for a in report["coverage"]["actions"]] == ["CreateBackup"] and report["coverage"]["seen"] == 1


def test_the_closing_report_has_both_exit_codes(run):
    done = run("--json", "--fail-under", "50", "--coverage", *shell(CALL + "; echo noise >&2"), code=LOW_COVERAGE)
    *others, last = done.stderr.splitlines()
    assert others[0] == "noise" and len(others) == 2 and "less than 50.0 %" in others[1]
    assert {**json.loads(last), "coverage": None} == {"command_exit_code": 0, "exit_code": LOW_COVERAGE, "coverage": None}
    done = run("--json", *shell(f'python3 -c "{SHUTDOWN}"; sleep 0.3; exit 3'), code=3)
    assert json.loads(done.stderr.splitlines()[-1]) == {"command_exit_code": 3, "exit_code": 3, "coverage": None}


def test_fail_under(run):
    done = run("--fail-under", "50", *shell(CALL), code=LOW_COVERAGE)
    # Without --coverage there is only this sentence.
    assert len(done.stderr.splitlines()) == 1 and "coverage is 5.3 %, less than 50.0 %" in done.stderr
    assert run("--fail-under", "5", *shell(CALL)).stderr == ""
    assert run(*shell(CALL), VIRGA_FAIL_UNDER="50", code=LOW_COVERAGE)
    assert run("--fail-under", "0", *shell("true")).stderr == ""
    # Without a call nothing is covered.
    run("--fail-under", "1", *shell("true"), code=LOW_COVERAGE)


def test_a_command_that_failed_keeps_its_exit_code(run):
    done = run("--fail-under", "50", "--coverage", *shell(CALL + "; exit 3"), code=3)
    assert "coverage is 5.3 %" in done.stderr and "Seen: 1 of" in done.stderr


def test_the_server_demands_a_token(run):
    """run uses the token that it was given for the server, and the command finds it in its variable."""
    script = CALL + f'; "{harness.binary()}" requests; echo $VIRGA_CONTROL_TOKEN'
    done = run("--coverage", "--control-token", "secret", *shell(script))
    assert "Seen: 1 of" in done.stderr and "CreateBackup" in done.stdout and done.stdout.endswith("secret\n")
    assert "Seen: 1 of" in run("--coverage", *shell(CALL), VIRGA_CONTROL_TOKEN="secret").stderr


@pytest.mark.parametrize("end, own, code", [("kill", 0, NO_SERVER), ("kill", 3, 3), ("shutdown", 0, NO_SERVER), ("shutdown", 3, 3)])
def test_a_server_that_ended_has_no_coverage(run, end, own, code):
    if end == "kill":
        script = f'kill -9 $(pgrep -P $PPID | grep -v "^$$\\$" | head -1); sleep 0.3; exit {own}'
    else:
        script = f'python3 -c "{SHUTDOWN}"; sleep 0.3; exit {own}'
    done = run("--coverage", *shell(script), code=code)
    assert "there is no coverage" in done.stderr, done


def test_a_server_that_was_killed_leaves_nothing(run):
    done = run(*shell('kill -9 $(pgrep -P $PPID | grep -v "^$$\\$" | head -1); exit 4'), code=4)
    assert "did not end normally" in done.stderr


def test_run_that_was_killed_leaves_nothing(tmp_path):
    """The server notices, ends, and removes the folder."""
    process = subprocess.Popen([harness.binary(), "run", "--", "sleep", "30"], env=command.clean_env(TMPDIR=str(tmp_path)))
    deadline = time.monotonic() + harness.READY_SECONDS
    while not list(tmp_path.glob("*/endpoints.json")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    children = open(f"/proc/{process.pid}/task/{process.pid}/children").read().split()
    process.kill()
    process.wait()
    while list(tmp_path.iterdir()):
        assert time.monotonic() < deadline, list(tmp_path.rglob("*"))
        time.sleep(0.02)
    for child in children:
        try:
            os.kill(int(child), signal.SIGKILL)
        except ProcessLookupError:
            pass


@pytest.mark.parametrize("words", [["--db", "x.db"], ["--endpoints-file=x.json"], ["--until-eof"]])
def test_the_server_of_run_is_its_own(run, words):
    assert "in memory and its own" in run(*words, *shell("true"), code=USAGE).stderr


def test_a_server_that_cannot_start_leaves_nothing(run):
    assert "no-such-world" in run("--world", "no-such-world", *shell("true"), code=7).stderr
