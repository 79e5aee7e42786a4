"""Access to the control API: no page of another origin has it, and from other machines only a client with the token."""
import socket

import pytest
from control import ask, done, refused
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


# --- what a page of another site can send without permission --------------------------------------------------------

PAGES = {"image": [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors")],
         "form": [("Sec-Fetch-Site", "cross-site"), ("Origin", "http://evil.example")],
         "form of a file": [("Origin", "null")],
         "other port": [("Sec-Fetch-Site", "same-site")]}


def routes(virga):
    paths = done(virga, "GET", "/_virga/openapi.json")["paths"]
    return [(method.upper(), path) for path, methods in paths.items() for method in methods]


def test_no_route_serves_a_page_of_another_site(virga):
    """Not one, whatever it does: a write, a large answer or a subscription. A body as a form sends it is not read. The schema
    is a file of the console, as constant as the others."""
    every = [route for route in routes(virga) if route != ("GET", "/_virga/schema.json")]
    assert ("POST", "/_virga/shutdown") in every and ("GET", "/_virga/events") in every
    before = ask(virga, "GET", "/_virga/state").body
    for method, path in every:
        for name, headers in PAGES.items():
            if name == "image" and method == "POST" or "form" in name and method == "GET":
                continue
            body = b"{}" if method == "POST" else None
            answer = ask(virga, method, path.replace("{", "").replace("}", ""), body,
                         headers=[*headers, ("Content-Type", "text/plain")])
            assert answer.status == 403, f"{method} {path} for {name}: {answer.body[:200]}"
            assert len(answer.body) < 500
    assert ask(virga, "GET", "/_virga/state").body == before


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_its_own_page_and_an_address_that_was_typed(virga, site):
    assert ask(virga, "GET", "/_virga/clock", headers=[("Sec-Fetch-Site", site)]).status == 200


@pytest.mark.parametrize("mode", ["tc3", "tc3get", "v1", "v1post"])
@pytest.mark.parametrize("headers", PAGES.values(), ids=PAGES.keys())
def test_a_page_of_another_site_makes_no_call(virga, mode, headers):
    """It knows the credential of the built-in world, so it can sign one, and put it into an image or a form."""
    before = ask(virga, "GET", "/_virga/state").body
    answer = virga.call("CreateBackup", {"InstanceId": "mssql-njj2mtpl"}, mode=mode,
                        after=[lambda m: m.headers.extend(headers)])
    assert answer.status == 403 and list(answer.json) == ["error"]
    assert ask(virga, "GET", "/_virga/state").body == before


@pytest.mark.parametrize("headers", [[("Sec-Fetch-Site", "same-origin")], [("Sec-Fetch-Mode", "cors")],
                                     [("Sec-Fetch-Site", "same-origin"), ("Origin", "http://localhost:3000")]])
def test_a_page_of_this_server_makes_calls(virga, headers):
    answer = virga.call("DescribeRegions", {}, after=[lambda m: m.headers.extend(headers)])
    assert answer.code is None


# --- other machines -------------------------------------------------------------------------------------------------


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
