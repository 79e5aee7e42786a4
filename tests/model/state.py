"""What the model remembers: instances with their databases, logins and backups, and the flows that change them.

It is written from the documents, in the simplest form that answers: dictionaries, and a function for the end of a flow. Times are
milliseconds since 1970 UTC.
"""
import dataclasses
import datetime
import typing

from model.spec import enums

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
NEVER = 1 << 62
NO_TIME = "0000-00-00 00:00:00"
FILE_ID_BASE, FILE_ORDINALS, GROUP_ID_BASE = 1 << 35, 1024, 10_000_000_000_000

# How long a flow of each kind runs.
DURATION_MS = {kind["name"]: kind["default_ms"] for kind in enums()["FlowKind"]["values"]}

# The effects of a flow on a database, with the status while the flow runs.
CREATING, NORMAL, MODIFYING, DELETING = 1, 2, 3, -1
EFFECT_STATUS = {"hold": None, "make": CREATING, "change": MODIFYING, "rename": MODIFYING, "drop": DELETING}
LOGIN_STATUS = {"make": 1, "change": 3, "password": 4, "drop": -1}

RUNNING, SUCCESS, FAILURE = 2, 0, 1  # of a flow, as DescribeFlowStatus numbers them


class Refused(Exception):
    """The call is answered with this code."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def beijing(ms, form="%Y-%m-%d %H:%M:%S"):
    zone = datetime.timezone(datetime.timedelta(hours=8))
    return NO_TIME if ms is None else datetime.datetime.fromtimestamp(ms // 1000, zone).strftime(form)


def next_hour(after_ms, hour, weekdays):
    """The next full hour in Beijing after a time, on one of the weekdays (1 Monday)."""
    day = (after_ms + 8 * HOUR_MS) // DAY_MS
    while True:
        at = day * DAY_MS + (hour - 8) * HOUR_MS
        if at > after_ms and (day + 3) % 7 + 1 in weekdays:
            return at
        day += 1


@dataclasses.dataclass
class Database:
    name: str
    created_ms: int
    status: int = NORMAL
    charset: str = "Chinese_PRC_CI_AS"
    remark: str = ""
    simple: bool = False
    cdc: int = 0


@dataclasses.dataclass
class Login:
    name: str
    type: str
    created_ms: int
    updated_ms: int
    status: int = 2
    remark: str = ""
    password_ms: typing.Optional[int] = None


@dataclasses.dataclass(eq=False)
class Backup:
    flow: "Flow"
    name: str
    strategy: int
    storage: int
    way: int
    single: bool
    files: list  # (ordinal, database)

    @property
    def start_ms(self):
        return self.flow.start_ms

    @property
    def status(self):
        """0 running, 1 succeeded, 2 failed."""
        return {RUNNING: 0, SUCCESS: 1, FAILURE: 2}[self.flow.outcome]

    @property
    def group(self):
        return str(GROUP_ID_BASE + self.flow.id) if self.single else ""

    def file_id(self, ordinal=0):
        return FILE_ID_BASE + self.flow.id * FILE_ORDINALS + ordinal


@dataclasses.dataclass(eq=False)
class Flow:
    kind: str
    instance: "Instance"
    start_ms: int
    due_ms: int
    fails: bool
    id: int = 0
    outcome: int = RUNNING
    databases: list = dataclasses.field(default_factory=list)  # (name, effect, new name)
    logins: list = dataclasses.field(default_factory=list)  # (name, effect, type)
    grants: dict = dataclasses.field(default_factory=dict)  # (database, login): privilege, None takes it away
    values: list = dataclasses.field(default_factory=list)  # (database or None, member, value after a success)
    born: list = dataclasses.field(default_factory=list)  # the instances that it creates
    back: dict = dataclasses.field(default_factory=dict)  # members of the instance with their values after the flow


@dataclasses.dataclass(eq=False)
class Instance:
    id: str
    created_ms: int
    type: str = "cvmHA"
    ignore_case: bool = True
    status: int = 2
    name: str = ""
    note: str = ""
    project: int = 0
    pay_mode: int = 0
    hidden: bool = False
    updated_ms: int = 0
    isolated_ms: typing.Optional[int] = None
    backup_type: str = "daily"
    backup_hour: int = 0
    backup_cycle: list = dataclasses.field(default_factory=list)  # empty: no days were given, which is shown as all
    save_days: int = 7
    model: str = "master_pkg"
    next_backup_ms: int = 0
    databases: dict = dataclasses.field(default_factory=dict)
    logins: dict = dataclasses.field(default_factory=dict)
    grants: dict = dataclasses.field(default_factory=dict)  # (database, login): privilege
    backups: list = dataclasses.field(default_factory=list)
    flows: list = dataclasses.field(default_factory=list)
    live: list = dataclasses.field(default_factory=list)  # those that run

    @property
    def single_files(self):
        return self.model in ("master_no_pkg", "slave_no_pkg")

    @property
    def single_node(self):
        return self.type in ("SI", "BI")

    def running(self):
        return self.live

    def same(self, a, b):
        return a.lower() == b.lower() if self.ignore_case else a == b

    def spell(self, name):
        """The name of the database as it was created, or None."""
        if name in self.databases:
            return name
        return next((known for known in self.databases if self.same(known, name)), None)

    def in_use(self, name):
        """Whether a running flow uses a database of the name, or will give the name to one."""
        return any(self.same(n, name) for f in self.running() for row in f.databases for n in (row[0], row[2]) if n)

    def schedule(self, after_ms, now_ms):
        """The next automatic backup; those of more than a year ago are never made."""
        reach = min(self.save_days, 366) * DAY_MS
        days = self.backup_cycle if self.backup_type == "weekly" and self.backup_cycle else range(1, 8)
        self.next_backup_ms = next_hour(max(after_ms, now_ms - reach), self.backup_hour, days)
        return reach

    def kept(self, backup, now_ms):
        return backup.storage == 1 or backup.start_ms > now_ms - self.save_days * DAY_MS


class Account:
    """What one account owns in one region, and the clock."""

    def __init__(self, now_ms):
        self.now_ms, self.instances, self.flows, self.unnamed = now_ms, {}, {}, []

    # --- flows

    def begin(self, kind, instance, fails=False, at_ms=None):
        start = self.now_ms if at_ms is None else at_ms
        flow = Flow(kind, instance, start, start + DURATION_MS[kind], fails)
        instance.flows.append(flow)
        instance.live.append(flow)
        self.unnamed.append(flow)  # until the answer tells its id
        return flow

    def use(self, flow, databases):
        """Databases of a flow: (name, effect) or (name, effect, new name)."""
        for row in databases:
            name, effect, new = (*row, None)[:3]
            flow.databases.append((name, effect, new))
            if EFFECT_STATUS[effect] is not None:
                flow.instance.databases[name].status = EFFECT_STATUS[effect]

    def use_login(self, flow, name, effect, kind=None):
        flow.logins.append((name, effect, kind))
        flow.instance.logins[name].status = LOGIN_STATUS[effect]

    def end(self, flow):
        flow.outcome = FAILURE if flow.fails else SUCCESS
        instance = flow.instance
        instance.live.remove(flow)
        for born in flow.born:
            born.status, born.hidden = (8, True) if flow.fails else (2, False)
            born.next_backup_ms = NEVER if flow.fails else born.next_backup_ms
        for member, value in flow.back.items():
            setattr(instance, member, value[flow.fails])
            instance.updated_ms = flow.due_ms
        if not flow.fails:
            for database, member, value in flow.values:
                setattr(instance.databases[database], member, value)
        for name, effect, new in flow.databases:
            self._end_database(instance, name, "undo" if flow.fails else effect, effect, new)
        for name, effect, kind in flow.logins:
            self._end_login(flow, name, effect, kind)
        if not flow.fails:
            for key, privilege in flow.grants.items():
                instance.grants.pop(key, None)
                if privilege and key[0] in instance.databases and key[1] in instance.logins:
                    instance.grants[key] = privilege

    def _end_database(self, instance, name, what, effect, new):
        if effect == "hold":
            return
        if what == "drop" or (what == "undo" and effect == "make"):
            self._drop_database(instance, name)
            return
        instance.databases[name].status = NORMAL
        if what == "rename":
            self._rename_database(instance, name, new)

    def _drop_database(self, instance, name):
        del instance.databases[name]
        self._forget_grants(instance, lambda key: key[0] == name)

    def _rename_database(self, instance, name, new):
        database = instance.databases.pop(name)
        database.name = new
        instance.databases[new] = database

        def renamed(grants):
            return {(new if d == name else d, login): p for (d, login), p in grants.items()}
        instance.grants = renamed(instance.grants)
        for flow in instance.running():
            flow.grants = renamed(flow.grants)

    def _end_login(self, flow, name, effect, kind):
        login = flow.instance.logins[name]
        login.status = 2
        if effect == ("make" if flow.fails else "drop"):
            del flow.instance.logins[name]
            self._forget_grants(flow.instance, lambda key: key[1] == name)
            return
        if flow.fails:
            return
        login.updated_ms = flow.due_ms
        login.type = kind or login.type
        if effect == "password":
            login.password_ms = flow.due_ms

    @staticmethod
    def _forget_grants(instance, match):
        instance.grants = {k: p for k, p in instance.grants.items() if not match(k)}
        for flow in instance.running():
            flow.grants = {k: p for k, p in flow.grants.items() if not match(k)}

    # --- time

    def _due(self):
        """The next event: the end of a flow before the automatic backups of the same time."""
        flows = [(f.due_ms, 0, f.id, f) for i in self.instances.values() for f in i.running()]
        backups = [(i.next_backup_ms, 1, n, i) for n, i in enumerate(self.instances.values())]
        return min(flows + backups, key=lambda event: event[:3], default=None)

    def move(self, ms):
        """Moves the clock, and does what is due until then."""
        self.now_ms += ms
        while (event := self._due()) and event[0] <= self.now_ms:
            if event[1] == 0:
                self.end(event[3])
            else:
                self._back_up(event[3])

    def _back_up(self, instance):
        at = instance.next_backup_ms
        reach = instance.schedule(at, self.now_ms)
        names = sorted(n for n, d in instance.databases.items() if d.status == NORMAL)
        busy = any(f.kind == "autobackup" for f in instance.running())
        if instance.status != 2 or at + reach <= self.now_ms or busy or not names:
            return
        fails = any(instance.databases[n].simple for n in names)
        flow = self.begin("autobackup", instance, fails, at)
        self.use(flow, [(n, "hold") for n in names])
        self.back_up(flow, {}, way=0)
        if flow.due_ms <= flow.start_ms:
            self.end(flow)

    def back_up(self, flow, params, way=1, strategy=0):
        instance = flow.instance
        name = params.get("BackupName") or f"{instance.id}_{beijing(flow.start_ms, '%Y%m%d%H%M%S')}"
        files = list(enumerate(row[0] for row in flow.databases))
        instance.backups.append(Backup(flow, name, strategy, params.get("StorageStrategy", 0), way, instance.single_files, files))

    def name_flow(self, flow, flow_id):
        flow.id = flow_id
        self.flows[flow_id] = flow
        self.unnamed.remove(flow)
