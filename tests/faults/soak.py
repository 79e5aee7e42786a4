#!/usr/bin/env python3
"""Mixed load with faults and kills, for as long as is asked: tests/faults/soak.py --minutes N [--seed S] [--rounds N].

In each round clients of all kinds (soak_load.py) use one server, while its disk is full, its files are moved or locked, or the process is
stopped; at the end the server goes on, ends, or is killed. After each round the promises of the documents are checked (soak_checks.py).
The last thing that it prints is a table. Exit status 1: a promise was broken. The plan follows from the seed; the moments do not.

VIRGA_BIN names the program; the release build is the default. As root, the state is on a small file system of its own, which a file fills.
"""
import argparse
import contextlib
import os
import pathlib
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import soak_checks as checks  # noqa: E402
import soak_load as load  # noqa: E402
from harness import Virga  # noqa: E402
from soak_ledger import Ledger  # noqa: E402

OPTIONS = ("--limit", "off", "--flow-seconds", "backup=0", "--log-level", "warn", "--journal-calls", str(checks.JOURNAL_CALLS))
DISK_MIB = 192
JOIN_SECONDS = 90
RECOVERY_SECONDS = 20
LOCK_SECONDS = 20
PROCESS_ROUNDS = (1, 1, 1, 2, 2, 2, 3, 4, 6, 30)  # how many rounds a process lives


class Disk:
    """The folder of the state: a file system of its own where that is wanted and can be made, else a folder."""

    def __init__(self, mount):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="virga-soak-"))
        command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", self.folder]
        self.mounted = mount and subprocess.run(command, capture_output=True, check=False).returncode == 0
        self.db, self.journal, self.ballast = self.folder / "virga.db", self.folder / "journal.db", self.folder / "ballast"

    def close(self):
        if self.mounted:
            subprocess.run(["umount", "--lazy", self.folder], check=True)
        shutil.rmtree(self.folder, ignore_errors=True)


# --- faults: each holds while its context is open -------------------------------------------------------------------


@contextlib.contextmanager
def full_disk(disk, _):
    with open(disk.ballast, "wb", buffering=0) as f, contextlib.suppress(OSError):
        for size in (1 << 20, 1 << 12):
            with contextlib.suppress(OSError):
                while f.write(b"x" * size) == size:
                    pass
    yield
    disk.ballast.unlink()


@contextlib.contextmanager
def full_file(disk, virga):
    """A limit on the size of a file instead of a full disk."""
    pid = virga.process.pid
    room = max(os.path.getsize(p) for p in disk.folder.glob("virga.db*"))
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    yield
    with contextlib.suppress(ProcessLookupError):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@contextlib.contextmanager
def moved(path):
    away = path.with_name(path.name + ".away")
    os.rename(path, away)
    yield
    os.rename(away, path)


@contextlib.contextmanager
def locked(path):
    """Holds the write lock, if the server leaves it for long enough."""
    other = sqlite3.connect(path, isolation_level=None, timeout=LOCK_SECONDS)
    with contextlib.suppress(sqlite3.OperationalError):
        other.execute("BEGIN IMMEDIATE")
    yield
    other.close()


@contextlib.contextmanager
def stopped(_, virga):
    virga.process.send_signal(signal.SIGSTOP)
    yield
    virga.process.send_signal(signal.SIGCONT)


FAULTS = {
    "full disk": full_disk,
    "full file": full_file,
    "state file moved away": lambda disk, _: moved(disk.db),
    "state log moved away": lambda disk, _: moved(disk.folder / "virga.db-wal"),
    "journal file moved away": lambda disk, _: moved(disk.journal),
    "state file locked": lambda disk, _: locked(disk.db),
    "journal file locked": lambda disk, _: locked(disk.journal),
    "process stopped": stopped,
}


# --- rounds ---------------------------------------------------------------------------------------------------------


class Soak:
    def __init__(self, seed, mount=True, binary=None, rss_mib=checks.RSS_MIB):
        self.rng, self.ledger, self.disk = random.Random(seed), Ledger(), Disk(mount)
        self.virga = Virga(*OPTIONS, "--journal", str(self.disk.journal), db=self.disk.db, binary_path=binary)
        self.faults = [name for name in FAULTS if name != "full disk" or self.disk.mounted]
        self.number, self.left, self.life = 0, 0, None
        self.rss_mib, self.largest = rss_mib, 0
        if not self.disk.mounted:
            print("skipped: full disk (no file system was mounted); a limit on the file's size is used", flush=True)

    def start(self):
        self.virga.restart()
        self.ledger.ending.clear()
        self.life = checks.Life(self.ledger, self.virga, self.rss_mib)
        self.left = self.rng.choice(PROCESS_ROUNDS)
        self.ledger.count("processes")

    def interrupted_starts(self):
        """Starts that are killed before or after they are ready."""
        for _ in range(self.rng.randrange(3)):
            with subprocess.Popen(self.virga.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
                time.sleep(self.rng.uniform(0, 0.03))
                process.kill()
            self.ledger.count("starts killed")

    def fault(self, name):
        """One fault for a moment; afterwards the store works again."""
        self.ledger.count("fault: " + name)
        self.ledger.open_window(name)
        with FAULTS[name](self.disk, self.virga):
            time.sleep(self.rng.uniform(0.1, 1.0))
        deadline = time.monotonic() + RECOVERY_SECONDS
        answer = None
        while time.monotonic() < deadline and self.virga.process.poll() is None:
            with contextlib.suppress(OSError, AssertionError):
                answer = self.virga.call("CreateBackup", {"InstanceId": load.CREATED})
                if answer.code is None:
                    break
            time.sleep(0.02)
        self.ledger.close_window()
        self.ledger.check("when the fault ends, calls succeed", answer is not None and answer.code is None, (name, answer and answer.body))

    def run_load(self, r, seconds, faults, end):
        """Runs the clients, the faults, and last `end`, while the clients still send."""
        chosen = load.ALWAYS + [c for c in load.SOMETIMES if self.rng.random() < 0.5]
        r.clock_moved = load.move_clock in chosen
        if r.document is None:
            chosen = [c for c in chosen if c is not load.change]
        threads = [threading.Thread(target=c, args=(r, random.Random(self.rng.random()), f"{i}"), daemon=True) for i, c in enumerate(chosen)]
        for t in threads:
            t.start()
        for name in faults:
            time.sleep(seconds / (len(faults) + 1))
            self.fault(name)
        time.sleep(seconds / (len(faults) + 1))
        checks.check_health(self.ledger, r)
        self.largest = max(self.largest, checks.rss_mib(self.virga.process.pid)) if self.virga.process.poll() is None else self.largest
        end()
        r.stop.set()
        for t in threads:
            t.join(JOIN_SECONDS)
        self.ledger.check("every client comes to an end", not any(t.is_alive() for t in threads), [str(t) for t in threads if t.is_alive()])

    def lives(self):
        """Whether the process is as it was; when it died by itself, it is started again."""
        code = self.virga.process.poll()
        self.ledger.check("the server ends only when it is asked to", code is None, (code, self.virga.stderr()[-500:]))
        return code is None

    def round(self):
        rng, ledger = self.rng, self.ledger
        self.number += 1
        ledger.note(f"round {self.number}")
        r = load.Round(self.virga, ledger, rng, self.number, threading.Event())
        if rng.random() < 0.6:
            r.document = checks.check_document(ledger, r)
            r.names = frozenset(call.name for call in ledger.calls if call.flow)
        ending = "stay" if self.left > 1 else rng.choice(["kill", "kill", "end"])
        faults = rng.sample(self.faults, rng.choice([0, 1, 1, 2]))
        end = {"stay": lambda: None, "kill": self.kill, "end": self.end}[ending]
        self.run_load(r, rng.uniform(1.0, 3.5), faults, end)
        self.left -= 1
        if ending == "stay" and self.lives():
            self.life.check(ledger)
            self.life.check_metrics(ledger, r)
            checks.check_journal(ledger, r)
        else:
            self.after_end(ending)
        self.check()

    def kill(self):
        self.ledger.ending.set()
        self.ledger.note("kill")
        self.virga.kill()
        self.ledger.count("kills")

    def end(self):
        self.ledger.ending.set()
        self.ledger.note("end")
        code, seconds = self.virga.terminate()
        self.ledger.count("orderly ends")
        self.ledger.check("SIGTERM ends it with status 0", code == 0, (code, seconds))

    def after_end(self, ending):
        """Looks at what the process left, and starts another one."""
        ledger = self.ledger
        self.life.check_memory(ledger)
        if ending == "end":
            checks.check_files(ledger, self.disk.folder, ended=True)
            ledger.check("no endpoints file is left", not self.virga.endpoints_file.exists())
            checks.check_flows(ledger, self.disk.db)
        else:
            self.interrupted_starts()
        checks.check_log(ledger, self.virga)
        self.start()
        checks.check_by_calls(ledger, self.virga, self.rng)

    def check(self):
        ledger, disk = self.ledger, self.disk
        ledger.count("flows given", sum(1 for c in ledger.calls if c.flow and c.request_id))
        checks.check_state(ledger, disk.db)
        checks.check_flows(ledger, disk.db)
        checks.check_unique(ledger)
        checks.check_journal_file(ledger, disk.journal)
        checks.check_files(ledger, disk.folder, ended=False)
        checks.check_folder(ledger, self.virga)
        checks.check_log(ledger, self.virga)
        ledger.forget()

    def close(self):
        self.ledger.ending.set()
        with contextlib.suppress(AssertionError):
            self.virga.terminate()
        shutil.rmtree(self.virga.directory, ignore_errors=True)
        self.disk.close()


def print_table(soak, seed, seconds):
    ledger = soak.ledger
    broken = {name: sum(1 for promise, _ in ledger.violations if promise == name) for name in ledger.checked}
    print(f"\n| seed {seed}, {seconds / 60:.0f} minutes | number |\n|---|---:|\n| rounds | {soak.number:,} |")
    for name, n in sorted(ledger.counts.items()):
        print(f"| {name} | {n:,} |")
    print(f"| largest resident memory under load, MiB | {soak.largest:.0f} |")
    print("\n| promise | checked | broken |\n|---|---:|---:|")
    for name, n in sorted(ledger.checked.items()):
        print(f"| {name} | {n:,} | {broken[name]:,} |")
    print(f"| all | {sum(ledger.checked.values()):,} | {len(ledger.violations):,} |", flush=True)


def run(soak, seed, minutes=0, rounds=None):
    """Soaks for some minutes or some rounds, prints the table, and returns the violations."""
    began = time.monotonic()
    try:
        soak.start()
        while soak.number < rounds if rounds else time.monotonic() < began + minutes * 60:
            soak.round()
    finally:
        print_table(soak, seed, time.monotonic() - began)
        soak.close()
    return soak.ledger.violations


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--rounds", type=int, help="a number of rounds instead of minutes")
    parser.add_argument("--seed", type=int, default=20180328)
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit("stopped"))  # the table is printed all the same
    return 1 if run(Soak(options.seed), options.seed, options.minutes, options.rounds) else 0


if __name__ == "__main__":
    sys.exit(main())
