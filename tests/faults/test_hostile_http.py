"""Requests that no client of the cloud sends, as bytes: each gets an answer or its connection is closed, and the server keeps
nothing of it."""
import resource
import signal
import socket
import ssl
import time
import urllib.parse

import pytest
from control import done
from harness import ANSWER_SECONDS, POSIX_FORM, Virga, read_answer

QUICK = ("--limit", "off", "--flow-seconds", "backup=0", "--quiet")
HOST = b"Host: localhost\r\n"
# Four fifths of the connections that the server keeps: the form of os.h without epoll keeps as many as select takes.
DELAYED_AT_MOST = 410 if POSIX_FORM else 760


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


# --- clients that close their side ----------------------------------------------------------------------------------


def connect_together(virga, datas):
    """A connection for each of these. Their bytes and their end arrive together: the server is stopped meanwhile."""
    virga.process.send_signal(signal.SIGSTOP)
    sockets = []
    for data in datas:
        sockets.append(connect(virga))
        sockets[-1].sendall(data)
        sockets[-1].shutdown(socket.SHUT_WR)
    virga.process.send_signal(signal.SIGCONT)
    return sockets


def test_a_half_closed_client_sees_the_end(virga):
    """It has the answer if its request was complete, and in both cases the server closes at once."""
    call = virga.prepare("CreateBackup", {"InstanceId": "mssql-njj2mtpl"}).message().to_bytes()
    whole = [START + b"\r\n", START.replace(b"health", b"schema.json") + b"\r\n", call, START + b"\r\n" + START + b"\r\n"]
    halves = [START, call[:-1], b"GET", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n" + b"x" * 500000]
    answers = []
    for s in connect_together(virga, whole + halves):
        with s:
            answers.append(read_all(s))
    assert [a.count(b"HTTP/1.1 200 ") for a in answers] == [1, 1, 1, 2, 0, 0, 0, 0]
    assert_keeps_nothing(virga)


def delay(virga, seconds):
    done(virga, "POST", "/_virga/faults", {"action": "DescribeFlowStatus", "delay_ms": seconds * 1000})


def send_calls(virga, n):
    """n connections, each of which waits for the answer of a call."""
    call = virga.prepare("DescribeFlowStatus", {"FlowId": 1}).message().to_bytes()
    sockets = [connect(virga) for _ in range(n)]
    for s in sockets:
        s.sendall(call)
    return sockets


def test_clients_that_left_during_a_delay_hold_no_connection():
    """The delay is far longer than the test. The calls are in the journal all the same."""
    with Virga(*QUICK) as virga:
        delay(virga, 3600)
        sockets = send_calls(virga, 300)
        wait_for(lambda: gauge(virga, "virga_calls_delayed"), 300)
        for s in sockets:
            s.close()
        assert_keeps_nothing(virga)
        assert gauge(virga, "virga_calls_delayed") == 0
        assert gauge(virga, "virga_journal_calls") == 300


def test_clients_of_the_other_listeners_leave_too(tmp_path):
    path = tmp_path / "socket"
    with Virga(*QUICK, "--tls-port", "0", "--ca-dir", str(tmp_path / "ca"), "--unix-socket", str(path)) as virga:
        delay(virga, 3600)
        context = ssl.create_default_context(cafile=virga.endpoints["ca_file"])
        tls = urllib.parse.urlsplit(virga.endpoints["tls_endpoint"])
        sockets = [context.wrap_socket(socket.create_connection((virga.host, tls.port), timeout=ANSWER_SECONDS),
                                       server_hostname="localhost"), socket.socket(socket.AF_UNIX)]
        sockets[1].connect(str(path))
        for s in sockets:
            s.sendall(virga.prepare("DescribeFlowStatus", {"FlowId": 1}).message().to_bytes())
        wait_for(lambda: gauge(virga, "virga_calls_delayed"), 2)
        for s in sockets:
            s.close()
        assert_keeps_nothing(virga)


def test_clients_that_wait_leave_connections_for_others():
    """More of them than there are connections. Those past the limit are answered without the delay."""
    with Virga(*QUICK) as virga:
        delay(virga, 3600)
        sockets = send_calls(virga, 1010)
        wait_for(lambda: gauge(virga, "virga_calls_delayed"), DELAYED_AT_MOST)
        assert done(virga, "GET", "/_virga/health")["status"] == "ok"
        assert virga.call("CreateBackup", {"InstanceId": "mssql-njj2mtpl"}).code is None
        for s in sockets:
            s.close()
        assert_keeps_nothing(virga)


def test_clients_that_do_not_read_are_evicted():
    """Each asks for more than the buffers of its socket hold, and reads nothing. It takes no credential."""
    with Virga(*QUICK, preexec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))) as virga:
        sockets = []
        for _ in range(100):
            s = socket.socket()
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            s.settimeout(ANSWER_SECONDS)
            s.connect((virga.host, virga.port))
            s.sendall(START.replace(b"health", b"schema.json") + b"\r\n")
            sockets.append(s)
        assert done(virga, "GET", "/_virga/health")["status"] == "ok"
        for s in sockets:
            s.close()
        assert_keeps_nothing(virga)


def test_a_subscriber_that_left_makes_room():
    """32 may subscribe. Without an event and before the first heartbeat there is room again."""
    with Virga(*QUICK) as virga:
        for _ in range(3):
            sockets = [connect(virga) for _ in range(32)]
            for s in sockets:
                s.sendall(START.replace(b"health", b"events") + b"\r\n")
                assert s.recv(100).startswith(b"HTTP/1.1 200 ")
                s.close()
            assert_keeps_nothing(virga)
