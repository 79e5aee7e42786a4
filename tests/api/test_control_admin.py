"""The control API about the server itself: information, metrics, rate limits, clock, shutdown, and its OpenAPI description."""
import os
import re
import time

import pytest
from control import ask, done, refused
from harness import Virga
from schema_files import SCHEMA_VERSION

INSTANCE = {"InstanceId": "mssql-njj2mtpl"}


# --- info, ready, shutdown ------------------------------------------------------------------------------------------


def test_info(virga):
    info = done(virga, "GET", "/_virga/info")
    assert re.fullmatch(r"\d+\.\d+\.\d+", info["version"])
    assert (info["pid"], info["port"], info["seed"]) == (virga.process.pid, virga.port, 1)
    assert (info["product"], info["product_version"]) == ("sqlserver", "2018-03-28")
    assert info["store"] == {"kind": "memory", "schema": SCHEMA_VERSION}
    assert info["clock"]["mode"] == "real"
    assert 2 < info["actions"]["emulated"] <= info["actions"]["known"]
    assert info["endpoints"] == {"http": virga.endpoint, "control": virga.endpoint + "/_virga"}


def test_info_of_a_file(tmp_path):
    with Virga("--quiet", db=tmp_path / "virga.db") as virga:
        info = done(virga, "GET", "/_virga/info")
        assert info["store"]["kind"] == "file" and info["store"]["path"] == str(tmp_path / "virga.db")
        assert info["seed"] is None


def test_ready_leaves_nothing(virga):
    before = ask(virga, "GET", "/_virga/state").body
    assert done(virga, "GET", "/_virga/ready") == {"status": "ready"}
    assert ask(virga, "GET", "/_virga/state").body == before


def test_not_ready_when_the_file_is_gone(tmp_path):
    db = tmp_path / "virga.db"
    with Virga("--quiet", db=db) as virga:
        assert done(virga, "GET", "/_virga/ready") == {"status": "ready"}
        os.rename(db, tmp_path / "elsewhere.db")
        status, error = refused(virga, "GET", "/_virga/ready")
        assert (status, error["code"]) == (500, "store_failed"), error
        assert done(virga, "GET", "/_virga/health") == {"status": "ok"}
        status, error = refused(virga, "POST", "/_virga/reset")
        assert status == 500 and "could not be saved" in error["message"]
        status, error = refused(virga, "POST", "/_virga/accounts", {})
        assert status == 500
        os.rename(tmp_path / "elsewhere.db", db)
        assert done(virga, "GET", "/_virga/ready") == {"status": "ready"}
        assert virga.call("DescribeDBInstances", {}).response["TotalCount"] == 2


def test_shutdown_ends_it_as_a_signal_does(tmp_path):
    with Virga("--quiet", db=tmp_path / "virga.db") as virga:
        flow = virga.call("CreateBackup", INSTANCE).response["FlowId"]
        assert done(virga, "POST", "/_virga/shutdown") == {"status": "stopping"}
        assert virga.process.wait(timeout=10) == 0
        assert not (tmp_path / "virga.db-wal").exists()
        virga.restart()
        assert virga.call("DescribeFlowStatus", {"FlowId": flow}).code is None


def test_control_requests_are_not_logged():
    with Virga() as virga:
        done(virga, "GET", "/_virga/info")
        done(virga, "POST", "/_virga/reset")
        virga.call("DescribeRegions", {})
        virga.terminate()
        lines = [line for line in virga.stderr().splitlines() if "=>" in line]
        assert len(lines) == 1 and "DescribeRegions" in lines[0], lines


# --- metrics --------------------------------------------------------------------------------------------------------

SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? '
                    r'([+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf|NaN))')


def metrics(virga):
    """Parses the text by the rules of the format: {(name, labels): value}."""
    answer = ask(virga, "GET", "/_virga/metrics")
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    text = answer.body.decode()
    assert text.endswith("\n")
    types, helped, values, family = {}, set(), {}, None
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            name = line.split(" ")[2]
            assert name not in helped, f"{name} twice"
            helped.add(name)
        elif line.startswith("# TYPE "):
            _, _, family, kind = line.split(" ")
            assert family in helped and family not in types and kind in ("counter", "gauge", "histogram")
            types[family] = kind
        else:
            name, labels, value = SAMPLE.fullmatch(line).groups()
            base = re.sub(r"_(bucket|sum|count)$", "", name) if types[family] == "histogram" else name
            assert base == family, f"{line} outside of its family"
            assert (name, labels) not in values, f"{line} twice"
            values[name, labels] = float(value)
    assert all(name.endswith("_total") for name, kind in types.items() if kind == "counter")
    return values


def test_metrics_count_calls():
    with Virga("--limit", "DescribeRegions=1", "--limit-clock", "service", "--clock", "2026-01-01T00:00:00+08:00", "--quiet") as virga:
        virga.call("CreateBackup", INSTANCE)
        for _ in range(3):
            virga.call("DescribeRegions", {})
        virga.call("No\"such\\Action", {})
        done(virga, "GET", "/_virga/health")
        got = metrics(virga)
        assert got['virga_calls_total', 'action="CreateBackup",code=""'] == 1
        assert got['virga_calls_total', 'action="DescribeRegions",code=""'] == 1
        assert got['virga_calls_total', 'action="DescribeRegions",code="RequestLimitExceeded"'] == 2
        assert sum(v for (name, _), v in got.items() if name == "virga_calls_total") == 5
        assert got["virga_limiter_refusals_total", None] == 2
        assert got["virga_flows", 'kind="backup",state="running"'] == 1
        assert got["virga_backups", 'kind="manual",state="running"'] == 1
        assert got["virga_call_seconds_count", None] == got["virga_call_seconds_bucket", 'le="+Inf"'] == 5
        buckets = [v for (name, _), v in got.items() if name == "virga_call_seconds_bucket"]
        assert buckets == sorted(buckets) and len(buckets) == 11
        assert 0 < got["virga_call_seconds_sum", None] < 5
        done(virga, "POST", "/_virga/reset")
        after = metrics(virga)
        assert after["virga_limiter_refusals_total", None] == 2, "a reset takes nothing from a counter"
        assert ("virga_flows", 'kind="backup",state="running"') not in after


def test_the_count_of_dropped_calls_only_increases():
    with Virga("--journal-calls", "3", "--quiet") as virga:
        for path in ("reset?scope=journal", "reset"):
            for _ in range(5):
                virga.call("DescribeRegions", {})
            before = metrics(virga)["virga_journal_dropped_total", None]
            done(virga, "POST", f"/_virga/{path}")
            assert metrics(virga)["virga_journal_dropped_total", None] == before > 0
        assert before == 4


def test_metrics_count_commits(tmp_path):
    with Virga("--limit", "off", "--flow-seconds", "backup=0", "--quiet", db=tmp_path / "virga.db") as virga:
        before = metrics(virga)
        for _ in range(5):
            virga.call("CreateBackup", INSTANCE)
        after = metrics(virga)
        for name in ("virga_store_commits_total", "virga_store_syncs_total"):
            assert after[name, None] - before[name, None] == 5


# --- rate limits ----------------------------------------------------------------------------------------------------


@pytest.fixture
def frozen():
    with Virga("--seed", "1", "--limit", "DescribeDBs=3", "--limit-clock", "service", "--clock", "2026-01-01T00:00:00+08:00", "--quiet") as server:
        yield server


def limit_of(answer, action):
    return next(row for row in answer["limits"] if row["action"] == action)


def regions(virga, n):
    return [virga.call("DescribeRegions", {}).code for _ in range(n)]


def test_limits_and_counters_are_shown(frozen):
    regions(frozen, 25)
    got = done(frozen, "GET", "/_virga/limiter")
    documented = limit_of(got, "DescribeRegions")["documented"]
    assert limit_of(got, "DescribeDBs") == {"action": "DescribeDBs", "per_second": 3, "documented": 20}
    assert got["refused"] == 25 - documented and got["account_limits"] is True and got["more"] == 0
    assert [{k: c[k] for k in ("action", "calls", "second")} for c in got["counters"]] == [
        {"action": "DescribeRegions", "calls": 25, "second": 1767196800}]
    assert got["counters"][0]["secret_id"] == frozen.endpoints["secret_id"]


def test_a_limit_is_changed_and_taken_off(frozen):
    got = done(frozen, "PUT", "/_virga/limiter", {"limits": [{"action": "DescribeRegions", "per_second": 1}]})
    assert limit_of(got, "DescribeRegions")["per_second"] == 1
    assert regions(frozen, 2) == [None, "RequestLimitExceeded"]
    done(frozen, "PUT", "/_virga/limiter", {"limits": [{"action": "DescribeRegions"}]})
    assert regions(frozen, 30) == [None] * 30
    done(frozen, "PUT", "/_virga/limiter", {"limits": [{"action": "DescribeRegions", "per_second": 0}]})
    assert regions(frozen, 1) == ["RequestLimitExceeded"]


def test_all_limits_at_once(frozen):
    got = done(frozen, "PUT", "/_virga/limiter", {"all": "off", "limits": [{"action": "DescribeDBs", "per_second": 2}]})
    assert {row["action"]: row["per_second"] for row in got["limits"] if row["per_second"] is not None} == {"DescribeDBs": 2}
    assert got["account_limits"] is False
    got = done(frozen, "PUT", "/_virga/limiter", {"all": "documented"})
    assert all(row["per_second"] == row["documented"] for row in got["limits"])
    got = done(frozen, "PUT", "/_virga/limiter", {"all": "start"})
    assert limit_of(got, "DescribeDBs")["per_second"] == 3 and got["account_limits"] is True


def test_a_reset_brings_the_limits_of_the_start(frozen):
    done(frozen, "PUT", "/_virga/limiter", {"all": "off"})
    done(frozen, "PUT", "/_virga/limiter", {"limits": [{"action": "DescribeRegions", "per_second": 1}]})
    regions(frozen, 3)
    assert done(frozen, "POST", "/_virga/reset?scope=limiter")["removed"]["limiter"] == 1
    got = done(frozen, "GET", "/_virga/limiter")
    assert got["counters"] == [] and got["refused"] == 0 and limit_of(got, "DescribeDBs")["per_second"] == 3


@pytest.mark.parametrize("body", [
    {"limits": [{"action": "Nothing", "per_second": 1}]},
    {"all": "off", "limits": [{"action": "DescribeDBs", "per_second": 1}, {"action": "Nothing"}]},
    {"limits": [{"per_second": 1}]},
    {"limits": [{"action": "DescribeDBs", "per_second": -1}]},
    {"limits": [{"action": "DescribeDBs", "per_second": "1"}]},
    {"all": "on"},
    {"enabled": False},
])
def test_a_wrong_setting_changes_no_limit(frozen, body):
    before = done(frozen, "GET", "/_virga/limiter")
    assert refused(frozen, "PUT", "/_virga/limiter", body)[0] == 400
    assert done(frozen, "GET", "/_virga/limiter") == before


# --- the clock ------------------------------------------------------------------------------------------------------


def test_a_scaled_clock_runs_faster(frozen):
    got = done(frozen, "PUT", "/_virga/clock", {"mode": "scaled", "scale": 3600, "time": "2026-01-01T00:00:00+08:00"})
    assert got["mode"] == "scaled" and got["scale"] == 3600
    began = time.monotonic()
    time.sleep(0.2)
    got = done(frozen, "GET", "/_virga/clock")
    passed = (got["unix_ms"] - 1767196800000) / 1000
    assert 0.2 * 3600 <= passed <= (time.monotonic() - began + 0.1) * 3600
    after = done(frozen, "POST", "/_virga/clock/advance", {"seconds": 86400})
    assert after["mode"] == "scaled" and after["unix_ms"] - got["unix_ms"] >= 86400_000


def test_flows_end_by_the_scaled_clock():
    with Virga("--flow-seconds", "backup=600", "--quiet") as virga:
        done(virga, "PUT", "/_virga/clock", {"mode": "scaled", "scale": 6000})
        flow = virga.call("CreateBackup", INSTANCE).response["FlowId"]
        deadline = time.monotonic() + 10
        while virga.call("DescribeFlowStatus", {"FlowId": flow}).response["Status"] != 0:
            assert time.monotonic() < deadline
            time.sleep(0.02)


@pytest.mark.parametrize("body", [{"mode": "scaled"}, {"mode": "scaled", "scale": 0}, {"mode": "scaled", "scale": -1},
                                  {"mode": "scaled", "scale": 1e7}, {"mode": "frozen", "scale": 2},
                                  {"mode": "scaled", "scale": "60"}, {"mode": "scaled", "scale": 2, "time": "noon"}])
def test_a_wrong_scale_moves_no_clock(frozen, body):
    assert refused(frozen, "PUT", "/_virga/clock", body)[0] == 400
    assert done(frozen, "GET", "/_virga/clock") == {"mode": "frozen", "time": "2026-01-01T00:00:00+08:00",
                                                    "unix_ms": 1767196800000}


# --- the description ------------------------------------------------------------------------------------------------


def references(value):
    if isinstance(value, dict):
        yield from ([value["$ref"]] if "$ref" in value else [])
        value = list(value.values())
    for item in value if isinstance(value, list) else []:
        yield from references(item)


def test_the_description_is_sound(virga):
    api = done(virga, "GET", "/_virga/openapi.json")
    assert api["openapi"] == "3.1.0" and set(api["info"]) >= {"title", "version"}
    schemas = api["components"]["schemas"]
    used = {ref.removeprefix("#/components/schemas/") for ref in references(api)}
    assert used <= set(schemas), "a reference leads nowhere"
    assert {"StateDocument", "Error"} <= used
    operations = [(path, method, op) for path, item in api["paths"].items() for method, op in item.items()]
    assert len({op["operationId"] for _, _, op in operations}) == len(operations)
    for path, method, op in operations:
        assert method in ("get", "put", "post", "delete") and path.startswith("/_virga/")
        named = {p["name"] for p in op.get("parameters", []) if p["in"] == "path"}
        assert named == set(re.findall(r"\{([a-z_]+)\}", path)), path
        assert all(p["required"] for p in op.get("parameters", []) if p["in"] == "path")
        assert op["responses"]["200"]["content"] and op["responses"]["default"], path
        assert method != "get" or "requestBody" not in op, path


def test_every_described_get_answers(virga):
    api = done(virga, "GET", "/_virga/openapi.json")
    for path, item in api["paths"].items():
        if "get" not in item or "{" in path or path.endswith("/events"):
            continue
        answer = ask(virga, "GET", path)
        assert answer.status == 200, (path, answer.body)
        (described,) = item["get"]["responses"]["200"]["content"]
        assert answer.headers["content-type"] == described
        reference = item["get"]["responses"]["200"]["content"][described]["schema"].get("$ref")
        if reference:
            known = api["components"]["schemas"][reference.rsplit("/", 1)[1]]["properties"]
            assert set(answer.json) <= set(known), path
