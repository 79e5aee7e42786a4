"""When several things are wrong with a request, which one is answered.

The order of the pipeline's steps is behaviour. A breaker spoils one thing about a call that is otherwise right; breakers can be
put on one call in any number, so a pair of them shows which step comes first. Every step is paired with its neighbour and,
because that costs little, with every later one.
"""
import itertools

import pytest

from harness import Virga

BACKUP = {"InstanceId": "mssql-njj2mtpl"}


class Breaker:
    """`spoil` changes a Call; the call is then answered with `code` and `message`."""

    def __init__(self, step, name, code, message, spoil):
        self.step, self.name, self.code, self.message, self.spoil = step, name, code, message, spoil

    def __repr__(self):
        return self.name


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


def no_fields(call):
    call.params.clear()


MISSING_HEADER = "The request header is missing a required common parameter `{}`."
MISSING = "The request is missing a required parameter `{}`."
NAMED = "A value specified in `{}` is not valid, is unsupported, or cannot be used."
TYPE = "The value type of parameter `{}` is not valid, input type should be `{}`"
LIMIT = ("Your current request times equals to `{}` in a second, which exceeds the frequency limit `1` for a second. "
         "Please reduce the frequency of calls.")
BAD_SIGNATURE = "The provided credentials could not be validated. Please check your signature is correct."

METHOD = Breaker("method", "method", "UnsupportedProtocol",
                 "HTTP(S) request protocol error; only GET and POST requests are supported.", spoil_method)
EXPIRY = Breaker("expiry", "expired", "AuthFailure.SignatureExpire", "The signature is expired, please request again.",
                 field(timestamp=1551113065))
CREDENTIAL = Breaker("credential", "unknown SecretId", "AuthFailure.SecretIdNotFound",
                     "The SecretId is not found, please ensure that your SecretId is correct.", field(secret_id="AKIDnobody"))
SIGNATURE = Breaker("signature", "wrong key", "AuthFailure.SignatureFailure", BAD_SIGNATURE, spoil_signature)
VERSION = Breaker("version", "unknown version", "NoSuchVersion",
                  "The specified api version=`2011-01-01` does not exist in service=`sqlserver`.",
                  field(version="2011-01-01"))
ACTION = Breaker("action", "unknown action", "InvalidAction",
                 "The request action=`Nothing` is invalid or not found in service=`sqlserver` and version=`2018-03-28`.",
                 field(action="Nothing"))
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
RULE = Breaker("rules", "value out of range", "InvalidParameter.InputIllegal", "Input error.", param(StorageStrategy=9))
BUSINESS = Breaker("business", "unknown instance", "ResourceNotFound.InstanceNotFound", "The instance does not exist.",
                   param(InstanceId="mssql-nowhere0"))

# First to last: earlier rows win. Breakers of one step exclude each other or are ordered within it.
V3 = [
    METHOD,
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
            "`Service` in Credential not valid.", field(service="cvm")),
    EXPIRY, CREDENTIAL, SIGNATURE, VERSION, ACTION, NO_REGION,
    Breaker("region", "malformed region", "InvalidParameterValue", NAMED.format("X-TC-Region"), field(region="mars-1")),
    UNSERVED, RATE, JSON, UNKNOWN, BAD_TYPE, RULE, BUSINESS,
]
V1 = [
    METHOD,
    Breaker("form", "form without =", "InvalidParameter", "Url key and value should be splited by `=`.",
            form_without_equals),
    Breaker("common", "no timestamp", "MissingParameter", MISSING.format("Timestamp"), field(timestamp=False)),
    Breaker("common", "no action", "MissingParameter", MISSING.format("Action"), field(action=None)),
    Breaker("common", "no version", "MissingParameter", MISSING.format("Version"), field(version=None)),
    Breaker("common", "no nonce", "MissingParameter", MISSING.format("Nonce"), field(nonce=None)),
    Breaker("common", "no SecretId", "MissingParameter", MISSING.format("SecretId"), field(secret_id=None)),
    Breaker("common", "no signature", "MissingParameter", MISSING.format("Signature"), field(signature=False)),
    Breaker("language", "bad language", "InvalidParameterValue", NAMED.format("Language"), field(language="fr")),
    EXPIRY, CREDENTIAL, SIGNATURE, VERSION, ACTION, NO_REGION,
    Breaker("region", "malformed region", "InvalidParameterValue", NAMED.format("Region"), field(region="mars-1")),
    UNSERVED, RATE, ARRAY, UNKNOWN, BAD_TYPE, RULE, BUSINESS,
]

# Both breakers set the same thing, so that only one of them would be left.
SAME_THING = [{"no action", "unknown action"}, {"no version", "unknown version"}, {"no SecretId", "unknown SecretId"},
              {"no signature", "wrong key"}, {"no region", "malformed region"}, {"no region", "unserved region"},
              {"malformed region", "unserved region"}]
SAME_IN_V1 = [{"no timestamp", "expired"}]


def pairs(table, version):
    for first, second in itertools.combinations(table, 2):
        names = {first.name, second.name}
        if names not in SAME_THING and not (version == "v1" and names in SAME_IN_V1):
            yield first, second


def broken_call(virga, mode, *breakers):
    """A CreateBackup that is right but for what the breakers do to it."""
    call = virga.prepare("CreateBackup", dict(BACKUP), mode=mode)
    for breaker in breakers:
        if breaker.spoil:
            breaker.spoil(call)
    return call


@pytest.fixture(scope="module")
def servers():
    """One without limits, and one whose only call of this second has been made: the clock stands still."""
    clock = "2022-06-19T11:41:24+08:00"
    options = ("--seed", "1", "--flow-seconds", "backup=0", "--quiet")
    with Virga("--limit", "off", *options, clock=clock) as free:
        with Virga("--limit", "CreateBackup=1", *options, clock=clock) as used:
            assert used.call("CreateBackup", BACKUP).code is None
            used.refused = 1
            yield free, used


def check(servers, mode, first, *others):
    free, used = servers
    virga = used if RATE in (first, *others) else free
    answer = virga.send(broken_call(virga, mode, first, *others).message().to_bytes())
    message = first.message
    if first is RATE:
        used.refused += 1
        message = message.format(used.refused)
    assert (answer.code, answer.message) == (first.code, message)


CASES = [(mode, a, b) for mode, table, version in
         (("tc3", V3, "v3"), ("v1", V1, "v1"), ("v1post", V1, "v1")) for a, b in pairs(table, version)]


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
        call = broken_call(servers[0], mode)
        assert servers[0].send(call.message().to_bytes()).code is None


def test_form_is_judged_before_the_mode_v3_get(servers):
    """With an Authorization header a GET's query is a form too, and its syntax still comes before the common headers."""
    call = servers[0].prepare("CreateBackup", "InstanceId=x", mode="tc3get",
                              after=[lambda m: m.remove("X-TC-Action"), lambda m: setattr(m, "target", m.target + "&x")])
    assert servers[0].send(call.message().to_bytes()).message == "Url key and value should be splited by `=`."


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
def test_within_parameters(servers, params, code, message):
    answer = servers[0].call("CreateBackup", params)
    assert (answer.code, answer.message) == (code, message)


@pytest.mark.parametrize("params,code,message", [
    ({"Bogus": 1}, "UnknownParameter", "The parameter `Bogus` is not recognized."),
    ({"FlowId": "x", "Bogus": 1}, "UnknownParameter", "The parameter `Bogus` is not recognized."),
    ({}, "MissingParameter", MISSING.format("FlowId")),
])
def test_missing_comes_after_unknown(servers, params, code, message):
    """DescribeFlowStatus has the one required parameter; type and missing cannot both be wrong there."""
    answer = servers[0].call("DescribeFlowStatus", params)
    assert (answer.code, answer.message) == (code, message)
