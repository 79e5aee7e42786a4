"""When several things are wrong with a request, which one is answered.

The order of the pipeline's steps is behaviour. A breaker spoils one thing about a call that is otherwise right; breakers can be
put on one call in any number, so a pair of them shows which step comes first. Every step is paired with its neighbour and,
because that costs little, with every later one.

docs/fidelity.md shows the outcome of all pairs as a matrix. After a change that is meant, renew it with

    VIRGA_RENEW=1 python3 -m pytest tests/api/test_precedence.py -k matrix
"""
import itertools
import os
import re

import pytest

from harness import ROOT, Virga

BACKUP = {"InstanceId": "mssql-njj2mtpl"}


class Breaker:
    """`spoil` changes a Call; the call is then answered with `code` and `message`."""

    def __init__(self, step, name, code, message, spoil):
        self.step, self.name, self.code, self.message, self.spoil = step, name, code, message, spoil

    def __repr__(self):
        return self.name


class Setting(Breaker):
    """A breaker that lies in the world file: settings of the caller's credential or account."""

    def __init__(self, step, name, code, message, credential=None, account=None):
        super().__init__(step, name, code, message, None)
        self.credential, self.account = credential or {}, account or {}


def field(**fields):
    """Sets fields of the call, so that the signature is right for them."""

    def spoil(call):
        for name, value in fields.items():
            setattr(call, name, value)

    return spoil


def param(**params):
    """Adds business parameters."""
    return lambda call: call.params.update(params)


def without(name):
    """Takes a header out after the request was signed: no common header is signed."""
    return lambda call: call.after.append(lambda message: message.remove(name))


def spoil_signature(call):
    call.secret_key += "x"


def spoil_authorization(call):
    call.after.append(lambda m: m.set("Authorization", m.get("Authorization").replace("Signature=", "Sign=")))


def spoil_method(call):
    call.after.append(lambda m: setattr(m, "method", "PUT"))


def spoil_size(call):
    """A query past its bound, put there after the signature was made; a body is judged by a bound of its own."""

    def spoil(message):
        if message.method == "GET":
            message.target += "&Filler=" + "x" * (33 * 1024)
        else:
            message.body += b" " * (10 * 1024 * 1024)

    call.after.insert(0, spoil)


def cut_body(call):
    """JSON without its end, whatever other breakers still put into it."""
    whole = type(call).parameter_text
    call.parameter_text = lambda: whole(call)[:-1]


def form_without_equals(call):
    """A part without '=' at the end of the query or form, after it was signed."""

    def spoil(message):
        if message.method == "GET" or not message.body:
            message.target += "&x"
        else:
            message.body += b"&x"

    call.after.insert(0, spoil)


MISSING_HEADER = "The request header is missing a required common parameter `{}`."
MISSING = "The request is missing a required parameter `{}`."
NAMED = "A value specified in `{}` is not valid, is unsupported, or cannot be used."
TYPE = "The value type of parameter `{}` is not valid, input type should be `{}`"
LIMIT = ("Your current request times equals to `1` in a second, which exceeds the frequency limit `0` for a second. "
         "Please reduce the frequency of calls.")
BAD_SIGNATURE = "The provided credentials could not be validated. Please check your signature is correct."

METHOD = Breaker("method", "method", "UnsupportedProtocol",
                 "HTTP(S) request protocol error; only GET and POST requests are supported.", spoil_method)
SIZE = Breaker("size", "too large", "RequestSizeLimitExceeded", "The request size exceeds the upper limit.", spoil_size)
EXPIRY = Breaker("expiry", "expired", "AuthFailure.SignatureExpire", "The signature is expired, please request again.",
                 field(timestamp=1551113065))
CREDENTIAL = Breaker("credential", "unknown SecretId", "AuthFailure.SecretIdNotFound",
                     "The SecretId is not found, please ensure that your SecretId is correct.", field(secret_id="AKIDnobody"))
DISABLED = Setting("credential", "disabled key", CREDENTIAL.code, CREDENTIAL.message, {"enabled": False})
KIND = Setting("credential", "key of another kind", "AuthFailure.InvalidSecretId",
               "Invalid key (not a TencentCloud API key type).", {"kind": "other"})
TOKEN = Setting("token", "no token", "AuthFailure.TokenFailure", "Token error.", {"token": "right-token"})
PAYLOAD = Breaker("payload", "wrong payload hash", "InvalidParameterValue",
                  "The value specified in `X-TC-Content-SHA256` is not correct.",
                  lambda call: call.headers.update({"X-TC-Content-SHA256": "00"}))
SIGNATURE = Breaker("signature", "wrong key", "AuthFailure.SignatureFailure", BAD_SIGNATURE, spoil_signature)
MFA = Setting("mfa", "second factor", "AuthFailure.MFAFailure", "MFA failed.", {"mfa_required": True})
DENIED = Setting("address", "denied address", "IpInBlacklist", "Your IP is in uin IP blacklist.",
                 account={"ip_deny": ["127.0.0.1"]})
UNLISTED = Setting("address", "unlisted address", "IpNotInWhitelist", "Your IP is not in uin IP whitelist.",
                   account={"ip_allow": []})
PRODUCT = Breaker("product", "another product", "NoSuchProduct", "The product does not exist.",
                  field(host="cvm.tencentcloudapi.com"))
VERSION = Breaker("version", "unknown version", "NoSuchVersion",
                  "The specified api version=`2011-01-01` does not exist in service=`sqlserver`.",
                  field(version="2011-01-01"))
ACTION = Breaker("action", "unknown action", "InvalidAction",
                 "The request action=`Nothing` is invalid or not found in service=`sqlserver` and version=`2018-03-28`.",
                 field(action="Nothing"))
OFFLINE = Breaker("offline", "action offline", "ActionOffline", "This API has been deprecated.",
                  field(action="DescribeFlowStatus"))
NO_REGION = Breaker("region", "no region", "MissingParameter", MISSING.format("Region"), field(region=None))
UNSERVED = Breaker("region", "unserved region", "UnsupportedRegion", "The action not support this region.",
                   field(region="ap-mumbai"))
RATE = Breaker("limit", "over the limit", "RequestLimitExceeded", LIMIT, None)
JSON = Breaker("syntax", "cut JSON", "InvalidParameter",
               "The request content not valid json format for specified content-type=application/json.", cut_body)
ARRAY = Breaker("syntax", "array with a gap", "InvalidParameter",
                "Parameter `Gap` invalid array format, array index must be continuous and starts with 0.",
                param(**{"Gap.1": "x"}))
UNKNOWN = Breaker("unknown", "unknown parameter", "UnknownParameter", "The parameter `Bogus` is not recognized.",
                  param(Bogus="x"))
BAD_TYPE = Breaker("type", "bad type", "InvalidParameter", TYPE.format("DBNames", "array"), param(DBNames="x"))
POLICY = Setting("permission", "denied action", "UnauthorizedOperation",
                 re.compile(r"You are not authorized to perform this operation\. .*\(sqlserver:CreateBackup\)\n.*", re.S),
                 {"policy": {"deny_actions": ["CreateBackup"]}})
DOWN = Breaker("available", "product down", "ServiceUnavailable", "Service is unavailable now.", None)
RULE = Breaker("rules", "value out of range", "InvalidParameter.InputIllegal", "Input error.", param(StorageStrategy=9))
BUSINESS = Breaker("business", "unknown instance", "ResourceNotFound.InstanceNotFound", "The instance does not exist.",
                   param(InstanceId="mssql-nowhere0"))

SETTINGS = [DISABLED, KIND, TOKEN, MFA, DENIED, UNLISTED, POLICY]

# First to last: earlier rows win. Breakers of one step exclude each other or are ordered within it.
V3 = [
    METHOD, SIZE,
    Breaker("common", "no action", "MissingParameter", MISSING_HEADER.format("X-TC-Action"), without("X-TC-Action")),
    Breaker("common", "no timestamp", "MissingParameter", MISSING_HEADER.format("X-TC-Timestamp"),
            without("X-TC-Timestamp")),
    Breaker("common", "no version", "MissingParameter", MISSING_HEADER.format("X-TC-Version"), without("X-TC-Version")),
    Breaker("language", "bad language", "InvalidParameterValue", NAMED.format("X-TC-Language"), field(language="fr")),
    Breaker("authorization", "bad authorization", "AuthFailure.InvalidAuthorization",
            "The request `Authorization` header does not conform to tencentcloud standards: `Signature` not valid.",
            spoil_authorization),
    Breaker("authorization", "foreign service", "AuthFailure.InvalidAuthorization",
            "The request `Authorization` header does not conform to tencentcloud standards: "
            "`Service` in Credential not valid.", field(service="cdb")),
    EXPIRY, CREDENTIAL, DISABLED, KIND, TOKEN, PAYLOAD, SIGNATURE, MFA, DENIED, UNLISTED, PRODUCT, VERSION, ACTION, OFFLINE, NO_REGION,
    Breaker("region", "malformed region", "InvalidParameterValue", NAMED.format("X-TC-Region"), field(region="mars-1")),
    UNSERVED, RATE, JSON, UNKNOWN, BAD_TYPE, POLICY, DOWN, RULE, BUSINESS,
]
V1 = [
    METHOD, SIZE,
    Breaker("form", "form without =", "InvalidParameter", "Url key and value should be splited by `=`.",
            form_without_equals),
    Breaker("common", "no timestamp", "MissingParameter", MISSING.format("Timestamp"), field(timestamp=False)),
    Breaker("common", "no action", "MissingParameter", MISSING.format("Action"), field(action=None)),
    Breaker("common", "no version", "MissingParameter", MISSING.format("Version"), field(version=None)),
    Breaker("common", "no nonce", "MissingParameter", MISSING.format("Nonce"), field(nonce=None)),
    Breaker("common", "no SecretId", "MissingParameter", MISSING.format("SecretId"), field(secret_id=None)),
    Breaker("common", "no signature", "MissingParameter", MISSING.format("Signature"), field(signature=False)),
    Breaker("language", "bad language", "InvalidParameterValue", NAMED.format("Language"), field(language="fr")),
    EXPIRY, CREDENTIAL, DISABLED, KIND, TOKEN, SIGNATURE, MFA, DENIED, UNLISTED, PRODUCT, VERSION, ACTION, OFFLINE, NO_REGION,
    Breaker("region", "malformed region", "InvalidParameterValue", NAMED.format("Region"), field(region="mars-1")),
    UNSERVED, RATE, ARRAY, UNKNOWN, BAD_TYPE, POLICY, DOWN, RULE, BUSINESS,
]

# Both breakers set the same thing, or one takes away what the other spoils, so that only one of them would be left.
SAME_THING = [{"no action", "unknown action"}, {"no action", "action offline"}, {"unknown action", "action offline"},
              {"no version", "unknown version"}, {"no SecretId", "unknown SecretId"}, {"no signature", "wrong key"},
              {"no region", "malformed region"}, {"no region", "unserved region"}, {"malformed region", "unserved region"}]
SAME_THING += [{a, s.name} for a in ("unknown SecretId", "no SecretId") for s in SETTINGS]  # whose settings they are
SAME_IN_V1 = [{"no timestamp", "expired"}]


def together(first, second, mode):
    names = {first.name, second.name}
    return names not in SAME_THING and not (mode != "tc3" and names in SAME_IN_V1)


def pairs(table, mode):
    return [(a, b) for a, b in itertools.combinations(table, 2) if together(a, b, mode)]


def secret_id(settings):
    return "AKID" + "".join(str(SETTINGS.index(s)) for s in settings)


def world():
    """An account for each setting, each pair of them, and none."""
    accounts = []
    for n in range(3):
        for i, chosen in enumerate(itertools.combinations(SETTINGS, n)):
            credential, account = {"secret_id": secret_id(chosen), "secret_key": "key"}, {}
            for setting in chosen:
                credential |= setting.credential
                account |= setting.account
            instance = {"instance_id": BACKUP["InstanceId"], "databases": [{"name": "db1"}]}
            accounts.append({"uin": f"{n}{i:03}", "credentials": [credential], **account,
                             "regions": [{"region": "ap-guangzhou", "instances": [instance]}]})
    return {"version": 1, "accounts": accounts, "offline_actions": ["DescribeFlowStatus"]}


def broken_call(virga, mode, *breakers):
    """A CreateBackup that is right but for what the breakers do to it."""
    settings = [b for b in SETTINGS if b in breakers]
    call = virga.prepare("CreateBackup", dict(BACKUP), mode=mode, secret_id=secret_id(settings), secret_key="key")
    for breaker in breakers:
        if breaker.spoil:
            breaker.spoil(call)
    return call


class Servers:
    """A server for each pair of what concerns all calls: the limit used up, the product down."""

    def __init__(self):
        self.running = {}

    def get(self, breakers):
        key = (RATE in breakers, DOWN in breakers)
        if key not in self.running:
            limit = "CreateBackup=0" if RATE in breakers else "off"
            self.running[key] = Virga("--seed", "1", "--flow-seconds", "backup=0", "--quiet", "--limit", limit,
                                      clock="2022-06-19T11:41:24+08:00", world=world() | {"unavailable": DOWN in breakers})
            self.running[key].start()
        return self.running[key]

    def send(self, mode, *breakers):
        virga = self.get(breakers)
        return virga.send(broken_call(virga, mode, *breakers).message().to_bytes())


@pytest.fixture(scope="module")
def servers():
    made = Servers()
    try:
        yield made
    finally:
        for virga in made.running.values():
            virga.__exit__(None, None, None)


def is_answer(breaker, answer):
    """Is it this breaker that was answered? A limit's number grows with each call."""
    if breaker is RATE:
        return answer.code == RATE.code and re.sub(r"`\d+`", "`1`", answer.message, count=1) == RATE.message
    if isinstance(breaker.message, re.Pattern):
        return answer.code == breaker.code and breaker.message.fullmatch(answer.message)
    return (answer.code, answer.message) == (breaker.code, breaker.message)


def check(servers, mode, first, *others):
    answer = servers.send(mode, first, *others)
    assert is_answer(first, answer), (answer.code, answer.message)


CASES = [(mode, a, b) for mode, table in (("tc3", V3), ("v1", V1), ("v1post", V1)) for a, b in pairs(table, mode)]


@pytest.mark.parametrize("mode,breaker", [("tc3", b) for b in V3] + [("v1", b) for b in V1] + [("v1post", b) for b in V1],
                         ids=str)
def test_alone(servers, mode, breaker):
    """Each breaker breaks what it says: without this a pair would prove nothing."""
    check(servers, mode, breaker)


@pytest.mark.parametrize("mode,first,second", CASES, ids=str)
def test_pair(servers, mode, first, second):
    check(servers, mode, first, second)


def test_unbroken(servers):
    for mode in ("tc3", "tc3get", "v1", "v1post"):
        assert servers.send(mode).code is None


def test_form_is_judged_before_the_mode_v3_get(virga):
    """With an Authorization header a GET's query is a form too, and its syntax still comes before the common headers."""
    call = virga.prepare("CreateBackup", "InstanceId=x", mode="tc3get",
                         after=[lambda m: m.remove("X-TC-Action"), lambda m: setattr(m, "target", m.target + "&x")])
    assert virga.send(call.message().to_bytes()).message == "Url key and value should be splited by `=`."


# --- the matrix in the documentation --------------------------------------------------------------------------------

FIDELITY = ROOT / "docs" / "fidelity.md"
BEGIN, END = "<!-- precedence: made by tests/api/test_precedence.py -->", "<!-- precedence: end -->"


def cell(servers, mode, earlier, later):
    if not together(earlier, later, mode):
        return "."
    answer = servers.send(mode, earlier, later)
    return "<" if is_answer(earlier, answer) else "^" if is_answer(later, answer) else "?"


def matrix(servers, title, mode, table):
    lines = [f"{title}:", "", "```"]
    lines += [" " * 27 + "".join(f"{i:3}" for i in range(1, len(table)))]
    for i, later in enumerate(table, 1):
        cells = [f"  {cell(servers, mode, earlier, later)}" for earlier in table[:i - 1]]
        lines.append((f"{i:2} {later.name:24}" + "".join(cells)).rstrip())
    return lines + ["```", ""]


def legend(table):
    """The failures by step, with the code of each: what the numbers of the matrix mean."""
    lines = ["| no. | step | failure | code |", "|---|---|---|---|"]
    return lines + [f"| {i} | {b.step} | {b.name} | {b.code} |" for i, b in enumerate(table, 1)] + [""]


def test_matrix(servers):
    """The documentation shows what the program does."""
    lines = [BEGIN, ""] + legend(V3) + matrix(servers, "Version 3, JSON POST", "tc3", V3)
    lines += legend(V1) + matrix(servers, "Version 1, GET and POST alike", "v1", V1)
    text = FIDELITY.read_text()
    before, rest = text.split(BEGIN)
    renewed = before + "\n".join(lines) + "\n" + END + rest.split(END)[1]
    assert "?" not in "".join(lines)
    if os.environ.get("VIRGA_RENEW"):
        FIDELITY.write_text(renewed)
    assert FIDELITY.read_text() == renewed, "the matrix is old: see the top of this file for how to renew it"


# Within one step, and where CreateBackup has no case of its own.
@pytest.mark.parametrize("params,code,message", [
    # Unknown parameters are looked for in the whole tree before any type is judged, whatever their order.
    ({"InstanceId": 1, "Bogus": 1}, "UnknownParameter", "The parameter `Bogus` is not recognized."),
    # InstanceId is the first rule, then the schema's order.
    ({"Strategy": 9}, "InvalidParameter.ParamsAssertFailed", "An error occurred while converting parameter assertion."),
    ({"InstanceId": "x", "Strategy": 9, "BackupName": "-"}, "InvalidParameter.InputIllegal", "Input error."),
    ({"InstanceId": "x", "StorageStrategy": 9, "BackupName": "-"}, "InvalidParameterValue.BackupNameIsIllegal",
     "The backup name contains invalid characters."),
    # Strategy 1 without names is a wrong input, before the instance is looked for.
    ({"InstanceId": "mssql-nowhere0", "Strategy": 1}, "InvalidParameter.InputIllegal", "Input error."),
    # The instance before its databases.
    ({"InstanceId": "mssql-nowhere0", "Strategy": 1, "DBNames": ["nothere"]}, "ResourceNotFound.InstanceNotFound",
     "The instance does not exist."),
])
def test_within_parameters(virga, params, code, message):
    answer = virga.call("CreateBackup", params)
    assert (answer.code, answer.message) == (code, message)


@pytest.mark.parametrize("params,code,message", [
    ({"Bogus": 1}, "UnknownParameter", "The parameter `Bogus` is not recognized."),
    ({"FlowId": "x", "Bogus": 1}, "UnknownParameter", "The parameter `Bogus` is not recognized."),
    ({}, "MissingParameter", MISSING.format("FlowId")),
])
def test_missing_comes_after_unknown(virga, params, code, message):
    """DescribeFlowStatus has the one required parameter; type and missing cannot both be wrong there."""
    answer = virga.call("DescribeFlowStatus", params)
    assert (answer.code, answer.message) == (code, message)
