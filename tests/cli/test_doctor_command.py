"""`virga doctor`: the surroundings of a client, each check with what is right, what is not, and what to do."""
import json
import os
import subprocess

import harness
import pytest

NO_SERVER, PROBLEM = 9, 11
REAL = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3gnPhESA"  # the form of a real one
KEY = "Gu5t9xGARNpq86cd98joQYCN3kexampl"
PROXY = "http://user:hidden@proxy.example:3128"


@pytest.fixture(scope="module")
def virga(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ca")
    with harness.Virga("--tls-port", "0", "--ca-dir", str(folder), "--quiet") as server:
        yield server


@pytest.fixture
def look(virga, tmp_path):
    """The checks by name, with these variables, in an empty folder."""
    def look(code=0, file=virga.endpoints_file, words=(), **variables):
        env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "VIRGA_ENDPOINTS_FILE": str(file), **variables}
        done = subprocess.run([harness.binary(), "doctor", *words, "--json"], env=env, cwd=tmp_path, capture_output=True, text=True,
                              timeout=harness.ANSWER_SECONDS)
        assert done.returncode == code, done
        assert "Sanitizer" not in done.stderr, done
        for secret in (REAL, KEY, PROXY, "hidden", harness.SECRET_KEY):
            assert secret not in done.stdout + done.stderr
        return {check.pop("name"): check for check in json.loads(done.stdout)["checks"]}
    return look


def exported(virga):
    return {"VIRGA_ENDPOINT": virga.endpoint, "TENCENTCLOUD_SECRET_ID": harness.SECRET_ID, "TENCENTCLOUD_SECRET_KEY": harness.SECRET_KEY,
            "SSL_CERT_FILE": virga.endpoints["ca_file"], "VIRGA_CA_FILE": virga.endpoints["ca_file"],
            "VIRGA_TLS_ENDPOINT": virga.endpoints["tls_endpoint"]}


def test_everything_is_right(look, virga):
    found = look(**exported(virga))
    assert {name: check["state"] for name, check in found.items()} == dict.fromkeys(
        ("server", "variables", "clock", "proxy", "tls", "credential", "sdk"), "ok")
    assert found["server"]["what"] == f"{virga.endpoint} answers"
    assert found["clock"]["what"].startswith("this machine's clock is that of the server")
    assert found["tls"]["what"] == "SSL_CERT_FILE has the server's certificate authority"
    assert found["sdk"]["what"].startswith("none found")


def test_a_server_that_does_not_answer(look, tmp_path):
    found = look(NO_SERVER, file=tmp_path / "none.json")
    assert found["server"]["state"] == "problem" and found["server"]["fix"] == 'eval "$(virga start)"'
    assert found["clock"]["what"].startswith("not compared")
    found = look(NO_SERVER, words=("--endpoint", "http://127.0.0.1:1"))
    assert found["server"]["state"] == "problem" and "127.0.0.1:1" in found["server"]["what"]


@pytest.mark.parametrize("variables, state", [
    ({"http_proxy": PROXY}, "problem"), ({"HTTP_PROXY": PROXY}, "problem"), ({"ALL_PROXY": PROXY}, "problem"),
    ({"http_proxy": PROXY, "no_proxy": "example.com, localhost"}, "problem"), ({"http_proxy": PROXY, "no_proxy": "0.0.1"}, "ok"),
    ({"http_proxy": PROXY, "no_proxy": "localhost,127.0.0.1"}, "ok"), ({"http_proxy": PROXY, "NO_PROXY": "127.0.0.1:80"}, "ok"),
    ({"http_proxy": PROXY, "NO_PROXY": "*"}, "ok"), ({"http_proxy": PROXY, "no_proxy": "127.0.0.0/8"}, "ok"),
    ({"http_proxy": "", "https_proxy": PROXY}, "ok")])
def test_a_proxy_that_takes_requests_to_the_server(look, variables, state):
    found = look(PROBLEM if state == "problem" else 0, **variables)["proxy"]
    assert found["state"] == state
    if state == "problem":
        assert found["what"].startswith(next(iter(variables))) and "no_proxy=127.0.0.1,localhost" in found["fix"]


def test_no_proxy_stands_before_a_unix_socket(look, tmp_path):
    found = look(NO_SERVER, file=tmp_path / "none", words=("--endpoint", f"unix:{tmp_path}/virga.sock"), http_proxy=PROXY)
    assert found["proxy"]["state"] == "ok"


@pytest.mark.parametrize("variables, state, said", [
    ({}, "ok", "not set"),
    ({"TENCENTCLOUD_SECRET_ID": REAL, "TENCENTCLOUD_SECRET_KEY": KEY}, "warning", "looks like a real one, AKIDz8kr..., "),
    ({"TENCENTCLOUD_SECRET_ID": "AKIDexampleOnly", "TENCENTCLOUD_SECRET_KEY": KEY}, "problem", "the server has no credential"),
    ({"TENCENTCLOUD_SECRET_ID": harness.SECRET_ID, "TENCENTCLOUD_SECRET_KEY": harness.SECRET_KEY}, "ok", "a credential of the server"),
    ({"TENCENTCLOUD_SECRET_ID": harness.SECRET_ID}, "warning", "only one of"),
    ({"TENCENTCLOUD_SECRET_ID": harness.SECRET_ID, "TENCENTCLOUD_SECRET_KEY": KEY}, "problem", "is not the key of")])
def test_a_credential_in_the_environment(look, variables, state, said):
    found = look(PROBLEM if state == "problem" else 0, **variables)["credential"]
    assert found["state"] == state and said in found["what"]
    assert (found["fix"] is None) == (state == "ok")


def test_variables_of_another_server(look, virga):
    other = look(words=("--endpoints-file", str(virga.endpoints_file)), VIRGA_ENDPOINT="http://127.0.0.1:1")["variables"]
    assert (other["state"], other["what"]) == ("warning", "VIRGA_ENDPOINT is another server than this one")
    assert look()["variables"]["what"] == "the variables of virga env are not set in this shell"


def test_an_authority_that_nothing_trusts(look, virga, tmp_path):
    found = look()["tls"]
    assert found["state"] == "warning" and "virga ca" in found["fix"]
    other = tmp_path / "other.pem"
    other.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    assert look(SSL_CERT_FILE=str(other))["tls"]["state"] == "warning"
    with open(virga.endpoints["ca_file"]) as own:
        other.write_text(other.read_text() + own.read())
    assert look(NODE_EXTRA_CA_CERTS=str(other))["tls"]["what"] == "NODE_EXTRA_CA_CERTS has the server's certificate authority"


def test_a_server_without_tls(look):
    with harness.Virga("--quiet", clock="2026-01-01T00:00:00Z") as plain:
        found = look(file=plain.endpoints_file)
    assert found["tls"]["what"] == "the server has no TLS port"
    assert found["clock"] == {"state": "ok", "what": "the service's clock is frozen; signatures go by the machine's clock", "fix": None}


def test_sdks_of_each_language(look, tmp_path):
    site = tmp_path / "venv" / "lib" / "python3.11" / "site-packages"
    for folder in ("tencentcloud_sdk_python_common-3.1.195.dist-info", "tencentcloud_sdk_python_sqlserver-3.1.183.dist-info",
                   "tccli-3.1.189.1.dist-info", "requests-2.0.dist-info"):
        (site / folder).mkdir(parents=True)
    package = tmp_path / "node_modules" / "tencentcloud-sdk-nodejs-sqlserver"
    package.mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"name": "tencentcloud-sdk-nodejs-sqlserver", "version": "4.1.2"}))
    (tmp_path / "go.mod").write_text("module x\n\nrequire (\n\tgithub.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common v1.0.900 // indirect\n)\n")
    assert look(VIRTUAL_ENV=str(tmp_path / "venv"))["sdk"]["what"].split(", ") == [
        "tencentcloud-sdk-python-common 3.1.195", "tencentcloud-sdk-python-sqlserver 3.1.183", "tccli 3.1.189.1",
        "tencentcloud-sdk-nodejs-sqlserver 4.1.2", "tencentcloud-sdk-go/tencentcloud/common v1.0.900"]


def test_the_text(virga, tmp_path):
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "VIRGA_ENDPOINTS_FILE": str(virga.endpoints_file), "http_proxy": PROXY}
    done = subprocess.run([harness.binary(), "doctor"], env=env, cwd=tmp_path, capture_output=True, text=True, timeout=harness.ANSWER_SECONDS)
    assert done.returncode == PROBLEM
    lines = done.stdout.splitlines()
    assert f"ok       server     {virga.endpoint} answers" in lines
    at = next(i for i, line in enumerate(lines) if line.startswith("problem  proxy      http_proxy is set"))
    assert lines[at + 1].strip().startswith("export no_proxy=127.0.0.1,localhost")
