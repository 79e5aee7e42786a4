"""When several things are wrong with a request, which one is answered.

The order of the pipeline's steps is behaviour. A defect is one thing that is wrong about a call. A call can have several, so a pair
of them shows which step comes first. Each defect is paired with every other one.

docs/fidelity.md shows the outcome of all pairs as a matrix. After an intended change, write it again with

    VIRGA_RENEW=1 python3 -m pytest tests/api/test_precedence.py -k matrix
"""
import itertools
import os
import re

import pytest

from harness import ROOT, Virga

BACKUP = {"InstanceId": "mssql-njj2mtpl"}


class Defect:
    """`corrupt` changes a Call, which is then answered with `code` and `message`."""

    def __init__(self, step, name, code, message, corrupt):
        self.step, self.name, self.code, self.message, self.corrupt = step, name, code, message, corrupt

    def __repr__(self):
        return self.name


class Setting(Defect):
    """A defect that comes from the world file: settings of the caller's credential or account."""

    def __init__(self, step, name, code, message, credential=None, account=None):
        super().__init__(step, name, code, message, None)
        self.credential, self.account = credential or {}, account or {}


def field(**fields):
    """Sets fields of the call before it is signed, so that the signature covers them."""

    def corrupt(call):
        for name, value in fields.items():
            setattr(call, name, value)

    return corrupt


def param(**params):
    """Adds business parameters."""
    return lambda call: call.params.update(params)


def without(name):
    """Removes a header after the request was signed. No common header is signed."""
    return lambda call: call.after.append(lambda message: message.remove(name))


def corrupt_signature(call):
    call.secret_key += "x"


def corrupt_authorization(call):
    call.after.append(lambda m: m.set("Authorization", m.get("Authorization").replace("Signature=", "Sign=")))


def corrupt_method(call):
    call.after.append(lambda m: setattr(m, "method", "PUT"))


def corrupt_size(call):
    """Makes the query or the body longer than its limit, after the request was signed."""

    def corrupt(message):
        if message.method == "GET":
            message.target += "&Filler=" + "x" * (33 * 1024)
        else:
            message.body += b" " * (10 * 1024 * 1024)

    call.after.insert(0, corrupt)


def cut_body(call):
    """Cuts the end of the JSON, also of what other defects put into it."""
    whole = type(call).parameter_text
    call.parameter_text = lambda: whole(call)[:-1]


def form_without_equals(call):
    """Appends a part without '=' to the query or form, after it was signed."""

    def corrupt(message):
        if message.method == "GET" or not message.body:
            message.target += "&x"
        else:
            message.body += b"&x"

    call.after.insert(0, corrupt)


MISSING_HEADER = "The request header is missing a required common parameter `{}`."
MISSING = "The request is missing a required parameter `{}`."
NAMED = "A value specified in `{}` is not valid, is unsupported, or cannot be used."
TYPE = "The value type of parameter `{}` is not valid, input type should be `{}`"
LIMIT = ("Your current request times equals to `1` in a second, which exceeds the frequency limit `0` for a second. "
         "Please reduce the frequency of calls.")
BAD_SIGNATURE = "The provided credentials could not be validated. Please check your signature is correct."

METHOD = Defect("method", "method", "UnsupportedProtocol",
                "HTTP(S) request protocol error; only GET and POST requests are supported.", corrupt_method)
SIZE = Defect("size", "too large", "RequestSizeLimitExceeded", "The request size exceeds the upper limit.", corrupt_size)
EXPIRY = Defect("expiry", "expired", "AuthFailure.SignatureExpire", "The signature is expired, please request again.",
                field(timestamp=1551113065))
CREDENTIAL = Defect("credential", "unknown SecretId", "AuthFailure.SecretIdNotFound",
                    "The SecretId is not found, please ensure that your SecretId is correct.", field(secret_id="AKIDunknown"))
DISABLED = Setting("credential", "disabled key", CREDENTIAL.code, CREDENTIAL.message, {"enabled": False})
KIND = Setting("credential", "key of another kind", "AuthFailure.InvalidSecretId",
               "Invalid key (not a TencentCloud API key type).", {"kind": "other"})
TOKEN = Setting("token", "no token", "AuthFailure.TokenFailure", "Token error.", {"token": "right-token"})
PAYLOAD = Defect("payload", "wrong payload hash", "InvalidParameterValue",
                 "The value specified in `X-TC-Content-SHA256` is not correct.",
                 lambda call: call.headers.update({"X-TC-Content-SHA256": "00"}))
SIGNATURE = Defect("signature", "wrong key", "AuthFailure.SignatureFailure", BAD_SIGNATURE, corrupt_signature)
MFA = Setting("mfa", "second factor", "AuthFailure.MFAFailure", "MFA failed.", {"mfa_required": True})
DENIED = Setting("address", "denied address", "IpInBlacklist", "Your IP is in uin IP blacklist.",
                 account={"ip_deny": ["127.0.0.1"]})
UNLISTED = Setting("address", "unlisted address", "IpNotInWhitelist", "Your IP is not in uin IP whitelist.",
                   account={"ip_allow": []})
PRODUCT = Defect("product", "another product", "NoSuchProduct", "The product does not exist.",
                 field(host="cvm.tencentcloudapi.com"))
VERSION = Defect("version", "unknown version", "NoSuchVersion",
                 "The specified api version=`2011-01-01` does not exist in service=`sqlserver`.",
                 field(version="2011-01-01"))
ACTION = Defect("action", "unknown action", "InvalidAction",
                "The request action=`Nothing` is invalid or not found in service=`sqlserver` and version=`2018-03-28`.",
                field(action="Nothing"))
OFFLINE = Defect("offline", "action offline", "ActionOffline", "This API has been deprecated.",
                 field(action="DescribeFlowStatus"))
NO_REGION = Defect("region", "no region", "MissingParameter", MISSING.format("Region"), field(region=None))
UNSERVED = Defect("region", "unserved region", "UnsupportedRegion", "The action not support this region.",
                  field(region="ap-mumbai"))
RATE = Defect("limit", "over the limit", "RequestLimitExceeded", LIMIT, None)
JSON = Defect("syntax", "cut JSON", "InvalidParameter",
              "The request content not valid json format for specified content-type=application/json.", cut_body)
ARRAY = Defect("syntax", "array with a gap", "InvalidParameter",
               "Parameter `Gap` invalid array format, array index must be continuous and starts with 0.",
               param(**{"Gap.1": "x"}))
UNKNOWN = Defect("unknown", "unknown parameter", "UnknownParameter", "The parameter `Bogus` is not recognized.",
                 param(Bogus="x"))
BAD_TYPE = Defect("type", "bad type", "InvalidParameter", TYPE.format("DBNames", "array"), param(DBNames="x"))
POLICY = Setting("permission", "denied action", "UnauthorizedOperation",
                 re.compile(r"You are not authorized to perform this operation\. .*\(sqlserver:CreateBackup\)\n.*", re.S),
                 {"policy": {"deny_actions": ["CreateBackup"]}})
DOWN = Defect("available", "product down", "ServiceUnavailable", "Service is unavailable now.", None)
RULE = Defect("rules", "value out of range", "InvalidParameter.InputIllegal", "Input error.", param(StorageStrategy=9))
BUSINESS = Defect("business", "unknown instance", "ResourceNotFound.InstanceNotFound", "The instance does not exist.",
                  param(InstanceId="mssql-nowhere0"))

SETTINGS = [DISABLED, KIND, TOKEN, MFA, DENIED, UNLISTED, POLICY]

# In the order of the steps: of two defects the earlier row is answered. Defects of one step exclude each other or are ordered too.
V3 = [
    METHOD, SIZE,
    Defect("common", "no action", "MissingParameter", MISSING_HEADER.format("X-TC-Action"), without("X-TC-Action")),
    Defect("common", "no timestamp", "MissingParameter", MISSING_HEADER.format("X-TC-Timestamp"),
           without("X-TC-Timestamp")),
    Defect("common", "no version", "MissingParameter", MISSING_HEADER.format("X-TC-Version"), without("X-TC-Version")),
    Defect("language", "bad language", "InvalidParameterValue", NAMED.format("X-TC-Language"), field(language="fr")),
    Defect("authorization", "bad authorization", "AuthFailure.InvalidAuthorization",
           "The request `Authorization` header does not conform to tencentcloud standards: `Signature` not valid.",
           corrupt_authorization),
    Defect("authorization", "foreign service", "AuthFailure.InvalidAuthorization",
           "The request `Authorization` header does not conform to tencentcloud standards: "
           "`Service` in Credential not valid.", field(service="cdb")),
    EXPIRY, CREDENTIAL, DISABLED, KIND, TOKEN, PAYLOAD, SIGNATURE, MFA, DENIED, UNLISTED, PRODUCT, VERSION, ACTION, OFFLINE, NO_REGION,
    Defect("region", "malformed region", "InvalidParameterValue", NAMED.format("X-TC-Region"), field(region="mars-1")),
    UNSERVED, RATE, JSON, UNKNOWN, BAD_TYPE, POLICY, DOWN, RULE, BUSINESS,
]
V1 = [
    METHOD, SIZE,
    Defect("form", "form without =", "InvalidParameter", "Url key and value should be splited by `=`.",
           form_without_equals),
    Defect("common", "no timestamp", "MissingParameter", MISSING.format("Timestamp"), field(timestamp=False)),
    Defect("common", "no action", "MissingParameter", MISSING.format("Action"), field(action=None)),
    Defect("common", "no version", "MissingParameter", MISSING.format("Version"), field(version=None)),
    Defect("common", "no nonce", "MissingParameter", MISSING.format("Nonce"), field(nonce=None)),
    Defect("common", "no SecretId", "MissingParameter", MISSING.format("SecretId"), field(secret_id=None)),
    Defect("common", "no signature", "MissingParameter", MISSING.format("Signature"), field(signature=False)),
    Defect("language", "bad language", "InvalidParameterValue", NAMED.format("Language"), field(language="fr")),
    EXPIRY, CREDENTIAL, DISABLED, KIND, TOKEN, SIGNATURE, MFA, DENIED, UNLISTED, PRODUCT, VERSION, ACTION, OFFLINE, NO_REGION,
    Defect("region", "malformed region", "InvalidParameterValue", NAMED.format("Region"), field(region="mars-1")),
    UNSERVED, RATE, ARRAY, UNKNOWN, BAD_TYPE, POLICY, DOWN, RULE, BUSINESS,
]

# Both defects set the same thing, or one removes what the other changes, so that only one of them would be left.
SAME_THING = [{"no action", "unknown action"}, {"no action", "action offline"}, {"unknown action", "action offline"},
              {"no version", "unknown version"}, {"no SecretId", "unknown SecretId"}, {"no signature", "wrong key"},
              {"no region", "malformed region"}, {"no region", "unserved region"}, {"malformed region", "unserved region"}]
SAME_THING += [{a, s.name} for a in ("unknown SecretId", "no SecretId") for s in SETTINGS]  # the settings belong to the SecretId
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


def defective_call(virga, mode, *defects):
    """A CreateBackup whose only defects are these."""
    settings = [b for b in SETTINGS if b in defects]
    call = virga.prepare("CreateBackup", dict(BACKUP), mode=mode, secret_id=secret_id(settings), secret_key="key")
    for defect in defects:
        if defect.corrupt:
            defect.corrupt(call)
    return call


class Servers:
    """Starts a server for each combination of the two defects that concern all calls: the limit is used up, the product is down."""

    def __init__(self):
        self.running = {}

    def get(self, defects):
        key = (RATE in defects, DOWN in defects)
        if key not in self.running:
            limit = "CreateBackup=0" if RATE in defects else "off"
            self.running[key] = Virga("--seed", "1", "--flow-seconds", "backup=0", "--quiet", "--limit", limit,
                                      clock="2022-06-19T11:41:24+08:00", world=world() | {"unavailable": DOWN in defects})
            self.running[key].start()
        return self.running[key]

    def send(self, mode, *defects):
        virga = self.get(defects)
        return virga.send(defective_call(virga, mode, *defects).message().to_bytes())


@pytest.fixture(scope="module")
def servers():
    made = Servers()
    try:
        yield made
    finally:
        for virga in made.running.values():
            virga.__exit__(None, None, None)


def is_answer(defect, answer):
    """Whether the answer is that of this defect. The number of a rate limit grows with each call."""
    if defect is RATE:
        return answer.code == RATE.code and re.sub(r"`\d+`", "`1`", answer.message, count=1) == RATE.message
    if isinstance(defect.message, re.Pattern):
        return answer.code == defect.code and defect.message.fullmatch(answer.message)
    return (answer.code, answer.message) == (defect.code, defect.message)


def check(servers, mode, first, *others):
    answer = servers.send(mode, first, *others)
    assert is_answer(first, answer), (answer.code, answer.message)


CASES = [(mode, a, b) for mode, table in (("tc3", V3), ("v1", V1), ("v1post", V1)) for a, b in pairs(table, mode)]


@pytest.mark.parametrize("mode,defect", [("tc3", b) for b in V3] + [("v1", b) for b in V1] + [("v1post", b) for b in V1],
                         ids=str)
def test_alone(servers, mode, defect):
    """Each defect alone gets its own answer. Without this a pair would prove nothing."""
    check(servers, mode, defect)


@pytest.mark.parametrize("mode,first,second", CASES, ids=str)
def test_pair(servers, mode, first, second):
    check(servers, mode, first, second)


def test_without_a_defect(servers):
    for mode in ("tc3", "tc3get", "v1", "v1post"):
        assert servers.send(mode).code is None


def test_form_is_judged_before_the_mode_v3_get(virga):
    """With an Authorization header the query of a GET is a form too. Its syntax is checked before the common headers."""
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
    lines = [f"{title}:", "", "```text"]
    lines += [" " * 27 + "".join(f"{i:3}" for i in range(1, len(table)))]
    for i, later in enumerate(table, 1):
        cells = [f"  {cell(servers, mode, earlier, later)}" for earlier in table[:i - 1]]
        lines.append((f"{i:2} {later.name:24}" + "".join(cells)).rstrip())
    return lines + ["```", ""]


def legend(table):
    """What the numbers of the matrix mean: the defects with their steps and codes."""
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
    assert FIDELITY.read_text() == renewed, "the matrix is out of date: the top of this file says how to write it again"


# The order within one step.
@pytest.mark.parametrize("params,code,message", [
    # Unknown parameters of the whole tree come before any type, in whatever order they are sent.
    ({"InstanceId": 1, "Bogus": 1}, "UnknownParameter", "The parameter `Bogus` is not recognized."),
    # InstanceId is the first rule, then the schema's order.
    ({"Strategy": 9}, "InvalidParameter.ParamsAssertFailed", "An error occurred while converting parameter assertion."),
    ({"InstanceId": "x", "Strategy": 9, "BackupName": "-"}, "InvalidParameter.InputIllegal", "Input error."),
    ({"InstanceId": "x", "StorageStrategy": 9, "BackupName": "-"}, "InvalidParameterValue.BackupNameIsIllegal",
     "The backup name contains invalid characters."),
    # Strategy 1 without names is refused before the instance is looked up.
    ({"InstanceId": "mssql-nowhere0", "Strategy": 1}, "InvalidParameter.InputIllegal", "Input error."),
    # The instance comes before its databases.
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
    """DescribeFlowStatus has one required parameter, so it cannot have a wrong type and be missing as well."""
    answer = virga.call("DescribeFlowStatus", params)
    assert (answer.code, answer.message) == (code, message)
