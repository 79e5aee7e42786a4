"""A signer that makes every mistake that the doctor knows, one or two at a time.

It is written from the protocol's description, uses only the standard library, and shares nothing with the doctor but the names of the
mistakes. `MISTAKES` says for each mistake which request it can be made on (`PROFILES`) and how it changes the `SignedRequest`.
"""
import base64
import datetime
import gzip
import hashlib
import hmac
import json
import re
import urllib.parse

from harness import REGION, SECRET_ID, SECRET_KEY, VERSION, Message

OTHER_ID, OTHER_KEY = "AKIDanotherOneOfTheWorldsEXAMPLE", "theSecretOfAnotherCredential"
BODY = {"Strategy": 1, "InstanceId": "mssql-njj2mtpl", "BackupName": "备份/é<1>", "DBNames": ["db1", "db2"]}
COMPACT = json.dumps(BODY, ensure_ascii=False, separators=(",", ":"))
SPACED = json.dumps(BODY, ensure_ascii=False)
ESCAPED = json.dumps(BODY, separators=(",", ":"))
FIELDS = [("InstanceId", "mssql-njj2mtpl"), ("DBNames.0", "one db"), ("DBNames.1", "a+b"), ("Empty", ""), ("apple", "1")]
FLAT = {"InstanceId": "mssql-njj2mtpl", "BackupName": "a b/\u00e9"}
TEN_FIELDS = [("InstanceId", "mssql-njj2mtpl"), *((f"DBNames.{i}", f"db{i}") for i in range(11))]
PHP_FIELDS = [("InstanceId", "mssql-njj2mtpl"), ("DBNames[0]", "db1"), ("DBNames[1]", "db2")]
MARKED_FIELDS = [("InstanceId", "mssql-njj2mtpl"), ("BackupName", "it's (1)*~ !/")]
FOREIGN_FIELDS = [("InstanceId", "mssql-njj2mtpl"), ("BackupName", "\u4efd")]

# What is sent. Everything else of a request follows from it.
PROFILES = {
    "post": {},
    "spaced": {"body": SPACED},
    "escaped": {"body": ESCAPED},
    "newline": {"body": COMPACT + "\n"},
    "charset": {"content_type": "application/json; charset=utf-8"},
    "unsigned": {"unsigned": True},
    "path": {"path": "/sqlserver"},
    "no-port": {"host": "sqlserver.localhost"},
    "forwarded": {"more": [("X-Forwarded-Host", "api.example.com")]},
    "proxy": {"authority": "sqlserver.example.com"},
    "capitals": {"signed": "content-type;host;x-tc-action"},
    "get": {"method": "GET", "body": "", "query": "b=2&a=x%20y%2Fz", "content_type": "application/x-www-form-urlencoded"},
    "plus": {"method": "GET", "body": "", "query": "b=2&a=x+y%2Fz", "content_type": "application/x-www-form-urlencoded"},
    "three": {"signed": "host;x-tc-action;content-type"},
    "escaped e": {"body": r'{"BackupName":"caf\u00e9"}'},
    "latin": {"body": '{"BackupName":"caf\u00e9"}'},
    "capital host": {"host": "SQLServer.localhost"},
    "forwarded for": {"more": [("Forwarded", 'for=192.0.2.1;Host="api.example.com";proto=https, for=192.0.2.2')]},
    "length": {"signed": "content-length;content-type;host"},
    "gzip": {"body": gzip.compress(COMPACT.encode(), mtime=0)},
    "quoted": {"body": json.dumps(COMPACT, ensure_ascii=False)},
    "lines": {"body": '{"InstanceId":"mssql-njj2mtpl",\n"Strategy":1}'},
    "crlf lines": {"body": '{"InstanceId":"mssql-njj2mtpl",\r\n"Strategy":1}'},
    "null": {"body": '{"BackupName":null,"InstanceId":"mssql-njj2mtpl","DBNames":[null,"a"]}'},
    "texts": {"body": '{"Strategy":"1","InstanceId":"mssql-njj2mtpl"}'},
    "flat": {"body": json.dumps(FLAT, ensure_ascii=False, separators=(",", ":"))},
    "chinese": {"body": '{"BackupName":"\u4efd"}'},
    "upper digits": {"body": r'{"BackupName":"caf\u00E9"}'},
    "v1 ten": {"version": 1, "method": "GET", "body": "", "fields": TEN_FIELDS},
    "v1 php": {"version": 1, "method": "POST", "body": "", "fields": PHP_FIELDS},
    "v1 marks": {"version": 1, "method": "GET", "body": "", "fields": MARKED_FIELDS},
    "v1 foreign": {"version": 1, "method": "GET", "body": "", "fields": FOREIGN_FIELDS},
    "v1 host": {"version": 1, "method": "GET", "body": "", "host": "SQLServer.localhost"},
    "v1": {"version": 1, "method": "GET", "body": ""},
    "v1 path": {"version": 1, "method": "GET", "body": "", "path": "/sqlserver"},
    "v1 post": {"version": 1, "method": "POST", "body": ""},
}


def mac(key, text, digest=hashlib.sha256):
    return hmac.new(key, text, digest).digest()


class SignedRequest:
    """One request and how it is signed. At first everything is correct."""

    def __init__(self, virga, version=3, method="POST", body=COMPACT, content_type="application/json", query="b=2&a=1", path="/",
                 host=None, authority=None, unsigned=False, signed="content-type;host", more=(), now=None, fields=FIELDS):
        self.virga, self.version = virga, version
        # What is sent.
        self.sent_method, self.sent_body, self.sent_type, self.sent_query = method, body, content_type, query
        self.path, self.sent_host, self.authority = path, host or f"{virga.host}:{virga.port}", authority
        self.unsigned_header, self.signed, self.more = unsigned, signed, more
        self.now = virga.now() if now is None else now
        self.nonce, self.fields = 1, fields
        # What is signed.
        self.method, self.host, self.type, self.uri = method, self.sent_host, content_type, "/"
        self.query = query if method == "GET" else ""
        self.payload = "UNSIGNED-PAYLOAD" if unsigned else body
        self.value = None  # JSON to be serialised again, with the arguments below
        self.style = {"separators": (",", ":") if body != SPACED else None, "ensure_ascii": body == ESCAPED}
        self.before, self.after, self.encoding, self.in_style = "", "", "utf-8", True
        self.payload_form = self.canonical_form = lambda data: hashlib.sha256(data).hexdigest()
        self.lines, self.listed = signed.split(";"), signed.split(";")
        self.spell, self.colon, self.newline, self.blank, self.end, self.string_newline = str, ":", "\n", 1, "", "\n"
        self.string_end = ""
        self.without_scope, self.length = False, None
        self.algorithm, self.timestamp = "TC3-HMAC-SHA256", str(self.now)
        self.header_date = self.date = self.key_date = self.day(0)
        self.scope_start, self.region, self.key_region = "", None, None
        self.service = self.key_service = "sqlserver"
        self.terminator = self.key_terminator = "tc3_request"
        self.prefix, self.secret, self.edges = "TC3", SECRET_KEY, ("", "")
        self.hex_links = self.swapped = self.no_chain = self.upper = False
        self.swap_last, self.chain_digest = None, hashlib.sha256
        # Version 1.
        self.order = sorted
        self.encode, self.keys, self.v1_path, self.digest = str, str, "/?", hashlib.sha256
        self.skip, self.signed_values = (), {}  # of version 1: names that are left out, names with another value
        self.change_fields, self.v1_end, self.v1_swapped = list, "", False
        self.no_empty = False
        self.form, self.send_form = (lambda m: base64.b64encode(m).decode()), (lambda s: urllib.parse.quote(s, safe=""))
        self.wants = ""  # a character that the signature must have

    def day(self, offset):
        at = datetime.datetime.fromtimestamp(self.now, datetime.timezone.utc) + datetime.timedelta(days=offset)
        return at.strftime("%Y-%m-%d")

    def both_dates(self, date, header=False):
        self.date = self.key_date = date
        if header:
            self.header_date = date

    # --- version 3 ---

    def payload_text(self):
        text = self.payload
        if self.value is not None and self.in_style:
            text = json.dumps(self.value, **self.style)
        if isinstance(text, str):
            text = (self.before + text + self.after).encode(self.encoding, "replace")
        return self.payload_form(text)

    def header_line(self, name):
        value = {"content-type": self.type, "host": self.host, "x-tc-action": "CreateBackup", "x-tc-version": VERSION,
                 "x-tc-region": REGION, "x-tc-timestamp": str(self.now),
                 "content-length": str(len(self.sent_bytes())) if self.length is None else self.length}[name]
        return self.spell(name) + self.colon + value + self.newline

    def sent_bytes(self):
        return self.sent_body if isinstance(self.sent_body, bytes) else self.sent_body.encode()

    def canonical(self):
        n = self.newline
        lines = "".join(map(self.header_line, self.lines))
        return (self.method + n + self.uri + n + self.query + n + lines + n * self.blank + ";".join(self.listed) + n
                + self.payload_text() + self.end)

    def string_to_sign(self):
        n = self.string_newline
        scope = "/".join(filter(None, [self.date, self.region, self.service, self.terminator]))
        lines = [self.algorithm, self.timestamp, "" if self.without_scope else self.scope_start + scope]
        return "".join(line + n for line in lines if line) + self.canonical_form(self.canonical().encode()) + self.string_end

    def key_text(self):
        return (self.edges[0] + self.secret + self.edges[1]).encode()

    def key(self):
        key = self.prefix.encode() + self.key_text()
        for message in () if self.no_chain else (self.key_date, self.key_region, self.key_service, self.key_terminator):
            if message:
                pair = (message.encode(), key) if self.swapped else (key, message.encode())
                key = mac(*pair, self.chain_digest)
                key = key.hex().encode() if self.hex_links else key
        return key

    def signature(self):
        if self.version == 1:
            pair = (self.key_text(), self.v1_text().encode(self.encoding))
            return self.form(mac(*(pair[::-1] if self.v1_swapped else pair), self.digest))
        text = self.string_to_sign().encode()
        swap = self.swapped if self.swap_last is None else self.swap_last
        made = (mac(text, self.key()) if swap else mac(self.key(), text)).hex()
        return made.upper() if self.upper else made

    # --- version 1 ---

    def v1_fields(self):
        return [("Action", "CreateBackup"), ("Version", VERSION), ("Timestamp", str(self.now)), ("Nonce", str(self.nonce)),
                ("SecretId", SECRET_ID), ("Region", REGION), ("SignatureMethod", "HmacSHA256")] + self.fields

    def v1_text(self):
        signed = self.change_fields([(k, self.signed_values.get(k, v)) for k, v in self.v1_fields()])
        fields = [(k, v) for k, v in self.order(signed) if k not in self.skip and (v or not self.no_empty)]
        return self.method + self.host + self.v1_path + "&".join(f"{self.keys(k)}={self.encode(v)}" for k, v in fields) + self.v1_end

    # --- the message ---

    def message(self):
        if self.version == 1:
            while self.wants and self.wants not in self.signature().rstrip("="):
                self.nonce += 1
            text = urllib.parse.urlencode(self.v1_fields()) + "&Signature=" + self.send_form(self.signature())
            get = self.sent_method == "GET"
            headers = [("Host", self.sent_host), ("Content-Type", "application/x-www-form-urlencoded")]
            return self.finish(Message(self.sent_method, self.path + "?" + text if get else self.path, headers,
                                       b"" if get else text.encode()))
        target = self.path + ("?" + self.sent_query if self.sent_query else "")
        headers = [("Host", self.sent_host), ("Content-Type", self.sent_type), ("X-TC-Action", "CreateBackup"),
                   ("X-TC-Version", VERSION), ("X-TC-Region", REGION), ("X-TC-Timestamp", str(self.now)),
                   ("Authorization", f"TC3-HMAC-SHA256 Credential={SECRET_ID}/{self.header_date}/sqlserver/tc3_request, "
                                     f"SignedHeaders={self.signed}, Signature={self.signature()}")]
        if self.unsigned_header:
            headers.append(("X-TC-Content-SHA256", "UNSIGNED-PAYLOAD"))
        return self.finish(Message(self.sent_method, target, headers, self.sent_bytes()))

    def finish(self, message):
        message.headers += self.more
        if self.authority:
            message.target = f"http://{self.authority}{message.target}"
        if message.body:
            message.set("Content-Length", str(len(message.body)))
        return message


# --- the mistakes ---------------------------------------------------------------------------------------------------


def put(**values):
    """A mistake that sets fields."""
    def apply(r):
        for name, value in values.items():
            assert hasattr(r, name), name
            setattr(r, name, value(r) if callable(value) and getattr(value, "of_request", False) else value)
    return apply


def of(function):
    """A value that depends on the request."""
    def wrapped(r):
        return function(r)
    wrapped.of_request = True
    return wrapped


def json_style(**style):
    def apply(r):
        r.value = BODY if r.value is None else r.value
        r.style.update(style)
    return apply


def sort_keys(r):
    json_style(sort_keys=True)(r)


def payload(text):
    """Something other than the body was hashed, so the style of its JSON has no effect."""
    return put(payload=text, in_style=False)


def title(name):
    return "-".join(w.capitalize() for w in name.split("-"))


def sha1_hex(data):
    return hashlib.sha1(data).hexdigest()


def b64(data):
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def upper(data):
    return hashlib.sha256(data).hexdigest().upper()


def compact(values):
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def one_field(fields, text):
    """An array as one field: DBNames.0=a and DBNames.1=b become DBNames= the text of ["a", "b"]."""
    is_element = re.compile(r"DBNames[.\[]\d+\]?").fullmatch
    values = [v for k, v in fields if is_element(k)]
    return [(k, v) for k, v in fields if not is_element(k)] + [("DBNames", text(values))]


def natural(field):
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", field[0])]


def url_encoder(value):
    """Java's URLEncoder.encode."""
    return urllib.parse.quote_plus(value, safe="*").replace("~", "%7E")


MISTAKES = {
    "sig.local-date": ("post", lambda r: r.both_dates(r.day(1), True)),
    "sig.date-yesterday": ("post", lambda r: r.both_dates(r.day(-1), True)),
    "sig.host-port": ("post", put(host=of(lambda r: r.sent_host.split(":")[0]))),
    "sig.host-canonical": ("post", put(host="sqlserver.tencentcloudapi.com")),
    "sig.content-type-charset": ("post", put(type="application/json; charset=utf-8")),
    "sig.content-type-bare": ("charset", put(type="application/json")),
    "sig.content-type-spacing": ("charset", put(type="application/json;charset=utf-8")),
    "sig.content-type-charset-other": ("charset", put(type="application/json; charset=gbk")),
    "sig.content-type-other": ("post", put(type="application/x-www-form-urlencoded")),
    "sig.content-type-empty": ("post", put(type="")),
    "sig.payload-compact": ("spaced", json_style(separators=(",", ":"))),
    "sig.payload-spaced": ("post", json_style(separators=None)),
    "sig.payload-empty": ("post", payload("")),
    "sig.payload-object": ("post", payload("{}")),
    "sig.prefix-missing": ("post", put(prefix="")),
    "sig.prefix-aws4": ("post", put(prefix="AWS4")),
    "sig.prefix-lower": ("post", put(prefix="tc3")),
    "sig.secret-line-end": ("post", put(edges=("", "\n"))),
    "sig.secret-space": ("post", put(edges=("", " "))),
    "sig.secret-quotes": ("post", put(edges=('"', '"'))),
    "sig.secret-bom": ("post", put(edges=("\ufeff", ""))),
    "sig.secret-id": ("post", put(secret=SECRET_ID)),
    "sig.secret-other": ("post", put(secret=OTHER_KEY)),
    "sig.secret-cut": ("post", put(secret=SECRET_KEY[:-1])),
    "sig.secret-case": ("post", put(secret=SECRET_KEY.lower())),
    "sig.chain-hex": ("post", put(hex_links=True)),
    "sig.chain-sha1": ("post", put(chain_digest=hashlib.sha1)),
    "sig.chain-swapped": ("post", put(swapped=True)),
    "sig.chain-none": ("post", put(no_chain=True)),
    "sig.chain-short": ("post", put(key_terminator=None)),
    "sig.terminator-aws4": ("post", lambda r: put(terminator="aws4_request",
                                                  key_terminator=r.key_terminator and "aws4_request")(r)),
    "sig.scope-region": ("post", put(region=REGION, key_region=REGION)),
    "sig.scope-credential": ("post", put(scope_start=SECRET_ID + "/")),
    "sig.service": ("post", put(service="cvm", key_service="cvm")),
    "sig.service-key": ("post", put(key_service="cvm")),
    "sig.timestamp-ms": ("post", put(timestamp=of(lambda r: f"{r.now}000"))),
    "sig.timestamp-shifted": ("post", put(timestamp=of(lambda r: str(r.now - 1)))),
    "sig.timestamp-local": ("post", put(timestamp=of(lambda r: str(r.now + 8 * 3600)))),
    "sig.date-compact": ("post", lambda r: put(date=r.date.replace("-", ""), key_date=r.key_date.replace("-", ""))(r)),
    "sig.date-key": ("post", put(key_date=of(lambda r: r.day(1)))),
    "sig.date-scope": ("post", put(date=of(lambda r: r.day(1)))),
    "sig.date-header": ("post", put(header_date=of(lambda r: r.day(1)))),
    "sig.date-other": ("post", lambda r: r.both_dates("2001-02-03", True)),
    "sig.blank-line": ("post", put(blank=0)),
    "sig.blank-line-twice": ("post", put(blank=2)),
    "sig.canonical-end": ("post", put(end="\n")),
    "sig.string-end": ("post", put(string_end="\n")),
    "sig.crlf": ("post", put(newline="\r\n", string_newline="\r\n")),
    "sig.newline-literal": ("post", put(newline="\\n", string_newline="\\n")),
    "sig.uri": ("post", put(uri="")),
    "sig.method": ("post", put(method="GET")),
    "sig.query-post": ("post", put(query=of(lambda r: r.sent_query))),
    "sig.query-body": ("post", put(query=of(lambda r: r.sent_body))),
    "sig.query-sorted": ("get", put(query="a=x%20y%2Fz&b=2")),
    "sig.query-encoded": ("get", put(query="b=2&a=x y/z")),
    "sig.query-empty": ("get", put(query="")),
    "sig.query-mark": ("get", put(query="?b=2&a=x%20y%2Fz")),
    "sig.values-space": ("post", put(colon=": ")),
    "sig.names-case": ("post", put(spell=title)),
    "sig.headers-order": ("post", put(lines=of(lambda r: r.lines[::-1]))),
    "sig.names-order": ("post", put(listed=of(lambda r: r.listed[::-1]))),
    "sig.names-missing": ("post", put(lines=of(lambda r: r.lines + ["x-tc-action"]),
                                      listed=of(lambda r: r.listed + ["x-tc-action"]))),
    "sig.algorithm": ("post", put(algorithm="AWS4-HMAC-SHA256")),
    "sig.canonical-plain": ("post", put(canonical_form=lambda data: data.decode())),
    "sig.canonical-upper": ("post", put(canonical_form=upper)),
    "sig.canonical-base64": ("post", put(canonical_form=b64)),
    "sig.canonical-sha1": ("post", put(canonical_form=sha1_hex)),
    "sig.payload-plain": ("post", put(payload_form=lambda data: data.decode("utf-8", "replace"))),
    "sig.payload-upper": ("post", put(payload_form=upper)),
    "sig.payload-base64": ("post", put(payload_form=b64)),
    "sig.payload-sha1": ("post", put(payload_form=sha1_hex)),
    "sig.upper-case": ("post", put(upper=True)),
    "sig.payload-pretty": ("post", json_style(indent=2, separators=(",", ": "))),
    "sig.payload-sorted": ("post", sort_keys),
    "sig.payload-escaped": ("post", json_style(ensure_ascii=True)),
    "sig.payload-unescaped": ("escaped", json_style(ensure_ascii=False)),
    "sig.payload-encoding": ("post", put(encoding="utf-16-le")),
    "sig.payload-newline": ("post", put(after="\n")),
    "sig.payload-trimmed": ("newline", put(payload=COMPACT)),
    "sig.payload-bom": ("post", put(before="\ufeff")),
    "sig.payload-unsigned": ("post", payload("UNSIGNED-PAYLOAD")),
    "sig.payload-signed": ("unsigned", put(payload=COMPACT)),
    "sig.payload-query": ("post", payload("b=2&a=1")),
    "sig.host-scheme": ("post", put(host=of(lambda r: "http://" + r.host))),
    "sig.host-slash": ("post", put(host=of(lambda r: r.host + "/"))),
    "sig.host-regional": ("post", put(host=f"sqlserver.{REGION}.tencentcloudapi.com")),
    "sig.host-intl": ("post", put(host="sqlserver.intl.tencentcloudapi.com")),
    "sig.host-internal": ("post", put(host="sqlserver.internal.tencentcloudapi.com")),
    "sig.host-localhost": ("post", put(host="localhost")),
    "sig.host-port-added": ("no-port", put(host="sqlserver.localhost:443")),
    "sig.host-example": ("post", put(host="cvm.tencentcloudapi.com")),
    "sig.host-target": ("proxy", put(host="sqlserver.example.com")),
    "sig.host-proxy": ("forwarded", put(host="api.example.com")),
    "sig.host-empty": ("post", put(host="")),
    "sig.v1-unsorted": ("v1", put(order=list)),
    "sig.v1-nocase": ("v1", put(order=lambda fields: sorted(fields, key=lambda f: f[0].lower()))),
    "sig.v1-encoded": ("v1", put(encode=lambda v: urllib.parse.quote(v, safe=""))),
    "sig.v1-spaces": ("v1", put(encode=lambda v: v.replace(" ", "+"))),
    "sig.v1-path": ("v1", put(v1_path="?")),
    "sig.v1-mark": ("v1", put(v1_path="/")),
    "sig.v1-digest": ("v1", put(digest=hashlib.sha1)),
    "sig.v1-arrays": ("v1", put(keys=lambda k: {"DBNames.0": "DBNames.1", "DBNames.1": "DBNames.2"}.get(k, k))),
    "sig.v1-signature-plus": ("v1", put(send_form=str, wants="+")),
    "sig.v1-signature-twice": ("v1", put(send_form=lambda s: urllib.parse.quote(urllib.parse.quote(s, safe=""), safe=""))),
    "sig.v1-hex": ("v1", put(form=bytes.hex)),
    "sig.v1-base64-of-hex": ("v1", put(form=lambda m: base64.b64encode(m.hex().encode()).decode())),
    "sig.v1-method-left-out": ("v1", put(skip=("SignatureMethod",))),
    "sig.v1-empty-dropped": ("v1", put(no_empty=True)),
    "sig.v1-key-mark": ("v1", put(edges=("", "&"))),
    "sig.secret-empty": ("post", put(secret="")),
    "sig.secret-placeholder": ("post", put(secret="undefined")),
    "sig.secret-suffix": ("post", put(edges=("", f"#{REGION}#0"))),
    "sig.secret-escape": ("post", put(edges=("", " \n"))),
    "sig.prefix-twice": ("post", put(prefix="TC3TC3")),
    "sig.host-port-other": ("post", put(host=of(lambda r: r.sent_host.split(":")[0] + ":443"))),
    "sig.host-local": ("post", put(host=of(lambda r: "[::1]:" + r.sent_host.split(":")[1]))),
    "sig.host-case": ("capital host", put(host="SQLSERVER.LOCALHOST")),
    "sig.host-product": ("post", put(host="cdb.tencentcloudapi.com")),
    "sig.host-old": ("post", put(host="sqlserver.api.qcloud.com")),
    "sig.host-forwarded": ("forwarded for", put(host="api.example.com")),
    "sig.content-type-form": ("post", put(type="multipart/form-data")),
    "sig.headers-unlisted": ("post", put(lines=of(lambda r: r.lines + ["x-tc-timestamp"]))),
    "sig.names-missing-more": ("post", put(lines=of(lambda r: r.lines + ["x-tc-timestamp"]),
                                           listed=of(lambda r: r.listed + ["x-tc-timestamp"]))),
    "sig.names-listed": ("capitals", put(lines=["content-type", "host"], listed=["content-type", "host"])),
    "sig.content-length": ("length", put(length=of(lambda r: str(len(r.sent_body))))),
    "sig.payload-slash": ("post", payload(COMPACT.replace("/", "\\/"))),
    "sig.payload-unzipped": ("gzip", payload(COMPACT)),
    "sig.payload-encoded-twice": ("post", payload(json.dumps(COMPACT, ensure_ascii=False))),
    "sig.payload-lines": ("lines", payload(PROFILES["crlf lines"]["body"])),
    "sig.payload-null": ("null", payload('{"InstanceId":"mssql-njj2mtpl","DBNames":[null,"a"]}')),
    "sig.payload-numbers": ("post", payload(COMPACT.replace(":1,", ':"1",'))),
    "sig.payload-charset": ("post", payload(bytes(ord(c) & 0xff for c in COMPACT))),
    "sig.payload-hash": ("post", put(payload_form=lambda data: hashlib.md5(data).hexdigest())),
    "sig.payload-form": ("flat", payload(urllib.parse.urlencode(FLAT))),
    "sig.date-form": ("post", lambda r: r.both_dates(r.day(0).replace("-", "/"))),
    "sig.terminator-case": ("post", put(terminator="TC3_REQUEST", key_terminator="TC3_REQUEST")),
    "sig.terminator-other": ("post", put(terminator="request", key_terminator="request")),
    "sig.scope-missing": ("post", put(terminator=None)),
    "sig.string-line": ("post", put(algorithm="")),
    "sig.service-other": ("post", put(service="cdb", key_service="cdb")),
    "sig.chain-sha512": ("post", put(chain_digest=hashlib.sha512)),
    "sig.query-twice": ("get", put(query=of(lambda r: r.sent_query.replace("%", "%25")))),
    "sig.query-common": ("get", put(query=of(lambda r: f"Action=CreateBackup&Version={VERSION}&" + r.sent_query))),
    "sig.v1-key-prefix": ("v1", put(edges=("TC3", ""))),
    "sig.v1-left-out": ("v1", put(skip=("Region",))),
    "sig.v1-timestamp": ("v1", put(signed_values=of(lambda r: {"Timestamp": str(r.now - 1)}))),
    "sig.v1-timestamp-ms": ("v1", put(signed_values=of(lambda r: {"Timestamp": f"{r.now}000"}))),
    "sig.v1-nonce": ("v1", put(signed_values=of(lambda r: {"Nonce": str(r.nonce - 1)}))),
    "sig.v1-signature-signed": ("v1", put(change_fields=lambda fields: fields + [("Signature", "")])),
    "sig.v1-string-end": ("v1", put(v1_end="\n")),
    "sig.v1-php-array": ("v1", put(change_fields=lambda fields: one_field(fields, lambda _: "Array"))),
    "sig.v1-json-array": ("v1", put(change_fields=lambda fields: one_field(fields, compact))),
    "sig.v1-natural": ("v1 ten", put(order=lambda fields: sorted(fields, key=natural))),
    "sig.v1-lower-names": ("v1", put(keys=str.lower)),
    "sig.v1-encoder": ("v1 marks", put(encode=lambda v: urllib.parse.quote(v, safe="!'()*"))),
    "sig.v1-swapped": ("v1", put(v1_swapped=True)),
    "sig.v1-base64": ("v1", put(form=lambda m: base64.b64encode(m).decode().rstrip("="))),
    "sig.v1-method-missing": ("v1", put(method="")),
    "sig.v1-charset": ("v1 foreign", put(encoding="gbk")),
}


def secret_edges(*edges):
    return [("post", put(edges=edge)) for edge in edges]


def types(profile, *values):
    return [(profile, put(type=value)) for value in values]


def hosts(profile, *values):
    return [(profile, put(host=value)) for value in values]


def sent(change):
    return of(lambda r: change(r.sent_host))


def port(r):
    return r.sent_host.partition(":")[2]


# Other forms of the same mistakes.
VARIANTS = {
    "sig.content-type-charset": types("post", *(f"application/json{c}" for c in ("; charset=UTF-8", ";charset=utf-8", ";charset=UTF-8"))),
    "sig.content-type-spacing": types("charset", "application/json; charset=UTF-8", "application/json;charset=UTF-8"),
    "sig.content-type-charset-other": types("charset", *(f"application/json; charset={c}" for c in (
        "utf8", "gb2312", "ISO-8859-1", '"utf-8"'))) + types("post", "application/json; charset=gbk"),
    "sig.content-type-other": types("post", "text/plain", "application/octet-stream", "text/plain; charset=utf-8")
    + types("get", "application/json", "application/json; charset=utf-8"),
    "sig.host-scheme": hosts("post", *(sent(f.format) for f in ("https://{}", "http://{}/", "https://{}/"))),
    "sig.host-localhost": [("post", put(host=of(lambda r: "localhost:" + port(r)))), ("no-port", put(host="127.0.0.1"))],
    "sig.host-regional": hosts("post", "sqlserver.ap-singapore.tencentcloudapi.com", "sqlserver.na-ashburn.tencentcloudapi.com"),
    "sig.host-proxy": hosts("post", "localhost:8080", "127.0.0.1:8000"),
    "sig.host-port-added": hosts("no-port", sent("{}:80".format)),
    "sig.secret-line-end": secret_edges(("", "\r\n"), ("", "\r")),
    "sig.secret-space": secret_edges((" ", ""), (" ", " "), ("", "\t"), ("\t", ""), ("", "\u00a0"), ("", "\u200b")),
    "sig.secret-quotes": secret_edges(("'", "'"), ("`", "`"), ("\u201c", "\u201d")),
    "sig.secret-cut": [("post", put(secret=SECRET_KEY[1:]))],
    "sig.secret-case": [("post", put(secret=SECRET_KEY.upper()))],
    "sig.chain-swapped": [("post", put(swapped=True, swap_last=False)), ("post", put(swap_last=True))],
    "sig.chain-none": [("post", put(no_chain=True, prefix=""))],
    "sig.terminator-aws4": [("post", put(terminator="aws4_request")), ("post", put(key_terminator="aws4_request"))],
    "sig.scope-region": [("post", put(region=REGION)), ("post", put(key_region=REGION))],
    "sig.service": [("post", put(service=s, key_service=s)) for s in ("127", "SQLServer", "tc3")],
    "sig.service-key": [("post", put(key_service=s)) for s in ("127", "SQLServer", "tc3")],
    "sig.timestamp-shifted": [("post", put(timestamp=of(lambda r, s=s: str(r.now + s)))) for s in (1, -2, 2, -5, 5, 6, -173, 300, -300)],
    "sig.timestamp-local": [("post", put(timestamp=of(lambda r, h=h: str(r.now + int(h * 3600))))) for h in (
        -12, -11, -9.5, -8, -5, -3.5, 1, 2, 5.5, 5.75, 9, 12.75, 14)],
    "sig.date-key": [("post", put(key_date=of(lambda r: r.day(-1)))), ("post", put(key_date=of(lambda r: r.day(0).replace("-", ""))))],
    "sig.date-scope": [("post", put(date=of(lambda r: r.day(-1)))), ("post", put(date=of(lambda r: r.day(0).replace("-", ""))))],
    "sig.date-header": [("post", put(header_date=of(lambda r: r.day(-1)))), ("post", put(header_date="2001-02-03"))],
    "sig.crlf": [("post", put(newline="\r\n")), ("post", put(string_newline="\r\n"))],
    "sig.newline-literal": [("post", put(newline="\\n")), ("post", put(string_newline="\\n"))],
    "sig.uri": [("path", put(uri="/sqlserver")), ("path", put(uri="/sqlserver?b=2&a=1"))],
    "sig.method": [("post", put(method="post")), ("get", put(method="POST")), ("get", put(method="get"))],
    "sig.query-encoded": [("plus", put(query="b=2&a=x%20y%2Fz")), ("get", put(query="b=2&a=x+y%2Fz")),
                          ("get", put(query="b=2&a=x%20y%2fz"))],
    "sig.values-space": [("post", lambda r: setattr(r, "header_line", lambda n, line=r.header_line: line(n)[:-1] + " \n")),
                         ("post", put(type=" application/json")), ("post", put(type="application/json ")),
                         ("post", put(host=sent(" {}".format))), ("post", put(host=sent("{} ".format)))],
    "sig.names-case": [("post", put(spell=title, listed=["Content-Type", "Host"]))],
    "sig.headers-order": [("three", put(lines=of(lambda r: sorted(r.lines)))), ("three", put(lines=of(lambda r: r.lines[::-1])))],
    "sig.names-order": [("three", put(listed=of(lambda r: sorted(r.listed)))),
                        ("three", put(lines=of(lambda r: sorted(r.lines)), listed=of(lambda r: sorted(r.listed)))),
                        ("post", put(lines=["host", "content-type"], listed=["host", "content-type"]))],
    "sig.algorithm": [("post", put(algorithm=a)) for a in ("HMAC-SHA256", "TC3-HMAC-SHA1", "HmacSHA256")],
    "sig.payload-object": [("post", payload("[]")), ("post", payload("null"))],
    "sig.payload-pretty": [("post", json_style(indent=4, separators=(",", ": "))), ("post", json_style(indent="\t", separators=(",", ": ")))],
    "sig.payload-unescaped": [("escaped e", payload('{"BackupName":"caf\u00e9"}'))],
    "sig.payload-escaped": [("post", payload(ESCAPED.replace("/", "\\/"))),
                            ("post", payload(COMPACT.replace("<", "\\u003c").replace(">", "\\u003e")))],
    "sig.payload-encoding": [("post", put(encoding=e)) for e in ("utf-16", "gbk", "ascii")]
    + [("post", payload(COMPACT.encode().decode("latin-1"))), ("latin", put(encoding="latin-1"))],
    "sig.payload-newline": [("post", put(after="\r\n"))],
    "sig.payload-unsigned": [("post", lambda r: put(payload_form=lambda data: "UNSIGNED-PAYLOAD")(r))],
    "sig.v1-encoded": [("v1", put(encode=urllib.parse.quote_plus)),
                       ("v1", put(encode=lambda v: urllib.parse.quote(v, safe="").replace("%2B", "%2b")))],
    "sig.v1-spaces": [("v1", put(encode=lambda v: v.replace(" ", "%20"))), ("v1", put(encode=lambda v: v.replace("+", " ")))],
    "sig.v1-path": [("v1 path", put(v1_path="/sqlserver?")), ("v1", put(v1_path="/v2/index.php?"))],
    "sig.v1-arrays": [("v1", put(keys=lambda k, to=to: re.sub(r"\.(\d)$", to, k))) for to in (r"[\1]", r"_\1", "")],
    "sig.v1-hex": [("v1", put(form=lambda m: m.hex().upper()))],
    "sig.secret-placeholder": [("post", put(secret=s)) for s in (
        "null", "None", "<nil>", "${TENCENTCLOUD_SECRET_KEY}", "$SECRET_KEY", "%SECRET_KEY%", "[object Object]", "SecretKey")],
    "sig.secret-suffix": secret_edges(("", f"#{REGION}"), ("", "#0"), ("", ","), ("", ";"), ("=", "")),
    "sig.secret-escape": secret_edges(("", "%0A"), ("", " \r\n"), ("", "\\n"), ("\u200b", ""), ("\u200b", "\u200b"), ("", "\ufeff")),
    "sig.host-port-other": hosts("post", "sqlserver.tencentcloudapi.com:443") + [
        ("post", put(host=of(lambda r: r.sent_host.split(":")[0] + ":80")))],
    "sig.host-local": hosts("post", "0.0.0.0", "[::1]", "host.docker.internal"),
    "sig.host-case": [("v1 host", put(host="sqlserver.localhost")), ("v1 host", put(host="SQLSERVER.LOCALHOST"))],
    "sig.host-product": hosts("post", *(f"{p}.tencentcloudapi.com" for p in ("sts", "cam", "vpc", "redis", "tag"))),
    "sig.host-old": hosts("post", "api.qcloud.com", f"cos.{REGION}.myqcloud.com", "tencentcloudapi.com"),
    "sig.content-type-form": types("post", "*/*", "Application/JSON", "application/json;", "application/json, text/plain, */*"),
    "sig.headers-unlisted": [("post", put(lines=of(lambda r, n=n: r.lines + [n]))) for n in ("x-tc-action", "x-tc-version", "x-tc-region")],
    "sig.names-missing-more": [("post", put(lines=of(lambda r, n=n: r.lines + n), listed=of(lambda r, n=n: r.listed + n))) for n in (
        ["x-tc-version"], ["x-tc-region"], ["x-tc-action", "x-tc-timestamp"], ["x-tc-action", "x-tc-version"])],
    "sig.names-listed": [("capitals", put(lines=["content-type", "host"])), ("capitals", put(listed=["content-type", "host"]))],
    "sig.content-length": [("length", put(length="0"))],
    "sig.payload-slash": [("post", payload(re.sub(r"\\u....", lambda m: "\\u" + m[0][2:].upper(), ESCAPED)))],
    "sig.payload-encoded-twice": [("quoted", payload(COMPACT))],
    "sig.payload-lines": [("crlf lines", payload(PROFILES["lines"]["body"]))],
    "sig.payload-numbers": [("texts", payload('{"Strategy":1,"InstanceId":"mssql-njj2mtpl"}'))],
    "sig.payload-charset": [("chinese", put(encoding="big5"))],
    "sig.payload-hash": [("post", put(payload_form=lambda data: hashlib.sha512(data).hexdigest())),
                         ("post", put(payload_form=lambda data: hashlib.sha256(hashlib.sha256(data).hexdigest().encode()).hexdigest()))],
    "sig.payload-form": [("post", payload(f"Action=CreateBackup&Version={VERSION}"))],
    "sig.date-form": [("post", lambda r: put(key_date=r.day(0).replace("-", "/"))(r)),
                      ("post", lambda r: r.both_dates("-".join(reversed(r.day(0).split("-"))))),
                      ("post", lambda r: r.both_dates(str(r.now))), ("post", put(key_date=of(lambda r: str(r.now))))],
    "sig.terminator-case": [("post", put(terminator="TC3_request")), ("post", put(key_terminator="TC3_REQUEST"))],
    "sig.terminator-other": [("post", put(key_terminator="request")), ("post", put(terminator="tc3-request", key_terminator="tc3-request"))],
    "sig.scope-missing": [("post", put(service=None)), ("post", put(date=None)), ("post", put(service=None, key_service=None)),
                          ("post", put(key_service=None)), ("post", put(key_date=None)), ("post", put(terminator=None, key_terminator=None))],
    "sig.string-line": [("post", put(timestamp="")), ("post", put(without_scope=True)), ("post", put(algorithm="", without_scope=True))],
    "sig.service-other": [("post", put(service=s, key_service=s)) for s in ("sts", "cam", "tag", "api")],
    "sig.query-twice": [("get", put(query="b=2&a=x%20y/z"))],
    "sig.query-common": [
        ("get", put(query=of(lambda r: "&".join(sorted(["Action=CreateBackup", f"Region={REGION}", f"Timestamp={r.now}",
                                                        f"Version={VERSION}", *r.sent_query.split("&")]))))),
        ("post", put(query=f"Action=CreateBackup&Version={VERSION}")),
        ("post", put(query=of(lambda r: f"Action=CreateBackup&Region={REGION}&Timestamp={r.now}&Version={VERSION}"))),
        ("flat", put(query=urllib.parse.urlencode(FLAT)))],
    "sig.v1-left-out": [("v1", put(skip=(name,))) for name in ("Version", "Nonce", "SecretId", "InstanceId", "DBNames.1", "apple")]
    + [("v1 post", put(skip=("Timestamp",)))],
    "sig.v1-timestamp": [("v1", put(signed_values=of(lambda r, s=s: {"Timestamp": str(r.now + s)}))) for s in (1, 2, -7, 300, -300)]
    + [("v1 post", put(signed_values=of(lambda r: {"Timestamp": str(r.now - 42)})))],
    "sig.v1-nonce": [("v1", put(signed_values=of(lambda r, s=s: {"Nonce": str(r.nonce + s)}))) for s in (1, -2, 5)],
    "sig.v1-signature-signed": [("v1", put(v1_end="&Signature="))],
    "sig.v1-string-end": [("v1", put(v1_end="&"))],
    "sig.v1-php-array": [("v1 php", put(change_fields=lambda fields: one_field(fields, lambda _: "Array")))],
    "sig.v1-json-array": [("v1 php", put(change_fields=lambda fields: one_field(fields, compact)))],
    "sig.v1-lower-names": [("v1", put(keys=str.lower, order=lambda fields: sorted(fields, key=lambda f: f[0].lower())))],
    "sig.v1-encoder": [("v1 marks", put(encode=url_encoder))],
    "sig.v1-base64": [("v1", put(form=lambda m: base64.urlsafe_b64encode(m).decode(), wants="-")),
                      ("v1", put(form=lambda m: base64.urlsafe_b64encode(m).decode().rstrip("="), wants="_"))],
    "sig.v1-charset": [("v1 foreign", put(encoding="big5"))],
}


def sign(virga, *mistakes, profile=None, now=None):
    """A request with these mistakes."""
    r = SignedRequest(virga, **PROFILES[profile or MISTAKES[mistakes[0]][0]], now=now)
    for name in mistakes:
        MISTAKES[name][1](r)
    return r
