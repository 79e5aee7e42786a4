"""Injected answers against natural ones: every code that CreateBackup can return by a natural cause, by that cause and by a rule."""
import json
import os
import re
import resource
import sqlite3

import pytest
from control import done
from harness import ROOT, SECRET_ID, SECRET_KEY, Virga

BACKUP = {"InstanceId": "mssql-njj2mtpl"}
INSTANCES = {"region": "ap-guangzhou", "instances": [
    {"instance_id": "mssql-njj2mtpl", "databases": [{"name": "db1"}, {"name": "gone", "status": -1}]},
    {"instance_id": "mssql-away0000", "status": 5, "databases": [{"name": "db1"}]}]}


def account(uin, *credentials, **more):
    keys = [{"secret_id": name, "secret_key": SECRET_KEY, **each} for name, each in credentials]
    return {"uin": uin, "credentials": keys, "regions": [INSTANCES], **more}


WORLD = {"version": 1, "offline_actions": ["DescribeFlowStatus"], "accounts": [
    account("1", (SECRET_ID, {}), ("AKIDother", {"kind": "other"}), ("AKIDmfa", {"mfa_required": True}),
            ("AKIDbound", {"policy": {"deny_actions": ["CreateBackup"]}})),
    account("2", ("AKIDdenied", {}), ip_deny=["127.0.0.1"]), account("3", ("AKIDunlisted", {}), ip_allow=[]),
    account("4", ("AKIDuin", {}), limits={"uin": 1}), account("5", ("AKIDglobal", {}), limits={"global_region_uin": 1}),
    account("6", ("AKIDip", {}), limits={"ip": 1})]}


def under(name):
    return {"secret_id": name, "secret_key": SECRET_KEY}


def put(message):
    message.method = "PUT"


def names(**params):
    return {"params": {**BACKUP, **params}}


# The fields of a call that cause each code. An injected message names the same thing as the natural one, except for REPLACED.
NATURAL = {
    "ActionOffline": {"action": "DescribeFlowStatus", "params": {"FlowId": 1}},
    "AuthFailure.InvalidSecretId": under("AKIDother"),
    "AuthFailure.MFAFailure": under("AKIDmfa"),
    "AuthFailure.SecretIdNotFound": under("AKIDunknown"),
    "AuthFailure.SignatureExpire": {"timestamp": 1551113065},
    "AuthFailure.SignatureFailure": {"secret_key": "wrong"},
    "AuthFailure.TokenFailure": {"token": "some"},
    "InvalidAction": {"action": "CreateBackupX"},
    "InvalidParameter.InputIllegal": names(Strategy=9),
    "InvalidParameter.ParamsAssertFailed": {"params": {}},
    "InvalidParameterValue": {"region": "mars"},
    "InvalidParameterValue.BackupNameIsIllegal": names(BackupName="-"),
    "IpInBlacklist": under("AKIDdenied"),
    "IpNotInWhitelist": under("AKIDunlisted"),
    "MissingParameter": {"region": None},
    "NoSuchProduct": {"host": "cvm.tencentcloudapi.com"},
    "NoSuchVersion": {"version": "2011-01-01"},
    "RequestLimitExceeded.GlobalRegionUinLimitExceeded": under("AKIDglobal"),
    "RequestLimitExceeded.IPLimitExceeded": under("AKIDip"),
    "RequestLimitExceeded.UinLimitExceeded": under("AKIDuin"),
    "RequestSizeLimitExceeded": {"mode": "tc3get", "params": {"InstanceId": "x" * 40000}},
    "ResourceNotFound.DBNotFound": names(Strategy=1, DBNames=["nothere"]),
    "ResourceNotFound.InstanceNotFound": {"params": {"InstanceId": "mssql-nowhere0"}},
    "ResourceUnavailable.DBInvalidStatus": names(Strategy=1, DBNames=["gone"]),
    "ResourceUnavailable.InstanceStatusInvalid": {"params": {"InstanceId": "mssql-away0000"}},
    "UnauthorizedOperation": under("AKIDbound"),
    "UnknownParameter": names(Unknown=1),
    "UnsupportedProtocol": {"after": [put]},
    "UnsupportedRegion": {"region": "ap-mumbai"},
}
REPLACED = {"InvalidAction": ("CreateBackupX", "CreateBackup"), "NoSuchVersion": ("2011-01-01", "2018-03-28")}

# Tested elsewhere, or without a single natural message.
ELSEWHERE = {
    "RequestLimitExceeded": "needs a limit of its own: test_faults.py",
    "ServiceUnavailable": "needs a product that is down: below",
    "InternalError.CreateFlowFailed": "needs a store that fails: below",
    "InternalError.DBError": "the same",
    "InternalError.SystemError": "the same",
    "AuthFailure.InvalidAuthorization": "a text for each part of the header",
    "InvalidParameter": "a text for each way of being malformed",
}


def test_nothing_is_left_out():
    causes = json.loads((ROOT / "schema" / "causes.json").read_text())
    own = json.loads((ROOT / "schema" / "sqlserver" / "CreateBackup.json").read_text())["errors"]
    natural = {e["code"] for e in own if "fault injection only" not in e["cause"]}
    natural |= {code for code, row in causes.items() if not row["how"]["en"].startswith("virga faults add")}
    assert natural - set(ELSEWHERE) == set(NATURAL)


@pytest.fixture(scope="module")
def served():
    with Virga("--limit", "off", "--quiet", "--flow-seconds", "backup=0", world=WORLD) as virga:
        yield virga


@pytest.fixture(scope="module")
def rate_limited():
    """The clock is frozen, so its second does not end, and each account has made its one call."""
    with Virga("--quiet", "--flow-seconds", "backup=0", world=WORLD, clock="2026-01-01T00:00:00+08:00") as virga:
        for name in ("AKIDuin", "AKIDglobal", "AKIDip"):
            assert virga.call("CreateBackup", BACKUP, **under(name)).code is None
        yield virga


def without_id(answer, swap=("", "")):
    """The body without the RequestId and with one text replaced by another; the headers without time and length."""
    text = answer.body.decode().replace(answer.response["RequestId"], "").replace(*swap)
    return text, {n: v for n, v in answer.headers.items() if n not in ("date", "content-length")}


def injected(virga, code, **fields):
    """The answer to a call without another defect."""
    done(virga, "POST", "/_virga/faults", {"code": code, "count": 1})
    try:
        return virga.call("CreateBackup", BACKUP, **fields)
    finally:
        done(virga, "DELETE", "/_virga/faults")


@pytest.mark.parametrize("language", [None, "zh-CN"])
@pytest.mark.parametrize("code", sorted(NATURAL))
def test_injected_is_natural(served, rate_limited, code, language):
    virga = rate_limited if code.startswith("RequestLimitExceeded") else served
    fields = {"action": "CreateBackup", "params": BACKUP, **NATURAL[code]}
    natural = virga.call(fields.pop("action"), fields.pop("params"), language=language, **fields)
    assert natural.code == code
    again = injected(served, code, language=language, mode=fields.get("mode", "tc3"))
    assert without_id(again) == without_id(natural, REPLACED.get(code, ("", "")))


@pytest.mark.parametrize("language", [None, "zh-CN"])
def test_a_product_that_is_down(served, language):
    with Virga("--quiet", world={**WORLD, "unavailable": True}) as virga:
        natural = virga.call("CreateBackup", BACKUP, language=language)
    assert natural.code == "ServiceUnavailable"
    assert without_id(injected(served, natural.code, language=language)) == without_id(natural)


def locked(db, virga):
    other = sqlite3.connect(db, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other.close


def full(db, virga):
    room = os.path.getsize(f"{db}-wal")
    resource.prlimit(virga.process.pid, resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    return lambda: resource.prlimit(virga.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def gone(db, virga):
    os.unlink(db)
    return lambda: None


@pytest.mark.parametrize("break_it,code", [(locked, "InternalError.CreateFlowFailed"), (full, "InternalError.DBError"),
                                           (gone, "InternalError.SystemError")])
@pytest.mark.parametrize("language", [None, "zh-CN"])
def test_a_store_that_fails(served, tmp_path, break_it, code, language):
    with Virga("--limit", "off", "--quiet", "--flow-seconds", "backup=0", world=WORLD, db=tmp_path / "state.db") as virga:
        assert virga.call("CreateBackup", BACKUP).code is None
        repair = break_it(tmp_path / "state.db", virga)
        natural = virga.call("CreateBackup", BACKUP, language=language)
        repair()
    assert natural.code == code
    assert without_id(injected(served, code, language=language)) == without_id(natural)


# --- every effect at every time -------------------------------------------------------------------------------------

CALLS = 8
WHAT = {
    "code": {"code": "InternalError.DBError"}, "message": {"code": "InternalError", "message": "ours"}, "delay": {"delay_ms": 1},
    "before": {"close": "before"}, "after_commit": {"close": "after_commit"}, "truncate": {"truncate": 5},
    "http_status": {"http_status": 503}, "outcome": {"flow_outcome": "failure"}, "seconds": {"flow_seconds": 3600},
}
WHEN = {
    "first": ({"first": 3}, "###....."), "after": ({"after": 3}, "...#####"), "every": ({"every": 3}, "..#..#.."),
    "count": ({"count": 2}, "##......"), "all": ({"after": 1, "first": 6, "every": 2, "count": 2}, "..#.#..."),
    "probability": ({"probability": 0.5}, None),
}


def is_affected(virga, what, answer):
    """The effects that the client and the next calls see, without virga's own mark."""
    if what in ("before", "after_commit"):
        return answer is None
    if what == "truncate":
        return answer.json is None and len(answer.body) == 5
    if what == "http_status":
        return answer.status == 503
    if what in ("code", "message"):
        return answer.code is not None and (what == "code" or answer.message == "ours")
    status = virga.call("DescribeFlowStatus", {"FlowId": answer.response["FlowId"]}).response["Status"]
    return status == {"outcome": 1, "seconds": 2, "delay": None}[what]


def marks(virga, what):
    """Eight calls on eight databases, so that a running flow blocks no other call: what each client saw, and how the log marked it."""
    done(virga, "DELETE", "/_virga/requests")
    seen = ""
    for i in range(CALLS):
        answer = virga.call("CreateBackup", {**BACKUP, "Strategy": 1, "DBNames": [f"d{i}"]}, **under(SECRET_ID))
        seen += "#" if is_affected(virga, what, answer) else "."
    calls = done(virga, "GET", "/_virga/requests?action=CreateBackup")["requests"]
    return seen, "".join("#" if c["injected"] else "." for c in calls), calls


def affected_calls(what, when):
    databases = [{"name": f"d{i}"} for i in range(CALLS)]
    own = {"region": "ap-guangzhou", "instances": [{"instance_id": BACKUP["InstanceId"], "databases": databases}]}
    world = {"version": 1, "accounts": [{"uin": "1", "credentials": [{"secret_id": SECRET_ID, "secret_key": SECRET_KEY}], "regions": [own]}]}
    with Virga("--seed", "3", "--limit", "off", "--quiet", "--flow-seconds", "backup=0", world=world) as virga:
        done(virga, "POST", "/_virga/faults", {"action": "CreateBackup", **WHAT[what], **WHEN[when][0]})
        seen, marked, calls = marks(virga, what)
        [rule] = done(virga, "GET", "/_virga/faults")["faults"]
        flows = done(virga, "GET", "/_virga/state")["tables"]["flow"]["rows"]
    if what != "delay":  # one more millisecond cannot be measured reliably
        assert seen == marked
    assert (rule["seen"], rule["hits"]) == (CALLS, marked.count("#"))
    lost = 0 if what in ("after_commit", "truncate", "outcome", "seconds", "delay") else marked.count("#")
    assert len(flows) == CALLS - lost, "a call that a fault ended before it was carried out has left nothing"
    return marked, [c["request_id"] for c in calls]


@pytest.mark.parametrize("when", sorted(WHEN))
@pytest.mark.parametrize("what", sorted(WHAT))
def test_each_effect_at_each_time(what, when):
    marked, ids = affected_calls(what, when)
    if WHEN[when][1]:
        assert re.fullmatch(WHEN[when][1].replace(".", r"\."), marked), marked
    else:
        assert 0 < marked.count("#") < CALLS and (marked, ids) == affected_calls(what, when), "the same seed, the same chance"
