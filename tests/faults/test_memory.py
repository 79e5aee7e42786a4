"""What a large request or a large state takes from the system, it gives back. Needs the release build: a sanitizer keeps what is freed."""
import json
import os
import socket

import pytest

import harness
from harness import Virga, read_answer

BINARY = os.environ.get("VIRGA_RELEASE_BIN")
OPTIONS = ("--limit", "off", "--quiet", "--log-level", "warn")
ROWS = 20_000
STATE = "/_virga/state"

pytestmark = pytest.mark.skipif(not BINARY or harness.POSIX_FORM, reason="needs the release build, and a heap that can be trimmed")


@pytest.fixture
def virga(tmp_path):
    """Its state is in a file, of which SQLite keeps at most 1 MiB in memory."""
    with Virga(*OPTIONS, binary_path=BINARY, db=tmp_path / "virga.db") as server:
        calls(server, 500)
        yield server


def calls(virga, n):
    """Makes n calls. The journal keeps them: small blocks of the heap that live for longer than a request."""
    client = virga.client()
    for _ in range(n):
        assert client.call("DescribeRegions").code is None
    client.close()


def resident_mib(virga):
    with open(f"/proc/{virga.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


def control(virga, method, path, body=None):
    with socket.create_connection((virga.host, virga.port), timeout=harness.ANSWER_SECONDS) as s:
        body = body or b""
        s.sendall(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        with s.makefile("rb") as stream:
            answer = read_answer(stream)
    assert answer.status == 200, answer.body[:300]
    return answer.body


def large_document(virga):
    """The state with many more accounts: 5 MiB."""
    state = json.loads(control(virga, "GET", STATE))
    state["tables"]["account"]["rows"] += [[f"{i:0250}"] for i in range(ROWS)]
    return json.dumps(state).encode()


def test_a_call_of_many_values(virga):
    """It takes 40 MiB while it runs."""
    before = resident_mib(virga)
    assert virga.call("CreateBackup", {"InstanceId": "mssql-njj2mtpl", "X": [0] * 240_000}).code == "UnknownParameter"
    calls(virga, 20)
    assert resident_mib(virga) - before < 8


def test_loaded_documents(virga):
    """A document is in memory several times while it is read."""
    document = large_document(virga)
    before = resident_mib(virga)
    for _ in range(3):
        control(virga, "PUT", STATE, document)
        calls(virga, 20)
    assert resident_mib(virga) - before < 8


def test_an_unread_answer_with_the_state(virga):
    """The copy of the database for it is freed after calls that were made later."""
    control(virga, "PUT", STATE, large_document(virga))
    calls(virga, 20)
    before = resident_mib(virga)
    with socket.create_connection((virga.host, virga.port), timeout=harness.ANSWER_SECONDS) as s:
        s.sendall(f"GET {STATE} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert s.recv(1, socket.MSG_PEEK)
        calls(virga, 20)  # while it is copied or sent
        with s.makefile("rb") as stream:
            assert len(read_answer(stream).body) > 250 * ROWS
    calls(virga, 20)
    assert resident_mib(virga) - before < 2
