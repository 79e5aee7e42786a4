"""Faults: every effect on the wire, every code, and injected answers that are byte for byte those of a natural cause."""
import json
import re
import socket
import threading
import time
import urllib.error
import urllib.request

import pytest

from harness import ROOT, SECRET_ID, Virga
from schema_files import error_rows, magic_rows

BACKUP = {"InstanceId": "mssql-njj2mtpl"}
ERRORS = error_rows()
MAGIC = magic_rows()
CREATE_BACKUP = [e["code"] for e in json.loads((ROOT / "schema/sqlserver/CreateBackup.json").read_text())["errors"]]
COMMON = sorted({e["code"] for e in ERRORS if e["from"] == "gateway"})

# Only a fault causes these.
ONLY_BY_FAULT = ["AuthFailure", "AuthFailure.UnauthorizedOperation", "DryRunOperation", "FailedOperation", "InvalidRequest",
                 "LimitExceeded", "ResourceInUse", "ResourceInsufficient", "ResourceNotFound", "ResourceUnavailable"]


def control(virga, method, path, body=None):
    """(status, json) of the control API."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{virga.endpoint}/_virga/{path}", data, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as e:
        return e.code, json.load(e)


def arm(virga, **rule):
    status, fault = control(virga, "POST", "faults", rule)
    assert status == 200, fault
    return fault


@pytest.fixture
def no_faults(virga):
    """The shared server. Removes all faults after the test."""
    yield virga
    control(virga, "DELETE", "faults")


@pytest.fixture(params=["memory", "file"])
def server(request, tmp_path):
    """Backups take a minute, so that a test sees a flow running."""
    db = tmp_path / "virga.db" if request.param == "file" else None
    with Virga("--seed", "1", "--limit", "off", "--flow-seconds", "backup=60", db=db) as virga:
        yield virga


def flows(virga, *instances):
    """How many backups an instance shows."""
    window = {"StartTime": "2000-01-01 00:00:00", "EndTime": "2099-01-01 00:00:00"}
    answer = virga.call("DescribeBackups", {"InstanceId": instances[0] if instances else BACKUP["InstanceId"], **window})
    return answer.json["Response"]["TotalCount"]


def advance(virga, seconds):
    assert control(virga, "POST", "clock/advance", {"seconds": seconds})[0] == 200


def status_of(virga, flow_id):
    return virga.call("DescribeFlowStatus", {"FlowId": flow_id}).json["Response"]["Status"]


# --- codes ----------------------------------------------------------------------------------------------------------


def test_nothing_is_left_out():
    assert len(CREATE_BACKUP) == 18
    assert set(ONLY_BY_FAULT) <= set(COMMON)


@pytest.mark.parametrize("code", sorted(set(CREATE_BACKUP) | set(COMMON)))
def test_each_code_can_be_had(no_faults, code):
    """In both languages, with a text of errors.json in which every placeholder has a value."""
    arm(no_faults, action="CreateBackup", code=code, count=2)
    texts = {lang: [e[lang] for e in ERRORS if e["code"] == code] for lang in ("en", "zh")}
    for language, key in ((None, "en"), ("zh-CN", "zh")):
        answer = no_faults.call("CreateBackup", BACKUP, language=language)
        assert (answer.status, answer.code) == (200, code)
        patterns = [re.sub(r"\\\{\d\\\}", ".+", re.escape(text)) for text in texts[key]]
        assert any(re.fullmatch(p, answer.message) for p in patterns), answer.message
    assert no_faults.call("CreateBackup", BACKUP).code is None


NATURAL = {
    "ResourceNotFound.InstanceNotFound": ({"InstanceId": "mssql-nowhere0"}, {}),
    "ResourceNotFound.DBNotFound": ({**BACKUP, "Strategy": 1, "DBNames": ["nothere"]}, {}),
    "InvalidParameter.InputIllegal": ({**BACKUP, "Strategy": 9}, {}),
    "InvalidParameter.ParamsAssertFailed": ({}, {}),
    "InvalidParameterValue.BackupNameIsIllegal": ({**BACKUP, "BackupName": "-"}, {}),
    "InvalidParameterValue": (BACKUP, {"region": "mars"}),
    "MissingParameter": (BACKUP, {"region": None}),
    "UnsupportedRegion": (BACKUP, {"region": "ap-mumbai"}),
    "AuthFailure.SecretIdNotFound": (BACKUP, {"secret_id": "AKIDunknown"}),
    "AuthFailure.SignatureFailure": (BACKUP, {"secret_key": "wrong"}),
    "AuthFailure.SignatureExpire": (BACKUP, {"timestamp": 1551113065}),
    "AuthFailure.TokenFailure": (BACKUP, {"token": "some"}),
}


def without_id(answer):
    """The body without the RequestId, and the headers without the time."""
    body = re.sub(rb'"RequestId":"[0-9a-f-]{36}"', b'"RequestId":""', answer.body)
    return body, {n: v for n, v in answer.headers.items() if n != "date"}


@pytest.mark.parametrize("mode", ["tc3", "v1"])
@pytest.mark.parametrize("language", [None, "zh-CN"])
@pytest.mark.parametrize("code", NATURAL)
def test_injected_is_natural(no_faults, code, language, mode):
    params, fields = NATURAL[code]
    natural = no_faults.call("CreateBackup", dict(params), language=language, mode=mode, **fields)
    assert natural.code == code
    arm(no_faults, action="CreateBackup", code=code, count=1)
    injected = no_faults.call("CreateBackup", BACKUP, language=language, mode=mode)
    assert without_id(injected) == without_id(natural)


def test_an_injected_limit_is_natural():
    with Virga("--seed", "1", "--flow-seconds", "backup=0", clock="2026-01-01T00:00:00+08:00") as virga:
        natural = [virga.call("CreateBackup", BACKUP) for _ in range(21)][-1]
        advance(virga, 1)
        arm(virga, code="RequestLimitExceeded")
        injected = virga.call("CreateBackup", BACKUP)
        assert natural.code == "RequestLimitExceeded"
        assert without_id(injected) == without_id(natural)


def test_a_refusal_by_policy_is_natural():
    """The message names the call, the resource and the RequestId."""
    instance = {"instance_id": BACKUP["InstanceId"], "databases": [{"name": "db1"}]}
    regions = [{"region": "ap-guangzhou", "instances": [instance]}]
    policy = {"policy": {"deny_actions": ["CreateBackup"]}}
    credentials = [{"secret_id": "AKIDfree", "secret_key": "k"}, {"secret_id": "AKIDbound", "secret_key": "k", **policy}]
    world = {"version": 1, "accounts": [{"uin": "1", "credentials": credentials, "regions": regions}]}
    with Virga(world=world) as virga:
        natural = virga.call("CreateBackup", BACKUP, secret_id="AKIDbound", secret_key="k")
        arm(virga, code="UnauthorizedOperation")
        injected = virga.call("CreateBackup", BACKUP, secret_id="AKIDfree", secret_key="k")
        assert natural.code == injected.code == "UnauthorizedOperation"
        first, second = (a.message.replace(a.json["Response"]["RequestId"], "") for a in (natural, injected))
        assert first == second


def test_a_message_of_its_own(no_faults):
    arm(no_faults, action="CreateBackup", code="InternalError", message="磁盘 \"full\"")
    assert no_faults.call("CreateBackup", BACKUP).message == "磁盘 \"full\""


# --- effects --------------------------------------------------------------------------------------------------------


class Pending:
    """A call in its own thread, since its answer comes late."""

    def __init__(self, virga, instance=BACKUP["InstanceId"]):
        self.answer = None
        self.thread = threading.Thread(target=self._call, args=(virga, instance))
        self.thread.start()
        while flows(virga, instance) == 0:
            time.sleep(0.005)

    def _call(self, virga, instance):
        self.answer = virga.call("CreateBackup", {"InstanceId": instance})

    def result(self):
        self.thread.join()
        return self.answer


def test_a_delayed_call_holds_up_no_other_and_not_the_end(server):
    """The call is carried out at once. Others are answered before it, also one of the same action. At its end the server answers it."""
    arm(server, action="CreateBackup", delay_ms=60000, count=1)
    late = Pending(server)
    assert server.call("CreateBackup", {"InstanceId": "mssql-i1z41iwd"}).code is None
    assert flows(server, "mssql-i1z41iwd") == 1
    assert late.answer is None
    code, seconds = server.terminate()
    assert (code, seconds < 2) == (0, True)
    assert late.result().code is None


def test_a_delay_ends_by_itself(server):
    arm(server, action="CreateBackup", delay_ms=300, count=1)
    began = time.monotonic()
    assert server.call("CreateBackup", BACKUP).code is None
    assert 0.3 <= time.monotonic() - began < 10


def test_close_before(server):
    arm(server, action="CreateBackup", close="before", count=1)
    assert server.call("CreateBackup", BACKUP) is None
    assert flows(server) == 0
    assert server.call("CreateBackup", BACKUP).code is None


def test_close_after_commit(server):
    """The answer is lost and the flow exists: a second try makes a second backup, or is refused because one runs."""
    arm(server, action="CreateBackup", close="after_commit", count=1)
    assert server.call("CreateBackup", BACKUP) is None
    if server.db:
        server.kill()
        server.restart()
    assert flows(server) == 1
    assert server.call("CreateBackup", BACKUP).code == "ResourceUnavailable.InstanceStatusInvalid"


@pytest.mark.parametrize("cut", [0, 1, 20, 10000])
def test_truncate(server, cut):
    arm(server, action="DescribeDBInstances", truncate=cut)
    whole = server.call("DescribeRegions", {})
    data = server.prepare("DescribeDBInstances", {}).message().to_bytes()
    with socket.create_connection((server.host, server.port), timeout=10) as s:
        s.sendall(data)
        if cut < 10000:
            head, _, body = s.makefile("rb").read().partition(b"\r\n\r\n")
            length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
            assert len(body) == cut < length
    if cut == 10000:
        assert server.call("DescribeDBInstances", {}).code is None, "an answer that is shorter stays whole"
    assert whole.code is None


@pytest.mark.parametrize("status,title", [(500, "500 Internal Server Error"), (502, "502 Bad Gateway"), (503, "503 Service Temporarily Unavailable"),
                                          (504, "504 Gateway Time-out")])
def test_http_status(server, status, title):
    arm(server, action="CreateBackup", http_status=status, count=1)
    answer = server.call("CreateBackup", BACKUP)
    assert (answer.status, answer.headers["content-type"]) == (status, "text/html")
    assert f"<h1>{title}</h1>" in answer.body.decode()
    assert flows(server) == 0
    assert server.call("CreateBackup", BACKUP).status == 200


def test_request_id(server):
    """Also of an error, whose text may end with a part of it."""
    given = "01234567-89ab-cdef-0123-456789abcdef"
    arm(server, action="CreateBackup", request_id=given, count=1)
    arm(server, action="CreateBackup", request_id=given[::-1], code="InternalError", count=1)
    assert server.call("CreateBackup", BACKUP).json["Response"]["RequestId"] == given
    failed = server.call("CreateBackup", BACKUP).json["Response"]
    assert failed["RequestId"] == given[::-1] and given[::-1][-12:] in failed["Error"]["Message"]
    assert server.call("CreateBackup", BACKUP).json["Response"]["RequestId"] not in (given, given[::-1])
    for wrong in ("short", given.upper(), given + "0"):
        assert control(server, "POST", "faults", {"request_id": wrong})[0] == 400


def test_a_code_that_no_document_lists(server):
    """In both languages; it is marked wherever the call is shown, and counted apart from the codes that are listed."""
    arm(server, action="CreateBackup", undocumented_code="FailedOperation.NotListed", count=2)
    arm(server, action="CreateBackup", undocumented_code="Odd", message="strange", count=1)
    answers = [server.call("CreateBackup", BACKUP, language=language) for language in (None, "zh-CN", None)]
    assert [(a.status, a.code, a.message) for a in answers] == [
        (200, "FailedOperation.NotListed", "The request failed."), (200, "FailedOperation.NotListed", "请求失败。"), (200, "Odd", "strange")]
    why = control(server, "GET", f"why/{answers[0].response['RequestId']}")[1]
    assert (why["code"], why["injected"], why["grounds"]) == ("FailedOperation.NotListed", "fault 1 (undocumented code)", [])
    calls = control(server, "GET", "requests?code=FailedOperation.NotListed")[1]["requests"]
    assert [(c["code"], c["injected"]) for c in calls] == [("FailedOperation.NotListed", "fault 1 (undocumented code)")] * 2
    row, = control(server, "GET", "coverage?actions=called")[1]["actions"]
    assert row["others"] == [{"code": "(undocumented)", "natural": 0, "injected": 3}]
    assert 'code="(undocumented)"} 3' in urllib.request.urlopen(f"{server.endpoint}/_virga/metrics", timeout=10).read().decode()
    server.terminate()
    assert "=> FailedOperation.NotListed The request failed. " in server.stderr() and "[fault 1 (undocumented code)]" in server.stderr()


def test_an_undocumented_code_may_hit_any_action(server):
    arm(server, undocumented_code="X.Y")
    assert [server.call(action, params).code for action, params in (("CreateBackup", BACKUP), ("DescribeRegions", {}))] == ["X.Y"] * 2


@pytest.mark.parametrize("rule, said", [
    ({"undocumented_code": "InternalError.DBError"}, "the documentation lists InternalError.DBError"),
    ({"undocumented_code": "X", "code": "InternalError"}, "only one of code, undocumented_code"),
    ({"undocumented_code": "a b"}, "undocumented_code"), ({"undocumented_code": ""}, "undocumented_code"),
    ({"undocumented_code": "X", "flow_seconds": 1}, "starts no flow"), ({"code": "Nope.Never"}, "there is no code Nope.Never")])
def test_undocumented_codes_that_make_no_sense(no_faults, rule, said):
    status, answer = control(no_faults, "POST", "faults", {"action": "CreateBackup", **rule})
    assert status == 400 and said in answer["error"]["message"], answer
    assert rule != {"code": "Nope.Never"} or answer["error"]["hint"].endswith("undocumented_code takes any code")


def test_flow_outcome(server):
    arm(server, action="CreateBackup", flow_outcome="failure", flow_seconds=10, count=1)
    flow_id = server.call("CreateBackup", BACKUP).json["Response"]["FlowId"]
    assert status_of(server, flow_id) == 2
    advance(server, 10)
    assert status_of(server, flow_id) == 1


def test_effects_go_together(server):
    arm(server, action="CreateBackup", delay_ms=300, code="InternalError.DBError")
    began = time.monotonic()
    assert server.call("CreateBackup", BACKUP).code == "InternalError.DBError"
    assert time.monotonic() - began >= 0.3


def test_an_effect_ends_with_its_call(server):
    """Also on a kept connection: it affects neither the next call nor a request that is refused before it becomes a call."""
    client = server.client()
    arm(server, action="CreateBackup", http_status=502, count=1)
    assert client.call("CreateBackup", BACKUP).status == 502
    assert client.call("CreateBackup", BACKUP).status == 200
    client.close()
    arm(server, action="CreateBackup", close="before")
    assert server.call("CreateBackup", BACKUP) is None
    many = server.prepare("CreateBackup", BACKUP, headers={f"X-{i}": "x" for i in range(200)})
    assert server.send(many.message().to_bytes()).status == 431


# --- which calls ----------------------------------------------------------------------------------------------------


def codes(virga, n, **fields):
    return [virga.call("CreateBackup", dict(BACKUP), **fields).code for _ in range(n)]


def test_which_calls_a_rule_matches(no_faults):
    fault = arm(no_faults, action="CreateBackup", code="InternalError", after=1, every=2, count=2)
    assert codes(no_faults, 6) == [None, None, "InternalError", None, "InternalError", None]
    status, shown = control(no_faults, "GET", f"faults/{fault['id']}")
    assert (status, shown["seen"], shown["hits"]) == (200, 6, 2)


def test_chance_is_the_seeds():
    outcomes = []
    for _ in range(2):
        with Virga("--seed", "5", "--limit", "off", "--flow-seconds", "backup=0") as virga:
            arm(virga, action="CreateBackup", code="InternalError", probability=0.5)
            outcomes.append(codes(virga, 20))
    assert outcomes[0] == outcomes[1]
    assert len(set(outcomes[0])) == 2


def test_rules_select_calls(no_faults):
    arm(no_faults, code="InternalError", trace="a-")
    arm(no_faults, code="InternalError.DBError", params={"DBNames.1": "db2"})
    arm(no_faults, code="InternalError.GcsError", region="ap-tokyo")
    arm(no_faults, code="InternalError.SystemError", secret_id=SECRET_ID + "x")
    assert codes(no_faults, 1) == [None]
    assert codes(no_faults, 1, headers={"X-TC-TraceId": "a-1"}) == ["InternalError"]
    assert codes(no_faults, 1, region="ap-tokyo") == ["InternalError.GcsError"]
    named = {**BACKUP, "Strategy": 1, "DBNames": ["db1", "db2"]}
    for mode in ("tc3", "tc3get", "v1", "v1post"):
        assert no_faults.call("CreateBackup", dict(named), mode=mode).code == "InternalError.DBError"


def test_rules_for_one_credential(server):
    """On a shared server each user lists and removes its own."""
    for secret_id in ("AKIDa", "AKIDb", "AKIDa"):
        arm(server, code="InternalError", secret_id=secret_id)
    arm(server, code="InternalError.GcsError")

    def ids(query=""):
        return [f["id"] for f in control(server, "GET", f"faults{query}")[1]["faults"]]

    assert ids("?secret_id=AKIDa") == [1, 3] and ids("?secret_id=AKIDc") == []
    assert control(server, "DELETE", "faults?secret_id=AKIDa")[1] == {"removed": 2}
    assert ids() == [2, 4]
    assert control(server, "DELETE", "faults")[1] == {"removed": 2} and ids() == []


def test_injected_calls_are_marked_in_the_log(server):
    arm(server, code="InternalError.DBError", count=1)
    server.call("CreateBackup", BACKUP)
    server.call("CreateBackup", {"InstanceId": "mssql-syserror"})
    server.call("CreateBackup", BACKUP)
    server.terminate()
    lines = [line for line in server.stderr().splitlines() if "CreateBackup =>" in line]
    assert [re.search(r"\[(.*)\]$", line)[1] if line.endswith("]") else None for line in lines] == [
        "fault 1", "magic mssql-syserror", None]


# --- magic ids ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", [m for m in MAGIC if "code" in m], ids=lambda m: m["instance_id"])
def test_magic_codes(virga, row):
    answer = virga.call("CreateBackup", {"InstanceId": row["instance_id"]})
    assert answer.code == row["code"]
    assert answer.code in CREATE_BACKUP + COMMON


def test_magic_flows(server):
    def start(instance):
        return server.call("CreateBackup", {"InstanceId": instance}).json["Response"]["FlowId"]

    done, slow, failed = start("mssql-instant0"), start("mssql-slowback"), start("mssql-failback")
    assert [status_of(server, f) for f in (done, slow, failed)] == [0, 2, 2]
    advance(server, 60)
    assert [status_of(server, f) for f in (done, slow, failed)] == [0, 2, 1]
    advance(server, 3540)
    assert status_of(server, slow) == 0


def test_magic_delay(server):
    """The call is carried out at once and its answer waits, while others are answered. The test does not wait for five seconds: at
    its end the server sends the answer."""
    late = Pending(server, "mssql-delay5s0")
    assert server.call("DescribeRegions", {}).code is None
    assert late.answer is None
    assert server.terminate()[0] == 0
    assert late.result().code is None


def test_magic_lost_answer(server):
    assert server.call("CreateBackup", {"InstanceId": "mssql-dropconn"}) is None
    assert flows(server, "mssql-dropconn") == 1


def test_magic_is_listed_only_by_id(server):
    def ids(params):
        response = server.call("DescribeDBInstances", params, region="ap-seoul").json["Response"]
        assert response["TotalCount"] == len(response["DBInstances"])
        return {i["InstanceId"] for i in response["DBInstances"]}

    wanted = {m["instance_id"] for m in MAGIC}
    assert ids({}) == set()
    assert ids({"InstanceIdSet": sorted(wanted), "Limit": 100}) == wanted
    assert ids({}) == set()


def test_no_magic():
    with Virga("--no-magic", "--limit", "off") as virga:
        for row in MAGIC:
            assert virga.call("CreateBackup", {"InstanceId": row["instance_id"]}).code == "ResourceNotFound.InstanceNotFound"
