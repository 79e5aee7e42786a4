"""The addresses that virga gives out can be used from where the client is: of downloads, and in the endpoints file."""
import http.client
import json
import re
import socket
import ssl
import subprocess
import urllib.request

import command
import harness
import pytest
from control import done

INSTANCE = "mssql-njj2mtpl"
QUICK = ("--quiet", "--limit", "off", "--flow-seconds", "backup=0")


def address(virga, **fields):
    """That of a new backup, without its path."""
    flow = virga.call("CreateBackup", {"InstanceId": INSTANCE}).response["FlowId"]
    shown = virga.call("DescribeBackupByFlowId", {"InstanceId": INSTANCE, "FlowId": str(flow)}, **fields)
    assert shown.code is None, shown.body
    first, second = (re.match(r"(https?://[^/]*)/\d", shown.response[name])[1] for name in ("ExternalAddr", "InternalAddr"))
    assert first == second
    return first


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as s:
            s.bind(("::1", 0))
    except OSError:
        return False
    return True


def absolute(message):
    message.target = "http://sqlserver.tencentcloudapi.com/"


@pytest.mark.parametrize("host, wanted", [
    ("localhost:{port}", "http://localhost:{port}"), ("virga.test:9", "http://virga.test:9"), ("virga-1.test", "http://virga-1.test"),
    ("[::1]:{port}", "http://[::1]:{port}"), ("http://10.0.0.7:81", "http://10.0.0.7:81"), ("http://virga.test/x", "http://virga.test"),
    ("sqlserver.tencentcloudapi.com", None), ("sqlserver.ap-guangzhou.tencentcloudapi.com:80", None), ("a b", None), ("a:b", None), ("a:", None),
    ("x\"'<y", None), ("[::1", None), ("[]:1", None), ("a:123456", None), (":80", None)])
def test_the_host_that_the_client_used(virga, host, wanted):
    def with_host(message):
        message.set("Host", host.format(port=virga.port))

    assert address(virga, after=[with_host], host=host.format(port=virga.port)) == (wanted or virga.endpoint).format(port=virga.port)


def test_a_proxy_s_form_has_the_host_of_the_cloud(virga):
    assert address(virga, after=[absolute], host="sqlserver.tencentcloudapi.com") == virga.endpoint


def test_a_unix_socket_has_no_host(tmp_path):
    with harness.Virga(*QUICK, "--unix-socket", str(tmp_path / "s")) as virga:
        message = virga.prepare("DescribeBackups", {"InstanceId": INSTANCE, "StartTime": "2000-01-01 00:00:00", "EndTime": "2099-01-01 00:00:00"},
                                host="localhost").message()
        address(virga)
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(str(tmp_path / "s"))
            s.sendall(message.to_bytes())
            shown = harness.read_answer(s.makefile("rb"))
        assert shown.response["Backups"][0]["ExternalAddr"].startswith(virga.endpoint + "/")


def test_over_tls_it_is_a_tls_address(tmp_path):
    with harness.Virga(*QUICK, "--tls-port", "0", "--ca-dir", str(tmp_path / "ca")) as virga:
        address(virga)
        port = int(virga.endpoints["tls_endpoint"].rpartition(":")[2])
        context = ssl.create_default_context(cafile=virga.endpoints["ca_file"])
        call = virga.prepare("DescribeBackups", {"InstanceId": INSTANCE, "StartTime": "2000-01-01 00:00:00", "EndTime": "2099-01-01 00:00:00"},
                             host=f"localhost:{port}").message()
        connection = http.client.HTTPSConnection("localhost", port, context=context, timeout=harness.ANSWER_SECONDS)
        connection.request("POST", "/", call.body, dict(call.headers))
        url = json.loads(connection.getresponse().read())["Response"]["Backups"][0]["ExternalAddr"]
        assert url.startswith(f"https://localhost:{port}/")
        assert urllib.request.urlopen(url, context=context, timeout=harness.ANSWER_SECONDS).status == 200


@pytest.mark.parametrize("host, local", [("0.0.0.0", "127.0.0.1"), ("::", "[::1]")])
def test_every_address_is_none_to_connect_to(host, local):
    """The file has one of the machine for clients, and one for subcommands on the machine."""
    if host == "::" and not has_ipv6():
        pytest.skip("this machine has no IPv6")
    with harness.Virga(*QUICK, "--host", host, "--control-token", "t") as virga:
        assert virga.endpoints["local"] == f"http://{local}:{virga.port}"
        assert "0.0.0.0" not in json.dumps(virga.endpoints) and "[::]" not in json.dumps(virga.endpoints)
        assert virga.endpoints["control"] == virga.endpoint + "/_virga"
        assert address(virga) == virga.endpoint  # which the harness connects to
        assert command.of(virga)("health", "--control-token", "t").stdout == f"ok {virga.endpoint}\n"
        assert command.of(virga)("console", "--print").stdout == f"http://{local}:{virga.port}/_virga/\n"
        assert '"TotalCount"' in command.of(virga)("call", "DescribeDBInstances").stdout, "signed for the address that it is sent to"


@pytest.fixture(scope="module")
def public():
    with harness.Virga(*QUICK, "--public-url", "https://virga.test/") as virga:
        virga.host, virga.port = "127.0.0.1", int(virga.endpoints["local"].rpartition(":")[2])
        yield virga


def test_the_public_url_is_in_every_address(public):
    assert public.endpoint == "https://virga.test" and public.endpoints["control"] == "https://virga.test/_virga"
    assert address(public) == address(public, host="localhost:1") == "https://virga.test"
    assert done(public, "GET", "/_virga/info")["endpoints"]["http"] == "https://virga.test"


def test_a_call_signed_for_the_public_url_is_accepted(public):
    """A proxy may send another Host to virga than the client signed."""
    assert public.call("DescribeRegions", {}, signed_host="virga.test").code is None
    assert public.call("DescribeRegions", {}, signed_host="other.test").code == "AuthFailure.SignatureFailure"


def test_clients_get_the_public_url_and_subcommands_the_local_one(public):
    ask = command.of(public)
    assert ask("health").stdout == "ok https://virga.test\n"
    assert json.loads(ask("env", "--json").stdout)["port"] == "443"


def test_the_ready_lines_name_both():
    run = subprocess.Popen([harness.binary(), "serve", "--memory", "--port", "0", "--public-url", "http://virga.test:81"],
                           env=command.clean_env(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    with run:
        text = "".join(iter(run.stdout.readline, "Ready.\n"))
        run.terminate()
    assert re.search(r"^Listening for HTTP at address: http://virga\.test:81 \(http://127\.0\.0\.1:\d+ here\)$", text, re.M), text
    assert re.search(r"^Console: http://127\.0\.0\.1:\d+/_virga/$", text, re.M), text


@pytest.mark.parametrize("url", ["virga.test", "ftp://virga.test", "http://", "http://virga.test/path", "http://a b", "http://virga.test?x", "http://a:b"])
def test_what_is_no_public_url(url):
    said = command.run("serve", "--memory", "--public-url", url, code=command.USAGE).stderr
    assert "expects a URL without a path" in said
