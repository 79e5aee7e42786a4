"""The clients of a soak: each function runs in a thread of its own until the round ends, and makes calls of one shape."""
import contextlib
import http.client
import json
import socket
import struct
import time
import urllib.parse
import urllib.request

from harness import ANSWER_SECONDS, Call, Message, read_answer
from soak_ledger import Change

CREATED, OTHER = "mssql-njj2mtpl", "mssql-i1z41iwd"  # tracked backups are made on the first only
WINDOW = {"StartTime": "2000-01-01 00:00:00", "EndTime": "2099-12-31 23:59:59"}
BROKEN = (OSError, http.client.HTTPException, AssertionError, ValueError)


class Round:
    """What the clients of one round share."""

    def __init__(self, virga, ledger, rng, number, stop):
        self.virga, self.ledger, self.rng, self.number, self.stop = virga, ledger, rng, number, stop
        self.document, self.names = None, frozenset()  # a state that may be loaded, and the tracked backups in it

    def pause(self, seconds):
        self.stop.wait(seconds)

    @contextlib.contextmanager
    def answer_expected(self, who):
        """A request of a client that reads its answer: only the end of the server may leave it without one."""
        began = time.monotonic()
        try:
            yield
        except BROKEN as problem:
            self.ledger.check("a client that waits gets its answer", self.ledger.ending.is_set(),
                              f"{who}: {type(problem).__name__} {problem} after {time.monotonic() - began:.1f} s")
            self.pause(0.05)


def ask(r, method, path, body=None, timeout=ANSWER_SECONDS):
    """One request to the control API: (status, bytes)."""
    connection = http.client.HTTPConnection(r.virga.host, r.virga.port, timeout=timeout)
    try:
        connection.request(method, "/_virga/" + path, None if body is None else body if isinstance(body, bytes) else json.dumps(body))
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def call(r, client, action, params, name=None, codes=None, **fields):
    """One signed call on a kept connection; the answer or None."""
    sent = time.monotonic()
    answer = client.call(action, params, **fields)
    r.ledger.answered(sent, action, answer, name, codes)
    return answer


def repeat(r, who, pause, work):
    """Runs work(client, number) until the round ends, on a connection that is made again after a failure."""
    number = 0
    while not r.stop.is_set():
        with r.answer_expected(who), contextlib.closing(r.virga.client()) as client:
            while not r.stop.is_set():
                number += 1
                work(client, number)
                r.pause(pause)


# --- clients of the cloud's API -------------------------------------------------------------------------------------


def create(r, rng, who):
    """Creates backups with names of their own, in every shape of a call, and asks for their state."""
    def work(client, number):
        name = f"r{r.number}_{who}_{number}"
        mode = rng.choice(Call.MODES)
        answer = call(r, client, "CreateBackup", {"InstanceId": CREATED, "BackupName": name}, name=name, mode=mode)
        r.ledger.count("calls " + mode)
        flow = answer.response.get("FlowId") if answer.json else None
        if flow and number % 4 == 0:
            call(r, client, "DescribeFlowStatus", {"FlowId": flow}, mode=rng.choice(Call.MODES))
    repeat(r, "create", 0.004, work)


def live(r, rng, who):
    """The other actions, on an instance of their own."""
    names = [f"db{i}" for i in range(6)]

    def work(client, number):
        one, two = rng.sample(names, 2)
        flow = str(rng.randrange(5000, 6000))
        action, params = rng.choice([
            ("CreateDB", {"DBs": [{"DBName": one}]}), ("DeleteDB", {"Names": [one]}), ("DescribeBackups", WINDOW),
            ("ModifyDBName", {"OldDBName": one, "NewDBName": two}), ("RemoveBackups", WINDOW),
            ("CreateBackup", {"Strategy": 1, "DBNames": [one]}), ("ModifyBackupStrategy", {"BackupModel": rng.choice(
                ["master_pkg", "master_no_pkg"])}), ("DescribeBackupByFlowId", {"FlowId": flow}),
            ("RestoreInstance", {"BackupId": rng.randrange(1 << 35, 1 << 36)}), ("DescribeRollbackTime", {"DBs": [one]}),
            ("RollbackInstance", {"Type": 1, "Time": time.strftime("%Y-%m-%d %H:%M:%S")}),
        ])
        call(r, client, action, {"InstanceId": OTHER, **params}, mode=rng.choice(Call.MODES))
        if number % 5 == 0:
            call(r, client, rng.choice(["DescribeDBs", "DescribeDBInstances"]), {"InstanceIdSet": [OTHER]}, mode="tc3")
    repeat(r, "live", 0.01, work)


def reject(r, rng, who):
    """Calls that must be refused, each with the code that says why."""
    kinds = [
        ("CreateBackup", {"InstanceId": CREATED}, {"secret_key": "wrong"}, "AuthFailure.SignatureFailure"),
        ("CreateBackup", {"InstanceId": CREATED}, {"secret_id": "AKIDnobody"}, "AuthFailure.SecretIdNotFound"),
        ("CreateBackup", {"InstanceId": CREATED}, {"timestamp": 1}, "AuthFailure.SignatureExpire"),
        ("NoSuchAction", {}, {}, "InvalidAction"),
        ("CreateBackup", {"InstanceId": CREATED}, {"version": "2000-01-01"}, "NoSuchVersion"),
        ("CloseLog", {"InstanceId": CREATED, "LogType": "blocked"}, {}, "InvalidParameter.InputIllegal"),
        ("CreateBackup", {"InstanceId": CREATED, "Nothing": "1"}, {}, "UnknownParameter"),
        ("CreateBackup", {"InstanceId": "mssql-nothing1"}, {}, "ResourceNotFound.InstanceNotFound"),
        ("CreateBackup", {"InstanceId": CREATED}, {"region": "nowhere"}, "InvalidParameterValue"),
    ]

    def work(client, number):
        action, params, fields, code = rng.choice(kinds)
        name = f"r{r.number}_{who}_{number}"
        if action == "CreateBackup":
            params = {**params, "BackupName": name}
        mode = rng.choice(Call.MODES)
        if "timestamp" in fields:
            fields = {"timestamp": r.virga.now() - 301 - rng.randrange(9999)}
        call(r, client, action, params, name=name, codes={code}, mode=mode, **fields)
        r.ledger.count("calls refused")
    repeat(r, "reject", 0.02, work)


def download(r, rng, who):
    """Creates a backup, asks for its address and downloads its file."""
    def work(client, number):
        name = f"r{r.number}_{who}_{number}"
        flow = call(r, client, "CreateBackup", {"InstanceId": CREATED, "BackupName": name}, name=name).response.get("FlowId")
        if not flow:
            return
        began = time.monotonic()
        found = call(r, client, "DescribeBackupByFlowId", {"InstanceId": CREATED, "FlowId": str(flow)},
                     codes={None, "ResourceNotFound.BackupNotFound"})
        address = urllib.parse.urlsplit(found.response.get("ExternalAddr") or "")
        if not address.path:
            return
        connection = http.client.HTTPConnection(r.virga.host, r.virga.port, timeout=ANSWER_SECONDS)
        connection.request("GET", f"{address.path}?{address.query}")
        answer = connection.getresponse()
        size = len(answer.read())
        connection.close()
        r.ledger.count("downloads")
        changed = any(c.ended >= began for c in r.ledger.changes) or r.ledger.disturbed(began, time.monotonic()) or r.clock_moved
        r.ledger.check("the address of a backup leads to its file", (answer.status == 200 and size > 0) or changed, (answer.status, size))
    repeat(r, "download", 0.05, work)


# --- clients of the control API -------------------------------------------------------------------------------------


def control(r, rng, who):
    """Reads what there is to read, and adds and removes fault rules that no other client's call matches."""
    paths = ["health", "info", "metrics", "clock", "faults", "limiter", "coverage?actions=called", "requests?limit=50", "openapi.json",
             "requests?code=ok&limit=5", "why/last", "schema.json"]
    while not r.stop.is_set():
        with r.answer_expected("control"):
            began = time.monotonic()
            status, _ = ask(r, "GET", rng.choice(paths))
            r.ledger.count("control requests")
            r.ledger.check("the control API answers", status in (200, 404), status)
            if rng.random() < 0.2:
                status, body = ask(r, "POST", "faults", {"trace": "soak", rng.choice(["delay_ms", "truncate"]): rng.randrange(300)})
                r.ledger.check("the control API answers", status == 200, (status, body[:200]))
                status, body = ask(r, "DELETE", f"faults/{json.loads(body)['id']}")
                r.ledger.check("the control API answers", status in (200, 404), (status, body[:200]))
            if rng.random() < 0.2:
                status, _ = ask(r, "GET", "ready")
                r.ledger.check("ready means that the store works", status == 200 or r.ledger.disturbed(began, time.monotonic()), status)
        r.pause(0.03)


def change(r, rng, who):
    """Resets, loaded states, an emptied journal: one after another, so that their order is known."""
    r.pause(rng.uniform(0.3, 1.5))
    while not r.stop.is_set():
        kind = rng.choice(["backups", "all", "load", "load", "journal"])
        path, body, keeps = f"reset?scope={kind}", None, frozenset()
        if kind == "load":
            if r.document is None:
                return
            path, body, keeps = "state", r.document, r.names
        one = Change(time.monotonic(), keeps, state=kind != "journal", journal=kind in ("all", "journal"))
        r.ledger.changes.append(one)
        r.ledger.note(f"change {kind}")
        with r.answer_expected("change"):
            status, text = ask(r, "PUT" if body else "POST", path, body)
            one.done, now = status == 200, time.monotonic()
            r.ledger.check("a reset and a loaded state succeed", one.done or r.ledger.disturbed(one.sent, now), (status, text[:200]))
            one.ended = now
            if not one.done:  # refused: nothing has changed (docs/control.md)
                one.state = one.journal = False
            r.ledger.count("resets and loaded states")
        r.pause(rng.uniform(1, 3))


def move_clock(r, rng, who):
    """Freezes, moves and scales the service's clock; at the end it runs as the machine's."""
    while not r.stop.is_set():
        r.pause(rng.uniform(0.2, 1))
        steps = [("PUT", "clock", {"mode": "frozen"}), ("PUT", "clock", {"mode": "real"}), ("PUT", "clock", {"mode": "scaled", "scale": 60}),
                 ("PUT", "clock", {"mode": "moved", "time": time.strftime("%Y-%m-%dT%H:%M:%S+08:00", time.gmtime(
                     time.time() + 8 * 3600 + rng.randrange(-7200, 7200)))}), ("POST", "clock/advance", {"seconds": rng.randrange(3600)})]
        with r.answer_expected("clock"):
            began = time.monotonic()
            status, body = ask(r, *rng.choice(steps))
            r.ledger.count("clock moves")
            r.ledger.check("the clock moves", status == 200 or r.ledger.disturbed(began, time.monotonic()), (status, body[:200]))
    with r.answer_expected("clock"):
        ask(r, "PUT", "clock", {"mode": "real"})


def listen(r, rng, who):
    """Reads the events; their ids increase. Some listeners stop reading or go away without a word."""
    while not r.stop.is_set():
        with contextlib.suppress(*BROKEN), socket.create_connection((r.virga.host, r.virga.port), timeout=2) as s:
            s.sendall(b"GET /_virga/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            r.ledger.count("event listeners")
            if rng.random() < 0.3:
                r.pause(rng.uniform(0.1, 1))  # reads nothing
                continue
            last, until = 0, time.monotonic() + rng.uniform(0.2, 2)
            with s.makefile("rb") as stream:
                while time.monotonic() < until and not r.stop.is_set():
                    line = stream.readline()
                    if line.startswith(b"id: "):
                        r.ledger.check("the ids of events increase", int(line[4:]) > last, (last, line))
                        last = int(line[4:])
        r.pause(0.05)


def archive(r, rng, who):
    """Downloads the journal as HAR: to its end, or goes away within it."""
    while not r.stop.is_set():
        if rng.random() < 0.5:
            with r.answer_expected("archive"):
                status, text = ask(r, "GET", f"requests.har?limit={rng.choice([10, 100, 1000])}", timeout=60)
                r.ledger.check("the journal's archive is whole", status == 200 and "entries" in json.loads(text)["log"], (status, text[-200:]))
                r.ledger.count("archives")
        else:
            with contextlib.suppress(OSError), socket.create_connection((r.virga.host, r.virga.port), timeout=5) as s:
                s.sendall(b"GET /_virga/requests.har?limit=2000 HTTP/1.1\r\nHost: localhost\r\n\r\n")
                s.recv(1000)
                r.pause(rng.uniform(0, 0.5))
                r.ledger.count("vanished clients")
        r.pause(0.3)


# --- clients that behave badly --------------------------------------------------------------------------------------


def reset_connection(s):
    """Closes with RST instead of FIN."""
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def vanish(r, rng, who):
    """Sends a request, whole or in part, and goes away before the answer."""
    while not r.stop.is_set():
        with contextlib.suppress(OSError), socket.create_connection((r.virga.host, r.virga.port), timeout=5) as s:
            trace = {"X-TC-TraceId": "soak"} if rng.random() < 0.3 else {}
            data = r.virga.prepare("CreateBackup", {"InstanceId": OTHER}, headers=trace).message().to_bytes()
            s.sendall(data[:rng.choice([len(data), rng.randrange(1, len(data))])])
            if rng.random() < 0.5:
                r.pause(rng.uniform(0, 0.1))
            if rng.random() < 0.5:
                reset_connection(s)
            r.ledger.count("vanished clients")
        r.pause(0.02)


def slow(r, rng, who):
    """Sends a call in small pieces, and reads the answer byte by byte."""
    while not r.stop.is_set():
        name = f"r{r.number}_{who}_{rng.randrange(1 << 40)}"
        with r.answer_expected("slow"), socket.create_connection((r.virga.host, r.virga.port), timeout=ANSWER_SECONDS) as s:
            data = r.virga.prepare("CreateBackup", {"InstanceId": CREATED, "BackupName": name}, mode=rng.choice(Call.MODES)).message().to_bytes()
            step, sent = rng.randrange(20, 200), time.monotonic()
            for at in range(0, len(data), step):
                s.sendall(data[at:at + step])
                r.pause(0.01)
            with s.makefile("rb", buffering=1) as stream:
                answer = read_answer(stream)
            if answer is None:
                raise OSError("closed without an answer")
            r.ledger.answered(sent, "CreateBackup", answer, name)
            r.ledger.count("slow clients")


def flood(r, rng, who):
    """Opens many connections that send nothing or a few bytes, and closes all at once."""
    while not r.stop.is_set():
        sockets = []
        with contextlib.suppress(OSError):
            for _ in range(rng.randrange(10, 120)):
                s = socket.create_connection((r.virga.host, r.virga.port), timeout=5)
                sockets.append(s)
                s.sendall(rng.choice([b"G", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nxxx", b"GET /?a=1"]))
        r.pause(rng.uniform(0.1, 0.5))
        for s in sockets:
            if rng.random() < 0.5:
                reset_connection(s)
            s.close()
        r.ledger.count("idle connections", len(sockets))
        r.pause(0.2)


def malformed(r, rng, who):
    """Bytes that are no request, or one that breaks a rule of HTTP: any answer of status 400 or more, or a closed connection."""
    kinds = [b"\x16\x03\x01\x02\x00", b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", b"\x00" * 200, b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
             b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
             b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n",
             Message("GET", "/_virga/requests/none", [("Host", "x.example")], b"").to_bytes()]
    while not r.stop.is_set():
        with contextlib.suppress(OSError), socket.create_connection((r.virga.host, r.virga.port), timeout=2) as s:
            s.sendall(rng.choice(kinds))
            first = s.recv(100)
            r.ledger.count("malformed requests")
            r.ledger.check("a malformed request is refused", not first or first.split(b" ")[1] >= b"400", first)
        r.pause(0.05)


ALWAYS = [create, create, live, reject, control, slow, vanish]
SOMETIMES = [change, move_clock, listen, listen, archive, flood, malformed, download]
