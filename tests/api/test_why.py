"""The explanation of a call by HTTP: the steps that it passed, the rule that refused it with its evidence, and the steps that were left.
It does not change the answer and contains no secret."""
import json
import re

import harness
import pytest
from schema_files import default_world
from control import done, refused

INSTANCE = "mssql-njj2mtpl"
BACKUP = {"InstanceId": INSTANCE}
STEPS = ("method size form common language authorization expiry credential token payload signature mfa address product version action"
         " offline region limit decode permission fault available rules handle").split()

TOKEN = "tokenA-0123456789"
WORLD = default_world()
WORLD["accounts"][0]["credentials"].append({"secret_id": "AKIDtemporary", "secret_key": "keyB-0123456789", "token": TOKEN})


@pytest.fixture(scope="module")
def virga():
    with harness.Virga("--seed", "1", "--limit", "CreateDB=1", "--doctor-rate", "1000000", world=WORLD) as server:
        yield server


def why(virga, call="last"):
    return done(virga, "GET", f"/_virga/why/{call}")


def about(found, what):
    return [g for g in found["grounds"] if g["about"] == what]


def test_where_an_instance_is(virga):
    answer = virga.call("CreateBackup", BACKUP, region="ap-shanghai")
    found = why(virga, answer.response["RequestId"])
    assert found == why(virga)
    assert (found["why"], found["why_text"]) == \
        ("instance.not-found", f"{INSTANCE} is in ap-guangzhou, and the call went to ap-shanghai")
    assert (found["passed"], found["failed_step"], found["next"]) == (STEPS[:-1], "handle", [])
    (cause,), (text,) = about(found, "cause"), about(found, "text")
    assert cause["what"].startswith("no instance of that id") and cause["provenance"] == "documented" and cause["source"]
    assert text["what"] == answer.message and text["source"]
    assert found["params"] == BACKUP and found["injected"] is None and found["parameter"] is None


def test_an_instance_of_another_account(virga):
    made = done(virga, "POST", "/_virga/accounts", {"world": {"regions": [
        {"region": "ap-beijing", "instances": [{"instance_id": "mssql-ofguests"}]}]}})
    virga.call("CreateBackup", {"InstanceId": "mssql-ofguests"})
    assert f"is in ap-beijing and belongs to account {made['uin']}" in why(virga)["why_text"]


@pytest.mark.parametrize("mode", harness.Call.MODES)
def test_a_name_that_is_near(virga, mode):
    virga.call("CreateBackup", {"InstanceID": INSTANCE}, mode=mode)
    found = why(virga)
    assert (found["why"], found["why_text"], found["parameter"]) == \
        ("parameter.unknown", "InstanceID is similar to InstanceId", "InstanceID")
    assert (found["failed_step"], found["next"][0]) == ("decode", "permission")
    assert about(found, "step")[0]["what"] == "decode is checked before permission"
    virga.call("CreateBackups", BACKUP, mode=mode)
    found = why(virga)
    assert (found["why"], found["why_text"]) == ("action.unknown", "CreateBackups is similar to CreateBackup")
    assert found["signature"] == ("v1" if mode.startswith("v1") else "v3")


def test_by_how_much_a_signature_is_too_old(virga):
    virga.call("DescribeRegions", timestamp=virga.now() - 8 * 3600 - 20)
    found = why(virga)
    assert found["why"] == "signature.expired" and "8 h 0 min behind the machine's clock" in found["why_text"]
    virga.call("DescribeRegions", timestamp=virga.now() * 1000)
    assert "milliseconds" in why(virga)["why_text"]


def test_by_which_clock():
    with harness.Virga("--clock", "2026-01-01T00:00:00Z", "--auth-clock", "service") as own:
        own.call("DescribeRegions", timestamp=1767225600 + 301)
        assert why(own)["why_text"].startswith("X-TC-Timestamp is 5 min 1 s ahead of the service's clock (1767225600)")


@pytest.mark.parametrize("text, said", [
    ("1700000000.25", "X-TC-Timestamp is 1700000000.25, with a fraction; it must be whole seconds: 1700000000"),
    ("2026-01-01T00:00:00Z", "X-TC-Timestamp is 2026-01-01T00:00:00Z; it must be the seconds since 1970 in decimal digits")])
def test_a_timestamp_that_is_no_whole_number(virga, text, said):
    virga.call("DescribeRegions", timestamp=text, authorization="TC3-HMAC-SHA256 x")
    found = why(virga)
    assert (found["code"], found["why"], found["why_text"]) == ("InvalidParameter", "timestamp.form", said)
    virga.call("CreateBackup", {**BACKUP, "Strategy": "x"})
    assert why(virga)["why"] is None


@pytest.mark.parametrize("name, header", [("Action", "X-TC-Action"), ("Version", "X-TC-Version"), ("Timestamp", "X-TC-Timestamp")])
@pytest.mark.parametrize("mode, place", [("tc3get", "query"), ("tc3", "body")])
def test_a_common_parameter_that_is_no_header(virga, mode, place, name, header):
    said = f"{name} is in the {place}; with an Authorization header (version 3) the common parameters are headers: send {header}"
    call = virga.prepare("DescribeRegions", {name: "x"}, mode=mode)
    call.after.append(lambda message: message.remove(header))
    virga.send(call.message().to_bytes())
    found = why(virga)
    assert (found["code"], found["why"], found["why_text"]) == ("MissingParameter", "header.missing", said)
    virga.call("DescribeRegions", {name: "x"}, mode=mode)  # both in the header and there
    found = why(virga)
    assert (found["why"], found["why_text"]) == ("parameter.unknown", said)


def test_a_missing_header_that_is_nowhere_has_no_reason(virga):
    call = virga.prepare("DescribeRegions")
    call.after.append(lambda message: message.remove("X-TC-Action"))
    virga.send(call.message().to_bytes())
    assert why(virga)["why"] is None


def test_a_frozen_clock_does_not_freeze_the_limits():
    """Without a time: a call that was over the limit succeeds when it is repeated long enough."""
    with harness.Virga("--clock", "2026-01-01T00:00:00Z", "--limit", "DescribeRegions=1", "--quiet") as own:
        codes = [own.call("DescribeRegions").code for _ in range(30)]
        assert "RequestLimitExceeded" in codes
        assert "in one second of the machine's clock" in next(
            r["why_text"] for r in done(own, "GET", "/_virga/requests")["requests"] if r["why"])
        for _ in range(20000):
            if own.call("DescribeRegions").code is None:
                break
        else:
            pytest.fail("no second ended")


def test_the_limits_of_a_frozen_service_clock():
    with harness.Virga("--limit", "DescribeRegions=1", "--quiet", clock="2026-01-01T00:00:00Z") as own:
        assert [own.call("DescribeRegions").code for _ in range(3)] == [None, "RequestLimitExceeded", "RequestLimitExceeded"]
        assert "in one second of the service's clock" in why(own)["why_text"]
        done(own, "POST", "/_virga/clock/advance", {"seconds": 1})
        assert own.call("DescribeRegions").code is None


def test_the_counter(virga):
    for _ in range(5):  # the second can end in between
        answer = virga.call("CreateDB", {})
        if answer.code == "RequestLimitExceeded":
            break
    found = why(virga)
    assert found["why"] == "limit.exceeded" and "of this action under this SecretId" in found["why_text"]
    assert found["why_text"].endswith("; 1 are allowed") and found["next"][0] == "decode"


def test_the_rule_of_the_schema(virga):
    virga.call("CreateBackup", {**BACKUP, "Strategy": 2})
    found = why(virga)
    (rule,) = about(found, "rule")
    assert rule["what"] == "Strategy must be from 0 to 1" and rule["provenance"] == "assumed" and "documented" in rule["source"]
    assert found["parameter"] == "Strategy" and found["why"] == "parameter.rule" and not about(found, "cause")
    assert rule["what_zh"] == "Strategy 必须在 0 到 1 之间"
    assert about(found, "step")[0]["what_zh"] == "rules 的检查先于 handle" and about(found, "text")[0]["what_zh"] > "\u4e00"


@pytest.mark.parametrize("params, said", [
    ({"Strategy": 0}, "InstanceId 必须填写"),
    ({**BACKUP, "BackupName": "b" * 200}, "BackupName 长度必须为 1 到 128 个字符")])
def test_rules_in_chinese(virga, params, said):
    virga.call("CreateBackup", params)
    found = why(virga)
    assert [g["what_zh"] for g in about(found, "rule")] == [said]
    assert [g for g in found["grounds"] if g["what_zh"] is None and g["about"] != "cause"] == []


@pytest.mark.parametrize("mode", harness.Call.MODES)
def test_a_rejected_signature(virga, mode):
    call = virga.prepare("DescribeRegions", mode=mode, signed_host="elsewhere.example", secret_id="AKIDtemporary",
                         secret_key="keyB-0123456789", token=TOKEN)
    if mode.startswith("tc3"):
        call.signed_headers = "content-type;host;x-tc-token"
    message = call.message()
    virga.send(message.to_bytes())
    found = why(virga)
    assert found["why"] == "sig.unknown" and found["why_text_zh"].startswith("没有哪个已知的错误"), found
    text = json.dumps(found)
    assert TOKEN not in text and "keyB-0123456789" not in text and "elsewhere" not in found["why_text"]
    if mode.startswith("tc3"):
        own = call.canonical_request(message, message.target.partition("?")[2]).replace(TOKEN, "***")
        assert found["canonical_request"] == own.replace("elsewhere.example", call.host)
        assert found["string_to_sign"].startswith("TC3-HMAC-SHA256\n")
    else:
        assert found["canonical_request"] is None and found["string_to_sign"].startswith(call.method + call.host)


def test_a_call_that_was_done_and_what_it_needed(virga):
    answer = virga.call("DescribeRegions", signed_host="sqlserver.tencentcloudapi.com")
    found = why(virga, answer.response["RequestId"])
    assert (found["code"], found["passed"], found["failed_step"], found["next"]) == ("ok", STEPS, None, [])
    assert found["leniencies"] == ["signed_host"] and found["grounds"] == [] and found["why"] is None


def test_a_fault_is_its_own_reason(virga):
    virga.call("CreateBackup", {"InstanceId": "mssql-dberror0"})
    found = why(virga)
    assert found["injected"] == "magic mssql-dberror0" and found["grounds"] == [] and found["failed_step"] == "fault"


def test_the_steps_are_those_of_the_pipeline(virga):
    assert [s["name"] for s in done(virga, "GET", "/_virga/pipeline")["steps"]] == STEPS


def test_what_is_not_there():
    with harness.Virga() as own:
        status, error = refused(own, "GET", "/_virga/why/last")
        assert (status, error["message"]) == (404, "the journal has no refused call")
        answer = own.call("DescribeRegions")
        assert refused(own, "GET", "/_virga/why/last")[0] == 404
        assert why(own, answer.response["RequestId"])["code"] == "ok"
        assert refused(own, "GET", "/_virga/why/00000000-0000-4000-8000-000000000000")[0] == 404


def test_the_log_has_a_line_and_the_header_an_id():
    bodies = []
    for options in ((), ("--why-header",)):
        with harness.Virga("--seed", "1", *options) as own:
            answer = own.call("CreateBackup", {"InstanceID": "a"})
            assert answer.headers.get("x-virga-why") == ("parameter.unknown" if options else None)
            bodies.append(answer.body)
            own.terminate()
            assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z sqlserver\.CreateBackup => ", own.stderr())
            assert "\n  why: parameter.unknown InstanceID is similar to InstanceId\n" in own.stderr()
    assert bodies[0] == bodies[1]


def test_no_token_is_in_the_log():
    with harness.Virga("--doctor-rate", "1000000", world=WORLD) as own:
        for mode in harness.Call.MODES:
            own.call("DescribeRegions", mode=mode, signature="0" * 64, secret_id="AKIDtemporary", token=TOKEN,
                     signed_headers="content-type;host;x-tc-token")
        own.terminate()
        log = own.stderr()
    assert log.count("why: sig.unknown") == 4 and "x-tc-token:***" in log and "Token=***" in log and TOKEN not in log


def test_a_line_stays_a_line():
    with harness.Virga() as own:
        own.call("CreateBackup", {"Instance\nwhy: \u001b[31m": "a"})
        own.call("CreateBackup", {"InstanceId": "a\r\nb"})
        own.terminate()
        assert not any(line.startswith(("why", "b")) or "\x1b" in line for line in own.stderr().splitlines())


@pytest.mark.parametrize("mode", harness.Call.MODES)
@pytest.mark.parametrize("sent, said", [
    (harness.SECRET_KEY, "the SecretId is a SecretKey: the two are swapped"),
    (harness.SECRET_ID.lower(), f"{harness.SECRET_ID.lower()} is similar to {harness.SECRET_ID}"),
    (f'"{harness.SECRET_ID}"', f'["{harness.SECRET_ID}"] is known without the spaces or quotes around it'),
    ("AKIDofSomebodyElse", f"no account has AKIDofSomebodyElse; the first of this world is {harness.SECRET_ID}, and virga env shows how to use it")])
def test_a_secret_id_that_does_not_exist(virga, mode, sent, said):
    answer = virga.call("DescribeRegions", mode=mode, secret_id=sent)
    assert answer.code == "AuthFailure.SecretIdNotFound"
    found = why(virga)
    assert (found["why"], found["why_text"], found["failed_step"]) == ("secret-id.unknown", said, "credential")
