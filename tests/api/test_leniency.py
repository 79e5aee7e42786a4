"""The log names each leniency that a call needs, only at debug level."""
import pytest

from harness import Virga

BACKUP = {"InstanceId": "mssql-njj2mtpl"}
FLOW = ("--seed", "1", "--flow-seconds", "backup=0", "--limit", "off")

CASES = {
    "service": (dict(service="127"), "leniency: service `127` in the credential scope"),
    "host without its port": (dict(signed_host="127.0.0.1"), "leniency: signed host `127.0.0.1` is not the Host header"),
    "official host": (dict(signed_host="sqlserver.tencentcloudapi.com"),
                      "leniency: signed host `sqlserver.tencentcloudapi.com` is not the Host header"),
    "version 1": (dict(mode="v1post", signed_host="127.0.0.1"),
                  "leniency: signed host `127.0.0.1` is not the Host header"),
}


def log_of(fields, *options, env=None):
    with Virga(*FLOW, *options, env=env) as virga:
        assert virga.call("CreateBackup", BACKUP, **fields).code is None
        virga.terminate()
        return virga.stderr()


@pytest.mark.parametrize("fields,line", CASES.values(), ids=CASES.keys())
def test_named_at_debug(fields, line):
    assert f"virga: debug: {line}\n" in log_of(fields, "--log-level", "debug")


def test_not_named_otherwise():
    fields = CASES["service"][0]
    assert "leniency" not in log_of(fields)
    assert "leniency" not in log_of({}, "--log-level", "debug")


def test_level_from_the_environment():
    """A level wins over --quiet, which is short for a level."""
    assert "leniency" in log_of(CASES["service"][0], "--quiet", env={"VIRGA_LOG_LEVEL": "debug"})


def test_post_signed_with_its_query():
    def sign_query(call):
        whole = type(call).canonical_request
        call.canonical_request = lambda message, _: whole(call, message, "a=b")

    for options, code in (("--log-level", "debug"), None), (("--strict",), "AuthFailure.SignatureFailure"):
        with Virga(*FLOW, *options) as virga:
            call = virga.prepare("CreateBackup", BACKUP, path="/?a=b")
            sign_query(call)
            assert virga.send(call.message().to_bytes()).code == code
            virga.terminate()
            assert ("leniency: a POST signed with its query string" in virga.stderr()) == (code is None)
