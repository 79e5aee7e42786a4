"""Server-sent events: every call, every change of a flow, and clients that connect, read slowly and disconnect."""
import http.client
import json
import socket
import time

import pytest

import harness

BACKUP = {"InstanceId": "mssql-njj2mtpl", "Strategy": 1, "DBNames": ["db1"]}
LISTENERS_MAX = 32  # LIMIT_LISTENERS


class Listener:
    def __init__(self, virga, headers=None):
        self.connection = http.client.HTTPConnection(virga.host, virga.port, timeout=15)
        self.connection.request("GET", "/_virga/events", headers=headers or {})
        self.answer = self.connection.getresponse()

    def next(self):
        """(kind, id, data) of the next event. Skips comments. None at the end."""
        fields = {}
        while True:
            line = self.answer.readline()
            if not line:
                return None
            line = line.decode().rstrip("\n")
            if line.startswith(":") or (not line and "data" not in fields):
                continue
            if not line:
                return fields["event"], int(fields["id"]), json.loads(fields["data"])
            name, _, value = line.partition(": ")
            fields[name] = value

    def close(self):
        self.answer.close()
        self.connection.close()


@pytest.fixture
def virga():
    with harness.Virga("--seed", "1", "--limit", "off", "--flow-seconds", "backup=1") as server:
        yield server


def test_calls_and_flows_are_sent_as_they_happen(virga):
    listener = Listener(virga)
    assert listener.answer.getheader("Content-Type") == "text/event-stream"
    request_id = virga.call("CreateBackup", BACKUP).response["RequestId"]
    began = time.monotonic()
    kind, first, flow = listener.next()
    assert (kind, flow["flow_id"], flow["kind"], flow["status"]) == ("flow", 5293, "backup", "running")
    kind, second, call = listener.next()
    assert (kind, call["request_id"], call["code"], call["flow_id"]) == ("call", request_id, "ok", 5293)
    assert second > first
    kind, _, flow = listener.next()  # no call is made meanwhile: only the clock ends it
    assert (kind, flow["flow_id"], flow["status"]) == ("flow", 5293, "success")
    assert 0.5 < time.monotonic() - began < 10
    listener.close()


def test_a_rejected_call_is_sent_and_starts_no_flow(virga):
    listener = Listener(virga)
    virga.call("CreateBackup", BACKUP | {"InstanceId": "mssql-none"})
    assert listener.next()[2]["code"] == "ResourceNotFound.InstanceNotFound"
    virga.call("DescribeRegions")
    assert listener.next()[2]["action"] == "DescribeRegions"
    listener.close()


def test_a_listener_that_reconnects_misses_nothing(virga):
    listener = Listener(virga)
    virga.call("DescribeRegions")
    _, last, _ = listener.next()
    listener.close()
    virga.call("DescribeZones")
    again = Listener(virga, {"Last-Event-ID": str(last)})
    assert again.next()[2]["action"] == "DescribeZones"
    again.close()


def test_an_id_of_an_earlier_run_misses_nothing_of_this_one(virga):
    virga.call("DescribeZones")
    again = Listener(virga, {"Last-Event-ID": "5000"})
    assert again.next()[2]["action"] == "DescribeZones"
    virga.call("DescribeRegions")
    assert again.next()[2]["action"] == "DescribeRegions"
    again.close()


def test_dropped_events_are_reported():
    with harness.Virga("--limit", "off", "--journal-calls", "2") as virga:
        for _ in range(5):
            virga.call("DescribeRegions")
        listener = Listener(virga, {"Last-Event-ID": "0"})
        assert listener.next()[::2] == ("dropped", {"up_to": 3})
        assert [listener.next()[1] for _ in range(2)] == [4, 5]
        listener.close()


def test_listeners_that_vanish_do_no_harm(virga):
    for _ in range(3 * LISTENERS_MAX):
        with socket.create_connection((virga.host, virga.port)) as s:
            s.sendall(b"GET /_virga/events HTTP/1.1\r\nHost: x\r\n\r\n")
        virga.call("DescribeRegions")
    listener = Listener(virga)
    virga.call("DescribeZones")
    assert listener.next()[2]["action"] == "DescribeZones"
    listener.close()


def test_the_number_of_listeners_is_limited(virga):
    listeners = [Listener(virga) for _ in range(LISTENERS_MAX)]
    one_more = Listener(virga)
    assert one_more.answer.status == 503
    virga.call("DescribeRegions")
    assert all(x.next()[2]["action"] == "DescribeRegions" for x in listeners)
    for x in listeners + [one_more]:
        x.close()


def test_the_end_of_the_program_ends_them(virga):
    listeners = [Listener(virga) for _ in range(3)]
    code, seconds = virga.terminate()
    assert code == 0 and seconds < 5
    assert [x.next() for x in listeners] == [None] * 3


def test_without_a_journal_there_are_none():
    with harness.Virga("--journal-calls", "0") as virga:
        answer = Listener(virga).answer
        assert answer.status == 409 and json.loads(answer.read())["error"]["code"] == "conflict"


def test_on_a_file_the_call_is_sent_when_it_is_durable(tmp_path):
    with harness.Virga("--seed", "1", "--limit", "off", db=tmp_path / "v.db") as virga:
        listener = Listener(virga)
        virga.call("CreateBackup", BACKUP)
        assert [listener.next()[0] for _ in range(2)] == ["flow", "call"]
        listener.close()
