"""Every listener accepts the same calls: the plain port, a request as to a proxy, TLS, IPv6, a Unix socket. Every form that HTTP
allows is understood or refused at once."""
import http.client
import json
import os
import pathlib
import signal
import socket
import ssl
import stat
import subprocess

import harness
import pytest
from harness import ANSWER_SECONDS, Virga, read_answer

BACKUP = {"InstanceId": "mssql-njj2mtpl"}
QUICK = ("--limit", "off", "--flow-seconds", "backup=0", "--quiet")
LISTEN = 3  # the exit code


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as s:
            s.bind(("::1", 0))
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


def clean_env():
    """The environment without virga's variables: a test gives all options itself."""
    return {name: value for name, value in os.environ.items() if not name.startswith("VIRGA_")}


def exchange(virga, data, answers=1):
    """Sends bytes on one connection and reads a number of answers."""
    with socket.create_connection((virga.host, virga.port), timeout=ANSWER_SECONDS) as s, s.makefile("rb") as stream:
        s.sendall(data)
        return [read_answer(stream) for _ in range(answers)]


def closes_with(virga, data):
    """The answer to these bytes. The server must close the connection after it."""
    with socket.create_connection((virga.host, virga.port), timeout=ANSWER_SECONDS) as s, s.makefile("rb") as stream:
        s.sendall(data)
        answer = read_answer(stream)
        assert stream.read() == b""
    return answer


def message(virga, **fields):
    return virga.prepare("CreateBackup", BACKUP, **fields).message()


# --- a proxy's form -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", harness.Call.MODES)
@pytest.mark.parametrize("host", ["sqlserver.tencentcloudapi.com", "sqlserver.ap-guangzhou.tencentcloudapi.com"])
def test_target_in_absolute_form(virga, mode, host):
    def absolute(m):
        m.target = f"http://{host}{m.target}"

    assert virga.call("CreateBackup", BACKUP, mode=mode, host=host, after=[absolute]).code is None


def test_http_proxy_of_the_environment(virga):
    """As a client of the official address sends it when the variable http_proxy names this server."""
    call = virga.prepare("CreateBackup", BACKUP, host="sqlserver.tencentcloudapi.com").message()
    connection = http.client.HTTPConnection(virga.host, virga.port, timeout=ANSWER_SECONDS)
    connection.request("POST", "http://sqlserver.tencentcloudapi.com/", call.body, dict(call.headers))
    assert json.loads(connection.getresponse().read())["Response"]["FlowId"] > 0
    connection.close()


def test_tunnel_is_rejected(virga):
    """A status of 200 would mean that the tunnel is open."""
    answer = closes_with(virga, b"CONNECT sqlserver.tencentcloudapi.com:443 HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.status == 405


# --- TLS ------------------------------------------------------------------------------------------------------------

REGIONS = json.loads((harness.ROOT / "schema" / "sqlserver" / "_product.json").read_text())["regions"]
REGIONS = [region["name"] for region in REGIONS]
NAMES = ["localhost", "127.0.0.1", "::1", "sqlserver.localhost", "sqlserver.tencentcloudapi.com",
         "sqlserver.intl.tencentcloudapi.com", "sqlserver.internal.tencentcloudapi.com",
         *(f"sqlserver.{region}.tencentcloudapi.com" for region in REGIONS)]
CA_FILES = {"ca.pem", "ca.key", "leaf.pem", "leaf.key", "lock"}


@pytest.fixture(scope="module")
def ca_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("state") / "ca"


@pytest.fixture(scope="module")
def tls_virga(ca_dir):
    with Virga(*QUICK, "--tls-port", "0", "--ca-dir", str(ca_dir)) as server:
        yield server


def tls_port(virga):
    return int(virga.endpoints["tls_endpoint"].rpartition(":")[2])


def over_tls(virga, name, data):
    context = ssl.create_default_context(cafile=virga.endpoints["ca_file"])
    with socket.create_connection((virga.host, tls_port(virga)), timeout=ANSWER_SECONDS) as plain:
        with context.wrap_socket(plain, server_hostname=name) as s, s.makefile("rb") as stream:
            s.sendall(data)
            return read_answer(stream), s.getpeercert(binary_form=True)


def loads_gnutls(virga):
    loaded = pathlib.Path(f"/proc/{virga.process.pid}/maps").read_text()
    if ".so" not in loaded:
        pytest.skip("a static program has GnuTLS in it")
    return "libgnutls" in loaded


def test_only_a_server_with_tls_loads_gnutls(tls_virga):
    """Loading it took a quarter of the time of a start."""
    assert loads_gnutls(tls_virga)
    with Virga(*QUICK) as plain:
        assert not loads_gnutls(plain)


@pytest.mark.parametrize("name", NAMES)
def test_certificate_is_good_for(tls_virga, name):
    answer, _ = over_tls(tls_virga, name, message(tls_virga, host=name).to_bytes())
    assert answer.code is None


@pytest.mark.parametrize("name", ["example.com", "tencentcloudapi.com", "a.b.ap-guangzhou.tencentcloudapi.com", "127.0.0.2"])
def test_certificate_is_not_good_for(tls_virga, name):
    with pytest.raises(ssl.SSLCertVerificationError):
        over_tls(tls_virga, name, b"")


def test_no_client_trusts_it_by_itself(tls_virga):
    with socket.create_connection((tls_virga.host, tls_port(tls_virga)), timeout=ANSWER_SECONDS) as plain:
        with pytest.raises(ssl.SSLCertVerificationError):
            ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")


def test_large_body_over_tls(tls_virga):
    data = tls_virga.prepare("CreateBackup", {"InstanceId": "x" * (9 * 1024 * 1024)}).message().to_bytes()
    assert over_tls(tls_virga, "localhost", data)[0].code == "ResourceNotFound.InstanceNotFound"


def test_keep_alive_over_tls_with_writes_to_a_file(tmp_path):
    with Virga(*QUICK, "--tls-port", "0", "--ca-dir", str(tmp_path / "ca"), db=tmp_path / "virga.db") as virga:
        context = ssl.create_default_context(cafile=virga.endpoints["ca_file"])
        c = http.client.HTTPSConnection("localhost", tls_port(virga), timeout=ANSWER_SECONDS, context=context)
        flows = []
        for _ in range(10):
            m = message(virga)
            c.request("POST", "/", m.body, dict(m.headers))
            flows.append(json.loads(c.getresponse().read())["Response"]["FlowId"])
        c.close()
        assert flows == sorted(set(flows))


def test_private_files(tls_virga, ca_dir):
    files = {p.name: stat.S_IMODE(p.stat().st_mode) for p in ca_dir.iterdir()}
    assert files == dict.fromkeys(CA_FILES, 0o600)
    assert stat.S_IMODE(ca_dir.stat().st_mode) == 0o700
    assert tls_virga.endpoints["ca_file"] == str(ca_dir / "ca.pem")


def serves_with(ca_dir):
    """Starts a server with this folder. Returns the text of the authority, the bytes of the server's certificate, and the log."""
    with Virga(*QUICK, "--tls-port", "0", "--ca-dir", str(ca_dir)) as virga:
        _, certificate = over_tls(virga, "localhost", message(virga).to_bytes())
        return (ca_dir / "ca.pem").read_text(), certificate, virga.stderr()


def test_restart_uses_them_again(tmp_path):
    assert serves_with(tmp_path / "ca") == serves_with(tmp_path / "ca")


@pytest.mark.parametrize("text", ["", "rubbish\n"])
@pytest.mark.parametrize("name", ["leaf.key", "leaf.pem"])
def test_damaged_leaf(tmp_path, name, text):
    before = serves_with(tmp_path)
    (tmp_path / name).write_text(text)
    after = serves_with(tmp_path)
    assert after[0] == before[0] and after[1] != before[1]


def test_damaged_authority_is_reported(tmp_path):
    before = serves_with(tmp_path)
    (tmp_path / "ca.key").write_text("rubbish\n")
    after = serves_with(tmp_path)
    assert after[0] != before[0] and after[1] != before[1]
    assert "trust the new one" in after[2] and before[2] == ""


def virga_ca(*options, **env):
    return subprocess.run([harness.binary(), "ca", *options], capture_output=True, text=True, timeout=20,
                          env={**clean_env(), **env})


def test_virga_ca_prints_the_path_and_makes_it(tmp_path):
    run = virga_ca(XDG_STATE_HOME=str(tmp_path))
    assert (run.returncode, run.stderr) == (0, "")
    path = pathlib.Path(run.stdout.removesuffix("\n"))
    assert path == tmp_path / "virga" / "ca" / "ca.pem"
    made = path.read_text()
    assert virga_ca(XDG_STATE_HOME=str(tmp_path)).stdout == run.stdout
    assert serves_with(path.parent)[0] == made


def test_ca_in_an_impossible_folder(tmp_path):
    (tmp_path / "file").write_text("")
    run = virga_ca("--ca-dir", str(tmp_path / "file" / "ca"))
    assert run.returncode == LISTEN and len(run.stderr.splitlines()) == 1
    with pytest.raises(RuntimeError, match=f"ended with {LISTEN} .*\nvirga: .*file/ca"):
        Virga("--tls-port", "0", "--ca-dir", str(tmp_path / "file" / "ca")).start()


def test_without_tls_port_nothing_is_made(tmp_path):
    with Virga(*QUICK, "--ca-dir", str(tmp_path / "ca")) as virga:
        assert (virga.endpoints["tls_endpoint"], virga.endpoints["ca_file"]) == (None, None)
    assert list(tmp_path.iterdir()) == []


def test_tls_hello_on_the_plain_port_is_rejected(virga):
    """Otherwise client and server would wait for each other until the idle limit."""
    context = ssl.create_default_context()
    with socket.create_connection((virga.host, virga.port), timeout=5) as s:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            context.wrap_socket(s, server_hostname="localhost")


def test_plain_http_on_the_tls_port_is_rejected(tls_virga):
    with socket.create_connection((tls_virga.host, tls_port(tls_virga)), timeout=5) as s:
        s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            assert not s.recv(1000).startswith(b"HTTP")
        except ConnectionError:
            pass


def test_a_wrong_protocol_is_reported_once(tmp_path):
    """A client that repeats its attempt does not fill the log."""
    with Virga(*QUICK, "--tls-port", "0", "--ca-dir", str(tmp_path)) as virga:
        for _ in range(3):
            test_plain_http_on_the_tls_port_is_rejected(virga)
            test_tls_hello_on_the_plain_port_is_rejected(virga)
        virga.terminate()
        said = sorted(line.split(" ", 1)[1] for line in virga.stderr().splitlines())
        assert said == ["virga: warning: a client speaks TLS to the plain port; use http:// there, or --tls-port",
                        "virga: warning: a client speaks plain HTTP to the TLS port; use https:// there"]


def test_strict_refuses_plain_http_beside_tls(tmp_path):
    path = tmp_path / "socket"
    with Virga(*QUICK, "--strict", "--tls-port", "0", "--ca-dir", str(tmp_path), "--unix-socket", str(path)) as virga:
        name = "sqlserver.tencentcloudapi.com"
        data = message(virga, host=name).to_bytes()
        assert closes_with(virga, data).status == 403
        assert over_tls(virga, name, data)[0].code is None
        assert over_socket(path, data).code is None
        assert virga.send(b"GET /_virga/health HTTP/1.1\r\nHost: localhost\r\n\r\n").json == {"status": "ok"}


def test_strict_without_tls_takes_plain_http():
    with Virga(*QUICK, "--strict") as virga:
        assert virga.call("CreateBackup", BACKUP, host="sqlserver.tencentcloudapi.com").code is None


# --- addresses ------------------------------------------------------------------------------------------------------


@needs_ipv6
def test_ipv6(tmp_path):
    with Virga(*QUICK, "--host", "::1", "--tls-port", "0", "--ca-dir", str(tmp_path)) as virga:
        assert virga.endpoint == f"http://[::1]:{virga.port}"
        assert virga.call("CreateBackup", BACKUP, host=f"[::1]:{virga.port}").code is None
        assert over_tls(virga, "::1", message(virga, host=f"[::1]:{tls_port(virga)}").to_bytes())[0].code is None
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", virga.port), timeout=5)


@needs_ipv6
def test_localhost_is_both_addresses():
    with Virga(*QUICK, "--host", "localhost") as virga:
        assert virga.endpoint == f"http://localhost:{virga.port}"
        for address in ("127.0.0.1", "::1"):
            virga.host = address
            assert virga.call("CreateBackup", BACKUP, host=f"localhost:{virga.port}").code is None
        with socket.create_connection(("::1", virga.port), timeout=5):
            assert virga.terminate()[0] == 0


def test_all_addresses_are_warned_of():
    with Virga(*QUICK, "--host", "0.0.0.0") as virga:
        virga.host = "127.0.0.1"
        assert virga.call("CreateBackup", BACKUP).code is None
        virga.terminate()
        assert "0.0.0.0" in virga.stderr() and "warning" in virga.stderr()


@pytest.mark.parametrize("options", [["--host", "example.invalid"], ["--host", "192.0.2.1"], ["--host", ""],
                                     ["--unix-socket", str(harness.IMPOSSIBLE)], ["--unix-socket", "/" + "x" * 200]],
                         ids=["a name", "not ours", "empty", "no folder", "too long"])
def test_address_that_cannot_be(options):
    run = subprocess.run([harness.binary(), "serve", "--memory", "--port", "0", *options], capture_output=True, text=True,
                         timeout=20, env=clean_env())
    assert run.returncode == LISTEN and len(run.stderr.splitlines()) == 1, run.stderr


def test_taken_tls_port(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with pytest.raises(RuntimeError, match=f"ended with {LISTEN} .*\nvirga: .*{port}"):
            Virga("--tls-port", port, "--ca-dir", str(tmp_path)).start()


# --- a Unix socket --------------------------------------------------------------------------------------------------


def over_socket(path, data):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(ANSWER_SECONDS)
        s.connect(str(path))
        s.sendall(data)
        with s.makefile("rb") as stream:
            return read_answer(stream)


@pytest.mark.parametrize("kind", ["file", "memory"])
def test_unix_socket(tmp_path, kind):
    path = tmp_path / "socket"
    with Virga(*QUICK, "--unix-socket", str(path), db=tmp_path / "virga.db" if kind == "file" else None) as virga:
        assert virga.endpoints["unix_socket"] == str(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert over_socket(path, message(virga, host="localhost").to_bytes()).response["FlowId"] > 0
        assert virga.call("CreateBackup", BACKUP).code is None, "the port is there as well"
        assert virga.terminate()[0] == 0
    assert not path.exists() and not (tmp_path / "socket.lock").exists()


def test_stale_unix_socket_is_replaced(tmp_path):
    path = tmp_path / "socket"
    with Virga(*QUICK, "--unix-socket", str(path)) as virga:
        virga.kill()
        assert path.exists()
        virga.restart()
        assert over_socket(path, message(virga).to_bytes()).code is None


def test_live_unix_socket_is_left_alone(tmp_path):
    path = tmp_path / "socket"
    with Virga(*QUICK, "--unix-socket", str(path)) as virga:
        with pytest.raises(RuntimeError, match=f"ended with {LISTEN} .*\nvirga: .*socket"):
            Virga("--unix-socket", str(path)).start()
        assert over_socket(path, message(virga).to_bytes()).code is None


def test_end_with_all_listeners_in_use(tmp_path):
    """Idle connections on every listener do not delay the end, and calls in flight are answered."""
    path = tmp_path / "socket"
    with Virga(*QUICK, "--host", "localhost", "--tls-port", "0", "--ca-dir", str(tmp_path / "ca"), "--unix-socket", str(path),
               db=tmp_path / "virga.db") as virga:
        virga.host = "127.0.0.1"
        data = message(virga).to_bytes()
        context = ssl.create_default_context(cafile=virga.endpoints["ca_file"])
        connections = [socket.create_connection((virga.host, virga.port), timeout=ANSWER_SECONDS),
                 context.wrap_socket(socket.create_connection((virga.host, tls_port(virga)), timeout=ANSWER_SECONDS),
                                     server_hostname="localhost"),
                 socket.socket(socket.AF_UNIX)]
        connections[2].connect(str(path))
        for s in connections:
            s.sendall(data)  # a whole call first, so that the handshake is over
            assert read_answer(s.makefile("rb")).code is None
            s.sendall(data[:-5])
        virga.call("DescribeFlowStatus", {"FlowId": 1})  # so that the server has read the halves
        virga.process.send_signal(signal.SIGTERM)
        for s in connections:
            s.sendall(data[-5:])
        for s in connections:
            with s, s.makefile("rb") as stream:
                answer = read_answer(stream)
                assert answer and answer.response["FlowId"] > 0, s
        assert virga.process.wait(timeout=10) == 0


# --- what HTTP allows -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["file", "memory"])
def test_pipelined_reads_and_writes_in_order(tmp_path, kind):
    """A write waits for the disk. The read after it on the same connection must not be answered first."""
    with Virga(*QUICK, db=tmp_path / "virga.db" if kind == "file" else None) as virga:
        read = virga.prepare("DescribeFlowStatus", {"FlowId": 1}).message().to_bytes()
        write = message(virga).to_bytes()
        answers = exchange(virga, write + read + write + read + write, answers=5)
        assert [a.code for a in answers] == [None, "InvalidParameter", None, "InvalidParameter", None]
        flows = [a.response["FlowId"] for a in answers[::2]]
        assert flows == sorted(set(flows))


def test_100_continue(virga):
    m = message(virga)
    m.set("Expect", "100-continue")
    head, _, body = m.to_bytes().partition(b"\r\n\r\n")
    with socket.create_connection((virga.host, virga.port), timeout=ANSWER_SECONDS) as s, s.makefile("rb") as stream:
        s.sendall(head + b"\r\n\r\n")
        assert stream.readline() == b"HTTP/1.1 100 Continue\r\n" and stream.readline() == b"\r\n"
        s.sendall(body)
        assert read_answer(stream).code is None


def chunked(m, trailer=b""):
    parts = [m.body[:7], m.body[7:]]
    m.set("Transfer-Encoding", "chunked")
    m.body = b"".join(b"%X;note=1\r\n%s\r\n" % (len(p), p) for p in parts) + b"0\r\n" + trailer + b"\r\n"


def test_chunked_body_with_trailers(virga):
    """A trailer is not a header: it cannot carry an Authorization."""
    first = message(virga, after=[lambda m: chunked(m, b"X-Checksum: 1\r\nAuthorization: none\r\n")]).to_bytes()
    answers = exchange(virga, first + message(virga).to_bytes(), answers=2)
    assert [a.code for a in answers] == [None, None]


def test_keep_alive_of_http_1_0(virga):
    data = message(virga).to_bytes().replace(b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", 1)
    assert closes_with(virga, data).code is None
    kept = data.replace(b"\r\n", b"\r\nConnection: keep-alive\r\n", 1)
    assert [a.code for a in exchange(virga, kept + kept, answers=2)] == [None, None]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods(virga, method):
    data = f"{method} / HTTP/1.1\r\nHost: x\r\nOrigin: http://a.example\r\nAccess-Control-Request-Method: POST\r\n\r\n".encode()
    answer = virga.send(data)
    assert (answer.status, answer.code) == (200, "UnsupportedProtocol")
    assert not [name for name in answer.headers if name.startswith("access-control")], "no page of another site may call"


def test_options_of_the_server_itself(virga):
    assert virga.send(b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").code == "UnsupportedProtocol"


def test_head_keeps_the_connection_in_step(virga):
    with socket.create_connection((virga.host, virga.port), timeout=ANSWER_SECONDS) as s, s.makefile("rb") as stream:
        s.sendall(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n" + message(virga).to_bytes())
        assert stream.readline() == b"HTTP/1.1 200 OK\r\n"
        assert http.client.parse_headers(stream)["Content-Type"] == "application/json"
        assert read_answer(stream).code is None


BODY = b'{"InstanceId":"mssql-njj2mtpl"}'
FRAMINGS = {
    "two lengths": (b"Content-Length: 31\r\nContent-Length: 2\r\n", BODY, 400),
    "length and chunked": (b"Content-Length: 31\r\nTransfer-Encoding: chunked\r\n", b"1f\r\n" + BODY + b"\r\n0\r\n\r\n", 400),
    "gzip, chunked": (b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n", 501),
    "identity": (b"Transfer-Encoding: identity\r\n", BODY, 501),
    "chunked twice": (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n", 501),
    "xchunked": (b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n", 501),
    "length that is none": (b"Content-Length: abc\r\n", BODY, 400),
    "negative length": (b"Content-Length: -1\r\n", BODY, 400),
    "list of lengths": (b"Content-Length: 31, 31\r\n", BODY, 400),
    "blank after length": (b"Content-Length : 31\r\n", BODY, 400),
    "blank after coding": (b"Transfer-Encoding : chunked\r\n", b"1f\r\n" + BODY + b"\r\n0\r\n\r\n", 400),
    "tab after length": (b"Content-Length: 31\r\nContent-Length\t: 2\r\n", BODY, 400),
    "101 headers": (b"X: 1\r\n" * 101, b"", 431),
}


@pytest.mark.parametrize("headers,body,status", FRAMINGS.values(), ids=FRAMINGS.keys())
def test_ambiguous_framing_is_rejected_and_the_connection_closed(virga, headers, body, status):
    """What follows the body must not be read as a request."""
    smuggled = b"GET /_virga/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with socket.create_connection((virga.host, virga.port), timeout=ANSWER_SECONDS) as s, s.makefile("rb") as stream:
        s.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n" + body + smuggled)
        answer = stream.read()  # reads until the server closes
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b'"status":"ok"' not in answer
    assert virga.call("CreateBackup", BACKUP).code is None


@pytest.mark.parametrize("text", [b"GET /\x00x HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\x00b\r\n\r\n",
                                  b"GET / HTTP/1.1\r\nHo\x00st: a\r\n\r\n"], ids=["target", "value", "name"])
def test_nul_outside_the_body(virga, text):
    answer = exchange(virga, text)[0]
    assert answer is None or answer.status in (200, 400)
    assert virga.call("CreateBackup", BACKUP).code is None
