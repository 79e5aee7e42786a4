"""Requests that no client of the cloud sends, as bytes: each gets an answer or its connection is closed, and the server keeps
nothing of it."""
import resource
import socket
import time

import pytest
from harness import ANSWER_SECONDS, Virga, read_answer

QUICK = ("--limit", "off", "--flow-seconds", "backup=0", "--quiet")
HOST = b"Host: localhost\r\n"


@pytest.fixture(autouse=True)
def many_descriptors():
    """Allows more connections than the usual limit of a process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(scope="module")
def virga():
    with Virga(*QUICK) as server:
        yield server


def connect(virga):
    return socket.create_connection((virga.host, virga.port), timeout=ANSWER_SECONDS)


def read_all(s):
    """What the server sends until it closes."""
    with s.makefile("rb") as stream:
        return stream.read()


def gauge(virga, name):
    body = virga.send(b"GET /_virga/metrics HTTP/1.1\r\n" + HOST + b"\r\n").body.decode()
    return next(int(line.split()[1]) for line in body.splitlines() if line.startswith(name + " "))


def wait_for(what, expected):
    """Waits until what() has the expected value. A failure shows the last value."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while (value := what()) != expected and time.monotonic() < deadline:
        time.sleep(0.01)
    assert value == expected


def assert_keeps_nothing(virga):
    """The only request and the only connection are those of the question."""
    wait_for(lambda: (gauge(virga, "virga_requests_in_flight"), gauge(virga, "virga_connections")), (1, 1))


# --- many parameters ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["tc3get", "v1"])
def test_800_parameters(virga, mode):
    """26 KB of the 32 KB that a GET may have."""
    ids = {"InstanceIdSet": ["mssql-njj2mtpl"] * 800}
    answer = virga.call("DescribeDBInstances", ids, mode=mode)
    assert (answer.code, answer.response["TotalCount"]) == (None, 1)


def parameters(size):
    """As many parameters as fit into a query of this size."""
    return (b"a&" * size)[:size]


@pytest.mark.parametrize("size,code", [(32 * 1024 - 2, "InvalidParameter"), (33 * 1024, "RequestSizeLimitExceeded"),
                                       (50 * 1024, "RequestSizeLimitExceeded")])
def test_only_parameters(virga, size, code):
    """16,000 of them, all with one name, and no credential."""
    answer = virga.send(b"GET /?" + parameters(size) + b" HTTP/1.1\r\n" + HOST + b"\r\n")
    assert answer.code == code


@pytest.mark.parametrize("path,status", [(b"health", 200), (b"clock", 200), (b"requests", 400)])
@pytest.mark.parametrize("size", [30 * 1024, 50 * 1024])
def test_only_parameters_for_the_control_api(virga, path, status, size):
    answer = virga.send(b"GET /_virga/" + path + b"?" + parameters(size) + b" HTTP/1.1\r\n" + HOST + b"\r\n")
    assert answer.status == status


def test_a_target_beyond_what_is_read(virga):
    answer = virga.send(b"GET /?" + parameters(100 * 1024) + b" HTTP/1.1\r\n" + HOST + b"\r\n")
    assert answer.status == 414


# --- what is refused leaves nothing ---------------------------------------------------------------------------------

REFUSED = {
    "parameters behind a NUL": b"GET /\0?" + parameters(30000) + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "parameters behind a NUL and a version": b"GET /\0HTTP/1.1\0?" + parameters(30000) + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "two errors": b"POST / HTTP/1.1\r\nCookie: " + b"a=1;" * 9000 + b"\r\nContent-Length: x\r\n\r\n",
    "a long header": b"GET / HTTP/1.1\r\nX: " + b"x" * 100000 + b"\r\n\r\n",
    "a bad length": b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    "no version": b"GET /\r\n\r\n",
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED.keys())
def test_what_the_library_refuses_is_forgotten(data):
    with Virga(*QUICK) as virga:
        for _ in range(20):
            with connect(virga) as s:
                try:
                    s.sendall(data)
                    read_all(s)
                except ConnectionError:
                    pass  # it was closed before all of it was read
        assert_keeps_nothing(virga)


# --- the form of the head -------------------------------------------------------------------------------------------

START = b"GET /_virga/health HTTP/1.1\r\nHost: localhost\r\n"
MALFORMED = {
    "folded coding": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "folded length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\t5\r\n\r\nabcde",
    "folded value": START + b"X: a\r\n b\r\n\r\n",
    "folded first line": b"GET /_virga/health HTTP/1.1\r\n X: a\r\nHost: localhost\r\n\r\n",
    "LF after the request line": b"GET /_virga/health HTTP/1.1\nHost: localhost\r\n\r\n",
    "LF after a header": b"GET /_virga/health HTTP/1.1\r\nHost: localhost\nX: a\r\n\r\n",
    "LF after the last header": b"GET /_virga/health HTTP/1.1\r\nHost: localhost\n\r\n",
    "LF as the empty line": START + b"\n",
    "LF alone": b"GET /_virga/health HTTP/1.1\nHost: localhost\n\n",
    "CR before CR LF": START + b"X: a\r\r\n\r\n",
    "CR in a value": START + b"X: a\rb\r\n\r\n",
    "CR in the target": b"GET /_virga/health?\ra HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "NUL in a value": START + b"X: a\0b\r\n\r\n",
    "NUL in the host": b"GET /_virga/health HTTP/1.1\r\nHost: localhost\0.example\r\n\r\n",
    "NUL in a name": START + b"X\0Y: a\r\n\r\n",
    "NUL before a name": START + b"\0X: a\r\n\r\n",
    "NUL in the target": b"GET /_virga/health\0x HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "NUL in the query": b"GET /_virga/health?a\0x HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "NUL in the method": b"GET\0X /_virga/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "two blanks": b"GET  /_virga/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "blank in the target": b"GET /_virga/health x HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "blank in the query": b"GET /_virga/health? HTTP/1.1\r\nHost: localhost\r\n\r\n".replace(b"? ", b"?  "),
}


@pytest.mark.parametrize("step", [1 << 20, 1], ids=["at once", "byte by byte"])
@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_head_is_rejected(virga, data, step):
    with connect(virga) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for i in range(0, len(data), step):
                s.sendall(data[i:i + step])
        except ConnectionError:
            pass  # it was rejected before its end
        answer = read_all(s)
    assert answer.startswith(b"HTTP/1.1 400 ") and answer.count(b"HTTP/1.1 ") == 1, answer
    assert b'"status":"ok"' not in answer


WELL_FORMED = {
    "no blank": b"X:a\r\n",
    "blanks around a value": b"X: \t a \t \r\n",
    "empty values": b"X:\r\nY: \r\nZ:  \t\r\n",
    "lines before the request": b"",
    "UTF-8": "X: 数据库\r\n".encode(),
    "40 KiB": b"".join(b"X%d: %s\r\n" % (i, b"x" * 1000) for i in range(40)),
}


@pytest.mark.parametrize("step", [1 << 20, 7], ids=["at once", "in pieces"])
@pytest.mark.parametrize("query", [b"", b"?", b"?a=1&b=%00+%20"], ids=["none", "empty", "query"])
@pytest.mark.parametrize("headers", WELL_FORMED.values(), ids=WELL_FORMED.keys())
def test_a_well_formed_head_passes(virga, headers, query, step):
    data = b"\r\n" * (not headers) + b"GET /_virga/health" + query + b" HTTP/1.1\r\nHost: localhost\r\n" + headers + b"\r\n"
    with connect(virga) as s, s.makefile("rb") as stream:
        for _ in range(2):  # the second one on a connection that has read before
            for i in range(0, len(data), step):
                s.sendall(data[i:i + step])
            assert read_answer(stream).status == 200
