"""Calls of any action, made from its description and from what earlier answers said. There is no model of what they do."""
from model.spec import actions, element, types

LIST_NAMES = {"InstanceIdSet": "InstanceId", "InstanceIds": "InstanceId", "DBNames": "DBName", "DBList": "DBName", "DBs": "DBName",
              "UserNames": "UserName", "BackupNames": "FileName", "DealNames": "DealName", "SecurityGroupIdSet": "SecurityGroupId",
              "SecurityGroupIds": "SecurityGroupId", "ReadOnlyGroupIdSet": "ReadOnlyGroupId", "OldName": "DBName", "NewName": "DBName",
              "DataBaseName": "DBName", "TargetInstanceId": "InstanceId", "PublishInstanceId": "InstanceId",
              "SubscribeInstanceId": "InstanceId", "PublishDatabase": "DBName", "SubscribeDatabase": "DBName", "AccountName": "UserName",
              "BackupId": "Id", "PublishSubscribeId": "Id", "Resource": "Resource"}
SAMPLES = {"Zone": "ap-guangzhou-3", "VpcId": "vpc-1", "SubnetId": "subnet-1", "NewVpcId": "vpc-1", "NewSubnetId": "subnet-1",
           "Password": "Passw0rd1", "StartTime": "2026-03-01 00:00:00", "EndTime": "2027-03-01 00:00:00", "MachineType": "CLOUD_HSSD",
           "Cpu": 2, "Memory": 4, "Storage": 20, "GoodsNum": 1, "Privilege": "ReadWrite", "Time": "2026-03-02 12:00:00",
           "TagKey": "team", "TagValue": "games", "Period": 1}
KEPT = 12  # values that are remembered for each name


class Wild:
    """Makes calls for one account. `seen` has the values of earlier answers, by the name of the member."""

    def __init__(self, rng, instances):
        self.rng, self.seen = rng, {"InstanceId": list(instances), "DBName": ["db1", "db2"], "UserName": ["app"]}

    def learn(self, value, name=""):
        if isinstance(value, dict):
            for key, inner in value.items():
                self.learn(inner, key)
        elif isinstance(value, list):
            for inner in value[:KEPT]:
                self.learn(inner, name)
        elif value not in ("", 0, None, False, True) and name not in ("RequestId", "Message", "Code"):
            known = self.seen.setdefault(LIST_NAMES.get(name, name), [])
            if value not in known:
                known.append(value)
                del known[:-KEPT]

    def call(self):
        product = "tag" if self.rng.random() < 0.03 else "sqlserver"
        action = self.rng.choice(sorted(actions(product)))
        return product, action, self.fields(actions(product)[action]["in"], product)

    def fields(self, fields, product):
        chosen = [f for f in fields if self.rng.random() < (0.98 if f.get("required") else 0.3)]
        return {f["name"]: self.value(f, product) for f in chosen}

    def value(self, field, product):
        inner = element(field["type"])
        if inner:
            one = {**field, "type": inner, "rules": [r for r in field.get("rules", []) if r["rule"] not in ("present", "count")]}
            return [self.value(one, product) for _ in range(self.rng.choice([0, 1, 1, 1, 2, 3]))]
        if field["type"] in types(product):
            return self.fields(types(product)[field["type"]], product)
        return self.scalar(field, {r["rule"]: r for r in field.get("rules", [])})

    def scalar(self, field, rules):
        name, rng = field["name"], self.rng
        text = field["type"] in ("string", "datetime")
        if "one_of" in rules and rng.random() < 0.95:
            return rng.choice(rules["one_of"]["values"])
        if "int_range" in rules and rng.random() < 0.9:
            low, high = rules["int_range"]["min"], rules["int_range"]["max"]
            known = [v for v in self.seen.get(name, []) if isinstance(v, int) and low <= v <= high]
            return rng.choice(known + [low, min(high, low + rng.randrange(5)), min(high, 10)])
        if field["type"] == "bool":
            return rng.random() < 0.5
        known = [v for v in self.seen.get(LIST_NAMES.get(name, name), []) if isinstance(v, str if text else (int, float))]
        sample = SAMPLES.get(name, field.get("example"))
        if isinstance(sample, list):
            sample = sample[0] if sample else None
        good = known + ([sample] * 2 if isinstance(sample, str if text else (int, float)) and not isinstance(sample, bool) else [])
        if good and rng.random() < 0.95:
            return rng.choice(good)
        return rng.choice(["", "x", "alpha", "no such", "é", "x" * 300]) if text else rng.choice([0, 1, 2, 100, 1 << 40])
