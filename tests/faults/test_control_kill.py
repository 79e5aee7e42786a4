"""A kill -9 during a reset or while a state is loaded leaves all of the change or nothing of it."""
import contextlib
import json
import os
import socket
import sqlite3
import threading
import time

import pytest
from control import ask, done
from harness import Message, Virga

BINARY = os.environ.get("VIRGA_RELEASE_BIN")
ROUNDS = 12
LOGINS = 20_000


@pytest.fixture(scope="module")
def large():
    """A state that takes some time to load."""
    with Virga("--seed", "1", "--quiet", binary_path=BINARY) as virga:
        state = done(virga, "GET", "/_virga/state")
    logins = state["tables"]["login"]
    instance = logins["rows"][0][logins["columns"].index("instance")]
    full = dict(zip(logins["columns"], logins["rows"][0])) | {"instance": instance, "account_type": "L3"}
    logins["rows"] += [list((full | {"name": f"z{i:06}"}).values()) for i in range(LOGINS)]
    return json.dumps(state).encode()


def logins(db):
    with contextlib.closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return connection.execute("SELECT count(*) FROM login").fetchone()[0]


def send_and_kill(virga, message, after):
    """Sends a message and kills the server `after` seconds later. True when an answer came before."""
    with socket.create_connection((virga.host, virga.port), timeout=30) as s:
        s.sendall(message.to_bytes())
        killer = threading.Timer(after, virga.kill)
        killer.start()
        try:
            got = s.recv(1 << 16)
        except OSError:
            got = b""
        killer.join()
        return got.startswith(b"HTTP/1.1 200")


def request(virga, method, path, body=b""):
    return Message(method, path, [("Host", f"{virga.host}:{virga.port}"), ("Content-Length", str(len(body)))], body)


@pytest.mark.parametrize("what", ["put", "reset"])
def test_all_or_nothing(tmp_path, large, what):
    db = tmp_path / "virga.db"
    seen = set()
    with Virga("--seed", "1", "--limit", "off", "--quiet", db=db, binary_path=BINARY) as virga:
        small = logins(db)
        began = time.monotonic()
        done(virga, "PUT", "/_virga/state", large)
        if what == "reset":
            began = time.monotonic()
            done(virga, "POST", "/_virga/reset")
        takes = time.monotonic() - began
        for i in range(ROUNDS):
            if what == "put":
                done(virga, "POST", "/_virga/reset")
                message, old, new = request(virga, "PUT", "/_virga/state", large), small, small + LOGINS
            else:
                done(virga, "PUT", "/_virga/state", large)
                message, old, new = request(virga, "POST", "/_virga/reset"), small + LOGINS, small
            answered = send_and_kill(virga, message, takes * 1.4 * i / ROUNDS)
            now = logins(db)
            assert now in (old, new), "half of it"
            assert now == new or not answered, "it was answered and is not there"
            seen.add(now == new)
            virga.restart()
            assert ask(virga, "GET", "/_virga/ready").status == 200
    assert False in seen, "no kill came before the end"
