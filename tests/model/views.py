"""What the lists show of the model's state. Members that follow from nothing in the model are left out of the comparison."""
from model.calls import find, login_of
from model.spec import first_declared
from model.state import NO_TIME, RUNNING, Refused, beijing

VIEWS = {}


def view(name):
    def add(function):
        VIEWS[name] = function
        return function
    return add


def page(items, p, usual=20, rows=False):
    """A page of a list: Offset counts pages, or rows."""
    limit, offset = p.get("Limit", usual), p.get("Offset", 0)
    first = offset if rows else offset * limit
    return items[first:first + limit]


def remark(text):
    return text or "--"


@view("DescribeDBInstances")
def describe_db_instances(account, p):
    def row(i):
        busy = i.status == 2 and i.running()
        away = i.status in (4, 5, 6, 8)
        return {"InstanceId": i.id, "Name": i.name, "InstanceNote": i.note, "ProjectId": i.project, "Status": 7 if busy else i.status,
                "CreateTime": beijing(i.created_ms), "UpdateTime": beijing(i.updated_ms or i.created_ms), "BackupTime": f"{i.backup_hour:02}:00", "BackupCycle": i.backup_cycle or list(range(1, 8)),
                "BackupCycleType": i.backup_type, "BackupSaveDays": i.save_days, "BackupModel": i.model, "PayMode": i.pay_mode,
                "IsolateTime": beijing(i.isolated_ms if i.isolated_ms is not None else i.created_ms) if away else NO_TIME}
    wanted = p.get("InstanceIdSet")
    rows = [i for i in account.instances.values() if (i.id in wanted if wanted else not i.hidden)]
    rows.sort(key=lambda i: -i.created_ms)
    if "Status" in p:
        rows = [i for i in rows if (7 if i.status == 2 and i.running() else i.status) == p["Status"]]
    return {"TotalCount": len(rows), "DBInstances": [row(i) for i in page(rows, p, 100)]}


@view("DescribeDBs")
def describe_dbs(account, p):
    found = [find(account, "DescribeDBs", i) for i in dict.fromkeys(p["InstanceIdSet"])]
    sign = 1 if p.get("OrderByType") == "asc" else -1
    rows = [(i, d) for i in found for d in sorted(i.databases.values(), key=lambda d: (sign * d.created_ms, d.name))
            if not p.get("Name") or d.name.lower() == p["Name"].lower()]

    def row(i, d):
        accounts = [{"UserName": login, "Privilege": privilege, "AccountType": i.logins[login].type}
                    for (database, login), privilege in sorted(i.grants.items(), key=lambda g: g[0][1]) if database == d.name]
        return {"Name": d.name, "Charset": d.charset, "Remark": remark(d.remark), "CreateTime": beijing(d.created_ms),
                "Status": d.status, "Accounts": accounts, "InternalStatus": "ONLINE" if d.status in (2, 3) else "",
                "Encryption": "disable"}
    shown = page(rows, p)
    return {"TotalCount": len(rows), "DBInstances": [
        {"InstanceId": i.id, "DBDetails": [row(i, d) for of, d in shown if of is i]} for i in found]}


@view("DescribeDBsNormal")
def describe_dbs_normal(account, p):
    instance = find(account, "DescribeDBsNormal", p["InstanceId"])
    rows = [d for d in sorted(instance.databases.values(), key=lambda d: (-d.created_ms, d.name)) if d.status in (2, 3)]
    return {"TotalCount": len(rows), "DBList": [
        {"Name": d.name, "IsCdcEnabled": str(d.cdc), "CollationName": d.charset, "RecoveryModelDesc": "SIMPLE" if d.simple else "FULL"}
        for d in rows]}


@view("DescribeAccounts")
def describe_accounts(account, p):
    instance = find(account, "DescribeAccounts", p["InstanceId"])
    sign = 1 if p.get("OrderByType") == "asc" else -1
    rows = sorted(instance.logins.values(), key=lambda login: (sign * login.created_ms, login.name))

    def row(login):
        grants = [{"DBName": d, "Privilege": privilege} for (d, name), privilege in sorted(instance.grants.items()) if name == login.name]
        return {"Name": login.name, "Remark": remark(login.remark), "CreateTime": beijing(login.created_ms), "Status": login.status,
                "UpdateTime": beijing(login.updated_ms), "PassTime": beijing(login.password_ms), "Dbs": grants,
                "IsAdmin": login.type in ("L0", "L1"), "AccountType": login.type}
    return {"InstanceId": instance.id, "TotalCount": len(rows), "Accounts": [row(login) for login in page(rows, p)]}


@view("DescribeAccountPrivilegeByDB")
def describe_account_privilege_by_db(account, p):
    instance = find(account, "DescribeAccountPrivilegeByDB", p["InstanceId"])
    database = instance.spell(p["DBName"])
    rows = [{"UserName": login, "Privilege": privilege, "AccountType": instance.logins[login].type}
            for (name, login), privilege in sorted(instance.grants.items(), key=lambda g: g[0][1]) if name == database]
    return {"TotalCount": len(rows), "Accounts": page(rows, p)}


@view("DescribeDBPrivilegeByAccount")
def describe_db_privilege_by_account(account, p):
    instance = find(account, "DescribeDBPrivilegeByAccount", p["InstanceId"])
    login = login_of("DescribeDBPrivilegeByAccount", instance, p["AccountName"])
    only = instance.spell(p["DBName"]) if p.get("DBName") else None
    rows = [{"DBName": d, "Privilege": privilege} for (d, name), privilege in sorted(instance.grants.items())
            if name == login.name and (not p.get("DBName") or d == only)]
    return {"TotalCount": len(rows), "DBList": page(rows, p)}


def log_backups(backups, p):
    rows = [b for b in backups if b.way == 0 and b.status == 1]
    return {"TotalCount": len(rows), "Backups": [
        {"Id": b.file_id(1023), "StartTime": beijing(b.start_ms), "DBs": [d for _, d in b.files], "GroupId": "", "BackupFormat": "pkg"}
        for b in page(rows, p)]}


@view("DescribeBackups")
def describe_backups(account, p):
    instance = find(account, "DescribeBackups", p["InstanceId"])
    kept = [b for b in instance.backups if instance.kept(b, account.now_ms)]
    kept.sort(key=lambda b: (-b.start_ms, -b.flow.id))
    if "BackupWay" in p:
        kept = [b for b in kept if b.way == p["BackupWay"]]
    if p.get("Type", 1) == 2:
        return log_backups(kept, p)
    by_file = p.get("Group", 0) == 0
    rows = [(b, f) for b in kept for f in ([[f] for f in b.files] if b.single and by_file else [b.files])]

    def row(b, files):
        has_file = b.status == 1 and (by_file or not b.single)
        return {"Id": b.file_id(files[0][0] if b.single else 0) if has_file else 0, "Status": b.status, "BackupName": b.name,
                "StartTime": beijing(b.start_ms), "EndTime": beijing(b.flow.due_ms) if b.status else NO_TIME,
                "DBs": [d for _, d in files], "Strategy": b.strategy, "StorageStrategy": b.storage, "BackupWay": b.way,
                "GroupId": b.group, "BackupFormat": "single" if b.single else "pkg"}
    return {"TotalCount": len(rows), "Backups": [row(*r) for r in page(rows, p)]}


@view("DescribeBackupByFlowId")
def describe_backup_by_flow_id(account, p):
    instance = find(account, "DescribeBackupByFlowId", p["InstanceId"])
    b = next((b for b in instance.backups if str(b.flow.id) == p["FlowId"] and instance.kept(b, account.now_ms)), None)
    if not b:
        raise Refused("ResourceNotFound.BackupNotFound")
    done = b.status == 1
    files = b.files[:1] if done and b.single else b.files
    return {"Id": b.file_id(files[0][0] if b.single else 0) if done else 0, "BackupName": b.name, "StartTime": beijing(b.start_ms),
            "EndTime": beijing(b.flow.due_ms) if b.status else NO_TIME, "Status": b.status, "DBs": [d for _, d in files],
            "Strategy": b.strategy if b.status else 0, "BackupWay": b.way if b.status else 0, "GroupId": b.group}


@view("DescribeFlowStatus")
def describe_flow_status(account, p):
    if p["FlowId"] not in account.flows:
        raise Refused("InvalidParameter")
    return {"Status": account.flows[p["FlowId"]].outcome}


@view("DescribeInstanceTasks")
def describe_instance_tasks(account, p):
    instance = find(account, "DescribeInstanceTasks", p["InstanceId"])
    with_backup = {b.flow.id for b in instance.backups}
    rows = [f for f in instance.flows if f.kind not in ("backup", "autobackup") or f.id in with_backup]
    rows.sort(key=lambda f: (-f.start_ms, -f.id))

    def row(f):
        over = f.outcome != RUNNING
        length = f.due_ms - f.start_ms
        progress = 100 if over else max(0, min(99, (account.now_ms - f.start_ms) * 100 // length)) if length else 0
        return {"Id": f.id, "Status": {RUNNING: 1, 0: 2, 1: 3}[f.outcome], "Progress": progress, "StartTime": beijing(f.start_ms),
                "EndTime": beijing(f.due_ms) if over else NO_TIME, "ErrorCode": int(f.outcome == 1)}
    return {"TotalCount": len(rows), "InstanceTaskSet": [row(f) for f in page(rows, p, rows=True)]}
