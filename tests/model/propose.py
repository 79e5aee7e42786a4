"""Chooses the next call of a walk: mostly one that can succeed, on what the model has, with a wrong value now and then."""
from model.calls import CHARSETS, PRIVILEGES
from model.state import beijing

NAMES = ["alpha", "Beta", "gamma", "delta", "eps_1", "Zeta"]
BAD_NAMES = ["select", "Master", "_x", "bad-name", "", "x" * 65, "näme"]
LOGINS = ["ann", "ben", "cy_1", "Dora", "eve"]
BAD_LOGINS = ["sa", "1st", "bad-name", "", "x" * 51]
PASSWORDS = ["Passw0rd1", "longer_pass_1", "ABCdef12"]
BAD_PASSWORDS = ["short1", "onlyletters", "12345678", "Passw0rd 1", "x" * 31 + "12"]
REMARKS = ["", "one", "two", "r" * 256, "r" * 257]
WINDOW = {"StartTime": "2025-01-01 00:00:00", "EndTime": "2035-01-01 00:00:00"}


class Chooser:
    """Random choices from the model's state. `rng` decides all of them."""

    def __init__(self, rng, account):
        self.rng, self.account = rng, account

    def sometimes(self, share):
        return self.rng.random() < share

    def pick(self, good, bad=(), share=0.06):
        return self.rng.choice(bad) if bad and self.sometimes(share) else self.rng.choice(good)

    def instance(self):
        live = [i for i in self.account.instances.values() if not i.hidden]
        gone = [i for i in self.account.instances.values() if i.hidden]
        self.chosen = self.pick(live or gone, gone[-2:], 0.05)
        return "mssql-nothing1" if self.sometimes(0.02) else self.chosen.ref

    def database(self):
        names = list(self.chosen.databases)
        name = self.pick(names or NAMES, NAMES, 0.1)
        return name.swapcase() if self.sometimes(0.08) else name

    def new_name(self):
        return self.pick(NAMES + [f"n{self.rng.randrange(30)}"], BAD_NAMES)

    def login(self):
        return self.pick(list(self.chosen.logins) or LOGINS, LOGINS, 0.1)

    def some(self, choose, most=3):
        return [choose() for _ in range(self.rng.choice([1, 1, 1, 2, most]))]

    def privilege(self, may_delete=False):
        return self.pick(PRIVILEGES + (("Delete",) * 2 if may_delete else ()), ["Owner", "Delete"], 0.04)

    def flow(self, kinds=None):
        flows = [f for f in self.account.flows.values() if kinds is None or f.kind in kinds][-40:]
        return self.pick(flows).ref if flows and not self.sometimes(0.03) else 4711

    def file(self):
        done = [b for b in self.chosen.backups if b.status == 1]
        if not done or self.sometimes(0.05):
            return (1 << 35) + 4711 * 1024
        backup = self.rng.choice(done)
        ordinal = self.rng.choice(backup.files)[0] if backup.single else 0
        return f"@file:{backup.flow.ref[6:]}:{ordinal}"

    def group(self):
        single = [b for b in self.chosen.backups if b.single]
        return f"@group:{self.rng.choice(single).flow.ref[6:]}" if single and not self.sometimes(0.1) else "10000000004711"

    def maybe(self, params, name, choose, share=0.4):
        if self.sometimes(share):
            params[name] = choose()


def grants(c, name, choose, may_delete=False):
    return [{name: choose(), "Privilege": c.privilege(may_delete)} for _ in range(c.rng.choice([0, 1, 1, 2]))]


def pairs(c):
    out = []
    for _ in range(c.rng.choice([1, 1, 2])):
        pair = {"OldName": c.database()}
        c.maybe(pair, "NewName", c.new_name, 0.9)
        out.append(pair)
    return out


def create_db(c):
    def info():
        one = {"DBName": c.new_name()}
        c.maybe(one, "Charset", lambda: c.pick(CHARSETS, ["Klingon_CI_AS", "bad charset"]))
        c.maybe(one, "Remark", lambda: c.pick(REMARKS))
        c.maybe(one, "Accounts", lambda: grants(c, "UserName", c.login), 0.3)
        return one
    return {"InstanceId": c.instance(), "DBs": c.some(info)}


def create_account(c):
    def info():
        one = {"UserName": c.pick(LOGINS, BAD_LOGINS), "Password": c.pick(PASSWORDS, BAD_PASSWORDS)}
        c.maybe(one, "Remark", lambda: c.pick(REMARKS))
        c.maybe(one, "AccountType", lambda: c.pick(["L1", "L2", "L3"], ["L0", "L9"], 0.15), 0.3)
        c.maybe(one, "IsAdmin", lambda: c.sometimes(0.5), 0.15)
        c.maybe(one, "DBPrivileges", lambda: grants(c, "DBName", c.database), 0.3)
        return one
    return {"InstanceId": c.instance(), "Accounts": c.some(info, 2)}


def modify_account_privilege(c):
    def info():
        one = {"UserName": c.login(), "DBPrivileges": grants(c, "DBName", c.database, True)}
        c.maybe(one, "AccountType", lambda: c.pick(["L1", "L2", "L3"], ["L0", "L9"], 0.1), 0.2)
        c.maybe(one, "IsAdmin", lambda: c.sometimes(0.5), 0.1)
        if c.sometimes(0.15):
            one["AccAllDB"] = {"Privilege": c.privilege(True)}
            if c.sometimes(0.9):
                one["DBPrivileges"] = []
        return one
    return {"InstanceId": c.instance(), "Accounts": c.some(info, 2)}


def modify_backup_strategy(c):
    p = {"InstanceId": c.instance()}
    c.maybe(p, "BackupType", lambda: c.pick(["daily", "weekly"], ["monthly"]))
    c.maybe(p, "BackupTime", lambda: c.pick([0, 9, 23], [24]))
    c.maybe(p, "BackupModel", lambda: c.pick(["master_pkg", "master_no_pkg"], ["slave_pkg", "other"]))
    c.maybe(p, "BackupCycle", lambda: c.pick([[1, 3], [1, 2, 3, 4, 5, 6, 7], [7, 6, 7]], [[8], [2]], 0.2))
    c.maybe(p, "BackupSaveDays", lambda: c.pick([3, 7, 14], [2, 1831]))
    return p


def create_backup(c):
    p = {"InstanceId": c.instance()}
    c.maybe(p, "Strategy", lambda: c.pick([0, 1, 1, 1], [2]), 0.8)
    if p.get("Strategy") == 1 or c.sometimes(0.05):
        c.maybe(p, "DBNames", lambda: c.some(c.database), 0.97)
    c.maybe(p, "BackupName", lambda: c.pick(["night", "b_1"], ["bad name", ""]))
    c.maybe(p, "StorageStrategy", lambda: c.pick([0, 1], [2]), 0.2)
    return p


def modify_backup_name(c):
    p = {"InstanceId": c.instance(), "BackupName": c.pick(["renamed", "b_2"], ["bad name"])}
    c.maybe(p, "BackupId", c.file, 0.6)
    c.maybe(p, "GroupId", c.group, 0.4)
    return p


def restore_instance(c):
    p = {"InstanceId": c.instance(), "BackupId": c.file()}
    c.maybe(p, "Type", lambda: c.pick([0, 1], [2]))
    c.maybe(p, "RenameRestore", lambda: pairs(c))
    if p.get("Type") == 0:
        c.maybe(p, "DBList", lambda: c.some(c.database), 0.95)
    return p


def remove_backups(c):
    moment = c.account.now_ms - c.rng.choice([0, 60_000, 86_400_000, 10 * 86_400_000])
    p = {"InstanceId": c.instance(), "StartTime": beijing(moment), "EndTime": beijing(moment + c.rng.choice([60_000, 86_400_000]))}
    if c.sometimes(0.05):
        p["EndTime"] = "2020-01-01 00:00:00"
    return p


def one(*fields):
    """Parameters that are one choice each: names and functions of a Chooser."""
    def propose(c):
        return {name: choose(c) for name, choose in fields}
    return propose


INSTANCE = ("InstanceId", lambda c: c.instance())
WRITES = {
    "RestartDBInstance": (2, one(INSTANCE)),
    "ModifyDBInstanceName": (2, one(INSTANCE, ("InstanceName", lambda c: c.pick(["one", "two", "n" * 60], ["", "n" * 61])))),
    "ModifyDBInstanceNote": (1, one(INSTANCE, ("InstanceNote", lambda c: c.pick(["", "note"])))),
    "ModifyDBInstanceProject": (2, one(("InstanceIdSet", lambda c: c.some(c.instance)), ("ProjectId", lambda c: c.pick([0, 1, 7], [-1])))),
    "TerminateDBInstance": (1, one(("InstanceIdSet", lambda c: c.some(c.instance, 2)))),
    "RenewPostpaidDBInstance": (2, one(INSTANCE)),
    "DeleteDBInstance": (1, one(INSTANCE)),
    "RecycleDBInstance": (1, one(INSTANCE)),
    "ModifyBackupStrategy": (3, modify_backup_strategy),
    "CreateDB": (10, create_db),
    "DeleteDB": (5, lambda c: {"InstanceId": c.instance(), "Names": c.some(c.database), **({"NoDoBackup": c.pick([0, 1], [2])} if c.sometimes(0.5) else {})}),
    "ModifyDBName": (4, one(INSTANCE, ("OldDBName", lambda c: c.database()), ("NewDBName", lambda c: c.new_name()))),
    "ModifyDBRemark": (3, one(INSTANCE, ("DBRemarks", lambda c: c.some(lambda: {"Name": c.database(), "Remark": c.pick(REMARKS)})))),
    "CloneDB": (4, one(INSTANCE, ("RenameRestore", pairs))),
    "ModifyDatabaseCDC": (2, one(INSTANCE, ("DBNames", lambda c: c.some(c.database)), ("ModifyType", lambda c: c.pick(["enable", "disable"], ["on"])))),
    "CreateAccount": (7, create_account),
    "DeleteAccount": (3, one(INSTANCE, ("UserNames", lambda c: c.some(c.login)))),
    "ResetAccountPassword": (3, one(INSTANCE, ("Accounts", lambda c: c.some(lambda: {"UserName": c.login(), "Password": c.pick(PASSWORDS, BAD_PASSWORDS)})))),
    "ModifyAccountPrivilege": (5, modify_account_privilege),
    "ModifyDatabasePrivilege": (4, one(INSTANCE, ("DataBaseSet", lambda c: c.some(lambda: {
        "DataBaseName": c.database(), "AccountPrivileges": grants(c, "UserName", c.login, True)}, 2)))),
    "ModifyAccountRemark": (3, one(INSTANCE, ("Accounts", lambda c: c.some(lambda: {"UserName": c.login(), "Remark": c.pick(REMARKS)})))),
    "CreateBackup": (8, create_backup),
    "ModifyBackupName": (3, modify_backup_name),
    "RemoveBackups": (2, remove_backups),
    "RestoreInstance": (5, restore_instance),
    "CreateBasicDBInstances": (1, one(("Zone", lambda c: "ap-guangzhou-3"), ("Cpu", lambda c: 2), ("Memory", lambda c: 4), ("Storage", lambda c: 20),
                                      ("SubnetId", lambda c: "subnet-1"), ("VpcId", lambda c: "vpc-1"), ("MachineType", lambda c: "CLOUD_HSSD"),
                                      ("GoodsNum", lambda c: c.pick([1, 1, 2], [0])))),
}

PAGE = [{}, {}, {"Limit": 2}, {"Limit": 1, "Offset": 1}, {"Limit": 0}]


def paged(*fields):
    return lambda c: {**one(*fields)(c), **c.pick(PAGE)}


READS = {
    "DescribeDBInstances": lambda c: c.pick([{}, {"InstanceIdSet": c.some(c.instance)}, {"Status": 2}, {"Limit": 2, "Offset": 1}]),
    "DescribeDBs": lambda c: {"InstanceIdSet": c.some(c.instance, 2), "OrderByType": c.pick(["asc", "desc"]), **c.pick(PAGE),
                              **({"Name": c.database()} if c.sometimes(0.2) else {})},
    "DescribeDBsNormal": one(INSTANCE),
    "DescribeAccounts": lambda c: {"InstanceId": c.instance(), "OrderByType": c.pick(["asc", "desc"]), **c.pick(PAGE)},
    "DescribeAccountPrivilegeByDB": paged(INSTANCE, ("DBName", lambda c: c.database())),
    "DescribeDBPrivilegeByAccount": lambda c: {**paged(INSTANCE, ("AccountName", lambda c: c.login()))(c),
                                               **({"DBName": c.database()} if c.sometimes(0.2) else {})},
    "DescribeBackups": lambda c: {**WINDOW, "InstanceId": c.instance(), "Group": c.pick([0, 1], [2]), **c.pick(PAGE),
                                  **({"BackupWay": c.pick([0, 1])} if c.sometimes(0.2) else {}), **({"Type": 2} if c.sometimes(0.2) else {})},
    "DescribeBackupByFlowId": one(INSTANCE, ("FlowId", lambda c: str(c.flow(("backup", "deletedb"))).replace("@flow", "@textflow"))),
    "DescribeFlowStatus": one(("FlowId", lambda c: c.flow())),
    "DescribeInstanceTasks": one(INSTANCE, ("Limit", lambda c: c.pick([100, 3], [0])), ("Offset", lambda c: c.pick([0, 0, 1]))),
}
