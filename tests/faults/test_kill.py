"""A kill -9 at any moment loses no FlowId that a client was given, and leaves no half-written flow."""
import contextlib
import os
import random
import socket
import sqlite3
import threading
import time

from harness import Virga, read_answer

ROUNDS = 50
CONNECTIONS = 4
SECONDS = 60
BINARY = os.environ.get("VIRGA_RELEASE_BIN")  # the release build, because there are fifty starts


def keep_creating(virga, given):
    """Creates backups on one connection until the server is killed. Appends each FlowId that arrives to `given`."""
    # One signature for all of them, since it can be used again within its five minutes.
    data = virga.prepare("CreateBackup", {"InstanceId": "mssql-njj2mtpl"}).message().to_bytes()
    try:
        with socket.create_connection((virga.host, virga.port), timeout=10) as s, s.makefile("rb") as stream:
            while True:
                s.sendall(data)
                answer = read_answer(stream)
                if answer is None:
                    return
                given.append(answer.response["FlowId"])
    except (OSError, AssertionError, ValueError):
        return  # the kill came within an answer


def load_and_kill(virga, seconds):
    given = [[] for _ in range(CONNECTIONS)]
    threads = [threading.Thread(target=keep_creating, args=(virga, g)) for g in given]
    for t in threads:
        t.start()
    time.sleep(seconds)
    virga.kill()
    for t in threads:
        t.join()
    return sorted(flow for g in given for flow in g)


def rows(db, sql):
    with contextlib.closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True)) as connection:
        return connection.execute(sql).fetchall()


def assert_whole(db, flows):
    assert rows(db, "PRAGMA integrity_check") == [("ok",)]
    assert rows(db, "PRAGMA foreign_key_check") == []
    assert rows(db, "SELECT id FROM flow WHERE id NOT IN (SELECT flow FROM backup)") == []
    assert rows(db, "SELECT flow FROM backup WHERE flow NOT IN (SELECT id FROM flow)") == []
    # A backup of the whole instance works on its two databases, in the order of their names.
    assert rows(db, "SELECT id FROM flow WHERE (SELECT group_concat(ordinal || name) FROM"
                    " (SELECT * FROM flow_database WHERE flow = id ORDER BY ordinal)) <> '0db1,1db2'") == []
    assert rows(db, "SELECT flow FROM flow_database WHERE effect IS NOT NULL OR new_name IS NOT NULL"
                    " OR flow NOT IN (SELECT id FROM flow)") == []
    # A flow without duration ends when it starts, and its backup too.
    assert rows(db, "SELECT id FROM flow WHERE outcome IS NOT 'success' OR fails <> 0 OR due_ms <> start_ms") == []
    assert rows(db, "SELECT flow FROM backup JOIN flow ON flow.id = flow WHERE status <> 1 OR end_ms IS NOT due_ms"
                    " OR backup.start_ms <> flow.start_ms OR backup.instance <> flow.instance") == []
    assert flows <= {row[0] for row in rows(db, "SELECT id FROM flow")}, "a FlowId that a client was given is gone"


def test_kill_at_random_moments(tmp_path):
    rng = random.Random(20180328)  # the moments differ all the same, with the load of the machine
    db = tmp_path / "virga.db"
    began = time.monotonic()
    virga = Virga("--limit", "off", "--flow-seconds", "backup=0", "--quiet", db=db, binary_path=BINARY)
    given, rounds = set(), 0
    with virga:
        while rounds < ROUNDS:
            flows = load_and_kill(virga, rng.uniform(0.0, 0.25))
            assert len(set(flows)) == len(flows) and not given & set(flows), "a FlowId was given twice"
            given |= set(flows)
            virga.restart()
            client = virga.client()
            for flow in flows:
                assert client.call("DescribeFlowStatus", {"FlowId": flow}).response.get("Status") == 0, flow
            client.close()
            rounds += 1
        assert_whole(db, given)
        virga.terminate()
        assert_whole(db, given)
    spent = time.monotonic() - began
    print(f"{rounds} kills, {len(given)} flows given, {spent:.1f} s")
    assert len(given) > rounds, "the load was too small to prove anything"
    assert spent < SECONDS
