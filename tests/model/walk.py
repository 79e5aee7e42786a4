#!/usr/bin/env python3
"""Walks at random over all actions and compares every answer with a model.

Two accounts share a server. The calls of the first are those of model/calls.py and model/views.py: the model says which code or which
state each answer must show. The calls of the second are of any action: each answer must be declared, none is an internal error. A call
that is refused, and one that only reads, must leave the state as it is, for both. The clock moves only when the walk moves it.

A walk that fails is shortened to the fewest steps that still fail in the same way, and printed; --steps runs such a list again.
"""
import argparse
import collections
import contextlib
import copy
import json
import os
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness  # noqa: E402
from model import calls, propose, spec, views  # noqa: E402
from model.state import Account, Database, Instance, Login, Refused  # noqa: E402
from model.wild import Wild  # noqa: E402

START_MS = 1772416801234  # 2026-03-02 10:00:01.234 in Beijing, a Monday
START = "2026-03-02T10:00:01.234+08:00"
WILD = {"uin": "200000000002", "secret_id": "AKIDwalkOfAnyAction0000000000EXAMPLE", "secret_key": "walkOfAnyActionSecretEXAMPLE0002"}
MOVES_MS = [0, 300, 700, 1000, 1500, 2000, 5000, 3_600_000, 86_400_000]
MOVE_WEIGHTS = [1, 4, 4, 8, 6, 6, 4, 1, 0.3]
RESET_EVERY = 1500  # steps, after which the second account gets its fixtures again, so that its state stays small
SHRINK_RUNS = 400


# --- the world --------------------------------------------------------------------------------------------------------------

FIXTURES = [
    {"instance_id": "mssql-walkaaaa", "name": "one", "backup_hour": 3,
     "logins": [{"name": "ann"}, {"name": "root", "account_type": "L1"}],
     "databases": [{"name": "alpha", "grants": [{"login": "ann"}]}, {"name": "Beta"}]},
    {"instance_id": "mssql-walkbbbb", "name": "two", "instance_type": "SI", "collation": "Chinese_PRC_CS_AS", "backup_hour": 23,
     "backup_model": "master_no_pkg", "logins": [{"name": "ben"}],
     "databases": [{"name": "alpha"}, {"name": "gamma", "simple_recovery": True}]},
    {"instance_id": "mssql-walkcccc", "name": "three", "pay_mode": 1, "backup_type": "weekly", "backup_cycle": [1, 4],
     "databases": [{"name": "delta"}]},
]


def wild_region():
    one = {"instance_id": "mssql-wildaaaa", "instance_type": "cvmHA", "high_availability": "ALWAYSON", "vpc_id": "vpc-1", "subnet_id": "subnet-1",
           "logins": [{"name": "app"}], "databases": [{"name": "db1"}, {"name": "db2"}],
           "read_only_groups": [{"read_only_group_id": "mssqlrg-wildaaaa"}],
           "publications": [{"subscriber": "mssql-wildbbbb", "pairs": [{"database": "db1", "subscriber_database": "db1"}]}]}
    two = {"instance_id": "mssql-wildbbbb", "vpc_id": "vpc-1", "subnet_id": "subnet-1", "databases": [{"name": "db1"}]}
    copy_ = {"instance_id": "mssqlro-wildaaa", "instance_type": "cvmRO", "primary_id": "mssql-wildaaaa", "read_only_group_id": "mssqlrg-wildaaaa"}
    return {"region": harness.REGION, "instances": [one, two, copy_, {"instance_id": "mssql-wildcccc", "instance_type": "SI"}],
            "security_groups": [{"security_group_id": "sg-wildaaaa"}]}


def world():
    first = {"secret_id": harness.SECRET_ID, "secret_key": harness.SECRET_KEY}
    second = {k: v for k, v in WILD.items() if k != "uin"}
    return {"version": 1, "accounts": [
        {"uin": "100000000001", "credentials": [first], "regions": [{"region": harness.REGION, "instances": FIXTURES}]},
        {"uin": WILD["uin"], "credentials": [second], "regions": [wild_region()]}]}


def model_of_fixtures():
    account = Account(START_MS)
    for row in FIXTURES:
        i = Instance(row["instance_id"], START_MS, type=row.get("instance_type", "cvmHA"), name=row["name"],
                     ignore_case="_CI_" in row.get("collation", "_CI_"), pay_mode=row.get("pay_mode", 0),
                     backup_hour=row.get("backup_hour", 0), backup_type=row.get("backup_type", "daily"),
                     model=row.get("backup_model", "master_pkg"))
        i.backup_cycle = row.get("backup_cycle", i.backup_cycle)
        i.ref = i.id
        i.schedule(START_MS, START_MS)
        for login in row.get("logins", []):
            i.logins[login["name"]] = Login(login["name"], login.get("account_type", "L3"), START_MS, START_MS)
        for database in row["databases"]:
            i.databases[database["name"]] = Database(database["name"], START_MS, simple=database.get("simple_recovery", False))
            for grant in database.get("grants", []):
                i.grants[database["name"], grant["login"]] = "ReadWrite"
        account.instances[i.id] = i
    return account


# --- a server -----------------------------------------------------------------------------------------------------------------


class Server:
    """A server in memory whose clock stands still."""

    def __init__(self, stack):
        self.virga = stack.enter_context(harness.Virga("--seed", "7", "--limit", "off", "--quiet", world=world(), clock=START))
        self.client = stack.enter_context(contextlib.closing(self.virga.client()))

    def control(self, method, path, body=None):
        data = b"" if body is None else json.dumps(body).encode()
        message = harness.Message(method, "/_virga/" + path, [("Host", f"{self.virga.host}:{self.virga.port}")], data)
        message.set("Content-Length", str(len(data)))
        answer = self.client.send(message)
        assert answer.status == 200, answer.body
        return answer

    def restart(self):
        """The world and the clock of the start."""
        self.control("PUT", "clock", {"mode": "frozen", "time": START})
        self.control("POST", "reset?scope=all")

    def state(self):
        return self.control("GET", "state").body


class Disagreement(AssertionError):
    """An answer is not what it must be. `kind` says in which way, for the shrinking."""

    def __init__(self, step, kind, text):
        super().__init__(f"step {step['n']}, {step.get('action', 'clock')}: {text}")
        self.kind = (step.get("action"), kind)


# --- the comparison -------------------------------------------------------------------------------------------------------------


def difference(expected, answer, path=""):
    """The first place where an answer lacks what is expected, as text; members beyond the expected ones are not compared."""
    if isinstance(expected, dict) and isinstance(answer, dict):
        for key, value in expected.items():
            if key not in answer:
                return f"{path}.{key} is missing"
            if found := difference(value, answer[key], f"{path}.{key}"):
                return found
        return None
    if isinstance(expected, list) and isinstance(answer, list):
        if len(expected) != len(answer):
            return f"{path} has {len(answer)} elements, not {len(expected)}: {answer!r}, not {expected!r}"
        return next((d for i, (e, a) in enumerate(zip(expected, answer)) if (d := difference(e, a, f"{path}.{i}"))), None)
    return None if expected == answer and type(expected) is type(answer) else f"{path} is {answer!r}, not {expected!r}"


class Walk:
    """One walk from the start. `step` runs a step and raises a Disagreement."""

    def __init__(self, server, state_every=1):
        self.server, self.state_every = server, state_every
        self.account, self.names, self.counts = model_of_fixtures(), {}, collections.Counter()
        self.before = None  # the state before the next call; None when it is not known

    # --- references: "@flow:STEP:K" is the flow that a step started, whatever its id is in this run

    def resolve(self, value):
        if isinstance(value, dict):
            return {k: self.resolve(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.resolve(v) for v in value]
        if not isinstance(value, str) or not value.startswith("@"):
            return value
        kind, *rest = value[1:].split(":")
        if kind == "instance":
            return self.names[value]
        flow = self.names[f"@flow:{rest[0]}:{rest[1]}"]
        return {"flow": flow, "textflow": str(flow), "group": str(10_000_000_000_000 + flow),
                "file": (1 << 35) + flow * 1024 + int(rest[2]) if len(rest) > 2 else 0}[kind]

    def name_flows(self, step, flow_id=None):
        """Tells the model the ids of the flows that began: from the answer, or of automatic backups from the list of tasks."""
        for k, flow in enumerate(list(self.account.unnamed)):
            if flow.kind == "autobackup":
                answer = self.server.client.call("DescribeInstanceTasks", {"InstanceId": flow.instance.id, "Limit": 100}).response
                start = views.beijing(flow.start_ms)
                flow_id = next((t["Id"] for t in answer["InstanceTaskSet"] if t["StartTime"] == start and t["Id"] not in self.account.flows), None)
                if flow_id is None:
                    raise Disagreement(step, "no backup", f"no automatic backup of {flow.instance.id} at {start}")
            flow.ref = f"@flow:{step['n']}:{k}"
            self.names[flow.ref] = flow_id
            self.account.name_flow(flow, flow_id)

    # --- steps

    def step(self, step):
        if "move" in step:
            self.move(step)
        elif "reset" in step:
            self.server.control("POST", f"reset?scope=all&account={WILD['uin']}")
            self.before = None
        elif step["who"] == "model":
            self.call(step)
        else:
            self.wild(step)

    def move(self, step):
        self.account.move(step["move"])
        self.server.control("POST", "clock/advance", {"seconds": step["move"] / 1000})
        self.server.client.call("DescribeFlowStatus", {"FlowId": 1})  # what is due is done before a call
        self.name_flows(step)
        self.before = None

    def read_before(self, step):
        """Reads the state before every Nth call; 0 for never."""
        chosen = self.state_every and step["n"] % self.state_every == 0
        self.before = (self.before or self.server.state()) if chosen else None

    def check_state(self, step, writes, refused):
        """After a refusal or a call that reads, the state is as before."""
        self.counts["refused" if refused else "done"] += 1
        if self.before is None or (writes and not refused):
            self.before = None
            return
        after = self.server.state()
        if after != self.before:
            old, new = json.loads(self.before)["tables"], json.loads(after)["tables"]
            tables = [t for t in new if new[t] != old.get(t)]
            raise Disagreement(step, "state", f"the state changed in {tables}")
        self.before = after

    def send(self, step, params):
        credential = {} if step["who"] == "model" else {"secret_id": WILD["secret_id"], "secret_key": WILD["secret_key"]}
        if step.get("product") == "tag":
            credential["version"] = "2018-08-13"
        answer = self.server.client.call(step["action"], params, **credential)
        try:
            spec.check_answer(step["action"], answer.response, step.get("product", "sqlserver"))
        except AssertionError as e:
            raise Disagreement(step, "undeclared", f"{e}\n{params}\n{answer.body!r}") from None
        return answer

    def expected(self, step, params):
        """(code or None, what the answer shows). Changes the model."""
        action = step["action"]
        if code := spec.rule_failure(action, params):
            return code, {}
        try:
            if action in views.VIEWS:
                return None, views.VIEWS[action](self.account, params)
            return None, calls.ACTIONS[action](self.account, params, step.get("fail", False)) or {}
        except Refused as e:
            return e.code, {}

    def call(self, step):
        try:
            params = self.resolve(step["params"])
        except KeyError:
            return  # a shortened walk lacks the step that the parameters refer to
        self.read_before(step)
        if step.get("fail"):
            self.server.control("POST", "faults", {"action": step["action"], "flow_outcome": "failure", "count": 1})
        code, shown = self.expected(step, params)
        answer = self.send(step, params)
        if step.get("fail"):
            self.server.control("DELETE", "faults")
        if answer.code != code:
            raise Disagreement(step, "code", f"{answer.code} ({answer.message}), not {code}\n{params}")
        if found := None if code else difference(shown, answer.response):
            raise Disagreement(step, "answer", f"{found}\n{params}")
        if code is None:
            self.learn(step, answer.response)
        self.check_state(step, step["action"] in calls.ACTIONS, code is not None)

    def learn(self, step, response):
        """The ids that the answer tells."""
        if not self.account.unnamed:
            return
        flow = self.account.unnamed[0]
        flow_id = response.get("FlowId")
        if "DealName" in response:
            deal = self.server.client.call("DescribeOrders", {"DealNames": [response["DealName"]]}).response["Deals"][0]
            flow_id = deal["FlowId"]
            for k, (instance, name) in enumerate(zip(flow.born, deal["InstanceIdSet"])):
                instance.id, instance.ref = name, f"@instance:{step['n']}:{k}"
                self.names[instance.ref] = name
                listed = self.server.client.call("DescribeDBInstances", {"InstanceIdSet": [name]}).response["DBInstances"][0]
                instance.name = listed["Name"]  # a new instance has a random name
                self.account.instances[name] = instance
        if not isinstance(flow_id, int):
            raise Disagreement(step, "flow", f"no FlowId in {response}")
        self.name_flows(step, flow_id)

    def wild(self, step):
        self.read_before(step)
        answer = self.send(step, step["params"])
        self.check_state(step, spec.actions(step["product"])[step["action"]]["writes"], answer.code is not None)
        return answer

    def finish(self, step):
        complaint = self.server.virga.stderr()
        if "cannot have its effects" in complaint:
            raise Disagreement(step, "log", complaint)


# --- choosing steps ---------------------------------------------------------------------------------------------------------------


class Plan:
    """Chooses the steps of a walk while it runs."""

    def __init__(self, seed, walk, models=0.6):
        self.rng, self.walk, self.models = random.Random(seed), walk, models
        self.chooser = propose.Chooser(self.rng, walk.account)
        self.any = Wild(self.rng, [i["instance_id"] for i in wild_region()["instances"]])
        self.writes = list(propose.WRITES)
        self.weights = [propose.WRITES[name][0] for name in self.writes]

    def next(self, n):
        if n % RESET_EVERY == 0 and n:
            return {"n": n, "reset": True}
        if self.rng.random() < 0.12:
            return {"n": n, "move": self.rng.choices(MOVES_MS, MOVE_WEIGHTS)[0]}
        if self.rng.random() > self.models:
            product, action, params = self.any.call()
            return {"n": n, "who": "any", "product": product, "action": action, "params": params}
        if self.rng.random() < 0.35:
            action = self.rng.choice(list(propose.READS))
            return {"n": n, "who": "model", "action": action, "params": propose.READS[action](self.chooser)}
        action = self.rng.choices(self.writes, self.weights)[0]
        if action == "CreateBasicDBInstances" and len(self.walk.account.instances) > 60:
            action = "CreateBackup"
        step = {"n": n, "who": "model", "action": action, "params": propose.WRITES[action][1](self.chooser)}
        if self.rng.random() < 0.05:
            step["fail"] = True
        return step


def run(server, seed, n, state_every):
    """Walks n steps. Returns (steps, None, counts), or what disagreed in place of None."""
    walk = Walk(server, state_every)
    plan, steps = Plan(seed, walk), []
    try:
        for i in range(n):
            steps.append(plan.next(i))
            if steps[-1].get("who") == "any":
                plan.any.learn(walk.wild(steps[-1]).response)
            else:
                walk.step(steps[-1])
        walk.finish(steps[-1])
    except Disagreement as e:
        return steps, e, walk.counts
    return steps, None, walk.counts


# --- shrinking --------------------------------------------------------------------------------------------------------------------


def replay(server, steps, state_every=1):
    """What disagrees when the steps run from the start, or None."""
    server.restart()
    walk = Walk(server, state_every)
    try:
        for step in steps:
            walk.step(copy.deepcopy(step))
        walk.finish(steps[-1])
    except Disagreement as e:
        return e
    except KeyError:
        return None
    return None


def shrink(server, steps, kind, most=SHRINK_RUNS):
    """Fewer steps that disagree in the same way: halves are left out, then smaller and smaller parts."""
    runs, size = 0, max(1, len(steps) // 2)
    while runs < most:
        place, found = 0, False
        while place < len(steps) - 1 and runs < most:
            fewer = steps[:place] + steps[place + size:]
            runs += 1
            e = replay(server, fewer, int(kind[1] == "state")) if fewer else None
            if e is not None and e.kind == kind:
                steps, found = fewer, True
            else:
                place += size
        if size == 1 and not found:
            break
        size = max(1, size // 2)
    return steps


# --- the command ------------------------------------------------------------------------------------------------------------------


def report(steps, error):
    print(f"disagreement: {error}\nthe shortest walk that shows it, for --steps:", file=sys.stderr)
    print("\n".join(json.dumps(step, ensure_ascii=False) for step in steps))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=2000, help="steps of the walk")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--state-every", type=int, default=1, help="compare the state after every Nth call only")
    parser.add_argument("--steps", type=pathlib.Path, help="run these steps, one in a line, in place of a random walk")
    parser.add_argument("--no-shrink", action="store_true")
    args = parser.parse_args()
    with contextlib.ExitStack() as stack:
        server = Server(stack)
        if args.steps:
            steps = [json.loads(line) for line in args.steps.read_text().splitlines()]
            error = replay(server, steps)
            print(error or "no disagreement")
            return 1 if error else 0
        began = time.monotonic()
        steps, error, counts = run(server, args.seed, args.calls, args.state_every)
        seconds = time.monotonic() - began
        if error:
            if not args.no_shrink:
                steps = shrink(server, steps, error.kind)
                error = replay(server, steps) or error
            report(steps, error)
            return 1
        print(f"{len(steps)} steps with seed {args.seed}: {counts['done']} calls succeeded, {counts['refused']} were refused, "
              f"every answer agrees; {seconds:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
