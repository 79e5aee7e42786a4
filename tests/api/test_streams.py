"""Answers that are sent in pieces: the lists of the journal, and the state. What they cost while they are not read, and what a change,
a client that disconnects and the end of the server do to them."""
import http.client
import os
import socket
import ssl
import time

import pytest

import harness
from control import ask, done

FAST = ("--seed", "1", "--limit", "off", "--flow-seconds", "backup=0", "--quiet")
BACKUP = {"InstanceId": "mssql-njj2mtpl", "Strategy": 1, "DBNames": ["db1"]}
REQUESTS, HAR, STATE = "/_virga/requests?limit=10000", "/_virga/requests.har", "/_virga/state"
ANSWERS = [REQUESTS, HAR, STATE]
LONG = {"InstanceId": "mssql-nothing", "BackupName": "x" * 10000}


def start(*options, **more):
    """A server with a Unix socket, whose buffers are small: they take 200 KiB of an unread answer."""
    server = harness.Virga(*FAST, *options, **more)
    server.command += ["--unix-socket", str(server.directory / "socket")]
    return server


@pytest.fixture
def virga():
    with start() as server:
        yield server


def record(virga, n):
    """Makes n calls, each of which takes more than 10 kB in an answer."""
    client = virga.client()
    for _ in range(n):
        client.call("CreateBackup", LONG)
    client.close()


def grow_state(virga, n):
    """Adds n rows of 15 bytes to the document of the state."""
    state = done(virga, "GET", STATE)
    state["tables"]["account"]["rows"] += [[f"many{i:06}"] for i in range(n)]
    done(virga, "PUT", STATE, state)


def begin(virga, path, version="1.1"):
    """Sends a GET and waits for the first byte of its answer, which stays unread."""
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(harness.ANSWER_SECONDS)
    s.connect(str(virga.directory / "socket"))
    s.sendall(f"GET {path} HTTP/{version}\r\nHost: localhost\r\n\r\n".encode())
    assert s.recv(1, socket.MSG_PEEK)
    return s


def finish(s):
    """Reads an answer until its end."""
    with s, s.makefile("rb") as stream:
        return harness.read_answer(stream)


def calls_in(answer):
    found = answer.json["log"]["entries"] if "log" in answer.json else answer.json["requests"]
    return [c.get("request_id") or c["_requestId"] for c in found]


def await_that(condition):
    deadline = time.monotonic() + harness.READY_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


# --- the form of the answer -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ANSWERS)
def test_a_short_answer_has_its_length(virga, path):
    virga.call("CreateBackup", BACKUP)
    headers = ask(virga, "GET", path).headers
    assert int(headers["content-length"]) > 0 and "transfer-encoding" not in headers


@pytest.mark.parametrize("path", ANSWERS)
def test_a_long_answer_is_the_same_to_every_client(virga, path):
    """In chunks, until the end of the connection (HTTP/1.0), and on a connection that stays open."""
    record(virga, 100)
    grow_state(virga, 20000)
    answer = ask(virga, "GET", path)
    assert answer.headers["transfer-encoding"] == "chunked" and "content-length" not in answer.headers
    assert len(answer.body) > 300_000 and answer.json
    with begin(virga, path, version="1.0") as s, s.makefile("rb") as stream:
        head, _, body = stream.read().partition(b"\r\n\r\n")
    assert b"chunked" not in head.lower() and body == answer.body
    client = http.client.HTTPConnection(virga.host, virga.port, timeout=harness.ANSWER_SECONDS)
    for _ in range(2):
        client.request("GET", path)
        assert client.getresponse().read() == answer.body
    client.close()


def test_a_long_answer_over_tls(tmp_path):
    with harness.Virga(*FAST, "--tls-port", "0", "--ca-dir", str(tmp_path)) as virga:
        record(virga, 100)
        port = int(virga.endpoints["tls_endpoint"].rpartition(":")[2])
        context = ssl.create_default_context(cafile=virga.endpoints["ca_file"])
        client = http.client.HTTPSConnection("localhost", port, timeout=harness.ANSWER_SECONDS, context=context)
        client.request("GET", HAR)
        assert client.getresponse().read() == ask(virga, "GET", HAR).body
        client.close()


def test_a_long_answer_with_a_journal_file(tmp_path):
    """There every answer waits until the file is written."""
    with start("--journal", str(tmp_path / "journal.db"), db=tmp_path / "virga.db") as virga:
        record(virga, 50)
        assert len(calls_in(ask(virga, "GET", REQUESTS))) == 50


# --- what it costs ----------------------------------------------------------------------------------------------------


def resident_mib(virga, name):
    with open(f"/proc/{virga.process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name)) // 1024


@pytest.mark.parametrize("path", [REQUESTS, HAR])
def test_unread_answers_take_little_memory(path):
    """Each of the thirty has 10 MB. Uses the release build if there is one: a sanitizer keeps up to 256 MiB of freed memory."""
    binary = os.environ.get("VIRGA_RELEASE_BIN") or None
    with start(binary_path=binary) as virga:
        record(virga, 1000)
        before = resident_mib(virga, "VmHWM")
        unread = [begin(virga, path) for _ in range(30)]
        assert virga.call("DescribeRegions").code is None
        assert resident_mib(virga, "VmHWM") - before < (16 if binary else 300)
        answer = finish(unread.pop())
        assert len(answer.body) > 9_000_000 and len(calls_in(answer)) == 1000
        for s in unread:
            s.close()
        assert virga.call("DescribeRegions").code is None
        assert resident_mib(virga, "VmHWM") - before < (16 if binary else 300)


def test_clients_that_disconnect_leave_nothing(virga):
    record(virga, 100)
    grow_state(virga, 20000)
    open_files = f"/proc/{virga.process.pid}/fd"
    ask(virga, "GET", "/_virga/health")
    before = len(os.listdir(open_files))
    for _ in range(5):
        for s in [begin(virga, path) for path in ANSWERS for _ in range(10)]:
            s.close()
        await_that(lambda: len(os.listdir(open_files)) <= before)
    assert len(calls_in(ask(virga, "GET", HAR))) == 100


# --- what changes meanwhile -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [REQUESTS, HAR])
def test_new_calls_are_not_in_an_answer_and_dropped_ones_are_skipped(path):
    with start("--journal-calls", "200") as virga:
        record(virga, 200)
        old = calls_in(ask(virga, "GET", path))
        answer = begin(virga, path)
        record(virga, 100)
        found = calls_in(finish(answer))
        assert found == [c for c in old if c in set(found)]
        assert found[-100:] == old[-100:] and len(found) < 200


def test_a_state_is_that_of_one_moment(virga):
    grow_state(virga, 20000)
    virga.call("CreateBackup", BACKUP)
    before = ask(virga, "GET", STATE).body
    answer = begin(virga, STATE)
    for _ in range(20):
        assert virga.call("CreateBackup", BACKUP).code is None
    done(virga, "POST", "/_virga/reset")
    assert finish(answer).body == before
    assert len(ask(virga, "GET", STATE).body) < 20000


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_a_large_state_is_one_state_although_it_is_copied_in_steps(tmp_path, kind):
    """Calls and lost clients are between the steps. Flow, backup and next id belong together in what is sent."""
    with start(**({"db": tmp_path / "virga.db"} if kind == "file" else {})) as virga:
        grow_state(virga, 150_000)
        answers, lost = [begin(virga, STATE) for _ in range(2)], [begin(virga, STATE) for _ in range(5)]
        for s in lost:
            s.close()
        for _ in range(50):
            assert virga.call("CreateBackup", BACKUP).code is None
        for answer in map(finish, answers):
            flows, backups = (answer.json["tables"][table]["rows"] for table in ("flow", "backup"))
            ids = [row[0] for row in flows]
            assert len(ids) == len(set(ids)) == len(backups) <= 50 and all(i < answer.json["next_flow_id"] for i in ids)
            assert len(answer.json["tables"]["account"]["rows"]) == 150_001
        done(virga, "PUT", STATE, answer.body)
        assert finish(begin(virga, STATE)).body == answer.body


@pytest.mark.parametrize("path", ANSWERS)
def test_an_answer_that_the_end_of_the_server_cuts_is_not_complete(virga, path):
    record(virga, 100)
    grow_state(virga, 20000)
    with begin(virga, path) as s, s.makefile("rb") as stream:
        code, seconds = virga.terminate()
        assert code == 0 and seconds < harness.READY_SECONDS
        sent = stream.read()
    assert sent.startswith(b"HTTP/1.1 200") and not sent.endswith(b"\r\n0\r\n\r\n")
