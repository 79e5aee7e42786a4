"""Access to the control API: no page of another origin has it, and from other machines only a client with the token."""
import socket

import pytest
from control import ask, refused
from harness import Virga, read_answer

TOKEN = "a-token-of-this-test"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST", "virga.localhost"])
@pytest.mark.parametrize("port", ["", ":1", None])
def test_its_own_names(virga, host, port):
    port = f":{virga.port}" if port is None else port
    assert ask(virga, "GET", "/_virga/clock", host=host + port).status == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "127.0.0.2",
                                  "xlocalhost", ".localhost", "[::2]", "[::1", "sqlserver.tencentcloudapi.com"])
@pytest.mark.parametrize("path", ["/_virga/clock", "/_virga/health", "/_virga/nothing"])
def test_a_foreign_host(virga, host, path):
    status, error = refused(virga, "GET", path, host=host)
    assert (status, error["code"]) == (403, "forbidden")
    assert host in error["message"] and error["hint"]


def test_calls_do_not_care(virga):
    assert virga.call("DescribeRegions", {}, host="sqlserver.tencentcloudapi.com").code is None


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "https://127.0.0.1:{port}", "http://127.0.0.1",
                                    "http://127.0.0.1:{port}/", "http://localhost:{port}"])
def test_a_foreign_origin(virga, origin):
    origin = origin.format(port=virga.port)
    status, error = refused(virga, "POST", "/_virga/reset", headers=[("Origin", origin)])
    assert (status, error["code"]) == (403, "forbidden")


def test_its_own_origin(virga):
    headers = [("Origin", f"http://127.0.0.1:{virga.port}")]
    assert ask(virga, "GET", "/_virga/clock", headers=headers).status == 200


@pytest.fixture(scope="module")
def open_virga():
    """A server that other machines can reach. The tests still connect over loopback."""
    with Virga("--host", "0.0.0.0", "--control-token", TOKEN, "--quiet") as server:
        server.host = "127.0.0.1"
        yield server


@pytest.mark.parametrize("headers", [[], [("Authorization", "Bearer")], [("Authorization", "Bearer " + TOKEN + "x")],
                                     [("Authorization", TOKEN)], [("X-Virga-Token", "")],
                                     [("X-Virga-Token", TOKEN[:-1])], [("Authorization", "Basic " + TOKEN)]])
def test_without_the_token(open_virga, headers):
    status, error = refused(open_virga, "GET", "/_virga/state", headers=headers)
    assert (status, error["code"]) == (403, "forbidden")
    assert TOKEN not in str(error)


@pytest.mark.parametrize("header", [("Authorization", "Bearer " + TOKEN), ("Authorization", "bearer  " + TOKEN),
                                    ("X-Virga-Token", TOKEN)])
@pytest.mark.parametrize("host", [None, "virga.example:8328"])
def test_with_the_token(open_virga, header, host):
    assert ask(open_virga, "GET", "/_virga/state", headers=[header], host=host).status == 200


def test_a_page_with_the_token_is_foreign_still(open_virga):
    headers = [("X-Virga-Token", TOKEN), ("Origin", "http://evil.example")]
    assert refused(open_virga, "GET", "/_virga/state", headers=headers)[0] == 403


def test_health_needs_none(open_virga):
    assert ask(open_virga, "GET", "/_virga/health").status == 200
    assert refused(open_virga, "GET", "/_virga/ready")[0] == 403


def test_closed_without_the_option():
    with Virga("--host", "0.0.0.0", "--quiet") as virga:
        virga.host = "127.0.0.1"
        for headers in ([], [("X-Virga-Token", "")], [("Authorization", "Bearer ")]):
            status, error = refused(virga, "POST", "/_virga/reset", headers=headers)
            assert status == 403 and "closed" in error["message"] and "--control-token" in error["hint"]
        assert ask(virga, "GET", "/_virga/health").status == 200


def test_a_token_is_demanded_here_too_where_one_is_given(tmp_path):
    path = tmp_path / "s"
    with Virga("--control-token", TOKEN, "--unix-socket", str(path), "--quiet") as virga:
        assert refused(virga, "GET", "/_virga/info")[0] == 403
        assert ask(virga, "GET", "/_virga/info", headers=[("X-Virga-Token", TOKEN)]).status == 200
        with socket.socket(socket.AF_UNIX) as s:  # only this user can open the socket's file
            s.connect(str(path))
            s.sendall(b"GET /_virga/info HTTP/1.1\r\nHost: anything\r\n\r\n")
            assert read_answer(s.makefile("rb")).status == 200
