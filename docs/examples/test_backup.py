"""Tests how backup.py handles errors of the cloud. Run it with: virga run --coverage -- pytest docs/examples

Every test starts with a server without fault rules. `virga run` sets the variables with which the script and these
tests find the server.
"""
import json
import os
import urllib.request

import backup
import pytest
from tencentcloud.sqlserver.v20180328 import models

INSTANCE = os.environ["VIRGA_INSTANCE"]
PAUSE = 0.1  # ten calls a second, half of what the service allows


def control(method, path, body=None):
    request = urllib.request.Request(os.environ["VIRGA_CONTROL"] + path, method=method,
                                     data=None if body is None else json.dumps(body).encode())
    with urllib.request.urlopen(request) as response:
        return json.load(response)


@pytest.fixture
def client():
    control("DELETE", "/faults")
    yield backup.connect()
    control("DELETE", "/faults")
    # A backup takes two seconds; end it, so that none is running when the next test starts.
    control("POST", "/clock/advance", {"seconds": 3600})


def add_fault(**rule):
    return control("POST", "/faults", {"action": "CreateBackup", **rule})["id"]


def backups(client, name):
    request = models.DescribeBackupsRequest()
    request.InstanceId, request.BackupName = INSTANCE, name
    request.StartTime, request.EndTime = "2000-01-01 00:00:00", "2099-12-31 00:00:00"
    return [b for b in client.DescribeBackups(request).Backups if b.BackupName == name]


def test_a_backup_is_made(client):
    name = backup.backup(client, INSTANCE, pause=PAUSE)
    assert len(backups(client, name)) == 1


def test_a_rate_limit_is_retried(client):
    number = add_fault(code="RequestLimitExceeded", count=2)
    name = backup.backup(client, INSTANCE, pause=PAUSE)
    assert control("GET", f"/faults/{number}")["hits"] == 2
    assert len(backups(client, name)) == 1


def test_it_gives_up_after_the_last_attempt(client):
    add_fault(code="InternalError.SystemError")
    with pytest.raises(backup.BackupFailed, match="InternalError.SystemError"):
        backup.backup(client, INSTANCE, pause=PAUSE)


def test_a_permanent_error_is_not_retried(client):
    number = add_fault(code="UnauthorizedOperation.PermissionDenied")
    with pytest.raises(backup.BackupFailed, match="PermissionDenied"):
        backup.backup(client, INSTANCE, pause=PAUSE)
    assert control("GET", f"/faults/{number}")["hits"] == 1


def test_a_lost_response_makes_a_second_backup(client):
    """The mistake: the service executed the first call, but its response was lost. Databases are backed up twice."""
    add_fault(close="after_commit", flow_seconds=0, count=1)
    name = backup.backup(client, INSTANCE, careful=False, pause=PAUSE)
    assert len(backups(client, name)) == 2


def test_a_lost_response_when_it_looks_first(client):
    add_fault(close="after_commit", flow_seconds=0, count=1)
    name = backup.backup(client, INSTANCE, pause=PAUSE)
    assert len(backups(client, name)) == 1


def test_a_call_that_never_arrived_is_sent_again(client):
    add_fault(close="before", count=1)
    name = backup.backup(client, INSTANCE, pause=PAUSE)
    assert len(backups(client, name)) == 1


def test_a_flow_that_fails(client):
    add_fault(flow_outcome="failure", flow_seconds=0)
    with pytest.raises(backup.BackupFailed, match="flow .* failed"):
        backup.backup(client, INSTANCE, pause=PAUSE)


def test_a_limit_while_it_waits(client):
    control("POST", "/faults", {"action": "DescribeFlowStatus", "code": "RequestLimitExceeded", "count": 3})
    name = backup.backup(client, INSTANCE, pause=PAUSE)
    assert len(backups(client, name)) == 1
