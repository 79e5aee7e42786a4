"""The requests of the SDKs for PHP, .NET, C++ and Ruby are answered as the cloud answers them.

Each form is sent twice: signed with the right key it makes a backup, signed with a wrong one it is refused, so no form is accepted
without verification.
"""
import socket
import ssl

import harness
import pytest
import replay
import suite

# What a user can write as an endpoint. These SDKs put its first label into the credential scope.
ENDPOINTS = ("127.0.0.1:{port}", "localhost:{port}", "sqlserver.localhost:{port}")
DIRECT = [replay.php_tc3_post, replay.php_tc3_get, replay.php_v1_post, replay.net_tc3_post, replay.net_tc3_get,
          replay.net_v1_get, replay.net_v1_post]
# The C++ SDK refuses an endpoint without a dot before it sends anything.
FORMS = [(form, endpoint) for form in DIRECT for endpoint in ENDPOINTS]
FORMS += [(replay.cpp_tc3_post, endpoint) for endpoint in ENDPOINTS if endpoint != "localhost:{port}"]
# Ruby signs the official name and sends as to a proxy.
FORMS += [(form, "sqlserver.tencentcloudapi.com")
          for form in (replay.ruby_tc3_post, replay.ruby_v1_get, replay.ruby_v1_post)]

each_form = pytest.mark.parametrize(
    "form, endpoint", FORMS, ids=[f"{form.__name__}-{endpoint.split(':')[0]}" for form, endpoint in FORMS])


@pytest.fixture(scope="module", params=suite.SCHEMES)
def virga(request):
    with suite.Served(request.param, "--limit", "off", "--flow-seconds", "backup=0", "--quiet") as server:
        yield server


def connect(virga):
    address, _, port = virga.address.rpartition(":")
    s = socket.create_connection((address, int(port)), timeout=harness.ANSWER_SECONDS)
    if virga.scheme == "http":
        return s
    return ssl.create_default_context(cafile=suite.ca_file(virga)).wrap_socket(s, server_hostname="localhost")


def caller(virga, endpoint, key=harness.SECRET_KEY):
    return replay.Caller(endpoint.format(port=virga.address.rpartition(":")[2]), harness.SECRET_ID, key, harness.REGION, virga.now())


def exchange(virga, data):
    """The answer, and whether the server closed the connection after it."""
    with connect(virga) as s:
        s.sendall(data)
        with s.makefile("rb") as stream:
            answer = harness.read_answer(stream)
            s.settimeout(0.2)
            try:
                return answer, stream.read(1) == b""
            except TimeoutError:
                return answer, False


@each_form
def test_backup_is_made(virga, form, endpoint):
    data = form(caller(virga, endpoint))
    answer, closed = exchange(virga, data)
    assert answer.status == 200 and answer.code is None, (data, answer.body)
    assert answer.response["FlowId"] > 0, answer.body
    assert closed == (b"connection: close" in data.lower()), (data, answer.headers)


@each_form
def test_wrong_key_is_refused(virga, form, endpoint):
    answer = virga.send(form(caller(virga, endpoint, key="not-the-key-of-this-credential00")))
    assert answer.code == "AuthFailure.SignatureFailure", answer.body


@pytest.mark.parametrize("form, chinese", [(replay.php_tc3_post, False), (replay.cpp_tc3_post, False),
                                           (replay.net_tc3_post, True), (replay.ruby_v1_get, True)])
def test_language_is_what_the_client_sends_or_english(virga, form, chinese):
    """PHP and C++ send no language. .NET and Ruby ask for Chinese."""
    who = caller(virga, "127.0.0.1:{port}" if form is not replay.ruby_v1_get else "sqlserver.tencentcloudapi.com")
    who.params["InstanceId"] = "mssql-nosuchin"
    answer = virga.send(form(who))
    expected = "实例不存在。" if chinese else "The instance does not exist."
    assert (answer.code, answer.message) == ("ResourceNotFound.InstanceNotFound", expected), answer.body


def test_php_list_by_version_1_is_refused(virga):
    answer = virga.send(replay.php_v1_list(caller(virga, ENDPOINTS[0])))
    assert answer.code == "AuthFailure.SignatureFailure", answer.body


def test_multipart_is_verified_and_then_not_supported(virga):
    answer = virga.send(replay.php_tc3_multipart(caller(virga, ENDPOINTS[0])))
    assert (answer.code, answer.message) == (
        "UnsupportedProtocol", "this action does not support Content-Type=`multipart/form-data`"), answer.body


def test_ruby_multipart_cannot_be_verified(virga):
    answer = virga.send(replay.ruby_tc3_multipart(caller(virga, "sqlserver.tencentcloudapi.com")))
    assert answer.code == "AuthFailure.SignatureFailure", answer.body


def test_body_is_sent_only_after_100_continue(virga):
    """The .NET Framework, and older versions of libcurl with a longer body, wait for this answer before they send the body."""
    head, _, body = replay.net_tc3_post(caller(virga, ENDPOINTS[0])).partition(b"\r\n\r\n")
    with connect(virga) as s:
        s.sendall(head + b"\r\nExpect: 100-continue\r\n\r\n")
        with s.makefile("rb") as stream:
            assert stream.readline().split()[1] == b"100"
            assert stream.readline() == b"\r\n"
            s.sendall(body)
            answer = harness.read_answer(stream)
    assert answer.code is None, answer.body
