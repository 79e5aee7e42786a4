"""Runs virga for a test and talks to it, with a signer of its own.

The signer is written from the protocol's description and uses only the standard library, so that it shares no mistake with the
server or with an SDK. A request is built in two stages, and a test can corrupt either of them: the fields of `Call` say what is
signed, and the functions in `Call.after` change the finished message, which the signature then does not cover.
"""
import base64
import datetime
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
READY_SECONDS = 20  # generous: a sanitizer build on a busy machine
ANSWER_SECONDS = 20
POSIX_FORM = bool(os.environ.get("VIRGA_POSIX"))  # the server is built with -Dposix=true (docs/release.md)
# A path below a file, which no user can make, not even root.
IMPOSSIBLE = pathlib.Path(__file__) / "missing"

# The credential and region of the built-in world.
SECRET_ID = "AKIDvirgaLocalEmulatorKeyEXAMPLE0001"
SECRET_KEY = "virgaLocalEmulatorSecretEXAMPLE1"
REGION = "ap-guangzhou"
VERSION = "2018-03-28"


def binary():
    """The program under test: VIRGA_BIN, or else what tools/run builds."""
    return os.environ.get("VIRGA_BIN") or str(ROOT / "build" / "release" / "src" / "virga")


# --- messages -------------------------------------------------------------------------------------------------------


class Message:
    """An HTTP request. Everything in it is sent exactly as it is given."""

    def __init__(self, method, target, headers, body):
        self.method, self.target, self.headers, self.body = method, target, headers, body

    def set(self, name, value):
        self.remove(name)
        self.headers.append((name, value))

    def remove(self, name):
        self.headers = [(n, v) for n, v in self.headers if n.lower() != name.lower()]

    def get(self, name):
        return next((v for n, v in self.headers if n.lower() == name.lower()), None)

    def to_bytes(self):
        lines = [f"{self.method} {self.target} HTTP/1.1"] + [f"{n}: {v}" for n, v in self.headers]
        return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + self.body


class Answer(tuple):
    """Unpacks to (status, headers, json). Also has the bytes of the body, and shortcuts."""

    def __new__(cls, status, headers, body):
        try:
            parsed = json.loads(body)
        except ValueError:
            parsed = None
        self = super().__new__(cls, (status, headers, parsed))
        self.status, self.headers, self.body, self.json = status, headers, body, parsed
        return self

    @property
    def response(self):
        assert self.json is not None, f"not JSON: status {self.status}, body {self.body!r}"
        return self.json["Response"]

    @property
    def code(self):
        """The code of the error, or None after a success."""
        return self.response.get("Error", {}).get("Code")

    @property
    def message(self):
        return self.response.get("Error", {}).get("Message")


def flatten(value, prefix=""):
    """Parameters as a query string and a form have them: dotted keys with indexes from 0."""
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    else:
        return [(prefix, value if isinstance(value, str) else json.dumps(value))]
    out = []
    for key, item in items:
        out += flatten(item, f"{prefix}.{key}" if prefix else str(key))
    return out


def encode_form(pairs):
    return "&".join(f"{urllib.parse.quote(k, safe='')}={urllib.parse.quote(v, safe='')}" for k, v in pairs)


# --- signatures -----------------------------------------------------------------------------------------------------


def _hmac(key, text, algorithm=hashlib.sha256):
    return hmac.new(key, text.encode("utf-8", "surrogateescape"), algorithm).digest()


def utc_date(timestamp):
    return datetime.datetime.fromtimestamp(int(timestamp), datetime.timezone.utc).strftime("%Y-%m-%d")


def tc3_signature(secret_key, date, service, text):
    key = _hmac(_hmac(_hmac(("TC3" + secret_key).encode(), date), service), "tc3_request")
    return _hmac(key, text).hex()


def v1_signature(secret_key, method, host, pairs, algorithm):
    """Signs the values before they are encoded, sorted by key, without Signature itself."""
    fields = sorted(((k, v) for k, v in pairs if k != "Signature"), key=lambda field: field[0])
    text = method + host + "/?" + "&".join(f"{k}={v}" for k, v in fields)
    digest = hashlib.sha256 if algorithm == "HmacSHA256" else hashlib.sha1
    return base64.b64encode(_hmac(secret_key.encode(), text, digest)).decode()


class Call:
    """Describes one call to the API. `mode` is tc3 (JSON POST), tc3get, v1 (GET) or v1post (form POST). A field that is None is
    left out of the request."""

    MODES = ("tc3", "tc3get", "v1", "v1post")

    def __init__(self, action, params=None, mode="tc3", **fields):
        assert mode in self.MODES, mode
        self.mode, self.action, self.params = mode, action, {} if params is None else params
        self.method = "POST" if mode in ("tc3", "v1post") else "GET"
        self.path = "/"
        self.version, self.region, self.language, self.token = VERSION, REGION, None, None
        self.timestamp = None  # an integer or text; False leaves it out
        self.secret_id, self.secret_key = SECRET_ID, SECRET_KEY
        self.host, self.signed_host = None, None
        self.content_type = "application/json" if mode == "tc3" else "application/x-www-form-urlencoded"
        self.headers = {}  # further headers, which can be signed
        # Only for TC3:
        self.service, self.date = "sqlserver", None
        self.signed_headers = "content-type;host"
        self.lower_values = False
        self.unsigned_payload = False
        self.signature, self.authorization = None, None  # instead of the correct ones
        # Only for version 1:
        self.nonce, self.signature_method = 11886, None
        self.after = []  # functions that corrupt the finished message
        for name, value in fields.items():
            assert hasattr(self, name), f"Call has no field {name}"
            setattr(self, name, value)

    def parameter_text(self):
        """The business parameters as they are sent: JSON for tc3, else key=value&... Text and bytes are sent unchanged."""
        if isinstance(self.params, (str, bytes)):
            return self.params
        if self.mode == "tc3":
            return json.dumps(self.params, ensure_ascii=False, separators=(",", ":"))
        return encode_form(flatten(self.params))

    def message(self):
        message = self._tc3() if self.mode in ("tc3", "tc3get") else self._v1()
        for corrupt in self.after:
            corrupt(message)
        if message.body and message.get("Content-Length") is None and message.get("Transfer-Encoding") is None:
            message.set("Content-Length", str(len(message.body)))
        return message

    def _tc3(self):
        text = self.parameter_text()
        body = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
        query = ""
        if self.mode == "tc3get":
            query, body = body.decode("utf-8", "surrogateescape"), b""
        message = Message(self.method, self.path + ("?" + query if query else ""), [("Host", self.host)], body)
        common = {"Content-Type": self.content_type, "X-TC-Action": self.action, "X-TC-Version": self.version,
                  "X-TC-Region": self.region, "X-TC-Language": self.language, "X-TC-Token": self.token,
                  "X-TC-Timestamp": None if self.timestamp is False else str(self.timestamp)}
        if self.unsigned_payload:
            common["X-TC-Content-SHA256"] = "UNSIGNED-PAYLOAD"
        common.update(self.headers)
        message.headers += [(n, v) for n, v in common.items() if v is not None]
        message.headers.append(("Authorization", self.authorization or self._authorization(message, query)))
        return message

    def canonical_request(self, message, query):
        lines = ""
        for name in self.signed_headers.split(";"):
            value = self.signed_host if name == "host" and self.signed_host else message.get(name) or ""
            value = value.strip()
            lines += f"{name}:{value.lower() if self.lower_values or name == 'x-tc-action' else value}\n"
        payload = b"UNSIGNED-PAYLOAD" if self.unsigned_payload else message.body
        return "\n".join([message.method, "/", query, lines, self.signed_headers, hashlib.sha256(payload).hexdigest()])

    def _authorization(self, message, query):
        timestamp = message.get("X-TC-Timestamp") or "0"
        try:
            date = self.date or utc_date(timestamp)
        except (ValueError, OverflowError, OSError):  # a timestamp that is not a number
            date = "1970-01-01"
        scope = f"{date}/{self.service}/tc3_request"
        canonical = self.canonical_request(message, query).encode("utf-8", "surrogateescape")
        text = "\n".join(["TC3-HMAC-SHA256", timestamp, scope, hashlib.sha256(canonical).hexdigest()])
        signature = self.signature or tc3_signature(self.secret_key, date, self.service, text)
        return (f"TC3-HMAC-SHA256 Credential={self.secret_id}/{scope}, SignedHeaders={self.signed_headers}, "
                f"Signature={signature}")

    def _v1(self):
        text = self.parameter_text()
        text = text.decode("utf-8", "surrogateescape") if isinstance(text, bytes) else text
        common = {"Action": self.action, "Version": self.version, "Region": self.region, "Language": self.language,
                  "Token": self.token, "Timestamp": None if self.timestamp is False else self.timestamp,
                  "Nonce": self.nonce, "SecretId": self.secret_id, "SignatureMethod": self.signature_method}
        pairs = [(k, str(v)) for k, v in common.items() if v is not None]
        signed = pairs + urllib.parse.parse_qsl(text, keep_blank_values=True)
        signature = self.signature
        if signature is None:
            signature = v1_signature(self.secret_key, self.method, self.signed_host or self.host, signed,
                                     self.signature_method)
        if signature is not False:
            pairs.append(("Signature", signature))
        wire = encode_form(pairs) + ("&" + text if text else "")
        headers = [("Host", self.host)] + list(self.headers.items())
        if self.method == "GET":
            return Message(self.method, f"{self.path}?{wire}", headers, b"")
        headers.append(("Content-Type", self.content_type))
        return Message(self.method, self.path, headers, wire.encode("utf-8", "surrogateescape"))


# --- the program ----------------------------------------------------------------------------------------------------


def read_chunks(stream):
    """The body of an answer that is sent in chunks."""
    chunks = []
    while not chunks or chunks[-1]:
        line = stream.readline()
        assert line, "the connection closed within the body"
        chunks.append(stream.read(int(line, 16)))
        assert stream.readline() == b"\r\n", "the connection closed within a chunk"
    return b"".join(chunks)


def read_answer(stream):
    """Reads one HTTP answer from a binary file object. None when the other side closed without sending a byte."""
    line = stream.readline()
    if not line:
        return None
    status = int(line.split()[1])
    headers = {}
    for raw in iter(stream.readline, b"\r\n"):
        assert raw, "the connection closed within the headers"
        name, _, value = raw.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    if headers.get("transfer-encoding") == "chunked":
        return Answer(status, headers, read_chunks(stream))
    return Answer(status, headers, stream.read(int(headers.get("content-length", 0))))


class Client:
    """A keep-alive connection that signs calls. Each thread needs its own."""

    def __init__(self, virga):
        self.virga = virga
        self.connection = http.client.HTTPConnection(virga.host, virga.port, timeout=ANSWER_SECONDS)

    def call(self, action, params=None, **fields):
        return self.send(self.virga.prepare(action, params, **fields).message())

    def send(self, message):
        c = self.connection
        c.putrequest(message.method, message.target, skip_host=True, skip_accept_encoding=True)
        for name, value in message.headers:
            c.putheader(name, value)
        c.endheaders(message.body or None)
        answer = c.getresponse()
        return Answer(answer.status, {n.lower(): v for n, v in answer.getheaders()}, answer.read())

    def close(self):
        self.connection.close()


class Virga:
    """Runs `virga serve` on a free port, in memory unless `db` is given. The server ends with its context."""

    def __init__(self, *options, db=None, world=None, clock=None, binary_path=None, env=None, preexec=None):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="virga-test-"))
        self.db = db
        self.binary = binary_path or binary()
        self.endpoints_file = self.directory / "endpoints.json"
        self.stderr_file = self.directory / "stderr"
        self.command = [self.binary, "serve", "--port", "0", "--endpoints-file", str(self.endpoints_file)]
        self.command += ["--db", str(db)] if db else ["--memory"]
        if clock:
            self.command += ["--clock", clock, "--limit-clock", "service"]  # so that counts do not depend on the machine's second
        if world is not None:
            self.command += ["--world", str(self._world_file(world))]
        self.command += list(options)
        # Every option is also an environment variable. A test gives all options itself.
        clean = {name: value for name, value in os.environ.items() if not name.startswith("VIRGA_")}
        self.env, self.preexec = {**clean, **(env or {})}, preexec
        self.process, self.endpoints = None, None

    def _world_file(self, world):
        if not isinstance(world, dict):
            return world
        path = self.directory / "world.json"
        path.write_text(json.dumps(world))
        return path

    def start(self):
        with open(self.stderr_file, "ab") as err, open(self.directory / "stdout", "ab") as out:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                            env=self.env, preexec_fn=self.preexec)
        deadline = time.monotonic() + READY_SECONDS
        while not self.endpoints_file.exists():
            if self.process.poll() is not None:
                raise RuntimeError(f"virga ended with {self.process.returncode} before it was ready:\n{self.stderr()}")
            if time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"virga was not ready within {READY_SECONDS} s:\n{self.stderr()}")
            time.sleep(0.002)
        self.endpoints = json.loads(self.endpoints_file.read_text())
        url = urllib.parse.urlsplit(self.endpoints["endpoint"])
        self.host, self.port = url.hostname, url.port
        self.endpoint = self.endpoints["endpoint"]
        return self

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        try:
            code, _ = self.terminate()
            complaint = self.stderr()
            if kind is None:
                assert "Sanitizer" not in complaint and "runtime error" not in complaint, complaint
                assert code in (0, -signal.SIGKILL), f"exit status {code}:\n{complaint}"
        finally:
            shutil.rmtree(self.directory, ignore_errors=True)

    def terminate(self, sig=signal.SIGTERM):
        """Ends the server with a signal. Returns its exit status and the seconds it took. Can be called again."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(sig)
        try:
            code = self.process.wait(timeout=READY_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"virga did not end within {READY_SECONDS} s:\n{self.stderr()}")
        return code, time.monotonic() - began

    def kill(self):
        self.process.kill()
        self.process.wait()

    def restart(self):
        """Starts the server again on the same state, after its end."""
        self.endpoints_file.unlink(missing_ok=True)
        return self.start()

    def stderr(self):
        return self.stderr_file.read_text(errors="replace") if self.stderr_file.exists() else ""

    def now(self):
        """The time for a signature: that of the machine, whatever the clock of the service says."""
        return int(time.time())

    def prepare(self, action, params=None, **fields):
        """A Call with the values for this server, which a test can change before it sends it."""
        call = Call(action, params, **fields)
        if call.host is None:
            call.host = f"{self.host}:{self.port}"
        if call.timestamp is None:
            call.timestamp = self.now()
        return call

    def call(self, action, params=None, **fields):
        """Signs and sends one call: (status, headers, json)."""
        return self.send(self.prepare(action, params, **fields).message().to_bytes())

    def send(self, data):
        """Sends bytes on a new connection and reads one answer."""
        with socket.create_connection((self.host, self.port), timeout=ANSWER_SECONDS) as s:
            try:
                s.sendall(data)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the server answers a request that is too large before it has read all of it, and closes
            with s.makefile("rb") as stream:
                return read_answer(stream)

    def client(self):
        return Client(self)
