#!/usr/bin/env python3
"""Measures how long a durable CreateBackup takes at a steady pace, alone and beside clients that cost much.

    python3 tests/bench/latency.py --virga build/release/src/virga --dir DIR   (a release build, an idle machine)

Calls start at fixed times, spread over some connections, and the time of a call counts from when it should have started: a
call that waits for an earlier one on its connection is as late as a user sees it. Beside them run, one after another and
then together: calls with a wrong signature, which the signature doctor examines; downloads of the journal as HAR; a
subscriber to the events. Prints one markdown table. Needs wrk, which fills the journal.
"""

import argparse
import contextlib
import http.client
import os
import selectors
import socket
import sys
import tempfile
import threading
import time

import bench

CONNECTIONS = 64
# With this many finished calls a HAR has tens of megabytes.
JOURNAL_CALLS = 10_000
GOAL = 3.0


# --- the paced calls ---------------------------------------------------------------------------------------------


class Pace:
    """Starts `rate` calls a second and records the milliseconds of each."""

    def __init__(self, port, rate, seconds):
        self.rate, self.total = rate, rate * seconds
        self.request = bench.request_bytes(port)
        self.selector = selectors.DefaultSelector()
        self.free, self.times = [], []
        for _ in range(CONNECTIONS):
            s = socket.create_connection(("127.0.0.1", port))
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.free.append(s)

    def start_due(self, begin, started):
        """Sends the calls whose time has come, as long as a connection is free; returns how many have started in all."""
        now = time.perf_counter()
        while started < self.total and begin + started / self.rate <= now and self.free:
            s = self.free.pop()
            s.sendall(self.request)
            self.selector.register(s, selectors.EVENT_READ, begin + started / self.rate)
            started += 1
        return started

    def finish(self, key):
        """An answer is far smaller than a segment, so that it arrives in one piece."""
        answer = key.fileobj.recv(65536)
        if b'"FlowId"' not in answer:
            sys.exit(f"a call failed: {answer[:300]}")
        self.times.append((time.perf_counter() - key.data) * 1000)
        self.selector.unregister(key.fileobj)
        self.free.append(key.fileobj)

    def run(self):
        begin, started = time.perf_counter(), 0
        while len(self.times) < self.total:
            started = self.start_due(begin, started)
            next_s = begin + started / self.rate - time.perf_counter()
            for key, _ in self.selector.select(max(0, next_s) if self.free and started < self.total else 1):
                self.finish(key)
        for s in self.free:
            s.close()
        return sorted(self.times)


# --- what runs beside them ---------------------------------------------------------------------------------------


def repeat_wrong_signature(port, stop):
    request = bench.request_bytes(port).replace(b"Signature=", b"Signature=0", 1)
    at = request.index(b"Signature=0") + len(b"Signature=") + 64
    request = request[:at] + request[at + 1:]  # still 64 digits, each one place later
    with socket.create_connection(("127.0.0.1", port)) as s:
        while not stop.is_set():
            s.sendall(request)
            if b"AuthFailure" not in s.recv(65536):
                sys.exit("a wrong signature was accepted")


def repeat_har(port, stop):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    while not stop.is_set():
        connection.request("GET", f"/_virga/requests.har?limit={JOURNAL_CALLS}")
        response = connection.getresponse()
        if response.status != 200:
            sys.exit(f"no HAR: {response.status}")
        while response.read(1 << 20):
            pass


def read_events(port, stop):
    with socket.create_connection(("127.0.0.1", port)) as s:
        s.sendall(b"GET /_virga/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        s.settimeout(0.5)
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                if not s.recv(1 << 16):
                    sys.exit("the event stream ended")


@contextlib.contextmanager
def beside(port, works):
    stop = threading.Event()
    threads = [threading.Thread(target=work, args=(port, stop), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    yield
    stop.set()
    for thread in threads:
        thread.join(timeout=10)


# --- the report --------------------------------------------------------------------------------------------------

SITUATIONS = {
    "quiet": [],
    "wrong signatures": [repeat_wrong_signature],
    "HAR download": [repeat_har],
    "event listener": [read_events],
    "all three": [repeat_wrong_signature, repeat_har, read_events],
}


def measure(args, scratch, works):
    """(p50, p99, the slowest) in a process of its own, whose journal is full."""
    with bench.virga(args.virga, scratch, bench.fresh_file(scratch)) as server:
        filled = 0
        while filled < JOURNAL_CALLS:
            filled += bench.wrk(server.port, 32, 1)[0]
        # In a process of its own: the others would take the interpreter from the paced calls.
        reader, writer = os.pipe()
        child = os.fork() if works else 0
        if works and child == 0:
            os.close(writer)
            with beside(server.port, works):
                os.read(reader, 1)
            os._exit(0)
        times = Pace(server.port, args.rate, args.seconds).run()
        os.close(writer)
        if child:
            os.waitpid(child, 0)
        os.close(reader)
    return times[len(times) // 2], times[len(times) * 99 // 100], times[-1]


def report(args, scratch):
    print(f"{args.rate:,} calls/s for {args.seconds} s, {args.rounds} rounds, load {os.getloadavg()[0]:.1f} before\n")
    print("| beside it | p50 ms | p99 ms | slowest ms | p99 of quiet | goal |\n|---|---:|---:|---:|---:|---|")
    quiet = None
    for name, works in SITUATIONS.items():
        runs = [measure(args, scratch, works) for _ in range(args.rounds)]
        p50, p99, slowest = (sorted(column)[len(runs) // 2] for column in zip(*runs))
        quiet = quiet or p99
        goal = "" if name == "quiet" else f"<= {GOAL:.0f}: {'met' if p99 <= GOAL * quiet else 'MISSED'}"
        print(f"| {name} | {p50:.2f} | {p99:.2f} | {slowest:.1f} | {p99 / quiet:.1f} | {goal} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--virga", default=os.environ.get("VIRGA_BIN"), help="the program (or VIRGA_BIN)")
    parser.add_argument("--rate", type=int, default=5000, help="calls a second")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--dir", help="where the state is kept meanwhile: a real disk")
    args = parser.parse_args()
    if not args.virga or not os.access(args.virga, os.X_OK):
        parser.error("--virga: no such program")
    args.virga = os.path.abspath(args.virga)
    with tempfile.TemporaryDirectory(prefix="virga-latency-", dir=args.dir) as scratch:
        report(args, scratch)


if __name__ == "__main__":
    main()
