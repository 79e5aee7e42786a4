"""A path that is no regular file is refused at once and by its name, whatever option gives it; and so is a file that another
program has locked."""
import fcntl
import json
import os
import pathlib
import re
import signal
import socket
import sqlite3
import stat
import subprocess

import command
import harness
import pytest
from command import USAGE

LISTEN, DB_IN_USE, DB_FAILED, WORLD, UNEXPECTED = 3, 5, 6, 7, 1


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(str(path))


KINDS = {"pipe": os.mkfifo, "directory": os.mkdir, "socket": make_socket, "device": lambda path: os.symlink("/dev/zero", path)}


@pytest.fixture(params=KINDS)
def odd(request, tmp_path, monkeypatch):
    """A path in the working folder at which something other than a file is; with its kind."""
    monkeypatch.chdir(tmp_path)
    KINDS[request.param](tmp_path / "odd")
    return request.param


def kind_of(path):
    return stat.S_IFMT(os.stat(path).st_mode)


def refused(*options):
    """`virga serve` must end by itself. Returns its exit code and its only line."""
    run = subprocess.run([harness.binary(), "serve", "--port", "0", *options], env=command.clean_env(), capture_output=True, text=True, timeout=30)
    assert run.stdout == "" and len(run.stderr.splitlines()) == 1, run
    return run.returncode, run.stderr


@pytest.mark.parametrize("options, code", [
    (["--db", "odd"], DB_FAILED), (["--memory", "--journal", "odd"], DB_FAILED), (["--memory", "--world", "odd"], WORLD),
    (["--memory", "--endpoints-file", "odd"], USAGE)], ids=lambda v: v[-2] if isinstance(v, list) else "")
def test_an_option_of_the_server(odd, options, code):
    before = kind_of("odd")
    found, line = refused(*options)
    assert found == code and f"odd: it is a {odd}, not a file" in line
    assert os.listdir() == ["odd"] and kind_of("odd") == before


@pytest.mark.parametrize("options, code", [
    (["--db", "stat/virga.db"], DB_FAILED), (["--memory", "--journal", "stat/deeper/journal.db"], DB_FAILED),
    (["--memory", "--endpoints-file", "stat/endpoints.json"], USAGE)], ids=lambda v: v[-2] if isinstance(v, list) else "")
def test_a_mistyped_folder_is_not_made(tmp_path, monkeypatch, options, code):
    """It would hold a new and empty state."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "state").mkdir()
    found, line = refused(*options)
    assert found == code and line.endswith(f"{options[-1]}: there is no folder stat\n"), line
    assert os.listdir() == ["state"]


def test_the_default_folder_is_made(tmp_path):
    """With its parents, because a new user has none of them."""
    run = subprocess.Popen([harness.binary(), "serve", "--port", "0"], env=command.clean_env(XDG_STATE_HOME=str(tmp_path / "a" / "b")),
                           stdout=subprocess.PIPE, text=True)
    with run:
        assert "Ready.\n" in iter(run.stdout.readline, "")
        run.terminate()
    assert sorted(os.listdir(tmp_path / "a" / "b" / "virga")) == ["virga.db"]
    assert stat.S_IMODE(os.stat(tmp_path / "a").st_mode) == 0o700


@pytest.mark.parametrize("ending", ["-wal", "-shm", "-journal"])
def test_a_file_beside_the_database(odd, ending):
    os.rename("odd", "v.db" + ending)
    code, line = refused("--db", "v.db")
    assert code == DB_FAILED and f"v.db{ending}: it is a {odd}, not a file" in line


@pytest.mark.parametrize("name", ["ca.pem", "ca.key", "leaf.pem", "leaf.key", "lock"])
def test_a_file_of_the_certificates(odd, name):
    if name.startswith("leaf"):
        command.run("ca", "--ca-dir", ".")
    os.rename("odd", name)
    code, line = refused("--memory", "--tls-port", "0", "--ca-dir", ".")
    assert code == LISTEN and f"{name}: it is a {odd}, not a file" in line
    if not name.startswith("leaf"):
        assert f"it is a {odd}" in command.run("ca", "--ca-dir", ".", code=LISTEN).stderr


def test_other_places(odd):
    """A lock file and a socket have their own words."""
    os.symlink("odd", "v.db.lock")
    code, line = refused("--db", "v.db")
    assert code == DB_FAILED and "v.db.lock is not a lock file" in line
    if odd != "socket":
        code, line = refused("--memory", "--unix-socket", "odd")
        assert code == LISTEN and "cannot listen on odd: " in line


def test_a_subcommand(odd, virga):
    """What is read as an input may be a pipe; nothing else may be odd."""
    ask = command.of(virga)
    assert f"odd: it is a {odd}, not a file" in ask("state", "save", "odd", code=UNEXPECTED).stderr
    assert f"odd: it is a {odd}, not a file" in command.run("health", "--endpoints-file", "odd", code=command.NO_SERVER).stderr
    if odd != "pipe":
        for words in (["call", "CreateBackup", "--params", "odd"], ["state", "load", "odd"], ["verify", "--body", "odd"], ["sig", "diff", "odd"]):
            assert f"odd: it is a {odd}, not a file" in ask(*words, code=USAGE).stderr


def test_an_input_from_a_pipe(virga):
    """As a shell's <(command) gives it."""
    read, write = os.pipe()
    os.write(write, b'{"InstanceId":"mssql-njj2mtpl"}')
    os.close(write)
    done = subprocess.run([harness.binary(), "call", "CreateBackup", "--params", f"/dev/fd/{read}"], pass_fds=[read], capture_output=True,
                          env=command.clean_env(VIRGA_ENDPOINTS_FILE=str(virga.endpoints_file)), timeout=harness.ANSWER_SECONDS)
    os.close(read)
    assert "FlowId" in json.loads(done.stdout)["Response"], done


# --- leftovers ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    source = pathlib.Path(__file__).with_name("killrename.c")
    target = tmp_path_factory.mktemp("killrename") / "killrename.so"
    subprocess.run([os.environ.get("CC", "cc"), "-std=c17", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", target,
                    source, "-ldl"], check=True)
    return target


@pytest.mark.parametrize("at", ["ca.key", "ca.pem", "leaf.key", "leaf.pem"])
def test_a_kill_while_certificates_are_made(library, tmp_path, at):
    """The next start removes what was left, and nothing of the user's."""
    folder = tmp_path / "ca"
    # A sanitizer must be the first library, but the preloaded one is. Both work all the same.
    env = command.clean_env(VIRGA_TEST_KILL_AT=at, LD_PRELOAD=str(library), ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0")
    for _ in range(2):  # the second one removes the leftover of the first and leaves its own
        died = subprocess.run([harness.binary(), "serve", "--memory", "--port", "0", "--tls-port", "0", "--ca-dir", str(folder)],
                              env=env, capture_output=True, timeout=30)
        assert died.returncode == -signal.SIGKILL, died
        left = sorted(set(os.listdir(folder)) - {"lock", "ca.pem", "ca.key", "leaf.key"})
        assert len(left) == 1 and re.fullmatch(re.escape(at) + r"\.virga-[A-Za-z0-9]{6}", left[0]), left
    own = ["ca.pem.backup", "leaf.key.AbCdEf", "leaf.pem.virga-AbCdE", "leaf.pem.virga-AbCdEfg", "leaf.pem.virga-AbC_Ef", "x.virga-AbCdEf",
           "ca.pemx.virga-AbCdEf"]
    for name in own:
        (folder / name).write_text("the user's")
    (folder / "leaf.pem.virga-folder").mkdir()
    with harness.Virga("--quiet", "--tls-port", "0", "--ca-dir", str(folder)):
        pass
    assert sorted(os.listdir(folder)) == sorted([*own, "leaf.pem.virga-folder", "ca.pem", "ca.key", "leaf.pem", "leaf.key", "lock"])


def test_a_kill_while_the_endpoints_file_is_written(library, tmp_path):
    """The next start removes what was left, but nothing of a start that is still running."""
    folder = tmp_path / "state"
    folder.mkdir()
    env = command.clean_env(VIRGA_TEST_KILL_AT="endpoints.json", LD_PRELOAD=str(library),
                            ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0")
    serve = [harness.binary(), "serve", "--memory", "--port", "0", "--endpoints-file", str(folder / "endpoints.json")]
    for _ in range(2):  # the second one removes the leftover of the first and leaves its own
        died = subprocess.run(serve, env=env, capture_output=True, timeout=30)
        assert died.returncode == -signal.SIGKILL, died
        assert len(os.listdir(folder)) == 1, os.listdir(folder)
    with open(folder / "endpoints.json.virga-AbCdEf", "w", encoding="ascii") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with subprocess.Popen(serve, env=command.clean_env(), stdout=subprocess.PIPE, text=True) as virga:
            assert any(line == "Ready.\n" for line in virga.stdout)
            assert sorted(os.listdir(folder)) == ["endpoints.json", "endpoints.json.virga-AbCdEf"]
            virga.terminate()


# --- locks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("existing", [True, False], ids=["existing", "new"])
@pytest.mark.parametrize("option", ["--db", "--journal"])
@pytest.mark.parametrize("lock", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_a_lock_of_another_program(tmp_path, lock, option, existing):
    """Any program that uses SQLite may hold it. The start does not wait for it."""
    file = tmp_path / "v.db"
    if existing:
        with harness.Virga("--quiet", *([] if option == "--db" else [option, str(file)]), db=file if option == "--db" else None):
            pass
    with sqlite3.connect(file, isolation_level=None) as other:
        other.execute(lock)
        code, line = refused(*([] if option == "--db" else ["--memory"]), option, str(file))
        assert code == DB_IN_USE and f"{file} is locked by another program; " in line
        assert ("--memory or --db PATH" in line) == (option == "--db") and f"{option} PATH for another" in line
        other.execute("ROLLBACK")
    other.close()


def test_a_journal_of_another_virga(tmp_path):
    journal = pathlib.Path(tmp_path / "j.db")
    with harness.Virga("--quiet", "--journal", str(journal)) as virga:
        code, line = refused("--memory", "--journal", str(journal))
        assert code == DB_IN_USE and f"{journal} is in use by process {virga.process.pid}; --journal PATH for another" in line
