"""Mistakes of real clients, which the doctor must name: the official SDK with keys from a file or a variable, a proxy in between, and a
signer over `requests` that follows the steps of the documentation."""
import datetime
import hashlib
import hmac
import http.client
import http.server
import json
import os
import subprocess
import sys
import threading
import time

import pytest
import requests
from control import done
from harness import REGION, SECRET_ID, SECRET_KEY, Virga
from tencentcloud.common import credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sqlserver.v20180328 import models, sqlserver_client


@pytest.fixture(scope="module", params=["lenient", "strict"])
def virga(request):
    with Virga("--limit", "off", "--doctor-rate", "1000000", *["--strict"] * (request.param == "strict")) as server:
        yield server


def why(virga):
    last = done(virga, "GET", "/_virga/why/last")
    return last["why"], last["why_text"]


# --- the SDK ---------------------------------------------------------------------------------------------------------


def sdk_call(virga, secret_id, secret_key, endpoint=None, method="TC3-HMAC-SHA256"):
    http_profile = HttpProfile(protocol="http", endpoint=endpoint or f"{virga.host}:{virga.port}")
    client = sqlserver_client.SqlserverClient(credential.Credential(secret_id, secret_key), REGION,
                                              ClientProfile(signMethod=method, httpProfile=http_profile))
    client.DescribeRegions(models.DescribeRegionsRequest())


# The SDK refuses white space around a key itself, so these are the wrong keys that it sends.
@pytest.mark.parametrize("method", ["TC3-HMAC-SHA256", "HmacSHA256", "HmacSHA1"])
@pytest.mark.parametrize("secret_id, secret_key, named", [
    (SECRET_KEY, SECRET_ID, "secret-id.unknown"), (SECRET_ID, SECRET_ID, "sig.secret-id"), (SECRET_ID, f'"{SECRET_KEY}"', "sig.secret-quotes"),
    (SECRET_ID, SECRET_KEY[:-1], "sig.secret-cut"), (SECRET_ID, SECRET_KEY.upper(), "sig.secret-case"),
    (SECRET_ID, "\ufeff" + SECRET_KEY, "sig.secret-bom"), (SECRET_ID[:-1], SECRET_KEY, "secret-id.unknown"),
    (f'"{SECRET_ID}"', SECRET_KEY, "secret-id.unknown"), (SECRET_ID, "theKeyOfAnotherAccountAltogether", "sig.unknown")])
def test_the_sdk_with_a_wrong_key(virga, method, secret_id, secret_key, named):
    with pytest.raises(TencentCloudSDKException) as refusal:
        sdk_call(virga, secret_id, secret_key, method=method)
    assert refusal.value.code.startswith("AuthFailure."), refusal.value
    assert why(virga)[0] == named


@pytest.mark.parametrize("hours, said", [(-8, "8 h 0 min behind the service's clock"), (1, "1 h 0 min ahead of the service's clock")])
def test_the_sdk_on_a_machine_whose_clock_is_wrong(hours, said):
    at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=hours)
    with Virga("--clock", at.strftime("%Y-%m-%dT%H:%M:%SZ"), "--auth-clock", "service") as server:
        with pytest.raises(TencentCloudSDKException):
            sdk_call(server, SECRET_ID, SECRET_KEY)
        named, text = why(server)
    assert named == "signature.expired" and text.split(" is ")[1].startswith((said, said.replace("0 min", "1 min"), said.replace(
        f"{abs(hours)} h 0", f"{abs(hours) - 1} h 59"))), text


class Proxy(http.server.BaseHTTPRequestHandler):
    """Passes a POST on with its own Host header, as nginx does by default."""
    backend = None
    forwards_host = False

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
        if self.forwards_host:
            headers["X-Forwarded-Host"] = self.headers["Host"]
        link = http.client.HTTPConnection(*self.backend, timeout=30)
        link.request("POST", self.path, body, {**headers, "Host": "backend.internal"})
        answer = link.getresponse()
        data = answer.read()
        link.close()
        self.send_response(answer.status)
        for name in ("Content-Type", "Content-Length"):
            self.send_header(name, answer.getheader(name))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        """Writes nothing on standard error."""


@pytest.mark.parametrize("forwards_host", [True, False])
def test_the_sdk_behind_a_proxy_that_rewrites_the_host(virga, forwards_host):
    handler = type("Handler", (Proxy,), {"backend": (virga.host, virga.port), "forwards_host": forwards_host})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        with pytest.raises(TencentCloudSDKException) as refusal:
            sdk_call(virga, SECRET_ID, SECRET_KEY, f"127.0.0.1:{proxy.server_address[1]}")
        proxy.shutdown()
    assert refusal.value.code == "AuthFailure.SignatureFailure"
    assert why(virga)[0] == ("sig.host-proxy" if forwards_host else "sig.unknown")


# --- by hand ---------------------------------------------------------------------------------------------------------


def sign(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def headers_for(host, payload, date=None, now=None, content_type="application/json; charset=utf-8", key=SECRET_KEY):
    """The steps of the documentation: canonical request, string to sign, key, header."""
    now = int(now or time.time())
    date = date or datetime.datetime.fromtimestamp(now, datetime.timezone.utc).strftime("%Y-%m-%d")
    canonical = f"POST\n/\n\ncontent-type:{content_type}\nhost:{host}\n\ncontent-type;host\n{hashlib.sha256(payload.encode()).hexdigest()}"
    scope = f"{date}/sqlserver/tc3_request"
    text = f"TC3-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    chain = sign(sign(sign(("TC3" + key).encode(), date), "sqlserver"), "tc3_request")
    return {"Authorization": f"TC3-HMAC-SHA256 Credential={SECRET_ID}/{scope}, SignedHeaders=content-type;host, "
                             f"Signature={sign(chain, text).hex()}",
            "Content-Type": content_type, "Host": host, "X-TC-Action": "DescribeBackups", "X-TC-Timestamp": str(now),
            "X-TC-Version": "2018-03-28", "X-TC-Region": REGION}


PARAMS = {"InstanceId": "mssql-njj2mtpl", "BackupName": "备份", "StartTime": "2026-01-01 00:00:00", "EndTime": "2026-01-02 00:00:00"}
PLAIN = json.dumps(PARAMS)


def without(headers, name):
    return {k: v for k, v in headers.items() if k != name}


def compact_sent(host):
    return headers_for(host, PLAIN), json.dumps(PARAMS, separators=(",", ":"))


def compact_signed(host):
    return headers_for(host, json.dumps(PARAMS, separators=(",", ":"))), PLAIN


def unescaped_signed(host):
    return headers_for(host, json.dumps(PARAMS, ensure_ascii=False)), PLAIN


def json_argument(host):
    """requests sets the Content-Type itself when it gets json= and no header."""
    return without(headers_for(host, PLAIN), "Content-Type"), PARAMS


def local_date(host):
    """datetime.fromtimestamp() without a zone, on a machine where the date is another."""
    now = int(time.time())
    hours = 14 if time.gmtime(now).tm_hour >= 12 else -12
    local = datetime.datetime.fromtimestamp(now, datetime.timezone(datetime.timedelta(hours=hours)))
    return headers_for(host, PLAIN, local.strftime("%Y-%m-%d"), now), PLAIN


def official_host(host):
    headers = headers_for("sqlserver.tencentcloudapi.com", PLAIN)
    return without(headers, "Host"), PLAIN


def documented_host(host):
    return {**headers_for("cvm.tencentcloudapi.com", PLAIN), "Host": host}, PLAIN


def whole_url(host):
    return {**headers_for(f"https://{host}", PLAIN), "Host": host}, PLAIN


def another_second(host):
    return {**headers_for(host, PLAIN), "X-TC-Timestamp": str(int(time.time()) + 2)}, PLAIN


def key_from_a_file(host):
    return headers_for(host, PLAIN, key=SECRET_KEY + "\n"), PLAIN


def empty_body(host):
    return headers_for(host, ""), PLAIN


MISTAKES = [(compact_sent, "sig.payload-spaced"), (compact_signed, "sig.payload-compact"), (unescaped_signed, "sig.payload-unescaped"),
            (json_argument, "sig.content-type-charset"), (local_date, ("sig.local-date", "sig.date-yesterday")),
            (documented_host, "sig.host-example"), (whole_url, "sig.host-scheme"), (another_second, "sig.timestamp-shifted"),
            (key_from_a_file, "sig.secret-line-end"), (empty_body, "sig.payload-empty"), (official_host, "sig.host-canonical")]


@pytest.mark.parametrize("mistake, named", MISTAKES, ids=[mistake.__name__ for mistake, _ in MISTAKES])
def test_a_signer_by_hand(virga, mistake, named):
    headers, body = mistake(f"{virga.host}:{virga.port}")
    answer = requests.post(virga.endpoint, headers=headers, timeout=30, **{"json" if isinstance(body, dict) else "data": body})
    code = answer.json()["Response"].get("Error", {}).get("Code")
    if mistake is official_host and "--strict" not in virga.command:
        assert code != "AuthFailure.SignatureFailure"  # the host whose signature virga accepts too
        return
    assert code == "AuthFailure.SignatureFailure"
    assert why(virga)[0] in named


def test_a_signer_by_hand_that_is_right(virga):
    answer = requests.post(virga.endpoint, headers=headers_for(f"{virga.host}:{virga.port}", PLAIN), data=PLAIN, timeout=30)
    assert "Error" not in answer.json()["Response"], answer.text


# An .env file with CR LF gives such a key. `export KEY=$(cat file)` does not.
def test_a_key_from_the_environment_with_its_carriage_return(virga):
    program = ("import os, sys\nsys.path.insert(0, os.environ['TESTS'])\nimport requests, test_client_mistakes\n"
               "headers = test_client_mistakes.headers_for(os.environ['AT'], '{}', key=os.environ['SECRET_KEY'])\n"
               "requests.post('http://' + os.environ['AT'], headers=headers, data='{}', timeout=30)\n")
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60, env={
        **os.environ, "AT": f"{virga.host}:{virga.port}", "SECRET_KEY": SECRET_KEY + "\r", "TESTS": os.path.dirname(__file__),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path))})
    assert why(virga)[0] == "sig.secret-line-end"
