"""Start and end, and the store failing under a running server: what the user sees, and that nothing is damaged."""
import fcntl
import json
import os
import resource
import socket
import sqlite3
import subprocess
import threading
import time

import pytest

import harness
from control import ask, done
from harness import Virga, read_answer

BACKUP = {"InstanceId": "mssql-njj2mtpl"}
QUICK = ("--limit", "off", "--flow-seconds", "backup=0", "--quiet")

# The exit codes that `virga --help` lists.
USAGE, LISTEN, DB_NEWER, DB_IN_USE, DB_FAILED, WORLD = 2, 3, 4, 5, 6, 7


def files_of(folder):
    """Every file's name and bytes, but for the lock, which may remain."""
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file() and p.suffix != ".lock"}


def refused(*options):
    """Runs `virga serve` with options with which it must not start. Returns its exit code and the line that it prints."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("VIRGA_")}
    run = subprocess.run([harness.binary(), "serve", "--port", "0", *map(str, options)], env=clean,
                         capture_output=True, text=True, timeout=30)
    assert run.stdout == ""
    lines = run.stderr.splitlines()
    assert len(lines) == 1, run.stderr
    return run.returncode, lines[0]


# --- the end --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["file", "memory"])
def test_sigterm_under_load(tmp_path, kind):
    """Exit 0, soon, with idle and busy connections open; what was answered is kept; one file is left."""
    db = tmp_path / "virga.db" if kind == "file" else None
    given = []

    def create(virga):
        client = virga.client()
        try:
            while True:
                given.append(client.call("CreateBackup", BACKUP).response["FlowId"])
        except (OSError, harness.http.client.HTTPException):
            client.close()

    with Virga(*QUICK, db=db) as virga:
        idle = socket.create_connection((virga.host, virga.port))
        threads = [threading.Thread(target=create, args=(virga,)) for _ in range(4)]
        for t in threads:
            t.start()
        time.sleep(0.3)
        code, seconds = virga.terminate()
        for t in threads:
            t.join()
        idle.close()
        print(f"ended after {seconds * 1000:.0f} ms, {len(given)} flows given")
        assert code == 0 and given
        assert seconds < 1, "100 ms are promised on a machine that is not busy"
    if db:
        assert set(files_of(tmp_path)) == {"virga.db"}, "no -wal or -shm is left"
        with sqlite3.connect(db) as connection:
            assert set(given) <= {row[0] for row in connection.execute("SELECT id FROM flow")}


def test_sigterm_answers_what_is_in_flight():
    with Virga(*QUICK) as virga:
        data = virga.prepare("CreateBackup", BACKUP).message().to_bytes()
        with socket.create_connection((virga.host, virga.port), timeout=10) as s, s.makefile("rb") as stream:
            s.sendall(data[:-5])
            virga.call("DescribeFlowStatus", {"FlowId": 1})  # so that the server has read the half
            virga.process.terminate()
            s.sendall(data[-5:])
            answer = read_answer(stream)
        assert answer is not None and answer.response["FlowId"] > 0
        assert virga.process.wait(timeout=10) == 0


def test_sigint_ends_it_too():
    with Virga(*QUICK) as virga:
        assert virga.terminate(harness.signal.SIGINT)[0] == 0


def test_no_new_connection_after_the_end():
    with Virga(*QUICK) as virga:
        virga.terminate()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((virga.host, virga.port), timeout=1)


def test_state_survives_a_restart(tmp_path):
    with Virga(*QUICK, db=tmp_path / "virga.db") as virga:
        first = virga.call("CreateBackup", BACKUP).response["FlowId"]
        virga.terminate()
        virga.restart()
        assert virga.call("DescribeFlowStatus", {"FlowId": first}).response["Status"] == 0
        assert virga.call("CreateBackup", BACKUP).response["FlowId"] > first


def test_flow_that_became_due_while_it_was_down(tmp_path):
    clock = "2026-01-01T00:00:00+08:00"
    with Virga("--flow-seconds", "backup=60", "--quiet", db=tmp_path / "virga.db", clock=clock) as virga:
        flow = virga.call("CreateBackup", BACKUP).response["FlowId"]
        assert virga.call("DescribeFlowStatus", {"FlowId": flow}).response["Status"] == 2
        virga.kill()
        virga.command[virga.command.index(clock)] = "2026-01-01T00:01:00+08:00"
        virga.restart()
        assert virga.call("DescribeFlowStatus", {"FlowId": flow}).response["Status"] == 0


# --- the start ------------------------------------------------------------------------------------------------------


def test_endpoints_file():
    with Virga(*QUICK) as virga:
        e = virga.endpoints
        assert (e["secret_id"], e["secret_key"], e["region"]) == (harness.SECRET_ID, harness.SECRET_KEY, harness.REGION)
        assert e["endpoint"] == f"http://127.0.0.1:{virga.port}" and e["control"] == e["endpoint"] + "/_virga"
        assert (e["pid"], e["db"]) == (virga.process.pid, None)
        assert sorted(p.name for p in virga.directory.iterdir()) == ["endpoints.json", "stderr", "stdout"]
        virga.terminate()
        assert not virga.endpoints_file.exists(), "it would lead to no server"


def test_quiet_says_nothing():
    with Virga(*QUICK) as virga:
        virga.call("CreateBackup", BACKUP)
        virga.terminate()
        assert virga.stderr() == "" and (virga.directory / "stdout").read_text() == ""


def test_quiet_with_json_says_where_it_is():
    with Virga("--quiet", "--json") as virga:
        assert json.loads((virga.directory / "stdout").read_text())["endpoint"] == virga.endpoint


def test_start_that_waits_for_a_lock_ends(tmp_path):
    """No signal ends a start, so it gives up by itself."""
    with open(tmp_path / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        code, line = refused("--memory", "--tls-port", 0, "--ca-dir", tmp_path)
    assert code == LISTEN and str(tmp_path / "lock") in line and "another process" in line


@pytest.mark.parametrize("options,code", [(("--world", "fifo"), WORLD), (("--tls-port", "0", "--ca-dir", "."), LISTEN)],
                         ids=["world", "certificate"])
def test_start_with_a_pipe_without_a_writer_ends(tmp_path, monkeypatch, options, code):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("fifo")
    os.symlink("fifo", "ca.pem")
    assert refused("--memory", *options)[0] == code


def test_port_in_use():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, line = refused("--memory", "--port", port)
    assert code == LISTEN and str(port) in line and line.endswith("; --port 0 takes a free one")


def said(*words):
    return subprocess.run([harness.binary(), *words], capture_output=True, text=True, timeout=30)


def test_no_such_subcommand():
    run = said("serv")
    assert (run.returncode, run.stdout) == (USAGE, "")
    assert run.stderr == "virga: error: there is no subcommand serv; did you mean serve?\n"
    assert said("xyzzy").stderr == "virga: error: there is no subcommand xyzzy; virga --help lists them\n"


def test_help_lists_the_kinds_of_flow():
    enums = json.loads((harness.ROOT / "schema" / "sqlserver" / "_enums.json").read_text())
    *names, last = [value["text"] for value in enums["FlowKind"]["values"]]
    said_kinds = said("serve", "--help").stdout.partition("\nKinds of flow: ")[2]
    assert " ".join(said_kinds.split()) == f"{', '.join(names)} or {last}"
    assert max(map(len, said_kinds.splitlines())) <= 100


def tries(*options, **more):
    """The command that the start prints for copying, and the endpoints file."""
    with Virga(*(option for option in QUICK if option != "--quiet"), *options, **more) as virga:
        virga.call("DescribeFlowStatus", {"FlowId": 1})  # by now it has said all
        lines = (virga.directory / "stdout").read_text().splitlines()
        return [line for line in lines if line.startswith("Try: ")], virga.endpoints_file


def test_start_says_a_command_that_works():
    """The built-in key is no secret. A key of the user is only in the endpoints file, and never in part in a command."""
    (built_in,), _ = tries()
    assert f"--secretKey {harness.SECRET_KEY} " in built_in
    (own,), file = tries(world=ONE_INSTANCE)
    assert own == f"Try: virga env --client tccli --endpoints-file {file}"


def test_newer_database(tmp_path):
    db = tmp_path / "virga.db"
    with Virga(*QUICK, db=db) as virga:
        virga.call("CreateBackup", BACKUP)
    with sqlite3.connect(db) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    before = files_of(tmp_path)
    code, line = refused("--db", db)
    assert code == DB_NEWER and "virga.db" in line
    assert files_of(tmp_path) == before


def test_database_in_use(tmp_path):
    db = tmp_path / "virga.db"
    with Virga(*QUICK, db=db) as virga:
        code, line = refused("--db", db)
        assert code == DB_IN_USE and str(virga.process.pid) in line and line.endswith("; --memory or --db PATH for another")
        assert virga.call("CreateBackup", BACKUP).code is None, "the holder is not disturbed"


def make_text(path):
    path.write_text("not a database, but a text of the user\n" * 100)


def make_foreign(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE person (name TEXT)")
    connection.close()


def make_cut(path):
    with Virga(*QUICK, db=path) as virga:
        virga.call("CreateBackup", BACKUP)
    path.write_bytes(path.read_bytes()[:700])


@pytest.mark.parametrize("make", [make_text, make_foreign, make_cut])
def test_file_that_is_not_virgas(tmp_path, make):
    db = tmp_path / "virga.db"
    make(db)
    before = db.read_bytes()
    code, line = refused("--db", db)
    assert code == DB_FAILED and "virga.db" in line
    assert db.read_bytes() == before


def test_database_below_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    code, _ = refused("--db", tmp_path / "file" / "virga.db")
    assert code == DB_FAILED


ONE_INSTANCE = {"version": 1, "accounts": [
    {"uin": "1", "credentials": [{"secret_id": "a", "secret_key": "b"}], "regions": [
        {"region": "ap-guangzhou", "instances": [{"instance_id": "mssql-aaaaaaaa", "databases": [{"name": "d"}]}]}]}]}


def changed(change):
    world = json.loads(json.dumps(ONE_INSTANCE))
    change(world, world["accounts"][0], world["accounts"][0]["regions"][0]["instances"][0])
    return json.dumps(world)


BAD_WORLDS = {
    "empty": "",
    "not JSON": "{",
    "array": "[]",
    "no accounts": '{"version":1}',
    "no version": '{"accounts":[]}',
    "other version": changed(lambda w, a, i: w.update(version=2)),
    "unknown key": changed(lambda w, a, i: i.update(colour="red")),
    "wrong type": changed(lambda w, a, i: i.update(port="1433")),
    "bad status": changed(lambda w, a, i: i.update(status=18)),
    "bad port": changed(lambda w, a, i: i.update(port=0)),
    "no instance_id": changed(lambda w, a, i: i.pop("instance_id")),
    "no secret_key": changed(lambda w, a, i: a["credentials"][0].pop("secret_key")),
    "no uin": changed(lambda w, a, i: a.pop("uin")),
}


@pytest.mark.parametrize("text", BAD_WORLDS.values(), ids=BAD_WORLDS.keys())
def test_malformed_world(tmp_path, text):
    world = tmp_path / "world.json"
    world.write_text(text)
    code, line = refused("--memory", "--world", world)
    assert code == WORLD and "world.json" in line


def test_malformed_world_leaves_the_database_as_it_was(tmp_path):
    db = tmp_path / "virga.db"
    with Virga(*QUICK, db=db) as virga:
        virga.call("CreateBackup", BACKUP)
    before = files_of(tmp_path)
    (tmp_path / "world.json").write_text("{")
    assert refused("--db", db, "--world", tmp_path / "world.json")[0] == WORLD
    del (after := files_of(tmp_path))["world.json"]
    assert after == before


def test_absent_world(tmp_path):
    code, line = refused("--memory", "--world", tmp_path / "nowhere.json")
    assert code == WORLD and "nowhere.json" in line


@pytest.mark.parametrize("options", [["--nonsense"], ["--port", "x"], ["--port", "65536"], ["--limit", "CreateBackup"],
                                     ["--limit", "Nothing=1"], ["--flow-seconds", "backup=-1"], ["--seed"],
                                     ["--clock", "noon"], ["--log-format", "xml"]], ids=" ".join)
def test_bad_option(options):
    code, line = refused("--memory", *options)
    assert code == USAGE and options[0] in line


def test_world_of_its_own():
    """A world file replaces the built-in one. The endpoints file has its first credential and region."""
    with Virga(*QUICK, world=ONE_INSTANCE) as virga:
        assert virga.endpoints["secret_id"] == "a" and virga.endpoints["region"] == "ap-guangzhou"
        own = {"secret_id": "a", "secret_key": "b"}
        assert virga.call("CreateBackup", {"InstanceId": "mssql-aaaaaaaa"}, **own).response["FlowId"] > 0
        assert virga.call("CreateBackup", BACKUP).code == "AuthFailure.SecretIdNotFound"


# --- the store fails while it runs ----------------------------------------------------------------------------------


def count_flows(db):
    with sqlite3.connect(f"file:{db}?mode=ro", uri=True) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        flows = connection.execute("SELECT count(*) FROM flow").fetchone()[0]
        assert connection.execute("SELECT count(*) FROM backup").fetchone()[0] == flows
    connection.close()
    return flows


def test_busy(tmp_path):
    """While another program holds the write lock no flow can be made. Afterwards one can."""
    db = tmp_path / "virga.db"
    with Virga(*QUICK, db=db) as virga:
        assert virga.call("CreateBackup", BACKUP).code is None
        other = sqlite3.connect(db, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        answer = virga.call("CreateBackup", BACKUP)
        assert (answer.code, answer.message) == ("InternalError.CreateFlowFailed", "Failed to create flow.")
        other.execute("ROLLBACK")
        other.close()
        assert virga.call("CreateBackup", BACKUP).code is None
        assert count_flows(db) == 2


def fill(virga, limit):
    """Creates backups until one is refused, at most `limit`: (number of backups, the refusal)."""
    client = virga.client()
    for done in range(limit):
        answer = client.call("CreateBackup", BACKUP)
        if answer.code:
            client.close()
            return done, answer
    raise AssertionError(f"{limit} backups fit into the limit")


def test_disk_full(tmp_path):
    """A limit on file size acts as the full disk. What was answered stays, nothing of the refused call does, and with
    room again the server continues."""
    db = tmp_path / "virga.db"
    with Virga(*QUICK, db=db) as virga:
        assert virga.call("CreateBackup", BACKUP).code is None
        room = max(os.path.getsize(p) for p in (db, f"{db}-wal") if os.path.exists(p)) + 64 * 1024
        resource.prlimit(virga.process.pid, resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
        done, answer = fill(virga, 5000)
        assert (answer.code, answer.message) == ("InternalError.DBError", "Database error")
        assert virga.call("CreateBackup", BACKUP).code == "InternalError.DBError"
        resource.prlimit(virga.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert virga.call("CreateBackup", BACKUP).code is None
        assert count_flows(db) == done + 2


def test_file_removed(tmp_path):
    """State that no name leads to would be lost at the end, so it is refused while a user can still read the message."""
    db = tmp_path / "virga.db"
    with Virga(*QUICK, db=db) as virga:
        assert virga.call("CreateBackup", BACKUP).code is None
        os.rename(db, tmp_path / "elsewhere.db")
        answer = virga.call("CreateBackup", BACKUP)
        assert (answer.code, answer.message) == ("InternalError.SystemError", "System error.")
        assert not db.exists(), "it is not created again without the user's knowledge"
        os.rename(tmp_path / "elsewhere.db", db)
        assert virga.call("CreateBackup", BACKUP).code is None, "with the file back in its place calls succeed"
        assert count_flows(db) == 2


def test_a_reset_that_the_disk_refuses_changes_nothing(tmp_path):
    """The store's part is undone, so what is only in memory stays: the journal, the rate limits and the fault rules."""
    db = tmp_path / "virga.db"
    with Virga("--seed", "1", "--quiet", db=db) as virga:
        flow = virga.call("CreateBackup", BACKUP).response["FlowId"]
        done(virga, "POST", "/_virga/faults", {"action": "DescribeDBs", "code": "InternalError"})
        done(virga, "PUT", "/_virga/limiter", {"limits": [{"action": "DescribeDBs", "per_second": 7}]})
        account = done(virga, "POST", "/_virga/accounts", {})
        key = {"secret_id": account["secret_id"], "secret_key": account["secret_key"]}

        def memory():
            return [ask(virga, "GET", f"/_virga/{path}").body for path in ("state", "requests", "faults", "limiter", "credentials")]
        before = memory()
        os.rename(db, tmp_path / "elsewhere.db")
        assert ask(virga, "POST", "/_virga/reset").status == 500
        os.rename(tmp_path / "elsewhere.db", db)
        assert memory() == before
        assert virga.call("CreateBackup", BACKUP, **key).response["FlowId"] > flow
        assert done(virga, "POST", "/_virga/reset")["removed"] == {"flows": 2, "backups": 2, "accounts": 1, "limiter": 2, "faults": 1, "journal": 2}
        assert done(virga, "GET", "/_virga/requests")["total"] == 0 and done(virga, "GET", "/_virga/faults")["faults"] == []
        assert virga.call("CreateBackup", BACKUP).response["FlowId"] == flow


def test_file_removed_while_a_client_reads_the_events(tmp_path):
    """A commit that fails leaves no known time for the next flow. The flow's end is an event all the same."""
    db = tmp_path / "virga.db"
    with Virga("--limit", "off", "--flow-seconds", "backup=1", "--quiet", db=db) as virga:
        with socket.create_connection((virga.host, virga.port), timeout=harness.ANSWER_SECONDS) as s, s.makefile("rb") as stream:
            s.sendall(b"GET /_virga/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            flow = virga.call("CreateBackup", BACKUP).response["FlowId"]
            os.rename(db, tmp_path / "elsewhere.db")
            assert virga.call("CreateBackup", {**BACKUP, "InstanceId": "mssql-i1z41iwd"}).code == "InternalError.SystemError"
            os.rename(tmp_path / "elsewhere.db", db)
            wanted = f'"flow_id":{flow},"kind":"backup","status":"success"'.encode()
            assert any(wanted in line for line in stream), "the stream has ended"


def test_failures_are_logged_with_their_cause(tmp_path):
    db = tmp_path / "virga.db"
    with Virga(*QUICK, db=db) as virga:
        other = sqlite3.connect(db, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        request_id = virga.call("CreateBackup", BACKUP).response["RequestId"]
        other.close()
        virga.terminate()
        assert any(request_id in line and "locked" in line for line in virga.stderr().splitlines()), virga.stderr()
