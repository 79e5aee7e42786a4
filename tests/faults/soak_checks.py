"""What a soak checks after each round: the promises of docs/decisions.md, docs/fidelity.md and docs/testing.md that a program can check."""
import contextlib
import http.client
import json
import os
import re
import sqlite3
import time

import harness
from soak_load import ask

# LIMIT_IDLE_SECONDS, and some more on a busy machine.
GONE_SECONDS = 20
FILES = {"virga.db", "virga.db-wal", "virga.db-shm", "virga.db.lock", "journal.db", "journal.db-wal", "journal.db-shm", "journal.db.lock"}
SAMPLE = 100  # flows that are asked for by a call, of those that are looked for in the file
RSS_MIB = 96
JOURNAL_CALLS = 8000
SHOWN_CALLS = JOURNAL_CALLS // 2  # the newest calls that are looked for


def rows(db, sql, *values):
    with contextlib.closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True)) as connection:
        return connection.execute(sql, values).fetchall()


# --- the state ------------------------------------------------------------------------------------------------------

# Each statement finds rows of a flow that was written in part, or that contradict each other.
HALVES = {
    # A removed backup leaves its flow.
    "a flow without a database": "SELECT id, kind, outcome FROM flow WHERE id NOT IN (SELECT flow FROM flow_database)"
                               " AND (id IN (SELECT flow FROM backup) OR kind NOT IN ('backup', 'autobackup', 'deletedb'))",
    "a database of no flow": "SELECT flow FROM flow_database WHERE flow NOT IN (SELECT id FROM flow)",
    "a backup of no flow": "SELECT flow FROM backup WHERE flow NOT IN (SELECT id FROM flow)",
    "a settled flow whose backup runs": "SELECT flow FROM backup JOIN flow ON id = flow WHERE outcome IS NOT NULL AND status = 0",
    "an open flow whose backup has ended": "SELECT flow FROM backup JOIN flow ON id = flow WHERE outcome IS NULL AND status <> 0",
    "a database that no open flow holds": "SELECT name FROM database WHERE status IN (-1, 1, 3) AND NOT EXISTS (SELECT 1 FROM"
                                          " flow_database AS f JOIN flow ON flow.id = f.flow WHERE f.name = database.name"
                                          " AND flow.instance = database.instance AND outcome IS NULL)",
    "a wrong count of instances": "SELECT 1 FROM instance_count AS c WHERE n <> (SELECT count(*) FROM instance WHERE hidden = 0"
                                  " AND instance.account = c.account AND instance.region = c.region)",
}


def check_state(ledger, db):
    ledger.check("the state file is whole", rows(db, "PRAGMA integrity_check") == [("ok",)], "integrity_check")
    ledger.check("the state file is whole", rows(db, "PRAGMA foreign_key_check") == [], "foreign_key_check")
    for what, sql in HALVES.items():
        found = rows(db, sql)
        ledger.check("no half-written flow", found == [], (what, found[:5]))


def check_flows(ledger, db):
    """Flows that were given are there, with the backup of their name; those of a refused call, or before a reset, are not."""
    backups = {name: flow for flow, name in rows(db, "SELECT flow, name FROM backup")}
    flows = {row[0] for row in rows(db, "SELECT id FROM flow")}
    for call in ledger.calls:
        if not call.flow:
            continue
        fate = ledger.fate(call)
        if fate == "must":
            ledger.check("a FlowId that a client was given is found", call.flow in flows and backups.get(call.name) == call.flow,
                         (call.flow, call.name, backups.get(call.name), call.flow in flows))
        elif fate == "gone":
            ledger.check("a reset removes all, a loaded state replaces all", call.name not in backups, (call.flow, call.name))
    wrong = [name for name in ledger.refused if name in backups]
    ledger.check("a refused call leaves nothing", wrong == [], wrong[:5], n=len(ledger.refused))


def check_unique(ledger):
    """Of flows between two changes of the state, no two have one id."""
    must = [call.flow for call in ledger.calls if call.flow and ledger.fate(call) == "must"]
    ledger.check("a FlowId is given once", len(set(must)) == len(must), len(must) - len(set(must)), n=len(must))
    ids = [call.request_id for call in ledger.calls if call.request_id]
    ledger.check("a RequestId is given once", len(set(ids)) == len(ids), len(ids) - len(set(ids)), n=len(ids))


def check_by_calls(ledger, virga, rng):
    """After a restart the API knows the flows."""
    must = [call for call in ledger.calls if call.flow and ledger.fate(call) == "must"]
    client = virga.client()
    for call in must[-SAMPLE // 2:] + rng.sample(must, min(SAMPLE // 2, len(must))):
        answer = client.call("DescribeFlowStatus", {"FlowId": call.flow})
        ledger.check("a FlowId that a client was given is found", answer.response.get("Status") == 0, (call.flow, call.name, answer.body))
    client.close()


# --- the journal ----------------------------------------------------------------------------------------------------


def matches(call, row):
    """Whether a row of the journal is that of the call."""
    return row is not None and row[1:3] == (call.action, call.code or "ok") and (not call.name or row[3] == call.flow)


def describe(calls, ledger):
    """Some calls of a check, with the time from the end of the last fault."""
    last = ledger.windows[-1][1] if ledger.windows else 0
    return len(calls), [(f"{call.sent - last:.3f}", f"{call.received - last:.3f}", call.action, call.code) for call in calls[:5] + calls[-5:]]


def check_journal_file(ledger, path):
    """A call that was answered is in the file, unless the disk refused; secrets never are."""
    known = {row[0]: row for row in rows(path, "SELECT request_id, action, code, flow_id FROM v_requests")}
    must = [call for call in ledger.calls if call.request_id and not ledger.disturbed(call.sent, call.received) and
            ledger.fate(call, journal=True) == "must"][-SHOWN_CALLS:]
    missing = [call for call in must if not matches(call, known.get(call.request_id))]
    ledger.check("an answered call is in the journal's file", missing == [], (len(known), describe(missing, ledger)), n=len(must))
    found = rows(path, "SELECT request_id FROM v_requests WHERE instr(headers || target || body || answer, ?)", harness.SECRET_KEY)
    ledger.check("the journal has no secrets", found == [], found[:3])
    found = rows(path, "SELECT headers FROM v_requests WHERE headers GLOB '*Signature=[0-9a-f][0-9a-f]*' OR target GLOB '*Signature=[^*]*' LIMIT 3")
    ledger.check("the journal has no secrets", found == [], found)


def check_journal(ledger, r):
    """A call that was answered is in the journal of the running server."""
    must = [call for call in ledger.calls if call.request_id and ledger.fate(call, journal=True) == "must"][-1500:]
    status, text = ask(r, "GET", "requests?limit=4000", timeout=60)
    known = {entry["request_id"] for entry in json.loads(text)["requests"]} if status == 200 else set()
    missing = [call for call in must if call.request_id not in known]
    ledger.check("an answered call is in the journal", missing == [], (len(known), describe(missing, ledger)), n=len(must))


# --- the process ----------------------------------------------------------------------------------------------------


def rss_mib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


def open_files(pid):
    files = set()
    for n in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            files.add((n, os.readlink(f"/proc/{pid}/fd/{n}")))
    return files


class Life:
    """One process: what it had at its start, and how it develops."""

    def __init__(self, ledger, virga, rss_mib_most):
        self.rss_mib_most = rss_mib_most
        self.calls, self.filling = ledger.counts["calls"], 0  # rounds in which the journal was not full yet
        virga.call("DescribeFlowStatus", {"FlowId": 1})  # opens what is opened at first use
        self.pid, self.open_files = virga.process.pid, open_files(virga.process.pid)
        self.rss, self.metrics, self.seen = [], {}, {}

    def check(self, ledger):
        """After all clients have gone: files are as at the start, and each connection is closed in time."""
        left = open_files(self.pid) - self.open_files
        now = time.monotonic()
        self.seen = {file: self.seen.get(file, now) for file in left}
        late = [file for file, since in self.seen.items() if now - since > GONE_SECONDS or not file[1].startswith("socket:")]
        ledger.check("descriptors are flat: a client that has gone holds none", late == [], late)
        if ledger.counts["calls"] - self.calls < JOURNAL_CALLS:
            self.filling += 1
        self.rss.append(rss_mib(self.pid))
        ledger.check("memory stays below its limit", self.rss[-1] < self.rss_mib_most, self.rss)

    def check_metrics(self, ledger, r):
        """Counters only increase."""
        _, text = ask(r, "GET", "metrics")
        now = {}
        for line in text.decode().splitlines():
            name, _, value = line.rpartition(" ")
            if not line.startswith("#") and "_total" in name:
                now[name] = float(value)
        fell = [name for name in now if now[name] < self.metrics.get(name, 0)]
        ledger.check("counters only increase", fell == [], fell, n=len(now))
        self.metrics = now

    def check_memory(self, ledger):
        """Once the journal is full, memory stays as it is, but for a little."""
        full = self.rss[self.filling:]
        if len(full) >= 6:
            ledger.check("memory is flat", min(full[-2:]) <= max(full[:3]) + 8, [round(x) for x in self.rss])


def check_files(ledger, folder, ended):
    """No temporary file is left; after an orderly end, no log either."""
    left = {p.name for p in folder.iterdir()} - {"ballast"}
    allowed = {name for name in FILES if not name.endswith(("-wal", "-shm", ".lock"))} if ended else FILES
    ledger.check("no temporary file is left", left <= allowed, sorted(left - allowed))


def check_folder(ledger, virga):
    left = {p.name for p in virga.directory.iterdir()} - {"endpoints.json", "stderr", "stdout"}
    ledger.check("no temporary file is left", not left, sorted(left))


LOG = re.compile(r"Sanitizer|runtime error|[Aa]ssert|out of memory|core dumped")


def check_log(ledger, virga):
    """The log has no word of a crash. It is emptied afterwards."""
    lines = virga.stderr().splitlines()
    bad = [line for line in lines if LOG.search(line)]
    for line in [line for line in lines if "cannot be written" in line][-3:]:
        ledger.note(line)
    ledger.check("the log has no word of a crash", bad == [], bad[:3])
    os.truncate(virga.stderr_file, 0)


def check_document(ledger, r):
    """A state that was put is returned byte for byte. Only while no other client runs, and while no flow becomes due."""
    ask(r, "PUT", "clock", {"mode": "frozen"})
    status, document = ask(r, "GET", "state", timeout=60)
    if status == 200:
        status, _ = ask(r, "PUT", "state", document, timeout=60)
    again = ask(r, "GET", "state", timeout=60)[1]
    ask(r, "PUT", "clock", {"mode": "real"})
    ledger.check("a state is returned byte for byte", status == 200 and again == document, (status, len(document), len(again)))
    return document if again == document else None


def check_health(ledger, r):
    with contextlib.suppress(OSError, http.client.HTTPException):
        status, _ = ask(r, "GET", "health")
        ledger.check("health answers while the load runs", status == 200, status)
        return
    ledger.check("health answers while the load runs", False, "no answer")
