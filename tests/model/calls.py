"""The calls that the model understands: for each action what it does, or the code it is refused with.

A function takes the account, the parameters and how a flow ends that is made to fail, and returns what the answer must have beside the
FlowId. It raises Refused before it has changed anything.
"""
import re

from model.spec import first_declared
from model.state import NORMAL, Database, Instance, Login, Refused, beijing

ACTIONS = {}
PRIVILEGES = ("ReadWrite", "ReadOnly", "DBOwner")
RESERVED_DATABASES = {"master", "model", "msdb", "tempdb", "select", "table", "user"}  # those that a walk uses
RESERVED_LOGINS = {"sa", "sys", "public", "guest", "dbo", "sysadmin"}
CHARSETS = ("Chinese_PRC_CI_AS", "Chinese_PRC_CS_AS", "Latin1_General_BIN")
INSTANCE_STATUS = "ResourceUnavailable.InstanceStatusInvalid"
DB_STATUS = "ResourceUnavailable.DBInvalidStatus"
GRANT = "InvalidParameterValue.GrantIsIllegal"
INPUT = "InvalidParameter.InputIllegal"
TASKS_MAX = 5


def action(function):
    name = "".join(word.capitalize() for word in function.__name__.split("_"))
    for short in ("Db", "Cdc"):
        name = re.sub(f"{short}(?![a-z])|{short}(?=s)", short.upper(), name)
    ACTIONS[name] = function
    return function


# --- what many actions ask ------------------------------------------------------------------------------------------------


def find(account, name, instance_id):
    instance = account.instances.get(instance_id)
    if not instance:
        raise Refused(first_declared(name, "ResourceNotFound.InstanceNotFound", INSTANCE_STATUS, INPUT,
                                     "InvalidParameter.ParamsAssertFailed", "InvalidParameter"))
    return instance


def accept(instance, tasks=TASKS_MAX - 1, code=INSTANCE_STATUS):
    if instance.status != 2 or len(instance.running()) > tasks:
        raise Refused(code)


def choose(name, instance, wanted):
    """The databases as they are spelled, each once; all must be free and in normal status."""
    chosen = []
    for each in wanted:
        known = instance.spell(each)
        if not known:
            raise Refused(first_declared(name, "ResourceNotFound.DBNotFound", "ResourceNotFound.DBNotExit",
                                         "ResourceNotFound.ParamsNotFound", INPUT))
        if known in chosen:
            continue
        if instance.databases[known].status != NORMAL or instance.in_use(known):
            raise Refused(first_declared(name, DB_STATUS, INSTANCE_STATUS))
        chosen.append(known)
    return chosen


def check_name(name):
    if not 1 <= len(name) <= 64 or name[0] == "_" or not all(c.isascii() and (c.isalnum() or c == "_") for c in name):
        raise Refused("InvalidParameterValue.DBCharIllegal")
    if name.lower() in RESERVED_DATABASES:
        raise Refused("InvalidParameterValue.DBNameIsKeyWrods")


def check_free(instance, name, more=()):
    """No database has the name, and no flow will give it, nor this call itself."""
    if instance.spell(name) or instance.in_use(name) or any(instance.same(name, m) for m in more):
        raise Refused("InvalidParameterValue.DBExist")


def check_privilege(name, privilege, may_delete):
    if privilege == "Delete" and not may_delete:
        raise Refused(GRANT)
    if privilege not in PRIVILEGES + (("Delete",) if may_delete else ()):
        raise Refused(first_declared(name, "InvalidParameterValue.PrivilegeIsIllegal", GRANT))


def login_of(name, instance, login):
    if login not in instance.logins:
        raise Refused(first_declared(name, "ResourceNotFound.AccountNotExist", "ResourceNotFound.ParamsNotFound"))
    return instance.logins[login]


def free_login(name, instance, login, used=()):
    if login_of(name, instance, login).status != 2 or login in used:
        raise Refused(first_declared(name, "ResourceUnavailable.AccountInvalidStatus", INSTANCE_STATUS))


def any_simple(instance, names):
    return any(instance.databases[n].simple for n in names)


def change(account, instance, **members):
    """Sets members of an instance, which was changed now."""
    for name, value in members.items():
        setattr(instance, name, value)
    instance.updated_ms = account.now_ms


# --- instances ------------------------------------------------------------------------------------------------------------


@action
def restart_db_instance(account, p, fails):
    instance = find(account, "RestartDBInstance", p["InstanceId"])
    accept(instance, tasks=0)
    flow = account.begin("restart", instance, fails)
    flow.back["status"] = (2, 2)
    change(account, instance, status=12)


@action
def modify_db_instance_name(account, p, _):
    change(account, find(account, "ModifyDBInstanceName", p["InstanceId"]), name=p["InstanceName"])


@action
def modify_db_instance_note(account, p, _):
    change(account, find(account, "ModifyDBInstanceNote", p["InstanceId"]), note=p["InstanceNote"])


@action
def modify_db_instance_project(account, p, _):
    found = []
    for each in p["InstanceIdSet"]:
        found.append(find(account, "ModifyDBInstanceProject", each))
        accept(found[-1], tasks=1 << 30)
    for instance in found:
        change(account, instance, project=p["ProjectId"])
    return {"Count": len(found)}


@action
def terminate_db_instance(account, p, _):
    found = []
    for each in p["InstanceIdSet"]:
        instance = find(account, "TerminateDBInstance", each)
        if instance in found:
            raise Refused(INSTANCE_STATUS)
        accept(instance, tasks=0)
        found.append(instance)
    for instance in found:
        change(account, instance, status=4, isolated_ms=account.now_ms)


@action
def renew_postpaid_db_instance(account, p, _):
    instance = find(account, "RenewPostpaidDBInstance", p["InstanceId"])
    if instance.status != 4 or instance.running() or instance.pay_mode:
        raise Refused(INSTANCE_STATUS)
    change(account, instance, status=2, isolated_ms=None)


@action
def delete_db_instance(account, p, _):
    instance = find(account, "DeleteDBInstance", p["InstanceId"])
    if instance.status != 4 or instance.running():
        raise Refused(INSTANCE_STATUS)
    change(account, instance, status=8, hidden=True, backups=[])


@action
def recycle_db_instance(account, p, fails):
    instance = find(account, "RecycleDBInstance", p["InstanceId"])
    if instance.status != 8 or instance.running():
        raise Refused(first_declared("RecycleDBInstance", INSTANCE_STATUS))
    flow = account.begin("recycle", instance, fails)
    flow.back["status"] = (6, 8)
    change(account, instance, status=5)


@action
def modify_backup_strategy(account, p, _):
    instance = find(account, "ModifyBackupStrategy", p["InstanceId"])
    accept(instance, tasks=1 << 30)
    kind = p.get("BackupType") or instance.backup_type
    cycle = sorted(set(p.get("BackupCycle") or instance.backup_cycle))
    days = p.get("BackupSaveDays", instance.save_days)
    if p.get("BackupModel", "").startswith("slave_"):
        raise Refused(INPUT)  # no instance of the walk has a readable replica
    judged = any(k in p for k in ("BackupType", "BackupCycle", "BackupSaveDays"))
    if judged and kind == "weekly" and len(cycle) < (7 if days < 7 else 2):
        raise Refused(INPUT)
    instance.backups = [b for b in instance.backups if b.status == 0 or instance.kept(b, account.now_ms)]
    change(account, instance, backup_type=kind, backup_cycle=cycle, save_days=days)
    instance.model = p.get("BackupModel") or instance.model
    instance.backup_hour = p.get("BackupTime", instance.backup_hour)
    instance.schedule(account.now_ms, account.now_ms)
    return {"Code": 0, "Msg": ""}


# --- databases ------------------------------------------------------------------------------------------------------------


@action
def create_db(account, p, fails):
    instance = find(account, "CreateDB", p["InstanceId"])
    made, grants = {}, {}
    for info in p["DBs"]:
        name, charset = info["DBName"], info.get("Charset", CHARSETS[0])
        check_name(name)
        if charset not in CHARSETS:
            raise Refused("InvalidParameterValue.CharsetIsIllegal")
        check_free(instance, name, made)
        made[name] = Database(name, account.now_ms, charset=charset, remark=info.get("Remark", ""))
        for grant in info.get("Accounts", []):
            check_privilege("CreateDB", grant["Privilege"], False)
            login_of("CreateDB", instance, grant["UserName"])
            if (name, grant["UserName"]) in grants:
                raise Refused(GRANT)
            grants[name, grant["UserName"]] = grant["Privilege"]
    accept(instance)
    flow = account.begin("createdb", instance, fails)
    instance.databases.update(made)
    instance.grants.update(grants)
    account.use(flow, [(n, "make") for n in made])


@action
def delete_db(account, p, fails):
    instance = find(account, "DeleteDB", p["InstanceId"])
    accept(instance, code=DB_STATUS)
    names = choose("DeleteDB", instance, p["Names"])
    flow = account.begin("deletedb", instance, fails)
    account.use(flow, [(n, "drop") for n in names])
    if p.get("NoDoBackup", 0) == 0 and not any_simple(instance, names):
        account.back_up(flow, {}, strategy=1)


@action
def modify_db_name(account, p, fails):
    instance = find(account, "ModifyDBName", p["InstanceId"])
    old, new = p["OldDBName"], p["NewDBName"]
    if old == new:
        raise Refused("InvalidParameterValue.DBNameSame")
    check_name(new)
    check_free(instance, new)
    accept(instance, code=DB_STATUS)
    name, = choose("ModifyDBName", instance, [old])
    flow = account.begin("renamedb", instance, fails)
    account.use(flow, [(name, "rename", new)])


@action
def modify_db_remark(account, p, _):
    instance = find(account, "ModifyDBRemark", p["InstanceId"])
    accept(instance, tasks=1 << 30)
    names = [instance.spell(remark["Name"]) for remark in p["DBRemarks"]]
    if None in names:
        raise Refused("ResourceNotFound.DBNotFound")
    for name, remark in zip(names, p["DBRemarks"]):
        instance.databases[name].remark = remark["Remark"]


def copy_database(account, source, name, new):
    of = source.databases.get(name)
    return Database(new, account.now_ms, charset=of.charset, simple=of.simple) if of else Database(new, account.now_ms)


@action
def clone_db(account, p, fails):
    instance = find(account, "CloneDB", p["InstanceId"])
    accept(instance)
    for pair in p["RenameRestore"]:
        if not pair.get("OldName") or not pair.get("NewName"):
            raise Refused(INPUT)
        if pair["OldName"] == pair["NewName"]:
            raise Refused("InvalidParameterValue.DBNameSame")
    sources, made = choose("CloneDB", instance, [pair["OldName"] for pair in p["RenameRestore"]]), {}
    for pair in p["RenameRestore"]:
        check_name(pair["NewName"])
        check_free(instance, pair["NewName"], made)
        made[pair["NewName"]] = copy_database(account, instance, instance.spell(pair["OldName"]), pair["NewName"])
    flow = account.begin("clone", instance, fails)
    instance.databases.update(made)
    account.use(flow, [(n, "hold") for n in sources] + [(n, "make") for n in made])


@action
def modify_database_cdc(account, p, fails):
    instance = find(account, "ModifyDatabaseCDC", p["InstanceId"])
    accept(instance)
    names = choose("ModifyDatabaseCDC", instance, p["DBNames"])
    flow = account.begin("cdc", instance, fails)
    account.use(flow, [(n, "change") for n in names])
    flow.values = [(n, "cdc", int(p["ModifyType"] == "enable")) for n in names]


# --- logins ---------------------------------------------------------------------------------------------------------------


def type_of(instance, info):
    if info.get("AccountType") is not None or info.get("IsAdmin") is None:
        return info.get("AccountType")
    return ("L0" if instance.single_node else "L1") if info["IsAdmin"] else "L3"


def check_type(instance, name, kind, administrators=()):
    if kind not in ("L0", "L1", "L2", "L3") or (kind == "L0" and not instance.single_node):
        raise Refused(GRANT)
    if kind not in ("L0", "L1"):
        return
    present = {login.name for login in instance.logins.values() if login.type in ("L0", "L1")}
    coming = {login for f in instance.running() for login, _, to in f.logins if to in ("L0", "L1")}
    if (present | coming | set(administrators)) - {name}:
        raise Refused("InvalidParameterValue.AdminAccountNotUnique")


def check_password(password):
    kinds = (any(c.isalpha() for c in password) + any(c.isdigit() for c in password)
             + any(not c.isalnum() for c in password))
    marks = set("_+-&=!@#$%^*()[]")
    if not 8 <= len(password) <= 32 or kinds < 2 or any(not c.isalnum() and c not in marks for c in password):
        raise Refused("InvalidParameterValue.PasswordIsIllegal")


def check_login_name(name):
    if not (name and name[0].isalpha() and len(name) <= 50 and all(c.isalnum() or c == "_" for c in name)):
        raise Refused("InvalidParameterValue.AccountNameIsIllegal")
    if name.lower() in RESERVED_LOGINS:
        raise Refused("InvalidParameterValue.AccountNameIsKeyWords")


@action
def create_account(account, p, fails):
    instance = find(account, "CreateAccount", p["InstanceId"])
    accept(instance)
    made, grants = {}, {}
    for info in p["Accounts"]:
        name, kind = info["UserName"], type_of(instance, info) or "L3"
        check_login_name(name)
        check_password(info.get("Password", ""))
        check_type(instance, name, kind, [m for m, login in made.items() if login.type in ("L0", "L1")])
        if name in instance.logins or name in made:
            raise Refused("InvalidParameterValue.AccountExist")
        made[name] = Login(name, kind, account.now_ms, account.now_ms, remark=info.get("Remark", ""))
        for grant in info.get("DBPrivileges", []):
            check_privilege("CreateAccount", grant["Privilege"], False)
            database = instance.spell(grant["DBName"])
            if not database:
                raise Refused(GRANT)
            grants[database, name] = grant["Privilege"]
    flow = account.begin("createaccount", instance, fails)
    instance.logins.update(made)
    flow.grants = grants
    for name in made:
        account.use_login(flow, name, "make")


def change_logins(account, instance, kind, names, effect, fails):
    flow = account.begin(kind, instance, fails)
    for name in names:
        account.use_login(flow, name, effect)
    return flow


@action
def delete_account(account, p, fails):
    instance = find(account, "DeleteAccount", p["InstanceId"])
    accept(instance)
    names = list(dict.fromkeys(p["UserNames"]))
    for name in names:
        free_login("DeleteAccount", instance, name)
    change_logins(account, instance, "deleteaccount", names, "drop", fails)


@action
def reset_account_password(account, p, fails):
    instance = find(account, "ResetAccountPassword", p["InstanceId"])
    accept(instance)
    names = []
    for each in p["Accounts"]:
        if each["UserName"] not in names:
            free_login("ResetAccountPassword", instance, each["UserName"])
            names.append(each["UserName"])
        check_password(each["Password"])
    change_logins(account, instance, "resetpassword", names, "password", fails)


@action
def modify_account_privilege(account, p, fails):
    instance = find(account, "ModifyAccountPrivilege", p["InstanceId"])
    accept(instance)
    types, grants = {}, {}
    for info in p["Accounts"]:
        name, kind, every = info["UserName"], type_of(instance, info), info.get("AccAllDB")
        free_login("ModifyAccountPrivilege", instance, name, types)
        if info["DBPrivileges"] and every:
            raise Refused(INPUT)
        if every and (kind or instance.logins[name].type) in ("L0", "L1"):
            raise Refused(GRANT)
        if kind:
            check_type(instance, name, kind, [n for n, to in types.items() if to in ("L0", "L1")])
        types[name] = kind
        if every:
            check_privilege("ModifyAccountPrivilege", every["Privilege"], True)
            grants.update({(d, name): every["Privilege"] for d in instance.databases})
        for grant in info["DBPrivileges"]:
            check_privilege("ModifyAccountPrivilege", grant["Privilege"], True)
            database = instance.spell(grant["DBName"])
            if not database:
                raise Refused(first_declared("ModifyAccountPrivilege", "ResourceNotFound.DBNotFound", "ResourceNotFound.DBNotExit",
                                             "ResourceNotFound.ParamsNotFound", INPUT))
            grants[database, name] = grant["Privilege"]
    flow = account.begin("grant", instance, fails)
    for name, kind in types.items():
        account.use_login(flow, name, "change", kind)
    flow.grants = {key: None if privilege == "Delete" else privilege for key, privilege in grants.items()}


@action
def modify_database_privilege(account, p, fails):
    instance = find(account, "ModifyDatabasePrivilege", p["InstanceId"])
    accept(instance)
    names, grants = [], {}
    for info in p["DataBaseSet"]:
        database = instance.spell(info["DataBaseName"])
        if not database:
            raise Refused(first_declared("ModifyDatabasePrivilege", "ResourceNotFound.DBNotFound", "ResourceNotFound.DBNotExit",
                                         "ResourceNotFound.ParamsNotFound", INPUT))
        for grant in info["AccountPrivileges"]:
            check_privilege("ModifyDatabasePrivilege", grant["Privilege"], True)
            if grant["UserName"] not in names:
                free_login("ModifyDatabasePrivilege", instance, grant["UserName"])
                names.append(grant["UserName"])
            grants[database, grant["UserName"]] = grant["Privilege"]
    flow = change_logins(account, instance, "grant", names, "change", fails)
    flow.grants = {key: None if privilege == "Delete" else privilege for key, privilege in grants.items()}


@action
def modify_account_remark(account, p, _):
    instance = find(account, "ModifyAccountRemark", p["InstanceId"])
    for each in p["Accounts"]:
        login_of("ModifyAccountRemark", instance, each["UserName"])
    for each in p["Accounts"]:
        login = instance.logins[each["UserName"]]
        login.remark, login.updated_ms = each.get("Remark", ""), account.now_ms


# --- backups --------------------------------------------------------------------------------------------------------------


@action
def create_backup(account, p, fails):
    some = p.get("Strategy", 0) == 1
    if some and not p.get("DBNames"):
        raise Refused(INPUT)
    instance = find(account, "CreateBackup", p["InstanceId"])
    accept(instance, tasks=TASKS_MAX - 1 if some else 0)
    if some:
        if any(f.kind == "autobackup" for f in instance.running()):
            raise Refused(INSTANCE_STATUS)
        names = choose("CreateBackup", instance, p["DBNames"])
    else:
        names = sorted(n for n, d in instance.databases.items() if d.status == NORMAL)
        if not names:
            raise Refused("ResourceNotFound.DBNotFound")
    flow = account.begin("backup", instance, fails or any_simple(instance, names))
    account.use(flow, [(n, "hold") for n in names])
    account.back_up(flow, p, strategy=int(some))


def file_of(account, instance, file_id):
    """The backup that has a file of the id and (ordinal, database) of the file; databases of all for an archive."""
    for backup in instance.backups:
        if backup.status != 1 or not instance.kept(backup, account.now_ms):
            continue
        for ordinal, _ in backup.files if backup.single else [(0, "")]:
            if backup.file_id(ordinal) == file_id:
                return backup, [f for f in backup.files if f[0] == ordinal] if backup.single else backup.files
    return None, []


def group_of(account, instance, group):
    return next((b for b in instance.backups if str(10_000_000_000_000 + b.flow.id) == group and instance.kept(b, account.now_ms)), None)


@action
def modify_backup_name(account, p, _):
    instance = find(account, "ModifyBackupName", p["InstanceId"])
    if p.get("BackupId"):
        backup, _files = file_of(account, instance, p["BackupId"])
    else:
        backup = group_of(account, instance, p.get("GroupId", ""))
    if not backup:
        raise Refused(INPUT)
    backup.name = p["BackupName"]


@action
def remove_backups(account, p, _):
    """By a window of time; that by the names of files is not in the model."""
    instance = find(account, "RemoveBackups", p["InstanceId"])
    if not p.get("StartTime") or not p.get("EndTime") or p["StartTime"] > p["EndTime"]:
        raise Refused(INPUT)

    def goes(backup):
        return backup.way == 1 and backup.status != 0 and p["StartTime"] <= beijing(backup.start_ms) <= p["EndTime"]
    instance.backups = [b for b in instance.backups if not goes(b)]


@action
def restore_instance(account, p, fails):
    if p.get("Type", 1) == 0 and not p.get("DBList"):
        raise Refused(INPUT)
    source = find(account, "RestoreInstance", p["InstanceId"])
    target = find(account, "RestoreInstance", p["TargetInstanceId"]) if p.get("TargetInstanceId") else source
    backup, files = file_of(account, source, p["BackupId"])
    if not backup:
        raise Refused(INPUT)
    accept(target)
    names = [database for _, database in files]
    rows, made = restore_rows(account, p, source, target, names, backup.start_ms)
    flow = account.begin("restore", target, fails)
    target.databases.update(made)
    account.use(flow, rows)


def restore_rows(account, p, source, target, names, at_ms):
    """(rows of the flow, new databases)"""
    rows, made = [], {}

    def has(name):
        known = next((n for n in names if n is not None and source.same(n, name)), None)
        if known is None:
            raise Refused("ResourceNotFound.DBNotFound")
        return known

    def copy(name, new):
        check_free(target, new, made)
        made[new] = copy_database(account, source, source.spell(name), new)
        rows.append((new, "make"))

    if p.get("Type", 1) == 0:
        for each in dict.fromkeys(p["DBList"]):
            name = has(each)
            if any(r[0] == name for r in rows):
                continue
            if target.in_use(name):
                raise Refused(DB_STATUS)
            if not target.spell(name):
                copy(name, name)
            else:
                rows.append((choose("RestoreInstance", target, [name])[0], "change"))
        return rows, made
    pairs = p.get("RenameRestore") or [{"OldName": n} for n in names]
    for pair in pairs:
        if pair.get("OldName") is None:
            raise Refused(INPUT)
        name = has(pair["OldName"])
        if pair.get("NewName") is not None:
            try:
                check_name(pair["NewName"])
            except Refused:
                raise Refused(INPUT) from None
        copy(name, pair.get("NewName") or f"{name}_{beijing(at_ms, '%Y%m%d%H%M%S')}")
    return rows, made


# --- purchases ------------------------------------------------------------------------------------------------------------


@action
def create_basic_db_instances(account, p, fails):
    """The size is one that is on sale. The order tells the ids afterwards."""
    made = [Instance("", account.now_ms, type="SI", status=1, pay_mode=0, project=p.get("ProjectId", 0)) for _ in range(p.get("GoodsNum", 1))]
    flow = account.begin("createinstance", made[0], fails)
    for instance in made:
        instance.schedule(account.now_ms, account.now_ms)
        flow.born.append(instance)
