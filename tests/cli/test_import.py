"""`virga import` from a second virga: what it writes, what it asks, and what it does when something fails."""
import json
import re

import pytest

import cloud
import command
import harness

INSTANCE = "mssql-njj2mtpl"
QUICK = ["--flow-seconds", "backup=0"]
# Fields that belong to the moment or to the server, not to what was imported.
OWN = {"RequestId", "CreateTime", "UpdateTime", "StartTime", "EndTime", "IsolateTime", "PassTime", "DnsPodDomain", "TgwWanVPort", "Uid",
       "DrInstanceId", "Id", "AppId", "Detail", "Message", "PublishInstanceIp", "SubscribeInstanceIp", "UsedStorage", "IsolateOperator", "LastSyncTime"}
OF_INSTANCE = ["DescribeDBInstancesAttribute", "DescribeAccounts", "DescribeMaintenanceSpan", "DescribeInstanceParams",
               "DescribeDBSecurityGroups", "DescribeReadOnlyGroupList", "DescribePublishSubscribe", "DescribeBackupMigration"]


# What no world of the other tests has, for the instance that publishes.
MORE = {
    "note": "a remark", "tags": [{"key": "k", "value": "v"}], "collation": "SQL_Latin1_General_CP1_CI_AS", "backup_type": "weekly", "backup_cycle": [2, 5],
    "backup_hour": 3, "backup_save_days": 30, "maintenance_days": [6, 7], "maintenance_start": "02:00", "maintenance_span": 3, "disk_encrypted": True,
    "parameters": [{"name": "fill factor(%)", "value": "80"}], "pay_mode": 1, "renew_flag": 1, "end_time": "2031-02-03 04:05:06",
    "logins": [{"name": "admin", "account_type": "L1"}, {"name": "app"}],
    "databases": [{"name": "one", "remark": "first", "grants": [{"login": "app", "privilege": "ReadOnly"}]}, {"name": "two"}],
    "publications": [{"name": "p", "subscriber": "mssql-subscr01", "pairs": [{"database": "one", "subscriber_database": "copy"}]}],
    "imports": [{"migration_id": "mssql-backup-migration-kpl74n9l", "name": "full", "recovery_type": "FULL_LOG", "file": "one.bak", "status": 9,
                 "incremental": [{"migration_id": "mssql-incremental-migration-kp7bgv8p", "file": "one.trn", "is_recovery": "YES", "status": 9}]}],
}


def world_of(name):
    """A world of the tests; `rich` has all that a world file can say of an instance and an import reads."""
    world = cloud.world_of("publications" if name == "rich" else name)
    instances = {row["instance_id"]: row for row in world["accounts"][0]["regions"][0]["instances"]}
    if name == "rich":
        instances["mssql-publish1"].update(MORE)
        instances["mssql-subscr01"]["databases"] = [{"name": "copy"}]
    return world


def comparable(value):
    """Without fields of the moment, and with lists in an order of their own."""
    if isinstance(value, dict):
        return {name: comparable(inner) for name, inner in value.items() if name not in OWN}
    if isinstance(value, list):
        return sorted(map(comparable, value), key=lambda inner: json.dumps(inner, sort_keys=True))
    return value


def shown(virga, **who):
    """All that the Describe actions of the plan answer for an account."""
    found = virga.call("DescribeDBInstances", {"Limit": 100}, **who).response
    ids = sorted(row["InstanceId"] for row in found["DBInstances"])
    answers = {"instances": comparable(found), "databases": comparable(virga.call("DescribeDBs", {"InstanceIdSet": ids}, **who).response)}
    for action in OF_INSTANCE:
        for instance in ids:
            answers[action, instance] = comparable(virga.call(action, {"InstanceId": instance}, **who).response)
    return answers


def imported(server, tmp_path, *options, **more):
    """The world file, and the report of the import."""
    path = tmp_path / "world.json"
    done = cloud.run(server, "import", "-o", str(path), "--region", "ap-guangzhou", "--json", *options, **more)
    return path, json.loads(done.stdout)


@pytest.mark.parametrize("name", ["rich", "network", "read_only", "replicas"])
def test_a_world_that_is_imported_answers_like_its_source(name, tmp_path):
    with cloud.Cloud(tmp_path / "ca", "--no-magic", "--limit", "off", world=world_of(name)) as source:
        path, report = imported(source, tmp_path)
        assert not [line for line in report["left_out"] if "InstanceStatusInvalid" not in line], "only what an isolated instance refuses"
        wanted = shown(source, secret_id=cloud.SECRET_ID, secret_key=cloud.SECRET_KEY)
    command.run("world", "check", str(path))
    with harness.Virga("--no-magic", "--limit", "off", world=path) as virga:
        found = shown(virga)
    assert len(wanted["instances"]["DBInstances"]) > 0
    for key, value in wanted.items():
        assert found[key] == value, key


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    world = cloud.world_of("network")
    with cloud.Cloud(tmp_path_factory.mktemp("cloud") / "ca", "--no-magic", "--limit", "off", world=world) as server:
        yield server


def test_it_asks_by_actions_that_only_read(source, tmp_path):
    imported(source, tmp_path)
    assert {action[:8] for action in source.calls()} == {"Describe"}


def test_it_writes_no_credential_of_the_cloud(source, tmp_path):
    path, report = imported(source, tmp_path)
    texts = [path.read_text(), json.dumps(report), source.stderr()]
    assert not [text for text in texts if cloud.SECRET_KEY in text]
    assert cloud.SECRET_ID not in path.read_text() and harness.SECRET_ID in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(p.name for p in tmp_path.iterdir()) == ["world.json"]


def test_it_reports_a_line_for_each_resource(source, tmp_path):
    done = cloud.run(source, "import", "-o", str(tmp_path / "w"), "--region", "ap-guangzhou")
    rows = [line.split() for line in done.stdout.splitlines()]
    ids = [row["instance_id"] for row in cloud.world_of("network")["accounts"][0]["regions"][0]["instances"]]
    assert sorted(ids) == sorted(row[2] for row in rows if row[1] == "instances")
    assert done.stderr == "", "progress is for a terminal alone"


def test_only_some(source, tmp_path):
    ids = [row["instance_id"] for row in cloud.world_of("network")["accounts"][0]["regions"][0]["instances"]]
    path, _ = imported(source, tmp_path, "--instances", ids[1])
    regions = json.loads(path.read_text())["accounts"][0]["regions"]
    assert [row["instance_id"] for row in regions[0]["instances"]] == [ids[1]]


def test_anonymize_keeps_what_belongs_together(tmp_path):
    with cloud.Cloud(tmp_path / "ca", "--no-magic", "--limit", "off", world=world_of("rich")) as source:
        plain = json.loads(imported(source, tmp_path)[0].read_text())
        path, _ = imported(source, tmp_path, "--anonymize")
    other = json.loads(path.read_text())
    old, new = (w["accounts"][0]["regions"][0]["instances"] for w in (plain, other))
    renamed = {a["instance_id"]: b["instance_id"] for a, b in zip(old, new, strict=True)}
    assert len(set(renamed.values())) == len(renamed) and not set(renamed) & set(renamed.values())
    names = {(a["instance_id"], d["name"]): e["name"] for a, b in zip(old, new) for d, e in zip(a.get("databases", []), b.get("databases", []), strict=True)}
    for a, b in zip(old, new):
        for p, q in zip(a.get("publications", []), b.get("publications", []), strict=True):
            assert q["subscriber"] == renamed[p["subscriber"]]
            for x, y in zip(p["pairs"], q["pairs"], strict=True):
                assert y["database"] == names[a["instance_id"], x["database"]]
    assert [row["publications"] for row in new if "publications" in row] and [d["grants"] for row in new for d in row.get("databases", []) if "grants" in d]
    text = path.read_text()
    assert not [row["instance_id"] for row in old if row["instance_id"] in text or f': "{row["name"]}"' in text]
    command.run("world", "check", str(path))


def test_a_run_that_was_ended_goes_on(tmp_path):
    """The first run meets a failure; the second asks only for what is missing."""
    with cloud.Cloud(tmp_path / "ca", "--no-magic", "--limit", "off", world=cloud.world_of("network")) as source:
        command.of(source)("faults", "add", "--action", "DescribeMaintenanceSpan", "--close", "before", "--after", "1")
        path = tmp_path / "world.json"
        words = ["import", "-o", str(path), "--region", "ap-guangzhou", "--json"]
        ended = cloud.run(source, *words, code=command.REFUSED)
        assert "world.json.part" in ended.stderr and not path.exists()
        kept = (tmp_path / "world.json.part").read_text()
        assert cloud.SECRET_KEY not in kept
        head = re.search(r'^\{"cassette".*$', (harness.ROOT / "docs" / "bridge.md").read_text(), re.M)[0]
        assert json.loads(kept.splitlines()[0]) == json.loads(head) | {"upstream": source.endpoints["tls_endpoint"]}
        before = len(source.calls())
        command.of(source)("faults", "clear")
        report = json.loads(cloud.run(source, *words).stdout)
        assert report["resumed"] > 0
        assert len(source.calls()) == before + report["calls"]
        again = json.loads(cloud.run(source, "import", "-o", str(tmp_path / "again"), "--region", "ap-guangzhou", "--json").stdout)
        assert again["calls"] == report["calls"] + report["resumed"]
        assert (tmp_path / "again").read_text() == path.read_text()
        assert not (tmp_path / "world.json.part").exists()


def test_answers_of_another_address_are_not_taken(source, tmp_path):
    part = tmp_path / "world.json.part"
    part.write_text('{"cassette":1,"upstream":"https://example.com"}\n')
    done = cloud.run(source, "import", "-o", str(tmp_path / "world.json"), code=command.USAGE)
    assert "https://example.com" in done.stderr


def test_a_refused_action_is_left_out(tmp_path):
    world = cloud.world_of("network")
    world["accounts"][0]["credentials"][0]["policy"] = {"deny_actions": ["DescribeAccounts"]}
    with cloud.Cloud(tmp_path / "ca", "--no-magic", "--limit", "off", world=world) as source:
        _, report = imported(source, tmp_path)
    assert len([line for line in report["left_out"] if "DescribeAccounts: UnauthorizedOperation" in line]) == 4


def test_a_refused_first_action_ends_it(source, tmp_path):
    done = cloud.run(source, "import", "-o", str(tmp_path / "w"), code=command.REFUSED, TENCENTCLOUD_SECRET_KEY="wrong")
    assert "AuthFailure.SignatureFailure" in done.stderr and list(tmp_path.iterdir()) == []


def test_a_throttled_call_is_sent_again(tmp_path):
    with cloud.Cloud(tmp_path / "ca", "--no-magic", "--limit", "off", world=cloud.world_of("network")) as source:
        command.of(source)("faults", "add", "--action", "DescribeDBs", "--code", "RequestLimitExceeded", "--count", "1")
        _, report = imported(source, tmp_path)
        assert not [line for line in report["left_out"] if "RequestLimitExceeded" in line]
        assert source.calls().count("DescribeDBs") == 5


def test_it_keeps_to_the_rate_of_each_action(tmp_path):
    """More instances than one action may be called for in a second: the cloud throttles none of the calls."""
    world = cloud.world_of("network")
    world["accounts"][0]["regions"][0]["instances"] = [{"instance_id": f"mssql-many{i:04}"} for i in range(30)]
    with cloud.Cloud(tmp_path / "ca", "--no-magic", world=world) as source:
        imported(source, tmp_path)
        calls = json.loads(command.of(source)("requests", "--json", "--limit", "1000").stdout)["requests"]
    assert len([call for call in calls if call["action"] == "DescribeAccounts"]) == 30
    assert not [call for call in calls if str(call["code"]).startswith("RequestLimitExceeded")]


def test_a_certificate_that_is_not_trusted(source, tmp_path):
    done = command.run("import", "-o", str(tmp_path / "w"), "--upstream", source.endpoints["tls_endpoint"], code=command.REFUSED,
                       TENCENTCLOUD_SECRET_ID=cloud.SECRET_ID, TENCENTCLOUD_SECRET_KEY=cloud.SECRET_KEY)
    assert "its certificate is not trusted" in done.stderr and list(tmp_path.iterdir()) == []


# --- where the credential is ------------------------------------------------------------------------------------------


def places(home, name):
    """Writes the credential where an official client has it; the variables and options that it needs."""
    if name == "sdk":
        (home / ".tencentcloud").mkdir()
        (home / ".tencentcloud" / "credentials").write_text(
            f"[other]\nsecret_id = x\nsecret_key = y\n\n[default]\n# mine\nsecret_id = {cloud.SECRET_ID}\nsecret_key={cloud.SECRET_KEY}\n")
    if name.startswith("tccli"):
        profile = "default" if name == "tccli" else "work"
        (home / ".tccli").mkdir()
        (home / ".tccli" / f"{profile}.credential").write_text(json.dumps({"secretId": cloud.SECRET_ID, "secretKey": cloud.SECRET_KEY}))
        (home / ".tccli" / f"{profile}.configure").write_text(json.dumps({"_sys_param": {"region": "ap-guangzhou", "output": "json"}}))
    given = {"options": ["--secret-id", cloud.SECRET_ID, "--secret-key", cloud.SECRET_KEY]}.get(name, [])
    return given, {"TCCLI_PROFILE": "work"} if name == "tccli profile" else {}


@pytest.mark.parametrize("name", ["options", "sdk", "tccli", "tccli profile"])
def test_the_credential_is_found(name, source, tmp_path):
    options, env = places(tmp_path, name)
    path = tmp_path / "world.json"
    command.run("import", "-o", str(path), *options, *source.options, HOME=str(tmp_path), **env)
    regions = [region["region"] for region in json.loads(path.read_text())["accounts"][0]["regions"]]
    assert (regions == ["ap-guangzhou"]) == name.startswith("tccli"), "the profile's region, else all"


def test_without_a_credential_nothing_is_sent(source, tmp_path):
    before = len(source.calls())
    done = command.run("import", "-o", str(tmp_path / "w"), *source.options, code=command.USAGE, HOME=str(tmp_path))
    assert "TENCENTCLOUD_SECRET_ID" in done.stderr
    half = command.run("import", "-o", str(tmp_path / "w"), "--secret-id", "x", *source.options, code=command.USAGE, HOME=str(tmp_path))
    assert "go together" in half.stderr
    assert len(source.calls()) == before
