"""What a soak knows: the calls that were answered, the flows that were given, what changed the state, and what was found wrong."""
import collections
import json
import math
import pathlib
import threading
import time

SCHEMA = pathlib.Path(__file__).resolve().parent.parent.parent / "schema"


class Call:
    """One answered call. The server has run it at some moment between `sent` and `received`."""

    def __init__(self, sent, received, action, answer, name=None):
        self.sent, self.received, self.action, self.name = sent, received, action, name
        self.request_id, self.code = answer.response["RequestId"], answer.code
        self.flow = answer.response.get("FlowId") if name else None


class Change:
    """A reset, a loaded state or an emptied journal. `ended` is infinite when no answer came, so that it may or may not have happened."""

    def __init__(self, sent, keeps=frozenset(), state=True, journal=False):
        self.sent, self.ended, self.done = sent, math.inf, False
        self.keeps, self.state, self.journal = keeps, state, journal


def declared_codes():
    """The codes that an action may return, by action."""
    common = {row["code"] for row in json.loads((SCHEMA / "errors.json").read_text())}
    codes = {}
    for path in (SCHEMA / "sqlserver").glob("[A-Z]*.json"):
        action = json.loads(path.read_text())
        codes[action["action"]] = common | {e if isinstance(e, str) else e["code"] for e in action["errors"]}
    return common, codes


class Ledger:
    """Threads append to it while the load runs. The checks read it when the load has ended."""

    def __init__(self):
        self.lock = threading.Lock()
        self.common, self.codes = declared_codes()
        self.calls, self.changes, self.windows = [], [], []  # since the last forget()
        self.refused = []  # names of backups whose creation was refused
        self.counts = collections.Counter()
        self.checked = collections.Counter()
        self.violations = []
        self.ending = threading.Event()  # the server is being ended: answers may be missing
        self.events = collections.deque(maxlen=40)  # what was done, for the report of a violation

    def count(self, what, n=1):
        with self.lock:
            self.counts[what] += n

    def note(self, text):
        self.events.append(f"{time.monotonic():.3f} {text}")

    def check(self, promise, holds, detail="", n=1):
        """Counts a check of a promise, and keeps what breaks it."""
        with self.lock:
            self.checked[promise] += n
            if holds:
                return
            self.violations.append((promise, str(detail)[:600]))
        print(f"VIOLATION {promise}: {str(detail)[:600]}\n    " + "\n    ".join(self.events), flush=True)

    # --- the store's failures ---

    def open_window(self, kind):
        """From now on the store may refuse."""
        self.windows.append([time.monotonic(), math.inf, kind])
        self.note(f"fault {kind}")

    def close_window(self):
        self.windows[-1][1] = time.monotonic()
        self.note("fault ends")

    def disturbed(self, sent, received):
        return any(begin <= received and end >= sent for begin, end, _ in self.windows)

    # --- calls ---

    def answered(self, sent, action, answer, name=None, codes=None):
        """Keeps an answered call. `codes` are those that are expected; None: those that the action declares."""
        received = time.monotonic()
        self.check("an answer has status 200, JSON and a RequestId", answer is not None and answer.status == 200 and
                   answer.json is not None and "RequestId" in answer.json["Response"], answer and (answer.status, answer.body[:200]))
        if answer is None or answer.json is None:
            return None
        call = Call(sent, received, action, answer, name)
        with self.lock:
            self.calls.append(call)
            self.counts["calls"] += 1
            self.counts["errors answered"] += call.code is not None
            if name and call.code:
                self.refused.append(name)
        store = call.code is not None and call.code.startswith(("InternalError", "FailedOperation"))
        self.check("no internal error while the store works", not store or self.disturbed(sent, received),
                   (action, call.code, answer.message))
        allowed = codes or self.codes.get(action, self.common) | {None}
        self.check("an error is one that the action declares", call.code in allowed or (store and call.code in self.codes.get(action, ())),
                   (action, call.code, answer.message, codes))
        return call

    # --- what must be there ---

    def fate(self, call, journal=False):
        """must, may or gone: whether the flow (or the journal's entry) of a call is still there after all changes."""
        fate = "must"
        for change in self.changes:
            if not (change.journal if journal else change.state) or change.ended <= call.sent:
                continue
            kept = not journal and call.name in change.keeps
            if change.sent < call.received:
                fate = "may"  # both ran at the same time
            elif change.done:
                fate = "must" if kept else "gone"
            elif fate == "must" and not kept or fate == "gone" and kept:
                fate = "may"
        return fate

    def forget(self):
        """After the checks of a round: keeps only the flows that must still be there."""
        kept = [call for call in self.calls if call.flow and self.fate(call) == "must"]
        # All changes are over, so only later ones count. A change without an answer is over because the server has ended.
        self.calls, self.changes, self.windows, self.refused = kept, [], [], []
        for call in kept:
            call.sent = call.received = 0.0
            call.request_id = None
