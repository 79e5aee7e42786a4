"""What is used up, by many or by one: connections, descriptors, memory, a pipe that no process reads. The server does without it and
serves on when it is there again."""
import contextlib
import os
import resource
import signal
import socket
import time

import pytest

from harness import Virga, read_answer

QUICK = ("--limit", "off", "--flow-seconds", "backup=0", "--quiet")
SOON_SECONDS = 5


@pytest.fixture(autouse=True)
def many_descriptors():
    """Allows more connections than the usual limit of a process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def connect(virga, n, first=b"G"):
    """n connections, each with its first bytes sent."""
    sockets = [socket.create_connection((virga.host, virga.port), timeout=SOON_SECONDS) for _ in range(n)]
    for s in sockets:
        s.sendall(first)
    return sockets


def health(virga):
    """The status of one answer on a new connection."""
    with socket.create_connection((virga.host, virga.port), timeout=SOON_SECONDS) as s, s.makefile("rb") as stream:
        s.sendall(b"GET /_virga/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = read_answer(stream)
    return answer and answer.status


# --- connections and descriptors ------------------------------------------------------------------------------------


def test_it_listens_again_after_all_have_gone_at_once():
    """They go while the server is stopped, so that it sees all of them at once; and then nothing else happens."""
    with Virga(*QUICK) as virga:
        sockets = connect(virga, 1000)
        time.sleep(0.5)
        virga.process.send_signal(signal.SIGSTOP)
        for s in sockets:
            s.close()
        time.sleep(0.2)
        virga.process.send_signal(signal.SIGCONT)
        time.sleep(0.5)
        assert [health(virga), health(virga)] == [200, 200]


def sockets_of(process):
    n, files = 0, f"/proc/{process.pid}/fd"
    for file in os.listdir(files):
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            n += os.readlink(f"{files}/{file}").startswith("socket:")
    return n


@pytest.mark.parametrize("data", [b"", b"G", b"GET /?a=1", b"GET / HTTP/1.1\r\nHos", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx",
                                  b"GET /_virga/health HTTP/1.1\r\nHost: localhost\r\n\r\n"], ids=range(6))
def test_a_client_that_closes_after_a_part_of_a_request_holds_no_connection(data):
    """What it has sent and the end arrive together, because the server is stopped meanwhile. The idle limit is 75 seconds."""
    with Virga(*QUICK) as virga:
        assert virga.call("DescribeRegions").code is None
        before = sockets_of(virga.process)
        for _ in range(5):
            os.kill(virga.process.pid, signal.SIGSTOP)
            for _ in range(8):
                with socket.create_connection((virga.host, virga.port)) as s:
                    s.sendall(data)
            os.kill(virga.process.pid, signal.SIGCONT)
            assert virga.call("DescribeRegions").code is None
        deadline = time.monotonic() + 30
        while sockets_of(virga.process) > before:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def descriptors(n):
    """Limits a server to n descriptors."""
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (n, n))


@pytest.mark.parametrize("limit,connections", [(4096, 1500), (64, 200)], ids=["connections", "descriptors"])
@pytest.mark.parametrize("first", [b"G", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx"], ids=["line", "body"])
def test_idle_connections_block_no_client(limit, connections, first):
    """Each new connection closes the one that is idle for longest; one that sends stays open."""
    with Virga(*QUICK, preexec=descriptors(limit)) as virga:
        client = virga.client()
        sockets = []
        for _ in range(connections):
            sockets += connect(virga, 1, first)
            if len(sockets) % 5 == 0:
                assert client.call("DescribeFlowStatus", {"FlowId": 1}).status == 200
        assert health(virga) == 200
        for s in sockets:
            s.close()
        client.close()
        assert health(virga) == 200


# --- memory ---------------------------------------------------------------------------------------------------------


def resident_mib(virga):
    with open(f"/proc/{virga.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) // 1024


def half_sent(virga, n, mib):
    """n connections that have sent all of a body of `mib` MiB but its last byte."""
    head = f"POST / HTTP/1.1\r\nHost: {virga.host}\r\nContent-Length: {mib << 20}\r\n\r\n".encode()
    return connect(virga, n, head + b"x" * ((mib << 20) - 1))


def test_bodies_have_a_limit_together():
    """Their sender needs no credential. The first are kept; those past the limit are accepted, not kept, and answered so."""
    with Virga(*QUICK, binary_path=os.environ.get("VIRGA_RELEASE_BIN")) as virga:
        sockets = half_sent(virga, 60, 9)
        assert health(virga) == 200
        assert resident_mib(virga) < 256 + 100
        answers = []
        for s in sockets:
            s.sendall(b"x")
            with s.makefile("rb") as stream:
                answers.append(read_answer(stream))
            s.close()
        refused = [a for a in answers if a.status == 503]
        assert len(answers) - len(refused) >= 16, "each may have up to twice its size"
        assert refused and all(a.headers["connection"] == "close" for a in refused)
        assert virga.call("CreateBackup", {"InstanceId": "mssql-njj2mtpl"}).code is None
        assert resident_mib(virga) < 100


# --- the log --------------------------------------------------------------------------------------------------------


def test_a_pipe_without_a_reader():
    """It serves on, and ends when it is asked to."""
    with Virga("--limit", "off") as virga:
        virga.terminate()
        virga.endpoints_file.unlink(missing_ok=True)
        reader, writer = os.pipe()
        virga.preexec = lambda: os.dup2(writer, 2)
        virga.start()
        os.close(writer)
        client = virga.client()
        for _ in range(1000):  # more than 64 KiB of lines, which is the size of a pipe
            assert client.call("DescribeFlowStatus", {"FlowId": 1}).status == 200
        assert os.read(reader, 1 << 20)
        client.call("DescribeFlowStatus", {"FlowId": 1})
        client.close()
        assert b"log lines dropped" in os.read(reader, 1 << 20)
        assert virga.terminate()[0] == 0
        os.close(reader)
