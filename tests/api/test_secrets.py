"""No shape of a request leaves a secret in the journal: neither in memory nor in its file, nor in what is made of them."""
import gzip
import hashlib
import json
import sqlite3
import urllib.parse

import command
import control
import harness
import pytest

SECRET = "hunter2hunter2"
INNER = json.dumps({"Password": SECRET})


def utf16(text):
    return text.encode("utf-16")


def multipart(name):
    return (f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{SECRET}\r\n--b--\r\n').encode()


# Name: (body, whether it is kept as its length and hash alone).
BODIES = {
    "plain": (INNER, False),
    "with space": (f' {{ "Password" : "{SECRET}" }} ', False),
    "nested": (json.dumps({"A": [{"B": {"NewPassword": SECRET}}]}), False),
    "escaped key": (f'{{"\\u0050assw\\u006frd":"{SECRET}"}}', False),
    "secret key": (json.dumps({"secret_key": SECRET, "API-Key": SECRET, "pwd": SECRET}), False),
    "object": (json.dumps({"Token": {"a": [SECRET]}}), False),
    "JSON in a string": (json.dumps({"Config": INNER}), False),
    "JSON in JSON in a string": (json.dumps({"Config": json.dumps({"a": INNER})}), False),
    "a string alone": (json.dumps(INNER), False),
    "a form in a string": (json.dumps({"Config": f"a=1&Password={SECRET}"}), False),
    "XML in a string": (json.dumps({"Config": f"<Password>{SECRET}</Password>"}), False),
    "key and value in a key": (json.dumps({f"Password={SECRET}": 1}), False),
    "a form": (f"a=1&Password={SECRET}", False),
    "a form with JSON": ("a=" + urllib.parse.quote(INNER), False),
    "a form with JSON, quoted twice": ("a=" + urllib.parse.quote(urllib.parse.quote(INNER)), False),
    "a quoted form": (urllib.parse.quote(f"Password={SECRET}"), False),
    "cut off": (f'{{"Password":"{SECRET}', False),
    "long": (json.dumps({"A": "x" * 20000, "Password": SECRET}), False),
    "a secret at the cut": (json.dumps({"A": "x" * 16345, "Password": SECRET * 10}), False),
    "byte order mark": ("\ufeff" + INNER, True),
    "single quotes": (f"{{'Password': '{SECRET}'}}", True),
    "unquoted key": (f'{{Password: "{SECRET}"}}', True),
    "vertical tab": ("\x0b" + INNER, True),
    "after a document": ("{}" + INNER, True),
    "after a comment": ("// x\n" + INNER, True),
    "trailing comma": (f'{{"Password":"{SECRET}",}}', True),
    "a guard before": (")]}'\n" + INNER, True),
    "multipart": (multipart("Password"), True),
    "multipart with JSON": (multipart("x").replace(SECRET.encode(), INNER.encode()), True),
    "UTF-16": (utf16(INNER), True),
    "UTF-16 without a mark": (INNER.encode("utf-16-le"), True),
    "not UTF-8": (INNER.encode()[:-2] + b'\xff"}', True),
    "gzip": (gzip.compress(INNER.encode()), True),
    "NUL": (INNER + "\0", True),
    "YAML": (f"Password: {SECRET}\n", True),
    "XML": (f"<a><Password>{SECRET}</Password></a>", True),
    "a form with space": (f"a=1 & Password = {SECRET}", True),
    "prose": (f"the password is {SECRET}", True),
    "name and value": (json.dumps([{"Name": "Password", "Value": SECRET}]), True),
    "key and value": (json.dumps({"Tags": [{"TagKey": "api-key", "TagValue": SECRET}]}), True),
    "too deep": ("[" * 100 + INNER + "]" * 100, True),
}

HEADERS = {"X-Secret-Key": SECRET, "X-Api-Key": SECRET, "x_api_key": SECRET, "Api-Key": SECRET, "X-Auth-Token": SECRET,
           "X-Password": SECRET, "X-Private-Key": SECRET, "Proxy-Authorization": f"Basic {SECRET}", "Cookie": f"a={SECRET}",
           "X-Client-Secret": SECRET, "Referer": f"http://h/?token={SECRET}", "X-Debug": INNER, "X-Debug-Form": f"a=1&passwd={SECRET}"}

TARGETS = [f"/?Password={SECRET}", f"/?a=1&X-Api-Key={SECRET}", f"/?Password%3D{SECRET}", "/?a=" + urllib.parse.quote(INNER),
           f"/?secret_key={SECRET}", f"/Token={SECRET}/?a=1", "/?" + urllib.parse.quote(INNER)]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with harness.Virga("--limit", "off", "--journal", str(tmp_path_factory.mktemp("journal") / "journal.db")) as server:
        server.journal = server.command[server.command.index("--journal") + 1]
        yield server


def newest(server):
    return control.done(server, "GET", "/_virga/requests?limit=1")["requests"][0]


def everything(server, request_id):
    """All that virga shows of the call, as one text."""
    shown = [control.ask(server, "GET", path).body.decode() for path in
             ("/_virga/requests?limit=1", "/_virga/requests.har?limit=1", f"/_virga/requests/{request_id}", f"/_virga/why/{request_id}")]
    with sqlite3.connect(f"file:{server.journal}?mode=ro", uri=True) as db:
        shown.append(repr(db.execute("SELECT * FROM v_requests WHERE request_id = ?", (request_id,)).fetchall()))
    return "\n".join(shown)


def check(server, answer):
    request_id = answer.response["RequestId"]
    shown = everything(server, request_id)
    at = shown.find(SECRET)
    assert at < 0, shown[max(0, at - 300):at + 100]
    assert request_id in shown
    return newest(server)


@pytest.mark.parametrize("key", [harness.SECRET_KEY, "wrong"], ids=["signed", "rejected"])
@pytest.mark.parametrize("shape", BODIES)
def test_a_body(server, shape, key):
    body, hidden = BODIES[shape]
    body = body if isinstance(body, bytes) else body.encode()
    call = check(server, server.call("CreateAccount", body, secret_key=key))
    assert call["body_bytes"] == len(body)
    expected = f"*** {len(body)} bytes, SHA-256 {hashlib.sha256(body).hexdigest()}"
    assert (call["body"] == expected) is hidden, call["body"]
    if hidden:
        assert call["params"] is None


def test_a_form_of_version_1(server):
    for body in (f"a=1&Password={SECRET}", f"a=1 Password={SECRET}", "a=" + INNER, f"a=1\n&Token: {SECRET}"):
        message = server.prepare("CreateAccount", None, mode="v1post").message()
        message.body += b"&" + body.encode()
        message.set("Content-Length", str(len(message.body)))
        check(server, server.send(message.to_bytes()))


@pytest.mark.parametrize("name", HEADERS)
def test_a_header(server, name):
    call = check(server, server.call("DescribeRegions", headers={name: HEADERS[name]}))
    assert {"name": name, "value": "***"} in call["headers"]


@pytest.mark.parametrize("target", TARGETS)
def test_a_target(server, target):
    for mode in ("tc3get", "v1get"):
        if mode not in harness.Call.MODES:
            continue
        message = server.prepare("DescribeRegions", mode=mode).message()
        path, _, query = target.partition("?")
        message.target = f"{path}?{query}&{message.target.partition('?')[2]}"
        check(server, server.send(message.to_bytes()))


@pytest.mark.parametrize("body", ['{"InstanceId":"mssql-njj2mtpl","BackupName":"token"}', "{'InstanceId':'x'}", "\x0b{}", '{"DBNames":["password"]}',
                                  '{"a":"SecretId=AKIDx"}', "{a:1}"])
def test_what_names_no_secret_stays(server, body):
    server.call("CreateBackup", body.encode())
    assert newest(server)["body"] == body


def test_the_command_line(server):
    ask = command.of(server)
    for shape in ("plain", "byte order mark", "multipart", "JSON in a string", "key and value in a key"):
        server.call("CreateAccount", BODIES[shape][0] if isinstance(BODIES[shape][0], bytes) else BODIES[shape][0].encode(), headers=HEADERS)
    server.call("CreateAccount", INNER, secret_key="wrong", headers=HEADERS)
    for words in (["requests", "--json"], ["requests", "--har"], ["requests"], ["why"], ["why", "--json"]):
        assert SECRET not in ask(*words).stdout
    for call in control.done(server, "GET", "/_virga/requests?limit=6")["requests"]:
        assert SECRET not in ask("requests", call["request_id"]).stdout + ask("why", call["request_id"]).stdout


def test_the_file_has_no_secret(server):
    """The pages of the file and its log, as bytes: no earlier version of a row is left either."""
    import pathlib
    journal = pathlib.Path(server.journal)
    for file in journal.parent.iterdir():
        assert SECRET.encode() not in file.read_bytes(), file


def test_the_log(server):
    """The message and the explanation of a rejected call quote names, and a name may have the form of an assignment."""
    server.call("CreateAccount", BODIES["key and value in a key"][0])
    server.call("DescribeRegions")  # the log is written before the loop waits again
    assert "CreateAccount => UnknownParameter ***" in server.stderr()
    assert SECRET not in server.stderr()
