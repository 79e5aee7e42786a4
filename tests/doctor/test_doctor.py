"""The doctor names each mistake that it knows, and pairs of them, when an independent signer makes them. It names nothing for random
signatures. No output contains a key or a correct signature."""
import base64
import json
import os
import random
import re
import socket
import urllib.parse

import pytest
import signer
from control import ask, done
from harness import ROOT, SECRET_ID, SECRET_KEY, Virga, read_answer

SCHEMA = json.loads((ROOT / "schema" / "doctor.json").read_text(encoding="utf-8"))
GROUPS = {row["id"]: row["group"] for row in SCHEMA["mistakes"]}
PAIRED = [row["id"] for row in SCHEMA["mistakes"] if row["paired"]]
WORLD = json.loads((ROOT / "schema" / "world" / "default.json").read_text())
WORLD["accounts"][0]["credentials"].append({"secret_id": signer.OTHER_ID, "secret_key": signer.OTHER_KEY})
OTHER = signer.OTHER_KEY
OPTIONS = ("--strict", "--why-header", "--limit", "off")


@pytest.fixture(scope="module")
def virga():
    with Virga(*OPTIONS, "--doctor-rate", "1000000", world=WORLD) as server:
        yield server


def why(virga, request, code="AuthFailure.SignatureFailure"):
    answer = virga.send(request.message().to_bytes())
    assert answer.code == code, (answer.code, answer.message)
    return answer.headers.get("x-virga-why")


def test_every_row_has_its_mistake():
    assert set(signer.MISTAKES) == set(GROUPS)


@pytest.mark.parametrize("profile", signer.PROFILES)
def test_the_signer_makes_no_mistake_by_itself(virga, profile):
    answer = virga.send(signer.sign(virga, profile=profile).message().to_bytes())
    assert "AuthFailure" not in (answer.code or ""), (answer.code, answer.message)
    assert not answer.headers.get("x-virga-why", "").startswith(("sig.", "auth."))


@pytest.mark.parametrize("name", GROUPS)
def test_each_mistake_is_named(virga, name):
    assert why(virga, signer.sign(virga, name)) == name


VARIANTS = [(name, i) for name, variants in signer.VARIANTS.items() for i in range(len(variants))]


@pytest.mark.parametrize("name, i", VARIANTS)
def test_each_variant_of_a_mistake_is_named(virga, name, i):
    profile, make = signer.VARIANTS[name][i]
    request = signer.sign(virga, profile=profile)
    make(request)
    assert why(virga, request) == name


# On the first day of 2027, which is in the last week of 2026.
DATES = {"2027-1-1": "short", "2026-01-01": "of the week's year", "01-01-2027": "day first", "2027/01/01": "with slashes"}


@pytest.mark.parametrize("date", DATES)
def test_a_date_in_another_form_is_named(date):
    at = 1798761600 + 12 * 3600
    with Virga(*OPTIONS, "--auth-clock", "service", "--clock", "2027-01-01T12:00:00Z") as server:
        assert signer.sign(server, profile="post", now=at).day(0) == "2027-01-01"
        for make in (lambda r: r.both_dates(date), lambda r: setattr(r, "key_date", date)):
            request = signer.sign(server, profile="post", now=at)
            make(request)
            assert why(server, request) == "sig.date-form"


def test_a_large_form_is_not_signed_for_each_second():
    """Its timestamp is tried for as long as the work allows."""
    with Virga(*OPTIONS) as server:
        fields = [(f"Field{i}", "x" * 100) for i in range(400)]
        request = signer.SignedRequest(server, version=1, body="", fields=fields)
        request.signed_values = {"Timestamp": str(request.now - 299)}
        assert why(server, request) == "sig.too-large"
        request.signed_values, request.edges = {}, ("", "\n")
        assert why(server, request) == "sig.secret-line-end"


BOTH_VERSIONS = [row["id"] for row in SCHEMA["mistakes"] if row["versions"] == [1, 3] and signer.MISTAKES[row["id"]][0] == "post"]


@pytest.mark.parametrize("name", BOTH_VERSIONS)
@pytest.mark.parametrize("profile", ["v1", "v1 post"])
def test_each_mistake_of_both_versions_is_named_in_version_1(virga, profile, name):
    if name == "sig.method" and profile == "v1":
        request = signer.sign(virga, profile=profile)
        request.method = "POST"
    else:
        request = signer.sign(virga, name, profile=profile)
    assert why(virga, request) == name


@pytest.mark.parametrize("name", ["sig.local-date", "sig.payload-spaced", "sig.host-port", "sig.prefix-missing"])
def test_a_mistake_is_named_beside_values_in_lower_case(virga, name):
    request = signer.sign(virga, name, profile="capitals")
    line = request.header_line
    request.header_line = lambda n: line(n).lower()
    assert why(virga, request) == name


def pairs(n):
    """Pairs of mistakes of different groups that can be made on the same request."""
    chance = random.Random(20260101)
    by_profile = {p: [m for m in PAIRED if signer.MISTAKES[m][0] == p] for p in ("post", "v1")}
    found = []
    while len(found) < n:
        profile = "v1" if len(found) % 5 == 0 else "post"
        pair = sorted(chance.sample(by_profile[profile], 2), key=PAIRED.index)
        if GROUPS[pair[0]] != GROUPS[pair[1]] and pair not in found:
            found.append(pair)
    return found


def explains(virga, named, request):
    """Whether the signer, with these mistakes, makes the signature that was sent."""
    again = signer.sign(virga, *named, profile="v1" if request.version == 1 else "post", now=request.now)
    again.nonce = request.nonce
    return again.signature() == request.signature()


@pytest.mark.parametrize("pair", pairs(200), ids="+".join)
def test_two_mistakes_are_named_together(virga, pair):
    request = signer.sign(virga, *pair)
    named = (why(virga, request) or "").split(", ")
    # Two pairs can sign the same text. Both are correct then, and the first one found is named.
    assert named == pair or explains(virga, named, request), (named, pair)


def test_a_wrong_signature_has_no_name(virga):
    chance = random.Random(7)
    for _ in range(100):
        request = signer.sign(virga, profile="post")
        made = "%064x" % chance.getrandbits(256)
        request.signature = lambda made=made: made
        assert why(virga, request) == "sig.unknown"


RANDOM = {"post": lambda chance: "%064x" % chance.getrandbits(256), "v1": lambda chance: base64.b64encode(chance.randbytes(32)).decode()}


@pytest.mark.parametrize("profile", RANDOM)
def test_five_thousand_random_signatures_have_no_name(profile):
    """Uses the release build if there is one, since each signature takes the whole search. Every hundred are of a new request, so that
    none expires."""
    chance, batch = random.Random(11), 100
    with Virga(*OPTIONS, "--doctor-rate", "1000000", "--log-level", "error", "--journal-calls", "0",
               binary_path=os.environ.get("VIRGA_RELEASE_BIN")) as server:
        for _ in range(5000 // batch):
            request = signer.sign(server, profile=profile)
            right, message = urllib.parse.quote(request.signature(), safe="").encode(), request.message().to_bytes()
            assert message.count(right) == 1
            wrong = [message.replace(right, urllib.parse.quote(RANDOM[profile](chance), safe="").encode()) for _ in range(batch)]
            with socket.create_connection((server.host, server.port), timeout=60) as s, s.makefile("rb") as stream:
                s.sendall(b"".join(wrong))
                assert {read_answer(stream).headers["x-virga-why"] for _ in wrong} == {"sig.unknown"}


FORMS = {
    "auth.skip": "SKIP",
    "auth.bearer": "Bearer abc",
    "auth.aws4": "AWS4-HMAC-SHA256 {credential}, {names}, {signature}",
    "auth.quotes": 'TC3-HMAC-SHA256 Credential="a/b", {names}, {signature}',
    "auth.algorithm-case": "tc3-hmac-sha256 {credential}, {names}, {signature}",
    "auth.algorithm": "HMAC-SHA256 {credential}, {names}, {signature}",
    "auth.separator": "TC3-HMAC-SHA256 {credential} {names} {signature}",
    "auth.colon": "TC3-HMAC-SHA256 Credential:a/b/c/d, {names}, {signature}",
    "auth.case": "TC3-HMAC-SHA256 {credential}, signedheaders=content-type;host, {signature}",
    "auth.part-twice": "TC3-HMAC-SHA256 {credential}, {credential}, {names}, {signature}",
    "auth.no-credential": "TC3-HMAC-SHA256 {names}, {signature}",
    "auth.secret-id": "TC3-HMAC-SHA256 Credential=/2026-01-01/sqlserver/tc3_request, {names}, {signature}",
    "auth.scope-region": "TC3-HMAC-SHA256 Credential=A/2026-01-01/ap-guangzhou/sqlserver/tc3_request, {names}, {signature}",
    "auth.scope-parts": "TC3-HMAC-SHA256 Credential=A/2026-01-01/sqlserver, {names}, {signature}",
    "auth.date": "TC3-HMAC-SHA256 Credential=A/20260101/sqlserver/tc3_request, {names}, {signature}",
    "auth.terminator": "TC3-HMAC-SHA256 Credential=A/2026-01-01/sqlserver/aws4_request, {names}, {signature}",
    "auth.service": "TC3-HMAC-SHA256 Credential=A/2026-01-01/cvm/tc3_request, {names}, {signature}",
    "auth.no-signed-headers": "TC3-HMAC-SHA256 {credential}, {signature}",
    "auth.names-separator": "TC3-HMAC-SHA256 {credential}, SignedHeaders=content-type,host, {signature}",
    "auth.names-missing": "TC3-HMAC-SHA256 {credential}, SignedHeaders=host;x-tc-action, {signature}",
    "auth.names-twice": "TC3-HMAC-SHA256 {credential}, SignedHeaders=content-type;host;host, {signature}",
    "auth.no-signature": "TC3-HMAC-SHA256 {credential}, {names}",
    "auth.signature-sha1": "TC3-HMAC-SHA256 {credential}, {names}, Signature=" + "a1" * 20,
    "auth.signature-base64": "TC3-HMAC-SHA256 {credential}, {names}, Signature=" + "Ab+/" * 10 + "Abc=",
    "auth.signature-form": "TC3-HMAC-SHA256 {credential}, {names}, Signature=abc",
}


def test_every_form_has_its_header():
    assert set(FORMS) | {"auth.empty"} == {row["id"] for row in SCHEMA["forms"]}


@pytest.mark.parametrize("name", [*FORMS, "auth.empty"])
def test_each_malformed_header_is_named(virga, name):
    right = signer.sign(virga, profile="post").message()
    credential, names, signature = right.get("Authorization").split(" ", 1)[1].split(", ")
    right.set("Authorization", FORMS.get(name, "").format(credential=credential, names=names, signature=signature))
    answer = virga.send(right.to_bytes())
    assert answer.code == "AuthFailure.InvalidAuthorization", (answer.code, answer.message)
    assert answer.headers["x-virga-why"] == name


def test_nothing_is_said_unless_asked_and_the_answer_is_the_same():
    bodies = []
    for options in (OPTIONS, ("--strict", "--limit", "off")):
        with Virga(*options, "--seed", "1") as server:
            answer = server.send(signer.sign(server, "sig.host-port").message().to_bytes())
            assert ("x-virga-why" in answer.headers) == ("--why-header" in options)
            bodies.append(answer.body)
            server.terminate()
            assert re.search(r"\n  why: sig\.host-port the signed host lacks .*; sign the Host header", server.stderr())
    assert bodies[0] == bodies[1]


def test_a_large_body_is_hashed_once_and_not_for_every_mistake():
    with Virga(*OPTIONS) as server:
        request = signer.SignedRequest(server, body="[" + "1," * 2000000 + "1]")
        request.prefix = ""
        assert why(server, request) == "sig.prefix-missing"
        request.payload = "{}"
        assert why(server, request) == "sig.payload-object, sig.prefix-missing"
        request.payload = request.sent_body + "\n"
        assert why(server, request) == "sig.too-large"


def test_a_finding_is_not_said_about_the_next_request(virga):
    assert why(virga, signer.sign(virga, "sig.host-port")) == "sig.host-port"
    right = signer.sign(virga, profile="post").message()
    right.headers += [(f"X-{i}", "1") for i in range(120)]  # refused before it becomes a call
    answer = virga.send(right.to_bytes())
    assert answer.status == 431 and "x-virga-why" not in answer.headers


def test_not_more_than_so_many_a_second():
    with Virga(*OPTIONS, "--doctor-rate", "0") as server:
        assert why(server, signer.sign(server, "sig.host-port")) is None
    with Virga(*OPTIONS, "--doctor-rate", "2") as server:
        named = [why(server, signer.sign(server, "sig.host-port")) for _ in range(12)]
        assert "sig.host-port" in named and None in named


def asked(virga, answer):
    return done(virga, "GET", f"/_virga/why/{answer.response['RequestId']}")


@pytest.mark.parametrize("profile", ["post", "v1 post"])
def test_what_was_not_examined_is_examined_on_demand(profile):
    with Virga(*OPTIONS, "--doctor-rate", "0") as server:
        answers = {name: server.send(signer.sign(server, name, profile=profile).message().to_bytes())
                   for name in ("sig.host-port", "sig.secret-line-end", "sig.host-scheme")}
        right = signer.sign(server, profile=profile)
        malformed = right.message()
        malformed.set("Authorization", "Bearer abc")
        if profile == "post":
            answers["auth.bearer"] = server.send(malformed.to_bytes())
        for name, answer in answers.items():
            assert "x-virga-why" not in answer.headers
            found = asked(server, answer)
            assert found["why"] == name and found["why_text"] and found["why_text_zh"], found
        assert asked(server, answers["sig.host-port"])["string_to_sign"]


def test_a_request_is_kept_until_the_journal_is_reset_or_others_come():
    with Virga(*OPTIONS, "--doctor-rate", "0") as server:
        first = server.send(signer.sign(server, "sig.host-port").message().to_bytes())
        large = signer.SignedRequest(server, body='{"InstanceId":"' + "x" * 70000 + '"}')
        large.prefix = ""
        assert asked(server, server.send(large.message().to_bytes()))["why"] is None
        for _ in range(63):
            last = server.send(signer.sign(server, "sig.host-scheme").message().to_bytes())
        assert asked(server, first)["why"] == "sig.host-port"
        server.send(signer.sign(server, "sig.host-scheme").message().to_bytes())
        assert asked(server, first)["why"] is None
        assert asked(server, last)["why"] == "sig.host-scheme"


def test_examinations_on_demand_have_a_limit_a_second():
    with Virga(*OPTIONS, "--doctor-rate", "0") as server:
        answer = server.send(signer.sign(server, "sig.host-port").message().to_bytes())
        named = [asked(server, answer)["why"] for _ in range(200)]
        assert "sig.host-port" in named and None in named


@pytest.mark.parametrize("reveal", [False, True])
def test_no_key_and_no_right_signature_is_said(reveal):
    wanted = []
    with Virga(*OPTIONS, *["--doctor-reveal"] * reveal) as server:
        for profile in ("post", "v1", "get"):
            request = signer.sign(server, profile=profile)
            wanted.append(request.signature())
            request.signature = lambda: "%064x" % 1
            assert why(server, request) == "sig.unknown"
        server.terminate()
        log = server.stderr()
    assert "the string to sign is TC3-HMAC-SHA256\\n" in log and SECRET_ID in log
    assert SECRET_KEY not in log
    assert [signature in log for signature in wanted] == [reveal] * 3


# All pages but that of the credentials, with which the console signs.
PAGES = ("requests", "requests.har", "metrics", "coverage", "schema.json", "pipeline", "limiter", "info", "why/last")


def all_output(server, calls):
    """Everything that the server writes about its calls. `calls` makes them and returns their RequestIds."""
    with socket.create_connection((server.host, server.port), timeout=60) as events:
        events.sendall(b"GET /_virga/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        heard = events.recv(65536)
        ids = calls()
        while ids[-1].encode() not in heard:
            heard += events.recv(65536)
    paths = [*PAGES, *(f"{page}/{each}" for page in ("why", "requests") for each in ids)]
    pages = [ask(server, "GET", f"/_virga/{path}") for path in paths]
    assert {page.status for page in pages} == {200}, [(path, page.status) for path, page in zip(paths, pages)]
    server.terminate()
    output = b"\n".join([heard, *(page.body for page in pages)]).decode() + server.stderr()
    assert all(output.count(each) > 4 for each in ids)
    return output


def test_no_output_has_a_key_or_a_correct_signature():
    right = []

    def calls():
        ids = []
        for profile in ("post", "get", "v1", "v1 post", "charset"):
            request = signer.sign(server, profile=profile)
            right.append(request.signature())
            request.signature = lambda: "%064x" % 1
            ids.append(server.send(request.message().to_bytes()).response["RequestId"])
            for before, after in ((SECRET_ID, SECRET_KEY), (SECRET_ID, f"x{OTHER}y")):
                swapped = request.message()
                swapped.target, swapped.body = swapped.target.replace(before, after), swapped.body.replace(before.encode(), after.encode())
                swapped.headers = [(name, value.replace(before, after)) for name, value in swapped.headers]
                swapped.set("Content-Length", str(len(swapped.body)))
                answer = server.send(swapped.to_bytes())
                assert answer.code == "AuthFailure.SecretIdNotFound", answer.body
                ids.append(answer.response["RequestId"])
        return ids

    for log in ("text", "json"):
        with Virga(*OPTIONS, "--log-level", "debug", "--log-format", log, "--doctor-rate", "1000", world=WORLD) as server:
            output = all_output(server, calls)
        assert "sig.unknown" in output and "the two are swapped" in output
        assert [output[max(output.index(s) - 300, 0):][:400] for s in (SECRET_KEY, OTHER, *right) if s in output] == []


def test_the_log_has_a_name_as_json():
    with Virga(*OPTIONS, "--log-format", "json") as server:
        why(server, signer.sign(server, "sig.host-port", "sig.prefix-missing"))
        server.terminate()
        line = next(json.loads(text) for text in server.stderr().splitlines() if '"why"' in text)
    assert line["why"] == "sig.host-port, sig.prefix-missing"
    assert "; and the key chain begins with the bare SecretKey" in line["why_text"]
