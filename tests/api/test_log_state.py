"""The audit log and the files of business intelligence are part of the state: saved, restored and reset with it."""
import pathlib

import pytest
from control import ask, done
from harness import Virga

STATE = "/_virga/state"
WORLD = pathlib.Path(__file__).resolve().parent / "worlds" / "logs.json"
AUDITED, BI = {"InstanceId": "mssql-njj2mtpl"}, {"InstanceId": "mssqlbi-fo2dwujt"}
LOG = {**AUDITED, "LogType": "auditLog", "StartTime": "2022-06-01 00:00:00", "EndTime": "2022-06-30 00:00:00"}


@pytest.fixture
def virga():
    with Virga("--seed", "1", "--limit", "off", "--quiet", clock="2022-06-19T11:41:24+08:00", world=WORLD) as server:
        yield server


def answer(virga, action, params):
    result = virga.call(action, params)
    assert result.code is None, result.body
    return result.response


def seen(virga):
    """The number of entries, and the names and statuses of files."""
    files = answer(virga, "DescribeBusinessIntelligenceFile", BI)["BackupMigrationSet"]
    return answer(virga, "DescribeLogs", LOG)["TotalCount"], [(f["FileName"], f["Status"]) for f in files]


def prepare(virga):
    url = {"FileURL": "https://bucket.example/orders.xlsx", "FileType": "FLAT"}
    answer(virga, "CreateBusinessIntelligenceFile", {**BI, **url})
    assert seen(virga) == (4, [("orders.xlsx", 2)])


def test_they_are_saved_and_restored(virga):
    prepare(virga)
    before = ask(virga, "GET", STATE).body
    answer(virga, "CloseLog", {**AUDITED, "LogType": "auditLog"})
    answer(virga, "DeleteBusinessIntelligenceFile", {**BI, "FileNameSet": ["orders.xlsx"]})
    assert seen(virga) == (0, [])
    done(virga, "PUT", STATE, before)
    assert seen(virga) == (4, [("orders.xlsx", 2)])
    done(virga, "POST", "/_virga/clock/advance", {"seconds": 1})
    assert seen(virga) == (4, [("orders.xlsx", 3)])


def test_they_are_reset(virga):
    prepare(virga)
    answer(virga, "CloseLog", {**AUDITED, "LogType": "auditLog"})
    done(virga, "POST", "/_virga/reset")
    assert seen(virga) == (4, [])
