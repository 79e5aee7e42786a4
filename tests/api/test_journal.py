"""The journal by HTTP and in its file: what it keeps of a call, what it never keeps, and how large it can become."""
import http.client
import json
import os
import socket
import sqlite3
import urllib.parse

import pytest

import har
import harness

BACKUP = {"InstanceId": "mssql-njj2mtpl", "Strategy": 1, "DBNames": ["db1", "db2"]}
FAST = ("--seed", "1", "--limit", "off", "--flow-seconds", "backup=0")


def control(virga, method, path, body=None):
    """(status, JSON) of the control API."""
    c = http.client.HTTPConnection(virga.host, virga.port, timeout=60)
    try:
        c.request(method, "/_virga/" + path, None if body is None else json.dumps(body))
        answer = c.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        c.close()


def requests(virga, **query):
    status, page = control(virga, "GET", "requests?" + urllib.parse.urlencode(query))
    assert status == 200, page
    return page["requests"]


@pytest.fixture
def own():
    with harness.Virga(*FAST) as server:
        yield server


def test_every_call_is_there_in_its_order(own):
    ids = [own.call("CreateBackup", BACKUP).response["RequestId"], own.call("DescribeRegions").response["RequestId"],
           own.call("CreateBackup", BACKUP, signature="0" * 64).response["RequestId"]]
    calls = requests(own)
    assert [c["request_id"] for c in calls] == ids
    first, _, last = calls
    assert (first["action"], first["code"], first["flow_id"], first["params"]) == ("CreateBackup", "ok", 5293, BACKUP)
    assert first["failed_step"] is None and first["steps"][-1] == "handle" and first["injected"] is None
    assert last["failed_step"] == "signature" and "signature" not in last["steps"] and "payload" in last["steps"]
    assert last["code"] == "AuthFailure.SignatureFailure" and last["message"].startswith("The provided credentials")
    assert json.loads(last["answer"])["Response"]["Error"]["Code"] == last["code"]
    assert control(own, "GET", "requests/" + ids[0]) == (200, first)


@pytest.mark.parametrize("mode", harness.Call.MODES)
def test_parameters_are_the_same_in_every_form(own, mode):
    own.call("DescribeBackups", {"InstanceId": "mssql-njj2mtpl", "Strategy": 1}, mode=mode)
    call = requests(own)[-1]
    assert {k: str(v) for k, v in call["params"].items()} == {"InstanceId": "mssql-njj2mtpl", "Strategy": "1"}
    assert call["signature"] == ("v1" if mode.startswith("v1") else "v3")


def test_filters(own):
    own.call("CreateBackup", BACKUP, headers={"X-TC-TraceId": "suite-1-a"})
    second = own.call("CreateBackup", {"InstanceId": "mssql-none"}, headers={"X-TC-TraceId": "suite-1-b"})
    own.call("DescribeRegions", headers={"X-TC-TraceId": "suite-2"})
    own.call("DescribeRegions", secret_id="AKIDunknown")
    assert len(requests(own, action="CreateBackup")) == 2
    assert len(requests(own, code="ok")) == 2
    assert len(requests(own, code="ResourceNotFound.InstanceNotFound")) == 1
    assert len(requests(own, trace="suite-1")) == 2
    assert len(requests(own, secret_id="AKIDunknown")) == 1
    assert [c["action"] for c in requests(own, limit=1)] == ["DescribeRegions"]
    after = requests(own, since=second.response["RequestId"])
    assert [c["trace"] for c in after] == ["suite-2", ""]
    assert requests(own, since=after[0]["unix_ms"] + 100000) == []
    assert len(requests(own, since="2026-01-01T00:00:00Z")) == 4


@pytest.mark.parametrize("query", ["since=yesterday", "limit=0", "limit=x", "colour=red"])
def test_a_query_that_makes_no_sense_is_rejected(own, query):
    status, answer = control(own, "GET", "requests?" + query)
    assert status == 400 and answer["error"]["message"], answer


def test_a_call_that_is_not_there(own):
    gone = "00000000-0000-4000-8000-000000000000"
    assert control(own, "GET", "requests/" + gone)[0] == 404
    assert control(own, "GET", "requests?since=" + gone)[0] == 404


def test_it_forgets_on_request(own):
    own.call("DescribeRegions")
    assert control(own, "DELETE", "requests") == (200, {"removed": 1})
    assert control(own, "GET", "requests")[1] == {"requests": [], "total": 0, "dropped": 0}


def test_it_says_what_it_dropped():
    with harness.Virga(*FAST, "--journal-calls", "3") as virga:
        for _ in range(5):
            virga.call("DescribeRegions")
        page = control(virga, "GET", "requests")[1]
        assert (len(page["requests"]), page["total"], page["dropped"]) == (3, 3, 2)


SECRETS = {"token": "tokenA-0123456789", "password": "passwordB-0123456789", "signature": "signatureC0123456789",
           "key": harness.SECRET_KEY}


def send_secrets(virga):
    """Sends calls with secrets in every place where a client can put one, correctly or by mistake."""
    params = {"InstanceId": "mssql-njj2mtpl", "Accounts": [{"UserName": "u", "Password": SECRETS["password"]}]}
    for mode in harness.Call.MODES:
        virga.call("CreateAccount", params, mode=mode, token=SECRETS["token"])
        virga.call("CreateAccount", params, mode=mode, signature=SECRETS["signature"])
    virga.call("CreateAccount", '{"Password":"%s' % SECRETS["password"])
    virga.call("CreateAccount", '{"Pass\\u0077ord":"%s"}' % SECRETS["password"])
    virga.call("CreateAccount", {"SecretKey": SECRETS["key"]})
    virga.call("CreateAccount", params, mode="tc3get", signature="0" * 64, token=SECRETS["token"],
               signed_headers="content-type;host;x-tc-token")
    virga.call("DescribeRegions", authorization="TC3-HMAC-SHA256 Credential=a; Signature=" + SECRETS["signature"])
    virga.call("DescribeRegions", authorization="Bearer " + SECRETS["token"])
    virga.call("DescribeRegions", headers={"Cookie": SECRETS["token"]})


def signatures_of(virga):
    """The correct signatures of two calls, which must not be kept either."""
    out = []
    for mode in ("tc3", "v1"):
        message = virga.prepare("DescribeRegions", mode=mode).message()
        virga.send(message.to_bytes())
        text = message.get("Authorization") or urllib.parse.unquote(message.target)
        out.append(text.split("Signature=")[-1].split("&")[0])
    return out


def test_no_secret_is_anywhere(tmp_path):
    file = tmp_path / "journal.db"
    with harness.Virga(*FAST, "--log-level", "debug", "--journal", str(file)) as virga:
        send_secrets(virga)
        unwanted = list(SECRETS.values()) + signatures_of(virga)
        assert len(requests(virga)) >= 14
        texts = {name: json.dumps(control(virga, "GET", name)[1]) for name in ("requests", "requests.har")}
        log = virga.stderr_file
        virga.terminate()
        texts["log"] = log.read_text(errors="replace")
        texts["file"] = "".join(p.read_bytes().decode("latin-1") for p in tmp_path.iterdir())
    for where, text in texts.items():
        for secret in unwanted:
            assert secret not in text and urllib.parse.quote(secret, safe="") not in text, (where, secret)


# --- the archive ----------------------------------------------------------------------------------------------------

def send_corrupt(virga):
    """Sends malformed calls, and calls whose answers a fault corrupts."""
    for fault in ({"http_status": 502}, {"close": "before"}, {"close": "after_commit"}, {"truncate": 5}):
        assert control(virga, "POST", "faults", {"action": "CreateBackup", "count": 1, **fault})[0] == 200
        virga.call("CreateBackup", BACKUP)
    virga.call("CreateBackup", b'{"\xff\xfe": "\x00"}')
    virga.call("CreateBackup", '{"a":"%s"}' % ("x" * 40000))
    message = virga.prepare("DescribeRegions").message()
    message.target = virga.endpoint + "/"
    virga.send(message.to_bytes())
    message = virga.prepare("DescribeRegions", mode="tc3get").message()
    message.target += "?a=%20b&%zz=%ff&=c&&d"
    virga.send(message.to_bytes())
    virga.send(b"GET / HTTP/1.0\r\n\r\n")


def test_the_archive_is_of_the_form(own):
    for mode in harness.Call.MODES:
        own.call("CreateBackup", BACKUP, mode=mode)
    send_corrupt(own)
    archive = control(own, "GET", "requests.har")[1]
    har.check(archive)
    entries = archive["log"]["entries"]
    for entry in entries:
        har.check_entry(entry)
        assert entry["request"]["url"].startswith(own.endpoint + "/")
        assert ("postData" in entry["request"]) == (entry["request"]["method"] == "POST")
    assert (archive["log"]["version"], archive["log"]["creator"]["name"], len(entries)) == ("1.2", "virga", 13)
    odd = [{"name": "a", "value": " b"}, {"name": "%zz", "value": "?"}, {"name": "", "value": "c"}, {"name": "d", "value": ""}]
    assert entries[-2]["request"]["queryString"] == odd
    kinds = [(e["response"]["status"], e["response"]["content"]["mimeType"]) for e in entries[4:8]]
    assert kinds == [(502, "text/html"), (0, "x-unknown"), (0, "x-unknown"), (200, "application/json")]
    assert {(e["response"]["status"], e["response"]["content"]["mimeType"]) for e in entries[:4] + entries[8:]} == {(200, "application/json")}


def test_a_call_without_an_answer_has_no_status(own):
    for close in ("before", "after_commit"):
        assert control(own, "POST", "faults", {"action": "CreateBackup", "count": 1, "close": close})[0] == 200
        assert own.call("CreateBackup", BACKUP) is None
    assert [(c["http_status"], c["code"], c["flow_id"] is None) for c in requests(own)] == [(0, "", True), (0, "ok", False)]


# --- the file, read while virga runs ----------------------------------------------------------------------------------


def read(path, sql):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute(sql)]


def test_the_file_has_what_the_journal_has(tmp_path):
    file = tmp_path / "journal.db"
    with harness.Virga(*FAST, "--journal", str(file)) as virga:
        virga.call("CreateBackup", BACKUP)
        virga.call("CreateBackup", BACKUP, signature="0" * 64)
        kept = requests(virga)
        rows = read(file, "SELECT * FROM v_requests ORDER BY serial")
        for call, row in zip(kept, rows, strict=True):
            assert row["headers"] and json.loads(row.pop("headers")) == call["headers"]
            assert json.loads(row.pop("params")) == call["params"]
            for name in ("request_id", "code", "action", "target", "body", "answer", "failed_step", "flow_id", "serial"):
                assert row[name] == call[name], name
            assert row["real_ms"] == call["unix_ms"]
    assert read(file, "SELECT * FROM v_interface") == [{"name": "journal", "version": 1}, {"name": "state", "version": 1}]


def test_flows_and_backups_by_sql(tmp_path):
    file = tmp_path / "state.db"
    with harness.Virga("--seed", "1", "--limit", "off", db=file, clock="2026-01-01T00:00:00+08:00") as virga:
        virga.call("CreateBackup", BACKUP | {"BackupName": "nightly"})
        flow = {"flow_id": 5293, "region": harness.REGION, "instance_id": "mssql-njj2mtpl", "start_ms": 1767196800000}
        rows = read(file, "SELECT * FROM v_flows WHERE flow_id = 5293")
        assert rows == [rows[0] | flow | {"kind": "backup", "status": "running", "databases": '["db1","db2"]'}]
        rows = read(file, "SELECT * FROM v_backups WHERE flow_id = 5293")
        assert rows == [rows[0] | flow | {"name": "nightly", "scope": "databases", "way": "manual", "status": "running",
                                          "end_ms": None}]
        control(virga, "POST", "clock/advance", {"seconds": 3600})
        virga.call("DescribeFlowStatus", {"FlowId": 5293})
        virga.call("CreateBackup", BACKUP)  # one commit has its changes and those of the flows that ended before it
        assert read(file, "SELECT status FROM v_flows WHERE flow_id = 5293") == [{"status": "success"}]
        assert read(file, "SELECT status FROM v_backups WHERE flow_id = 5293") == [{"status": "success"}]
    assert read(file, "SELECT * FROM v_interface") == [{"name": "state", "version": 1}]


FLOWS, BACKUPS = "SELECT * FROM v_flows ORDER BY flow_id", "SELECT * FROM v_backups ORDER BY flow_id"


def advance(virga, seconds):
    control(virga, "POST", "clock/advance", {"seconds": seconds})
    virga.call("DescribeFlowStatus", {"FlowId": 5293})  # applies the flows that are due
    virga.call("DescribeRegions")


def live(virga):
    """Calls, resets and a loaded state, one in each iteration: every kind of statement that changes a flow or a backup."""
    virga.call("CreateBackup", BACKUP | {"BackupName": "nightly"})
    yield "a backup is being made"
    advance(virga, 3600)
    yield "it has ended"
    made = virga.call("DescribeBackupByFlowId", {"InstanceId": BACKUP["InstanceId"], "FlowId": "5293"}).response["Id"]
    named = virga.call("ModifyBackupName", {"InstanceId": BACKUP["InstanceId"], "BackupName": "weekly", "BackupId": made})
    assert named.code is None, named.response
    yield "it has another name"
    state = control(virga, "GET", "state")[1]
    removed = virga.call("RemoveBackups", {"InstanceId": BACKUP["InstanceId"], "StartTime": "2026-01-01 00:00:00",
                                           "EndTime": "2026-01-02 00:00:00"})
    assert removed.code is None, removed.response
    yield "it is removed, its flow is not"
    virga.call("CreateBackup", {"InstanceId": "mssql-i1z41iwd"})
    advance(virga, 3 * 86400)
    yield "the schedule has made some"
    assert control(virga, "PUT", "state", state)[0] == 200
    yield "the state is an earlier one"
    virga.call("CreateBackup", BACKUP)
    control(virga, "POST", "reset?scope=flows")
    yield "what ran is gone"
    control(virga, "POST", "reset")
    yield "all is gone"


def test_the_journals_file_has_flows_and_backups_as_the_state_has(tmp_path):
    state, journal = tmp_path / "state.db", tmp_path / "journal.db"
    seen = {}
    with harness.Virga("--seed", "1", "--limit", "off", "--journal", str(journal), db=state, clock="2026-01-01T00:00:00+08:00") as virga:
        for step in live(virga):
            seen[step] = read(journal, FLOWS), read(journal, BACKUPS)
            assert seen[step] == (read(state, FLOWS), read(state, BACKUPS)), step
    assert seen["it has ended"][1][0]["status"] == "success" and seen["it has another name"][1][0]["name"] == "weekly"
    assert [len(rows) for rows in seen["it is removed, its flow is not"]] == [1, 0] and seen["all is gone"] == ([], [])
    assert len(seen["the schedule has made some"][0]) > 5 and seen["the state is an earlier one"] == seen["it has another name"]


def test_flows_and_backups_by_sql_without_a_file_of_the_state(tmp_path):
    file = tmp_path / "journal.db"
    with harness.Virga("--seed", "1", "--limit", "off", "--journal", str(file)) as virga:
        virga.call("CreateBackup", BACKUP)
        assert [row["flow_id"] for row in read(file, FLOWS)] == [row["flow_id"] for row in read(file, BACKUPS)] == [5293]
        joined = "SELECT code, status FROM v_requests JOIN v_flows USING (flow_id) JOIN v_backups USING (flow_id, status)"
        assert read(file, joined) == [{"code": "ok", "status": "running"}]


def test_flows_come_into_the_file_when_it_can_be_written_again(tmp_path):
    """While another program locks the file, calls are answered. Afterwards a call can be missing in the file, but no flow."""
    file = tmp_path / "journal.db"
    with harness.Virga(*FAST, "--journal", str(file)) as virga:
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        flow = virga.call("CreateBackup", BACKUP).response["FlowId"]
        control(virga, "POST", "reset?scope=limiter")
        other.close()
        virga.call("DescribeRegions")
        assert [row["flow_id"] for row in read(file, FLOWS)] == [row["flow_id"] for row in read(file, BACKUPS)] == [flow]
        assert [row["action"] for row in read(file, "SELECT action FROM v_requests")] == ["DescribeRegions"]
        assert virga.stderr().count("the journal's file cannot be written") == 1


def test_a_journals_file_of_an_earlier_version_gets_the_views(tmp_path):
    file = tmp_path / "journal.db"
    with harness.Virga(*FAST, "--journal", str(file)) as virga:
        virga.call("DescribeRegions")
    with sqlite3.connect(file) as db:
        db.executescript("DROP VIEW v_flows; DROP VIEW v_backups; DROP TABLE flow; DROP TABLE backup; PRAGMA user_version = 1")
    db.close()
    with harness.Virga(*FAST, "--journal", str(file)) as virga:
        virga.call("CreateBackup", BACKUP)
        assert [row["action"] for row in read(file, "SELECT action FROM v_requests ORDER BY serial")] == ["DescribeRegions", "CreateBackup"]
        assert len(read(file, FLOWS)) == 1


def test_a_journal_that_is_something_else_ends_the_start(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("remember the milk, and much more than the hundred bytes that a database begins with" * 2)
    with pytest.raises(RuntimeError, match="is not a virga database"):
        harness.Virga("--journal", str(file)).start()
    assert file.read_text().startswith("remember the milk")


# --- size -------------------------------------------------------------------------------------------------------------


def resident_kib(pid):
    with open(f"/proc/{pid}/status") as f:
        return int(next(line for line in f if line.startswith("VmRSS")).split()[1])


def pour(virga, message, n, batch=50):
    """Sends the same request many times on one connection, several of them before their answers."""
    with socket.create_connection((virga.host, virga.port), timeout=60) as s:
        for _ in range(n // batch):
            s.sendall(message * batch)
            seen = tail = b""
            count = 0
            while count < batch:
                seen = s.recv(1 << 20)
                assert seen, "the connection closed"
                count += (tail + seen).count(b"HTTP/1.1 200")
                tail = seen[-11:]


def test_memory_stays_flat_over_100000_calls():
    """Uses the release build if there is one: a sanitizer does not return freed memory at once."""
    binary = os.environ.get("VIRGA_RELEASE_BIN")
    if binary and not os.path.exists(binary):
        binary = None
    with harness.Virga(*FAST, "--quiet", "--journal-calls", "2000", binary_path=binary) as virga:
        message = virga.prepare("DescribeRegions").message().to_bytes()
        pour(virga, message, 10000)
        before = resident_kib(virga.process.pid)
        pour(virga, message, 90000)
        after = resident_kib(virga.process.pid)
        page = control(virga, "GET", "requests?limit=1")[1]
        assert (page["total"], page["dropped"]) == (2000, 98000)
        # A sanitizer keeps up to 256 MiB of freed memory.
        allowed = 4 * 1024 if binary else 300 * 1024
        assert after - before < allowed, f"{before} KiB before, {after} KiB after"


def test_leniencies_are_named(own):
    own.call("DescribeRegions")
    own.call("DescribeRegions", signed_host="sqlserver.tencentcloudapi.com")
    own.call("DescribeRegions", service="127")
    assert [c["leniencies"] for c in requests(own)] == [[], ["signed_host"], ["scope_service"]]


UNREAD = [("CreateBackup", {"Strategy": 0, "DBNames": ["db1"]}, ["DBNames"]), ("CreateBackup", {"Strategy": 1, "DBNames": ["db1"]}, []),
          ("ModifyBackupName", {"BackupName": "x", "BackupId": 1, "GroupId": "2"}, ["GroupId"]),
          ("RemoveBackups", {"BackupNames": ["x"], "StartTime": "2026-01-01 00:00:00", "EndTime": "2026-01-02 00:00:00"}, ["StartTime", "EndTime"]),
          ("RestoreInstance", {"BackupId": 1, "Type": 0, "DBList": ["db1"], "RenameRestore": [{"OldName": "db1"}]}, ["RenameRestore"]),
          ("RestoreInstance", {"BackupId": 1, "DBList": ["db1"]}, ["DBList"]),
          ("RollbackInstance", {"Type": 0, "Time": "2026-01-01 00:00:00", "RenameRestore": [{"OldName": "db1"}]}, ["RenameRestore"]),
          ("ModifyBackupStrategy", {"BackupDay": 1}, ["BackupDay"])]


@pytest.mark.parametrize("action,params,unread", UNREAD)
def test_parameters_that_change_nothing_are_named(own, action, params, unread):
    answer = own.call(action, {"InstanceId": "mssql-njj2mtpl", **params})
    assert requests(own)[-1]["unread"] == unread
    why = control(own, "GET", f"why/{answer.response['RequestId']}")[1]
    assert why["unread"] == unread


# --- faults -------------------------------------------------------------------------------------------------------------


def test_injected_answers_are_marked(own):
    assert control(own, "POST", "faults", {"action": "CreateBackup", "code": "InternalError.GcsError", "count": 1})[0] == 200
    assert control(own, "POST", "faults", {"action": "DescribeRegions", "http_status": 502})[0] == 200
    assert own.call("CreateBackup", BACKUP).code == "InternalError.GcsError"
    own.call("CreateBackup", BACKUP)
    own.call("DescribeRegions")
    injected, natural, edge = requests(own)
    assert (injected["code"], injected["injected"], injected["failed_step"]) == ("InternalError.GcsError", "fault 1", "fault")
    assert (natural["code"], natural["injected"]) == ("ok", None)
    assert (edge["injected"], edge["http_status"], edge["code"], edge["flow_id"]) == ("fault 2", 502, "", None)
    page = control(own, "GET", "coverage?actions=called")[1]
    backup = next(a for a in page["actions"] if a["action"] == "CreateBackup")
    assert {"code": "InternalError.GcsError", "natural": 0, "injected": 1} in backup["codes"] and backup["done"] == 1
