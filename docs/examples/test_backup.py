"""How backup.py bears what the cloud may do to it. Run it with: virga run --coverage -- pytest docs/examples

Every test begins with a server without faults; the variables that `virga run` sets lead the script and these tests to it.
"""
import json
import os
import urllib.request

import backup
import pytest
from tencentcloud.sqlserver.v20180328 import models

INSTANCE = os.environ["VIRGA_INSTANCE"]
PAUSE = 0.1  # ten questions a second, half of what the service allows


def control(method, path, body=None):
    request = urllib.request.Request(os.environ["VIRGA_CONTROL"] + path, method=method,
                                     data=None if body is None else json.dumps(body).encode())
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


@pytest.fixture
def client():
    control("DELETE", "/faults")
    yield backup.connect()
    control("DELETE", "/faults")
    # Backups take a little time; the next test begins when none is running.
    control("POST", "/clock/advance", {"seconds": 3600})


def fault(**rule):
    return control("POST", "/faults", {"action": "CreateBackup", **rule})["id"]


def backups(client, name):
    request = models.DescribeBackupsRequest()
    request.InstanceId, request.BackupName = INSTANCE, name
    request.StartTime, request.EndTime = "2000-01-01 00:00:00", "2099-12-31 00:00:00"
    return [b for b in client.DescribeBackups(request).Backups if b.BackupName == name]


def test_a_backup_is_made(client):
    name = backup.backup(client, INSTANCE, pause=PAUSE)
    assert len(backups(client, name)) == 1


def test_a_rate_limit_passes(client):
    number = fault(code="RequestLimitExceeded", count=2)
    name = backup.backup(client, INSTANCE, pause=PAUSE)
    assert control("GET", f"/faults/{number}")["hits"] == 2
    assert len(backups(client, name)) == 1


def test_it_gives_up_in_the_end(client):
    fault(code="InternalError.SystemError")
    with pytest.raises(backup.BackupFailed, match="InternalError.SystemError"):
        backup.backup(client, INSTANCE, pause=PAUSE)


def test_what_cannot_pass_is_not_tried_again(client):
    number = fault(code="UnauthorizedOperation.PermissionDenied")
    with pytest.raises(backup.BackupFailed, match="PermissionDenied"):
        backup.backup(client, INSTANCE, pause=PAUSE)
    assert control("GET", f"/faults/{number}")["hits"] == 1


def test_a_lost_answer_makes_a_second_backup(client):
    """The mistake: the first call was carried out, though nobody heard so. Databases are backed up twice."""
    fault(close="after_commit", flow_seconds=0, count=1)
    name = backup.backup(client, INSTANCE, careful=False, pause=PAUSE)
    assert len(backups(client, name)) == 2


def test_a_lost_answer_when_it_looks_first(client):
    fault(close="after_commit", flow_seconds=0, count=1)
    name = backup.backup(client, INSTANCE, pause=PAUSE)
    assert len(backups(client, name)) == 1


def test_a_call_that_never_arrived_is_made_again(client):
    fault(close="before", count=1)
    name = backup.backup(client, INSTANCE, pause=PAUSE)
    assert len(backups(client, name)) == 1


def test_a_flow_that_fails(client):
    fault(flow_outcome="failure", flow_seconds=0)
    with pytest.raises(backup.BackupFailed, match="flow .* failed"):
        backup.backup(client, INSTANCE, pause=PAUSE)


def test_a_limit_while_it_waits(client):
    control("POST", "/faults", {"action": "DescribeFlowStatus", "code": "RequestLimitExceeded", "count": 3})
    name = backup.backup(client, INSTANCE, pause=PAUSE)
    assert len(backups(client, name)) == 1
