"""`virga requests`, `virga verify` and `virga coverage`: the calls that the server has received, from the command line."""
import json

import command
import harness
import pytest
from command import NOT_SO, REFUSED, USAGE

INSTANCE = "mssql-njj2mtpl"


@pytest.fixture(scope="module")
def ask():
    """Four calls: a success, a refusal, a failure by a magic id, and a success."""
    with harness.Virga("--seed", "1", "--limit", "off", "--flow-seconds", "backup=0", "--quiet") as server:
        ask = command.of(server)
        ask("call", "CreateBackup", f"InstanceId={INSTANCE}", "Strategy=1", "DBNames=db1,db2", "--trace", "suite-7")
        ask("call", "CreateBackup", "InstanceId=mssql-none", code=REFUSED)
        ask("call", "CreateBackup", "InstanceId=mssql-dberror0", code=REFUSED)
        ask("call", "DescribeRegions")
        yield ask


def rows(done):
    return [line.split() for line in done.stdout.splitlines()[1:]]


def calls(ask, *words):
    return json.loads(ask("requests", "--json", *words).stdout)["requests"]


# --- requests -------------------------------------------------------------------------------------------------------


def test_a_call_is_a_line(ask):
    done = ask("requests")
    assert done.stdout.splitlines()[0].split() == ["TIME", "ACTION", "CODE", "MS", "FLOW", "REQUESTID", "TRACE"]
    lines = rows(done)
    assert [line[1] for line in lines] == ["CreateBackup"] * 3 + ["DescribeRegions"]
    # A star marks what a fault caused.
    assert [line[2] for line in lines] == ["ok", "ResourceNotFound.InstanceNotFound", "InternalError.DBError*", "ok"]
    first = calls(ask)[0]
    assert lines[0][4:] == [str(first["flow_id"]), first["request_id"], "suite-7"]
    assert harness.SECRET_KEY not in done.stdout + json.dumps(calls(ask))


@pytest.mark.parametrize("words, n", [
    (["--action", "CreateBackup"], 3), (["--code", "ok"], 2), (["--code", "InternalError.DBError"], 1), (["--trace", "suite"], 1),
    (["--secret-id", harness.SECRET_ID], 4), (["--secret-id", "AKIDunknown"], 0), (["--limit", "1"], 1),
    (["--since", "2000-01-01T00:00:00Z"], 4), (["--since", "2100-01-01T00:00:00Z"], 0),
    (["--action", "CreateBackup", "--code", "ok"], 1)])
def test_filters(ask, words, n):
    assert len(calls(ask, *words)) == len(rows(ask("requests", *words))) == n


def test_since_a_call(ask):
    all_calls = calls(ask)
    assert calls(ask, "--since", all_calls[1]["request_id"]) == all_calls[2:]


def test_one_call_whole(ask):
    call = calls(ask)[1]
    assert json.loads(ask("requests", call["request_id"]).stdout) == call
    assert json.loads(ask("requests", call["request_id"], "--json").stdout) == call
    assert "no call of that RequestId" in ask("requests", "0" * 36, code=REFUSED).stderr


def test_an_archive(ask):
    log = json.loads(ask("requests", "--har").stdout)["log"]
    assert log["version"] == "1.2" and len(log["entries"]) == 4
    assert len(json.loads(ask("requests", "--har", "--code", "ok").stdout)["log"]["entries"]) == 2


@pytest.mark.parametrize("words, code, said", [
    (["clear", "--action", "CreateBackup"], USAGE, "--action is for the list"), (["x", "--har"], USAGE, "--har is for the list"),
    (["x", "y"], USAGE, "one word too many"), (["--limit", "0"], REFUSED, "limit must be from 1 to 1000000"),
    (["--limit", "x"], USAGE, "--limit x: expects a number"), (["--since", "soon"], REFUSED, "since")])
def test_requests_that_make_no_sense(ask, words, code, said):
    done = ask("requests", *words, code=code)
    assert done.stdout == "" and said in done.stderr, done
    assert len(calls(ask)) == 4


def test_a_variable_of_the_server_is_no_filter(ask):
    """VIRGA_LIMIT is the rate limit of the server, not the --limit of this command."""
    assert len(rows(ask("requests", VIRGA_LIMIT="off", VIRGA_ACTION="DescribeRegions"))) == 4


def test_forgetting():
    with harness.Virga("--journal-calls", "2", "--quiet") as server:
        ask = command.of(server)
        for _ in range(3):
            ask("call", "DescribeRegions")
        assert ask("requests").stdout.splitlines()[-1] == "and 1 older calls that the journal no longer keeps"
        assert ask("requests", "clear").stdout == "removed: 2\n"
        assert json.loads(ask("requests", "clear", "--json").stdout) == {"removed": 0}
        assert rows(ask("requests")) == []


# --- verify ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words, n", [
    (["CreateBackup"], 3), ([], 4), (["CreateBackup", f"InstanceId={INSTANCE}"], 1), ([f"InstanceId={INSTANCE}"], 1),
    # The call had a number and a list; the question gives text.
    (["CreateBackup", "Strategy=1", "DBNames.1=db2"], 1), (["CreateBackup", "DBNames=db1,db2"], 1), (["Strategy:=1"], 1), (["--code", "ok"], 2), (["--trace", "suite-7"], 1),
    (["CreateBackup", "--min", "3", "--max", "3"], 3), (["RestoreInstance", "--max", "0"], 0),
    (["--secret-id", harness.SECRET_ID], 4)])
def test_so_it_was(ask, words, n):
    assert ask("verify", *words).stdout == f"ok, calls: {n}\n"
    assert json.loads(ask("verify", *words, "--json").stdout) == {"matched": n}


@pytest.mark.parametrize("words, said", [
    (["CreateBackup", "--max", "2"], "3 calls of CreateBackup, not at most 2"),
    (["CreateBackup", f"InstanceId={INSTANCE}", "--min", "2"], 'InstanceId was "mssql-dberror0", not "mssql-njj2mtpl"'),
    (["RestoreInstance"], "0 calls of RestoreInstance, not at least 1; the nearest"),
    (["CreateBackup", "--code", "InternalError"], "0 calls of CreateBackup")])
def test_so_it_was_not(ask, words, said):
    """Prints the nearest call in words, and has an exit code of its own."""
    done = ask("verify", *words, code=NOT_SO)
    assert done.stdout == "" and said in done.stderr, done
    assert json.loads(ask("verify", *words, "--json", code=NOT_SO).stdout)["error"]["code"] == "conflict"


def test_in_order(ask, tmp_path):
    question = {"in_order": [{"action": "CreateBackup"}, {"action": "DescribeRegions"}]}
    assert ask("verify", "--body", "-", text=json.dumps(question)).stdout == "ok, calls: 2\n"
    question["in_order"].reverse()
    (tmp_path / "q.json").write_text(json.dumps(question))
    assert "number 2, CreateBackup, was made, but too early" in ask("verify", "--body", str(tmp_path / "q.json"), code=NOT_SO).stderr


@pytest.mark.parametrize("words, code, said", [
    (["CreateBackup", "--body", "x"], USAGE, "--body is the whole question"), (["--code", "ok", "--body", "x"], USAGE, "--body is"),
    (["CreateBackup", "x"], USAGE, "Name=value"), (["--min", "x"], USAGE, "--min x: expects a number"), (["--max=-1"], USAGE, "expects a number"),
    (["--body", str(harness.IMPOSSIBLE)], USAGE, "Not a directory"), (["CreateBackups"], REFUSED, "did you mean CreateBackup?"),
    (["Nonsense"], REFUSED, "there is no action Nonsense")])
def test_questions_that_make_no_sense(ask, words, code, said):
    done = ask("verify", *words, code=code)
    assert done.stdout == "" and said in done.stderr, done


# --- coverage -------------------------------------------------------------------------------------------------------


def test_coverage(ask):
    table = ask("coverage").stdout.splitlines()
    assert table[0].split() == ["ACTION", "CODE", "NATURAL", "INJECTED"]
    lines = [line.split() for line in table[1:-1]]
    assert ["CreateBackup", "(done)", "1"] in lines and ["DescribeRegions", "(done)", "1"] in lines
    assert ["CreateBackup", "ResourceNotFound.InstanceNotFound", "1", "0"] in lines
    assert ["CreateBackup", "InternalError.DBError", "0", "1"] in lines
    assert ["CreateBackup", "LimitExceeded.TooManyDB", "0", "0"] in lines
    report = json.loads(ask("coverage", "--json").stdout)
    assert table[-1] == f"Seen: {report['seen']} of {report['documented']} documented ({report['percent']:.1f} %)"
    assert {a["action"] for a in report["actions"]} == {"CreateBackup", "DescribeRegions"}


def test_coverage_of_other_actions(ask):
    some, all_of_them = (json.loads(ask("coverage", "--json", "--actions", w).stdout)["actions"] for w in ("emulated", "all"))
    assert 2 < len(some) <= len(all_of_them)
    assert "actions must be one of called, emulated, all" in ask("coverage", "--actions", "most", code=REFUSED).stderr


def test_only_the_word_clear_clears(ask):
    seen = ask("coverage").stdout
    assert "expects clear" in ask("coverage", "clean", code=USAGE).stderr
    assert ask("coverage").stdout == seen
    with harness.Virga("--quiet") as server:
        alone = command.of(server)
        alone("call", "DescribeRegions")
        assert alone("coverage", "clear").stdout.splitlines()[-1] == "Seen: 0 of 0 documented (0.0 %)"
        assert rows(alone("coverage")) == [["Seen:", "0", "of", "0", "documented", "(0.0", "%)"]]
