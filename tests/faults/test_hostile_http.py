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
