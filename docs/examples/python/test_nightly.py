"""Tests how nightly.py handles errors of the cloud. Where it would sleep, the tests move the service's clock."""
import subprocess
import sys
from typing import Any, List

import nightly
import pytest
import virga as emulator
from tencentcloud.sqlserver.v20180328 import sqlserver_client


@pytest.fixture
def instance(virga_account: emulator.Account) -> str:
    return virga_account.instance_id


def test_a_backup_is_made(client: Any, instance: str, virga_clock: emulator.Clock) -> None:
    name = nightly.backup(client, instance, sleep=virga_clock.advance)
    assert len(nightly.find_backups(client, instance, name)) == 1


def test_the_script(virga_account: emulator.Account, virga: emulator.Server, instance: str) -> None:
    virga_account.faults.add("CreateBackup", flow_seconds=0)
    printed = subprocess.run([sys.executable, nightly.__file__, instance], env=virga_account.environment, check=True,
                             stdout=subprocess.PIPE).stdout
    virga.verify("CreateBackup", code="ok", params={"BackupName": printed.decode().strip()})


def test_a_rate_limit_is_retried(client: Any, instance: str, virga_account: emulator.Account, virga_clock: emulator.Clock) -> None:
    fault = virga_account.faults.add("CreateBackup", code="RequestLimitExceeded", count=2)
    name = nightly.backup(client, instance, sleep=virga_clock.advance)
    assert fault.hits == 2
    virga_account.verify("CreateBackup", times=3)  # it did retry
    assert len(nightly.find_backups(client, instance, name)) == 1


def test_an_internal_error_on_the_second_call(client: Any, instance: str, virga_account: emulator.Account,
                                              virga_clock: emulator.Clock) -> None:
    virga_account.faults.add("CreateBackup", code="InternalError", after=1, count=1)
    nightly.backup(client, instance, sleep=virga_clock.advance)
    nightly.backup(client, instance, sleep=virga_clock.advance)
    assert [call.code for call in virga_account.requests("CreateBackup")] == ["ok", "InternalError", "ok"]


def test_it_gives_up_after_the_last_attempt(client: Any, instance: str, virga: emulator.Server) -> None:
    virga.faults.add("CreateBackup", code="InternalError.SystemError")
    waits: List[float] = []
    with pytest.raises(nightly.BackupFailed, match="InternalError.SystemError"):
        nightly.backup(client, instance, sleep=waits.append)
    assert waits == [1, 2, 4]
    virga.verify("CreateBackup", times=4)


def test_a_lost_response_makes_no_second_backup(client: Any, instance: str, virga_account: emulator.Account,
                                                virga_clock: emulator.Clock) -> None:
    virga_account.faults.add("CreateBackup", close="after_commit", count=1)
    name = nightly.backup(client, instance, sleep=virga_clock.advance)
    assert len(nightly.find_backups(client, instance, name)) == 1
    virga_account.verify_in_order("CreateBackup", "DescribeBackups")
    virga_account.verify("CreateBackup", times=1)


def test_a_careless_client_makes_a_second_backup(client: Any, instance: str, virga_account: emulator.Account,
                                                 virga_clock: emulator.Clock) -> None:
    """The mistake: the service executed the first call, but its response was lost. Databases are backed up twice."""
    virga_account.faults.add("CreateBackup", close="after_commit", flow_seconds=0, count=1)
    name = nightly.backup(client, instance, careful=False, sleep=virga_clock.advance)
    assert len(nightly.find_backups(client, instance, name)) == 2


def test_a_call_that_never_arrived_is_sent_again(client: Any, instance: str, virga_account: emulator.Account,
                                                 virga_clock: emulator.Clock) -> None:
    virga_account.faults.add("CreateBackup", close="before", count=1)
    name = nightly.backup(client, instance, sleep=virga_clock.advance)
    assert len(nightly.find_backups(client, instance, name)) == 1


def test_a_slow_flow(client: Any, instance: str, virga_account: emulator.Account, virga_clock: emulator.Clock) -> None:
    virga_account.faults.add("CreateBackup", flow_seconds=60)
    virga_clock.freeze()
    began = virga_clock.now()
    nightly.backup(client, instance, sleep=virga_clock.advance)
    assert (virga_clock.now() - began).total_seconds() == 60
    virga_account.verify("DescribeFlowStatus", times=61)


def test_a_flow_that_fails(client: Any, instance: str, virga_account: emulator.Account, virga_clock: emulator.Clock) -> None:
    virga_account.faults.add("CreateBackup", flow_outcome="failure")
    with pytest.raises(nightly.BackupFailed, match="flow .* failed"):
        nightly.backup(client, instance, sleep=virga_clock.advance)


@pytest.mark.virga_world("operators.json")
def test_a_missing_permission_is_not_retried(virga: emulator.Server) -> None:
    reader = virga.credential("AKIDreader")
    with pytest.raises(nightly.BackupFailed, match="UnauthorizedOperation"):
        nightly.backup(reader.client(sqlserver_client.SqlserverClient), reader.instance_id)
    reader.verify("CreateBackup", times=1)
