"""`virga compare`: the suite that changes nothing, what counts as a difference, and the records of evidence."""
import http.server
import json
import threading

import pytest

import cloud
import command
import harness

UNKNOWN = "mssql-00000000"


@pytest.fixture(scope="module")
def local():
    """The server that is compared."""
    with harness.Virga("--strict", "--limit", "off", "--no-magic") as virga:
        yield virga


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    with cloud.Cloud(tmp_path_factory.mktemp("cloud") / "ca", "--limit", "off", "--no-magic") as server:
        yield server


@pytest.fixture(autouse=True)
def without_faults(source):
    yield
    command.of(source)("faults", "clear")


def compare(local, source, *words, code=0):
    """The report, with the cases by name."""
    done = command.run("compare", *words, *source.options, "--json", code=code, VIRGA_ENDPOINTS_FILE=str(local.endpoints_file),
                       TENCENTCLOUD_SECRET_ID=harness.SECRET_ID, TENCENTCLOUD_SECRET_KEY=harness.SECRET_KEY)
    report = json.loads(done.stdout)
    return report, {case["case"]: case for case in report["cases"]}



# --- the suite --------------------------------------------------------------------------------------------------------


def test_an_action_that_writes_finds_no_resource():
    """Each of its calls names one that does not exist, so that nothing can change whatever the cloud does with the rest."""
    schema = {p.stem: json.loads(p.read_text()) for p in (harness.ROOT / "schema/sqlserver").glob("[A-Z]*.json")}
    cases = json.loads(command.run("compare", "--list", "--json").stdout)
    writing = [case for case in cases if schema.get(case["action"], {}).get("writes")]
    assert len(writing) > 200
    for case in writing:
        body = json.loads(case["body"])
        assert body.get("InstanceId") == UNKNOWN or body.get("InstanceIdSet") == [UNKNOWN], case


def test_the_suite_has_every_emulated_action_that_only_reads():
    schema = {p.stem: json.loads(p.read_text()) for p in (harness.ROOT / "schema/sqlserver").glob("[A-Z]*.json")}
    cases = json.loads(command.run("compare", "--list", "--json").stdout)
    reading = {name for name, action in schema.items() if not action.get("writes") and (action.get("handler") or "does" in action)}
    assert reading <= {case["action"] for case in cases}
    assert len({case["case"] for case in cases}) == len(cases)


def test_list_sends_nothing_and_needs_no_server():
    text = command.run("compare", "--list", "--action", "CreateBackup").stdout
    assert "CreateBackup." in text and "DescribeDBs." not in text


# --- the same -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["DescribeDBs", "DescribeDBInstances", "ModifyDBInstanceName"])
def test_two_of_one_kind_do_not_differ(action, local, source, tmp_path):
    before, after = tmp_path / "before", tmp_path / "after"
    command.of(source)("state", "save", str(before))
    report, cases = compare(local, source, "--action", action)
    command.of(source)("state", "save", str(after))
    assert report["contradicted"] == report["not_reached"] == report["different"] == 0 and report["confirmed"] == len(cases) > 3
    tables = [json.loads(path.read_text())["tables"] for path in (before, after)]
    assert tables[0] == tables[1], "nothing changes"


# --- differences --------------------------------------------------------------------------------------------------------


def differing(local, source, *effect):
    command.of(source)("faults", "add", "--action", "DescribeDBs", *effect)
    return compare(local, source, "--action", "DescribeDBs", code=command.NOT_SO)


def test_another_code_contradicts(local, source):
    report, cases = differing(local, source, "--code", "InvalidParameter.InputIllegal")
    found = cases["DescribeDBs.unknown_resource"]
    assert found["verdict"] == "contradicted" and found["code"] == "InvalidParameter.InputIllegal"
    assert [text for text in found["differences"] if text.startswith("code: InvalidParameter.InputIllegal, here ResourceNotFound")]
    assert report["contradicted"] > 0


def test_a_call_that_ends_before_the_rule_says_nothing_of_it(local, source):
    report, cases = differing(local, source, "--code", "InternalError")
    assert cases["DescribeDBs.unknown_resource"]["verdict"] == "not reached"
    assert report["contradicted"] == 0 and report["not_reached"] > 0


def test_another_text_is_a_difference_of_the_message_alone(local, source):
    _, cases = differing(local, source, "--code", "ResourceNotFound.InstanceNotFound", "--message", "gone")
    found = cases["DescribeDBs.unknown_resource"]
    assert found["verdict"] == "confirmed"
    assert [text.partition(":")[0] for text in found["differences"]] == ["message", "message in Chinese"]


class Fake(http.server.BaseHTTPRequestHandler):
    """Answers every call alike."""
    protocol_version = "HTTP/1.1"
    answer = {"Response": {"TotalCount": "1", "Extra": 1, "RequestId": "r"}}

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps(self.answer).encode()
        self.send_response(201)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_members_types_status_and_content_type(local):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Fake)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        done = command.run("compare", "--action", "DescribeRegions", "--upstream", f"http://127.0.0.1:{server.server_port}", "--json",
                           code=command.NOT_SO, VIRGA_ENDPOINTS_FILE=str(local.endpoints_file), TENCENTCLOUD_SECRET_ID="a", TENCENTCLOUD_SECRET_KEY="b")
    finally:
        server.shutdown()
        server.server_close()
    cases = {case["case"]: case for case in json.loads(done.stdout)["cases"]}
    assert sorted(cases["DescribeRegions.answer"]["differences"]) == [
        "HTTP status: 201, here 200", "content type: application/json; charset=utf-8, here application/json", "member: Extra, here none",
        "member: none, here RegionSet", "type of TotalCount: text, here number"]


# --- records and cassettes ------------------------------------------------------------------------------------------------


def test_records_of_evidence(local, source, tmp_path):
    report, cases = compare(local, source, "--action", "DescribeDBs", "--write", str(tmp_path / "evidence"))
    [path] = (tmp_path / "evidence").iterdir()
    records = [json.loads(line) for line in path.read_text().splitlines()]
    assert path.name == f"sqlserver-{records[0]['date']}.jsonl"
    assert {r["case"] for r in records} == set(cases) and len(records) == report["confirmed"]
    assert set(records[0]) == {"case", "verdict", "code", "request_id", "date", "upstream"}, "no data of the account"
    assert harness.SECRET_ID not in path.read_text()


def test_a_cassette_without_the_calls_that_write(local, source, tmp_path):
    lines = [{"cassette": 1, "upstream": "https://example.com"},
             {"action": "DescribeDBs", "params": json.dumps({"InstanceIdSet": ["mssql-njj2mtpl"]}), "body": "{}"},
             {"action": "CreateBackup", "params": json.dumps({"InstanceId": "mssql-njj2mtpl"}), "body": "{}"}]
    path = tmp_path / "cassette"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    report, cases = compare(local, source, str(path))
    assert list(cases) == ["DescribeDBs.line2"] and report["different"] == 0
    assert "CreateBackup" not in source.calls()


def test_the_table(local, source):
    command.of(source)("faults", "add", "--action", "DescribeRegions", "--code", "UnsupportedOperation")
    done = command.run("compare", "--action", "DescribeRegions", *source.options, code=command.NOT_SO, VIRGA_ENDPOINTS_FILE=str(local.endpoints_file),
                       TENCENTCLOUD_SECRET_ID=harness.SECRET_ID, TENCENTCLOUD_SECRET_KEY=harness.SECRET_KEY)
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["verdict", "mark", "case", "rule", "difference"]
    assert lines[-1].startswith("2 cases: ") and "1 contradicted" in lines[-1]


def test_a_unix_socket_cannot_be_compared(source, tmp_path):
    done = command.run("compare", "--endpoint", f"unix:{tmp_path}/virga.sock", *source.options, code=2,
                       TENCENTCLOUD_SECRET_ID=harness.SECRET_ID, TENCENTCLOUD_SECRET_KEY=harness.SECRET_KEY)
    assert "not a Unix socket" in done.stderr
