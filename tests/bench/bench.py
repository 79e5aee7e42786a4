#!/usr/bin/env python3
"""Measures virga and prints one markdown report; writes nothing into the repository.

    python3 tests/bench/bench.py --virga build/release/src/virga   (a release build)

Speed is a ratio: virga's signed CreateBackup against bare.c, which serves a constant with libmicrohttpd alone, in the same
round, on the same machine, with the same load generator. Unlike a number of calls a second, a ratio hardly depends on the
speed and the load of the machine. Server and generator share the cores of the machine, in the same way for all. bare.c runs
in two forms: "bare", as fast as the library is, and "same", with the library's settings that virga needs.

Needs a C compiler, libmicrohttpd's headers and wrk (`apt-get install wrk` on Debian and Ubuntu).
"""

import argparse
import contextlib
import datetime
import hashlib
import hmac
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# The built-in world's credential and instance, and the example of CreateBackup's own documentation.
SECRET_ID = "AKIDvirgaLocalEmulatorKeyEXAMPLE0001"
SECRET_KEY = "virgaLocalEmulatorSecretEXAMPLE1"
BODY = '{"InstanceId":"mssql-njj2mtpl","Strategy":1,"DBNames":["db1","db2"]}'
# As fast as possible: no rate limit, a flow that ends at once, no log line a call.
FLAGS = ["--limit", "off", "--flow-seconds", "backup=0", "--quiet"]
CONNECTIONS = (1, 32, 128)
MANY_FLOWS = 1_000_000


# --- one signed call -------------------------------------------------------------------------------------------


def signed_headers(host):
    """Headers of one TC3 CreateBackup, valid for five minutes."""
    now = int(time.time())
    date = datetime.datetime.fromtimestamp(now, datetime.timezone.utc).strftime("%Y-%m-%d")
    scope = f"{date}/sqlserver/tc3_request"
    payload = hashlib.sha256(BODY.encode()).hexdigest()
    canonical = f"POST\n/\n\ncontent-type:application/json\nhost:{host}\n\ncontent-type;host\n{payload}"
    text = f"TC3-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = b"TC3" + SECRET_KEY.encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), "sha256").digest()
    signature = hmac.new(key, text.encode(), "sha256").hexdigest()
    return {
        "Content-Type": "application/json",
        "X-TC-Action": "CreateBackup",
        "X-TC-Version": "2018-03-28",
        "X-TC-Region": "ap-guangzhou",
        "X-TC-Timestamp": str(now),
        "Authorization": f"TC3-HMAC-SHA256 Credential={SECRET_ID}/{scope}, "
        f"SignedHeaders=content-type;host, Signature={signature}",
    }


def request_bytes(port):
    host = f"127.0.0.1:{port}"
    headers = {"Host": host, "Content-Length": str(len(BODY)), **signed_headers(host)}
    return ("POST / HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items()) + "\r\n" + BODY).encode()


def one_answer(port, request=None):
    """Sends one call on a new connection: (header lines, body)."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as s:
        s.sendall(request or request_bytes(port))
        data = b""
        while b"}}" not in data:
            more = s.recv(65536)
            if not more:
                break
            data += more
    head, _, body = data.decode().partition("\r\n\r\n")
    return head.split("\r\n")[1:], body


def create_backup(port):
    """A FlowId. An error ends the program: a benchmark of errors is worth nothing."""
    body = one_answer(port)[1]
    flow = json.loads(body)["Response"].get("FlowId")
    if flow is None:
        sys.exit(f"CreateBackup failed: {body}")
    return flow


# --- servers -----------------------------------------------------------------------------------------------------


class Server:
    """A running program with a port: a context manager that ends it."""

    def __init__(self, argv, port):
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            self.port = port(self.process)
        except BaseException:
            self.process.kill()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=10)
        self.process.kill()
        self.process.wait()

    def cpu_ns(self):
        """Processor time of all threads. Unlike wall time it hardly depends on the load of the machine."""
        total = 0
        for task in os.listdir(f"/proc/{self.process.pid}/task"):
            with open(f"/proc/{self.process.pid}/task/{task}/schedstat", encoding="ascii") as f:
                total += int(f.read().split()[0])
        return total

    def resident_kib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))


def virga(binary, scratch, db=None):
    """Starts virga on a free port, which is in the endpoints file that virga writes."""
    endpoints = os.path.join(scratch, "endpoints.json")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(endpoints)
    state = ["--db", db] if db else ["--memory"]

    def port(process):
        deadline = time.monotonic() + 10
        while not os.path.exists(endpoints):
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"virga did not start: {process.stderr.read().decode()}")
            time.sleep(0.002)
        with open(endpoints, encoding="utf-8") as f:
            return int(json.load(f)["endpoint"].rsplit(":", 1)[1])

    return Server([binary, "serve", "--port", "0", "--endpoints-file", endpoints, *state, *FLAGS], port)


def bare(binary, form, header_lines, body):
    """Starts bare.c with a body of virga's size. "same" has virga's headers too. The library adds the other header lines."""
    own = ("date:", "content-length:", "connection:")
    headers = [line for line in header_lines if form == "same" and not line.lower().startswith(own)]
    return Server([binary, form, body, *headers], lambda process: int(process.stdout.readline()))


def build_bare(scratch):
    out = os.path.join(scratch, "bare")
    cc = os.environ.get("CC", "cc")
    include = os.path.join(HERE, os.pardir, os.pardir, "src")
    subprocess.run([cc, "-std=c17", "-D_GNU_SOURCE", "-O2", "-I", include, "-o", out, os.path.join(HERE, "bare.c"),
                    "-lmicrohttpd"], check=True)
    return out


# --- load --------------------------------------------------------------------------------------------------------


def wrk(port, connections, seconds, verify=False):
    """One run of wrk: (calls, calls a second), after checking that every call got its answer."""
    env = dict(os.environ, BENCH_BODY=BODY)
    env["BENCH_HEADERS"] = "".join(f"{k}: {v}\n" for k, v in signed_headers(f"127.0.0.1:{port}").items())
    if verify:
        env["BENCH_VERIFY"] = "1"
    out = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", os.path.join(HERE, "create_backup.lua"),
         f"http://127.0.0.1:{port}/"],
        env=env, capture_output=True, text=True, timeout=seconds + 30, check=True).stdout
    if "Socket errors" in out or "Non-2xx" in out:
        sys.exit(f"wrk met errors:\n{out}")
    if verify and not re.search(r"verified good=[1-9]\d* bad=0$", out, re.M):
        sys.exit(f"not every answer had a FlowId:\n{out}")
    calls, rate = re.search(r"(\d+) requests in.*Requests/sec:\s+([\d.]+)", out, re.S).groups()
    return int(calls), float(rate)


def marker(port):
    """A FlowId that divides two runs: wrk leaves one call in flight on each connection, and virga carries them out after
    wrk has ended. So this waits until no other call takes an id."""
    last = create_backup(port)
    while (flow := create_backup(port)) != last + 1:
        last = flow
        time.sleep(0.01)
    return flow


def check_count(calls, created, connections):
    """Every answer that wrk counted made a flow. At the end one more call of each connection may be in flight."""
    if not calls <= created <= calls + connections:
        sys.exit(f"wrk counted {calls} answers on {connections} connections, virga made {created} flows")


def load(server, connections, seconds, counts_flows):
    """(calls a second, processor microseconds a call) of one timed run.

    Ids are given in sequence, so two markers around the run show how many calls succeeded."""
    first = marker(server.port) if counts_flows else 0
    before = server.cpu_ns()
    calls, rate = wrk(server.port, connections, seconds)
    cost = (server.cpu_ns() - before) / calls / 1000
    if counts_flows:
        check_count(calls, create_backup(server.port) - first - 1, connections)
    return rate, cost


# --- what is measured --------------------------------------------------------------------------------------------


def fresh_file(scratch):
    folder = tempfile.mkdtemp(dir=scratch)
    return os.path.join(folder, "state.db")


def kinds(args, scratch):
    """Name -> a function that starts a fresh server of that kind."""
    binary = build_bare(scratch)
    with virga(args.virga, scratch) as server:
        header_lines, body = one_answer(server.port)
    return {
        "durable": lambda: virga(args.virga, scratch, fresh_file(scratch)),
        "memory": lambda: virga(args.virga, scratch),
        "same": lambda: bare(binary, "same", header_lines, body),
        "bare": lambda: bare(binary, "fastest", header_lines, body),
    }


def verify(starters):
    for start in starters.values():
        for connections in CONNECTIONS:
            with start() as server:
                wrk(server.port, connections, 1, verify=True)


def speed(args, starters):
    """{connections: {kind: [(rate, cost) of each round]}}; the kinds take turns, each run in a fresh process."""
    runs = {c: {kind: [] for kind in starters} for c in CONNECTIONS}
    for _ in range(args.rounds):
        for connections in CONNECTIONS:
            for kind, start in starters.items():
                with start() as server:
                    wrk(server.port, connections, 1)  # warm: pools, page cache, the library's lists
                    counts_flows = kind not in ("same", "bare")
                    runs[connections][kind].append(load(server, connections, args.seconds, counts_flows))
    return runs


def fill(path):
    """Gives every table of flows a million rows, as from that many finished calls."""
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        first = db.execute("SELECT max(id) + 1 FROM flow").fetchone()[0]
        db.execute("CREATE TEMP TABLE fill (id INTEGER PRIMARY KEY)")
        db.execute("INSERT INTO fill WITH RECURSIVE n (id) AS (SELECT ? UNION ALL SELECT id + 1 FROM n LIMIT ?)"
                   " SELECT id FROM n", (first, MANY_FLOWS))
        for table in ("flow", "flow_database", "backup"):
            copy_rows(db, table, first - 1)


def copy_rows(db, table, newest):
    """Copies the rows of the newest flow in a table once for each id in `fill`. Does not name the other columns."""
    key = "id" if table == "flow" else "flow"
    columns = [row[1] for row in db.execute(f"PRAGMA table_info ({table})") if row[1] != key]
    db.execute(f"CREATE TEMP TABLE model AS SELECT {', '.join(columns)} FROM {table} WHERE {key} = ?", (newest,))
    db.execute(f"INSERT INTO {table} ({key}, {', '.join(columns)}) SELECT fill.id, model.* FROM fill, model")
    db.execute("DROP TABLE model")


def many_flows(args, scratch):
    """[(ratio of processor time, ratio of wall time)] of a call with a million flows in the file, against none."""
    full, none = fresh_file(scratch), fresh_file(scratch)
    for path in (full, none):
        with virga(args.virga, scratch, path) as server:
            create_backup(server.port)
    fill(full)
    ratios = []
    for _ in range(args.rounds):
        rates, costs = [], []
        for source in (none, full):
            path = fresh_file(scratch)
            shutil.copyfile(source, path)
            os.sync()  # otherwise the writing back of the copy would count as part of the run
            with virga(args.virga, scratch, path) as server:
                wrk(server.port, 32, 1)
                rate, cost = load(server, 32, args.seconds, True)
            shutil.rmtree(os.path.dirname(path))
            rates.append(rate)
            costs.append(cost)
        ratios.append((costs[1] / costs[0], rates[0] / rates[1]))
    return ratios


def first_answer_ms(args):
    """From exec to the last byte of the first answer, in memory."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    request = request_bytes(port)
    argv = [args.virga, "serve", "--port", str(port), "--memory", *FLAGS]
    begin = time.perf_counter()
    pid = os.posix_spawn(args.virga, argv, os.environ)
    try:
        while time.perf_counter() < begin + 5:
            with contextlib.suppress(ConnectionRefusedError):
                one_answer(port, request)
                return (time.perf_counter() - begin) * 1000
            time.sleep(0.0001)  # leaves the processor to virga; limits the error of one measurement
        sys.exit("virga did not answer within 5 s")
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def idle_mib(args, scratch):
    with virga(args.virga, scratch) as server:
        create_backup(server.port)
        return server.resident_kib() / 1024


def stripped_mib(args, scratch):
    out = os.path.join(scratch, "stripped")
    subprocess.run(["strip", "-o", out, args.virga], check=True)
    return os.path.getsize(out) / 1024 / 1024


def fdatasync_us(scratch):
    """The time of one durable write of 4 KiB, which a group commit shares among calls."""
    times = []
    with open(os.path.join(scratch, "sync"), "wb", buffering=0) as f:
        for _ in range(200):
            f.write(bytes(4096))
            begin = time.perf_counter()
            os.fdatasync(f.fileno())
            times.append((time.perf_counter() - begin) * 1e6)
    return statistics.median(times)


# --- the report --------------------------------------------------------------------------------------------------


def spread(values, form):
    return f"{form.format(statistics.median(values))} ({form.format(min(values))} to {form.format(max(values))})"


def ratio(results, others):
    """The median of (calls a second in this kind / in the other kind), round by round."""
    return statistics.median(a[0] / b[0] for a, b in zip(results, others))


def report_speed(runs):
    """The goals are parts of the same-settings form."""
    goals = {("memory", 32): 0.50, ("durable", 32): 0.32, ("durable", 128): 0.40}
    print("| connections | server | calls/s, median (range) | CPU us/call | of same | of bare | goal, of same |")
    print("|---:|---|---:|---:|---:|---:|---|")
    for connections, kinds_run in runs.items():
        for kind, results in kinds_run.items():
            of_same = ratio(results, kinds_run["same"])
            goal = goals.get((kind, connections))
            verdict = f">= {goal:.2f}: {'met' if of_same >= goal else 'MISSED'}" if goal else ""
            cost = statistics.median(r[1] for r in results)
            rates = spread([r[0] for r in results], "{:,.0f}")
            print(f"| {connections} | {kind} | {rates} | {cost:.1f} | {of_same:.2f} | {ratio(results, kinds_run['bare']):.2f} "
                  f"| {verdict} |")
    print()


def report_row(name, values, form, goal):
    """One more measurement; every goal here is an upper bound."""
    met = "met" if statistics.median(values) <= goal else "MISSED"
    print(f"| {name} | {spread(values, form)} | <= {form.format(goal)}: {met} |", flush=True)


def report(args, scratch):
    kind = subprocess.check_output(["stat", "-f", "-c", "%T", scratch], text=True).strip()
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before the run; state on {kind}, one 4 KiB "
          f"fdatasync {fdatasync_us(scratch):,.0f} us; {args.rounds} rounds of {args.seconds} s.\n", flush=True)
    starters = kinds(args, scratch)
    verify(starters)
    report_speed(speed(args, starters))
    print("| what | median (range) | goal |\n|---|---:|---|")
    report_row("exec to first answer, memory (ms)", [first_answer_ms(args) for _ in range(20)], "{:.1f}", 4)
    report_row("resident when idle (MiB)", [idle_mib(args, scratch)], "{:.1f}", 7)
    report_row("program, stripped (MiB)", [stripped_mib(args, scratch)], "{:.2f}", 1.3)
    ratios = many_flows(args, scratch)
    report_row("call with 1,000,000 flows / none, CPU", [r[0] for r in ratios], "{:.2f}", 1.15)
    report_row("call with 1,000,000 flows / none, wall", [r[1] for r in ratios], "{:.2f}", 1.15)


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--virga", default=os.environ.get("VIRGA_BIN"), help="the program (or VIRGA_BIN)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of each timed run")
    parser.add_argument("--dir", help="where the state is kept meanwhile; only on a real disk the durable rows mean something")
    args = parser.parse_args()
    if not args.virga or not os.access(args.virga, os.X_OK):
        parser.error("--virga: no such program")
    if not shutil.which("wrk"):
        parser.error("wrk is missing: apt-get install wrk")
    args.virga = os.path.abspath(args.virga)
    return args


def main():
    args = parse_args()
    with tempfile.TemporaryDirectory(prefix="virga-bench-", dir=args.dir) as scratch:
        report(args, scratch)


if __name__ == "__main__":
    main()
