"""`virga faults` and `virga magic` from the command line."""
import json
import os
import subprocess

import harness
import pytest

USAGE, REFUSED = 2, 10


@pytest.fixture
def ask(virga):
    def ask(*words, code=0):
        env = {k: v for k, v in os.environ.items() if not k.startswith(("VIRGA_", "LC_", "LANG"))}
        done = subprocess.run([harness.binary(), *words], capture_output=True, text=True, timeout=harness.ANSWER_SECONDS,
                              env={**env, "VIRGA_ENDPOINTS_FILE": str(virga.endpoints_file)})
        assert done.returncode == code, done
        return done
    yield ask
    ask("faults", "clear")


def test_a_rule_applies_to_what_it_is_for(ask):
    call = ["call", "CreateBackup", "InstanceId=mssql-njj2mtpl", "--json"]
    added = json.loads(ask("faults", "add", "InstanceId=mssql-njj2mtpl", "--action", "CreateBackup", "--code",
                           "InternalError.DBError", "--count", "1", "--json").stdout)
    assert added["params"] == {"InstanceId": "mssql-njj2mtpl"} and added["count"] == 1
    answer = json.loads(ask(*call, code=REFUSED).stdout)
    assert answer["Response"]["Error"]["Code"] == "InternalError.DBError"
    ask(*call)
    listed = json.loads(ask("faults", "list", "--json").stdout)["faults"]
    assert [f["hits"] for f in listed] == [1]
    line = ask("faults", "list").stdout.splitlines()[1]
    assert line.startswith(str(added["id"])) and "code=InternalError.DBError" in line and "hits" not in line


def test_rules_go_one_by_one_or_all(ask):
    ids = [json.loads(ask("faults", "add", "--code", "InternalError", "--json").stdout)["id"] for _ in range(3)]
    assert ask("faults", "clear", str(ids[0])).stdout == "removed: 1\n"
    ask("faults", "clear", str(ids[0]), code=REFUSED)
    assert ask("faults", "clear").stdout == "removed: 2\n"


def test_rules_for_one_credential(ask):
    for secret_id in ("AKIDa", "AKIDb"):
        ask("faults", "add", "--code", "InternalError", "--secret-id", secret_id)
    assert len(ask("faults", "list", "--secret-id", "AKIDa").stdout.splitlines()) == 2
    assert ask("faults", "clear", "--secret-id", "AKIDa").stdout == "removed: 1\n"
    assert "AKIDb" in ask("faults", "list").stdout
    ask("faults", "clear", "--action", "CreateBackup", code=REFUSED)  # it would remove others


def test_an_undocumented_code(ask):
    ask("faults", "add", "--undocumented-code", "X.Y", "--message", "odd")
    assert "X.Y" in ask("call", "DescribeRegions", code=REFUSED).stdout
    assert "undocumented_code=X.Y" in ask("faults", "list").stdout


def test_numbers_go_as_numbers(ask):
    added = json.loads(ask("faults", "add", "--action", "CreateBackup", "--delay-ms", "5", "--trace", "7",
                           "--probability", "0.5", "--json").stdout)
    assert (added["delay_ms"], added["trace"], added["probability"]) == (5, "7", 0.5)


@pytest.mark.parametrize("words, code, said", [
    (["add", "--code", "InternalError.DBErro"], REFUSED, "InternalError.DBError"), (["add", "--delay-ms", "x"], USAGE, "--delay-ms x: expects a number"),
    (["add", "InstanceId"], USAGE, "Name=value"), (["stop"], USAGE, "expects add, list or clear"), ([], USAGE, "missing"),
    (["list", "x"], USAGE, "too many")])
def test_what_makes_no_sense(ask, words, code, said):
    done = ask("faults", *words, code=code)
    assert done.stdout == "" and said in done.stderr, done


def test_what_the_server_rejects_names_subcommands(ask):
    assert "virga faults list lists them" in ask("faults", "clear", "999", code=REFUSED).stderr
    assert "virga faults --help describes it" in ask("faults", "add", "--region", "ap-guangzhou", code=REFUSED).stderr
    assert "virga accounts list" in ask("accounts", "remove", "1", code=REFUSED).stderr


def test_accounts_come_and_go(ask):
    made = json.loads(ask("accounts", "add", "--json").stdout)
    uins = [line.split()[0] for line in ask("accounts", "list").stdout.splitlines()[1:]]
    assert made["uin"] in uins and "100000000001" in uins
    key = ["--secret-id", made["secret_id"], "--secret-key", made["secret_key"]]
    ask("call", "CreateBackup", f"InstanceId={made['instance_id']}", *key)
    assert ask("accounts", "remove", made["uin"]).stdout == "removed: 1\n"
    assert "AuthFailure.SecretIdNotFound" in ask("call", "DescribeRegions", *key, code=REFUSED).stdout
    assert made["uin"] not in ask("accounts", "list").stdout
    ask("accounts", "remove", made["uin"], code=REFUSED)
    assert ask("accounts", "remove", "100000000001", code=REFUSED).stdout == "", "an account of the world file stays"


def test_explain_says_how_to_inject(ask):
    """The command that explain prints injects a code that has no natural cause."""
    emulated = ask("actions", "--emulated", "--names").stdout.split()
    how = json.loads(ask("explain", "ResourceNotFound.InstanceNotFound", "--json").stdout)["how"].split()
    assert "--action" not in how or how[how.index("--action") + 1] in emulated
    how = json.loads(ask("explain", "FailedOperation.GcsError", "--json").stdout)["how"].split()
    ask(*how[1:], "--json")
    action = how[how.index("--action") + 1]
    assert json.loads(ask("faults", "list", "--json").stdout)["faults"][0]["action"] == action


def test_magic(ask):
    rows = json.loads(ask("magic", "--json").stdout)
    assert len(rows) == 21 and {"mssql-dropconn", "mssql-limited0"} < {r["instance_id"] for r in rows}
    for row in rows:
        if row["code"]:
            answer = json.loads(ask("call", "CreateBackup", f"InstanceId={row['instance_id']}", code=REFUSED).stdout)
            assert answer["Response"]["Error"]["Code"] == row["code"]
    assert len(ask("magic").stdout.splitlines()) == 22
    assert "\u62d2" in ask("magic", "--lang", "zh").stdout
