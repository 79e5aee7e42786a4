"""A call that a handler rejects has an explanation beyond its code: in the log, in the journal and at /_virga/why."""
import pathlib
import re

import harness
import pytest
from control import done

INSTANCE = "mssql-njj2mtpl"
SHOP = "mssql-i1z41iwd"
SIMPLE = {"InstanceId": INSTANCE}
PRODUCT = harness.ROOT / "src" / "product" / "sqlserver"


@pytest.fixture(scope="module")
def virga():
    """The service's clock is frozen, so that a flow runs until the end of the test."""
    with harness.Virga("--seed", "1", "--limit", "off", clock="2026-01-01T00:00:00+08:00") as server:
        yield server


def pair(old=None, new=None):
    return {key: value for key, value in (("OldName", old), ("NewName", new)) if value is not None}


def database(name="fresh", charset="Chinese_PRC_CI_AS", **account):
    accounts = [account] if account else []
    return {"InstanceId": INSTANCE, "DBs": [{"DBName": name, "Charset": charset, "Accounts": accounts}]}


WINDOW = {"StartTime": "2026-01-02 00:00:00", "EndTime": "2026-01-01 00:00:00"}
CASES = [
    ("DescribeFlowStatus", {"FlowId": 7}, "flow.not-found", "no flow 7 was begun in ap-guangzhou by account 100000000001"),
    ("CreateBackup", {**SIMPLE, "Strategy": 1, "DBNames": ["db1", "db9"]}, "database.not-found",
     f"{INSTANCE} has no database db9; it has db1, db2"),
    ("CreateBackup", {**SIMPLE, "Strategy": 1}, "parameter.missing", "Strategy 1 backs up the databases in DBNames, which is empty"),
    ("CreateBackup", {**SIMPLE, "Strategy": 2}, "parameter.rule", "Strategy must be from 0 to 1"),
    ("DescribeBackups", {**SIMPLE, **WINDOW}, "time.order", "2026-01-02 00:00:00 is after 2026-01-01 00:00:00"),
    ("DescribeBackupByFlowId", {**SIMPLE, "FlowId": "12"}, "backup.not-found", f"{INSTANCE} keeps no backup of a flow 12"),
    ("DescribeBackupFiles", {**SIMPLE, "GroupId": "16556099469691"}, "backup.not-found",
     f'{INSTANCE} keeps no backup of single files with the group "16556099469691"'),
    ("ModifyBackupName", {**SIMPLE, "BackupName": "x", "BackupId": 34359738369}, "backup.not-found",
     f"{INSTANCE} keeps no finished backup with a file 34359738369"),
    ("ModifyBackupName", {**SIMPLE, "BackupName": "x", "GroupId": "1"}, "backup.not-found",
     f'{INSTANCE} keeps no backup of single files with the group "1"'),
    ("RemoveBackups", {**SIMPLE, "BackupNames": ["a.bak"]}, "backup.not-found", f"{INSTANCE} keeps no manual backup with a file a.bak"),
    ("RemoveBackups", SIMPLE, "parameter.missing", "BackupNames, or StartTime and EndTime, must say which backups"),
    ("RemoveBackups", {**SIMPLE, **WINDOW}, "time.order", "2026-01-02 00:00:00 is after 2026-01-01 00:00:00"),
    ("RestoreInstance", {**SIMPLE, "BackupId": 34359738369, "Type": 0}, "parameter.missing",
     "Type 0 overwrites the databases in DBList, which is empty"),
    ("RestoreInstance", {**SIMPLE, "BackupId": 34359738369, "Type": 1}, "backup.not-found",
     f"{INSTANCE} keeps no finished backup with a file 34359738369"),
    ("RollbackInstance", {**SIMPLE, "Type": 1, "Time": "2025-01-01 00:00:00"}, "time.outside-window",
     "database db1 can be rolled back to a time from 2026-01-01 00:00:00 to 2026-01-01 00:00:00, not to 2025-01-01 00:00:00"),
    ("RollbackInstance", {**SIMPLE, "Type": 1, "Time": "2026-01-01 00:00:00", "RenameRestore": [pair(new="x")]},
     "parameter.missing", "element 0 of the list of new names has no OldName"),
    ("RollbackInstance", {**SIMPLE, "Type": 1, "Time": "2026-01-01 00:00:00", "DBs": ["db1"], "RenameRestore": [pair("db2", "x")]},
     "database.not-chosen", "db2 in RenameRestore is not one of the databases that are rolled back"),
    ("CloneDB", {**SIMPLE, "RenameRestore": [pair("db1")]}, "parameter.missing",
     "each element of RenameRestore needs OldName and NewName"),
    ("CloneDB", {**SIMPLE, "RenameRestore": [pair("db1", "db1")]}, "name.same", "db1 is the old name and the new one"),
    ("CloneDB", {**SIMPLE, "RenameRestore": [pair("db1", "db2")]}, "name.taken",
     f"{INSTANCE} has a database db2, or a running flow gives one that name"),
    ("ModifyDBName", {**SIMPLE, "OldDBName": "db1", "NewDBName": "_x"}, "name.characters",
     '"_x" is not 1 to 64 letters, digits and underscores, of which the first is no underscore'),
    ("ModifyDBName", {**SIMPLE, "OldDBName": "db1", "NewDBName": "master"}, "name.reserved",
     "master is a system database or a reserved word of Transact-SQL"),
    ("ModifyDBName", {**SIMPLE, "OldDBName": "db1", "NewDBName": "db1"}, "name.same", "db1 is the old name and the new one"),
    ("ModifyDBName", {**SIMPLE, "OldDBName": "db9", "NewDBName": "db8"}, "database.not-found",
     f"{INSTANCE} has no database db9; it has db1, db2"),
    ("ModifyDBRemark", {**SIMPLE, "DBRemarks": [{"Name": "db9", "Remark": "x"}]}, "database.not-found",
     f"{INSTANCE} has no database db9; it has db1, db2"),
    ("ModifyDBRemark", {**SIMPLE, "DBRemarks": [{"Name": "db1", "Remark": "x" * 257}]}, "parameter.rule",
     "DBRemarks.0.Remark must have 0 to 256 characters"),
    ("DescribeDBsNormal", {"InstanceId": "mssql-nothing1"}, "instance.not-found",
     f"no account has an instance mssql-nothing1; the world's first is {INSTANCE} in ap-guangzhou"),
    ("CreateDB", database(charset="utf8"), "charset.unknown",
     '"utf8" is none of Chinese_PRC_CI_AS, Chinese_PRC_CS_AS, Chinese_PRC_BIN, Chinese_Taiwan_Stroke_CI_AS,'
     " Chinese_Taiwan_Stroke_CS_AS, SQL_Latin1_General_CP1_CI_AS, SQL_Latin1_General_CP1_CS_AS, Latin1_General_CI_AS,"
     " Latin1_General_CS_AS, Latin1_General_BIN, Japanese_CI_AS, Korean_Wansung_CI_AS"),
    ("CreateDB", database(UserName="sa", Privilege="All"), "grant.privilege", '"All" is none of ReadWrite, ReadOnly, DBOwner'),
    ("CreateDB", database(UserName="sa", Privilege="Delete"), "grant.delete", "Delete takes a grant away, and there is none yet"),
    ("CreateDB", database(UserName="sa", Privilege="ReadOnly", AccountType="L9"), "grant.account-type",
     '"L9" is none of L0, L1, L2, L3'),
    ("CreateDB", database(UserName="unknown", Privilege="ReadOnly"), "account.not-found", f"{INSTANCE} has no account unknown"),
    ("ModifyBackupStrategy", {**SIMPLE, "BackupType": "weekly", "BackupCycle": [1]}, "policy.too-few-days",
     "BackupCycle must have 7 days when backups are kept for less than 7, and at least 2 otherwise"),
    ("ModifyBackupStrategy", {**SIMPLE, "BackupModel": "slave_pkg"}, "policy.no-replica", f"{INSTANCE} has no replica for the backup model slave_pkg"),
]


@pytest.mark.parametrize("action, params, why, text", CASES, ids=[f"{case[0]}-{case[2]}-{n}" for n, case in enumerate(CASES)])
def test_a_rejected_call_has_an_explanation(virga, action, params, why, text):
    answer = virga.call(action, params)
    assert answer.code, answer.response
    found = done(virga, "GET", "/_virga/why/" + answer.response["RequestId"])
    assert (found["why"], found["why_text"]) == (why, text)
    assert text not in answer.message  # the service's own text stays as it is
    assert f"why: {why} " in virga.stderr()


BUSY = [
    ("CreateBackup", SIMPLE, "instance.busy", "flow 5293 (backup) runs on mssql-njj2mtpl, and this task must run alone"),
    ("DeleteDB", {**SIMPLE, "Names": ["db1"]}, "database.held", "flow 5293 (backup) holds database db1 until it ends"),
    ("CloneDB", {**SIMPLE, "RenameRestore": [pair("db1", "y")]}, "database.held",
     "flow 5293 (backup) holds database db1 until it ends"),
]


def test_a_running_flow_is_named():
    with harness.Virga("--seed", "1", "--limit", "off", clock="2026-01-01T00:00:00+08:00") as virga:
        assert virga.call("CreateBackup", {**SIMPLE, "Strategy": 1, "DBNames": ["db1"]}).response["FlowId"] == 5293
        for action, params, why, text in BUSY:
            assert virga.call(action, params).code, action
            found = done(virga, "GET", "/_virga/why/last")
            assert (found["why"], found["why_text"]) == (why, text)
        for n in range(4):
            assert not virga.call("CreateDB", database(f"made{n}")).code
        assert virga.call("CreateDB", database("made5")).code == "ResourceUnavailable.InstanceStatusInvalid"
        assert "5 tasks run on mssql-njj2mtpl, flow 5293 (backup) first" in done(virga, "GET", "/_virga/why/last")["why_text"]


def test_a_body_that_is_no_json(virga):
    for body, why, text in [(b'{"InstanceId": "x",}', "body.syntax", "the body is not JSON from byte 19 on (the first is 0); it has 20"),
                            (b"[]", "body.no-object", "the body is JSON, but no object of parameters")]:
        assert virga.call("CreateBackup", body).code == "InvalidParameter"
        found = done(virga, "GET", "/_virga/why/last")
        assert (found["why"], found["why_text"]) == (why, text)


def test_quoted_parameters_are_cut_and_masked(virga):
    name = "\u202e" + "x\n" * 2000
    assert virga.call("CreateBackup", {**SIMPLE, "Strategy": 1, "DBNames": [name]}).code
    found = done(virga, "GET", "/_virga/why/last")
    assert found["why"] and len(found["why_text"]) < 700 and "\n" not in found["why_text"] and "\u202e" not in found["why_text"]


def test_every_rejection_has_an_explanation():
    """One code needs none here: virga explains a missing instance by itself."""
    bare = [f"{path.name}: {line.strip()}" for path in sorted(pathlib.Path(PRODUCT).glob("*.c"))
            for line in path.read_text().splitlines()
            if re.search(r"\bcall_fail\(", line) and "INSTANCE_NOT_FOUND" not in line]
    assert not bare
