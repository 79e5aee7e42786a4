"""`virga run` gives a command a server of its own, gives it the address, and leaves nothing but the command's exit code."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import harness
import pytest

USAGE, NOT_FOUND, CANNOT_RUN = 2, 127, 126


@pytest.fixture
def env(tmp_path):
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("VIRGA_", "TENCENTCLOUD_", "LC_", "LANG"))}
    (tmp_path / "tmp").mkdir()
    return {**clean, "XDG_STATE_HOME": str(tmp_path / "state"), "TMPDIR": str(tmp_path / "tmp")}


def run(env, *words, **more):
    return subprocess.run([harness.binary(), "run", *words], env={**env, **more}, capture_output=True, text=True,
                          timeout=harness.READY_SECONDS)


def leftovers(env):
    return list(pathlib.Path(env["TMPDIR"]).iterdir()) + list(pathlib.Path(env["XDG_STATE_HOME"]).glob("**/*"))


def python(code):
    return [sys.executable, "-c", code]


def test_the_command_finds_its_server(env):
    code = ("import json, os, urllib.request; "
            "print(json.load(urllib.request.urlopen(os.environ['VIRGA_CONTROL'] + '/health'))['status'], "
            "json.dumps({k: v for k, v in os.environ.items() if k.startswith(('VIRGA_E', 'VIRGA_I', 'VIRGA_C', 'TENC'))}))")
    done = run(env, "--", *python(code))
    assert (done.returncode, done.stderr) == (0, ""), done
    status, _, values = done.stdout.partition(" ")
    values = json.loads(values)
    port = values["VIRGA_ENDPOINT"].rpartition(":")[2]
    assert status == "ok"
    assert values == {"VIRGA_ENDPOINT": f"http://127.0.0.1:{port}", "VIRGA_CONTROL": f"http://127.0.0.1:{port}/_virga",
                      "VIRGA_INSTANCE": "mssql-njj2mtpl", "TENCENTCLOUD_SECRET_ID": harness.SECRET_ID,
                      "TENCENTCLOUD_SECRET_KEY": harness.SECRET_KEY, "TENCENTCLOUD_REGION": harness.REGION,
                      "TENCENTCLOUD_PROTOCOL": "HTTP", "TENCENTCLOUD_DOMAIN": f"localhost:{port}"}
    assert leftovers(env) == []


@pytest.mark.parametrize("command, code", [(["sh", "-c", "exit 0"], 0), (["sh", "-c", "exit 7"], 7),
                                           (["sh", "-c", "kill -TERM $$"], 128 + signal.SIGTERM),
                                           (["no-such-command"], NOT_FOUND), (["/"], CANNOT_RUN)])
def test_the_exit_code_is_the_commands(env, command, code):
    assert run(env, "--", *command).returncode == code
    assert leftovers(env) == []


def test_options_of_the_command_are_its_own(env):
    done = run(env, "--", "printf", "%s.", "--help", "--seed", "a b", "")
    assert done.stdout == "--help.--seed.a b.."


def test_options_of_serve_are_taken(env):
    show = [harness.binary(), "clock", "--json"]
    done = run(env, "--clock", "2026-01-01T00:00:00+08:00", "--seed=7", "--", *show)
    assert json.loads(done.stdout)["mode"] == "frozen"


@pytest.mark.parametrize("words, said", [(["--seed", "x", "--", "true"], "--seed x"), ([], "a word is missing"),
                                         (["--nonsense", "--", "true"], "--nonsense"),
                                         (["--fail-under", "101", "--", "true"], "from 0 to 100"),
                                         (["--fail-under=", "--", "true"], "from 0 to 100")])
def test_what_makes_no_sense(env, words, said):
    done = run(env, *words)
    assert (done.returncode, done.stdout) == (USAGE, "") and said in done.stderr, done
    assert leftovers(env) == []


def test_two_at_once_share_nothing(env):
    one = [harness.binary(), "run", "--", "sh", "-c", "echo $VIRGA_ENDPOINT; sleep 1"]
    both = [subprocess.Popen(one, env=env, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [p.communicate(timeout=harness.READY_SECONDS)[0] for p in both]
    assert said[0] != said[1] and [p.returncode for p in both] == [0, 0]


def test_a_server_inside_warns_of_nothing_and_is_separate(env, tmp_path):
    """The variables of run are no options of serve that it would not know, nor do they lead the inner server astray."""
    file = tmp_path / "inner.json"
    script = f'"{harness.binary()}" serve --memory --port 0 --quiet --endpoints-file {file} & p=$!; ' \
             f'until [ -e {file} ]; do sleep 0.05; done; cat {file}; echo "$VIRGA_ENDPOINT"; kill $p; wait $p'
    done = run(env, "--", "sh", "-c", script)
    assert (done.returncode, done.stderr) == (0, ""), done
    inner, outer = done.stdout.splitlines()
    assert json.loads(inner)["endpoint"] != outer


def test_what_the_command_leaves_is_its_own(env, tmp_path):
    """A child that stays holds neither run nor its server, and is not ended with them."""
    note = tmp_path / "note"
    done = run(env, "--", "sh", "-c", f'sleep 60 >/dev/null 2>&1 & echo "$! $VIRGA_ENDPOINT" > {note}; exit 6')
    pid, endpoint = note.read_text().split()
    try:
        assert done.returncode == 6 and is_alive(int(pid))
        assert subprocess.run([harness.binary(), "health", "--endpoint", endpoint], env=env, capture_output=True).returncode == 9
    finally:
        os.kill(int(pid), signal.SIGKILL)
    assert leftovers(env) == []


@pytest.mark.parametrize("sig", [signal.SIGHUP, signal.SIGTERM])
def test_a_command_that_has_no_answer_to_a_signal_ends_by_it(env, tmp_path, sig):
    note = tmp_path / "note"
    process = subprocess.Popen([harness.binary(), "run", "--", "sh", "-c", f"touch {note}; exec sleep 60"], env=env)
    wait_for(note.exists)
    process.send_signal(sig)
    assert process.wait(timeout=harness.READY_SECONDS) == 128 + sig
    wait_for(lambda: leftovers(env) == [])


@pytest.mark.parametrize("script, code", [("exit 126", 126), ("exit 127", 127), ("exit 200", 200), ("exit 255", 255), ("kill -KILL $$", 137),
                                          ("kill -SEGV $$", 139)])
def test_exit_codes_above_125(env, script, code):
    assert run(env, "--fail-under", "1", "--", "sh", "-c", script).returncode == code


def wait_for(condition):
    deadline = time.monotonic() + harness.READY_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A process whose parent never waits for it has ended all the same.
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("sig, code", [(signal.SIGTERM, 42), (signal.SIGKILL, -signal.SIGKILL)])
def test_a_signal_ends_all(env, tmp_path, sig, code):
    """SIGTERM is for the command to handle; after SIGKILL the server does not stay."""
    note = tmp_path / "note"
    script = f"trap 'exit 42' TERM; echo $PPID > {note}.part; mv {note}.part {note}; while :; do sleep 0.05; done"
    process = subprocess.Popen([harness.binary(), "run", "--", "sh", "-c", script], env=env)
    wait_for(note.exists)
    parent = int(note.read_text())
    children = [int(c) for c in pathlib.Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    assert parent == process.pid and len(children) == 2
    process.send_signal(sig)
    assert process.wait(timeout=harness.READY_SECONDS) == code
    server = min(children)
    wait_for(lambda: not is_alive(server))
    for child in children:
        if is_alive(child):
            os.kill(child, signal.SIGKILL)


def test_the_keyboards_interrupt_is_the_commands(env, tmp_path):
    """Ctrl-C reaches the whole process group of the terminal: the command cleans up while its server still runs."""
    note = tmp_path / "note"
    script = f"trap '\"{harness.binary()}\" health; exit 5' INT; touch {note}; while :; do sleep 0.05; done"
    process = subprocess.Popen([harness.binary(), "run", "--", "sh", "-c", script], env=env, stdout=subprocess.PIPE, text=True,
                               start_new_session=True)
    wait_for(note.exists)
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=harness.READY_SECONDS)
    assert process.returncode == 5 and said.startswith("ok http://"), said
