"""Malformed and extreme input: each request gets a correct answer or a correct error, and the server stays up."""
import http.client
import json
import socket
import time

import pytest

BACKUP = {"InstanceId": "mssql-njj2mtpl"}
NOT_JSON = "The request content not valid json format for specified content-type=application/json."
SLOW_SECONDS = 5  # for one answer of a sanitizer build; an algorithm that is not linear takes minutes


def body_of(virga, body, **fields):
    return virga.call("CreateBackup", body, **fields)


def assert_alive(virga):
    assert virga.call("CreateBackup", BACKUP).code is None


# --- JSON -----------------------------------------------------------------------------------------------------------

NOT_ONE_OBJECT = {
    "empty": b"",
    "blank": b"  \n",
    "array": b"[]",
    "text": b'"x"',
    "number": b"7",
    "null": b"null",
    "truncated": b'{"InstanceId":"mssql-njj2m',
    "truncated escape": b'{"InstanceId":"a\\u00',
    "lone brace": b"{",
    "trailing garbage": b"{} x",
    "two objects": b"{}{}",
    "trailing comma": b'{"InstanceId":"x",}',
    "single quotes": b"{'InstanceId':'x'}",
    "unquoted key": b"{InstanceId:1}",
    "comment": b"{/* */}",
    "NaN": b'{"Strategy":NaN}',
    "infinity": b'{"Strategy":-Infinity}',
    "leading zero": b'{"Strategy":01}',
    "leading plus": b'{"Strategy":+1}',
    "bare point": b'{"Strategy":1.}',
    "hexadecimal": b'{"Strategy":0x1}',
    "byte order mark": b"\xef\xbb\xbf{}",
    "bad UTF-8": b'{"InstanceId":"\xff"}',
    "overlong UTF-8": b'{"InstanceId":"\xc0\xaf"}',
    "surrogate in UTF-8": b'{"InstanceId":"\xed\xa0\x80"}',
    "UTF-8 cut short": b'{"InstanceId":"\xe6\x95"}',
    "past U+10FFFF": b'{"InstanceId":"\xf4\x90\x80\x80"}',
    "lone surrogate escape": b'{"InstanceId":"\\ud800"}',
    "NUL byte": b'{"InstanceId":"mssql-njj2mtpl\x00"}',
    "NUL byte between": b'{"InstanceId"\x00:"x"}',
    "NUL byte after": b"{}\x00",
    "NUL escape": b'{"InstanceId":"mssql-njj2mtpl\\u0000"}',
    "raw control character": b'{"InstanceId":"a\nb"}',
    "bad escape": b'{"InstanceId":"\\q"}',
    "depth 1,000": b'{"a":' * 1000 + b"1" + b"}" * 1000,
    "depth 100,000": b"[" * 100000,
    "UTF-16": '{"InstanceId":"x"}'.encode("utf-16"),
}


@pytest.mark.parametrize("body", NOT_ONE_OBJECT.values(), ids=NOT_ONE_OBJECT.keys())
def test_not_one_json_object(virga, body):
    answer = body_of(virga, body)
    assert (answer.status, answer.code, answer.message) == (200, "InvalidParameter", NOT_JSON)


def test_escapes_are_the_characters_they_name(virga):
    assert body_of(virga, b'{"\\u0049nstanceId":"mssql-\\u006e\\u006aj2mtpl"}').code is None


def test_text_outside_the_basic_plane(virga):
    answer = body_of(virga, '{"😀":1}'.encode())
    assert answer.message == "The parameter `😀` is not recognized."
    assert body_of(virga, b'{"\\ud83d\\ude00":1}').message == answer.message


def test_name_is_escaped_in_the_answer(virga):
    answer = body_of(virga, json.dumps({'a"b\\c\n<>&': 1}))
    assert answer.message == 'The parameter `a"b\\c\n<>&` is not recognized.'


# A double holds every integer up to 2^53 - 1. Beyond it a number could be rounded by the client.
@pytest.mark.parametrize("number", ["9007199254740992", "9007199254740993", "-9007199254740993", "18446744073709551615",
                                    "9223372036854775808", "123456789012345678901234567890", "1e19", "0.1",
                                    "5293.0000001"])
def test_integer_that_would_be_rounded_is_rejected(virga, number):
    answer = virga.call("DescribeFlowStatus", '{"FlowId":%s}' % number)
    assert answer.code == "InvalidParameter"
    assert answer.message == "The value type of parameter `FlowId` is not valid, input type should be `integer`"


@pytest.mark.parametrize("number", ["1e309", "-1e309", "9" * 5000], ids=lambda n: n[:8])
def test_number_past_any_double_is_not_read(virga, number):
    answer = virga.call("DescribeFlowStatus", '{"FlowId":%s}' % number)
    assert (answer.code, answer.message) == ("InvalidParameter", NOT_JSON)


@pytest.mark.parametrize("number", ["9007199254740991", "-9007199254740991", "1e15", "-0", "12.0", "100e-2"])
def test_whole_number_in_any_notation(virga, number):
    answer = virga.call("DescribeFlowStatus", '{"FlowId":%s}' % number)
    assert (answer.code, answer.message) == ("InvalidParameter", "Invalid parameter."), "an unknown flow, not a bad type"


def test_duplicate_key_in_json(virga):
    answer = body_of(virga, '{"InstanceId":"mssql-njj2mtpl","Strategy":0,"InstanceId":"mssql-i1z41iwd"}')
    assert (answer.code, answer.message) == ("InvalidParameter", "Parameter `InstanceId` input repeated.")


# --- forms ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["tc3get", "v1", "v1post"])
@pytest.mark.parametrize("name,text", [("DBNames", "DBNames.1=a"), ("DBNames", "DBNames.0=a&DBNames.2=c"),
                                       ("DBNames", "DBNames.0=a&DBNames.x=b"),
                                       ("DBNames", "DBNames.0=a&DBNames.99999999999999999999=b"),
                                       ("DBNames", "DBNames.0=a&DBNames.-1=b")])
def test_index_with_a_gap(virga, mode, name, text):
    answer = virga.call("CreateBackup", "InstanceId=mssql-njj2mtpl&" + text, mode=mode)
    assert answer.code == "InvalidParameter"
    assert answer.message == (f"Parameter `{name}` invalid array format, array index must be continuous and starts with 0.")


@pytest.mark.parametrize("mode", ["tc3get", "v1", "v1post"])
@pytest.mark.parametrize("value", ["%ff", "%c0%af", "%00", "a%00b", "%ed%a0%80"])
def test_form_value_that_is_not_text(virga, mode, value):
    """Bad UTF-8, however it is encoded, and NUL are refused."""
    answer = virga.call("CreateBackup", "InstanceId=" + value, mode=mode)
    assert (answer.status, answer.code) == (200, "InvalidParameter")


@pytest.mark.parametrize("value", ["%", "%4", "%zz", "100%"])
def test_percent_rubbish_stays_alive(virga, value):
    answer = virga.call("CreateBackup", "InstanceId=" + value, mode="tc3get")
    assert answer.status == 200 and answer.code is not None
    assert_alive(virga)


def test_deep_form_key(virga):
    answer = virga.call("CreateBackup", "InstanceId=x&" + "a." * 1000 + "a=1", mode="v1post")
    assert answer.status == 200 and answer.code in ("InvalidParameter", "UnknownParameter")


# --- sizes ----------------------------------------------------------------------------------------------------------


def timed(call):
    began = time.monotonic()
    answer = call()
    assert time.monotonic() - began < SLOW_SECONDS
    return answer


def test_100000_parameters_in_json(virga):
    body = json.dumps({f"P{i}": i for i in range(100000)})
    answer = timed(lambda: body_of(virga, body))
    assert (answer.code, answer.message) == ("UnknownParameter", "The parameter `P0` is not recognized.")


def test_100000_names_in_json(virga):
    body = json.dumps({**BACKUP, "Strategy": 1, "DBNames": ["db1"] * 100000})
    assert timed(lambda: body_of(virga, body)).code is None, "one name, given often"


def test_100000_equal_keys_in_json(virga):
    body = "{" + ",".join(['"InstanceId":"x"'] * 100000) + "}"
    answer = timed(lambda: body_of(virga, body))
    assert answer.message == "Parameter `InstanceId` input repeated."


def test_100000_parameters_in_a_form(virga):
    form = "&".join(f"{i:x}=" for i in range(100000))
    answer = timed(lambda: virga.call("CreateBackup", form, mode="v1post"))
    assert answer.status == 200 and answer.code in ("UnknownParameter", "InvalidParameter")


def test_50000_array_elements_in_a_form_backwards(virga):
    form = "&".join(f"DBNames.{i}=db1" for i in reversed(range(50000)))
    answer = timed(lambda: virga.call("CreateBackup", "InstanceId=mssql-njj2mtpl&Strategy=1&" + form, mode="v1post"))
    assert answer.code is None


@pytest.mark.parametrize("action,params,name", [("DescribeRollbackTime", BACKUP, "DBs"),
                                                ("DescribeDBInstances", {}, "InstanceNameSet")])
def test_list_that_would_delay_other_calls(virga, action, params, name):
    def ask(n):
        return virga.call(action, json.dumps({**params, name: ["db1"] * n}))

    assert ask(1024).code is None
    answer = timed(lambda: ask(240000))
    assert (answer.code, answer.message) == ("InvalidParameter.InputIllegal", "Input error.")


def test_version_1_body_over_1_mib(virga):
    """Observed: the error is about the signature and recommends version 3."""
    answer = virga.call("CreateBackup", "InstanceId=" + "x" * (1024 * 1024), mode="v1post")
    assert answer.code == "AuthFailure.SignatureFailure"
    assert answer.message == ("The provided credentials could not be validated because of exceeding request size limit, "
                              "please use new signature method `TC3-HMAC-SHA256`.")


def test_version_3_body_of_9_mib_is_read(virga):
    answer = body_of(virga, json.dumps({"InstanceId": "x" * (9 * 1024 * 1024)}))
    assert answer.code == "ResourceNotFound.InstanceNotFound"


def test_version_3_body_over_10_mib(virga):
    answer = body_of(virga, json.dumps({"InstanceId": "x" * (10 * 1024 * 1024)}))
    assert answer.code == "RequestSizeLimitExceeded"


def test_query_within_32_kib_is_read(virga):
    answer = virga.call("CreateBackup", "InstanceId=" + "x" * (31 * 1024), mode="tc3get")
    assert answer.code == "ResourceNotFound.InstanceNotFound"


def test_query_over_32_kib_is_rejected(virga):
    answer = virga.call("CreateBackup", "InstanceId=" + "x" * (33 * 1024), mode="tc3get")
    assert answer.code == "RequestSizeLimitExceeded"
    assert answer.message == "The request size exceeds the upper limit."
    answer = virga.call("CreateBackup", "InstanceId=" + "x" * (33 * 1024), mode="tc3get", language="zh-CN")
    assert answer.message == "请求包超过限制大小。"
    assert_alive(virga)


def test_headers_within_the_limit_are_read(virga):
    assert virga.call("CreateBackup", BACKUP, headers={"X-Filler": "x" * (16 * 1024)}).code is None


def test_headers_over_the_limit_are_rejected(virga):
    answer = virga.call("CreateBackup", BACKUP, headers={f"X-Filler-{i}": "x" * 8000 for i in range(40)})
    assert answer is None or answer.status in (413, 431)
    assert_alive(virga)


def test_many_headers_are_rejected_or_read(virga):
    answer = virga.call("CreateBackup", BACKUP, headers={f"X-{i}": "x" for i in range(5000)})
    assert answer is None or answer.status in (200, 400, 413, 431)
    assert_alive(virga)


# --- HTTP -----------------------------------------------------------------------------------------------------------

RUBBISH = {
    "nothing": b"",
    "not HTTP": b"hello\r\n\r\n",
    "NUL in a header": b"GET / HTTP/1.1\r\nHost: x\r\nX-A: a\x00b\r\n\r\n",
    "NUL in the target": b"GET /?a=\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "header without colon": b"GET / HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n",
    "bad length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
    "negative length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "huge length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "bad chunk": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "old HTTP": b"GET / HTTP/0.9\r\n\r\n",
    "long line": b"GET /" + b"x" * 200000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("data", RUBBISH.values(), ids=RUBBISH.keys())
def test_rubbish_is_rejected_and_survived(virga, data):
    with socket.create_connection((virga.host, virga.port), timeout=20) as s:
        try:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            head = s.recv(4096)
        except OSError:  # refused without an answer; shutdown says ENOTCONN when the connection is closed already
            head = b""
    assert head == b"" or head.startswith((b"HTTP/1.1 ", b"HTTP/1.0 "))
    assert_alive(virga)


@pytest.mark.parametrize("data", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64, b"GET", b"GET / HTTP/1.1\r\nHo",
                                  b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"],
                         ids=["TLS hello", "no line", "no headers", "no body"])
def test_client_that_goes_away_within_a_request(virga, data):
    for _ in range(50):
        with socket.create_connection((virga.host, virga.port), timeout=20) as s:
            s.sendall(data)
    assert_alive(virga)


def test_body_that_never_comes_does_not_hold_up_others(virga):
    call = virga.prepare("CreateBackup", BACKUP)
    data = call.message().to_bytes()
    with socket.create_connection((virga.host, virga.port), timeout=20) as s:
        s.sendall(data[:-5])
        assert_alive(virga)
        s.sendall(data[-5:])
        with s.makefile("rb") as stream:
            status = stream.readline()
    assert status.startswith(b"HTTP/1.1 200")


def test_request_byte_by_byte(virga):
    data = virga.prepare("CreateBackup", BACKUP).message().to_bytes()
    with socket.create_connection((virga.host, virga.port), timeout=20) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for i in range(len(data)):
            s.sendall(data[i:i + 1])
        with s.makefile("rb") as stream:
            assert stream.readline().startswith(b"HTTP/1.1 200")


def test_chunked_body(virga):
    def chunk(message):
        half = len(message.body) // 2
        parts = [message.body[:half], message.body[half:], b""]
        message.set("Transfer-Encoding", "chunked")
        message.body = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in parts)

    assert virga.call("CreateBackup", BACKUP, after=[chunk]).code is None


def test_pipelined_requests_are_answered_in_order(virga):
    data = b"".join(virga.prepare("DescribeFlowStatus", {"FlowId": f}).message().to_bytes() for f in ("a", 1))
    connection = socket.create_connection((virga.host, virga.port), timeout=20)
    with connection, connection.makefile("rb") as stream:
        connection.sendall(data)
        messages = []
        for _ in range(2):
            assert stream.readline().startswith(b"HTTP/1.1 200")
            headers = http.client.parse_headers(stream)
            messages.append(json.loads(stream.read(int(headers["Content-Length"])))["Response"]["Error"]["Message"])
    assert messages == ["The value type of parameter `FlowId` is not valid, input type should be `integer`",
                        "Invalid parameter."]


def test_100_keep_alive_connections_at_once(virga):
    clients = [virga.client() for _ in range(100)]
    for _ in range(2):
        assert all(c.call("DescribeFlowStatus", {"FlowId": 1}).code == "InvalidParameter" for c in clients)
    for c in clients:
        c.close()


def test_head_has_no_body(virga):
    connection = http.client.HTTPConnection(virga.host, virga.port, timeout=20)
    connection.request("HEAD", "/")
    assert connection.getresponse().read() == b""
    connection.close()
    assert_alive(virga)
