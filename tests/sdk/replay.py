"""The requests of the SDKs for PHP, .NET, C++ and Ruby, byte for byte, because the tests cannot install these SDKs.

Each function writes and signs one request as the SDK does, with the same headers in the same order. Its docstring says what differs
from the other clients and what a strict server could refuse.
"""
import hashlib
import json
import urllib.parse

from harness import tc3_signature, utc_date, v1_signature

VERSION = "2018-03-28"
ACTION = "CreateBackup"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
BOUNDARY = "5f3A9cBoundaryWithCapitals"


class Caller:
    """The credential, the time and the endpoint of a call. The endpoint is what a user wrote into the profile."""

    def __init__(self, endpoint, secret_id, secret_key, region, now):
        self.endpoint, self.region, self.now = endpoint, region, now
        self.secret_id, self.secret_key = secret_id, secret_key
        self.params = {"InstanceId": "mssql-njj2mtpl", "Strategy": 1, "DBNames": ["db1", "db2"],
                       "BackupName": "replayed", "StorageStrategy": 1}

    @property
    def label(self):
        """The service in the scope of PHP, .NET and C++: the endpoint up to its first dot."""
        return self.endpoint.split(".")[0]

    def authorization(self, method, content_type, payload, query="", service=None):
        """All four sign content-type and host. The host is the endpoint with its port."""
        date = utc_date(self.now)
        scope = f"{date}/{service or self.label}/tc3_request"
        canonical = "\n".join([method, "/", query, f"content-type:{content_type}\nhost:{self.endpoint}\n",
                               "content-type;host", hashlib.sha256(payload).hexdigest()])
        text = "\n".join(["TC3-HMAC-SHA256", str(self.now), scope, hashlib.sha256(canonical.encode()).hexdigest()])
        signature = tc3_signature(self.secret_key, date, service or self.label, text)
        return (f"TC3-HMAC-SHA256 Credential={self.secret_id}/{scope}, SignedHeaders=content-type;host, "
                f"Signature={signature}")

    def common(self, client):
        """The common parameters of version 1, in the order in which PHP, .NET and Ruby add them."""
        return [("Action", ACTION), ("RequestClient", client), ("Nonce", "1804289383"), ("Timestamp", str(self.now)),
                ("Version", VERSION), ("SecretId", self.secret_id), ("Region", self.region)]

    def sign_v1(self, method, pairs, algorithm):
        return v1_signature(self.secret_key, method, self.endpoint, pairs, algorithm)


def compact(params):
    return json.dumps(params, separators=(",", ":")).encode()


def write(line, headers, body=b""):
    return "\r\n".join([line + " HTTP/1.1", *headers, "", ""]).encode() + body


FLAT = ("InstanceId", "Strategy", "DBNames.0", "DBNames.1", "BackupName", "StorageStrategy")
# As from a hash table: neither sorted nor as declared, the second element of an array first.
HASHED = ("StorageStrategy", "DBNames.1", "Strategy", "InstanceId", "DBNames.0", "BackupName")


def flat(caller, order=FLAT):
    values = {k: str(v) for k, v in caller.params.items()}
    values.update({f"DBNames.{i}": name for i, name in enumerate(caller.params["DBNames"])})
    return [(key, values[key]) for key in order]


# --- PHP ------------------------------------------------------------------------------------------------------------

PHP = "SDK_PHP_3.0.1656"


def _php_tc3(caller, method, content_type, body, query=""):
    target = f"/?{query}" if query else "/"
    return write(f"{method} {target}", [
        f"Host: {caller.endpoint}", f"X-TC-Action: {ACTION}", f"X-TC-RequestClient: {PHP}",
        f"X-TC-Timestamp: {caller.now}", f"X-TC-Version: {VERSION}", f"X-TC-Region: {caller.region}",
        f"Content-Type: {content_type}", f"Authorization: {caller.authorization(method, content_type, body, query)}",
        "User-Agent: GuzzleHttp/7", "Connection: close", *([f"Content-Length: {len(body)}"] if body else [])], body)


def php_tc3_post(caller):
    return _php_tc3(caller, "POST", JSON, compact(caller.params))


def php_tc3_get(caller):
    return _php_tc3(caller, "GET", FORM, b"", urllib.parse.urlencode(flat(caller)))


def php_tc3_multipart(caller):
    """The boundary is part of the signed content type, with its capitals."""
    parts = "".join(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
                    for key, value in flat(caller))
    body = f"{parts}--{BOUNDARY}--\r\n".encode()
    return _php_tc3(caller, "POST", f"multipart/form-data; boundary={BOUNDARY}", body)


def _php_v1(caller, method, business, signed_business):
    common = caller.common(PHP) + [("SignatureMethod", "HmacSHA256")]
    signature = caller.sign_v1(method, signed_business + common, "HmacSHA256")
    return urllib.parse.urlencode(business + common + [("Signature", signature)])


def php_v1_post(caller):
    """Backs up the whole instance, since this SDK cannot send a list in version 1."""
    caller.params["Strategy"] = 0
    business = [pair for pair in flat(caller) if not pair[0].startswith("DBNames")]
    body = _php_v1(caller, "POST", business, business).encode()
    return write("POST /", [f"Host: {caller.endpoint}", "User-Agent: GuzzleHttp/7", f"Content-Type: {FORM}",
                            "Connection: close", f"Content-Length: {len(body)}"], body)


def php_v1_list(caller):
    """Sends DBNames[0] but signs the word Array, which the cloud refuses too."""
    others = [pair for pair in flat(caller) if not pair[0].startswith("DBNames")]
    sent = others + [("DBNames[0]", "db1"), ("DBNames[1]", "db2")]
    query = _php_v1(caller, "GET", sent, others + [("DBNames", "Array")])
    return write(f"GET /?{query}", [f"Host: {caller.endpoint}", "User-Agent: GuzzleHttp/7", "Connection: close"])


# --- .NET -----------------------------------------------------------------------------------------------------------

NET = "SDK_NET_3.0.1493"


def _net_tc3(caller, method, media, body, query=""):
    """Has two spaces after the algorithm, because .NET splits the scheme off and joins it again. The charset is added and signed. A GET
    has a content type and a length too. The language is always sent."""
    content_type = f"{media}; charset=utf-8"
    value = caller.authorization(method, content_type, body, query).replace(" ", "  ", 1)
    target = f"/?{query}" if query else "/"
    return write(f"{method} {target}", [
        f"Host: {caller.endpoint}", f"Authorization: {value}", f"X-TC-Timestamp: {caller.now}",
        f"X-TC-Version: {VERSION}", f"X-TC-Region: {caller.region}", f"X-TC-RequestClient: {NET}",
        "X-TC-Language: zh-CN", f"X-TC-Action: {ACTION}", f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}"], body)


def net_tc3_post(caller):
    return _net_tc3(caller, "POST", JSON, compact(caller.params))


def net_tc3_get(caller):
    """The query has the order of a dictionary, and is signed in that order."""
    return _net_tc3(caller, "GET", FORM, b"", urllib.parse.urlencode(flat(caller, HASHED)))


def _net_v1(caller, method):
    pairs = flat(caller, HASHED) + caller.common(NET) + [("SignatureMethod", "HmacSHA1")]
    return urllib.parse.urlencode(pairs + [("Signature", caller.sign_v1(method, pairs, "HmacSHA1"))])


def net_v1_get(caller):
    return write(f"GET /?{_net_v1(caller, 'GET')}", [f"Host: {caller.endpoint}"])


def net_v1_post(caller):
    """The form is sent to "/?", with an empty query string, but "/" is signed."""
    body = _net_v1(caller, "POST").encode()
    return write("POST /?", [f"Host: {caller.endpoint}", f"Content-Type: {FORM}; charset=utf-8",
                             f"Content-Length: {len(body)}"], body)


# --- C++ ------------------------------------------------------------------------------------------------------------


def cpp_tc3_post(caller):
    """A sorted map of headers, after those of libcurl. This SDK has only POST and only TC3."""
    body = compact(caller.params)
    return write("POST /", [
        f"Host: {caller.endpoint}", "Accept: */*", f"Authorization: {caller.authorization('POST', JSON, body)}",
        "Connection: Close", f"Content-Type: {JSON}", f"X-TC-Action: {ACTION}", f"X-TC-Region: {caller.region}",
        "X-TC-RequestClient: SDK_CPP_3.0.1000", f"X-TC-Timestamp: {caller.now}", f"X-TC-Version: {VERSION}",
        f"Content-Length: {len(body)}"], body)


# --- Ruby -----------------------------------------------------------------------------------------------------------

RUBY = "SDK_RUBY_1.0.68"
RUBY_OWN = ["Accept-Encoding: gzip;q=1.0,deflate;q=0.6,identity;q=0.3", "Accept: */*", "User-Agent: Ruby"]


def _ruby_tc3(caller, content_type, signed_type, body):
    """Net::HTTP writes header names in its own case, and sends to a port other than 80 as to a proxy."""
    return write(f"POST http://{caller.endpoint}/", [
        *RUBY_OWN, f"Content-Type: {content_type}", f"Host: {caller.endpoint}", f"X-Tc-Action: {ACTION}",
        f"X-Tc-Timestamp: {caller.now}", f"X-Tc-Version: {VERSION}", f"X-Tc-Region: {caller.region}",
        "X-Tc-Language: zh-CN", "X-Tc-Traceid: 0f8fad5b-d9cb-469f-a165-70867728950e",
        f"Authorization: {caller.authorization('POST', signed_type, body, service='sqlserver')}", "Connection: close",
        f"Content-Length: {len(body)}"], body)


def ruby_tc3_post(caller):
    return _ruby_tc3(caller, JSON, JSON, json.dumps(caller.params, separators=(",", ": ")).encode())


def ruby_tc3_multipart(caller):
    """Signs the content type without the boundary that it sends, so no server can verify it."""
    body = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="InstanceId"\r\n\r\nx\r\n--{BOUNDARY}--\r\n'.encode()
    return _ruby_tc3(caller, f"multipart/form-data; boundary={BOUNDARY}", "multipart/form-data", body)


def _ruby_v1(caller, method):
    """The signature ends in a line feed, which arrives as %0A."""
    pairs = flat(caller) + caller.common(RUBY) + [("SignatureMethod", "HmacSHA256"), ("Language", "zh-CN")]
    return urllib.parse.urlencode(pairs + [("Signature", caller.sign_v1(method, pairs, "HmacSHA256") + "\n")])


def ruby_v1_get(caller):
    target = f"http://{caller.endpoint}/?{_ruby_v1(caller, 'GET')}"
    return write(f"GET {target}", [*RUBY_OWN, f"Host: {caller.endpoint}", f"Content-Type: {FORM}", "Connection: close"])


def ruby_v1_post(caller):
    body = _ruby_v1(caller, "POST").encode()
    return write(f"POST http://{caller.endpoint}/", [
        *RUBY_OWN, f"Host: {caller.endpoint}", f"Content-Type: {FORM}", "Connection: close",
        f"Content-Length: {len(body)}"], body)
