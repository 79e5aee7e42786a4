"""The documented examples of the installed tccli, and the world and the calls before that each of them needs.

Nothing of the examples is kept here: they are read when the tests run. The tables say what a request alone does not.
"""
import json
import re

REGION = "ap-guangzhou"
ID = re.compile(r"mssql(ro|bi)?-[a-z0-9]{6,10}")


# --- reading --------------------------------------------------------------------------------------------------------


class Example:
    """An example: its parameters as an object, and in `pairs` as those of a version 1 request where it is one."""

    def __init__(self, action, number, given):
        self.action, self.number = action, number
        self.response = json.loads(given["output"])["Response"]
        text = given["input"]
        self.pairs = None
        if text.startswith("POST"):
            self.params = json.loads(text.partition("\n\n")[2])
        else:
            fields = [field.partition("=") for field in text.partition("?")[2].replace("\n", "").split("&")]
            self.pairs = [(name, value.strip()) for name, equals, value in fields if equals and name != "Action"]
            self.params = nested(self.pairs)

    def __str__(self):
        return f"{self.action}-{self.number}"

    def put(self, new):
        """Has these values in place of its own, by the name of the parameter, at any depth."""
        self.params = replaced(self.params, lambda name, value: new.get(name, value))
        if self.pairs is not None:
            self.pairs = [(name, str(new.get(parameter(name), value))) for name, value in self.pairs]

    def unquote(self):
        """Has a number in place of each text of digits."""
        self.params = replaced(self.params, lambda _, value: int(value) if isinstance(value, str) and value.isdigit() else value)


def read(path):
    """All examples of a file of tccli."""
    actions = json.loads(path.read_text())["actions"]
    return [Example(action, number, given) for action, several in actions.items() for number, given in enumerate(several)]


def nested(pairs):
    """The object that version 1 parameters describe: a number in a name is a place in a list."""
    top = {}
    for name, value in pairs:
        *path, last = name.split(".")
        at = top
        for step in path:
            at = at.setdefault(step, {})
        at[last] = value
    return lists(top)


def lists(value):
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [lists(value[key]) for key in sorted(value, key=int)]
    return {key: lists(inner) for key, inner in value.items()}


def parameter(name):
    """DBNames.0 is DBNames, and Accounts.0.UserName is UserName."""
    return next(part for part in reversed(name.split(".")) if not part.isdigit())


def replaced(value, change, name=None):
    if isinstance(value, dict):
        return {key: replaced(inner, change, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [replaced(inner, change, name) for inner in value]
    return change(name, value)


def leaves(value, name=None):
    """(name, value) of every text and number in it; an element of a list has the name of the list."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, name)
    else:
        yield name, value


def values(example, *names):
    """The values of all parameters with one of these names, each once."""
    return list(dict.fromkeys(value for name, value in leaves(example.params) if name in names))


def ids(example, prefix="mssql"):
    """The ids of that kind in a request, each once."""
    texts = [value.strip() for _, value in leaves(example.params) if isinstance(value, str) and value.startswith(prefix)]
    return list(dict.fromkeys(text for text in texts if prefix != "mssql" or ID.fullmatch(text)))


# --- what the world of an example has -------------------------------------------------------------------------------

APP = "app"  # an account that may use all databases
OTHER = "mssql-other000"  # an instance besides those of the request
GROUP, COPY = "mssqlrg-group000", "mssqlro-copy0000"  # a read-only group, and the read-only instance in it
SECURITY_GROUP = "sg-aaaaaaaa"
VPC = {"vpc_id": "vpc-aaaaaaaa", "subnet_id": "subnet-aaaaaaaa"}

NEW = ("CreateDB", "CreateAccount")  # what they name must not exist yet
DATABASES = ("DBNames", "Names", "DBs", "DBName", "OldName", "OldDBName", "DataBaseName", "PublishDatabase")
LOGINS = ("UserName", "UserNames", "AccountName")

# What the first instance of an action's examples has besides what the request names.
INSTANCE = {
    "CloseLog": {"audit_days": 30},
    "CompleteExpansion": {"status": 13},
    "CreateCloudReadOnlyDBInstances": {"high_availability": "ALWAYSON"},
    "DeleteDBInstance": {"status": 4},
    "DeleteExportTask": {"audit_days": 30},
    "DescribeBackupFiles": {"backup_model": "master_no_pkg"},
    "DescribeDBInstances": {"instance_type": "cvmMultiHA", "multi_zones": True, "replica_zones": ["ap-guangzhou-4"]},
    "DescribeDBInstancesAttribute": {"instance_type": "cvmMultiHA"},
    "DescribeSlowlogs": {"slow_logs": [{"start": "2020-11-18 12:00:00"}]},
    "DescribeXEvents": {"events": [{"type": "slow", "start": "2023-03-11 12:00:00"}]},
    "InquiryPriceRenewDBInstance": {"pay_mode": 1},
    "InquiryPriceUpgradeDBInstance": {"pay_mode": 1},
    "ModifyCloseWanIp": {"public_address": True},
    "ModifyDBInstanceNetwork": VPC,
    "ModifyLog": {"audit_days": 30},
    "RecycleDBInstance": {"status": 8},
    "RenewPostpaidDBInstance": {"status": 4},
}

# What a filter of instances is in the world file.
FILTERS = {"VpcId": "vpc_id", "SubnetId": "subnet_id", "Zone": "zone", "VersionSet": "version", "PayMode": "pay_mode",
           "VipSet": "vip", "InstanceNameSet": "name"}

FROM_INSTANCE = {"source_instance": OTHER}
FOLLOWING = {**FROM_INSTANCE, "type": 3, "status": 4}
MIGRATION = {
    "CompleteMigration": FOLLOWING,
    "DescribeMigrations": FOLLOWING,
    "QueryMigrationCheckProcess": FROM_INSTANCE,
    "StartMigrationCheck": FROM_INSTANCE,
    "StopMigration": FOLLOWING,
}


def world(example):
    """What the account of an example has, as POST /_virga/accounts takes it."""
    named = ids(example)
    copies = [i for i in named if i.startswith("mssqlro-")]
    instances = [instance(i) for i in named if i not in copies] or [instance("mssql-njj2mtpl")]
    first = instances[0]
    add_databases(example, first)
    add_imports(example, first)
    add_migrations(example, instances)
    add_publication(example, instances)
    first.update({FILTERS[name]: value for name, value in leaves(example.params) if name in FILTERS and "Instances" in example.action
                  or name == "InstanceNameSet"})
    first.update({"order": order for order in values(example, "DealNames")})
    first.update(INSTANCE.get(example.action, {}))
    if "pay_mode" in first:
        first["pay_mode"] = int(first["pay_mode"])
    if values(example, "TagKeys"):
        first["tags"] = [{"key": key} for key in values(example, "TagKeys")]
    add_copies(example, instances, copies)
    return {"regions": [{"region": REGION, "instances": instances, **security_groups(example, first)}]}


def instance(name):
    return {"instance_id": name, **({"instance_type": "BI"} if name.startswith("mssqlbi-") else {})}


def add_databases(example, first):
    """The databases and accounts of the request; each account may use each database."""
    names, logins = [], []
    if example.action not in NEW:
        names, logins = values(example, *DATABASES), values(example, *LOGINS)
    if example.action == "ModifyDBRemark":
        names = values(example, "Name")
    first["logins"] = [{"name": name} for name in [APP, *logins]]
    grants = [{"login": login["name"]} for login in first["logins"]]
    first["databases"] = [{"name": name, "grants": grants} for name in names or ["db0"]]


def add_imports(example, first):
    """The full imports of the request, with the incremental ones that it names."""
    file = "".join(values(example, "BackupFileName")) or "shop"
    for name in ids(example, "mssql-backup-migration-"):
        full = {"migration_id": name, "file": f"{file}.bak", "name": "".join(values(example, "MigrationName"))}
        if "Incremental" in example.action or "IncrementalMigrationId" in example.params:
            full.update(recovery_type="FULL_LOG", status=8, incremental=[
                {"migration_id": i, "file": f"{file}_1_2log2_2reconvery2.bak", "is_recovery": "YES"}
                for i in ids(example, "mssql-incremental-migration-")])
        first.setdefault("imports", []).append(full)


def add_migrations(example, instances):
    given = MIGRATION.get(example.action, {"urls": ["http://bucket.example/shop.bak"]})
    numbers = values(example, "MigrateId") or ([1] if example.action in MIGRATION else [])
    name = {"name": name for name in values(example, "MigrateName")}
    for number in numbers:
        instances[0].setdefault("migrations", []).append({"migrate_id": int(number), **given, **name})
    if numbers and given == FROM_INSTANCE:
        instances.append(instance(OTHER))


def add_publication(example, instances):
    """The one that the request names by a number."""
    if "PublishSubscribeId" not in example.params:
        return
    if len(instances) == 1:
        instances.append(instance(OTHER))
    own, its = (values(example, name) or ["db0"] for name in ("PublishDatabase", "SubscribeDatabase"))
    name = {"name": name for name in values(example, "PublishSubscribeName")}
    instances[0]["publications"] = [{"subscriber": instances[1]["instance_id"], **name,
                                     "pairs": [{"database": own[0], "subscriber_database": its[0]}]}]
    instances[1]["databases"] = [{"name": its[0]}]
    instances[1].update({"vip": vip for vip in values(example, "PubOrSubInstanceIp")})


def add_copies(example, instances, copies):
    """Read-only groups, with read-only instances in them."""
    groups = ids(example, "mssqlrg-")
    if not groups and not copies and "ReadOnlyGroup" not in example.action:
        return
    group = (groups or [GROUP])[0]
    instances[0]["read_only_groups"] = [{"read_only_group_id": group}]
    if example.action != "RecycleReadOnlyGroup":  # which only an empty one can be
        instances += [{"instance_id": name, "instance_type": "cvmRO", "primary_id": instances[0]["instance_id"],
                       "read_only_group_id": group} for name in copies or [COPY]]


def security_groups(example, first):
    """The groups of the region, which the instance is in where the action needs that."""
    groups = ids(example, "sg-") or [SECURITY_GROUP]
    if example.action in ("DisassociateSecurityGroups", "DescribeDBSecurityGroups"):
        first["security_groups"] = groups
    return {"security_groups": [{"security_group_id": group, "inbound": [{}], "outbound": [{}]} for group in groups]}


# --- what happens before the call -----------------------------------------------------------------------------------

CLOCK = "2026-06-19T12:00:00+08:00"

# When the account of an action's examples is made: so that the time which they name has what they ask for.
CLOCKS = {
    "DescribeBackupMonitor": "2018-04-19T12:00:00+08:00",
    "DescribeBackups": "2018-04-17T12:00:00+08:00",
    "DescribeDBRestoreTime": "2023-04-10T12:00:00+08:00",
    "DescribeHASwitchLog": "2023-01-01T00:00:10+08:00",
    "DescribeRestoreTask": "2023-04-12T00:00:00+08:00",
    "DescribeSlowlogs": "2020-11-19T12:00:00+08:00",
    "DescribeXEvents": "2023-03-13T11:00:00+08:00",
    "RemoveBackups": "2022-04-21T12:00:00+08:00",
    "RollbackInstance": "2020-09-20T12:00:00+08:00",
}

DAY = 86400
ALWAYS = {"StartTime": "2000-01-01 00:00:00", "EndTime": "2099-01-01 00:00:00"}
BACKUP = ("CreateBackup", {"InstanceId": "$instance"})
FILE = ("DescribeBackups", {"InstanceId": "$instance", **ALWAYS},
        {"BackupId": "Id", "BackupNames": "FileName", "GroupId": "GroupId"})
COPYING = ("ModifyCrossBackupStrategy", {"InstanceId": "$instance", "CrossBackupEnabled": "enable", "CrossBackupRegion": ["ap-shanghai"]})
OPENING = ("OpenInterCommunication", {"InstanceIdSet": "$instances"})
NUMBER = ("DescribePublishSubscribe", {"InstanceId": "$instance"}, {"PublishSubscribeId": "Id"})
DEPLOYING = ("CreateBusinessIntelligenceFile", {
    "InstanceId": "$instance", "FileURL": "https://bucket.example/andy.xlsx", "FileType": "FLAT", "Remark": "andy"}, {})
EXPORT = ("CreateExportTask", {"InstanceId": "$instance", "LogType": "auditLog", **ALWAYS}, {"FileName": "FileName"})
ROLLBACK = ("RollbackInstance", {"InstanceId": "$instance", "Type": 1, "Time": "$now", "DBs": ["db0"]})
TASK = ("DescribeRestoreTask", {"InstanceId": "$instance", **ALWAYS}, {"RestoreIds": "RestoreId"})

# The calls before the example: an action, its parameters, and the values of its answer that the example has in place of its own. A text
# with $ is what the request or the clock says. A number moves the clock by so many seconds.
BEFORE = {
    "CloseInterCommunication": [OPENING],
    "CutXEvents": [("StartInstanceXEvent", {"InstanceId": "$instance", "EventConfig": [{"EventType": "blocked", "Threshold": 2000}]})],
    "DeleteBusinessIntelligenceFile": [DEPLOYING, 60],
    "DeleteExportTask": [EXPORT, 60],
    "DeletePublishSubscribe": [NUMBER],
    "DeleteRestoreTask": [BACKUP, DAY, ROLLBACK, TASK],
    "DescribeBackupByFlowId": [(*BACKUP, {"FlowId": "FlowId"})],
    "DescribeBackupFiles": [COPYING, DAY, FILE],
    "DescribeBackupMigration": [("ModifyBackupMigration", {
        "InstanceId": "$instance", "BackupMigrationId": "$BackupMigrationId", "DBRename": [{"OldName": "a", "NewName": "b"}]})],
    "DescribeBackups": [COPYING, DAY],
    "DescribeBusinessIntelligenceFile": [DEPLOYING],
    "DescribeCrossBackupStatistical": [COPYING],
    "DescribeDBInstanceInter": [OPENING],
    "DescribeDBRestoreTime": [BACKUP, DAY],
    "DescribeFlowStatus": [(*BACKUP, {"FlowId": "FlowId"})],
    "DescribeHASwitchLog": [("SwitchCloudInstanceHA", {"InstanceId": "$instance"})],
    "DescribeInstanceParamRecords": [("ModifyInstanceParam", {
        "InstanceIds": "$instances", "ParamList": [{"Name": "fill factor(%)", "CurrentValue": "50"}]})],
    "DescribeInstanceTasks": [BACKUP],
    "DescribePublishSubscribe": [NUMBER],
    "DescribeRestoreTask": [BACKUP, ROLLBACK],
    "DescribeRestoreTimeRange": [BACKUP],
    "DescribeRollbackTime": [BACKUP, DAY],
    "DescribeSpecSellStatus": [("DescribeProductConfig", {"Zone": "$Zone"}, {"SpecIdSet": "SpecId", "DBVersion": "Version", "Pid": "Pid"})],
    "ModifyBackupName": [BACKUP, FILE],
    "ModifyDBEncryptAttributes": [("ModifyInstanceEncryptAttributes", {"InstanceId": "$instance", "CertificateAttribution": "self"})],
    "ModifyPublishSubscribe": [NUMBER],
    "ModifyPublishSubscribeName": [NUMBER],
    "QueryMigrationCheckProcess": [("StartMigrationCheck", {"MigrateId": "$MigrateId"})],
    "RemoveBackups": [BACKUP, FILE],
    "RestoreInstance": [BACKUP, FILE],
    "RollbackInstance": [BACKUP, 3 * DAY],
}
